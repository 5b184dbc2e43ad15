"""Many phrases and names around one word: which of them are worth a look is asked of the words beside it first.

    crowded(senses)      the same senses, as a `Crowd` where they are many
    Waiting              spellings that compiled code found, made only where their neighbour stands there

What it deliberately does not do: a neighbour that may be the right one is no proof. Every sense that is let through verifies itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from ..text.scripts import is_foreign
from ..text.spellings import LINKS, bases, carried, normal_form, outline, unlinked
from .crossing import skeletons
from .likeness import KUNYAS
from .senses import LINKS_MAX, Around, Hit, Phrase, Respelt, Sense
from .spelling import skeletons_of

if TYPE_CHECKING:
    from .native._native import Circle
    from .postings import Row

CROWD_MIN = 16
"""So many phrases and names around one word are told apart by the word beside it."""


class Crowd:
    """Many phrases and names of several words that share a word, by the word beside it: only those are compared that it may be.

    A word beside may be respelt like any other, but not misspelt: in a crowd too many names are one error away.
    """

    def __init__(self, senses: Sequence[Phrase | Respelt]) -> None:
        self._beside: dict[tuple[int, str], list[Phrase | Respelt]] = {}
        for sense in senses:
            step, word = _neighbour(sense)
            for key in _neighbour_keys(word):
                self._beside.setdefault((step, key), []).append(sense)
        self.reach = max(sense.reach for sense in senses)
        self.alone = False

    def locate(self, found: Around, at: int) -> Sequence[Hit]:
        return [hit for sense in beside(found, at, self._candidates) for hit in sense.locate(found, at)]

    def _candidates(self, word: str, step: int) -> Iterable[Phrase | Respelt]:
        return {id(sense): sense for key in _neighbour_keys(word, asked=True) for sense in self._beside.get((step, key), ())}.values()


def beside(found: Around, at: int, candidates: Callable[[str, int], Iterable[Phrase | Respelt]]) -> Iterator[Phrase | Respelt]:
    """The candidates by the words before and behind a place; links are passed over."""
    for step in (-1, 1):
        near = at
        for _ in range(LINKS_MAX + 1):
            near += step
            if not 0 <= near < len(found):
                break
            word = found.folded[near]
            yield from candidates(word, step)
            if word not in LINKS:
                break


class Waiting:
    """Spellings of several words around one of them, and halves, that are not even made until a word stands beside that may be theirs."""

    def __init__(self, circle: Circle, built: Callable[[Row], Sequence[Sense]]) -> None:
        self.circle = circle
        self._built = built
        self._made: dict[int, Sequence[Sense]] = {}
        self.alone, self.reach = False, LINKS_MAX + 1

    def standing(self, found: Around, at: int) -> Iterator[Sense]:
        """Those whose neighbour may stand beside a place."""
        for number in sorted(self.circle.around(found.folded, at)):
            if number not in self._made:
                self._made[number] = self._built(self.circle.row(number))
            yield from self._made[number]

    def locate(self, found: Around, at: int) -> Sequence[Hit]:
        """The occurrences of those whose neighbour stands there."""
        return [hit for sense in self.standing(found, at) for hit in sense.locate(found, at)]


def crowded(senses: Sequence[Phrase | Respelt], *, least: int = CROWD_MIN) -> Sequence[Sense]:
    """The same senses, those of several words as a crowd where there are so many."""
    apart = [sense for sense in senses if not has_neighbour(sense)]
    if len(senses) - len(apart) < least:
        return senses
    return [*apart, Crowd([sense for sense in senses if has_neighbour(sense)])]


def has_neighbour(sense: Phrase | Respelt) -> bool:
    """Whether a sense says which word stands beside; designators and inflected words may have many."""
    if isinstance(sense, Respelt):
        return len(sense.name.parts) > 1
    spelling = sense.spelling
    return len(spelling.words) > 1 and not spelling.manner.is_word and not any(word[0].isdigit() for word in spelling.words)


def _neighbour(sense: Phrase | Respelt) -> tuple[int, str]:
    """The side and the word to look at: the one before the anchor, or else behind it."""
    listed = sense.spelling.words if isinstance(sense, Phrase) else [part.word for part in sense.name.parts]
    anchor = sense.anchor if isinstance(sense, Phrase) else sense.name.anchor
    return (-1, listed[anchor - 1]) if anchor else (1, listed[1])


@lru_cache(1 << 14)
def _neighbour_keys(word: str, *, asked: bool = False) -> tuple[str, ...]:
    """Keys of which a listed word shares one with every word that may be it, as it is `asked`. Words of two scripts share their sounds."""
    if word in KUNYAS:
        return (*KUNYAS,)
    meant = (word, unlinked(word, assimilated=True), *(carried(word) if asked and word.isascii() else ()))
    outlines = [outline(normal_form(one)) for one in meant]
    own, other, keys = ("f", "lf", skeletons(word)) if is_foreign(word) else ("l", "f", skeletons_of([word])[0])
    sounds = [f"k{script}{key}" for key in keys for script in (other if asked else own)]
    return tuple(dict.fromkeys((word, *bases(word), *(f".{each}" for each in outlines), *sounds)))
