"""Under which keys a spelling is filed, and by which keys a word of a text asks for spellings.

The first letter of a key says what the rest is:

    w    a word as it is written                       phrases, inflections, closed and split spellings
    v    what the forms of a verb share
    f    a normal form                                 other transliterations
    o    a normal form with all vowels alike
    d    a word or a normal form, less a letter or two  errors of spelling
    k    what a name shares with its writing in another script

A posting under a key is the number of a spelling and the way in which the key leads there (`Way`).

What it deliberately does not do: a key that two words share makes them neither the same nor near. `lexicon` compares the words
themselves, and the senses their neighbours.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from functools import lru_cache

from ..records import Kind
from ..rules import Level
from ..text import is_ambiguous
from ..text import is_common as is_common_word
from ..text.scripts import is_foreign, skeletons, skeletons_of
from ..text.spellings import LINKS, bases, normal_form, normal_forms, outline, romanised, unlinked, verb_stem
from .senses import (
    KUNYAS,
    LETTERS_MAX,
    LETTERS_MIN_ERROR,
    LETTERS_MIN_LOOSE,
    SPLIT_MIN,
    Manner,
    Name,
    Part,
    Spelling,
    is_long,
    is_verb,
)

__all__ = ["Ask", "Filed", "Reach", "Way", "closed_names", "half_min", "name_of", "readings"]


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
    """The word is ordinary, and the anchor of a name of several words."""
    FORM = 6
    CLOSED = 7
    """The normal form of a name of several words, written as one."""
    OUTLINE = 8
    WORN = 9
    SCRIPT = 10


WAY_BITS = 4
FOREIGN = "K"
"""Beside the kinds of keys: some names themselves are in another script than Latin, so that Latin words may be one of them."""
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


class Filed:
    """Keys with their postings; of those in `worn[depth]` letters are left out as well."""

    def __init__(self, letters_more: int) -> None:
        """`letters_more` is by how much longer than usual a word must be that may have an error."""
        self.keys: list[str] = []
        self.postings: list[int] = []
        self.worn: dict[int, tuple[list[str], list[int]]] = {}
        self.letters_min = LETTERS_MAX
        """The letters of the shortest word that may be one of these misspelt."""
        self.kinds: set[str] = set()
        """The first letters of all keys, and `FOREIGN`."""
        self._letters_more = letters_more

    def add(self, first: int, spellings: Sequence[tuple[Manner, str, tuple[str, ...]]]) -> None:
        """File spellings by number, from `first` on: of each its manner, its text and its words."""
        names = []
        for number, (manner, text, words) in enumerate(spellings, first):
            if not words:
                continue
            self._add_words(number << WAY_BITS, manner, words)
            if core := _core_of_name(manner, text, words):
                names.append((number << WAY_BITS, manner, words, core))
        if names:
            self._add_names(names)
        self.kinds |= {key[0] for key in self.keys}

    def _add_words(self, posting: int, manner: Manner, words: tuple[str, ...]) -> None:
        anchor = _anchor(words)
        word = words[anchor]
        is_last = anchor == len(words) - 1
        is_ascii = word.isascii()
        varied = not manner.exact and (is_last or not is_ascii)
        self._file("w" + word, posting | (Way.INFLECTED if varied else Way.PHRASE))
        if manner.exact:
            return
        if varied and (not is_ascii or manner.is_word):
            for base in bases(word):
                self._file("w" + base, posting | Way.INFLECTED)
        if is_last and is_verb(manner.kind, word):
            self._file("v" + verb_stem(word), posting | Way.VERB)
        if len(words) > 1:
            self._file("w" + "".join(words), posting | Way.JOINED)
        elif word.isalpha():
            for half in _halves(word, half_min(manner.kind)):
                self._file("w" + half, posting | Way.HALF)

    def _add_names(self, names: Sequence[tuple[int, Manner, tuple[str, ...], tuple[str, ...]]]) -> None:
        forms = _forms(word for _, _, _, core in names for word in core)
        filed = []
        for posting, manner, words, core in names:
            anchor = _anchor_of_name([(word, forms[word]) for word in core])
            if not _is_short(words, forms[core[anchor]]):
                filed.append((posting, manner, core[anchor], forms[core[anchor]], words, core))
        self._add_skeletons([(posting, word) for posting, manner, word, _, _, _ in filed if not (manner.alias and is_foreign(word))])
        filed = [each for each in filed if all(map(is_respellable, each[5]))]
        outlines = outline("\n".join(form for _, _, _, form, _, _ in filed)).split("\n")
        for (posting, manner, word, form, words, core), outlined in zip(filed, outlines, strict=False):
            self._file("f" + form, posting | Way.FORM)
            if len(outlined) - outlined.count(".") >= SPLIT_MIN - (len(core) > 1) and (len(core) > 1 or len(form) > SPLIT_MIN):
                self._file("o" + outlined, posting | Way.OUTLINE)
            if len(words) > 1 and is_common(word):
                self._file("w" + word, posting | Way.COMMON)
            if manner.level.edits:
                self._add_worn(posting | Way.WORN, manner.level, word, form)
        closed = [
            (posting | Way.CLOSED, text) for posting, _, _, _, words, core in filed if len(words) > 1 for text in _closed(words, core)
        ]
        for (posting, _), form in zip(closed, normal_forms([text for _, text in closed]), strict=True):
            self._file("f" + form, posting)

    def _add_skeletons(self, anchors: Sequence[tuple[int, str]]) -> None:
        for (posting, word), keys in zip(anchors, skeletons_of([word for _, word in anchors]), strict=True):
            if is_foreign(word):
                self.kinds.add(FOREIGN)
            for skeleton in keys:
                self._file("k" + skeleton, posting | Way.SCRIPT)

    def _add_worn(self, posting: int, level: Level, word: str, form: str) -> None:
        if len(word) < (LETTERS_MIN_LOOSE if level is Level.LOOSE else LETTERS_MIN_ERROR) + self._letters_more:
            return
        self.letters_min = min(self.letters_min, len(word) - level.edits)
        keys, postings = self.worn.setdefault(level.edits, ([], []))
        roman = romanised(word)
        keys.append("d" + roman)
        postings.append(posting)
        if form != roman and is_long(form, level):
            keys.append("d" + form)
            postings.append(posting)

    def _file(self, key: str, posting: int) -> None:
        self.keys.append(key)
        self.postings.append(posting)


class Ask:
    """The keys that a batch of words asks for, and why. Words that may be misspelt come last: `worn` is where they begin.

    Whether a word is common, and so no respelt name, is not asked here: most words hit nothing, and it takes longer than to see that.
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
            foreign = alphabetic if FOREIGN in kinds else [word for word in alphabetic if not word.isascii() and is_foreign(word)]
            self._add_pairs(Reach.SCRIPT, "k", [(word, key) for word in foreign for key in skeletons(word)])
        if "f" in kinds:
            self._add_names([word for word in alphabetic if is_respellable(word)], letters_min)
        self.worn = self._columns[-1][0] if self._columns[-1][1] is Reach.WORN else len(self.keys)

    def reason(self, place: int) -> tuple[str, Reach, str]:
        """The word that a key is asked for, how it came to ask, and the key without its first letter."""
        begin, reach, words, texts = self._columns[bisect_right(self._columns, place, key=lambda column: column[0]) - 1]
        return words[place - begin], reach, texts[place - begin]

    def _add_names(self, words: Sequence[str], letters_min: int) -> None:
        meant = [(word, reading) for word in words for reading in _readings(word)]
        forms = normal_forms([reading for _, reading in meant])
        pairs = [(word, form) for (word, _), form in zip(meant, forms, strict=True) if len(form) >= SPLIT_MIN]
        self._add_pairs(Reach.FORM, "f", pairs)
        outlines = outline("\n".join(form for _, form in pairs)).split("\n")
        self._add(Reach.OUTLINE, "o", [word for word, _ in pairs], outlines[: len(pairs)])
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


def name_of(spelling: Spelling) -> Name | None:
    """A spelling as a name that others carry over differently; None where it is none: digits, an acronym, an ordinary word."""
    words, manner = spelling.words, spelling.manner
    core = _core_of_name(manner, spelling.text, words)
    if not core:
        return None
    parts = tuple(Part(word, normal_form(word)) for word in core)
    anchor = _anchor_of_name(parts)
    if _is_short(words, parts[anchor].form):
        return None
    return Name(spelling.term, manner.level, parts, anchor, linked=len(core) < len(words))


def closed_names(spelling: Spelling) -> list[Name]:
    """A name of several words in its closed spellings."""
    written = _closed(spelling.words, _core(spelling.words))
    return [Name(spelling.term, spelling.manner.level, (Part(word, normal_form(word)),), 0, linked=False) for word in written]


def half_min(kind: Kind) -> int:
    """The letters that each half of a word written as two must have."""
    return SPLIT_MIN if kind in {Kind.WEAPON, Kind.TERM} else SPLIT_MIN + 1


def is_respellable(word: str) -> bool:
    """Whether a word is in a script that writes vowels and whose letters anyascii knows: Latin, Greek, Cyrillic, Armenian, Georgian."""
    return word[0].isalpha() and (word.isascii() or all(char < "\u0590" or "\u10a0" <= char <= "\u10ff" for char in word))


def _anchor(words: Sequence[str]) -> int:
    """The word of a phrase under which it is filed: the one that tells most."""
    if len(words) == 1:
        return 0
    return max(range(len(words)), key=lambda at: (not words[at][0].isdigit(), not is_common(words[at]), len(words[at])))


def _anchor_of_name(parts: Sequence[tuple[str, str]]) -> int:
    """The same of the words of a name with their normal forms."""
    if len(parts) == 1:
        return 0
    return max(range(len(parts)), key=lambda at: (not is_common(parts[at][0]), len(parts[at][1])))


def _halves(word: str, letters_min: int) -> Iterator[str]:
    """Of each way to write a word as two the half that tells most: the longer one, unless it is an ordinary word and the other is not."""
    for cut in range(letters_min, len(word) - letters_min + 1):
        first, second = word[:cut], word[cut:]
        longer, shorter = (first, second) if cut * 2 >= len(word) else (second, first)
        yield shorter if is_ambiguous(longer) and not is_ambiguous(shorter) else longer


def _core(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a name without its links."""
    return words if len(words) == 1 else tuple(word for word in words if word not in LINKS) or words


def _core_of_name(manner: Manner, text: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """The same of a spelling that is a name; empty where it is none."""
    if manner.level is Level.OFF or manner.exact or (text.isupper() and text.isascii() and len(words) == 1):
        return ()
    if manner.level is not Level.LOOSE and manner.is_word and not (manner.kind is Kind.WEAPON and text[0].isupper()):
        return ()
    for word in words:
        if not (word.isascii() and word.isalpha()) and not (word[0].isalpha() and (is_respellable(word) or is_foreign(word))):
            return ()
    return _core(words)


def _is_short(words: tuple[str, ...], form: str) -> bool:
    """Whether a name is too short to be respelt; scripts without vowels write the same name with fewer letters."""
    short = SPLIT_MIN - is_foreign(words[0])
    return len(form) < short or (len(words) == 1 and len(words[0]) <= short)


def _closed(words: tuple[str, ...], core: tuple[str, ...]) -> Iterable[str]:
    """A name of several words written as one: with its links, without, and with the short forms of Abu."""
    if len(words) == 1:
        return ()
    written = {"".join(words): None} | ({"".join(core): None} if len(core) > 1 else {})
    if core[0] in KUNYAS and len(core) > 1:
        written |= {kunya + "".join(core[1:]): None for kunya in ("bu", "albu", "abu")}
    return written


def _forms(words: Iterable[str]) -> dict[str, str]:
    distinct = list(dict.fromkeys(words))
    return dict(zip(distinct, normal_forms(distinct), strict=True))


def _stems_of_number(word: str) -> list[str]:
    """What a number with letters may be a designator's tail with a suffix of: 2s19 for 2s19m2."""
    return [] if word.isdigit() else [word[:end] for end in range(1, len(word))]


def _readings(word: str) -> Iterable[str]:
    """What a word may be meant as: itself, without an article written onto it, uninflected."""
    return dict.fromkeys((word, unlinked(word, assimilated=True), *_uninflected(word)))


def _uninflected(word: str) -> tuple[str, ...]:
    if word.isascii():
        return tuple(base for base in bases(word) if len(base) > LETTERS_MIN_LOOSE)
    return tuple(romanised(base) + ending for base in bases(word) for ending in ("", "a", "i", "o"))
