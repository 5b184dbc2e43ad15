"""One name in two scripts: Raqqa, الرقة, Ракка, רקה.

    skeletons(word)           keys of which a name and its writing in another script share at least one: to look names up by
    skeletons_of(words)       the same of many words at once
    agreement(listed, word)   how well two words in different scripts are the same name, 0 to 100; 0 is no
    abjad(word)               the script of a word, if it is one that leaves vowels out

Every letter of another script is written down in `scripts.txt` with the Latin spellings that carriers of names use for it, the usual
ones free, the rarer ones at a price. Two words agree when one can be spelt as the other for less than names of their length may cost.
Consonants never come or go; vowels do where the script leaves them out, and must not contradict where it writes them. Articles, joined
prepositions and endings of case come off first, each ending only from the names that can take it. Ordinary words (`ordinary.txt`) have
no keys: without its vowels nearly every one is like some name.

Both take folded words, in Latin, Cyrillic, Greek, Arabic (with the letters of Persian, Kurdish, Urdu and Pashto) or Hebrew letters.

`matching/native` has nearly all of it in C, by the tables that `letters` hands over; a test holds the two together.

What it deliberately does not do: translated names (Germany, Германия; South Sudan) and names of other origin (Egypt, مصر) are for aliases.
"""

from __future__ import annotations

import math
import pkgutil
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain, islice, product
from typing import NamedTuple

from .spellings import undoubled

__all__ = [
    "ABJADS",
    "abjad",
    "agreement",
    "is_cyrillic",
    "is_foreign",
    "is_ordinary",
    "is_word",
    "letters",
    "score",
    "skeletons",
    "skeletons_of",
    "tables",
]

LETTERS_MAX = 30
"""Longer words are no names; what aligns them costs their length squared."""
KEYS_MAX = 16
GROUP_MAX = 3
"""Letters that `scripts.txt` reads as one."""
SOUNDS_MIN = 2
"""Sounds in a key, an initial vowel among them; names with fewer are found only in their own script."""
STEM_MIN = 2
"""Letters that are left of a word without its endings and articles."""
ENDING_MAX = 4
"""Letters of an ending of case."""
PREFIX_MAX = 4
"""Letters of what is joined to a word."""
LIMITS = (0.0, 0.1, 0.45, 0.5, 0.6, 0.8)
"""What a name of so many consonants may cost in Arabic and Hebrew; the last is for all longer ones."""
LIMITS_TOLD = (-1.0, -1.0, -1.0, -1.0, 0.1, 0.15)
"""The same of a name that is listed in that script as well: there only what hardly differs is another spelling of it."""
LIMITS_VOWELS = (0.0, 0.15, 0.35, 0.75, 1.2, 1.5)
"""The same where vowels are written."""
UNWRITTEN = (0.3, 0.3, 0.3, 0.15, 0.05)
"""The price of a short vowel that Arabic and Hebrew do not write, in names of so many consonants."""
PREPOSITION = 0.1
"""The price of reading a first letter as joined on, or the last ones as an ending."""
ADJECTIVE = 0.4
INITIAL_ALIF = 0.1
"""An alif at the beginning carries any vowel."""
UNWRITTEN_CYRILLIC = 0.7
UNWRITTEN_GLIDE = 0.5
UNWRITTEN_H = 0.6
UNWRITTEN_E = 0.4
UNWRITTEN_LAST = 0.7
"""Other letters that another script may leave out: a vowel where vowels are written; the second of two, y and w; h behind a vowel (free
at the end); the -e of Palestine at the end, and another vowel there."""

_CACHE = 1 << 15
_STEMS = 1 << 10
"""Words of other scripts that are remembered letter by letter: one is held against many names at a time."""

_FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u052f\u0590-\u05ff\u0620-\u06ff]")
_OTHER_LETTERS = re.compile("[^a-z]")
_REPEATED = re.compile(r"([^аa])\1+")
_DOUBLED = re.compile(r"(shch|tsch|sch|zh|sh|kh|gh|th|dh|ch|[^xa])\1+")
# What Latin letters stand for, in this order; a digit for what may be several: ch, j, v, h behind a final vowel.
_LATIN_GROUPS = (
    ("shch", "S"), ("tsch", "S"), ("tch", "S"), ("sch", "S"), ("dzh", "J"), ("dj", "J"), ("ts", "S"), ("tz", "S"), ("ch", "1"),
    ("sh", "S"), ("zh", "J"), ("kh", "H"), ("gh", "G"), ("dh", "D"), ("th", "T"), ("ph", "F"), ("ck", "G"),
    ("ce", "S"), ("ci", "S"), ("cy", "S"), ("x", "GS"),
)  # fmt: skip
_LATIN_LETTERS = str.maketrans("bcdfghjklmnpqrstvz", "BGDFGH2GLMNBGRST3S")
_LATIN_SEVERAL = {"1": "SH", "2": "JH.", "3": "F.", "4": "H."}
_LATIN_DOUBLES = tuple((letter * 2, letter) for letter in "BDFGHJLMNRST")
_NOT_SOUNDS = re.compile("[^A-Z1-4\n]+")
_LATIN_REST = {code: None for code in range(128) if _NOT_SOUNDS.match(chr(code))}
_SEVERAL = re.compile("[1-4]")
_INITIAL_VOWEL = re.compile("^[aeiouyw]+", re.MULTILINE)
_FINAL_H = re.compile("h(?<=[aeiou]h)$", re.MULTILINE)
_VOWELS = frozenset("aeiou")
_SOFT = frozenset("aeiouyw")

_CYRILLIC_LETTER = re.compile("[\u0400-\u052f]")
_GREEK_LETTER = re.compile("[\u0370-\u03ff]")
_HEBREW_LETTER = re.compile("[\u05d0-\u05ea]")
_ARABIC_LETTER = re.compile("[\u0620-\u06ff]")
_ALIFS = frozenset("اא")
_VOWELS_DOUBLED = frozenset("аеиоуіїαεηιουω")
"""Two of these are two sounds; two of any other letter may be one in Latin letters."""
_KURDISH = frozenset("ێۆڕڵ")

# Endings of case, with the Latin endings (`-`: none) of the names that take them: Киевом is a Kiev, Сирией a Syria, Сумах a Sumy.
_CASES = {
    "овим": "iv ov", "овым": "ov iv", "єва": "iv v", "єву": "iv v", "єві": "iv v -", "євом": "iv v", "євим": "iv v",
    "ями": "i y", "ами": "i y -", "ією": "ia iia iya", "ові": "-", "еві": "-", "ой": "a", "ою": "a", "ей": "a ia ya i",
    "ею": "a ia ya", "ом": "- o y", "ого": "y yi iy e", "ому": "y yi iy e", "ым": "y yi iy e", "им": "y yi iy e",
    "ыми": "y", "ых": "y yi iy", "их": "y yi iy",
    "ої": "a", "ій": "a", "ем": "- e o", "єм": "e ia", "ам": "i y", "ям": "i y", "ах": "i y", "ях": "i y", "ов": "i y",
    "ев": "i y", "ів": "i y", "ью": "- ia ie", "ию": "ia ya", "ье": "ia ie", "ья": "ia ie", "а": "- o e", "я": "- e", "у": "- a o",
    "ю": "- a ia ya e", "е": "- a o", "ы": "a - y", "и": "a - i ia ya", "і": "a - o ia", "ї": "ia ya a", "ь": "-",
}  # fmt: skip
# Ukrainian changes the consonant before the -i of the locative: Авдіївка, в Авдіївці.
_CHANGED = {"ці": "к", "зі": "г", "сі": "х"}
_GREEK_CASES = {
    "οσ": "- o us os", "ου": "- o us os", "ο": "- o us os", "ασ": "a -", "α": "a -", "ησ": "i e a -", "η": "i e a -", "ων": "- i",
    "ν": "-", "σ": "-",
}  # fmt: skip

ABJADS = ("arabic", "hebrew")
"""Scripts that leave vowels out."""
_CODES = range(0x700)
"""The characters among which the letters of all these scripts are."""
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
    if not is_foreign(word):
        return skeletons_of([word])[0]
    if len(word) > LETTERS_MAX or is_ordinary(word):
        return frozenset()
    return frozenset().union(*(_keys(_foreign_classes(reading.stem)) for reading in _readings(word)))


def skeletons_of(words: Sequence[str]) -> list[frozenset[str]]:
    """The keys of many words, several times faster than one by one where they are Latin."""
    if not words:
        return []
    foreign = list(map(is_foreign, words))
    outlines = _latin_outlines("\n".join("" if other else word for word, other in zip(words, foreign, strict=True))).split("\n")
    keys_of = _latin_keys(set(outlines))
    return [skeletons(word) if other else keys_of[outline] for word, outline, other in zip(words, outlines, foreign, strict=True)]


@lru_cache(_CACHE)
def agreement(listed: str, word: str, *, told: bool = False) -> float:
    """How well a listed word and a word of a text, in two different scripts, are the same name: 0 to 100, 0 is no.

    `told`: the name is listed in the script of the text, too, which writes no vowels.
    """
    if max(len(listed), len(word)) > LETTERS_MAX or _script(listed) == _script(word):
        return 0.0
    latin, foreign = (listed, word) if is_foreign(word) else (word, listed)
    latin = _pure(_romanised(latin))
    if not latin:
        return 0.0
    return max((_agreement(latin, reading, told=told) for reading in _readings(foreign)), default=0.0)


def is_foreign(word: str) -> bool:
    """Whether a word is in one of the scripts, other than Latin, that are known here."""
    return not word.isascii() and _FOREIGN.search(word) is not None


def abjad(word: str) -> str:
    """The script of a word, if it is one that leaves vowels out; else empty."""
    return script if (script := _script(word)) in ABJADS else ""


def is_cyrillic(word: str) -> bool:
    """Whether a word is in Cyrillic letters."""
    return _script(word) == "cyrillic"


def _agreement(latin: str, reading: _Reading, *, told: bool) -> float:
    sounds, vowelless = _heard(reading.stem)
    limit = (LIMITS_TOLD if told else LIMITS if vowelless else LIMITS_VOWELS)[min(sounds, len(LIMITS) - 1)]
    cheapest = limit + 1.0
    for ending in reading.endings or ("",):
        if latin.endswith(ending):
            rest = latin.removesuffix(ending)
            unwritten = _unwritten(rest, sounds=sounds, abjad=vowelless, whole=not ending)
            cheapest = min(cheapest, reading.price + _cost(rest, reading.stem, unwritten, limit=limit - reading.price))
    return score(cheapest if cheapest <= limit else -1.0)


def score(cost: float) -> float:
    """What a price says of two words: from 100, where it is nothing; 0 where it is below that, for none."""
    return round(100.0 - 10.0 * cost, 1) if cost >= 0.0 else 0.0


@lru_cache(_STEMS)
def _heard(stem: str) -> tuple[int, bool]:
    """How many consonants a stem has, and whether its script leaves vowels out."""
    return sum(letter.classes[0] != "." for _, letter in _letters(stem)), _script(stem) in ABJADS


def _cost(latin: str, stem: str, unwritten: list[float], *, limit: float) -> float:
    """The price of spelling a stem as a Latin word, infinite beyond the limit. `unwritten`: of leaving each Latin letter out."""
    costs: list[dict[int, float]] = [{} for _ in range(len(stem) + 1)]
    costs[0][0] = 0.0
    for at, reached in enumerate(costs):
        for index, price in enumerate(unwritten):
            if index in reached:
                _lower(reached, index + 1, reached[index] + price, limit)
        if at and stem[at : at + 1] == stem[at - 1] and stem[at] not in _VOWELS_DOUBLED:
            for index, cost in reached.items():
                _lower(costs[at + 1], index, cost, limit)
        for size, letter in _letters_at(stem, at) if reached else ():
            for index, cost in reached.items():
                for spelling, price in letter.spellings:
                    if latin.startswith(spelling, index):
                        price = min(price, INITIAL_ALIF) if not index and spelling and stem[at] in _ALIFS else price
                        _lower(costs[at + size], index + len(spelling), cost + price, limit)
    return costs[-1].get(len(latin), math.inf)


def _lower(costs: dict[int, float], index: int, cost: float, limit: float) -> None:
    if cost <= limit and cost < costs.get(index, math.inf):
        costs[index] = cost


def _unwritten(latin: str, *, sounds: int, abjad: bool, whole: bool) -> list[float]:
    """The price of each Latin letter where the other script leaves it out. `whole`: the word still has the end of its name."""
    short = UNWRITTEN[min(sounds, len(UNWRITTEN) - 1)] if abjad else UNWRITTEN_CYRILLIC
    prices = []
    for before, letter in zip(" " + latin, latin, strict=False):
        if letter == "h" and before in _VOWELS:
            price = UNWRITTEN_H
        elif letter not in _SOFT:
            price = math.inf
        elif letter in "yw" or before in _VOWELS:
            price = UNWRITTEN_GLIDE
        else:
            price = short
        prices.append(price)
    if prices and latin[0] in _SOFT:
        prices[0] = math.inf
    if len(prices) > 1:
        prices[-1] = _unwritten_last(latin, prices[-1], abjad=abjad, whole=whole)
    return prices


def _unwritten_last(latin: str, price: float, *, abjad: bool, whole: bool) -> float:
    if price == UNWRITTEN_H:
        return 0.0
    if latin[-1] not in _SOFT or not whole or latin[-2] in _VOWELS:
        return math.inf
    return UNWRITTEN_E if latin[-1] == "e" else UNWRITTEN_LAST if abjad else math.inf


def _pure(latin: str) -> str:
    """Latin letters without what differs in writing only: doubled consonants, oo and ee, anything but a to z."""
    plain = _OTHER_LETTERS.sub("", latin).replace("oo", "u").replace("ee", "i")
    return _DOUBLED.sub(r"\1", plain)


def _romanised(word: str) -> str:
    """The word as the first spelling of each of its letters carries it over."""
    return "".join(letter.spellings[0][0] for _, letter in _letters(_undoubled(word))) if is_foreign(word) else word


def _undoubled(word: str) -> str:
    return _REPEATED.sub(r"\1", word)


@lru_cache(_STEMS)
def _readings(word: str) -> tuple[_Reading, ...]:
    """A word of another script as it stands, and with its inflection off."""
    found = _uninflected(word)
    return tuple(dict.fromkeys(_Reading(stem + _END, endings, price) for stem, endings, price in found))


def _uninflected(word: str) -> Iterator[_Reading]:
    script = _script(word)
    if script == "arabic":
        return _arabic_readings(word)
    if script == "hebrew":
        return _hebrew_readings(word)
    return _case_readings(word, _GREEK_CASES if script == "greek" else _CASES)


def is_ordinary(word: str) -> bool:
    """Whether a word of another script is no name, whatever it sounds like; in Arabic and Hebrew also with what is joined to it."""
    listed = _ordinary_words()
    if word in listed or _script(word) not in ABJADS:
        return word in listed
    stems = [reading.stem for reading in _uninflected(word) if len(reading.stem) > STEM_MIN]
    return any(stem in listed or (stem.endswith(_PLURAL) and stem.removesuffix(_PLURAL) + _PLURAL_REST in listed) for stem in stems)


def is_word(word: str, *, but: str = "") -> bool:
    """Whether a word of another script is ordinary as it stands, with whatever seems to be joined to it: מקרים are cases, not of Crimea.

    A conjunction before it is left out of account; `but` is the word that it may be with one.
    """
    listed = _ordinary_words()
    return word in listed or (word[:1] in _AND and word[1:] in listed and word[1:] != but)


@cache
def _ordinary_words() -> frozenset[str]:
    data = pkgutil.get_data(__package__, "ordinary.txt") or b""
    return frozenset(chain.from_iterable(line.split() for line in data.decode().splitlines() if not line.startswith("#")))


def _case_readings(word: str, cases: dict[str, str]) -> Iterator[_Reading]:
    yield _Reading(word, None, 0.0)
    for size in range(1, ENDING_MAX + 1):
        latin = cases.get(word[-size:])
        if latin is not None and len(word) - size >= STEM_MIN:
            yield _Reading(word[:-size], _latin_endings(latin), 0.0)
    if (changed := _CHANGED.get(word[-2:])) is not None:
        yield _Reading(word[:-2] + changed, ("a",), 0.0)


def _latin_endings(latin: str) -> tuple[str, ...]:
    return tuple(latin.replace("-", "").split(" "))


# And, so; in, to, like; the article, with and without them.
_ARABIC_PREFIXES = frozenset(map("".join, product(("", "و", "ف"), ("", "ال", "ب", "بال", "ك", "كال", "ل", "لل", "لال")))) - {""}
_ARTICLES = ("ال", "لل")
_ARABIC_ENDINGS = (("هاي", ""), ("ها", ""), ("يون", "ي"), ("يين", "ي"))
_ARTICLE = "ال"
_PLURAL, _PLURAL_REST = "ات", "ه"
_AND = frozenset("وו")
_ADJECTIVE_ENDING = "يه"
_ARABIC_ADJECTIVES = ("iyah", "ieh", "iyeh", "iya", "iah")
"""Endings of the names that have -iya without being adjectives."""
_HEBREW_JOINED = ("", "כש", "מש", "ש", *map("".join, product(("", "ש"), "בלמכ")))
_HEBREW_PREFIXES = frozenset(map("".join, product(("", "ו"), _HEBREW_JOINED, ("", "ה")))) - {""}
_HEBREW_PLURAL, _HEBREW_PLURAL_REST = "ימ", "י"


def _arabic_readings(word: str) -> Iterator[_Reading]:
    for cut in _cuts(word, _ARABIC_PREFIXES):
        yield from _arabic_endings(word[cut:], joined=cut > 0, article=word[:cut].endswith(_ARTICLES))


def _cuts(word: str, prefixes: frozenset[str]) -> list[int]:
    """How many letters may be joined onto a word: none, or as many as make a prefix."""
    cuts = range(1, min(PREFIX_MAX, len(word) - STEM_MIN) + 1)
    return [0, *(cut for cut in cuts if word[:cut] in prefixes)] if len(word) >= STEM_MIN else []


def _arabic_endings(word: str, *, joined: bool, article: bool) -> Iterator[_Reading]:
    """A joined preposition may be a letter of the word; with the article, -iya is rather an adjective: the Syrian."""
    price = PREPOSITION if joined and not article else 0.0
    if article and word.endswith(_ADJECTIVE_ENDING):
        yield _Reading(word.removesuffix(_ADJECTIVE_ENDING), _ARABIC_ADJECTIVES, price)
        price += ADJECTIVE
    yield _Reading(word, None, price)
    if STEM_MIN <= (at := word.find(_ARTICLE, STEM_MIN)) <= len(word) - len(_ARTICLE) - STEM_MIN:  # two words written as one
        yield _Reading(word[:at] + word[at + len(_ARTICLE) :], None, price)
    for ending, rest in _ARABIC_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) > STEM_MIN:
            yield _Reading(word.removesuffix(ending) + rest, None, price + PREPOSITION)


def _hebrew_readings(word: str) -> Iterator[_Reading]:
    for cut in _cuts(word, _HEBREW_PREFIXES):
        stem, price = word[cut:], PREPOSITION if cut else 0.0
        yield _Reading(stem, None, price)
        if stem.endswith(_HEBREW_PLURAL) and len(stem) > STEM_MIN + len(_HEBREW_PLURAL):
            yield _Reading(stem.removesuffix(_HEBREW_PLURAL) + _HEBREW_PLURAL_REST, None, price + PREPOSITION)


def _keys(options: Sequence[Sequence[str]]) -> frozenset[str]:
    """The keys of a word's classes, several for each sound. Equal sounds are one where no vowel is written between them, or two."""
    keys = set()
    for _, chosen in zip(range(KEYS_MAX), product(*options), strict=False):
        key = "".join(chosen)
        keys |= {_sounds(key), _sounds(_undoubled(key))}
    return frozenset(key for key in keys if len(key) >= SOUNDS_MIN)


def tables() -> dict[str, Sequence[tuple[str, str]]]:
    """The groups of letters that make a sound, for whoever works out keys elsewhere."""
    return {"sounds": _LATIN_GROUPS}


def letters() -> dict[str, object]:
    """The letters of other scripts, what comes off their words and what spelling them costs, for whoever works that out elsewhere."""
    return {
        "scripts": bytes((*ABJADS, "cyrillic", "greek").index(_script(char)) + 1 if _is_known(char) else 0 for char in map(chr, _CODES)),
        "letters": [(letter, *each) for letter, each in sorted(_table().items(), key=lambda item: (item[0][0], -len(item[0])))],
        "vowels_doubled": "".join(_VOWELS_DOUBLED),
        "alifs": "".join(_ALIFS),
        "kurdish": "".join(_KURDISH),
        "ordinary": _ordinary_words(),
        "cases": [(ending, _latin_endings(latin)) for ending, latin in _CASES.items()],
        "greek_cases": [(ending, _latin_endings(latin)) for ending, latin in _GREEK_CASES.items()],
        "changed": [(ending, (stem,)) for ending, stem in _CHANGED.items()],
        "arabic_prefixes": [(prefix, ()) for prefix in sorted(_ARABIC_PREFIXES, key=len)],
        "hebrew_prefixes": [(prefix, ()) for prefix in sorted(_HEBREW_PREFIXES, key=len)],
        "articles": [(article, ()) for article in _ARTICLES],
        "adjectives": [(_ADJECTIVE_ENDING, _ARABIC_ADJECTIVES)],
        "arabic_endings": [(ending, (rest,)) for ending, rest in _ARABIC_ENDINGS],
        "hebrew_endings": [(_HEBREW_PLURAL, (_HEBREW_PLURAL_REST,))],
        "plurals": [(_PLURAL, (_PLURAL_REST,))],
        "limits": [*LIMITS, *LIMITS_TOLD, *LIMITS_VOWELS],
        "unwritten": UNWRITTEN,
        "prices": [
            PREPOSITION, ADJECTIVE, INITIAL_ALIF, UNWRITTEN_CYRILLIC, UNWRITTEN_GLIDE, UNWRITTEN_H, UNWRITTEN_E, UNWRITTEN_LAST,
        ],
    }  # fmt: skip


def _is_known(char: str) -> bool:
    return char.isalpha() and _script(char) != "latin"


def _latin_outlines(lines: str) -> str:
    """Of lines of one word each: the classes of their consonants, an `A` for an initial vowel, a digit for what may be several."""
    for group, outline in _LATIN_GROUPS:
        lines = lines.replace(group, outline)
    lines = _INITIAL_VOWEL.sub("A", _FINAL_H.sub("4", lines)).translate(_LATIN_LETTERS)
    for double, single in _LATIN_DOUBLES:
        while double in lines:
            lines = lines.replace(double, single)
    return lines.translate(_LATIN_REST) if lines.isascii() else _NOT_SOUNDS.sub("", lines)


def _latin_keys(outlines: Iterable[str]) -> dict[str, frozenset[str]]:
    """The keys of each outline: itself, or what it may stand for. Equal sounds are one, or two."""
    keys_of = {outline: frozenset((outline,)) if SOUNDS_MIN <= len(outline) <= LETTERS_MAX else frozenset() for outline in outlines}
    several = [outline for outline in keys_of if not outline.isalpha() and len(outline) <= LETTERS_MAX]
    spelt = [_spelt_out(outline) for outline in several]
    once = iter(undoubled("\n".join(chain.from_iterable(spelt))).split("\n"))
    for outline, chosen in zip(several, spelt, strict=True):
        keys = map(_sounds, chain(chosen, islice(once, len(chosen))))
        keys_of[outline] = frozenset(key for key in keys if len(key) >= SOUNDS_MIN)
    return keys_of


def _spelt_out(outline: str) -> list[str]:
    """An outline with a letter for each digit, in every way, but no more than `KEYS_MAX`."""
    spelt = [outline]
    for digit in _SEVERAL.findall(outline):
        spelt = [each.replace(digit, letter, 1) for each in spelt for letter in _LATIN_SEVERAL[digit]][:KEYS_MAX]
    return spelt


def _sounds(key: str) -> str:
    """A key without its vowels, but for the first."""
    return ("A" if key.startswith(".") else "") + key.replace(".", "")


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
        size, letter = next(iter(_letters_at(stem, at)), (1, None))
        if letter is not None:
            yield stem[at : at + size], letter
        at += size


@lru_cache(_STEMS * 8)
def _letters_at(word: str, at: int) -> tuple[tuple[int, _Letter], ...]:
    """The letters that a word has at a place, the longest first, each with its size."""
    return tuple(_read_at(word, at))


def _read_at(word: str, at: int) -> Iterator[tuple[int, _Letter]]:
    table = _table()
    for size in range(min(GROUP_MAX, len(word) - at), 0, -1):
        letter = table.get(word[at : at + size])
        if letter is not None:
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
