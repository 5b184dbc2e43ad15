"""What feeds in the wild say, and what is read of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

import feedparser
import pytest

from alerts.errors import FeedError
from alerts.feeds import Document, Entry, Wishes, parse_body
from alerts.feeds.parsing import ENTRIES_MAX, ENTRY_TEXT_BYTES_MAX
from alerts.feeds.plain import plain_line, plain_text

URL = "https://example.org/feeds/world.xml"


def parse(body: str | bytes, content_type: str = "") -> Document:
    return parse_body(body.encode() if isinstance(body, str) else body, {"content-type": content_type}, url=URL)


def rss(items: str, declaration: str = "") -> str:
    return f'{declaration}<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>{items}</channel></rss>'


def atom(entries: str, attributes: str = "") -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}>{entries}</feed>'


def only(document: Document) -> Entry:
    (entry,) = document.entries
    return entry


def test_summary_and_content_are_text() -> None:
    entry = only(
        parse(
            rss("<item><title>a</title><description>&lt;p>One</description><content:encoded>&lt;p>Two&lt;p>Three</content:encoded></item>")
        )
    )
    assert (entry.summary, entry.content) == ("One", "Two\n\nThree")


@pytest.mark.parametrize(
    "both", ["<description>Text</description><content:encoded>&lt;p>Text</content:encoded>", "<content:encoded>Text</content:encoded>"]
)
def test_no_text_stands_in_both(both: str) -> None:
    entry = only(parse(rss(f"<item><title>a</title>{both}</item>")))
    assert (entry.summary, entry.content) == ("", "Text")


def test_a_summary_alone_stays_a_summary() -> None:
    entry = only(parse(rss("<item><title>a</title><description>Text</description></item>")))
    assert (entry.summary, entry.content) == ("Text", "")


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("Z&amp;amp;aacute;kon", "Zákon"),
        ("A &amp;amp;amp; B", "A & B"),
        ("&lt;b&gt;Raqqa&lt;/b&gt; hit", "Raqqa hit"),
        ("a\n  b", "a b"),
        ("5 &lt; 6 &gt; 4", "5 < 6 > 4"),
        ("<![CDATA[Al-Qa&#8217;ida]]>", "Al-Qa’ida"),
    ],
)
def test_titles_are_one_line_of_text(title: str, line: str) -> None:
    assert only(parse(rss(f"<item><title>{title}</title></item>"))).title == line


def test_what_atom_calls_text_is_taken_as_given() -> None:
    assert only(parse(atom('<entry><id>x</id><title type="text">Syria &lt;x&gt; &amp; y</title></entry>'))).title == "Syria <x> & y"


def test_relative_links_lead_somewhere() -> None:
    entries = parse(
        atom('<entry><id>x</id><title>a</title><link href="a"/></entry>')
        .replace("<feed", '<feed xml:base="/news/"')
        .replace("</feed>", '<entry xml:base="http://other.example/z/"><id>y</id><title>b</title><link href="b"/></entry></feed>')
    ).entries
    assert [entry.url for entry in entries] == ["https://example.org/news/a", "http://other.example/z/b"]
    assert only(parse(rss("<item><title>a</title><link>../1</link></item>"))).url == "https://example.org/1"


@pytest.mark.parametrize("base", ["/x/", "http://other.example/x/"])
def test_what_an_entry_is_relative_to_ends_with_it(base: str) -> None:
    known = f'<item xml:base="{base}"><title>a</title><guid>1</guid></item>'
    fresh = "<item><title>b</title><link>b</link><guid>2</guid></item>"
    both, one = parse(rss(known + fresh)), parse(rss(fresh))
    assert replace(both.entries[1], at=0) == one.entries[0]
    assert one.entries[0].url == urljoin(URL, "b")


def test_a_guid_that_is_an_address_is_the_link_and_one_that_is_none_is_not() -> None:
    assert only(parse(rss("<item><title>a</title><guid>https://example.org/1</guid></item>"))).url == "https://example.org/1"
    assert only(parse(rss("<item><title>a</title><guid>17</guid></item>"))).url == ""


@pytest.mark.parametrize("link", ["javascript:alert(1)", "mailto:a@b.c", "http://[::1", "https://example.org/" + "x" * 4_096])
def test_what_is_no_link_is_none(link: str) -> None:
    assert only(parse(rss(f"<item><title>a</title><link>{link}</link></item>"))).url == ""


@pytest.mark.parametrize("around", ["\u0000", "\u001f ", "\u0001"])
def test_control_characters_around_a_link_cost_nobody_the_link(around: str) -> None:
    entry = only(parse(json_feed(items=[{"id": "1", "title": "t", "url": f"{around}https://example.org/1{around}"}])))
    assert entry.url == "https://example.org/1"


def test_a_guid_stays_the_same_entry_when_the_feed_moves() -> None:
    body = rss("<item><title>a</title><guid>17</guid></item>").encode()
    assert only(parse_body(body, {}, url=URL)).guid == only(parse_body(body, {}, url="https://moved.example/feed")).guid != ""


CYRILLIC = "<item><title>Ракка</title></item>"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (rss(CYRILLIC).encode(), ""),
        (rss(CYRILLIC).encode(), "text/xml; charset=iso-8859-1"),
        (rss(CYRILLIC, '<?xml version="1.0" encoding="windows-1251"?>').encode(), "text/xml"),
        (rss(CYRILLIC).encode("windows-1251"), 'text/xml; Charset="windows-1251"'),
        (rss(CYRILLIC, '<?xml version="1.0" encoding="windows-1251"?>').encode("windows-1251"), "text/xml"),
        (rss(CYRILLIC, '<?xml version="1.0" encoding="windows-1251"?>').encode("windows-1251"), "application/rss+xml; charset=utf-8"),
        (rss(CYRILLIC, '<?xml version="1.0" encoding="utf-16"?>').encode("utf-16"), "text/xml"),
        (rss(CYRILLIC).encode("utf-8-sig"), "text/xml; charset=windows-1251"),
    ],
)
def test_a_wrong_or_missing_charset_does_no_harm(body: bytes, content_type: str) -> None:
    assert only(parse(body, content_type)).title == "Ракка"


@pytest.mark.parametrize("charset", ["undefined", "base64", "none"])
def test_a_charset_that_is_none_does_no_harm(charset: str) -> None:
    body = rss("<item><title>Caf\xe9 & co</title></item>").encode("latin-1")
    assert only(parse(body, f"text/xml; charset={charset}")).title == "Caf\xe9 & co"


def test_broken_xml_gives_its_items() -> None:
    entries = parse(
        '<rss version="2.0"><channel><item><title>A & B</title><link>http://e.org/1?a=1&b=2</link><item><title>C</title>'
    ).entries
    assert [(entry.title, entry.url) for entry in entries] == [("A & B", "http://e.org/1?a=1&b=2"), ("C", "")]


@pytest.mark.parametrize("date", ["0000-00-00 00:00:00", "Wed, 30 Nov -001 00:00:00 +0000", "1446458400", "1795-01-01T00:00:00Z"])
def test_an_impossible_date_costs_no_entry(date: str) -> None:
    entries = parse(rss(f"<item><title>a</title><pubDate>{date}</pubDate></item><item><title>b</title></item>")).entries
    assert [(entry.title, entry.published) for entry in entries] == [("a", None), ("b", None)]


def test_dates_are_in_utc_and_an_update_stands_in_for_a_missing_date() -> None:
    entry = only(parse(atom("<entry><id>x</id><title>a</title><updated>2015-11-02T12:00:00+02:00</updated></entry>")))
    assert entry.published == datetime(2015, 11, 2, 10, tzinfo=UTC)


def test_languages_of_feed_and_entry() -> None:
    document = parse(
        atom('<entry xml:lang="ar"><id>x</id><title>a</title></entry><entry><id>y</id><title>b</title></entry>', 'xml:lang="en_GB"')
    )
    assert [entry.language for entry in document.entries] == ["ar", "en-gb"]
    assert parse(rss("<language>English, of course</language>")).language == ""


def test_a_feed_without_entries_is_a_feed() -> None:
    document = parse(rss("<title>World</title>"))
    assert (document.title, document.entries, document.size) == ("World", (), 0)


def test_entries_up_to_the_bound_are_read_and_not_one_more() -> None:
    items = "".join(f"<item><title>{number}</title></item>" for number in range(ENTRIES_MAX + 1))
    assert [entry.title for entry in parse(rss(items)).entries][-1] == str(ENTRIES_MAX - 1)


def test_the_text_of_an_entry_is_kept_up_to_its_bound_and_not_a_byte_further() -> None:
    room = ENTRY_TEXT_BYTES_MAX - len("title")
    assert len(only(parse(rss(f"<item><title>title</title><description>{'x' * room}</description></item>"))).summary) == room
    assert len(only(parse(rss(f"<item><title>title</title><description>{'x' * (room + 1)}</description></item>"))).summary) == room
    wide = only(parse(rss(f"<item><title>title</title><description>{'я' * room}</description></item>"))).summary
    assert len(wide) == room // 2


def test_a_title_without_end_is_cut_and_its_text_is_kept() -> None:
    entry = only(parse(rss(f"<item><title>{'x ' * 600}end</title></item>")))
    assert len(entry.title) == 1_000
    assert entry.content.endswith("x end")


def test_a_body_that_names_a_file_opens_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text(rss("<item><title>secret</title></item>"))
    assert feedparser.parse(str(secret).encode()).entries, "feedparser no longer opens files: the stream is not needed any more"
    with pytest.raises(FeedError, match="not a feed"):
        parse(str(secret))


def test_external_entities_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    entity = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'
    assert "secret" not in repr(parse(entity + rss("<item><title>a &x; b</title></item>")))


def test_entities_that_multiply_do_no_harm() -> None:
    laughs = "".join(f'<!ENTITY l{number + 1} "{f"&l{number};" * 10}">' for number in range(9))
    document = parse(f'<!DOCTYPE rss [<!ENTITY l0 "{"ha" * 500}">{laughs}]>' + rss("<item><title>&l9;</title></item>"))
    assert len(repr(document)) < 10_000


def json_feed(**feed: object) -> bytes:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "World", **feed}).encode()


def test_a_json_feed_is_a_feed() -> None:
    full = {
        "id": "1",
        "url": "/1",
        "title": "A & B",
        "content_html": "<p>One<p>Two",
        "summary": "S",
        "date_published": "2015-11-02T12:00:00+02:00",
    }
    document = parse(b"\xef\xbb\xbf" + json_feed(items=[full, {"id": 2, "content_text": "Text <b>", "language": "AR"}], language="en"))
    one, two = document.entries
    assert (document.title, document.language) == ("World", "en")
    assert (one.url, one.title, one.summary, one.content) == ("https://example.org/1", "A & B", "S", "One\n\nTwo")
    assert (one.published, one.language) == (datetime(2015, 11, 2, 10, tzinfo=UTC), "en")
    assert (two.url, two.title, two.content, two.language, two.published) == ("", "", "Text <b>", "ar", None)


@pytest.mark.parametrize(
    "items", [None, 5, "x", {}, [None, 5, "x", []], [{"id": [1], "title": {}, "url": None, "content_html": 0, "language": 7}]]
)
def test_a_json_feed_of_nonsense_gives_what_makes_sense(items: object) -> None:
    assert len(parse(json_feed(items=items)).entries) <= 1


def test_half_a_surrogate_pair_does_no_harm() -> None:
    entry = only(parse(json_feed(items=[{"id": "1", "title": "a \ud83d b", "url": "https://example.org/\ud83d"}])))
    assert entry.title == "a b"
    entry.url.encode()


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<h1>Related</h1>lorem<br>ipsum", "Related\n\nlorem\nipsum"),
        ("<ul><li>a</li><li>b</li></ul>c", "a\nb\nc"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\n\nc"),
        ("a <b>b</b>c\n   d", "a bc d"),
        ("<script>x<y</script>a<style>p{}</style><template>t</template>", "a"),
        ("&amp;lt;p&amp;gt;Deep&amp;lt;/p&amp;gt;", "Deep"),
        ("&amp;amp;amp;amp;amp;eacute;t&amp;amp;amp;amp;amp;eacute;", "été"),
        ("a&nbsp;&amp;nbsp;b", "a b"),
        ("", ""),
        ("<!-- only a comment -->", ""),
        ("a \x00\x01 b &#0;", "a b �"),
        ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
    ],
)
def test_html_becomes_text_with_breaks_where_blocks_end(markup: str, text: str) -> None:
    assert plain_text(markup, markup=True).replace("\n\n", "\n") == text.replace("\n\n", "\n")


def test_paragraphs_are_parted_by_an_empty_line_and_lines_are_not() -> None:
    assert plain_text("<p>a</p><p>b<br>c</p><div><div>d</div></div>", markup=True) == "a\n\nb\nc\n\nd"


@pytest.mark.parametrize(
    "piece", ["<div>", "<a ", "<!--", "<b>", "<table><tr>", "<p", '<a href="', "&amp", "&lt;", "<script>", "<![CDATA["]
)
def test_markup_bombs_do_no_harm(piece: str) -> None:
    assert len(plain_text(piece * 200_000, markup=True)) <= 1_000_000


def test_a_title_is_one_line() -> None:
    assert plain_line("<p>a</p>\n<p>b</p>", markup=True) == "a b"


@pytest.mark.parametrize(
    "place",
    [
        "<georss:point>somewhere</georss:point>",
        "<georss:where><gml:Point srsDimension='x'><gml:pos>1 2</gml:pos></gml:Point></georss:where>",
        "<georss:where><gml:Point><gml:pos/></gml:Point></georss:where>",
        "<georss:polygon>1</georss:polygon>tail",
    ],
)
@pytest.mark.parametrize("declared", ['xmlns:georss="http://www.georss.org/georss" xmlns:gml="http://www.opengis.net/gml"', ""])
def test_a_place_that_is_none_costs_no_entry(place: str, declared: str) -> None:
    body = rss(f"<item><title>a</title>{place}<link>/1</link></item><item><title>b</title></item>").replace("<rss", f"<rss {declared}")
    assert [(entry.title, entry.url) for entry in parse(body).entries] == [("a", "https://example.org/1"), ("b", "")]


def wishes(head: str) -> Wishes:
    found = parse(
        rss(head).replace("<rss", '<rss xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:a="http://www.w3.org/2005/Atom"')
    )
    assert found.wishes is not None
    return found.wishes


@pytest.mark.parametrize(
    ("head", "every_s"),
    [
        ("", 0),
        ("<ttl>30</ttl>", 1_800),
        ("<ttl> 5 </ttl><sy:updatePeriod> hourly </sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 1_800),
        ("<sy:updatePeriod>daily</sy:updatePeriod>", 86_400),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 86_400),
        ("<ttl>-5</ttl><sy:updatePeriod>often</sy:updatePeriod>", 0),
        (f"<ttl>{'9' * 400}</ttl>", 0),
    ],
)
def test_how_often_a_feed_wants_to_be_read(head: str, every_s: float) -> None:
    assert wishes(head).every_s == every_s


def test_hours_and_days_in_which_a_feed_wants_to_be_left_alone() -> None:
    skipped = wishes(
        "<skipHours><hour>0</hour><hour> 23 </hour><hour>24</hour><hour>x</hour></skipHours>"
        "<skipDays><day>Sunday</day><day>Monday</day><day>Caturday</day></skipDays>"
    )
    assert (skipped.skip_hours, skipped.skip_days) == ((0, 23), (0, 6))


def test_where_a_feed_lives_and_who_tells_of_its_news() -> None:
    found = wishes(
        '<a:link rel="self" href="/feed"/><a:link rel="hub" href="https://hub.example/"/><a:link rel="hub" href="https://b.example/"/>'
    )
    assert (found.self_url, found.hub_url) == ("https://example.org/feed", "https://hub.example/")
    in_json = parse(json_feed(feed_url="https://example.org/f.json", hubs=[{"type": "WebSub", "url": "https://hub.example/"}, 5])).wishes
    assert in_json == Wishes(self_url="https://example.org/f.json", hub_url="https://hub.example/")


@pytest.mark.parametrize("piece", ["<skipHours ", "<skipHours>", "<skipDays><day ", "<skipHours><hour>"])
def test_wishes_without_end_are_none(piece: str) -> None:
    assert wishes(piece * 4_000).skip_hours == ()
