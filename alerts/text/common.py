"""Words that are never a misspelt name, because they are ordinary English or another well-known name.

Three lists written for this project: `words.txt`; `people.txt` (forenames, surnames); `elsewhere.txt` (countries, peoples, cities,
brands). Three broad ones from elsewhere, each with its source at its head: `english.txt`, `surnames.txt`, `cities.txt`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from functools import cache

from .spellings import bases

__all__ = ["Listed", "is_ambiguous", "is_common", "is_everyday", "lists", "uncommon"]

Listed = dict[str, None]
"""A set of words, as a dict: the collector of garbage, which walks through every set, does not walk through a dict of text alone."""

_WORDS = ("words.txt", "people.txt", "elsewhere.txt", "english.txt", "europe.txt")
_ORDINARY = ("words.txt", "english.txt", "europe.txt")
_AMBIGUOUS = ("words.txt", "people.txt")
_NAMES = ("surnames.txt", "cities.txt")
_ENDINGS = {"g": ("ing",), "d": ("ed",), "r": ("er",), "s": ("ers", "ness"), "y": ("ly",), "t": ("est",)}
"""By their last letters, which most words do not end in."""


def is_common(word: str) -> bool:
    """Whether a folded word stands in one of the lists, as it is or as a regular form of a word there."""
    return word in _all() or _is_inflected(word)


def uncommon(words: Iterable[str]) -> list[str]:
    """Those of many folded words that are not common."""
    every = _all()
    return [word for word in words if word not in every and not _is_inflected(word)]


def lists() -> dict[str, Listed]:
    """What decides whether a word is common, for whoever does that elsewhere: all that are listed, those that are words, and their stems.
    And what is no name at all, and what is ambiguous.
    """
    return {
        "common": _all(),
        "words": _all_words(),
        "stems": _all_stems(),
        "ordinary": _joined(_ORDINARY),
        "ambiguous": _joined(_AMBIGUOUS),
    }


def _is_inflected(word: str) -> bool:
    if _is_derived(word):
        return True
    if word.isascii() and word[-1:] != "s":
        return False
    return any(base in _all_words() or _is_derived(base) for base in bases(word))


def _is_derived(word: str) -> bool:
    """Whether a word is a listed one with an ending: running, moved, happier."""
    for ending in _ENDINGS.get(word[-1:], ()):
        if word.endswith(ending):
            stem = word.removesuffix(ending)
            return stem in _all_stems() or (stem[-1:] == stem[-2:-1] and len(stem) > 3 and stem[:-1] in _all_words())
    return False


def is_ambiguous(word: str) -> bool:
    """Whether a folded word is, as it stands, an ordinary word or the name of many people: grade, Chad; Raqqa is not."""
    return word in _listed("words.txt") or word in _listed("people.txt")


def is_everyday(word: str) -> bool:
    """Whether a folded word is, as it stands, an ordinary word of English or of another language in Latin letters, and not a name."""
    return any(word in _listed(file) for file in _ORDINARY)


@cache
def _all() -> Listed:
    return _all_words() | _joined(_NAMES)


@cache
def _all_words() -> Listed:
    return _joined(_WORDS)


@cache
def _all_stems() -> Listed:
    """What is left of the listed words before an ending: walk, mov, happi."""
    words = [word for word in _all_words() if len(word) > 2]
    cut = [word[:-1] for word in words if word[-1] == "e"] + [word[:-1] + "i" for word in words if word[-1] == "y"]
    return dict.fromkeys(words + cut)


def _joined(files: Iterable[str]) -> Listed:
    found: Listed = {}
    for file in files:
        found |= _listed(file)
    return found


@cache
def _listed(file: str) -> Listed:
    data = pkgutil.get_data(__package__, file) or b""
    lines = data.decode().splitlines()
    return dict.fromkeys(" ".join(line for line in lines if not line.startswith("#")).split())
