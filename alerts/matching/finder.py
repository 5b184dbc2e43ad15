"""Where the terms occur in an article.

A first look cuts the text coarsely into chunks and asks only about chunks never seen before. A chunk that may be part of a term is an
anchor if the chunks around it let a term stand there; most articles have none. Only around anchors is a field cut into words with
offsets, and only anchors are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain, compress, count, filterfalse, islice
from typing import TYPE_CHECKING, NamedTuple

from ..records import Article, Field, How
from ..text import Words, words
from .senses import RESPELT, Hit, Sense, Sketch

if TYPE_CHECKING:
    from .lexicon import Lexicon

__all__ = ["FIELDS", "Finder", "Occurrence"]

FIELDS = tuple(Field)
CHUNKS_MAX = 500_000
"""Distinct chunks and words remembered; then everything is forgotten and learned again."""
HITS_MAX = 100_000
"""Of one field; what a longer one holds behind them is not evidence that anyone reads, and must not stall the next article."""
ANCHORS_MAX = 24
"""With more places to look at, a text is read as a whole."""
CHUNK_BYTES_MAX = 400
"""Longer chunks are not remembered: they will hardly come again."""

# ASCII that never stands inside a word becomes a space, a capital small. Everything else is left to `words`, which sees each distinct
# chunk once; what is frequent beyond ASCII is replaced first.
_CUT = bytes(code if code >= 128 or chr(code).isalnum() or chr(code) in "'`" else 32 for code in range(256)).lower()
_MARKS = (("’", "'"), ("‘", "'"), ("“", " "), ("”", " "), ("—", " "), ("–", " "), ("…", " "), ("\xa0", " "), ("،", " "))

# In a hashtag a capital begins a word, so it is looked at as it is written as well.
_HASHTAG = re.compile("[#＃][^ \n#]{2,}")


class Occurrence(NamedTuple):
    """A term at `field[start:end]`."""

    term: int
    field: int
    start: int
    end: int
    how: How
    score: float


class Finder:
    """Finds the terms of a lexicon in articles, and remembers what it has learned of words."""

    def __init__(self, lexicon: Lexicon, *, remembered_max: int = CHUNKS_MAX) -> None:
        self._lexicon = lexicon
        self._remembered_max = remembered_max
        self._forget()

    def find(self, article: Article) -> list[Occurrence]:
        """Every occurrence of every term, in order of field and position; of overlapping ones of one term the best."""
        found = []
        for index, field in enumerate(FIELDS):
            text = getattr(article, field)
            if text and (anchors := self._anchors(text)):
                found += self._in_field(text, anchors, index)
        if len(self._known) > self._remembered_max or len(self._dull) > self._remembered_max:
            self._forget()
        return found

    def _forget(self) -> None:
        self._dull: set[bytes] = set()
        """Chunks of which no word is part of a term."""
        self._anchoring: set[bytes] = set()
        self._odd: dict[bytes, tuple[str, ...]] = {}
        """The words of chunks that are not plainly one word."""
        self._known: set[str] = set()
        self._senses: dict[str, tuple[Sense, ...]] = {}

    def _anchors(self, text: str) -> set[bytes]:
        """The chunks of a text that may be a part of a term."""
        every = _chunks(text)
        chunks = set(filterfalse(self._dull.__contains__, every))
        tags = [tag.encode("utf-8", "surrogatepass") for tag in _HASHTAG.findall(text)] if "#" in text or "＃" in text else []
        chunks.update(filterfalse(self._dull.__contains__, tags))
        if new := chunks - self._anchoring:
            self._learn(new)
        anchors = chunks & self._anchoring
        return anchors if tags or any(len(chunk) > CHUNK_BYTES_MAX for chunk in new) else self._fitting(every, anchors)

    def _learn(self, chunks: set[bytes]) -> None:
        """Ask about all words of new chunks at once."""
        plain = [chunk for chunk in chunks if chunk.isalpha() or chunk.isdigit()]
        words_of: dict[bytes, tuple[str, ...]] = {}
        words_of.update((chunk, (core.decode(),)) for chunk in chunks.difference(plain) if (core := _core(chunk)).isalpha())
        if odd := list(chunks.difference(plain, words_of)):
            words_of.update(zip(odd, self._lexicon.folded([chunk.decode("utf-8", "surrogatepass") for chunk in odd]), strict=True))
        self._ask(chain(b" ".join(plain).decode().split(), *words_of.values()))
        anchoring = [chunk for chunk, found in words_of.items() if not self._senses.keys().isdisjoint(found)]
        anchoring += [chunk for chunk in plain if chunk.decode() in self._senses]
        self._anchoring.update(anchoring)
        if max(map(len, chunks)) > CHUNK_BYTES_MAX:
            chunks = {chunk for chunk in chunks if len(chunk) <= CHUNK_BYTES_MAX}
            words_of = {chunk: found for chunk, found in words_of.items() if chunk in chunks}
        self._dull.update(chunks.difference(anchoring))
        self._odd.update(words_of)

    def _fitting(self, chunks: list[bytes], anchors: set[bytes]) -> set[bytes]:
        """Those anchors beside which the rest of a term seems to stand."""
        spots = list(compress(count(), map(anchors.__contains__, chunks))) if anchors else []
        if len(spots) > ANCHORS_MAX:
            return anchors
        return {chunks[spot] for spot in spots if self._fits(chunks, spot)}

    def _fits(self, chunks: list[bytes], spot: int) -> bool:
        """Whether a term may stand around a chunk, if capitals and what stands between the words are left out of account."""
        before, behind = chunks[max(0, spot - self._lexicon.reach) : spot], chunks[spot + 1 : spot + 1 + self._lexicon.reach]
        left, anchor = self._words_of(before), self._words_of(chunks[spot : spot + 1])
        sketch = Sketch([*left, *anchor, *self._words_of(behind)])
        return any(sense.locate(sketch, at) for at, word in enumerate(anchor, len(left)) for sense in self._senses.get(word, ()))

    def _words_of(self, chunks: list[bytes]) -> list[str]:
        """The words of chunks that have been learned."""
        if self._odd.keys().isdisjoint(chunks):
            return b" ".join(chunks).decode().split()
        return [word for chunk in chunks for word in (self._odd[chunk] if chunk in self._odd else (chunk.decode(),))]

    def _ask(self, words: Iterable[str]) -> None:
        if new := set(words) - self._known:
            self._senses.update(self._lexicon.senses(list(new)))
            self._known |= new

    def _in_field(self, text: str, anchors: set[bytes], field: int) -> list[Occurrence]:
        occurrences: list[Occurrence] = []
        small = _Small(text)
        left = HITS_MAX
        for start, end in _windows(text, anchors, self._lexicon.reach):
            found = words(text[start:end])
            hits = list(islice(self._hits(found), left))
            left -= len(hits)
            hits = _best(hits)
            if any(hit.score < RESPELT for hit in hits):
                hits = _without_rivals(hits, found, small)
            spans = found.spans if hits else []
            occurrences += (
                Occurrence(hit.term, field, start + spans[hit.first][0], start + spans[hit.last][1], hit.how, hit.score) for hit in hits
            )
        return occurrences

    def _hits(self, found: Words) -> Iterator[Hit]:
        self._ask(found.folded)
        senses = self._senses
        for at, word in enumerate(found.folded):
            if word in senses:
                for sense in senses[word]:
                    yield from sense.locate(found, at)


def _chunks(text: str) -> list[bytes]:
    """A text cut coarsely, in small letters."""
    if not text.isascii():
        for mark, plain in _MARKS:
            text = text.replace(mark, plain)
    return text.encode("utf-8", "surrogatepass").translate(_CUT).split()


def _core(chunk: bytes) -> bytes:
    """A chunk without quotation marks around it and without a possessive."""
    return chunk.strip(b"'").removesuffix(b"'s")


def _windows(text: str, anchors: set[bytes], reach: int) -> list[tuple[int, int]]:
    """The parts of a text around its anchors, `reach` words to each side, or all of it where little would be left out."""
    lower = text.lower()
    if len(anchors) > ANCHORS_MAX or len(lower) != len(text):
        return [(0, len(text))]
    if not text.isascii():
        lower = lower.replace("’", "'").replace("‘", "'")
    spots: list[tuple[int, int]] = []
    for anchor in anchors:
        word = anchor.decode("utf-8", "surrogatepass")
        within = text
        if word[0] not in "#＃":
            word, within = word.lower(), lower
        at = within.find(word)
        while at >= 0:
            end = at + len(word)
            if not (within[at - 1 : at].isalnum() or within[end : end + 1].isalnum()):
                spots.append((at, end))
            at = within.find(word, end)
        if len(spots) > ANCHORS_MAX:
            return [(0, len(text))]
    windows: list[tuple[int, int]] = []
    for spot in sorted(spots):
        start, end = _widened(text, *spot, reach)
        if windows and start <= windows[-1][1]:
            windows[-1] = windows[-1][0], max(end, windows[-1][1])
        else:
            windows.append((start, end))
    return windows


def _widened(text: str, start: int, end: int, reach: int) -> tuple[int, int]:
    """A span with so many words more on each side, cut where white space is."""
    before, behind = text[:start].rsplit(None, reach + 1), text[end:].split(None, reach + 1)
    return (
        len(before[0]) if len(before) > reach + 1 else 0,
        len(text) - len(behind[-1]) if len(behind) > reach + 1 else len(text),
    )


def _best(hits: list[Hit]) -> list[Hit]:
    """Of overlapping hits of one term the one with the best score, the longest, the name before its alias; in order of position."""
    if len({hit.term for hit in hits}) == len(hits):
        return sorted(hits, key=_position)
    kept = []
    taken: set[tuple[int, int]] = set()
    for hit in sorted(hits, key=lambda hit: (-hit.score, hit.first - hit.last, hit.first, hit.how is not How.EXACT)):
        places = [(hit.term, at) for at in range(hit.first, hit.last + 1)]
        if taken.isdisjoint(places):
            taken.update(places)
            kept.append(hit)
    return sorted(kept, key=_position)


def _position(hit: Hit) -> tuple[int, int, int]:
    return hit.first, hit.last, hit.term


class _Small:
    """Whether a text writes a word small somewhere; worked out when first asked."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._answers: dict[str, bool] = {}

    def holds(self, written: str, folded: str) -> bool:
        """Whether a word that is capitalised here stands small elsewhere."""
        if written not in self._answers:
            self._answers[written] = written.lower() in self._text and folded in self._folded
        return self._answers[written]

    @cached_property
    def _folded(self) -> frozenset[str]:
        found = words(self._text)
        return frozenset(folded for folded, (start, _) in zip(found.folded, found.spans, strict=True) if self._text[start].islower())


def _without_rivals(hits: list[Hit], found: Words, small: _Small) -> list[Hit]:
    """Without near misses that are another listed name rightly spelt, or misspelt names that the same text writes small."""
    named = {at for hit in hits if hit.score >= RESPELT for at in range(hit.first, hit.last + 1)}

    def is_doubtful(hit: Hit, at: int) -> bool:
        return at in named or (hit.how is How.FUZZY and small.holds(found.written(at), found.folded[at]))

    return [hit for hit in hits if hit.score >= RESPELT or not all(is_doubtful(hit, at) for at in range(hit.first, hit.last + 1))]
