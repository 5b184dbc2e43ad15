"""The postings of words: which spellings a word of a text may belong to, by the keys that both are filed under.

    circles, rows = Postings(arrays).of(words)

A row is a word, how it came to ask (`Reach`), the text of the key, how that leads to a spelling (`Way`), the spelling's number, and how
near the word is to the spelling's anchor: twice the errors of spelling, one more where it is the anchor itself, or `UNKNOWN`.

Words of ASCII letters, and those of letters of another script that `text.scripts` knows, are asked for in compiled code where that is
installed (`native`). It leaves out what the word cannot be, and gives the rows of a word as a circle: those to look at now, and those that
may wait until another word stands beside it. All other words are asked for here, by whole columns.

What it deliberately does not do: a row is a question, not an answer. Whether the word is near enough is for `lexicon` to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..rules import Level
from ..text import spellings
from . import index
from .compiling import MANNERS
from .crossing import scripts
from .filing import WAY_BITS, Ask, Reach, Way
from .native import compiled
from .senses import Manner
from .spelling import tables

if TYPE_CHECKING:
    from .native._native import Asker, Circle

__all__ = ["UNKNOWN", "Postings", "Row"]

SHARED_MAX = {Reach.SCRIPT: 100, Reach.OUTLINE: 30}
"""A skeleton or an outline that more names share tells none of them."""

_WAYS = (1 << WAY_BITS) - 1
_LEADS = {
    Reach.OWN: {Way.PHRASE, Way.INFLECTED, Way.JOINED, Way.HALF, Way.COMMON},
    Reach.BASE: {Way.INFLECTED, Way.JOINED, Way.HALF},
    Reach.STEM: {Way.PHRASE, Way.INFLECTED},
    Reach.VERB: {Way.VERB},
    Reach.FORM: {Way.FORM, Way.CLOSED},
    Reach.OUTLINE: {Way.OUTLINE},
    Reach.WORN: {Way.WORN},
    Reach.SCRIPT: {Way.SCRIPT},
}
_EVERY = 1 << 60
_LEVELS = (Level.OFF, Level.STRICT, Level.NORMAL, Level.LOOSE)
_WORDLY, _EXACTLY, _TOLD = 4, 8, {"arabic": 16, "hebrew": 32}
"""As the compiled code counts them."""

UNKNOWN = -1
"""How near a word is to the anchor of a spelling has not been found out yet."""

Row = tuple[str, int, str, int, int, int]


class Postings:
    """What is filed under the keys of words."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._table = index.Table(arrays)
        self._depth, self._letters_min, _ = arrays["bounds"].tolist()
        self._kinds = arrays["kinds"].tobytes().decode()
        self.asker = self._compiled(arrays)

    def of(self, words: Sequence[str]) -> tuple[list[Circle], Iterable[Row]]:
        """What these folded words may belong to, in no particular order: a circle for each of some, and rows."""
        if self.asker is None:
            return [], self._rows(words)
        circles, rest = self.asker.ask(words)
        return circles, self._rows(rest) if rest else ()

    def _rows(self, words: Sequence[str]) -> Iterator[Row]:
        ask = Ask(words, kinds=self._kinds, letters_min=self._letters_min)
        keys = index.Keys(ask.keys)
        asked = keys.whole
        if ask.worn < len(ask.keys):
            worn, rows = keys.worn(ask.worn, depth=self._depth)
            asked = np.concatenate((asked, worn))
        for place, postings in self._table.find(asked):
            word, reach, text = ask.reason(place if place < len(ask.keys) else int(rows[place - len(ask.keys)]))
            if len(postings) > SHARED_MAX.get(reach, _EVERY):
                continue
            for posting in postings:
                if (way := posting & _WAYS) in _LEADS[reach]:
                    yield word, reach, text, way, posting >> WAY_BITS, UNKNOWN

    def _compiled(self, arrays: Mapping[str, NDArray[Any]]) -> Asker | None:
        asker = compiled("Asker")
        if asker is None:
            return None
        about: dict[str, object] = {
            **tables(),
            "scripts": scripts(),
            "bases": spellings.bases,
            "of_byte": index.OF_BYTE,
            "shift": self._table.shift,
            "depth": self._depth,
            "letters_min": self._letters_min,
            "has_verbs": "v" in self._kinds,
            "has_names": "f" in self._kinds,
            "has_sounds": "k" in self._kinds,
            "has_crossed": "x" in self._kinds,
            "levels": bytes(map(_level, MANNERS)),
            "leads": [sum(1 << way for way in _LEADS[reach]) for reach in Reach],
            "shared_max": [SHARED_MAX.get(reach, _EVERY) for reach in Reach],
        }
        return asker(arrays, about)


def _level(manner: Manner) -> int:
    """What a manner says of its spellings, in one number."""
    told = sum(_TOLD[script] for script in manner.told)
    return _LEVELS.index(manner.level) | _WORDLY * manner.is_word | _EXACTLY * manner.exact | told
