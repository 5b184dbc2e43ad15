"""Watchlists and rules as checked values. Everything here refers to something that exists."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from ..errors import Fault, Place
from ..records import Article, Kind, Severity

__all__ = ["Condition", "Level", "Name", "Operator", "Rule", "RuleSet", "RuleTest", "Term", "Unit", "Watchlist", "Within"]


NOWHERE = Place("")
"""Of what was not read from a file."""


class Level(StrEnum):
    """How far a term may be from what is written: the `fuzzy` of a watchlist or term."""

    OFF = "off"
    STRICT = "strict"
    NORMAL = "normal"
    LOOSE = "loose"

    @property
    def edits(self) -> int:
        """How many errors of spelling a long name may have."""
        return _EDITS.get(self, 0)


_EDITS = {Level.NORMAL: 1, Level.LOOSE: 2}


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for. `near` and `not_near` are names of watchlists, or words."""

    name: str
    aliases: tuple[str, ...] = ()
    exact: bool = False
    level: Level = Level.NORMAL
    near: tuple[str, ...] = ()
    not_near: tuple[str, ...] = ()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Watchlist:
    """Terms of one kind under one name; no two of its terms have the same name."""

    name: str
    kind: Kind
    terms: Sequence[Term]
    place: Place = NOWHERE


class Operator(StrEnum):
    """How the parts of a condition are joined."""

    ALL = "all"
    ANY = "any"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Name:
    """A leaf of a condition: any term of a watchlist, or the one that `term` names."""

    watchlist: str
    term: str = ""
    place: Place = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return f"{self.watchlist}: {self.term}" if self.term else self.watchlist


Present = AbstractSet[tuple[str, str]]
"""What was found: a watchlist and a term for each term, and the watchlist with an empty term for any of its terms."""


@dataclass(frozen=True, slots=True)
class Condition:
    """All, any or none of its parts."""

    operator: Operator
    parts: tuple[Condition | Name, ...]

    def names(self) -> tuple[Name, ...]:
        """Every leaf, in order."""
        return tuple(name for part in self.parts for name in ((part,) if isinstance(part, Name) else part.names()))

    def holds(self, inside: Present, around: Present) -> bool:
        """Whether the condition holds for what was found inside a span; what `none` names may not be around it either."""
        if self.operator is Operator.NONE:
            return not any(_is_there(part, around, around) for part in self.parts)
        there = (_is_there(part, inside, around) for part in self.parts)
        return all(there) if self.operator is Operator.ALL else any(there)


def _is_there(part: Condition | Name, inside: Present, around: Present) -> bool:
    return (part.watchlist, part.term) in inside if isinstance(part, Name) else part.holds(inside, around)


class Unit(StrEnum):
    """What a condition must hold within."""

    ARTICLE = "article"
    PARAGRAPH = "paragraph"
    SENTENCE = "sentence"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Within:
    """A unit; `words` counts for `Unit.WORDS` only."""

    unit: Unit = Unit.ARTICLE
    words: int = 0

    def __str__(self) -> str:
        return f"{self.words} words" if self.unit is Unit.WORDS else self.unit.value


@dataclass(frozen=True, slots=True)
class RuleTest:
    """An article and what a rule should make of it; `matches` names terms that must be among the evidence."""

    article: Article
    alerts: bool
    matches: tuple[str, ...] = ()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Rule:
    """When to alert, and how loudly."""

    name: str
    when: Condition
    severity: Severity = Severity.MEDIUM
    title: str = ""
    description: str = ""
    enabled: bool = True
    tags: tuple[str, ...] = ()
    within: Within = Within()
    unless: tuple[Name, ...] = ()
    tests: tuple[RuleTest, ...] = ()
    place: Place = NOWHERE


@dataclass(frozen=True)
class RuleSet:
    """Everything read from a rules folder: in order of file and position. `files` are all that were read, `noticed` what was odd."""

    watchlists: tuple[Watchlist, ...]
    rules: tuple[Rule, ...]
    files: tuple[Path, ...] = ()
    noticed: tuple[Fault, ...] = ()

    @cached_property
    def warnings(self) -> tuple[Fault, ...]:
        """What is allowed, but will hardly be meant; worked out when asked for, because it looks at every term."""
        from .references import warnings_of

        return tuple(sorted({*self.noticed, *warnings_of(self.watchlists, self.rules)}))
