"""One name in two scripts: Raqqa, الرقة, Ракка, רקה.

    skeletons(word)           keys of which a name and its writing in another script share at least one: to look names up by
    agreement(listed, word)   how well two words in different scripts are the same name, 0 to 100; 0 is no

Every letter of another script is written down here with the Latin spellings that carriers of names use for it, the usual ones free,
the rarer ones at a price. Two words agree when one can be spelt as the other for less than names of their length may cost.
Consonants never come or go; vowels do where the script leaves them out, and must not contradict where it writes them. Articles, joined
prepositions and endings of case come off first, each ending only from the names that can take it.

Both take folded words, in Latin, Cyrillic, Greek, Arabic (with the letters of Persian, Kurdish, Urdu and Pashto) or Hebrew letters.

What it deliberately does not do: translated names (Germany, Германия; South Sudan) and names of other origin (Egypt, مصر) are for aliases.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import product
from typing import NamedTuple

__all__ = ["agreement", "is_foreign", "skeletons"]

LETTERS_MAX = 30
"""Longer words are no names; what aligns them costs their length squared."""
KEYS_MAX = 16
SOUNDS_MIN = 2
"""Sounds in a key, an initial vowel among them; names with fewer are found only in their own script."""
STEM_MIN = 2
"""Letters that are left of a word without its endings and articles."""
LIMITS = (0.0, 0.15, 0.45, 0.9, 1.2, 1.5)
"""What a name of so many consonants may cost; the last is for all longer ones."""

_CACHE = 1 << 15

_FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u052f\u0590-\u05ff\u0620-\u06ff]")
_OTHER_LETTERS = re.compile("[^a-z]")
_DOUBLED = re.compile(r"(shch|tsch|sch|zh|sh|kh|gh|th|dh|ch|[^x])\1+")
_VOWELS = frozenset("aeiou")
_SOFT = frozenset("aeiouyw")

_CYRILLIC_LETTER = re.compile("[\u0400-\u052f]")
_GREEK_LETTER = re.compile("[\u0370-\u03ff]")
_HEBREW_LETTER = re.compile("[\u05d0-\u05ea]")
_ARABIC_LETTER = re.compile("[\u0620-\u06ff]")
_KURDISH = frozenset("ێۆڕڵ")

# Endings of case, with the Latin endings (`-`: none) of the names that take them: Киевом is a Kiev, Сирией a Syria, Сумах a Sumy.
_CASES = {
    "ями": "i y", "ами": "i y -", "ією": "ia iia iya", "ові": "-", "еві": "-", "єві": "-", "ой": "a", "ою": "a", "ей": "a ia ya i",
    "ею": "a ia ya", "ом": "- o", "ем": "- e o", "єм": "e ia", "ам": "i y", "ям": "i y", "ах": "i y", "ях": "i y", "ов": "i y",
    "ев": "i y", "ів": "i y", "ью": "- ia ie", "ию": "ia ya", "ье": "ia ie", "ья": "ia ie", "а": "- o e", "я": "- e", "у": "- a o",
    "ю": "- a ia ya e", "е": "- a o", "ы": "a - y", "и": "a - i ia ya", "і": "a - o ia", "ї": "ia ya a", "ь": "-",
}  # fmt: skip
_GREEK_CASES = {
    "οσ": "- o us os", "ου": "- o us os", "ο": "- o us os", "ασ": "a -", "α": "a -", "ησ": "i e a -", "η": "i e a -", "ων": "- i",
    "ν": "-", "σ": "-",
}  # fmt: skip

_END = "$"
"""Behind every stem: letters at the end of a word sound otherwise."""


class _Letter(NamedTuple):
    """A letter of another script: classes of consonants it may stand for, and its Latin spellings with their prices."""

    classes: tuple[str, ...]
    spellings: tuple[tuple[str, float], ...]


class _Reading(NamedTuple):
    """A word with its inflection off: the stem, the Latin endings it asks for (None: any), and a price."""

    stem: str
    endings: tuple[str, ...] | None
    price: float


@lru_cache(_CACHE)
def skeletons(word: str) -> frozenset[str]:
    """Keys of which a name and its writing in another script share at least one; none for words that are too short or no name."""
    if len(word) > LETTERS_MAX:
        return frozenset()
    if not _FOREIGN.search(word):
        return _keys(_latin_classes(word))
    return frozenset().union(*(_keys(_foreign_classes(reading.stem)) for reading in _readings(word)))


@lru_cache(_CACHE)
def agreement(listed: str, word: str) -> float:
    """How well a listed word and a word of a text, in two different scripts, are the same name: 0 to 100, 0 is no."""
    if max(len(listed), len(word)) > LETTERS_MAX or _script(listed) == _script(word):
        return 0.0
    latin, foreign = (listed, word) if is_foreign(word) else (word, listed)
    latin = _pure(_romanised(latin))
    if not latin:
        return 0.0
    return max((_agreement(latin, reading) for reading in _readings(foreign)), default=0.0)


def is_foreign(word: str) -> bool:
    """Whether a word is in one of the scripts, other than Latin, that are known here."""
    return _FOREIGN.search(word) is not None


def _agreement(latin: str, reading: _Reading) -> float:
    consonants = sum(letter.classes[0] != "." for _, letter in _letters(reading.stem))
    limit = LIMITS[min(consonants, len(LIMITS) - 1)]
    cheapest = limit + 1.0
    for ending in reading.endings or ("",):
        if not latin.endswith(ending):
            continue
        cost = _cost(latin.removesuffix(ending), reading.stem, limit=limit - reading.price, whole=not ending)
        cheapest = min(cheapest, cost + reading.price)
    return round(100.0 - 10.0 * cheapest, 1) if cheapest <= limit else 0.0


def _cost(latin: str, stem: str, *, limit: float, whole: bool) -> float:
    """The price of spelling a stem as a Latin word, infinite beyond the limit. `whole`: no ending has been taken from the Latin word."""
    abjad = _script(stem) in {"arabic", "hebrew"}
    costs: list[dict[int, float]] = [{} for _ in range(len(stem) + 1)]
    costs[0][0] = 0.0
    for at in range(len(stem) + 1):
        reached = costs[at]
        for index in range(len(latin)):
            if index in reached and (price := _unwritten(latin, index, at, len(stem), abjad=abjad, whole=whole)) is not None:
                _lower(reached, index + 1, reached[index] + price, limit)
        for size, letter in _letters_at(stem, at):
            for index, cost in reached.items():
                for spelling, price in letter.spellings:
                    if latin.startswith(spelling, index):
                        _lower(costs[at + size], index + len(spelling), cost + price, limit)
    return costs[-1].get(len(latin), float("inf"))


def _lower(costs: dict[int, float], index: int, cost: float, limit: float) -> None:
    if cost <= limit and cost < costs.get(index, float("inf")):
        costs[index] = cost


def _unwritten(latin: str, index: int, at: int, length: int, *, abjad: bool, whole: bool) -> float | None:
    """The price of a Latin letter that the other script does not write; None where it always does."""
    letter = latin[index]
    first, last = index == 0, index == len(latin) - 1
    if letter == "h" and index and latin[index - 1] in _VOWELS:
        return 0.0 if last else 0.6
    if letter not in _SOFT:
        return None
    if first:
        return 1.5
    if letter in "yw":
        return 0.6
    if last:
        if not whole or latin[index - 1] in _VOWELS:
            return 1.5
        return 0.4 if letter == "e" else 0.7 if abjad else 1.0
    if not abjad:
        return 0.7
    if latin[index - 1] in _VOWELS:
        return 0.3
    return 0.1 if letter == "o" else 0.0


def _pure(latin: str) -> str:
    """Latin letters without what differs in writing only: doubled consonants, oo and ee, anything but a to z."""
    plain = _OTHER_LETTERS.sub("", latin).replace("oo", "u").replace("ee", "i")
    return _DOUBLED.sub(r"\1", plain)


def _romanised(word: str) -> str:
    """The word as the first spelling of each of its letters carries it over."""
    return "".join(letter.spellings[0][0] for _, letter in _letters(_undoubled(word))) if is_foreign(word) else word


def _undoubled(word: str) -> str:
    return re.sub(r"(.)\1+", r"\1", word)


@lru_cache(1 << 10)
def _readings(word: str) -> tuple[_Reading, ...]:
    """A word of another script as it stands, and with its inflection off."""
    script = _script(word)
    if script == "arabic":
        found = _arabic_readings(word)
    elif script == "hebrew":
        found = _hebrew_readings(word)
    else:
        found = _case_readings(word, _GREEK_CASES if script == "greek" else _CASES)
    return tuple(dict.fromkeys(_Reading(_undoubled(stem) + _END, endings, price) for stem, endings, price in found))


def _case_readings(word: str, cases: dict[str, str]) -> Iterator[_Reading]:
    yield _Reading(word, None, 0.0)
    for size in range(1, 4):
        latin = cases.get(word[-size:])
        if latin is not None and len(word) - size >= STEM_MIN:
            yield _Reading(word[:-size], tuple(latin.replace("-", "").split(" ")), 0.0)


_AND = ("", "و", "ف")
_TO = ("", "ب", "ل", "ك")
_HEBREW_PREFIX = re.compile("(ו?(?:כש|מש|[בלמכש])?ה?)")


def _arabic_readings(word: str) -> Iterator[_Reading]:
    for conjunction in _AND:
        for preposition in _TO:
            for article in ("", "ال", "ل") if preposition == "ل" else ("", "ال"):
                prefix = conjunction + preposition + article
                if word.startswith(prefix) and len(word) - len(prefix) >= STEM_MIN:
                    bare = bool(prefix) and not article
                    yield from _arabic_endings(word.removeprefix(prefix), 0.1 if bare else 0.0)


def _arabic_endings(word: str, price: float) -> Iterator[_Reading]:
    yield _Reading(word, None, price)
    for ending, rest in (("هاي", ""), ("ها", ""), ("يون", "ي"), ("يين", "ي")):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            yield _Reading(word.removesuffix(ending) + rest, None, price + 0.1)


def _hebrew_readings(word: str) -> Iterator[_Reading]:
    longest = _HEBREW_PREFIX.match(word)
    for cut in range((longest.end() if longest else 0) + 1):
        if len(word) - cut >= STEM_MIN and _HEBREW_PREFIX.fullmatch(word, 0, cut):
            yield _Reading(word[cut:], None, 0.1 if cut else 0.0)


def _keys(options: list[tuple[str, ...]]) -> frozenset[str]:
    keys = set()
    for _, chosen in zip(range(KEYS_MAX), product(*options), strict=False):
        initial = "A" if chosen and chosen[0] == "." else ""
        key = "".join(chosen).replace(".", "").replace("TS", "S").replace("DJ", "J")
        key = initial + _undoubled(key)
        if len(key) >= SOUNDS_MIN:
            keys.add(key)
    return frozenset(keys)


def _latin_classes(word: str) -> list[tuple[str, ...]]:
    classes = []
    at = 0
    while at < len(word):
        size, letter = next(_letters_at(word, at), (1, None))
        if letter is not None:
            final_h = word[at] == "h" and at == len(word) - 1 and at and word[at - 1] in _VOWELS
            classes.append((*letter.classes, ".") if final_h else letter.classes)
        at += size
    return classes


def _foreign_classes(stem: str) -> list[tuple[str, ...]]:
    letters = list(_letters(stem))
    classes = []
    for index, (char, letter) in enumerate(letters):
        options = letter.classes
        after = letters[index + 1][0] if index + 1 < len(letters) else _END
        if char == "в" and (after == _END or "." not in _table()[after].classes):
            options = ("F",)
        elif char in "وו" and after[:1] in {"ا", "ي", "ه", "א", "י", "ה"}:
            options = (".", "F")
        elif char == "ه" and index and not _KURDISH.isdisjoint(stem):
            options = (".", "H")
        classes.append(options)
    return classes


def _letters(stem: str) -> Iterator[tuple[str, _Letter]]:
    """The letters of a stem from left to right, the longest groups first; unknown ones left out."""
    at = 0
    while at < len(stem):
        size, letter = next(_letters_at(stem, at), (1, None))
        if letter is not None:
            yield stem[at : at + size], letter
        at += size


def _letters_at(word: str, at: int) -> Iterator[tuple[int, _Letter]]:
    for size in (4, 3, 2, 1):
        letter = _table().get(word[at : at + size])
        if letter is not None and at + size <= len(word):
            yield size, letter
            if size > 1 and word[at + size - 1] == _END:
                return


@cache
def _table() -> dict[str, _Letter]:
    table = {}
    data = pkgutil.get_data(__package__, "scripts.txt") or b""
    for line in data.decode().splitlines():
        if line and not line.startswith("#"):
            letter, classes, *spellings = line.split()
            table[letter] = _Letter(tuple(classes.split("/")), tuple(map(_priced, spellings)))
    return table


def _priced(spelling: str) -> tuple[str, float]:
    letters, _, tenths = spelling.partition(":")
    return letters.replace("-", ""), int(tenths or 0) / 10


def _script(word: str) -> str:
    if _CYRILLIC_LETTER.search(word):
        return "cyrillic"
    if _ARABIC_LETTER.search(word):
        return "arabic"
    if _HEBREW_LETTER.search(word):
        return "hebrew"
    return "greek" if _GREEK_LETTER.search(word) else "latin"
