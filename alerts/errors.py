"""The errors of this package, as one tree, and where in a file a fault stands.

    AlertsError                    a user's or the surroundings' mistake: one line, no traceback
    ├── PlacedError                faults of a file that people write, all at once, each with its place
    │   ├── RuleError              rules and watchlists
    │   └── ConfigError            alerts.yaml
    ├── FeedError                  one feed could not be fetched or read, this time
    ├── DeliveryError              one notification could not be delivered, this time or ever
    └── LogError                   the log
        ├── LogUnavailable         cannot be reached or written now: trying again may help
        ├── Fenced                 this member lost its partitions: forget what was derived from them, read on
        └── RecordTooLarge         one record is above the log's bound: trying again never helps

What it deliberately does not do: no error carries a secret. Addresses in messages are shown without user, password and query.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = [
    "AlertsError",
    "ConfigError",
    "DeliveryError",
    "Fault",
    "FeedError",
    "Fenced",
    "LogError",
    "LogUnavailable",
    "Place",
    "PlacedError",
    "RecordTooLarge",
    "RuleError",
]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A point in a file: `line` and `column` count from 1; 0 where only the file is known."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One mistake at one place; `str()` of it is a line that an editor can jump to."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class AlertsError(Exception):
    """Base of every error that a user can cause or mend; `str()` of it is for the user."""


class PlacedError(AlertsError):
    """All faults of one or several files, in order of file and position.

    `faults` holds at least one; `file`, `line` and `column` are those of the first.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(set(faults)))
        if not self.faults:
            raise ValueError("a PlacedError needs a fault")
        first = self.faults[0].place
        self.file, self.line, self.column = first.file, first.line, first.column
        super().__init__("\n".join(str(fault) for fault in self.faults))


class RuleError(PlacedError):
    """Rules or watchlists that cannot be used."""


class ConfigError(PlacedError):
    """A configuration that cannot be used."""


class FeedError(AlertsError):
    """A feed that could not be fetched or read this time; `retry_after_s` is the server's wish, in seconds.

    `kind` says what a feed's health needs to know of it: "html" for a web page where a feed should be, "gone" for a 410, "parse" for
    a body that cannot be read as a feed, "" for everything else.
    """

    def __init__(self, message: str, *, status: int = 0, retry_after_s: float | None = None, kind: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_s = retry_after_s
        self.kind = kind


class DeliveryError(AlertsError):
    """A notification that one destination did not take."""

    def __init__(self, message: str, *, destination: str) -> None:
        super().__init__(message)
        self.destination = destination


class LogError(AlertsError):
    """The log refused or failed."""


class LogUnavailable(LogError):
    """The log cannot be reached or written now; nothing of the attempt was committed."""


class Fenced(LogError):
    """This member no longer owns what it wanted to commit for; nothing of the attempt was committed."""


class RecordTooLarge(LogError):
    """A record above the log's bound; nothing of the attempt was committed."""
