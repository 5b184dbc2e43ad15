"""Plain text of HTML, in time that grows with its length and nothing else.

Paragraphs end in an empty line, lines (`br`, list items, table rows) in a line break, so that no two words are glued together that
stand in different blocks. lxml feeds a target here and builds no tree: markup nested 200,000 deep is as harmless as any.

What it deliberately does not do: it keeps no markup, no link, no picture's description, and it does not guess where an article's main
text is; feeds hold articles already.
"""

from __future__ import annotations

import html
import re

from lxml import etree

__all__ = ["plain_line", "plain_text"]

MARKUP_CHARS_MAX = 1_000_000
"""How much of one field's markup is looked at; libxml2 itself gives up at 10 MB of one text."""
UNESCAPE_ROUNDS_MAX = 10
"""How many times over a text may be escaped: `&amp;amp;aacute;` is met in the wild, more are not."""

_PARAGRAPH_NAMES = """
    address article aside blockquote body details div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr main nav ol
    p pre section summary table ul
"""
_PARAGRAPHS = frozenset(_PARAGRAPH_NAMES.split())
_LINES = frozenset({"br", "caption", "dd", "dt", "li", "option", "tr"})
_CELLS = frozenset({"td", "th"})
_BREAK = "\0"
"""A line break of ours, until those of the source have become spaces; no text holds one."""
_BREAK_BEFORE = dict.fromkeys(_PARAGRAPHS, 2 * _BREAK) | dict.fromkeys(_LINES, _BREAK) | dict.fromkeys(_CELLS, " ")
_UNREAD = frozenset({"script", "style", "template", "iframe", "object"})

_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>|<!--")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile(r"[^\S\n]+")
_LINE_ENDS = re.compile(r" ?\n ?")
_EMPTY_LINES = re.compile(r"\n{3,}")
_SPACE = re.compile(r"\s+")


def plain_text(value: str, *, markup: bool) -> str:
    """`value` as paragraphs of plain text; `markup` says whether it is HTML."""
    return _tidy(_unescaped(value[:MARKUP_CHARS_MAX], markup=markup))


def plain_line(value: str, *, markup: bool) -> str:
    """`value` as one line of plain text: a title."""
    return " ".join(plain_text(value, markup=markup).split())


def _unescaped(value: str, *, markup: bool) -> str:
    text = _stripped(value) if markup else value
    for _ in range(UNESCAPE_ROUNDS_MAX):
        again = _REFERENCE.sub(lambda match: html.unescape(match[0]), text)
        if again == text:
            break
        text = _stripped(again) if markup and _TAG.search(again) else again
    return text


def _stripped(markup: str) -> str:
    if "<" not in markup and "&" not in markup:
        return markup
    parser = etree.HTMLParser(target=_Text(), encoding="utf-8", no_network=True)
    try:
        return str(etree.HTML(_CONTROL.sub("", markup).encode(), parser) or "")
    except etree.XMLSyntaxError:  # nothing in it
        return ""


def _tidy(text: str) -> str:
    text = _BREAKS.sub("\n", _CONTROL.sub("", text))
    return _EMPTY_LINES.sub("\n\n", _LINE_ENDS.sub("\n", _BLANKS.sub(" ", text))).strip()


class _Text:
    """What lxml tells about a document, kept as text."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._unread = 0

    def start(self, tag: str, attributes: object) -> None:
        if tag in _UNREAD:
            self._unread += 1
        self._pieces.append(_BREAK_BEFORE.get(tag, ""))

    def end(self, tag: str) -> None:
        if tag in _UNREAD:
            self._unread -= 1
        if tag in _PARAGRAPHS:
            self._pieces.append(2 * _BREAK)

    def data(self, text: str) -> None:
        if not self._unread:
            self._pieces.append(text)

    def close(self) -> str:
        return _SPACE.sub(" ", "".join(self._pieces)).replace(_BREAK, "\n")
