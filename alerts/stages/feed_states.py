"""What is remembered of each feed, on the compacted topic `feeds`, in two records: all of it, and what the polls since then changed.

The whole state of a feed may have thousands of entries. It is written when these change; what a poll without news leaves behind (when it
was, when the next one is due, validators, failures) goes into a small record of its own under another key of the same partition.

What it deliberately does not do: it decides nothing about a feed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TypeVar

import msgspec

from ..feeds import shown
from ..log import Log, Output, Record, partition_of
from ..log.protocol import RECORD_BYTES_MAX
from ..records import FeedState, Polled, RecordError, decode, encode

__all__ = ["SMALL", "feed_states", "small", "states_of", "whole"]

log = logging.getLogger(__name__)

S = TypeVar("S", bound=FeedState)

_TOPIC = "feeds"
_POLLED = "polled/"
"""What the key of a small record begins with; no address of a feed does."""
_LARGE = ("seen", "entries", "rhythm")
SMALL = tuple(name for name in FeedState.__struct_fields__ if name not in _LARGE)


def feed_states(source: Log) -> dict[str, FeedState]:
    """The state of every feed that was ever polled, by its key."""
    states: dict[str, FeedState] = {}
    for partition in range(source.partitions(_TOPIC)):
        states |= states_of(source.read(_TOPIC, partition))
    return states


def states_of(records: Iterable[Record]) -> dict[str, FeedState]:
    """The states that the records of one partition come to. One that cannot be read is said aloud and passed over."""
    last = {record.key: record.value for record in records}
    states: dict[str, FeedState] = {}
    for key, value in last.items():
        if value is not None and not key.startswith(_POLLED) and (state := _read(key, value, FeedState)):
            states[key] = state
    for key, value in last.items():
        if value is not None and key.startswith(_POLLED) and (polled := _read(key, value, Polled)):
            feed = key.removeprefix(_POLLED)
            states[feed] = _joined(states.get(feed), polled)
    return states


def whole(key: str, state: FeedState) -> Output:
    """All of a state, as a record."""
    value = encode(state)
    if len(value) > RECORD_BYTES_MAX:  # what is known of each entry saves reading it again, no more
        value = encode(msgspec.structs.replace(state, entries=()))
    return Output(_TOPIC, key, value)


def small(key: str, state: FeedState, *, partitions: int) -> Output:
    """What polls without news change of a state, as a record in the partition of its feed."""
    value = encode(Polled(**{name: getattr(state, name) for name in SMALL}))
    return Output(_TOPIC, _POLLED + key, value, partition=partition_of(key, partitions))


def _joined(state: FeedState | None, polled: Polled) -> FeedState:
    """The state with what was polled since it was written."""
    if state is None:
        return FeedState(**{name: getattr(polled, name) for name in SMALL})
    if polled.polled is None or (state.polled is not None and polled.polled < state.polled):
        return state
    return msgspec.structs.replace(state, **{name: getattr(polled, name) for name in SMALL})


def _read(key: str, value: bytes, kind: type[S]) -> S | None:
    try:
        return decode(value, kind)
    except RecordError as error:
        log.error("a feed's state cannot be read; it starts anew", extra={"feed": shown(key), "reason": str(error)})
        return None
