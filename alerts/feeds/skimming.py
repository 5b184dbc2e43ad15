"""Where the entries of a document begin and end, and which of them were there before: what is known need not be parsed.

    parts = skim(body, headers)          # None: not sure, read it all
    fresh = [part for part in parts if part.raw not in known]
    parse(without(body, [part for part in parts if part.raw in known]))

An XML document keeps its meaning for the entries that stay when others are cut out of it whole, bytes and all: the cut document is sound
XML exactly if the whole one is, provided that what was cut had been part of a sound one, between the same outer tags. So the digest of
an entry covers its bytes and everything that gives them their meaning: declarations, the outer tags, the charset. No tree is built, which
makes this twenty times faster than the fastest parser, and no byte is written anew, so that nothing is lost in translation.

What it deliberately does not do: it never guesses. Nested entries, entities of the document's own, charsets in which `<` may be half a
letter, more entries than are ever known: None, and the whole goes to the parser that decides.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from itertools import islice
from typing import NamedTuple

__all__ = ["Part", "skim", "without"]

BODY_BYTES_MAX = 2 << 20
"""A larger body is not skimmed. It takes the event loop a millisecond, thirty at the worst."""
ANGLES_MAX = 100_000
"""Nor is one with more `<`, each of which has to be looked at."""
TOKENS_MAX = 20_000
"""So many entries, comments and sections of character data are looked at."""
PARTS_MAX = 2_000
"""A document of more entries is read whole."""

_TOKEN = re.compile(rb"<(?:(!\[CDATA\[)|(!--)|(\?)|(/)?(?:[A-Za-z_][\w.-]*:)?(?:item|entry)(?=[\s/>]))")
_STRAY = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(?:item|entry)[\s/>]", re.IGNORECASE)
"""An entry where none was counted: feedparser reads `<Item>`, too."""
_DECLARED = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([^"']+)""")
_HEADER = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_TAG = re.compile(rb"<[?!A-Za-z_][^<>]*>")
_OUTER_TAGS = 6
"""Declaration, document type, a style sheet or comment, `rss`, `channel`."""
_SIMPLE = re.compile(r"utf-?8|(?:us-)?ascii|iso-?8859-?[0-9]{1,2}|latin-?1|windows-125[0-8]|cp125[0-8]|koi8-[ru]", re.IGNORECASE)
"""Charsets in which a byte below 128 is that ASCII character and nothing else."""
_DIGEST_BYTES = 8


class Part(NamedTuple):
    """An entry's place in the body, and a digest of all that decides what it says."""

    start: int
    end: int
    raw: str


def skim(body: bytes, headers: Mapping[str, str]) -> list[Part] | None:
    """The entries of a document in its order; None where that cannot be said for sure."""
    if len(body) > BODY_BYTES_MAX or body.count(b"<") > ANGLES_MAX or not _is_simple(body, headers):
        return None
    spans = _spans(body)
    if not spans or b"<!ENTITY" in (head := body[: spans[0][0]]):
        return None
    parts = [Part(start, end, "") for start, end in spans]
    if _STRAY.search(without(body, parts)):
        return None
    context = hashlib.blake2b(b"".join(found[0] for found in islice(_TAG.finditer(head), _OUTER_TAGS)), digest_size=_DIGEST_BYTES)
    context.update(headers.get("content-type", "").encode())
    return [part._replace(raw=_raw(context, body[part.start : part.end])) for part in parts]


def without(body: bytes, parts: Collection[Part]) -> bytes:
    """The body without these entries."""
    kept, position = [], 0
    for part in parts:
        kept.append(body[position : part.start])
        position = part.end
    kept.append(body[position:])
    return b"".join(kept)


def _raw(context: hashlib.blake2b, entry: bytes) -> str:
    digest = context.copy()
    digest.update(entry)
    return digest.hexdigest()


def _is_simple(body: bytes, headers: Mapping[str, str]) -> bool:
    """Whether `<` is `<` wherever it stands. Where nothing is declared it is: what is guessed then is a charset of single bytes, and
    feedparser does not call it sound."""
    if b"\0" in body or b"\x1b" in body:  # UTF-16 and UTF-32; ISO 2022
        return False
    found = _DECLARED.search(body[:1_000])
    declared = [found[1].decode("ascii", "replace")] if found else []
    declared += _HEADER.findall(headers.get("content-type", ""))
    return all(_SIMPLE.fullmatch(charset) for charset in declared)


def _spans(body: bytes) -> list[tuple[int, int]] | None:
    """From where to where entries stand, none of them in another; None where tags do not pair, or there is too much of anything."""
    spans: list[tuple[int, int]] = []
    start, position = -1, 0
    for _ in range(TOKENS_MAX):
        found = _TOKEN.search(body, position)
        if found is None:
            return spans if start < 0 else None
        data, comment, instruction, closing = found.groups()
        end = b"]]>" if data else b"-->" if comment else b"?>" if instruction else b">"
        position = body.find(end, found.end()) + len(end)
        if position < len(end):
            return None  # it never ends
        if data or comment or instruction:
            continue
        if bool(closing) != (start >= 0) or len(spans) == PARTS_MAX:
            return None
        if not closing:
            start = found.start()
        if closing or body[position - 2] == ord("/"):
            spans.append((start, position))
            start = -1
    return None
