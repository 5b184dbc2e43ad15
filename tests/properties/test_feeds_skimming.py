"""Whatever is known and cut out, the rest of a sound document reads as it did in the whole."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from alerts.feeds import Entry, parse_body
from alerts.feeds.skimming import Part, skim, without

URL = "https://example.org/feed"

TEXTS = st.sampled_from(
    [
        "Raqqa",
        "a &amp; b",
        "<![CDATA[<p>One <b>two</b></p><item>]]>",
        "&lt;p&gt;Deir ez-Zor&lt;/p&gt;",
        "дым",
        "<!-- <entry> -->x",
        "<?php </item> ?>y",
        "",
        "&#1575;",
        "&nbsp;",
        "a & b",
    ]
)
ATTRIBUTES = st.sampled_from(["", ' xml:lang="ar"', ' xml:base="/x/"', ' rdf:about="https://example.org/9"'])
ELEMENTS = st.one_of(
    st.builds("<title>{}</title>".format, TEXTS),
    st.builds("<title type='html'>{}</title>".format, TEXTS),
    st.builds("<description>{}</description>".format, TEXTS),
    st.builds("<content:encoded>{}</content:encoded>".format, TEXTS),
    st.builds("<media:group><media:title>{}</media:title></media:group>".format, TEXTS),
    st.builds("<summary type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>{}</div></summary>".format, TEXTS),
    st.builds("<link>{}</link>".format, st.sampled_from(["a", "https://example.org/1?a=1&amp;b=2", "/c"])),
    st.builds("<guid>{}</guid>".format, st.sampled_from(["1", "https://example.org/2"])),
    st.sampled_from(
        ["<pubDate>Mon, 02 Nov 2015 11:00:00 GMT</pubDate>", "<language>ar</language>", "<link href='z'/>", "<dc:date>2015</dc:date>"]
    ),
)
ITEMS = st.builds(lambda attributes, inside: f"<item{attributes}>{''.join(inside)}</item>", ATTRIBUTES, st.lists(ELEMENTS, max_size=5))
HEADS = st.sampled_from(
    ["", "<language>en</language>", "<title>W</title><language>en</language><link>/</link>", '<atom:link rel="self" href="f"/><ttl>5</ttl>']
)
ROOT = (
    '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><channel>'
)


def placed(entries: tuple[Entry, ...], parts: list[Part]) -> dict[int, Entry]:
    return {parts[entry.at].start: replace(entry, at=0) for entry in entries}


@example(head="", items=['<item xml:base="/x/"></item>', "<item><link>a</link></item>"], chosen={0})
@given(head=HEADS, items=st.lists(ITEMS, min_size=1, max_size=5), chosen=st.sets(st.integers(0, 4)))
def test_the_entries_that_stay_are_the_same_as_in_the_whole(head: str, items: list[str], chosen: set[int]) -> None:
    body = (ROOT + head + "\n".join(items) + "</channel></rss>").encode()
    parts = skim(body, {})
    whole = parse_body(body, {}, url=URL)
    if parts is None or not whole.sound or whole.size != len(parts):
        return
    known = [part for at, part in enumerate(parts) if at in chosen]
    fresh = [part for at, part in enumerate(parts) if at not in chosen]
    rest = parse_body(without(body, known), {}, url=URL)
    assert rest.sound
    assert rest.size == len(fresh)
    assert placed(rest.entries, fresh).items() <= placed(whole.entries, parts).items()
    assert (rest.title, rest.language, rest.wishes) == (whole.title, whole.language, whole.wishes)
