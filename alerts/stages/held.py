"""What the story step holds: alerts that wait to be listed, silences, and what ops hear when one is over.

Its state are records on `stories` (`held/…`, `pace/…`), written in the same commit as the decision; silences are read from their own
topic, where `alerts silence` puts them. A list is a delivery whose id comes of its destination and its planned instant.

What it deliberately does not do: it decides nothing about stories, and sends nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from ..log import Log, Output
from ..records import (
    Alert,
    Delivery,
    Digest,
    Held,
    Item,
    Kind,
    Matches,
    Mended,
    Notice,
    Pace,
    RecordError,
    Severity,
    Silence,
    Told,
    decode,
    digest,
    encode,
)
from ..rendering import LINK_UNITS_MAX, divided
from ..routing import Hold, Holding, Routed, ends, silenced_by
from .setup import Setup

__all__ = ["HELD", "LOOK_EVERY", "MENDED", "PACE", "SILENCES_KEPT", "Keeping", "followed", "held_count", "silences"]

log = logging.getLogger(__name__)

HELD, PACE = "held/", "pace/"
MENDED = "mended/"
_SILENCE = "silence/"
"""Before a silence's id, where it stands beside others: among what a turn changes, and as the occasion of a notice."""
LOOK_EVERY = timedelta(seconds=2)
"""How often silences are read again."""
SILENCES_KEPT = timedelta(days=30)
"""How long a silence that is over is listed; then it leaves the log."""
FOREVER = datetime(9000, 1, 1, tzinfo=UTC)
"""A silence that ends later ends then: the hours of a digest behind it must still be dates."""
PLACES_SHOWN_MAX = 3
TEXT_CHARACTERS_MAX = 300
"""What is kept of a headline or a name for its line of a list, which shows less: a list is one record, and records have a bound."""


def followed(source: Log, start: int) -> tuple[dict[str, bytes | None], int]:
    """What has come to `silences` since `start`, the last of each key, and where to go on."""
    found: dict[str, bytes | None] = {}
    for record in source.read("silences", 0, start=start):
        found[record.key] = record.value
        start = record.offset + 1
    return found, start


def silences(source: Log) -> Iterable[Silence]:
    """Every silence that the log knows."""
    found, _ = followed(source, 0)
    return [one for id, value in found.items() if (one := _silence(id, value)) is not None]


def held_count(source: Log) -> int:
    """How many alerts wait to be listed."""
    waiting: set[str] = set()
    for record in source.read("stories", 0):
        if record.key.startswith(HELD):
            (waiting.discard if record.value is None else waiting.add)(record.key)
    return len(waiting)


def mended(value: bytes) -> Mended | None:
    """What stands under a key that begins with `mended/`."""
    try:
        return decode(value, Mended)
    except RecordError as error:
        log.error("a record on silences cannot be read", extra={"reason": str(error)})
        return None


class Keeping:
    """The story step's memory of what waits. `kept` are the records on `stories` whose keys begin with `held/` or `pace/`."""

    def __init__(self, source: Log, kept: Mapping[str, bytes]) -> None:
        self._log = source
        self._holding = Holding(_decoded(kept))
        self._silences: dict[str, Silence] = {}
        self._next = 0
        self._looked: datetime | None = None
        self._known: Setup | None = None

    def hold(self, destination: str, routed: Routed, matches: Matches, setup: Setup, *, now: datetime) -> Hold | None:
        """Whether an alert for a destination is held, and until when."""
        channel = setup.channel(destination)
        silence = silenced_by(self._silences.values(), matches, routed.fired, channel=channel.name if channel else "", now=now)
        return self._holding.hold(destination, routed, silence=silence, limits=setup.limits(destination), now=now)

    def waits(self, told: Told, destination: str, *, until: datetime) -> bool:
        """Whether that by which a destination first hears of a story is still to be listed after `until`."""
        held = self._holding.get(_held_id(told.alert, destination))
        return held is not None and held.due > until

    def keep(self, alert: Alert, destination: str, hold: Hold, routed: Routed, *, update: str, now: datetime) -> Output:
        """Remember an alert that is held."""
        held = Held(
            id=_held_id(alert.id, destination),
            destination=destination,
            item=_item(alert, update=update),
            ways=routed.ways,
            because=hold.because,
            silence=hold.silence,
            since=now,
            due=hold.due,
        )
        self._holding.put(held)
        return _output(held)

    def told(self, destination: str, setup: Setup, *, now: datetime) -> list[Output]:
        """Count an alert that is told at once, where somebody counts."""
        limits = setup.limits(destination)
        if limits.storm is None and limits.per_hour is None:
            return []
        return [Output("stories", PACE + destination, encode(self._holding.told(destination, now=now)))]

    def turn(self, setup: Setup, changed: dict[str, Output], *, now: datetime) -> tuple[list[Output], dict[str, Notice]]:
        """Lists that are due, as deliveries, and what ops are to hear, by occasion; what is held no longer leaves `stories` (`changed`)."""
        notices: dict[str, Notice] = {}
        # A clock that was put back must not keep silences unread until it has caught up.
        if self._looked is None or not timedelta(0) <= now - self._looked < LOOK_EVERY:
            notices = self._look(changed, now=now)
            self._looked = now
        if self._known is not setup:
            self._known = setup
            for moved in self._holding.rerouted(setup.routes, self._silences):
                changed[HELD + moved.id] = _output(moved)
        outputs: list[Output] = []
        for destination, every in self._holding.due(now=now).items():
            outputs += _lists(destination, every, setup, now=now)
            for held in every:
                changed[HELD + held.id] = Output("stories", HELD + held.id, None)
        return outputs, notices

    def _look(self, changed: dict[str, Output], *, now: datetime) -> dict[str, Notice]:
        """Read what was added to the silences. One that is over is told to ops, and that it was is kept with it."""
        new, self._next = followed(self._log, self._next)
        ended = {}
        for id, value in new.items():
            silence = _silence(id, value)
            if silence is None:
                self._silences.pop(id, None)
                continue
            self._silences[id] = silence
            if silence.expired:
                ended[id] = silence
        for moved in self._holding.released(ended):
            changed[HELD + moved.id] = _output(moved)
        notices = {}
        for id, one in tuple(self._silences.items()):
            if ends(one) <= now - SILENCES_KEPT:
                del self._silences[id]
                changed[_SILENCE + id] = Output("silences", id, None)
            elif ends(one) <= now and not one.announced:
                self._silences[id] = msgspec.structs.replace(one, announced=True)
                changed[_SILENCE + id] = Output("silences", id, encode(self._silences[id]))
                notices[_SILENCE + id] = _over(one)
        return notices


def _decoded(kept: Mapping[str, bytes]) -> Iterable[Held | Pace]:
    for key, value in kept.items():
        try:
            yield decode(value, Held) if key.startswith(HELD) else decode(value, Pace)
        except RecordError as error:
            log.error("what is held on the log cannot be read; it is forgotten", extra={"key": key, "reason": str(error)})


def _silence(id: str, value: bytes | None) -> Silence | None:
    if value is None or "/" in id:
        return None
    try:
        silence = decode(value, Silence)
        return msgspec.structs.replace(silence, ends=min(silence.ends, FOREVER))
    except RecordError as error:
        log.error("a silence on the log cannot be read; it holds nothing", extra={"silence": id, "reason": str(error)})
        return None


def _over(silence: Silence) -> Notice:
    return Notice(
        title=f"A silence is over: {silence.comment or silence.id}",
        lines=(f"by {silence.author}; what it held is listed where it was held",),
        severity=Severity.INFO,
    )


def _item(alert: Alert, *, update: str) -> Item:
    places = dict.fromkeys(one.term for fired in alert.fired for one in fired.evidence if alert.kinds.get(one.watchlist) is Kind.PLACE)
    return Item(
        alert=alert.id,
        story=alert.story,
        severity=alert.severity,
        title=_bounded(alert.title),
        url=alert.url[: LINK_UNITS_MAX + 1],  # one that is cut stays too long to be shown
        feed=_bounded(alert.feed),
        places=tuple(map(_bounded, places))[:PLACES_SHOWN_MAX],
        update=_bounded(update),
        published=alert.published,
    )


def _bounded(text: str) -> str:
    return text if len(text) <= TEXT_CHARACTERS_MAX else text[: TEXT_CHARACTERS_MAX - 1] + "…"


def _lists(destination: str, every: tuple[Held, ...], setup: Setup, *, now: datetime) -> list[Output]:
    until = max(held.due for held in every)
    because = tuple(dict.fromkeys(held.because for held in every))
    parts = divided([held.item for held in every], layout=setup.layout(destination))
    return [
        Output(
            "deliveries",
            setup.lane(destination),
            encode(
                Delivery(
                    id=digest("list", destination, until.isoformat(), *(held.id for held in every[:1]), str(number)),
                    destination=destination,
                    reason=", ".join(because),
                    digest=Digest(
                        items=items,
                        because=because,
                        since=every[0].since,
                        until=until,
                        part=number,
                        parts=len(parts),
                        of=len(every),
                    ),
                    created=now,
                    give_up=now + setup.give_up(destination),
                )
            ),
        )
        for number, items in enumerate(parts, start=1)
    ]


def _held_id(alert: str, destination: str) -> str:
    return digest("held", alert, destination)


def _output(held: Held) -> Output:
    return Output("stories", HELD + held.id, encode(held))
