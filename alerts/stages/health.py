"""How the system does, read from its log: feeds, lag, deliveries, dead letters, and what of it is a fault."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..config import Config
from ..feeds.health import LESSER, Trouble, said, troubles
from ..log import Log
from ..records import Alert, FeedState, RecordError, decode
from ..routing import is_active
from .dead_letters import dead_letters
from .deliveries import Pending, pending
from .feed_states import feed_states
from .held import held_count, silences

__all__ = ["FeedHealth", "Health", "StageHealth", "health_of"]

LAG_AGE_MAX = timedelta(minutes=5)
"""A record that a stage has not processed for this long means that the stage does not run, or does not keep up."""
PENDING_AGE_MAX = timedelta(minutes=15)
FAILURES_MAX = 3
"""A feed that failed this often in a row is a fault; the ones before may be the network's."""

_STAGES = (
    ("matcher", "articles", "matcher"),
    ("notifier: stories", "matches", "stories"),
    ("notifier: deliveries", "deliveries", "delivery"),
    ("notifier: ops", "dead-letters", "ops"),
    ("notifier: notices", "notices", "announcing"),
)


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """One feed of the configuration and what the log knows of it."""

    name: str
    state: FeedState | None
    troubles: tuple[Trouble, ...] = ()

    def row(self) -> dict[str, object]:
        state = self.state
        if state is None:
            return {"feed": self.name, "state": "not polled yet", "polled": "", "next": "", "news": "", "articles": 0, "reason": ""}
        return {
            "feed": self.name,
            "state": ", ".join([*self._failed(state), *map(said, self.troubles)]) or "ok",
            "polled": _time(state.polled),
            "next": _time(state.next),
            "news": _time(state.changed),
            "articles": state.articles,
            "reason": state.reason,
        }

    def _failed(self, state: FeedState) -> list[str]:
        return [f"failed {state.failures} times" if state.failures > 1 else "failed once"] if state.failures else []


@dataclass(frozen=True, slots=True)
class StageHealth:
    """One stage: how many records it has still to process, since when the oldest waits, and who works on it."""

    name: str
    lag: int
    oldest: datetime | None
    members: tuple[str, ...]

    def row(self) -> dict[str, object]:
        return {"stage": self.name, "lag": self.lag, "waiting since": _time(self.oldest), "members": list(self.members)}


@dataclass(frozen=True, slots=True)
class Health:
    """All of it; `faults` are sentences, none when healthy."""

    feeds: tuple[FeedHealth, ...]
    stages: tuple[StageHealth, ...]
    last_alert: Alert | None
    pending: tuple[tuple[str, int], ...]
    dead_letters: int
    faults: tuple[str, ...]
    held: int = 0
    """Alerts that wait to be listed."""
    silences: int = 0
    """Silences that are active."""

    def row(self) -> dict[str, object]:
        """The same as plain values, for JSON."""
        return {
            "healthy": not self.faults,
            "faults": list(self.faults),
            "feeds": [feed.row() for feed in self.feeds],
            "stages": [stage.row() for stage in self.stages],
            "last_alert": {"at": _time(self.last_alert.decided), "title": self.last_alert.title} if self.last_alert else None,
            "pending": dict(self.pending),
            "dead_letters": self.dead_letters,
            "held": self.held,
            "silences": self.silences,
        }


def health_of(source: Log, config: Config, *, now: datetime) -> Health:
    """Read the state of everything from the log."""
    states = feed_states(source)
    feeds = tuple(_feed(feed.name, states.get(feed.key)) for feed in config.feeds)
    stages = tuple(_stage(source, name, topic, group) for name, topic, group in _STAGES)
    waiting, letters = pending(source), dead_letters(source)
    return Health(
        feeds=feeds,
        stages=stages,
        last_alert=_last_alert(source),
        pending=tuple(sorted(Counter(one.delivery.destination for one in waiting).items())),
        dead_letters=len(letters),
        faults=(*_feed_faults(feeds), *_stage_faults(stages, now=now), *_delivery_faults(waiting, now=now), *_letter_faults(len(letters))),
        held=held_count(source),
        silences=sum(is_active(one, now=now) for one in silences(source)),
    )


def _feed(name: str, state: FeedState | None) -> FeedHealth:
    return FeedHealth(name, state, troubles(state) if state is not None else ())


def _stage(source: Log, name: str, topic: str, group: str) -> StageHealth:
    positions, ends = source.positions(topic, group=group), source.ends(topic)
    oldest: datetime | None = None
    for partition, end in ends.items():
        start = positions.get(partition, 0)
        # Not the record at `start` itself: on Kafka the marks of transactions take offsets, too.
        first = next(iter(source.read(topic, partition, start=start, end=end)), None) if start < end else None
        if first is not None:
            oldest = min(oldest, first.time) if oldest else first.time
    return StageHealth(name, source.lag(topic, group=group), oldest, source.members(topic, group=group))


def _last_alert(source: Log) -> Alert | None:
    end = source.ends("alerts").get(0, 0)
    for record in reversed(list(source.read("alerts", 0, start=max(0, end - 50)))):
        try:
            alert = decode(record.value, Alert)
        except RecordError:
            continue
        if alert.decision in {"new", "update"}:
            return alert
    return None


def _feed_faults(feeds: tuple[FeedHealth, ...]) -> list[str]:
    failing = [feed for feed in feeds if feed.state and feed.state.failures >= FAILURES_MAX]
    faults = [f"feed {feed.name} failed {feed.state.failures} times in a row: {feed.state.reason}" for feed in failing if feed.state]
    return [
        *faults,
        *(f"feed {feed.name} {said(one)}" for feed in feeds if feed not in failing for one in feed.troubles if one not in LESSER),
    ]


def _stage_faults(stages: tuple[StageHealth, ...], *, now: datetime) -> list[str]:
    late = [stage for stage in stages if stage.oldest and now - stage.oldest > LAG_AGE_MAX]
    return [f"{stage.name}: {stage.lag} records wait, the oldest since {_time(stage.oldest)}" for stage in late]


def _delivery_faults(waiting: list[Pending], *, now: datetime) -> list[str]:
    late = Counter(one.delivery.destination for one in waiting if now - one.delivery.created > PENDING_AGE_MAX or one.halted)
    reasons = {one.delivery.destination: one.receipt.reason for one in waiting if one.receipt and one.receipt.reason}
    return [f"{count} deliveries wait for {id}: {reasons.get(id, 'not sent yet')}" for id, count in sorted(late.items())]


def _letter_faults(count: int) -> list[str]:
    return [f"{count} dead letters: see `alerts dead-letters list`"] if count else []


def _time(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC" if time else ""
