"""A text cut coarsely into chunks, and what is remembered of chunks: the first look, which most of a text does not survive.

    memory = new_memory()         compiled where that is installed, else `Memory`
    reading = memory.read(text)   None where a text has to be read as a whole
    reading.plain, reading.odd    chunks that nothing is known of; they are told with `memory.mark(chunks, state)`
    reading.anchors()             the places of chunks that may be part of a term
    reading.sketch(7, 4, odd)     the words of a chunk and of four to each side of it
    reading.window(7, 4)          the span of the text around a chunk

A chunk is what stands between ASCII that is never inside a word, in small letters, with apostrophes made even.

What it deliberately does not do: nothing is folded here, and no word is looked up. A chunk is bytes; whoever asks what its words are
tells the memory once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import compress, count, filterfalse
from typing import TYPE_CHECKING, Protocol

from .native import compiled

if TYPE_CHECKING:
    from .native._native import Circle

__all__ = ["ANCHOR", "CHUNK_BYTES_MAX", "DULL", "EMPTY", "ODD", "Memory", "Reading", "Remembered", "new_memory"]

DULL = 0
"""No word of the chunk is part of a term."""
ANCHOR = 2
"""A word of it may be."""
ODD = 4
"""Its words are not plainly the chunk itself; whoever told so knows them."""
EMPTY = 8
"""It has no words at all."""
CHUNK_BYTES_MAX = 400
"""Longer chunks are not remembered: they will hardly come again."""

# ASCII that never stands inside a word becomes a space, a capital small. Everything else is left to `words`, which sees each distinct
# chunk once; what is frequent beyond ASCII is replaced first.
_CUT = bytes(code if code >= 128 or chr(code).isalnum() or chr(code) in "'`" else 32 for code in range(256)).lower()
_MARKS = (("’", "'"), ("‘", "'"), ("“", " "), ("”", " "), ("—", " "), ("–", " "), ("…", " "), ("\xa0", " "), ("،", " "),
          ("＃", "#"))  # fmt: skip

# In a hashtag a capital begins a word, and a chunk.
_TAG = re.compile("(?<=#)[0-9A-Za-z'`\x80-\U0010ffff]+")
_TAG_WORD = re.compile("[A-Za-z]+|[0-9][0-9A-Za-z]*")
_CAMEL = re.compile("(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Reading(Protocol):
    """A text in chunks. Places are numbers of chunks, spans are in code points."""

    @property
    def plain(self) -> set[str]:
        """Of the chunks that nothing was known of when the text was read, those that are ASCII letters only, or digits: one word each."""
        ...

    @property
    def odd(self) -> set[bytes]:
        """The others."""
        ...

    @property
    def unsure(self) -> bool:
        """Whether the chunks do not tell all words: one is too long to be remembered, or a hashtag of more than ASCII has capitals."""
        ...

    def anchors(self) -> list[int]:
        """The places of the chunks that may be part of a term, in order; not of those that were known to be dull when they were read."""
        ...

    def sketch(self, place: int, reach: int, odd: Mapping[bytes, Sequence[str]]) -> tuple[list[str], int, int]:
        """The words of a chunk and of so many to each side, and which of these are the chunk's own. `odd` has the words of odd chunks."""
        ...

    def window(self, place: int, reach: int) -> tuple[int, int, int]:
        """A span that holds so many chunks and one more to each side of a chunk, and where the chunk begins."""
        ...


class Remembered(Protocol):
    """What is remembered of chunks."""

    def __len__(self) -> int: ...
    def read(self, text: str) -> Reading | None:
        """The text cut into chunks."""
        ...

    def mark(self, chunks: Iterable[bytes | str], state: int) -> None:
        """Remember chunks; those that are too long are passed over."""
        ...

    def wait(self, chunk: bytes | str, circle: Circle) -> None:
        """Remember a chunk that is an anchor only where its circle finds another word beside it."""
        ...


def new_memory() -> Remembered:
    """A memory that knows nothing yet."""
    kind = compiled("Memory")
    return kind(seed=hash("chunks")) if kind else Memory()  # a seed that no feed can know


class Memory:
    """What is remembered of chunks, in Python."""

    def __init__(self) -> None:
        self.known: set[bytes] = set()
        self.anchoring: set[bytes] = set()
        self.empty: set[bytes] = set()

    def __len__(self) -> int:
        return len(self.known)

    def read(self, text: str) -> Reading | None:
        """The text cut into chunks."""
        return _Cut(self, text)

    def mark(self, chunks: Iterable[bytes | str], state: int) -> None:
        """Remember chunks."""
        every = (chunk.encode() if isinstance(chunk, str) else chunk for chunk in chunks)
        short = [chunk for chunk in every if len(chunk) <= CHUNK_BYTES_MAX]
        self.known.update(short)
        if state & ANCHOR:
            self.anchoring.update(short)
        if state & EMPTY:
            self.empty.update(short)

    def wait(self, chunk: bytes | str, circle: Circle) -> None:
        """Remember a chunk; circles are asked later."""
        self.mark([chunk], ANCHOR)


class _Cut:
    """A text in chunks, in Python."""

    def __init__(self, memory: Memory, text: str) -> None:
        self._memory = memory
        self._text = text
        plain = _plain(text)
        self.unsure = "#" in plain and any(map(_is_mixed, _TAG.findall(plain)))
        self._chunks = _chunks(_TAG.sub(_parted, plain) if "#" in plain else plain)
        unseen = set(filterfalse(memory.known.__contains__, self._chunks))
        words = [chunk for chunk in unseen if chunk.isalpha() or chunk.isdigit()]
        self.plain = set(b" ".join(words).decode().split())
        self.odd = unseen.difference(words)
        self.unsure |= any(len(chunk) > CHUNK_BYTES_MAX for chunk in unseen)

    def anchors(self) -> list[int]:
        """The places of the chunks that may be part of a term."""
        if self._memory.anchoring.isdisjoint(self._chunks):
            return []
        return list(compress(count(), map(self._memory.anchoring.__contains__, self._chunks)))

    def sketch(self, place: int, reach: int, odd: Mapping[bytes, Sequence[str]]) -> tuple[list[str], int, int]:
        """The words around a chunk."""
        first, last = max(self._away(place, reach, -1), 0), self._away(place, reach, 1)
        left, own = self._words(first, place, odd), self._words(place, place + 1, odd)
        return [*left, *own, *self._words(place + 1, last + 1, odd)], len(left), len(left) + len(own)

    def window(self, place: int, reach: int) -> tuple[int, int, int]:
        """A span around a chunk."""
        first, last = self._away(place, reach + 1, -1), self._away(place, reach + 1, 1)
        start = 0 if first < 0 else self._begins[first]
        return start, self._spans[last][1] if last < len(self._spans) else len(self._text), self._spans[place][0]

    def _away(self, place: int, reach: int, step: int) -> int:
        """The chunk so many others away; one beyond the ends where there are not so many."""
        while reach and 0 <= place < len(self._chunks):
            place += step
            reach -= 0 <= place < len(self._chunks) and self._chunks[place] not in self._memory.empty
        return place

    def _words(self, first: int, last: int, odd: Mapping[bytes, Sequence[str]]) -> list[str]:
        chunks = self._chunks[first:last]
        if odd.keys().isdisjoint(chunks):
            return b" ".join(chunks).decode("utf-8", "surrogatepass").split()
        return [word for chunk in chunks for word in (odd[chunk] if chunk in odd else (chunk.decode("utf-8", "surrogatepass"),))]

    @cached_property
    def _begins(self) -> list[int]:
        """Where each chunk begins, all parts of a hashtag with the mark in front."""
        begins: list[int] = []
        end = -1
        for start, next_end in self._spans:
            if start == end:
                begins.append(begins[-1])
            else:
                begins.append(start - 1 if self._text[start - 1 : start] in {"#", "＃"} else start)
            end = next_end
        return begins

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        """Where in the text each chunk stands."""
        spans, at = [], 0
        small = _plain(self._text).encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")  # of ASCII only
        for chunk in self._chunks:
            word = chunk.decode("utf-8", "surrogatepass")
            start = small.index(word, at)
            at = start + len(word)
            spans.append((start, at))
        return spans


def _plain(text: str) -> str:
    """A text with its frequent marks made even, one for one."""
    if not text.isascii():
        for mark, plain in _MARKS:
            text = text.replace(mark, plain)
    return text


def _parted(tag: re.Match[str]) -> str:
    """A hashtag in its words, with a space before each."""
    body = tag[0]
    head = _TAG_WORD.match(body) if body.isascii() and body.isalnum() else None
    return _CAMEL.sub(" ", head[0]) + body[head.end() :] if head else body


def _is_mixed(body: str) -> bool:
    """Whether more than ASCII says where the words of a hashtag begin."""
    return not (body.isascii() and body.isalnum()) and any("A" <= char <= "Z" for char in body[1:])


def _chunks(plain: str) -> list[bytes]:
    return plain.encode("utf-8", "surrogatepass").translate(_CUT).split()
