"""Where the terms occur in an article.

A first look (`reading`) cuts the text coarsely into chunks and asks only about chunks never seen before. A chunk that may be part of a
term is an anchor if the chunks around it let a term stand there; most articles have none. Only around anchors is a field cut into words
with offsets, and only anchors are looked at.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from ..records import Article, Field, How
from ..text import Words, words
from .crowds import Waiting
from .likeness import RESPELT
from .reading import ANCHOR, DULL, EMPTY, ODD, Reading, new_memory
from .senses import Hit, Sense, Sketch

if TYPE_CHECKING:
    from .lexicon import Lexicon

__all__ = ["FIELDS", "Finder", "Occurrence"]

FIELDS = tuple(Field)
CHUNKS_MAX = 500_000
"""Distinct chunks and words remembered; then everything is forgotten and learned again."""
HITS_MAX = 100_000
"""Of one field; what a longer one holds behind them is not evidence that anyone reads, and must not stall the next article."""
ANCHORS_MAX = 1_000
"""With more chunks that may be part of a term, a text is read as a whole."""
PLACES_MAX = 24
"""With more places to read, a text is read as a whole."""
NEAR = 4
"""So many words to each side are looked at first; few terms have more."""


_NINE = ord("9")
_POSITION = itemgetter(1, 2, 0)
"""The first and the last word of a hit, and its term."""


class Occurrence(NamedTuple):
    """A term at `field[start:end]`."""

    term: int
    field: int
    start: int
    end: int
    how: How
    score: float


class _Spot(NamedTuple):
    """A word, the one at `offset` of those from `start` on, and what it seems to be part of there."""

    start: int
    offset: int
    word: str
    senses: list[Sense]


class _Place(NamedTuple):
    """A span of a text to be read, and what to look at in it; all of its words where that is not said."""

    start: int
    end: int
    spots: list[_Spot]


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
            if text and (places := self._places(text)):
                found += self._in_field(text, places, index)
        if max(len(self._known), len(self._memory)) > self._remembered_max:
            self._forget()
        return found

    def _forget(self) -> None:
        self._memory = new_memory()
        self._odd: dict[bytes, tuple[str, ...]] = {}
        """The words of chunks that are not plainly one word."""
        self._known: set[str] = set()
        self._senses: dict[str, tuple[Sense, ...]] = {}

    def _places(self, text: str) -> list[_Place]:
        """Where in a text terms may stand."""
        reading = self._memory.read(text)
        if reading is None or reading.unsure:
            return [_Place(0, len(text), [])]
        if reading.plain or reading.odd:
            self._learn(reading)
        anchors = reading.anchors()
        if len(anchors) > ANCHORS_MAX:
            return [_Place(0, len(text), [])]
        places: list[_Place] = []
        for anchor in anchors:
            if found := self._fitting(reading, anchor):
                if places and found.start <= places[-1].end:
                    last = places.pop()
                    last.spots.extend(found.spots)
                    found = _Place(last.start, found.end, last.spots)
                places.append(found)
        if len(places) > PLACES_MAX:
            return [_Place(0, len(text), [spot for place in places for spot in place.spots])]
        return places

    def _learn(self, reading: Reading) -> None:
        """Ask about all words of new chunks at once."""
        words_of: dict[bytes, tuple[str, ...]] = {}
        words_of |= {chunk: (core.decode(),) for chunk in reading.odd if _is_one_word(core := _core(chunk))}
        if rest := [chunk for chunk in reading.odd if chunk not in words_of]:
            words_of.update(zip(rest, self._lexicon.folded([chunk.decode("utf-8", "surrogatepass") for chunk in rest]), strict=True))
        self._ask(reading.plain.union(*words_of.values()))
        self._memory.mark(reading.plain, DULL)
        for word in self._senses.keys() & reading.plain:
            senses = self._senses[word]
            if len(senses) == 1 and isinstance(senses[0], Waiting):
                self._memory.wait(word, senses[0].circle)
            else:
                self._memory.mark((word,), ANCHOR)
        if words_of:
            self._learn_odd(words_of)

    def _learn_odd(self, words_of: dict[bytes, tuple[str, ...]]) -> None:
        """Remember chunks that are not plainly one word."""
        self._memory.mark(words_of, ODD | DULL)
        self._memory.mark([chunk for chunk, found in words_of.items() if not self._senses.keys().isdisjoint(found)], ODD | ANCHOR)
        self._memory.mark([chunk for chunk, found in words_of.items() if not found], ODD | EMPTY)
        self._odd.update(words_of)

    def _fitting(self, reading: Reading, anchor: int) -> _Place | None:
        """What may stand around a chunk, if capitals and what stands between the words are left out of account."""
        own, _, _ = reading.sketch(anchor, 0, self._odd)
        spots = [(offset, word, list(senses)) for offset, word in enumerate(own) if (senses := self._senses.get(word))]
        reach = 1
        if not all(sense.alone for _, _, senses in spots for sense in senses):
            spots, reach = self._fitting_beside(reading, anchor)
        if not spots:
            return None
        start, end, begin = reading.window(anchor, reach + 1)
        return _Place(start, end, [_Spot(begin, *spot) for spot in spots])

    def _fitting_beside(self, reading: Reading, anchor: int) -> tuple[list[tuple[int, str, list[Sense]]], int]:
        """The same where other words belong to some of it: the spots, and how many words to each side have to be looked at."""
        words, first, last = reading.sketch(anchor, NEAR, self._odd)
        sketch = Sketch(words)
        spots, reach = [], 1
        for at in range(first, last):
            fitting: list[Sense] = []
            for sense in self._senses.get(words[at], ()):
                if sense.alone:
                    fitting.append(sense)
                elif isinstance(sense, Waiting):
                    for one in sense.standing(sketch, at):
                        fitting.append(one)
                        reach = max(reach, one.reach)
                elif extent := self._extent(sense, reading, anchor, offset=at - first):
                    fitting.append(sense)
                    reach = max(reach, extent)
            if fitting:
                spots.append((at - first, words[at], fitting))
        return spots, reach

    def _extent(self, sense: Sense, reading: Reading, anchor: int, *, offset: int) -> int:
        """How many words before or behind a word of a chunk belong to a sense of it; 0 where the sense is not there."""
        words, first, _ = reading.sketch(anchor, sense.reach, self._odd)
        at = first + offset
        return max((max(at - hit.first, hit.last - at) for hit in sense.locate(Sketch(words), at)), default=0)

    def _ask(self, words: set[str]) -> None:
        if new := words - self._known:
            self._senses.update(self._lexicon.senses(list(new)))
            self._known |= new

    def _in_field(self, text: str, places: list[_Place], field: int) -> list[Occurrence]:
        """The occurrences within these spans of a field."""
        occurrences: list[Occurrence] = []
        small = _Small(text)
        left = HITS_MAX
        for start, end, spots in places:
            found = words(text[start:end])
            hits = list(islice(self._hits_at(found, start, spots) if spots else self._hits(found), left))
            left -= len(hits)
            hits = _best(hits)
            if any(hit.score < RESPELT for hit in hits):
                hits = _without_rivals(hits, found, small)
            spans = found.spans if hits else []
            occurrences += (
                Occurrence(hit.term, field, start + spans[hit.first][0], start + spans[hit.last][1], hit.how, hit.score) for hit in hits
            )
        return occurrences

    def _hits_at(self, found: Words, start: int, spots: list[_Spot]) -> Iterator[Hit]:
        """What stands at spots of a text that begins at `start`. Where its words are others than the first look saw, all are looked at."""
        starts = [begin for begin, _ in found.spans]
        places = [bisect_left(starts, spot.start - start) + spot.offset for spot in spots]
        if any(at >= len(found) or found.folded[at] != spot.word for at, spot in zip(places, spots, strict=True)):
            yield from self._hits(found)
            return
        for at, spot in zip(places, spots, strict=True):
            for sense in spot.senses:
                yield from sense.locate(found, at)

    def _hits(self, found: Words) -> Iterator[Hit]:
        self._ask(set(found.folded))
        senses = self._senses
        for at, word in enumerate(found.folded):
            if word in senses:
                for sense in senses[word]:
                    yield from sense.locate(found, at)


def _core(chunk: bytes) -> bytes:
    """A chunk without quotation marks around it and without a possessive, which Ra's is none of."""
    core = chunk.strip(b"'")
    return core if core == b"ra's" else core.removesuffix(b"'s")


def _is_one_word(core: bytes) -> bool:
    """Whether a chunk is of letters, or a number with letters behind it; all others are left to `words`."""
    return core.isalpha() or (core.isalnum() and core[0] <= _NINE)


def _best(hits: list[Hit]) -> list[Hit]:
    """Of overlapping hits of one term the one with the best score, the longest, the name before its alias; in order of position."""
    hits = sorted(hits, key=_POSITION)
    if not _overlap(hits):
        return hits
    kept = []
    taken: set[tuple[int, int]] = set()
    for hit in sorted(hits, key=lambda hit: (-hit.score, hit.first - hit.last, hit.first, hit.how is not How.EXACT)):
        places = [(hit.term, at) for at in range(hit.first, hit.last + 1)]
        if taken.isdisjoint(places):
            taken.update(places)
            kept.append(hit)
    return sorted(kept, key=_POSITION)


def _overlap(hits: list[Hit]) -> bool:
    """Whether two hits of one term do; they are in order of position."""
    ends: dict[int, int] = {}
    for term, first, last, _, _ in hits:
        if ends.get(term, -1) >= first:
            return True
        ends[term] = last
    return False


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
