"""What an alert says, and that no feed can make it say anything else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.records import (
    Alert,
    Article,
    Decision,
    Delivery,
    Evidence,
    Excerpt,
    Field,
    Fired,
    How,
    Kind,
    Notice,
    Severity,
    Source,
)
from alerts.rendering import BODY_UNITS_MAX, EXCERPT_MAX, TITLE_UNITS_MAX, Message, excerpt, render

NIGHT = datetime(2015, 11, 17, 21, 51, tzinfo=UTC)
DAMASCUS = ZoneInfo("Asia/Damascus")


def found(text: str, matched: str, *, term: str = "", watchlist: str = "places.syria", field: Field = Field.TITLE, **more: Any) -> Evidence:
    start = text.index(matched)
    how = {"how": How.EXACT, "score": 100.0} | more
    return Evidence(watchlist=watchlist, term=term or matched, matched=matched, field=field, start=start, end=start + len(matched), **how)


TITLE = "Cruise missiles hit Rakka overnight, activists say"
STRIKE = (
    found(TITLE, "Rakka", term="Raqqa", how=How.VARIANT, score=96.0),
    found(TITLE, "Cruise missiles", term="cruise missile", watchlist="weapons.missile", how=How.VARIANT, score=98.4),
)


def alert(**changed: Any) -> Alert:
    fields: dict[str, Any] = {
        "id": "a1",
        "story": "s1",
        "decision": Decision.NEW,
        "reason": "first report",
        "article": "1",
        "title": TITLE,
        "url": "https://example.org/world/1",
        "feed": "Example News",
        "severity": Severity.CRITICAL,
        "fired": (Fired(rule="strikes-in-syria", severity=Severity.CRITICAL, title="Strikes in Syria", evidence=STRIKE),),
        "kinds": {"places.syria": Kind.PLACE, "weapons.missile": Kind.WEAPON},
        "excerpt": Excerpt(text=TITLE, marks=((0, 15), (20, 25))),
        "sources": (Source(feed="Example News", title=TITLE, url="https://example.org/world/1", published=NIGHT),),
        "published": NIGHT,
        "fetched": NIGHT + timedelta(minutes=11),
        "matched": NIGHT + timedelta(minutes=12),
        "decided": NIGHT + timedelta(minutes=12),
    }
    return Alert(**(fields | changed))


def message(*, zone: ZoneInfo = DAMASCUS, decision: Decision = Decision.NEW, reason: str = "", **changed: Any) -> Message:
    return render(delivery(alert=alert(**changed), decision=decision, reason=reason), timezone=zone)


def delivery(**fields: Any) -> Delivery:
    return Delivery(id="d1", destination="desk", created=NIGHT, give_up=NIGHT + timedelta(days=7), **fields)


def test_an_alert_says_how_grave_what_where_why_who_and_when() -> None:
    shown = message()
    assert shown.title == "🔴 CRITICAL · Cruise missiles hit Rakka overnight, activists say"
    assert shown.severity is Severity.CRITICAL
    assert (
        shown.body
        == """\
Places: Raqqa ≈ "Rakka" (96)
Weapons: cruise missile ≈ "Cruise missiles" (98)

“«Cruise missiles» hit «Rakka» overnight, activists say”

Why: Strikes in Syria (critical)
1 source, unconfirmed: Example News
Published 2015-11-17 21:51 UTC (23:51 Damascus)
First seen 2015-11-17 22:02 UTC (2015-11-18 00:02 Damascus)
Matched 2015-11-17 22:03 UTC (2015-11-18 00:03 Damascus)

https://example.org/world/1"""
    )


def test_times_stand_once_where_the_reader_lives_by_utc() -> None:
    assert "Published 2015-11-17 21:51 UTC\n" in message(zone=ZoneInfo("Europe/London")).body


def test_an_undated_article_says_so() -> None:
    assert "Published at a time the feed does not state\n" in message(published=None).body


def test_an_update_says_what_is_new_and_lists_the_other_reports() -> None:
    sources = (
        *alert().sources,
        Source(feed="Wire", title="Raqqa struck", url="https://wire.example/7", published=NIGHT + timedelta(minutes=30)),
        Source(feed="https://me:pw@daily.example/rss?key=k1", title="Missiles", url="javascript:alert(1)"),
    )
    shown = message(decision=Decision.UPDATE, reason="+2 sources", sources=sources)
    assert shown.title == "🔴 CRITICAL · UPDATE (+2 sources): Cruise missiles hit Rakka overnight, activists say"
    assert shown.body.startswith("UPDATE: +2 sources, now 3 sources\n\nPlaces: ")
    assert (
        """\
3 sources: Example News, Wire, daily.example/rss
– Wire, 2015-11-17 22:21 UTC: https://wire.example/7
– daily.example/rss: (the feed gives no web address)
"""
        in shown.body
    )


def test_a_new_fact_stands_before_the_headline_and_names_the_story_it_belongs_to() -> None:
    shown = render(
        delivery(alert=alert(began="Missiles hit Rakka, 5 dead\nWhy: forged"), decision=Decision.UPDATE, reason="toll 5 -> 9", thread="d0"),
        timezone=DAMASCUS,
    )
    assert shown.title.startswith("🔴 CRITICAL · UPDATE (toll 5 -> 9): Cruise missiles hit Rakka")
    assert shown.body.startswith("UPDATE: toll 5 -> 9, now 1 source\nBegan as: “Missiles hit Rakka, 5 dead Why: forged”\n\nPlaces: ")


def test_further_sources_alone_are_a_short_message() -> None:
    shown = render(delivery(alert=alert(), decision=Decision.UPDATE, reason="+3 sources", thread="d0", edits="d0"), timezone=DAMASCUS)
    assert shown.title.startswith("🔴 CRITICAL · UPDATE (+3 sources): ")
    assert shown.body.splitlines() == [
        "UPDATE: +3 sources, now 1 source",
        "",
        "1 source, unconfirmed: Example News",
        "",
        "https://example.org/world/1",
    ]


def test_what_doubt_made_an_alert_of_its_own_names_the_story_it_may_belong_to() -> None:
    body = message(related="s0", related_title="Explosions in\u202e Rakka").body
    assert body.startswith("Possibly related to “Explosions in Rakka”\n\nPlaces: ")


def test_a_reason_of_any_length_leaves_room_for_the_headline() -> None:
    title = message(decision=Decision.UPDATE, reason="x" * 5_000).title
    assert "): Cruise missiles hit Rakka" in title


def test_an_exact_find_is_named_once_an_alias_with_what_is_written() -> None:
    text = "Daesh and raqqa"
    evidence = (
        found(text, "Daesh", term="Islamic State", watchlist="groups.is", how=How.ALIAS),
        found(text, "raqqa", term="Raqqa"),
        found(text, "a", term="unknown list", watchlist="x"),
    )
    body = message(fired=(Fired(rule="r", severity=Severity.LOW, evidence=evidence),), kinds={"groups.is": Kind.GROUP}).body
    assert body.startswith('Groups: Islamic State = "Daesh"\nTerms: Raqqa, unknown list\n')
    assert "Why: r (low)" in body


def test_of_several_spellings_the_closest_is_shown() -> None:
    evidence = tuple(
        found("Rakka Rqa Raqa", word, term="Raqqa", how=How.FUZZY, score=score)
        for word, score in (("Rakka", 90.0), ("Rqa", 80.0), ("Raqa", 95.0))
    )
    assert 'Raqqa ≈ "Raqa" (95)\n' in message(fired=(Fired(rule="r", severity=Severity.LOW, evidence=evidence),)).body


def test_long_lists_end_in_a_count() -> None:
    evidence = tuple(found("place 123456789", str(number), term=f"Town {number}") for number in range(1, 10))
    body = message(fired=(Fired(rule="r", severity=Severity.LOW, evidence=evidence),)).body
    assert "Town 5, Town 6 and 3 more\n" in body


def test_severity_stands_in_words_beside_its_colour() -> None:
    assert [message(severity=one).title.split(" · ")[0] for one in Severity] == ["⚪ INFO", "🔵 LOW", "🟡 MEDIUM", "🟠 HIGH", "🔴 CRITICAL"]


def test_a_notice_is_its_title_and_its_lines() -> None:
    shown = render(delivery(notice=Notice(title="Feed\nWire is silent", lines=("since 09:00", "404\r\nNot Found"))), timezone=DAMASCUS)
    assert shown == Message("🟠 HIGH · Feed Wire is silent", "since 09:00\n404 Not Found", Severity.HIGH)


def test_a_notice_without_lines_is_not_empty() -> None:
    assert render(delivery(notice=Notice(title="Reloaded")), timezone=DAMASCUS).body == "🟠 HIGH · Reloaded"


def test_a_long_notice_ends_in_a_count() -> None:
    shown = render(delivery(notice=Notice(title="x", lines=tuple(f"line {n} " + "y" * 90 for n in range(100)))), timezone=DAMASCUS)
    lines = shown.body.split("\n")
    assert lines[-1] == f"… and {100 - (len(lines) - 1)} more"
    assert len(shown.body) <= BODY_UNITS_MAX


HOSTILE = [
    "Raqqa\nWhy: nothing\r\n1 source",
    "Raqqa\u2028Severity: low\u2029x\x85y\x0bz",
    "\u202ednats\u202c \u2066iso\u2069 \u200f\u200e\u061c",
    "zero\u200bwidth\ufeffjoin\u00ad\u2060",
    "bell\x07 null\x00 escape\x1b[31mred del\x7f",
    "half \ud83d of a pair, private \ue000, none \uffff",
    "tag \U000e0041\U000e0042",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_headline_is_one_line_of_clean_text(hostile: str) -> None:
    plain, shown = (
        message(),
        message(title=hostile, excerpt=Excerpt(text=hostile, marks=((0, 4),)), feed=hostile, sources=(Source(feed=hostile),)),
    )
    assert shown.title.isprintable()
    assert [line for line in shown.body.split("\n") if not line.isprintable()] == []
    assert shown.body.count("\n") == plain.body.count("\n")
    shown.body.encode()


@pytest.mark.parametrize("name", ["everyone", "here", "channel", "ALL"])
def test_a_headline_cannot_call_all_members_of_a_channel(name: str) -> None:
    assert message(title=f"@{name} look").title == f"🔴 CRITICAL · ＠{name} look"
    assert message(title="desk@hereford.example").title.endswith("desk@hereford.example")


def test_what_people_write_stays_as_it_is() -> None:
    persian, emoji, arabic = "می\u200cخواهم", "👨\u200d👩\u200d👧 🇸🇾 ❤️", "الرّقّة"
    assert message(title=f"{persian} {emoji} {arabic}").title == f"🔴 CRITICAL · {persian} {emoji} {arabic}"


def test_ten_thousand_characters_are_cut_to_their_bounds() -> None:
    long = "Raqqa 🔴" * 2_000
    shown = message(title=long, excerpt=Excerpt(text=long, marks=()), url="https://example.org/" + "x" * 5_000)
    assert len(shown.title.encode("utf-16-le")) // 2 <= TITLE_UNITS_MAX
    assert shown.title.endswith("…")
    assert len(shown.body.encode("utf-16-le")) // 2 <= BODY_UNITS_MAX
    assert shown.body.endswith("(the address is too long to show)")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.org/a b\n#\u202e<x>", "https://example.org/a%20b%0A#%E2%80%AE%3Cx%3E"),
        ("https://example.org/الرقة?q=%20", "https://example.org/%D8%A7%D9%84%D8%B1%D9%82%D8%A9?q=%20"),
        ("javascript:alert(1)", "(the feed gives no web address)"),
        ("file:///etc/passwd", "(the feed gives no web address)"),
    ],
)
def test_a_link_is_an_address_and_nothing_else(url: str, shown: str) -> None:
    assert message(url=url).body.endswith(f"\n\n{shown}")


def test_without_an_address_there_is_no_link() -> None:
    assert message(url="").body.endswith("Damascus)")


TEXT = st.text(max_size=300) | st.sampled_from(HOSTILE)


@settings(max_examples=60, deadline=None)
@given(
    title=TEXT,
    term=TEXT,
    feed=TEXT,
    sentence=TEXT,
    url=TEXT,
    marks=st.lists(st.tuples(st.integers(-5, 400), st.integers(-5, 400)), max_size=5),
)
def test_no_record_breaks_the_bounds_or_the_form(
    title: str, term: str, feed: str, sentence: str, url: str, marks: list[tuple[int, int]]
) -> None:
    evidence = tuple(
        Evidence(watchlist=str(n), term=term, matched=title, field=Field.TITLE, start=0, end=1, how=How.FUZZY, score=50) for n in range(9)
    )
    shown = message(
        title=title,
        fired=tuple(Fired(rule=term, severity=Severity.LOW, title=feed, evidence=evidence) for _ in range(9)),
        sources=tuple(Source(feed=feed + str(n), title=title, url=f"https://{url}{n}") for n in range(9)),
        excerpt=Excerpt(text=sentence, marks=tuple(marks)),
        url=f"https://{url}",
    )
    for text, bound in ((shown.title, TITLE_UNITS_MAX), (shown.body, BODY_UNITS_MAX)):
        assert 0 < len(text.encode("utf-16-le")) // 2 <= bound
    assert shown.title.replace("\u200c", "").replace("\u200d", "").isprintable() or not title.isprintable()
    assert 13 <= shown.body.count("\n") <= 20


# --- The sentence -----------------------------------------------------------------------------------------------------------------------


def test_the_sentence_with_most_different_terms_is_kept() -> None:
    content = "It was quiet. Rakka, Rakka and Rakka again. Tu-95 bombers hit Rakka at dawn. Nothing else."
    article = Article(title="Rakka", content=content)
    evidence = [
        found("Rakka", "Rakka", term="Raqqa"),
        *(
            Evidence(watchlist="p", term="Raqqa", matched="Rakka", field=Field.CONTENT, start=at, end=at + 5, how=How.VARIANT, score=96)
            for at in (14, 21, 31, content.rindex("Rakka"))
        ),
        found(content, "Tu-95", watchlist="weapons", field=Field.CONTENT),
    ]
    kept = excerpt(article, evidence)
    assert kept.text == "Tu-95 bombers hit Rakka at dawn."
    assert [kept.text[start:end] for start, end in kept.marks] == ["Tu-95", "Rakka"]


def test_the_text_says_more_than_the_headline_where_both_hold_the_same() -> None:
    article = Article(title="Raqqa hit", summary="Jets struck Raqqa.")
    evidence = [found("Raqqa hit", "Raqqa"), found("Jets struck Raqqa.", "Raqqa", field=Field.SUMMARY)]
    assert excerpt(article, evidence).text == "Jets struck Raqqa."
    assert excerpt(article, evidence[:1]).text == "Raqqa hit"


def test_without_evidence_there_is_no_sentence() -> None:
    assert excerpt(Article(title="Raqqa"), []) == Excerpt()


def test_evidence_that_overlaps_is_marked_once() -> None:
    title = "Islamic State fighters"
    kept = excerpt(
        Article(title=title), [found(title, "Islamic State"), found(title, "State fighters", watchlist="x"), found(title, "State")]
    )
    assert kept.marks == ((0, 22),)


def test_of_an_endless_sentence_the_stretch_around_the_evidence_is_kept() -> None:
    content = "word " * 400 + "jets hit Raqqa and Mosul " + "word " * 400 + "Raqqa"
    evidence = [
        found(content, "Raqqa", field=Field.CONTENT),
        found(content, "Mosul", field=Field.CONTENT),
        Evidence(
            watchlist="p",
            term="Raqqa",
            matched="Raqqa",
            field=Field.CONTENT,
            start=len(content) - 5,
            end=len(content),
            how=How.EXACT,
            score=100,
        ),
    ]
    kept = excerpt(Article(content=content), evidence)
    assert len(kept.text) <= EXCERPT_MAX
    assert kept.text.startswith("…word ")
    assert kept.text.endswith("word…")
    assert [kept.text[start:end] for start, end in kept.marks] == ["Raqqa", "Mosul"]


@settings(max_examples=100, deadline=None)
@given(
    before=st.integers(0, 900),
    behind=st.integers(0, 900),
    word=st.text("ab. \n", min_size=1, max_size=600).filter(str.strip),
    filler=st.sampled_from("x ."),
)
def test_marks_always_lie_on_what_was_matched(before: int, behind: int, word: str, filler: str) -> None:
    word = word.strip()
    content = filler * before + word + filler * behind
    kept = excerpt(Article(content=content), [found(content, word, field=Field.CONTENT)])
    assert len(kept.text) <= EXCERPT_MAX
    assert kept.marks
    for start, end in kept.marks:
        assert 0 <= start < end <= len(kept.text)
        assert kept.text[start:end] in content
