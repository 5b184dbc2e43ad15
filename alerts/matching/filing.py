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

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from ..records import Kind
from ..rules import Level
from ..text import is_ambiguous, is_common
from ..text.scripts import is_foreign, skeletons
from ..text.spellings import LINKS, bases, consonants, normal_form, outline, romanised, unlinked, verb_stem
from .senses import (
    KUNYAS,
    LETTERS_MAX,
    LETTERS_MIN_ERROR,
    LETTERS_MIN_LOOSE,
    SPLIT_MIN,
    Name,
    Part,
    Spelling,
    is_long,
    is_verb,
)

__all__ = ["Ask", "Filed", "Reach", "Way", "asked_by", "closed_names", "half_min", "name_of", "readings"]


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


@dataclass(slots=True)
class Filed:
    """Keys with their postings; of those in `worn[depth]` letters are left out as well."""

    keys: list[str] = field(default_factory=list)
    postings: list[int] = field(default_factory=list)
    worn: dict[int, tuple[list[str], list[int]]] = field(default_factory=dict)
    letters_min: int = LETTERS_MAX
    """The letters of the shortest word that may be one of these misspelt."""
    foreign: bool = False
    """Whether a name itself is in another script than Latin, so that Latin words may be it."""

    def add(self, number: int, spelling: Spelling, letters_more: int) -> None:
        """File a spelling; `letters_more` is by how much longer than usual a word must be that may have an error."""
        folded, manner = spelling.words, spelling.manner
        if not folded:
            return
        anchor = _anchor(folded)
        word = folded[anchor]
        is_last = anchor == len(folded) - 1
        varied = not manner.exact and (is_last or not word.isascii())
        self._file("w", word, number, Way.INFLECTED if varied else Way.PHRASE)
        if manner.exact:
            return
        if varied and (not word.isascii() or manner.is_word):
            for base in bases(word):
                self._file("w", base, number, Way.INFLECTED)
        if is_last and is_verb(manner.kind, word):
            self._file("v", verb_stem(word), number, Way.VERB)
        if len(folded) > 1:
            self._file("w", "".join(folded), number, Way.JOINED)
        elif word.isalpha():
            for half in _halves(word, half_min(manner.kind)):
                self._file("w", half, number, Way.HALF)
        if (name := name_of(spelling)) is not None:
            self._add_name(number, spelling, name, letters_more)

    def _add_name(self, number: int, spelling: Spelling, name: Name, letters_more: int) -> None:
        word, form = name.parts[name.anchor]
        if not (is_foreign(word) and spelling.manner.alias):
            self.foreign = self.foreign or is_foreign(word)
            for skeleton in skeletons(word):
                self._file("k", skeleton, number, Way.SCRIPT)
        if not all(is_respellable(part.word) for part in name.parts):
            return
        self._file("f", form, number, Way.FORM)
        if _outlined(form, alone=len(name.parts) == 1):
            self._file("o", outline(form), number, Way.OUTLINE)
        if is_common(word):
            self._file("w", word, number, Way.COMMON)
        for closed in closed_names(spelling):
            self._file("f", closed.parts[0].form, number, Way.CLOSED)
        level = name.level
        if level.edits and len(word) >= (LETTERS_MIN_LOOSE if level is Level.LOOSE else LETTERS_MIN_ERROR) + letters_more:
            self.letters_min = min(self.letters_min, len(word) - level.edits)
            keys, postings = self.worn.setdefault(level.edits, ([], []))
            for text in {romanised(word), form} if is_long(form, level) else {romanised(word)}:
                keys.append("d" + text)
                postings.append(number << WAY_BITS | Way.WORN)

    def _file(self, kind: str, text: str, number: int, way: Way) -> None:
        self.keys.append(kind + text)
        self.postings.append(number << WAY_BITS | way)


class Ask:
    """The keys that a batch of words asks for, and why. Words that may be misspelt come last: `worn` is where they begin."""

    def __init__(self, words: Sequence[str], *, letters_min: int, foreign: bool) -> None:
        self.keys: list[str] = []
        self.reasons: list[tuple[str, Reach, str]] = []
        misspelt: list[tuple[str, str]] = []
        for word in words:
            for reach, kind, text in asked_by(word):
                self.keys.append(kind + text)
                self.reasons.append((word, reach, text))
            if is_foreign(word) or (foreign and not is_common(word)):
                for skeleton in skeletons(word):
                    self.keys.append("k" + skeleton)
                    self.reasons.append((word, Reach.SCRIPT, skeleton))
            if letters_min <= len(word) <= LETTERS_MAX and is_respellable(word) and not is_common(word):
                misspelt += ((word, text) for text in {romanised(word), normal_form(word)})
        self.worn = len(self.keys)
        self.keys += ("d" + text for _, text in misspelt)
        self.reasons += ((word, Reach.WORN, text) for word, text in misspelt)


def asked_by(word: str) -> Iterator[tuple[Reach, str, str]]:
    """The keys that a word of a text asks for, but for those of errors."""
    yield Reach.OWN, "w", word
    if len(word) > LETTERS_MAX:
        return
    for base in bases(word):
        yield Reach.BASE, "w", base
    if not word[0].isalpha():
        if not word.isdigit():  # what may be a designator's tail with a suffix: 2s19 for 2s19m2
            yield from ((Reach.STEM, "w", word[:end]) for end in range(1, len(word)))
        return
    yield Reach.VERB, "v", verb_stem(word)
    if is_respellable(word) and not is_common(word):
        for _, form in readings(word):
            yield Reach.FORM, "f", form
            yield Reach.OUTLINE, "o", outline(form)


def readings(word: str) -> Iterator[tuple[str, str]]:
    """A word as it may be meant, without an article written onto it and uninflected, each with its normal form."""
    for reading in dict.fromkeys((word, unlinked(word, assimilated=True), *_uninflected(word))):
        form = normal_form(reading)
        if len(form) >= SPLIT_MIN:
            yield reading, form


def name_of(spelling: Spelling) -> Name | None:
    """A spelling as a name that others carry over differently; None where it is none: digits, an acronym, an ordinary word."""
    folded, manner = spelling.words, spelling.manner
    if not _is_respelt(spelling):
        return None
    core = _core(folded)
    parts = tuple(Part(word, normal_form(word)) for word in core)
    anchor = max(range(len(parts)), key=lambda index: (not is_common(parts[index].word), len(parts[index].form))) if len(parts) > 1 else 0
    # Scripts without vowels write the same name with fewer letters.
    short = SPLIT_MIN - is_foreign(folded[0])
    if len(parts[anchor].form) < short or (len(folded) == 1 and len(folded[0]) <= short):
        return None
    return Name(spelling.term, manner.level, parts, anchor, linked=len(core) < len(folded))


def closed_names(spelling: Spelling) -> list[Name]:
    """A name of several words in its closed spellings: with its links, without, and with the short forms of Abu."""
    folded = spelling.words
    if len(folded) == 1:
        return []
    core = _core(folded)
    written = {"".join(folded)} | ({"".join(core)} if len(core) > 1 else set())
    if core[0] in KUNYAS and len(core) > 1:
        written |= {kunya + "".join(core[1:]) for kunya in ("bu", "albu", "abu")}
    return [Name(spelling.term, spelling.manner.level, (Part(word, normal_form(word)),), 0, linked=False) for word in written]


def half_min(kind: Kind) -> int:
    """The letters that each half of a word written as two must have."""
    return SPLIT_MIN if kind in {Kind.WEAPON, Kind.TERM} else SPLIT_MIN + 1


def is_respellable(word: str) -> bool:
    """Whether a word is in a script that writes vowels and whose letters anyascii knows: Latin, Greek, Cyrillic, Armenian, Georgian."""
    return word[0].isalpha() and (word.isascii() or all(char < "\u0590" or "\u10a0" <= char <= "\u10ff" for char in word))


def _anchor(folded: Sequence[str]) -> int:
    """The word of a phrase under which it is filed: the one that tells most."""
    if len(folded) == 1:
        return 0
    return max(range(len(folded)), key=lambda at: (not folded[at][0].isdigit(), not is_common(folded[at]), len(folded[at])))


def _halves(word: str, letters_min: int) -> Iterator[str]:
    """Of each way to write a word as two the half that tells most: the longer one, unless it is an ordinary word and the other is not."""
    for cut in range(letters_min, len(word) - letters_min + 1):
        first, second = word[:cut], word[cut:]
        longer, shorter = (first, second) if cut * 2 >= len(word) else (second, first)
        yield shorter if is_ambiguous(longer) and not is_ambiguous(shorter) else longer


def _core(folded: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in folded if word not in LINKS) or folded


def _is_respelt(spelling: Spelling) -> bool:
    text, folded, (kind, level, _, _) = spelling.text, spelling.words, spelling.manner
    if level is Level.OFF or any(char.isdigit() for char in text) or not all(is_respellable(word) or is_foreign(word) for word in folded):
        return False
    if text.isupper() and text.isascii() and len(folded) == 1:
        return False
    return level is Level.LOOSE or kind in {Kind.PLACE, Kind.GROUP} or (kind is Kind.WEAPON and text[0].isupper())


def _uninflected(word: str) -> tuple[str, ...]:
    if word.isascii():
        return tuple(base for base in bases(word) if len(base) > LETTERS_MIN_LOOSE)
    return tuple(romanised(base) + ending for base in bases(word) for ending in ("", "a", "i", "o"))


def _outlined(form: str, *, alone: bool) -> bool:
    return len(consonants(form)) >= SPLIT_MIN and (not alone or len(form) >= LETTERS_MIN_ERROR)
