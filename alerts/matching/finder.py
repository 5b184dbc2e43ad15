"""Where the terms occur in an article.

A first look cuts the text coarsely into chunks and asks only about chunks never seen before; most articles end there. Only a field that
holds an anchor is cut into words with offsets, and only anchors are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from ..records import Article, Field, How
from ..text import Words, words
from .senses import RESPELT, Hit, Sense

if TYPE_CHECKING:
    from .lexicon import Lexicon

__all__ = ["FIELDS", "Finder", "Occurrence"]

FIELDS = tuple(Field)
CHUNKS_MAX = 500_000
"""Distinct chunks and words remembered; then everything is forgotten and learned again."""
HITS_MAX = 100_000
"""Of one field; what a longer one holds behind them is not evidence that anyone reads, and must not stall the next article."""
CHUNK_BYTES_MAX = 400
"""Longer chunks are not remembered: they will hardly come again."""

# ASCII that never stands inside a word. Everything else is left to `words`, which sees each distinct chunk once.
_CUT = bytes(code if chr(code).isalnum() or code >= 128 or chr(code) in "'`" else 32 for code in range(256))
_QUOTES = ((b"\xe2\x80\x99", b"'"), (b"\xe2\x80\x98", b"'"), (b"\xe2\x80\x9c", b" "), (b"\xe2\x80\x9d", b" "), (b"\xe2\x80\x94", b" "),
           (b"\xe2\x80\x93", b" "), (b"\xe2\x80\xa6", b" "), (b"\xc2\xa0", b" "), (b"\xd8\x8c", b" "))  # fmt: skip


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
            if text and self._may_hold(text):
                found += self._in_field(text, index)
        if len(self._known) > self._remembered_max or len(self._seen) > self._remembered_max:
            self._forget()
        return found

    def _forget(self) -> None:
        self._seen: set[bytes] = set()
        self._anchoring: set[bytes] = set()
        self._known: set[str] = set()
        self._senses: dict[str, tuple[Sense, ...]] = {}

    def _may_hold(self, text: str) -> bool:
        data = text.lower().encode("utf-8", "surrogatepass")
        if len(data) != len(text):
            for quote, plain in _QUOTES:
                data = data.replace(quote, plain)
        chunks = set(data.translate(_CUT).split())
        if "#" in text or "＃" in text:
            chunks.update(tag.encode("utf-8", "surrogatepass") for tag in _HASHTAG.findall(text))
        if new := chunks - self._seen:
            self._learn(new)
        return not chunks.isdisjoint(self._anchoring)

    def _learn(self, chunks: set[bytes]) -> None:
        """Ask about all words of new chunks at once."""
        words_of = {chunk: _words(chunk) for chunk in chunks}
        self._ask(chain.from_iterable(words_of.values()))
        for chunk, found in words_of.items():
            if not self._senses.keys().isdisjoint(found):
                self._anchoring.add(chunk)
            if len(chunk) <= CHUNK_BYTES_MAX:
                self._seen.add(chunk)

    def _ask(self, words: Iterable[str]) -> None:
        if new := set(words) - self._known:
            self._senses.update(self._lexicon.senses(list(new)))
            self._known |= new

    def _in_field(self, text: str, field: int) -> list[Occurrence]:
        found = words(text)
        self._ask(found.folded)
        senses = self._senses
        every = (hit for at, word in enumerate(found.folded) if word in senses for sense in senses[word] for hit in sense.locate(found, at))
        hits = list(islice(every, HITS_MAX))
        if not hits:
            return []
        kept = _without_rivals(_best(hits), found)
        return [Occurrence(hit.term, field, found.spans[hit.first][0], found.spans[hit.last][1], hit.how, hit.score) for hit in kept]


def _words(chunk: bytes) -> Sequence[str]:
    """The folded words of a chunk."""
    text = chunk.decode("utf-8", "surrogatepass")
    return (text,) if text.isascii() and (text.isalpha() or text.isdigit()) else words(text).folded


def _best(hits: list[Hit]) -> list[Hit]:
    """Of overlapping hits of one term the one with the best score, then the longest, in order of position."""
    kept = []
    taken: set[tuple[int, int]] = set()
    for hit in sorted(hits, key=lambda hit: (-hit.score, hit.first - hit.last, hit.first)):
        places = [(hit.term, at) for at in range(hit.first, hit.last + 1)]
        if taken.isdisjoint(places):
            taken.update(places)
            kept.append(hit)
    return sorted(kept, key=lambda hit: (hit.first, hit.last, hit.term))


def _without_rivals(hits: list[Hit], found: Words) -> list[Hit]:
    """Without near misses that are another listed name rightly spelt, or misspelt names that the same text writes small."""
    if all(hit.score >= RESPELT for hit in hits):
        return hits
    named = {at for hit in hits if hit.score >= RESPELT for at in range(hit.first, hit.last + 1)}
    small = {word.folded for word in found if found.text[word.start].islower()}
    doubtful = named | {at for at, word in enumerate(found.folded) if word in small}
    return [
        hit
        for hit in hits
        if hit.score >= RESPELT or not (doubtful if hit.how is How.FUZZY else named).issuperset(range(hit.first, hit.last + 1))
    ]
