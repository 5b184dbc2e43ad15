"""Words that are never a misspelt name, because they are ordinary English or another well-known name.

Three lists written for this project: `words.txt`; `people.txt` (forenames, surnames); `elsewhere.txt` (countries, peoples, cities,
brands). Three broad ones from elsewhere, each with its source at its head: `english.txt`, `surnames.txt`, `cities.txt`.
"""

from __future__ import annotations

import pkgutil
from functools import cache

from .spellings import bases

__all__ = ["is_ambiguous", "is_common"]

_WORDS = ("words.txt", "people.txt", "elsewhere.txt", "english.txt", "europe.txt")
_NAMES = ("surnames.txt", "cities.txt")
_ENDINGS = ("ing", "ed", "er", "ers", "ly", "est", "ness")


def is_common(word: str) -> bool:
    """Whether a folded word stands in one of the lists, as it is or as a regular form of a word there."""
    known = _all_words()
    if word in known or word in _all_names():
        return True
    return any(form in known for base in (word, *bases(word)) for form in (base, *_stems(base)))


def _stems(word: str) -> list[str]:
    if not word.endswith(_ENDINGS):
        return []
    stems = []
    for ending in _ENDINGS:
        if word.endswith(ending):
            stem = word.removesuffix(ending)
            stems += [stem, stem + "e"]
            if len(stem) > 2 and stem[-1] == stem[-2]:
                stems.append(stem[:-1])
            if stem.endswith("i"):
                stems.append(stem[:-1] + "y")
    return [stem for stem in stems if len(stem) > 2]


def is_ambiguous(word: str) -> bool:
    """Whether a folded word is, as it stands, an ordinary word or the name of many people: grade, Chad; Raqqa is not."""
    return word in _listed("words.txt") or word in _listed("people.txt")


@cache
def _all_words() -> frozenset[str]:
    return frozenset().union(*map(_listed, _WORDS))


@cache
def _all_names() -> frozenset[str]:
    return frozenset().union(*map(_listed, _NAMES))


@cache
def _listed(file: str) -> frozenset[str]:
    data = pkgutil.get_data(__package__, file) or b""
    return frozenset(word for line in data.decode().splitlines() if not line.startswith("#") for word in line.split())
