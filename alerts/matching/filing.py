"""Under which keys a spelling is filed, and by which keys a word of a text asks for spellings.

The first letter of a key says what the rest is:

    w    a word as it is written                       phrases, inflections, closed and split spellings
    v    what the forms of a verb share
    f    a normal form                                 other transliterations
    o    a normal form with all vowels alike
    d    a word or a normal form, less a letter or two  errors of spelling
    k    what a name shares with its writing in another script
    x    the same of names that are listed in another script than Latin, for the Latin words of a text

A posting under a key is the number of a spelling and the way in which the key leads there (`Way`).

What it deliberately does not do: a key that two words share makes them neither the same nor near. `lexicon` compares the words
themselves, and the senses their neighbours.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from functools import lru_cache
from itertools import chain

from ..records import Kind
from ..rules import Level
from ..text import is_common as is_common_word
from ..text.common import uncommon
from ..text.scripts import is_foreign, skeletons_of
from ..text.spellings import LINKS, bases, carried, normal_form, normal_forms, outline, romanised, unlinked, verb_stem
from .likeness import KUNYAS, LETTERS_MAX, LETTERS_MIN_ERROR, LETTERS_MIN_LOOSE, Part
from .senses import SPLIT_MIN, Manner, Name, Spelling

__all__ = ["Ask", "Reach", "Way", "closed_names", "closed_spellings", "half_min", "names_of", "readings"]


class Way(IntEnum):
    """How a key leads to a spelling."""

    PHRASE = 0
    """The word is one of the spelling's, as it is written."""
    INFLECTED = 1
    """The same, or a form of it."""
    VERB = 2
    JOINED = 3
    """All words of the spelling, written as one."""
    HALF = 4
    """A half of the spelling's one word."""
    COMMON = 5
    """The word is ordinary, or a number, and the anchor of a name of several words."""
    FORM = 6
    CLOSED = 7
    """The normal form of a name of several words, written as one."""
    OUTLINE = 8
    WORN = 9
    SCRIPT = 10


WAY_BITS = 4
LETTERS_MIN_TYPE = 5
"""Of the word before a number, for it to be respelt: Schahed-136 is Shahed-136, To-22 is not Tu-22."""
is_common = lru_cache(1 << 16)(is_common_word)


class Reach(IntEnum):
    """How a word of a text came to ask for a key."""

    OWN = 0
    BASE = 1
    STEM = 2
    VERB = 3
    FORM = 4
    OUTLINE = 5
    WORN = 6
    SCRIPT = 7


class Ask:
    """The keys that a batch of words asks for, and why. Words that may be misspelt come last: `worn` is where they begin.

    Most words of a text are common: none of these is a respelt name, unless it is one in another script.
    """

    def __init__(self, words: Sequence[str], *, kinds: str, letters_min: int) -> None:
        """`kinds` are the first letters of the keys that are there at all."""
        self.keys: list[str] = []
        self._columns: list[tuple[int, Reach, Sequence[str], Sequence[str]]] = []
        self._add(Reach.OWN, "w", words, words)
        short = [word for word in words if len(word) <= LETTERS_MAX and not word.isdigit()]
        self._add_pairs(Reach.BASE, "w", [(word, base) for word in short if word[-1] == "s" or not word.isascii() for base in bases(word)])
        self._add_pairs(Reach.STEM, "w", [(word, stem) for word in short if not word[0].isalpha() for stem in _stems_of_number(word)])
        alphabetic = [word for word in short if word[0].isalpha()]
        if "v" in kinds:
            self._add(Reach.VERB, "v", alphabetic, list(map(verb_stem, alphabetic)))
        if "k" in kinds:
            self._add_skeletons("k", [word for word in alphabetic if not word.isascii() and is_foreign(word)])
        self.worn = len(self.keys)
        if "f" in kinds or "x" in kinds:
            names = uncommon([word for word in alphabetic if word.isascii() or not is_foreign(word)])
            if "x" in kinds:
                self._add_skeletons("x", names)
            self._add_names([word for word in names if word.isascii() or is_respellable(word)], letters_min)

    def reason(self, place: int) -> tuple[str, Reach, str]:
        """The word that a key is asked for, how it came to ask, and the key without its first letter."""
        begin, reach, words, texts = self._columns[bisect_right(self._columns, place, key=lambda column: column[0]) - 1]
        return words[place - begin], reach, texts[place - begin]

    def _add_skeletons(self, kind: str, words: Sequence[str]) -> None:
        keys_of = zip(words, skeletons_of(words), strict=True) if words else ()
        self._add_pairs(Reach.SCRIPT, kind, [(word, key) for word, keys in keys_of for key in keys])

    def _add_names(self, words: Sequence[str], letters_min: int) -> None:
        meant = [(word, reading) for word in words for reading in _readings(word)]
        forms = normal_forms([reading for _, reading in meant])
        pairs = [(word, form) for (word, _), form in zip(meant, forms, strict=True) if len(form) >= SPLIT_MIN]
        self._add_pairs(Reach.FORM, "f", pairs)
        outlines = outline("\n".join(form for _, form in pairs)).split("\n")
        self._add(Reach.OUTLINE, "o", [word for word, _ in pairs], outlines[: len(pairs)])
        self.worn = len(self.keys)
        own = [(word, form) for (word, reading), form in zip(meant, forms, strict=True) if reading is word and letters_min <= len(word)]
        self._add_pairs(Reach.WORN, "d", [(word, text) for word, form in own for text in dict.fromkeys((romanised(word), form))])

    def _add_pairs(self, reach: Reach, kind: str, pairs: Sequence[tuple[str, str]]) -> None:
        self._add(reach, kind, [word for word, _ in pairs], [text for _, text in pairs])

    def _add(self, reach: Reach, kind: str, words: Sequence[str], texts: Sequence[str]) -> None:
        if texts:
            self._columns.append((len(self.keys), reach, words, texts))
            self.keys += [kind + text for text in texts]


def readings(word: str) -> Iterator[tuple[str, str]]:
    """A word as it may be meant, without an article written onto it and uninflected, each with its normal form."""
    for reading in _readings(word):
        form = normal_form(reading)
        if len(form) >= SPLIT_MIN:
            yield reading, form


def names_of(spellings: Mapping[int, Spelling]) -> dict[int, Name]:
    """Spellings by number as names that others carry over differently. Left out is what is none: digits, an acronym, an ordinary word."""
    cores = {
        number: core
        for number, spelling in spellings.items()
        if may_be_name(spelling.manner) and (core := _core_of_name(spelling.text, spelling.words, spelling.manner))
    }
    distinct = list(dict.fromkeys(chain.from_iterable(cores.values())))
    forms = dict(zip(distinct, normal_forms(distinct), strict=True))
    found = {}
    for number, core in cores.items():
        spelling, parts = spellings[number], tuple([Part(word, forms[word]) for word in core])
        anchor = _anchor_of_name(parts)
        if is_number(core[anchor]):
            short = max(len(word) for word in core if not is_number(word)) < LETTERS_MIN_TYPE
        else:
            short = _is_short(spelling.words, parts[anchor].form)
        if not short:
            found[number] = Name(spelling.term, spelling.manner.level, parts, anchor, linked=len(core) < len(spelling.words))
    return found


def closed_names(spelling: Spelling, *, among: Callable[[str], bool] = bool) -> list[Name]:
    """A name of several words in its closed spellings, or in some `among` them; a number never melts into a word."""
    if any(map(is_number, spelling.words)):
        return []
    written = filter(among, closed_spellings(spelling.words, _core(spelling.words)))
    return [Name(spelling.term, spelling.manner.level, (Part(word, normal_form(word)),), 0, linked=False) for word in written]


def half_min(kind: Kind) -> int:
    """The letters that each half of a word written as two must have."""
    return SPLIT_MIN if kind in {Kind.WEAPON, Kind.TERM} else SPLIT_MIN + 1


def is_respellable(word: str) -> bool:
    """Whether a word is in Latin letters, or in another alphabet that `scripts` does not know and anyascii does: Armenian, Georgian."""
    if word.isascii():
        return word[0].isalpha()
    return word[0].isalpha() and not is_foreign(word) and all(char < "\u0590" or "\u10a0" <= char <= "\u10ff" for char in word)


def _anchor_of_name(parts: Sequence[tuple[str, str]]) -> int:
    """The word of a name, each with its normal form, under which it is filed: a number, or else the one that tells most."""
    if len(parts) == 1:
        return 0
    return max(range(len(parts)), key=lambda at: (is_number(parts[at][0]), not is_common(parts[at][0]), len(parts[at][1])))


def _core(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a name without its links."""
    return words if len(words) == 1 else tuple(word for word in words if word not in LINKS) or words


def may_be_name(manner: Manner) -> bool:
    """Whether spellings of this manner are names that others carry over differently, if they look like one."""
    return manner.level is not Level.OFF and not manner.exact and (manner.level is Level.LOOSE or manner.kind is not Kind.TERM)


def _core_of_name(text: str, words: tuple[str, ...], manner: Manner) -> tuple[str, ...]:
    """The words without links of a spelling that is a name; empty where it is none: digits, an acronym, an ordinary word. A weapon may
    have a number behind its name.
    """
    if len(words) == 1 and text.isupper() and text.isascii():
        return ()
    if manner.kind is Kind.WEAPON and manner.level is not Level.LOOSE and not text[0].isupper():
        return ()
    for word in words:
        if not is_nameable(word) and not (manner.kind is Kind.WEAPON and is_number(word)):
            return ()
    return _core(words) if any(map(is_nameable, words)) else ()


def is_nameable(word: str) -> bool:
    """Whether a word may be one of a name that others carry over differently."""
    if word.isascii():
        return word.isalpha()
    return word[0].isalpha() and (is_respellable(word) or is_foreign(word))


def is_number(word: str) -> bool:
    """Whether a word begins with a digit."""
    return word[0].isdigit()


def _is_short(words: tuple[str, ...], form: str) -> bool:
    """Whether a name is too short to be respelt; scripts without vowels write the same name with fewer letters."""
    short = SPLIT_MIN if words[0].isascii() else SPLIT_MIN - is_foreign(words[0])
    return len(form) < short or (len(words) == 1 and len(words[0]) <= short)


def closed_spellings(words: Sequence[str], core: Sequence[str]) -> Collection[str]:
    """A name of several words written as one: with its links, without, and with the short forms of Abu."""
    if len(words) == 1:
        return ()
    written = {"".join(words): None} | ({"".join(core): None} if len(core) > 1 else {})
    if core[0] in KUNYAS and len(core) > 1:
        written |= {kunya + "".join(core[1:]): None for kunya in ("bu", "albu", "abu")}
    return written


def _stems_of_number(word: str) -> list[str]:
    """What a number with letters may be a designator's tail with a suffix of: 2s19 for 2s19m2."""
    return [] if word.isdigit() else [word[:end] for end in range(1, len(word))]


def _readings(word: str) -> Iterable[str]:
    """What a word may be meant as: itself, if it is not short in another language, without an article written onto it, uninflected."""
    elsewhere = carried(word) if word.isascii() and len(word) >= LETTERS_MIN_ERROR else ()
    if word.isascii() and word[-1] != "s" and word[0] not in "ae":
        return (word, *elsewhere)
    return dict.fromkeys((word, *elsewhere, unlinked(word, assimilated=True), *_uninflected(word)))


def _uninflected(word: str) -> tuple[str, ...]:
    if word.isascii():
        return tuple(base for base in bases(word) if len(base) > LETTERS_MIN_LOOSE)
    return tuple(romanised(base) + ending for base in bases(word) for ending in ("", "a", "i", "o"))
