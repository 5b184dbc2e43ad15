"""What a word may be part of, and how an occurrence is verified there.

A word reaches a term in four ways (`Phrase`, `Word`, `Splits`, `Respelt`), each a class below with what it allows. `locate` looks at the
neighbours of the word in a text and either finds the term or does not.

What it deliberately does not do: nothing here depends on how many terms there are, or knows how a word was found to be near one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from ..records import How, Kind
from ..rules import Level
from ..text import is_ambiguous, words
from ..text.cases import is_case
from ..text.common import is_everyday
from ..text.scripts import abjad, is_cyrillic, is_ordinary, is_word
from ..text.spellings import LINKS, bases, extends, is_joined, is_plural, verb_stem
from .likeness import INFLECTED, LETTERS_MIN_LOOSE, MISSPELT_MAX, RESPELT, SAME, Part, edits_allowed, likeness

LETTERS_MAX_ACRONYM = 4
SPLIT_MIN = 3
STEM_SURE = 5

_UNSEEN = r"\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_GAP = re.compile(rf"[{_UNSEEN}_#]*(?:[-\u2010-\u2015\u2212]?['’‘`]?[{_UNSEEN}_#]*|(?<=\s)[«„“\"])")
_POSSESSIVE = re.compile("['’]s(?=\\s)")
_GAP_MAX = 12
_GERSHAYIM = frozenset('"״”')
LINKS_MAX = 2
_ARABIC_ARTICLE = "ال"
_ARABIC_FOR = ("لل", "ولل")
_ARABIC_PREFIX_MAX = 4
"""The article is a part of the word, behind a conjunction and a preposition."""
_DEEDS = frozenset({"kidnap", "hijack", "smuggl"})
"""Stems of ordinary verbs of which the plain form means the deed, too: a kidnap is a kidnapping, a shell is no shelling."""


class Manner(NamedTuple):
    """What the spellings of a term have in common: how far each may be varied."""

    kind: Kind
    level: Level
    exact: bool = False
    alias: bool = False
    told: frozenset[str] = frozenset()
    """Scripts without vowels in which the term has a spelling of its own."""

    @property
    def is_word(self) -> bool:
        """Whether ordinary words are meant, which are inflected freely."""
        return self.kind in {Kind.WEAPON, Kind.TERM}


class Spelling(NamedTuple):
    """One spelling of a term: its name or an alias."""

    term: int
    manner: Manner
    text: str
    words: tuple[str, ...]
    """The text folded, word by word."""

    @classmethod
    def of(cls, term: int, manner: Manner, text: str) -> Spelling:
        """A spelling as it is listed."""
        plain = text.isascii() and text.replace(" ", "").isalpha()
        return cls(term, manner, text, tuple(text.lower().split() if plain else words(text).folded))


class Hit(NamedTuple):
    """A verified occurrence of a term: words `first` to `last` of a text."""

    term: int
    first: int
    last: int
    how: How
    score: float


class Around(Protocol):
    """What a sense looks at: the words of a text, or a sketch of them."""

    @property
    def folded(self) -> list[str]:
        """Each word, folded."""
        ...

    @property
    def is_ascii(self) -> bool:
        """Whether nothing but ASCII stands there, as far as is known."""
        ...

    def __len__(self) -> int: ...
    def written(self, index: int) -> str:
        """A word as it stands in the text; empty where that is not known."""
        ...

    def gap(self, index: int) -> str:
        """What stands between a word and the next."""
        ...


@dataclass(frozen=True, slots=True)
class Sketch:
    """Some words of a text of which nothing else is known: whether a term might stand among them."""

    folded: list[str]

    @property
    def is_ascii(self) -> bool:
        return True

    def __len__(self) -> int:
        return len(self.folded)

    def written(self, index: int) -> str:
        return ""

    def gap(self, index: int) -> str:
        return " "


class Sense(Protocol):
    """A way in which one word may be part of a term, or of several terms at once."""

    @property
    def alone(self) -> bool:
        """Whether no other word belongs to it."""
        ...

    @property
    def reach(self) -> int:
        """How many words before and behind it are looked at, at most."""
        ...

    def locate(self, found: Around, at: int) -> Sequence[Hit]:
        """The occurrences whose anchor is word `at` of a text, where the neighbours agree."""
        ...


class Phrase(NamedTuple):
    """The words of one spelling, one after the other; the last may be inflected or, in a designator, carry a suffix."""

    spelling: Spelling
    anchor: int

    @property
    def alone(self) -> bool:
        return len(self.spelling.words) == 1

    @property
    def reach(self) -> int:
        return len(self.spelling.words)

    def locate(self, found: Around, at: int) -> Sequence[Hit]:
        listed, manner, folded = self.spelling.words, self.spelling.manner, found.folded
        first, last = at - self.anchor, at - self.anchor + len(listed) - 1
        if first < 0 or last >= len(folded):
            return ()
        same = True
        for index, word in enumerate(listed, start=first):
            if folded[index] == word:
                if self._lacks_capital(index - first, found.written(index)):
                    return ()
                continue
            if manner.exact or not self._inflected(index - first, folded[index]) or self._is_small(index - first, found.written(index)):
                return ()
            same = False
        if same and not last - first and not manner.exact:
            return (Hit(self.spelling.term, first, last, How.ALIAS if manner.alias else How.EXACT, SAME),)
        if not _adjacent(found, first, last, possessive=_POSSESSIVE.search(self.spelling.text) is not None):
            return ()
        if manner.exact and any(found.written(first + index) not in {word, ""} for index, word in enumerate(self._written())):
            return ()
        if not self._designates(found, first):
            return ()
        if same:
            return (Hit(self.spelling.term, first, last, How.ALIAS if manner.alias else How.EXACT, SAME),)
        return (Hit(self.spelling.term, first, last, How.VARIANT, INFLECTED),)

    def _written(self) -> list[str]:
        listed = words(self.spelling.text)
        return list(map(listed.written, range(len(listed))))

    def _inflected(self, index: int, word: str) -> bool:
        listed, manner = self.spelling.words[index], self.spelling.manner
        is_last = index == len(self.spelling.words) - 1
        if listed[0].isdigit():
            return is_last and (extends(listed, word) if manner.kind is Kind.WEAPON else word == listed + "s")
        if abjad(listed):
            return self._joined(listed, word)
        if not listed.isascii():
            if is_cyrillic(listed) and not manner.is_word:
                return is_case(word, listed) and (len(self.spelling.words) > 1 or not is_word(word))
            return _has_stem_of(listed, word)
        if not is_last:
            return False
        if listed in bases(word):
            return manner.kind is not Kind.PLACE or (len(listed) > LETTERS_MIN_LOOSE and not _is_form_of_another(word, listed))
        if not manner.is_word:
            return manner.kind is Kind.GROUP and len(self.spelling.words) > 1 and word in bases(listed)
        return word in bases(listed) or (is_verb(manner.kind, listed) and _is_form(listed, word))

    def _joined(self, listed: str, word: str) -> bool:
        """Whether a word of Arabic, Persian or Hebrew is a listed one with what is written onto it, and no other word by that."""
        if self.spelling.manner.is_word and is_plural(word, listed):
            return True
        whole = word.endswith(listed) or (len(self.spelling.words) > 1 and word.startswith(_ARABIC_FOR))
        return is_joined(word, listed) and not (is_word(word, but=listed) if whole else is_ordinary(word))

    def _lacks_capital(self, index: int, written: str) -> bool:
        """Whether a Cyrillic place of one word stands there without its capital: рівне is even, Рівне a town. Peoples are written small."""
        return len(self.spelling.words) == 1 and self.spelling.manner.kind is Kind.PLACE and self._is_small(index, written)

    def _is_small(self, index: int, written: str) -> bool:
        """Whether a form of a Cyrillic or Greek name lacks its capital: суму is of a sum, Сумах of Sumy."""
        return written[:1].islower() and not written.isascii() and self.is_capital(index)

    def is_capital(self, index: int) -> bool:
        """Whether a word of the spelling is listed with a capital."""
        return self._written()[index][0].isupper()

    def _designates(self, found: Around, first: int) -> bool:
        """`F 16` with a space is a designator only with a capital."""
        listed = self.spelling.words
        for index in range(len(listed) - 1):
            if len(listed[index]) > SPLIT_MIN or not listed[index + 1][0].isdigit():
                continue
            if found.gap(first + index).isspace() and found.written(first + index)[:1].islower():
                return False
        return True


class Word(NamedTuple):
    """A term that the word of the text is, whatever stands beside it: one word in letters of ASCII, or a form of it, as a `Phrase` finds
    it; or several words written as one (`airstrike` for air strike, `DeirEzzor`).
    """

    term: int
    how: How
    score: float
    needs_capital: bool = False
    """Whether it must have a capital where it stands in other letters than ASCII."""

    @property
    def alone(self) -> bool:
        return True

    @property
    def reach(self) -> int:
        return 0

    @classmethod
    def of(cls, phrase: Phrase, word: str) -> Word | None:
        """What the phrase is where it stands on this word; None where it is not one word, or cannot be told from the word alone."""
        listed, manner = phrase.spelling.words, phrase.spelling.manner
        if len(listed) > 1 or manner.exact or not listed[0].isascii():
            return None
        hits = phrase.locate(Sketch([word]), 0)
        if not hits:
            return None
        needs_capital = manner.kind is Kind.PLACE or hits[0].how is How.VARIANT
        return cls(hits[0].term, hits[0].how, hits[0].score, needs_capital and phrase.is_capital(0))

    def locate(self, found: Around, at: int) -> Sequence[Hit]:
        if self.needs_capital and not found.is_ascii and (written := found.written(at))[:1].islower() and not written.isascii():
            return ()
        return (Hit(self.term, at, at, self.how, self.score),)


class Splits(NamedTuple):
    """Terms of one word, written as two: `air strike` for airstrike. Each has the other half before or behind this one."""

    before: Mapping[str, Sequence[int]]
    behind: Mapping[str, Sequence[int]]
    capitals: bool = False
    """Whether both words begin with a capital, but for one behind a hyphen."""

    @property
    def alone(self) -> bool:
        return False

    @property
    def reach(self) -> int:
        return 1

    def locate(self, found: Around, at: int) -> Sequence[Hit]:
        hits: list[Hit] = []
        if self.behind and at + 1 < len(found):
            second = found.folded[at + 1]
            terms = dict.fromkeys(term for half in (second, *bases(second)) for term in self.behind.get(half, ()))
            if terms and self._stand_together(found, at):
                hits += (Hit(term, at, at + 1, How.VARIANT, INFLECTED) for term in terms)
        terms = dict.fromkeys(self.before.get(found.folded[at - 1], ())) if self.before and at else {}
        if terms and self._stand_together(found, at - 1):
            hits += (Hit(term, at - 1, at, How.VARIANT, INFLECTED) for term in terms)
        return hits

    def _stand_together(self, found: Around, first: int) -> bool:
        small = [found.written(at)[:1].islower() for at in (first, first + 1)] if self.capitals else []
        return _adjacent(found, first, first + 1) and not (any(small) and (small[0] or found.gap(first) != "-"))


class Name(NamedTuple):
    """A name without its links: Deir ez-Zor is `deir` and `zor`. The anchor is the part that tells most."""

    term: int
    level: Level
    parts: tuple[Part, ...]
    anchor: int
    linked: bool

    @property
    def needs_article(self) -> bool:
        """Whether what is left without the article cannot stand alone, being short or an ordinary word: al-Bab, El Banco."""
        return self.linked and len(self.parts) == 1 and (len(self.parts[0].form) <= SPLIT_MIN or is_everyday(self.parts[0].word))

    @property
    def letters(self) -> int:
        """How long the name is, for the share that an error has in it."""
        return sum(len(part.word) for part in self.parts)


class Respelt(NamedTuple):
    """A name in another transliteration, or misspelt: the anchor is known to be near, the other parts are compared here."""

    name: Name
    score: float
    edits: int
    same: bool

    @property
    def alone(self) -> bool:
        return len(self.name.parts) == 1 and not self.name.needs_article

    @property
    def reach(self) -> int:
        return len(self.name.parts) * (1 + LINKS_MAX)

    def locate(self, found: Around, at: int) -> Sequence[Hit]:
        name = self.name
        left = right = (at, SAME, 0)
        if len(name.parts) > 1:
            before = _walk(name.parts[: name.anchor][::-1], found, at, step=-1, end=len(name.parts) == name.anchor + 1)
            behind = _walk(name.parts[name.anchor + 1 :], found, at, step=1, end=True) if before else None
            if before is None or behind is None:
                return ()
            left, right = before, behind
        first, last = left[0], right[0]
        if name.linked and len(name.parts) == 1 and first and found.folded[first - 1] in LINKS:
            first -= 1
        elif name.needs_article and _ARABIC_ARTICLE not in found.folded[at][:_ARABIC_PREFIX_MAX]:
            return ()
        if first < last and not _adjacent(found, first, last):
            return ()
        edits = self.edits + left[2] + right[2]
        if edits > edits_allowed(name.level, name.letters) or not self._is_name(found, first, at):
            return ()
        if edits:
            score = min(MISSPELT_MAX, 100.0 * (1 - edits / name.letters))
            return (Hit(name.term, first, last, How.FUZZY, round(score, 1)),)
        return (Hit(name.term, first, last, How.VARIANT, min(self.score, left[1], right[1], RESPELT)),)

    def _is_name(self, found: Around, first: int, at: int) -> bool:
        """A word that is only like a name begins with a capital, unless its neighbours, or its article, are in the name as well; one with
        a number has a capital in any case."""
        if self.name.parts[self.name.anchor].word[0].isdigit():
            return not found.written(first)[:1].islower()
        if self.same or (not self.edits and (len(self.name.parts) > 1 or first < at)):
            return True
        written = found.written(at)
        return not written[:1].islower() and not (len(written) <= LETTERS_MAX_ACRONYM and _is_acronym(found, at))


def _is_acronym(found: Around, at: int) -> bool:
    """Whether a word stands in capitals among words that do not."""
    around = [found.written(near) for near in (at - 1, at + 1) if 0 <= near < len(found)]
    return found.written(at).isupper() and not any(len(word) > 1 and word.isupper() for word in around)


def _walk(parts: Sequence[Part], found: Around, at: int, *, step: int, end: bool) -> tuple[int, float, int] | None:
    """From the anchor outwards over the other parts of a name: the last word, the worst score and the errors. Links are free."""
    score, edits = SAME, 0
    for index, part in enumerate(parts):
        at += step
        skipped = 0
        while 0 <= at < len(found) and skipped < LINKS_MAX and found.folded[at] in LINKS and found.folded[at] != part.word:
            at += step
            skipped += 1
        if not 0 <= at < len(found):
            return None
        is_last = end and step > 0 and index == len(parts) - 1
        near = likeness(part, found.folded[at], small=found.written(at)[:1].islower(), last=is_last)
        if near is None:
            return None
        score, edits = min(score, near[0]), edits + near[1]
    return at, score, edits


def _adjacent(found: Around, first: int, last: int, *, possessive: bool = False) -> bool:
    """Whether nothing but spaces, one hyphen and invisible marks stands between words; no blank line does. A quotation may begin there
    (ЧВК «Вагнер»); in Hebrew a double quotation mark is a part of abbreviations. `possessive`: the name has one itself, Cox's Bazar.
    """
    for index in range(first, last):
        gap = found.gap(index)
        if possessive and (mark := _POSSESSIVE.match(gap)):
            gap = gap[mark.end() :]
        if gap in {" ", "-", ""} or (gap in _GERSHAYIM and "\u05d0" <= found.folded[index] <= "\u05ea"):
            continue
        if len(gap) > _GAP_MAX or not _GAP.fullmatch(gap) or gap.count("\n") > 1:
            return False
    return True


def is_verb(kind: Kind, word: str) -> bool:
    """Whether -ed and -ing forms of a term are meant: of ordinary words always, of weapons only where the name is such a form itself."""
    if not word.isascii() or len(word) < LETTERS_MIN_LOOSE or (len(word) == LETTERS_MIN_LOOSE and len(verb_stem(word)) < LETTERS_MIN_LOOSE):
        return False
    return kind is Kind.TERM or (kind is Kind.WEAPON and word.endswith("ing"))


def _is_form_of_another(word: str, listed: str) -> bool:
    """Whether what seems a form of a listed name is one of an ordinary word: levies of levy, not of Levie."""
    return any(base != listed and is_everyday(base) for base in bases(word))


def _has_stem_of(listed: str, word: str) -> bool:
    """Whether two words that no rule of ours declines have a stem in common: ранеными and ранены. Short stems are those of many words,
    so there the words must begin alike: ранее, earlier, has the same as ранены.
    """
    shared = {word, *bases(word)}.intersection((listed, *bases(listed)))
    size = min(STEM_SURE, max(len(word), len(listed)) - 1)
    alike = word[:size] == listed[:size]
    return any(len(one) >= LETTERS_MIN_LOOSE or one in {word, listed} or alike for one in shared)


def _is_form(listed: str, word: str) -> bool:
    """Whether two words are forms of one verb; a plain noun such as shell is not a form of shelling."""
    stem = verb_stem(word)
    if stem != verb_stem(listed):
        return False
    if word.endswith(("ing", "ings", "ed")) or not listed.endswith(("ing", "ed")) or stem in _DEEDS:
        return True
    return not any(map(is_ambiguous, (word, *bases(word))))
