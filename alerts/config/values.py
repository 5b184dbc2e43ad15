"""What the configuration says, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ..errors import Fault, Place
from ..routing import Rate, Route
from ..stories import StorySettings

__all__ = ["Channel", "Config", "Fallback", "Feed", "Poll", "Reference"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """How feeds are fetched, unless a feed says otherwise. `max_age` None is no maximum."""

    every: timedelta = timedelta(minutes=5)
    max_age: timedelta | None = timedelta(hours=24)
    contact: str = ""
    proxy: str = field(default="", repr=False)
    allow_private_addresses: bool = False
    budget: int = 0
    """How many requests a minute all feeds together may cost; 0 is twice what `every` alone would."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One feed. `key` is its address as written and names it on the log; `url` is where it is fetched."""

    key: str = field(repr=False)
    url: str = field(repr=False)
    name: str
    every: timedelta
    max_age: timedelta | None
    language: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    allow_private_addresses: bool = False
    place: Place


@dataclass(frozen=True, slots=True)
class Fallback:
    """The channel that is told in the place of one that could not be reached for `after`."""

    to: str
    after: timedelta
    place: Place = field(default=Place(""), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One channel; `timezone` is the zone of its readers, where it differs from everybody's.

    `per_hour` is how many alerts it is told one by one in an hour, None any number. Of `storm` (the same in a minute) and `rates` (how
    fast its service is told) None is what suits the service; 0 and an empty tuple are no limit.
    """

    name: str
    url: str = field(repr=False)
    timezone: ZoneInfo | None = None
    give_up: timedelta = timedelta(days=7)
    fallback: Fallback | None = None
    per_hour: int | None = None
    storm: int | None = None
    rates: tuple[Rate, ...] | None = None
    place: Place


class Reference(NamedTuple):
    """A rule, watchlist, term, place or tag that a route names, and where."""

    key: str
    name: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The configuration. Paths are absolute but in `log`, where they are relative to `base`.

    No `routes` is every alert to every channel. Each subscriber adds channels and a route of their own.
    `secrets` is what must never be shown; `files` is what it was read from, to see when it changes, as does a new file in `folders`.
    """

    path: Path
    base: Path
    log: str = field(default="sqlite:var/alerts.db", repr=False)
    keep: timedelta = timedelta(days=30)
    rules: Path
    timezone: ZoneInfo
    poll: Poll
    feeds: tuple[Feed, ...]
    stories: StorySettings
    channels: dict[str, Channel]
    routes: tuple[Route, ...]
    ops: tuple[str, ...]
    references: tuple[Reference, ...] = field(default=(), repr=False)
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    warnings: tuple[Fault, ...] = ()
    files: tuple[Path, ...] = ()
    folders: tuple[Path, ...] = ()
