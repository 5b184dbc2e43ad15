"""All terms, compiled: from a folded word to what it may be part of.

Compiling files every spelling of every term under a few keys (`filing`) in one large table (`index`). Reading goes the other way:
`senses(words)` says of new words, all at once, what each may be part of, and a sense finds the term in the text or does not (`senses`).
What depends on the number of terms stands in arrays; objects are made only for words that hit.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, chain, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from numpy.typing import NDArray

from ..records import How
from ..text import is_common
from ..text import words as words_of
from ..text.scripts import is_ordinary
from ..text.spellings import bases, normal_form, outline, romanised, unlinked, verb_stem
from .compiling import MANNERS, compiled
from .crowds import CROWD_MIN, Waiting, crowded, has_neighbour
from .filing import Reach, Way, closed_names, names_of, readings
from .likeness import (
    INFLECTED,
    MISSPELT_MAX,
    RESPELT,
    REVOWELLED,
    SAME,
    Part,
    carried_over,
    differs_in_vowels,
    edits_allowed,
    errors,
    is_respelling,
)
from .postings import UNKNOWN, Postings, Row
from .senses import SPLIT_MIN, Name, Phrase, Respelt, Sense, Spelling, Splits, Word
from .targets import Entry

if TYPE_CHECKING:
    from .native._native import Circle

__all__ = ["Lexicon"]

# At 20,000 names almost any six letters are one error from some name; at 200,000 any seven (measured on gazetteers).
CROWDED = ((200_000, 2), (20_000, 1))


_WAY_OF = {int(way): way for way in Way}
_REACH_OF = {int(reach): reach for reach in Reach}
_SCORES = {Way.COMMON: SAME, Way.FORM: RESPELT, Way.CLOSED: RESPELT, Way.OUTLINE: REVOWELLED, Way.WORN: MISSPELT_MAX}


class Lexicon:
    """The terms by what their words look like, as arrays."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self.arrays = arrays
        self._postings = Postings(arrays)
        self.asker = self._postings.asker
        """What asks for words in compiled code, where that is installed."""
        self._texts, self._ends = arrays["texts"].data, arrays["ends"].data
        self._terms, self._manners = arrays["terms"].data, arrays["manners"].data

    @classmethod
    def of(cls, entries: Iterable[Entry], *, terms: int) -> Lexicon:
        """Compile so many terms; each goes by its place among `entries`."""
        return cls(compiled(entries, letters_more=next((more for size, more in CROWDED if terms >= size), 0)))

    def senses(self, words: Sequence[str]) -> dict[str, tuple[Sense, ...]]:
        """Of each of these folded words what it may be part of; words that are part of nothing are left out."""
        circles, rows = self._postings.of(words)
        if not circles and not rows:
            return {}
        waiting = {circle.word: circle for circle in circles}
        met = self._met(chain(rows, *(circle.now() for circle in circles)))
        found = {word: self._told(met.get(word, _NOTHING), waiting.get(word)) for word in (*met, *(waiting.keys() - met.keys()))}
        return {word: senses for word, senses in found.items() if senses}

    def _told(self, meeting: _Meeting, circle: Circle | None) -> tuple[Sense, ...]:
        """The senses of a word: those that it has met, and those that wait in a circle."""
        if circle is None or not circle.waiting:
            return meeting.senses()
        strict = circle.several() + sum(map(has_neighbour, meeting.apart())) >= CROWD_MIN
        circle.close(strict)
        return (*meeting.senses(strict=strict), Waiting(circle, self._built))

    def _built(self, row: Row) -> tuple[Sense, ...]:
        return tuple(chain.from_iterable(meeting.senses() for meeting in self._met([row]).values()))

    def _met(self, rows: Iterable[Row]) -> dict[str, _Meeting]:
        """What words have met by these rows."""
        met: dict[str, _Meeting] = {}
        wanted: list[tuple[_Meeting, Reach, str, Way, int, int]] = []
        for word, reach, text, way_number, number, near in rows:
            meeting, way = met.get(word) or met.setdefault(word, _Meeting(word)), _WAY_OF[way_number]
            if meeting.wants(way, number):
                wanted.append((meeting, _REACH_OF[reach], text, way, number, near))
        if not wanted:
            return met
        spellings = {number: self._spelling(number) for _, _, _, _, number, _ in wanted}
        names = names_of({number: spellings[number] for _, _, _, way, number, _ in wanted if way >= Way.COMMON})
        for meeting, reach, text, way, number, near in wanted:
            meeting.add(reach, text, way, number, spellings[number], names.get(number), near)
        return met

    @staticmethod
    def folded(texts: Sequence[str]) -> list[tuple[str, ...]]:
        """The folded words of each text; all texts are cut at once, with a line break between them, which is part of no word."""
        found = words_of("\n".join(texts))
        starts = [start for start, _ in found.spans] if found else []
        borders = [bisect_left(starts, begin) for begin in accumulate((len(text) + 1 for text in texts), initial=0)]
        return [tuple(found.folded[first:last]) for first, last in pairwise(borders)]

    def _spelling(self, number: int) -> Spelling:
        text = str(self._texts[self._ends[number] : self._ends[number + 1]], "utf-8", "surrogatepass")
        return Spelling.of(self._terms[number], MANNERS[self._manners[number]], text)


class _Near(NamedTuple):
    """How near a word is to a part of a name."""

    edits: int
    score: float
    same: bool


class _Meeting:
    """What one word of a text has met under its keys, compared letter by letter."""

    def __init__(self, word: str) -> None:
        self._word = word
        self._phrases: dict[tuple[int, int], Phrase] = {}
        self._joined: dict[int, Word] = {}
        self._before: _Halves = {}
        self._behind: _Halves = {}
        self._respelt: dict[Name, Respelt] = {}
        self._looked_at: set[tuple[Way, int]] = set()
        self._compared: dict[tuple[Way, str, bool, frozenset[str]], _Near | None] = {}

    def senses(self, *, strict: bool = False) -> tuple[Sense, ...]:
        """What the word may be part of. `strict`: it belongs to a crowd, however few have been met here."""
        split = ((capitals, _sorted(self._before, capitals), _sorted(self._behind, capitals)) for capitals in (False, True))
        halves = [Splits(before, behind, capitals) for capitals, before, behind in split if before or behind]
        return (*self._joined.values(), *halves, *map(self._settled, crowded(self.apart(), least=1 if strict else CROWD_MIN)))

    def apart(self) -> list[Phrase | Respelt]:
        """The phrases and names, one by one."""
        return [*self._phrases.values(), *self._respelt.values()]

    def _settled(self, sense: Sense) -> Sense:
        """The same as a `Word` where nothing else decides on it."""
        return (isinstance(sense, Phrase) and Word.of(sense, self._word)) or sense

    def wants(self, way: Way, number: int) -> bool:
        """Whether a spelling is worth a look: not where it has been looked at."""
        if way < Way.FORM:
            return True
        if (way, number) in self._looked_at:
            return False
        self._looked_at.add((way, number))
        return True

    def add(self, reach: Reach, text: str, way: Way, number: int, spelling: Spelling, name: Name | None, near: int) -> None:
        """What was found under a key: `text` is the key's, which `reach` led to from the word; `name` is the spelling as a name; `near` is
        the row's.
        """
        if way <= Way.INFLECTED:
            self._add_phrase(number, spelling, text)
        elif way is Way.VERB:
            last = len(spelling.words) - 1
            if verb_stem(spelling.words[last]) == text:
                self._phrases[number, last] = Phrase(spelling, last)
        elif way is Way.JOINED:
            if "".join(spelling.words) == text and not is_ordinary(text) and (spelling.manner.is_word or not is_common(text)):
                self._joined[spelling.term] = Word(spelling.term, How.VARIANT, INFLECTED)
        elif way is Way.HALF:
            self._add_half(reach, text, spelling)
        else:
            self._add_name(way, spelling, name, near)

    def _add_phrase(self, number: int, spelling: Spelling, text: str) -> None:
        anchor = next((at for at, listed in enumerate(spelling.words) if text == listed), None)
        if anchor is None:
            anchor = next((at for at, listed in enumerate(spelling.words) if text in bases(listed)), None)
        if anchor is not None:
            self._phrases[number, anchor] = Phrase(spelling, anchor)

    def _add_half(self, reach: Reach, text: str, spelling: Spelling) -> None:
        (whole,) = spelling.words
        if min(len(text), len(whole) - len(text)) < SPLIT_MIN:
            return
        if reach is Reach.OWN and whole.startswith(text):
            self._put_half(self._behind, spelling, text, whole[len(text) :])
        if whole.endswith(text):
            self._put_half(self._before, spelling, text, whole[: -len(text)])

    def _put_half(self, halves: _Halves, spelling: Spelling, text: str, other: str) -> None:
        """Short halves of a name tell it where they are capitals, and not both of them other words."""
        is_short = not spelling.manner.is_word and min(len(text), len(other)) == SPLIT_MIN
        if is_short and is_common(text) and is_common(other):
            return
        halves.setdefault((other, is_short), {})[spelling.term] = None

    def _add_name(self, way: Way, spelling: Spelling, name: Name | None, near: int) -> None:
        names = [name] if way is not Way.CLOSED and name else []
        if way is Way.CLOSED:
            names += closed_names(spelling)
        elif way is Way.SCRIPT:  # nearly none of them sounds like the word
            names += closed_names(spelling, among=lambda text: carried_over(Part(text, ""), self._word, told=spelling.manner.told) > 0)
        for name in names:
            part = name.parts[name.anchor]
            found = (
                self._nearness(way, part, name, spelling.manner.told) if near == UNKNOWN else _Near(near // 2, _SCORES[way], near % 2 > 0)
            )
            if found and found.edits <= edits_allowed(name.level, len(part.word)):
                self._add_respelt(Respelt(name, found.score, found.edits, same=found.same))

    def _nearness(self, way: Way, part: Part, name: Name, told: frozenset[str]) -> _Near | None:
        alone = len(name.parts) == 1
        asked = way, part.word, alone, told
        if asked not in self._compared:
            self._compared[asked] = self._compare(way, part, alone=alone, told=told)
        return self._compared[asked]

    def _compare(self, way: Way, part: Part, *, alone: bool, told: frozenset[str]) -> _Near | None:
        """How near the word is to a part of a name, on the way that led there. `alone`: the name has no other part."""
        if way is Way.COMMON:
            return _Near(0, _SCORES[way], same=True) if self._word == part.word else None
        if way is Way.SCRIPT:
            score = carried_over(part, self._word, told=told)
            return _Near(0, score, same=False) if score else None
        if way is Way.WORN:
            return _Near(errors(romanised(self._word), normal_form(self._word), part), _SCORES[way], same=False)
        found = None
        for reading, form, outlined, glued in self._readings:
            if way is Way.OUTLINE:
                if not glued and outlined == outline(part.form) and differs_in_vowels(reading, form, part, alone=alone):
                    return _Near(0, _SCORES[way], same=False)
            elif form == part.form and not (glued and alone) and is_respelling(reading, part.word) and not (found and found.same):
                found = _Near(0, _SCORES[way], same=reading == part.word)
        return found

    @cached_property
    def _readings(self) -> list[tuple[str, str, str, bool]]:
        """What the word may be meant as: each with its normal form, its outline, and whether an article is off that was glued to it."""
        glued = {unlinked(self._word, assimilated=True)} - {self._word, unlinked(self._word, assimilated=False)}
        return [(reading, form, outline(form), reading in glued) for reading, form in readings(self._word)]

    def _add_respelt(self, candidate: Respelt) -> None:
        better = self._respelt.get(candidate.name)
        if better is None or (candidate.edits, -candidate.score, not candidate.same) < (better.edits, -better.score, not better.same):
            self._respelt[candidate.name] = candidate


_Halves = dict[tuple[str, bool], dict[int, None]]
"""The terms of which a half stands beside a word, by that half and whether both must be capitals."""


def _sorted(halves: _Halves, capitals: bool) -> dict[str, tuple[int, ...]]:
    return {half: tuple(sorted(terms)) for (half, asked), terms in halves.items() if asked is capitals}


_NOTHING = _Meeting("")
