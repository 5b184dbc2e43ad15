"""What a headline says in figures and set phrases: the toll, weekdays, that it is a correction, a withdrawal, a look back, a follow-up.

What it deliberately does not do: no sentence is parsed. A figure is the toll when it stands beside a word of death; a phrase that is not
listed says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

__all__ = ["NUMBER_WORDS", "Cue", "cues", "days", "is_of_death", "numbers", "toll", "without_wire"]

_UP_TO_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen "
    "twenty"
)
_TENS = "thirty forty fifty sixty seventy eighty ninety"
_WEEK = "monday tuesday wednesday thursday friday saturday sunday"
_FROM_TWO = (
    "deux trois quatre cinq six sept huit neuf dix",
    "dos tres cuatro cinco seis siete ocho nueve diez",
    "zwei drei vier funf sechs sieben acht neun zehn",
    "два три четыре пять шесть семь восемь девять десять",
)
"""Two to ten in other languages, folded."""
_NUMBERS = (
    {word: number for words in _FROM_TWO for number, word in enumerate(words.split(), start=2)}
    | {word: number for number, word in enumerate(_UP_TO_TWENTY.split())}
    | {word: 10 * number for number, word in enumerate(_TENS.split(), start=3)}
)
NUMBER_WORDS = frozenset(_NUMBERS)
_DAYS = {day: number for number, day in enumerate(_WEEK.split())}

# Beginnings of words of death: English, French, Spanish, Italian, German, Turkish, Russian, Ukrainian, Arabic, Persian, Hebrew.
_DEATH = (
    "kill", "dead", "death", "die", "dying", "fatal", "toll", "casualt", "martyr", "slain", "lives", "bodies", "victim",
    "massacr",
    "tue", "mort", "deces", "muert", "fallec", "asesin", "uccis", "vittim", "tote", "getotet", "oldu", "olu",
    "погиб", "убит", "жертв", "загин", "вбит", "قتل", "قتيل", "مقتل", "القتلى", "تقتل", "يقتل", "ضحايا", "مصرع", "شهيد", "شهداء", "استشهد",
    "کشته", "נהרג", "הרוג",
)  # fmt: skip
_NOT_DEATH = ("tuesday", "mortar", "mortgag", "diesel", "diet", "deadlin", "deadlock", "tollway")
_AND = frozenset({"and", "or"})
_WOUNDED = ("wound", "injur", "hurt")
_UNIT_WORDS = (
    "hour hours day days week weeks month months year years yr old minute minutes am pm km kilometres kilometers miles metres meters "
    "percent per th st nd rd million billion time times"
)
_UNITS = frozenset(_UNIT_WORDS.split())
_BEFORE = 4
"""So many words may stand between a toll and the word of death behind it, "12 more people were killed" …"""
_AFTER = 7
"""… and between the word and a toll behind that, "death toll from the blast in Homs rises to 12"."""
_TOLL_AT = frozenset({"to", "at", "of", "reaches", "hits", "passes", "now"})
_NO_TOLL_AFTER = frozenset({"not", "from", "aged", "including", "among", "them"})
"""A number that was, an age, a part of the dead."""
_TOLL_MAX = 100_000
_YEARS = range(1900, 2101)

_WIRE = re.compile(
    r"^\s*(?:(?:update|refile|corrected|correction|withdrawn|retracted|wrapup|recast|breaking|live|watch|video|urgent|exclusive)"
    r"\s*\d*\s*(?:[-:–—|]|\s-)\s*)+",
    re.IGNORECASE,
)
_PAPER = re.compile(r"\s+[-–—|]\s+(?:[A-Z][\w.&'’]*\s*){1,5}$")
_TITLE_MIN = 20


class Cue(StrEnum):
    """Set phrases of a headline."""

    CORRECTION = "correction"
    WITHDRAWN = "withdrawn"
    LOOKS_BACK = "looks back"
    FOLLOWS_UP = "follows up"
    ANOTHER = "another one"
    DEATHS = "deaths"


_LONG = r"(?:years?|months?|decades?)"
_VIOLENCE = (
    r"\b(?:air|counter)?(?:attack|strike|bomb|blast|explosion|massacre|war|siege|shelling|raid|battle|fall|invasion|genocide|assault|offensive"
    r"|uprising|coup|disaster|earthquake)"
)
"""What is looked back at; "a year after their wedding" is an aside."""
_CUES = {
    Cue.CORRECTION: re.compile(
        r"\bcorrect(?:ion|ed|s)\b\s*[-:(]|^\W*correct(?:ion|ed)\b|\b(?:revise|lower|cut|correct)(?:s|d|ed)?\s+(?:\w+\s+){0,4}down\b"
        r"|\brevised down\b|\b(?:killed|dead)\s+\d+,?\s+not\s+\d+|\bclarification\b",
        re.IGNORECASE,
    ),
    Cue.WITHDRAWN: re.compile(
        r"\bwithdr(?:aw[ns]?|ew)\b(?=\s*[-:(]|\s+(?:story|report|article))|^\W*withdrawn\b|\bretract(?:s|ed|ion)\b", re.IGNORECASE
    ),
    Cue.LOOKS_BACK: re.compile(
        rf"\banniversary\b|^\W*(?:\S+\s+){{0,3}}{_LONG}\s+(?:after|on|since)\b|^(?=.*{_VIOLENCE}).*\b{_LONG}\s+(?:after|ago|on|since)\b"
        r"|\bremember(?:s|ed|ing)\b|\bcommemorat|\blook(?:s|ing)? back\b|\btimeline\b|\bin memory of\b",
        re.IGNORECASE,
    ),
    Cue.ANOTHER: re.compile(
        r"(?<!\bper )(?<!\bevery )\b(?:second|third|fourth|another)\s+(?:[\w-]+\s+){0,2}"
        r"(?:air|strikes?|attacks?|blasts?|bomb\w*|raids?|explosions?|shelling|village|town)\b",
        re.IGNORECASE,
    ),
    Cue.FOLLOWS_UP: re.compile(
        r"\btoll\b.*\b(?:rise|climb|reach|increas|jump|grow|up to|revised|raised|rose|now|stands|passes|hits|tops)"
        r"|\b(?:rais|increas|ris)\w*\b.*\b(?:toll|number)\b"
        r"|\b(?:days?|weeks?)\s+after\b.*\b(?:mourn|bur(?:y|ies|ied)|funeral|survivor)|\bmourns?\b|\bbur(?:y|ies) (?:its|their|the) dead\b"
        r"|\bmore (?:casualties|bodies|victims)\b|\bwhat we know\b|\bnumber (?:of|killed|dead)\b.*\b(?:rise|rose|increase|climb)",
        re.IGNORECASE,
    ),
}


def without_wire(title: str) -> str:
    """A headline without what the wire or the paper put around it: "UPDATE 2-", " - Daily Post"."""
    bare = _WIRE.sub("", title)
    shorter = _PAPER.sub("", bare)
    return shorter if len(shorter) >= _TITLE_MIN else bare or title


def cues(title: str, words: Sequence[str]) -> tuple[str, ...]:
    """The set phrases in a headline, given also as folded words, and whether it tells of the dead."""
    found = tuple(cue for cue, pattern in _CUES.items() if pattern.search(title))
    return (*found, Cue.DEATHS) if any(map(is_of_death, words)) else found


def is_of_death(word: str) -> bool:
    """Whether a folded word tells of the dead."""
    return word.startswith(_DEATH) and not word.startswith(_NOT_DEATH)


def numbers(words: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """The numbers among folded words and where they stand: (index, number)."""
    found = []
    for index, word in enumerate(words):
        if word.isascii() and word.isdigit() and len(word) <= 9:
            found.append((index, int(word)))
        elif word in _NUMBERS:
            found.append((index, _NUMBERS[word]))
    return tuple(found)


def toll(words: Sequence[str]) -> int:
    """How many died, by the number nearest to a word of death, one before it first; 0 if none is told."""
    deaths = [index for index, word in enumerate(words) if is_of_death(word) and not _with_wounded(words, index)]
    if not deaths:
        return 0
    best: tuple[int, int] | None = None
    for index, number in numbers(words):
        if not _may_be_toll(words, index, number):
            continue
        if "toll" in words[:index] and words[index - 1] in _TOLL_AT:
            return number
        for death in deaths:
            gap = death - index if index < death else index - death + _BEFORE
            if gap <= (_BEFORE if index < death else _BEFORE + _AFTER) and (best is None or gap < best[0]):
                best = gap, number
    return best[1] if best else 0


def _with_wounded(words: Sequence[str], index: int) -> bool:
    """Whether what is counted are the dead and the wounded together: "30 killed and injured"."""
    pairs = (words[index + 1 : index + 3], words[max(0, index - 2) : index][::-1])
    return any(len(pair) == 2 and pair[0] in _AND and pair[1].startswith(_WOUNDED) for pair in pairs)


def _may_be_toll(words: Sequence[str], index: int, number: int) -> bool:
    following = words[index + 1] if index + 1 < len(words) else ""
    previous = words[index - 1] if index else ""
    return 0 < number < _TOLL_MAX and number not in _YEARS and following not in _UNITS and previous not in _NO_TOLL_AFTER


def days(words: Sequence[str]) -> tuple[int, ...]:
    """The weekdays named, Monday is 0."""
    return tuple(sorted({_DAYS[word] for word in words if word in _DAYS}))
