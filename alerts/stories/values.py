"""What is said of a report: which story it belongs to, what that means for a destination, and why.

What it deliberately does not do: nothing is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from ..records import Decision

__all__ = ["Joined", "Reason", "StorySettings", "Verdict"]


@dataclass(frozen=True, slots=True)
class StorySettings:
    """`stories:` of the configuration: how long a story stays open, how many further sources make an update, how many updates there are."""

    window: timedelta = timedelta(hours=72)
    updates: int = 3
    updates_max: int = 5


class Reason(StrEnum):
    """Why a report joined or opened a story, and why a destination hears of it or does not."""

    FIRST_REPORT = "first report"
    IN_DOUBT = "possibly related, but in doubt it is told"
    SAME_ARTICLE = "same article"
    SAME_LINK = "same link"
    SAME_TITLE = "same title"
    SAME_EVENT = "same event in other words"
    SAME_FACTS = "same headline, or same place and numbers"
    NOT_HEARD = "not told before"
    TOLD = "told before"
    HIGHER_SEVERITY = "higher severity"
    NEW_FACT = "new fact"
    CORRECTION = "correction"
    WITHDRAWN = "withdrawn"
    MORE_SOURCES = "more sources"
    HEARD_WORSE = "told before, as critical"
    OLD = "older than max_age when first fetched"
    NO_ROUTE = "no route leads anywhere"


@dataclass(frozen=True, slots=True)
class Joined:
    """The story of a report: `new` if it opened it, and why it is this one.

    `score` is the likelihood, 0 to 1, that the report belongs to the story nearest to it (0 where none was weighed); `related` is that
    story where doubt made the report a new one. `absorbed` are younger stories that the report showed to be this one, `fact` is what it
    adds, for people.
    """

    story: str
    new: bool
    reason: Reason
    score: float = 0.0
    related: str = ""
    absorbed: tuple[str, ...] = ()
    fact: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a report means for one destination, and why; `further` are the sources since it last heard, `fact` what is new."""

    decision: Decision
    reason: Reason
    further: int = 0
    fact: str = ""
