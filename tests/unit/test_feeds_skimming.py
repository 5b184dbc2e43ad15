"""Entries that are known to the byte are cut out of a document, and the parser reads the rest as it would have read the whole."""

from __future__ import annotations

import pytest

from alerts.feeds.skimming import ANGLES_MAX, BODY_BYTES_MAX, PARTS_MAX, TOKENS_MAX, skim, without

HEAD, TAIL = b'<?xml version="1.0"?><rss version="2.0"><channel><title>World</title>', b"</channel></rss>"
ONE, TWO = b"<item><title>1</title></item>", b"<item><title>2</title></item>"


def rss(*items: bytes, head: bytes = HEAD) -> bytes:
    return head + b"\n".join(items) + TAIL


def cut(body: bytes) -> list[bytes] | None:
    parts = skim(body, {})
    return None if parts is None else [body[part.start : part.end] for part in parts]


def raws(body: bytes, content_type: str = "") -> list[str]:
    parts = skim(body, {"content-type": content_type})
    assert parts is not None
    return [part.raw for part in parts]


@pytest.mark.parametrize(
    "items",
    [
        [ONE, TWO],
        [b"<item ><title>a</title></item >", b"<item\n/>", b'<item a="b"/>', TWO],
        [b"<item><![CDATA[ </item> <item> ]]></item>", TWO],
        [b"<item><!-- </item> --></item>", b"<item><?x </item> ?></item>"],
        [b"<item><items><itemised/></items><entryway/></item>", TWO],
        [b"<a:entry><a:title>x</a:title></a:entry>", b"<rss:item></rss:item>"],
    ],
)
def test_entries_are_found_where_they_stand(items: list[bytes]) -> None:
    assert cut(rss(*items)) == items


def test_what_is_cut_out_leaves_the_rest_to_the_byte() -> None:
    body = rss(ONE, TWO)
    parts = skim(body, {})
    assert parts is not None
    assert without(body, parts[:1]) == HEAD + b"\n" + TWO + TAIL
    assert without(body, parts) == HEAD + b"\n" + TAIL


@pytest.mark.parametrize(
    "body",
    [
        rss(),
        rss(b"<item><item></item></item>"),
        rss(b"</item>"),
        rss(ONE, b"<item><title>never ends"),
        rss(b"<item><![CDATA[never ends</item>"),
        rss(ONE, b"<Item><title>2</title></Item>"),
        b'<!DOCTYPE rss [<!ENTITY x "y">]>' + rss(ONE),
        rss(ONE).decode().encode("utf-16"),
        b'<?xml version="1.0" encoding="iso-2022-jp"?>' + rss(ONE, head=b"<rss><channel>"),
        b'<?xml version="1.0" encoding="gb18030"?>' + rss(ONE, head=b"<rss><channel>"),
        b'{"version": "https://jsonfeed.org/version/1.1", "items": []}',
    ],
)
def test_in_doubt_a_document_is_read_whole(body: bytes) -> None:
    assert skim(body, {}) is None


def test_a_single_byte_charset_is_no_doubt() -> None:
    assert cut(rss("<item>ä</item>".encode("latin-1"))) == ["<item>ä</item>".encode("latin-1")]
    head = b'<?xml version="1.0" encoding="windows-1251"?><rss version="2.0"><channel>'
    assert cut(rss("<item>я</item>".encode("windows-1251"), head=head)) == ["<item>я</item>".encode("windows-1251")]


def test_bounds_and_what_lies_beyond_them() -> None:
    assert len(cut(rss(*[ONE] * PARTS_MAX)) or ()) == PARTS_MAX
    assert cut(rss(*[ONE] * (PARTS_MAX + 1))) is None
    assert cut(rss(ONE, b"<!---->" * (TOKENS_MAX - 4))) == [ONE]
    assert cut(rss(ONE, b"<!---->" * (TOKENS_MAX - 3))) is None
    angles = ANGLES_MAX - rss(ONE).count(b"<") - 2
    assert cut(rss(ONE, b"<!--" + b"<" * angles + b"-->")) == [ONE]
    assert cut(rss(ONE, b"<!--" + b"<" * (angles + 2) + b"-->")) is None
    room = BODY_BYTES_MAX - len(rss(ONE, b""))
    assert cut(rss(ONE, b" " * room)) == [ONE]
    assert cut(rss(ONE, b" " * (room + 1))) is None


def test_an_entry_is_known_by_its_bytes_and_by_all_that_gives_them_their_meaning() -> None:
    known = raws(rss(ONE))
    assert raws(rss(TWO, ONE)) == [*raws(rss(TWO)), *known]
    assert raws(rss(ONE, head=HEAD.replace(b"World", b"News"))) == known
    assert raws(rss(b"<item><title>1 </title></item>")) != known
    assert raws(rss(ONE, head=HEAD.replace(b"<channel>", b'<channel xml:base="/x/">'))) != known
    assert raws(rss(ONE, head=HEAD.replace(b'"1.0"?', b'"1.0" encoding="koi8-r"?'))) != known
    assert raws(rss(ONE), "text/xml; charset=koi8-r") != known


@pytest.mark.parametrize(
    "piece", [b"<", b"<a", b"<a ", b"<!", b"<!--", b"<?", b"<![CDATA[", b"<item", b"<item ", b"</item", b"<a:", b"<a.", b"<!-->", b"<?>"]
)
def test_no_piece_however_often_it_comes_stalls_it(piece: bytes) -> None:
    """Whatever takes the square of its length would take hours of these."""
    room = BODY_BYTES_MAX - len(rss(ONE)) - len(TAIL)
    heap = piece * (room // len(piece))
    for body in (rss(ONE, head=HEAD + heap), rss(ONE, heap), rss(heap, ONE)):
        assert len(skim(body, {}) or ()) <= 1
