"""All terms, compiled: from a folded word to what it may be part of, and from there to a verified occurrence.

Compiling puts every spelling of every term under its longest word, its *anchor*. Reading goes the other way: `senses(word)` says once for
each distinct word what it may be the anchor of, and `Sense.locate` looks at the neighbours and either finds the term or does not. So
the cost of a text depends on its words and on what they hit, not on how many terms there are.

A word reaches a term in four ways (`Phrase`, `Joined`, `Split`, `Respelt`), each a class below with what it allows.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from rapidfuzz.distance import OSA

from ..records import How, Kind
from ..rules import Level
from ..text import Words, is_common, words
from ..text.spellings import LINKS, bases, consonants, extends, normal_form, outline, romanised, unlinked, verb_stem

__all__ = ["Entry", "Hit", "Lexicon", "Sense"]

# Scores; `Rules` documents them with examples.
SAME = 100.0
INFLECTED = 98.0
RESPELT = 96.0
REVOWELLED = 93.0
MISSPELT_MAX = 90.0

LETTERS_MIN_ERROR = 6
"""Shorter words have too many neighbours for an error of spelling; the level `loose` goes down to 4."""
LETTERS_MIN_LOOSE = 4
LETTERS_MIN_TWO_ERRORS = 8
LETTERS_MAX = 40
"""Longer words are never searched for misspelt ones."""
SPLIT_MIN = 3
SPLIT_CANDIDATES_MAX = 100
# At 20,000 names almost any six letters are one error from some name; at 200,000 any seven (measured on gazetteers).
CROWDED = ((200_000, 2), (20_000, 1))

_UNSEEN = r"\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_GAP = re.compile(rf"[{_UNSEEN}_#]*[-\u2010-\u2015\u2212'’]?[{_UNSEEN}_#]*")
_GAP_MAX = 12
_LINKS_MAX = 2
_KUNYAS = frozenset({"abu", "abou", "aboo", "abo", "abi", "aba", "bu", "bou", "bo", "albu", "albou"})


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """What the lexicon must know of one term."""

    names: tuple[str, ...]
    kind: Kind
    level: Level
    exact: bool = False


class Hit(NamedTuple):
    """A verified occurrence of a term: words `first` to `last` of a text."""

    term: int
    first: int
    last: int
    how: How
    score: float


class Sense(Protocol):
    """A way in which one word may be part of one term."""

    def locate(self, found: Words, at: int) -> Hit | None:
        """The occurrence whose anchor is word `at` of `text`, if the neighbours agree."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """The words of one spelling, one after the other; the last may be inflected or, in a designator, carry a suffix."""

    term: int
    entry: Entry
    words: tuple[str, ...]
    written: tuple[str, ...]
    anchor: int
    alias: bool

    def locate(self, found: Words, at: int) -> Hit | None:
        first, last = at - self.anchor, at - self.anchor + len(self.words) - 1
        if first < 0 or last >= len(found):
            return None
        same = True
        for index, word in enumerate(self.words, start=first):
            if found.folded[index] == word:
                continue
            if self.entry.exact or not self._inflected(index - first, found.folded[index]):
                return None
            same = False
        if not _adjacent(found, first, last):
            return None
        if self.entry.exact and any(found.written(first + index) != word for index, word in enumerate(self.written)):
            return None
        if not self._designates(found, first):
            return None
        if same:
            return Hit(self.term, first, last, How.ALIAS if self.alias else How.EXACT, SAME)
        return Hit(self.term, first, last, How.VARIANT, INFLECTED)

    def _inflected(self, index: int, word: str) -> bool:
        listed = self.words[index]
        if listed[0].isdigit():
            return index == len(self.words) - 1 and self._suffixed(listed, word)
        if not listed.isascii():
            return not {word, *bases(word)}.isdisjoint({listed, *bases(listed)})
        if index != len(self.words) - 1:
            return False
        if listed in bases(word):
            return self.entry.kind is not Kind.PLACE or len(listed) > LETTERS_MIN_LOOSE
        if self.entry.kind not in {Kind.WEAPON, Kind.TERM}:
            return False
        return word in bases(listed) or (_is_verb(self.entry.kind, listed) and _is_form(listed, word))

    def _suffixed(self, listed: str, word: str) -> bool:
        return extends(listed, word) if self.entry.kind is Kind.WEAPON else word == listed + "s"

    def _designates(self, found: Words, first: int) -> bool:
        """`F 16` with a space is a designator only with a capital."""
        for index in range(len(self.words) - 1):
            if len(self.words[index]) > SPLIT_MIN or not self.words[index + 1][0].isdigit():
                continue
            if found.gap(first + index).isspace() and found.written(first + index)[0].islower():
                return False
        return True


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """A term of several words, written as one: `airstrike` for air strike, `DeirEzzor`."""

    term: int

    def locate(self, found: Words, at: int) -> Hit | None:
        return Hit(self.term, at, at, How.VARIANT, INFLECTED)


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """A term of one word, written as two: `air strike` for airstrike. `rest` is the second half."""

    term: int
    rest: str

    def locate(self, found: Words, at: int) -> Hit | None:
        if at + 1 >= len(found):
            return None
        second = found.folded[at + 1]
        if (second != self.rest and self.rest not in bases(second)) or not _adjacent(found, at, at + 1):
            return None
        return Hit(self.term, at, at + 1, How.VARIANT, INFLECTED)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A word of a name, with its normal form."""

    word: str
    form: str


@dataclass(frozen=True, slots=True, eq=False)
class Name:
    """A name without its links: Deir ez-Zor is `deir` and `zor`."""

    term: int
    entry: Entry
    parts: tuple[Part, ...]
    anchor: int
    linked: bool

    @property
    def needs_article(self) -> bool:
        """Whether what is left without the article is too short to stand alone: al-Bab."""
        return self.linked and len(self.parts) == 1 and len(self.parts[0].form) <= SPLIT_MIN

    @property
    def letters(self) -> int:
        """How long the name is, for the share that an error has in it."""
        return sum(len(part.word) for part in self.parts)


@dataclass(frozen=True, slots=True, eq=False)
class Respelt:
    """A name in another transliteration, or misspelt: the anchor is known to be near, the other parts are compared here."""

    name: Name
    score: float
    edits: int
    same: bool

    def locate(self, found: Words, at: int) -> Hit | None:
        name = self.name
        left = _walk(name.parts[: name.anchor][::-1], found, at, step=-1, end=len(name.parts) == name.anchor + 1)
        right = _walk(name.parts[name.anchor + 1 :], found, at, step=1, end=True)
        if left is None or right is None:
            return None
        first, last = left[0], right[0]
        if name.linked and len(name.parts) == 1 and first and found.folded[first - 1] in LINKS:
            first -= 1
        elif name.needs_article:
            return None
        if not _adjacent(found, first, last):
            return None
        edits = self.edits + left[2] + right[2]
        if edits > _edits_allowed(name.entry.level, name.letters) or not self._is_name(found, first, at):
            return None
        if edits:
            score = min(MISSPELT_MAX, 100.0 * (1 - edits / name.letters))
            return Hit(name.term, first, last, How.FUZZY, round(score, 1))
        return Hit(name.term, first, last, How.VARIANT, min(self.score, left[1], right[1], RESPELT))

    def _is_name(self, found: Words, first: int, at: int) -> bool:
        """A word that is only like a name begins with a capital, unless its neighbours, or its article, are in the name as well."""
        if self.same or (not self.edits and (len(self.name.parts) > 1 or first < at)):
            return True
        return not found.written(at)[0].islower()


class Lexicon:
    """The terms by what their anchors look like. `senses` remembers every word it was asked for, up to a bound."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._phrases: dict[str, list[Phrase]] = defaultdict(list)
        self._inflected: dict[str, list[Phrase]] = defaultdict(list)
        self._verbs: dict[str, list[Phrase]] = defaultdict(list)
        self._joined: dict[str, list[Joined]] = defaultdict(list)
        self._forms: dict[str, list[Name]] = defaultdict(list)
        self._outlines: dict[str, list[Name]] = defaultdict(list)
        self._deletions: dict[str, list[Name]] = defaultdict(list)
        self._anchors: dict[str, list[Name]] = defaultdict(list)
        self._edits_max = 0
        self._deletions_min = LETTERS_MAX
        self._half_min = [SPLIT_MIN if entry.kind in {Kind.WEAPON, Kind.TERM} else SPLIT_MIN + 1 for entry in entries]
        self._crowd = next((more for size, more in CROWDED if len(entries) >= size), 0)
        splits: list[tuple[str, int]] = []
        for term, entry in enumerate(entries):
            for index, text in enumerate(entry.names):
                splits += self._add(term, entry, text, alias=index > 0)
        splits.sort()
        self._split_words = [word for word, _ in splits]
        self._split_terms = [term for _, term in splits]

    def senses(self, word: str) -> tuple[Sense, ...]:
        """What a folded word may be the anchor of."""
        if len(word) > LETTERS_MAX:
            return tuple(self._phrases.get(word, ()))
        singulars = bases(word)
        return tuple(
            dict.fromkeys(
                [
                    *self._phrases.get(word, ()),
                    *(phrase for stem in _stems_of_number(word) for phrase in self._phrases.get(stem, ())),
                    *(phrase for base in (word, *singulars) for phrase in self._inflected.get(base, ())),
                    *self._verbs.get(verb_stem(word), ()),
                    *(joined for base in (word, *singulars) for joined in self._joined.get(base, ())),
                    *self._splits(word),
                    *self._respellings(word),
                ]
            )
        )

    def _add(self, term: int, entry: Entry, text: str, *, alias: bool) -> Iterator[tuple[str, int]]:
        found = words(text)
        if not found:
            return
        folded = tuple(found.folded)
        written = tuple(map(found.written, range(len(found))))
        anchor = max(range(len(folded)), key=lambda index: (not folded[index][0].isdigit(), len(folded[index])))
        phrase = Phrase(term, entry, folded, written, anchor, alias)
        self._phrases[folded[anchor]].append(phrase)
        if entry.exact:
            return
        self._add_inflected(phrase)
        if len(folded) > 1:
            self._joined["".join(folded)].append(Joined(term))
        elif folded[0].isalpha():
            yield folded[0], term
        if _is_respelt(entry, text, folded):
            self._add_name(term, entry, folded)

    def _add_inflected(self, phrase: Phrase) -> None:
        word = phrase.words[phrase.anchor]
        last = phrase.anchor == len(phrase.words) - 1
        if last or not word.isascii():
            self._inflected[word].append(phrase)
            if not word.isascii() or phrase.entry.kind in {Kind.WEAPON, Kind.TERM}:
                for base in bases(word):
                    self._inflected[base].append(phrase)
        if last and _is_verb(phrase.entry.kind, word):
            self._verbs[verb_stem(word)].append(phrase)

    def _add_name(self, term: int, entry: Entry, folded: tuple[str, ...]) -> None:
        core = tuple(word for word in folded if word not in LINKS) or folded
        parts = tuple(Part(word, normal_form(word)) for word in core)
        anchor = max(range(len(parts)), key=lambda index: (not is_common(parts[index].word), len(parts[index].form)))
        form = parts[anchor].form
        name = Name(term, entry, parts, anchor, len(core) < len(folded))
        if len(form) < SPLIT_MIN or (len(folded) == 1 and len(folded[0]) <= SPLIT_MIN):
            return
        self._forms[form].append(name)
        if _outlined(form, alone=len(parts) == 1):
            self._outlines[outline(form)].append(name)
        self._anchors[parts[anchor].word].append(name)
        self._add_deletions(name, entry.level)
        for joined in _written_as_one(folded, core):
            whole = Name(term, entry, (Part(joined, normal_form(joined)),), 0, linked=False)
            self._forms[whole.parts[0].form].append(whole)

    def _add_deletions(self, name: Name, level: Level) -> None:
        part = name.parts[name.anchor]
        edits = level.edits
        if not edits or len(part.word) < self._letters_min(level):
            return
        keys = _deletions(romanised(part.word), edits)
        for key in keys | _deletions(part.form, edits) if _is_long(part.form, level) else keys:
            self._deletions[key].append(name)
        self._edits_max = max(self._edits_max, edits)
        self._deletions_min = min(self._deletions_min, len(part.word) - edits - 1)

    def _letters_min(self, level: Level) -> int:
        return (LETTERS_MIN_LOOSE if level is Level.LOOSE else LETTERS_MIN_ERROR) + self._crowd

    def _splits(self, word: str) -> Iterator[Split]:
        if len(word) < SPLIT_MIN or not self._split_words:
            return
        start = bisect_right(self._split_words, word)
        for index in range(start, min(start + SPLIT_CANDIDATES_MAX, len(self._split_words))):
            whole = self._split_words[index]
            if not whole.startswith(word):
                break
            if min(len(word), len(whole) - len(word)) >= self._half_min[self._split_terms[index]]:
                yield Split(self._split_terms[index], whole[len(word) :])

    def _respellings(self, word: str) -> Iterator[Respelt]:
        if not _is_respellable(word):
            return
        if is_common(word):
            yield from (Respelt(name, SAME, 0, same=True) for name in self._anchors.get(word, ()))
            return
        found: dict[Name, Respelt] = {}
        for candidate in self._candidates(word):
            better = found.get(candidate.name)
            if better is None or (candidate.edits, -candidate.score) < (better.edits, -better.score):
                found[candidate.name] = candidate
        yield from found.values()

    def _candidates(self, word: str) -> Iterator[Respelt]:
        for reading in dict.fromkeys((word, unlinked(word, assimilated=True), *_uninflected(word))):
            form = normal_form(reading)
            if len(form) < SPLIT_MIN:
                continue
            glued = reading not in {word, unlinked(word, assimilated=False)} and word.endswith(reading)
            for name in self._forms.get(form, ()):
                if not (glued and len(name.parts) == 1):
                    yield Respelt(name, RESPELT, 0, same=reading == name.parts[name.anchor].word)
            for name in self._outlines.get(outline(form), ()):
                if not glued and _differs_in_vowels(reading, form, name.parts[name.anchor].form):
                    yield Respelt(name, REVOWELLED, 0, same=False)
        if len(word) > self._deletions_min:
            yield from self._misspelt(romanised(word), normal_form(word))

    def _misspelt(self, word: str, form: str) -> Iterator[Respelt]:
        for key in _deletions(word, self._edits_max) | _deletions(form, self._edits_max):
            for name in self._deletions.get(key, ()):
                part = name.parts[name.anchor]
                edits = _errors(word, form, part)
                if edits <= _edits_allowed(name.entry.level, len(part.word)):
                    yield Respelt(name, MISSPELT_MAX, edits, same=False)


def _errors(word: str, form: str, part: Part) -> int:
    """Errors of spelling between a word and a part of a name; many where one is a bare cut or extension of the other (Donets, Syrian)."""
    listed = romanised(part.word)
    if word[:1] != listed[:1] and sorted(word[:2]) != sorted(listed[:2]):
        return LETTERS_MAX
    if any(one.startswith(other) for one, other in ((word, listed), (listed, word), (form, part.form), (part.form, form))):
        return LETTERS_MAX
    edits = OSA.distance(word, listed)
    if not _is_long(part.form, Level.NORMAL) or (form[-1] != part.form[-1] and {form[-1], part.form[-1]} <= set("aiu")):
        return edits
    return max(1, min(edits, OSA.distance(form, part.form)))


def _is_long(form: str, level: Level) -> bool:
    """Whether a normal form, shorter than the word, is long enough to be compared for errors itself."""
    return len(form) >= (LETTERS_MIN_LOOSE if level is Level.LOOSE else LETTERS_MIN_ERROR)


def _differs_in_vowels(word: str, form: str, listed: str) -> bool:
    """Of two normal forms with the same outline: whether few enough vowels differ, one for every two consonants.

    The last vowel tells names apart (Palmyra, Palmieri), but for a final -e, which stands for -a as well as for -i.
    """
    if form[-1] != listed[-1] and not word.endswith("e"):
        return False
    return OSA.distance(form, listed) <= max(1, len(consonants(listed)) // 2)


def _edits_allowed(level: Level, letters: int) -> int:
    if level is Level.LOOSE:
        return 2 if letters >= LETTERS_MIN_TWO_ERRORS else int(letters >= LETTERS_MIN_LOOSE)
    return level.edits if letters >= LETTERS_MIN_ERROR else 0


def _walk(parts: Sequence[Part], found: Words, at: int, *, step: int, end: bool) -> tuple[int, float, int] | None:
    """From the anchor outwards over the other parts of a name: the last word, the worst score and the errors. Links are free."""
    score, edits = SAME, 0
    for index, part in enumerate(parts):
        at += step
        skipped = 0
        while 0 <= at < len(found) and skipped < _LINKS_MAX and found.folded[at] in LINKS and found.folded[at] != part.word:
            at += step
            skipped += 1
        if not 0 <= at < len(found):
            return None
        likeness = _likeness(part, found.folded[at], last=end and step > 0 and index == len(parts) - 1)
        if likeness is None:
            return None
        score, edits = min(score, likeness[0]), edits + likeness[1]
    return at, score, edits


def _likeness(part: Part, word: str, *, last: bool) -> tuple[float, int] | None:
    """How near a word is to a part of a name of which another part has been found: a score and errors of spelling."""
    if word == part.word:
        return SAME, 0
    if last and part.word in bases(word):
        return INFLECTED, 0
    form = normal_form(word)
    if part.form in {form, normal_form(unlinked(word, assimilated=True))} or {word, part.word} <= _KUNYAS:
        return RESPELT, 0
    if len(consonants(form)) > 1 and outline(form) == outline(part.form):
        return REVOWELLED, 0
    if is_common(word):
        return None
    if len(part.word) >= LETTERS_MIN_LOOSE and _errors(romanised(word), form, part) == 1:
        return MISSPELT_MAX, 1
    return None


def _adjacent(found: Words, first: int, last: int) -> bool:
    """Whether nothing but spaces, one hyphen and invisible marks stands between words; no blank line does."""
    for index in range(first, last):
        gap = found.gap(index)
        if gap in {" ", "-", ""}:
            continue
        if len(gap) > _GAP_MAX or not _GAP.fullmatch(gap) or gap.count("\n") > 1:
            return False
    return True


def _stems_of_number(word: str) -> list[str]:
    """What a number with letters may be a designator's tail with a suffix of: 2s19 for 2s19m2."""
    return [word[:end] for end in range(1, len(word))] if word[0].isdigit() and not word.isdigit() else []


def _is_verb(kind: Kind, word: str) -> bool:
    """Whether -ed and -ing forms of a term are meant: of ordinary words always, of weapons only where the name is such a form itself."""
    return word.isascii() and len(word) > LETTERS_MIN_LOOSE and (kind is Kind.TERM or (kind is Kind.WEAPON and word.endswith("ing")))


def _is_form(listed: str, word: str) -> bool:
    """Whether two words are forms of one verb; a plain noun such as shell is not a form of shelling."""
    if verb_stem(word) != verb_stem(listed):
        return False
    return word.endswith(("ing", "ings", "ed")) or not listed.endswith(("ing", "ed")) or not is_common(word)


def _is_respelt(entry: Entry, text: str, folded: tuple[str, ...]) -> bool:
    """Whether a spelling of a term is a name that others carry over differently: no digits, no acronym, no ordinary word."""
    if entry.level is Level.OFF or any(char.isdigit() for char in text) or not all(map(_is_respellable, folded)):
        return False
    if text.isupper() and text.isascii() and len(folded) == 1:
        return False
    return entry.level is Level.LOOSE or entry.kind in {Kind.PLACE, Kind.GROUP} or (entry.kind is Kind.WEAPON and text[0].isupper())


def _is_respellable(word: str) -> bool:
    """Whether a word is in a script that writes vowels and whose letters anyascii knows: Latin, Greek, Cyrillic, Armenian, Georgian."""
    return word[0].isalpha() and (word.isascii() or all(char < "\u0590" or "\u10a0" <= char <= "\u10ff" for char in word))


def _uninflected(word: str) -> tuple[str, ...]:
    if word.isascii():
        return tuple(base for base in bases(word) if len(base) > LETTERS_MIN_LOOSE)
    return tuple(romanised(base) + ending for base in bases(word) for ending in ("", "a", "i", "o"))


def _outlined(form: str, *, alone: bool) -> bool:
    return len(consonants(form)) >= SPLIT_MIN and (not alone or len(form) >= LETTERS_MIN_ERROR)


def _written_as_one(folded: tuple[str, ...], core: tuple[str, ...]) -> set[str]:
    """The closed spellings of a name of several words: with its links, without, and with the short forms of Abu."""
    if len(folded) == 1:
        return set()
    written = {"".join(folded)} | ({"".join(core)} if len(core) > 1 else set())
    if core[0] in _KUNYAS and len(core) > 1:
        written |= {kunya + "".join(core[1:]) for kunya in ("bu", "albu", "abu")}
    return written


def _deletions(word: str, depth: int) -> set[str]:
    """The word, and all that is left of it after leaving out up to `depth` letters."""
    found = {word}
    edge = found
    for _ in range(depth):
        edge = {shorter[:index] + shorter[index + 1 :] for shorter in edge for index in range(len(shorter))}
        found = found | edge
    return found
