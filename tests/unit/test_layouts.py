"""Slack's blocks, Telegram's HTML, a mail's page and lists: composed to each service's limits, whatever a feed says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.records import (
    Because,
    Decision,
    Delivery,
    Digest,
    Evidence,
    Excerpt,
    Field,
    Fired,
    How,
    Item,
    Kind,
    Notice,
    Severity,
    Source,
)
from alerts.rendering import BODY_UNITS_MAX, Layout, divided, render
from tests.builders import NOON
from tests.chats import slack_fault, telegram_fault
from tests.unit.test_rendering import alert, delivery

GOLDEN = Path(__file__).parents[1] / "golden" / "layouts"
DAMASCUS = ZoneInfo("Asia/Damascus")
HOSTILE = (
    "Raqqa <!channel> <@U1> *b* _i_ `c` & <b>x</b> <script>alert(1)</script> [a](javascript:alert(1)) "
    + "@here @everyone\r\nBcc: all@example.org\n\u202eesrever\u202c \u2066x\u2069 \ud83d \x00 \U0001f525 :fire: "
    + "long " * 2_500
)


def item(number: int, *, title: str = "", place: str = "Raqqa", severity: Severity = Severity.HIGH, story: str = "", **more: Any) -> Item:
    values = {"feed": "Wire", "url": f"https://example.org/{number}", "published": NOON + timedelta(minutes=number)}
    return Item(
        alert=str(number),
        story=story or str(number),
        severity=severity,
        title=title or f"Strike {number}",
        places=(place,) if place else (),
        **(values | more),
    )


def listed(*items: Item, **more: Any) -> Delivery:
    values = {"because": (Because.QUIET,), "since": NOON, "until": NOON + timedelta(hours=8), "of": len(items)}
    digest = Digest(items=items, **(values | more))
    return Delivery(id="d", destination="desk", digest=digest, created=NOON, give_up=NOON + timedelta(days=7))


EXAMPLES = {
    "alert": delivery(alert=alert()),
    "fact": delivery(alert=alert(began="Missiles hit Rakka"), decision=Decision.UPDATE, reason="toll 5 -> 9", thread="d0"),
    "sources": delivery(alert=alert(), decision=Decision.UPDATE, reason="+3 sources", thread="d0", edits="d0"),
    "hostile": delivery(alert=alert(title=HOSTILE, began=HOSTILE, related_title=HOSTILE, url="https://example.org/?a=<b>&c=\"d'")),
    "notice": Delivery(
        id="n",
        destination="ops",
        notice=Notice(title="A feed is dead: <Wire>", lines=("https://example.org/feed", "since noon & later")),
        created=NOON,
        give_up=NOON,
    ),
    "digest": listed(
        item(1, severity=Severity.CRITICAL, title="Missiles hit <Raqqa>", story="s"),
        item(2, title="More of it", story="s", update="+3 sources"),
        item(3, place="Aleppo", title=HOSTILE),
        item(4, place="", url="", title="قصف على الرقة"),
    ),
}


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_layout_is_as_it_was_looked_at(name: str, layout: Layout):
    """The files are read by people; after a change, delete one and run this again to have it written anew, then look at it."""
    shown = render(EXAMPLES[name], timezone=DAMASCUS, layout=layout)
    text = f"{shown.title}\n\n{shown.body}\n"
    if layout is Layout.SLACK:
        text = json.dumps(shown.markup.blocks, ensure_ascii=False, indent=1) + "\n"
    elif layout is not Layout.PLAIN:
        text = shown.markup.html + "\n"
    file = GOLDEN / f"{name}.{'json' if layout is Layout.SLACK else 'txt' if layout is Layout.PLAIN else f'{layout}.html'}"
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
        pytest.fail(f"{file.name} was written; look at it, then run again")
    assert text == file.read_text("utf-8")


def texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (node[key] for key in ("text", "url") if isinstance(node.get(key), str))
        node = list(node.values())
    if isinstance(node, list | tuple):
        for one in node:
            yield from texts(one)


class Page(HTMLParser):
    """What a reader of HTML sees, and the tags and addresses in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.shown: list[str] = []
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data: str) -> None:
        self.shown.append(data)


TELEGRAMS = {"b", "i", "a", "blockquote"}
MAILS = {
    "html",
    "head",
    "meta",
    "title",
    "body",
    "h1",
    "h2",
    "p",
    "br",
    "em",
    "strong",
    "bdi",
    "blockquote",
    "mark",
    "a",
    "ul",
    "li",
    "span",
}


def check(given_: Delivery) -> None:
    for layout in Layout:
        shown = render(given_, timezone=DAMASCUS, layout=layout)
        assert shown.title.strip()
        assert "\n" not in shown.title
        assert shown.body.strip()
        if layout is Layout.SLACK:
            assert slack_fault({"text": shown.title, "blocks": list(shown.markup.blocks)}) == ""
            json.dumps(shown.markup.blocks).encode()
            assert all(text.startswith(("http://", "https://")) for text in _urls(shown.markup.blocks))
            assert not any(block.get("type") == "mrkdwn" for block in _nodes(shown.markup.blocks))
        if layout is Layout.TELEGRAM:
            assert telegram_fault({"text": shown.markup.html}) == ""
            page = Page(shown.markup.html)
            assert page.tags <= TELEGRAMS
            assert all(link.startswith(("http://", "https://")) for link in page.links)
        if layout is Layout.MAIL:
            page = Page(shown.markup.html)
            assert page.tags <= MAILS
            assert all(link.startswith(("http://", "https://")) for link in page.links)
        shown.markup.html.encode()


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list | tuple):
        for one in node:
            yield from _nodes(one)


def _urls(blocks: Any) -> list[str]:
    return [node["url"] for node in _nodes(blocks) if "url" in node]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_what_its_service_takes(name: str):
    check(EXAMPLES[name])


words = st.text(max_size=3_000) | st.sampled_from([HOSTILE, "", " ", "<", "&", "@channel", "\u202e", "a" * 10_000])


@settings(deadline=None)
@given(words, words, words, st.sampled_from(list(Decision)))
def test_no_words_break_a_layout(title: str, reason: str, url: str, decision: Decision):
    check(delivery(alert=alert(title=title, url=url, began=reason, related_title=title), decision=decision, reason=reason))
    check(delivery(alert=alert(title=title, url="https://e.org/" + url), decision=decision, reason=reason, edits="x"))


@pytest.mark.parametrize("word", ["x", "é ", "\U0001f525", "&", "قص "])
def test_an_alert_with_everything_long_is_what_its_service_takes(word: str):
    long = word * 500
    found = tuple(
        Evidence(watchlist=kind, term=f"{n}{long}", matched=f"y{n}{long}", field=Field.TITLE, start=0, end=9, how=How.FUZZY, score=87.0)
        for kind in Kind
        for n in range(6)
    )
    of = alert(
        title=long,
        began=f"{long}b",
        related_title=long,
        url=f"https://example.org/{'a' * 880}",
        fired=tuple(Fired(rule=str(n), title=long, severity=Severity.CRITICAL, evidence=found) for n in range(9)),
        kinds={kind.value: kind for kind in Kind},
        excerpt=Excerpt(text=long[:400], marks=((0, 3),)),
        sources=tuple(Source(feed=f"{n}{long}", title=long, url=f"https://example.org/{n}", published=NOON) for n in range(12)),
    )
    check(delivery(alert=of, decision=Decision.UPDATE, reason=long, stands_in_for="duty/3f2a1b0c"))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(words, words, words, st.sampled_from(list(Severity)), st.integers(0, 5)), min_size=1, max_size=120))
def test_every_list_fits_and_holds_everything(drawn: list[tuple[str, str, str, Severity, int]]):
    items = [
        item(number, title=title[:300], place=place[:80], update=update[:90], severity=severity, story=str(story))
        for number, (title, place, update, severity, story) in enumerate(drawn)
    ]
    for layout in Layout:
        parts = divided(items, layout=layout)
        assert sorted(one.alert for part in parts for one in part) == sorted(one.alert for one in items)
        for number, part in enumerate(parts, start=1):
            one = listed(*part, part=number, parts=len(parts), of=len(items))
            check(one)
            assert not render(one, timezone=DAMASCUS).body.endswith("…") or layout is not Layout.PLAIN
            if layout is Layout.PLAIN:
                body = render(one, timezone=DAMASCUS).body
                assert len(body.encode("utf-16-le")) // 2 <= BODY_UNITS_MAX
                assert all(
                    f"https://example.org/{one.alert}" in body.splitlines() or f"https://example.org/{one.alert}" in body for one in part
                )


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("name", ["digest", "notice", "alert"])
def test_what_comes_in_anothers_place_says_so(name: str, layout: Layout):
    shown = render(msgspec.structs.replace(EXAMPLES[name], stands_in_for="duty"), timezone=DAMASCUS, layout=layout)
    said = "Sent here because duty could not be reached."
    assert said in shown.body
    assert layout is Layout.PLAIN or said in shown.markup.html + " ".join(texts(shown.markup.blocks))


def test_a_list_shows_the_worst_first_and_a_storys_reports_together():
    items = (
        item(1, severity=Severity.LOW, place="Homs"),
        item(2, severity=Severity.LOW, story="s"),
        item(3, severity=Severity.CRITICAL, story="t"),
        item(4, severity=Severity.LOW, story="s"),
        item(5, severity=Severity.CRITICAL, place=""),
    )
    body = render(listed(*items), timezone=UTC).body
    order = [line for line in body.splitlines() if line.startswith(("🔵", "🔴"))]
    assert [line.split()[2] for line in order] == ["3", "2", "4", "1", "5"]
    assert body.startswith("2 critical, 3 low; 2015-11-17 12:00 UTC to 2015-11-17 20:00 UTC")


def test_an_edit_keeps_the_headline_of_the_message_that_it_replaces():
    update = delivery(alert=alert(began="Missiles hit Rakka"), decision=Decision.UPDATE, reason="+3 sources", thread="d0", edits="d0")
    edited, told = (render(update, timezone=UTC, layout=Layout.SLACK, edit=edit) for edit in (True, False))
    assert edited.title == "🔴 CRITICAL · Missiles hit Rakka"
    assert "Why: " in edited.body
    assert told.title.startswith("🔴 CRITICAL · UPDATE (+3 sources): ")
    assert "Why: " not in told.body


def test_times_in_a_list_are_by_the_readers_clock():
    assert "(Wire, 11-17 14:01)" in render(listed(item(1)), timezone=DAMASCUS).body
