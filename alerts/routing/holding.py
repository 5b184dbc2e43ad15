"""What is held for later, and when it is listed: a fold over the records that say so.

    holding = Holding(kept)                                         # Held and Pace records, as the log has them
    hold = holding.hold("desk", routed, silence=None, limits=limits, now=now)    # None: tell it at once
    holding.put(held); holding.told("desk", now=now)                # records to be committed
    holding.due(now=now)                                            # what is to be listed now, by destination

An alert waits for the first of its ways that opens (a digest's hour, the end of quiet hours), counted from the end of the silence that
covers it, if one does. What may go at once waits all the same where its destination has had too much: more than `storm` alerts in this
minute wait for its end, more than `per_hour` in this hour for the end of that. Nothing that is held is dropped.

What it deliberately does not do: no alert is joined, ranked or worded here.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from ..records import Because, Held, Pace, Silence
from .hours import due
from .routes import Routed, Routes
from .silences import ends

__all__ = ["Hold", "Holding", "Limits"]

_MINUTE = timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXCESS = frozenset({Because.STORM, Because.PER_HOUR})
"""What is held for these waits for no hours of a route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many alerts a destination is told one by one in a minute and in an hour; None is no limit."""

    storm: int | None = None
    per_hour: int | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Why an alert is not told at once, and when it is listed."""

    because: Because
    due: datetime
    silence: str = ""


class Holding:
    """Alerts that wait to be listed, and how many were told of late, by destination."""

    def __init__(self, kept: Iterable[Held | Pace] = ()) -> None:
        self._held: dict[str, Held] = {}
        self._order: list[tuple[datetime, str]] = []
        self._paces: dict[str, Pace] = {}
        for record in kept:
            if isinstance(record, Held):
                self.put(record)
            else:
                self._paces[record.destination] = record

    def __len__(self) -> int:
        return len(self._held)

    def hold(self, destination: str, routed: Routed, *, silence: Silence | None, limits: Limits, now: datetime) -> Hold | None:
        """Whether and why an alert for this destination is held at `now`, and until when."""
        start = ends(silence) if silence else now
        at = due(routed.ways, now=start)
        if silence:
            return Hold(Because.SILENCE, at, silence.id)
        if at > now:
            quiet = all(way.quiet is not None and due([msgspec.structs.replace(way, digest=None)], now=now) > now for way in routed.ways)
            return Hold(Because.QUIET if quiet else Because.DIGEST, at)
        return self._excess(destination, limits, now=now)

    def get(self, id: str) -> Held | None:
        """What is held under this id, if anything."""
        return self._held.get(id)

    def put(self, held: Held) -> None:
        """Remember what is held, or that it is due at another time."""
        self._held[held.id] = held
        heapq.heappush(self._order, (held.due, held.id))

    def told(self, destination: str, *, now: datetime) -> Pace:
        """Count an alert that is told at once."""
        minute, known = _minute(now), self._paces.get(destination)
        recent = {at: count for at, count in known.minutes.items() if minute - 60 < at <= minute} if known else {}
        recent[minute] = recent.get(minute, 0) + 1
        pace = self._paces[destination] = Pace(destination=destination, minutes=recent)
        return pace

    def due(self, *, now: datetime) -> dict[str, tuple[Held, ...]]:
        """What is to be listed at `now`, by destination, in the order in which it came; it is held no longer."""
        found: dict[str, list[Held]] = {}
        while self._order and self._order[0][0] <= now:
            at, id = heapq.heappop(self._order)
            held = self._held.get(id)
            if held is not None and held.due == at:
                del self._held[id]
                found.setdefault(held.destination, []).append(held)
        return {destination: tuple(sorted(every, key=lambda held: (held.since, held.id))) for destination, every in found.items()}

    def released(self, silences: Mapping[str, Silence]) -> tuple[Held, ...]:
        """What these silences (by id) hold beyond their ends, because they were ended before their time: each with its new instant."""
        freed = [(one, silences[one.silence]) for one in self._held.values() if one.silence in silences] if silences else []
        moved = tuple(msgspec.structs.replace(one, due=at) for one, by in freed if (at := due(one.ways, now=ends(by))) < one.due)
        for one in moved:
            self.put(one)
        return moved

    def rerouted(self, routes: Routes, silences: Mapping[str, Silence]) -> tuple[Held, ...]:
        """What waits for hours that have been edited since, each with its new instant, counted from when it would have been told before."""
        moved = []
        for one in tuple(self._held.values()):
            ways = routes.again(one.ways, one.destination)
            if ways != one.ways and one.because not in _EXCESS:
                start = max(one.since, ends(silences[one.silence])) if one.silence in silences else one.since
                moved.append(msgspec.structs.replace(one, ways=ways, due=due(ways, now=start)))
        for one in moved:
            self.put(one)
        return tuple(moved)

    def _excess(self, destination: str, limits: Limits, *, now: datetime) -> Hold | None:
        pace = self._paces.get(destination)
        if pace is None:
            return None
        minute = _minute(now)
        hour = minute - minute % 60
        if limits.per_hour is not None and sum(count for at, count in pace.minutes.items() if hour <= at <= minute) >= limits.per_hour:
            return Hold(Because.PER_HOUR, _EPOCH + (hour + 60) * _MINUTE)
        if limits.storm is not None and pace.minutes.get(minute, 0) >= limits.storm:
            return Hold(Because.STORM, _EPOCH + (minute + 1) * _MINUTE)
        return None


def _minute(at: datetime) -> int:
    return (at - _EPOCH) // _MINUTE
