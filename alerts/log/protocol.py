"""The protocol of the log: what both backends promise."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

__all__ = [
    "KEY_BYTES_MAX",
    "RECORD_BYTES_MAX",
    "Batch",
    "Log",
    "Output",
    "Reader",
    "Record",
    "partition_of",
]

RECORD_BYTES_MAX = 900_000
"""The largest value of one record, in bytes; below Kafka's default of 1 MiB for a request, on both backends alike."""


KEY_BYTES_MAX = 100_000
"""The largest key of one record, in bytes of UTF-8."""


@dataclass(frozen=True, slots=True)
class Record:
    """One committed record. `value` is None for a tombstone; `key` is "" where the writer gave none; `time` is when it was appended."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes | None
    time: datetime


@dataclass(frozen=True, slots=True)
class Output:
    """One record to append. `value` None is a tombstone; `partition` None is `partition_of(key, ...)`."""

    topic: str
    key: str
    value: bytes | None
    partition: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What one poll brought.

    `records` are in order of offset within each partition. `gained` maps each partition that this member has owned only since this
    poll to the offset of the first record it will be given (at most the first of `records` there): whatever the stage folds from the
    log for that partition, it folds now, before it looks at `records`. `lost` are partitions it no longer owns: their state is dropped.
    A partition may stand in both: it was lost and came back, and others may have written in between.
    """

    records: tuple[Record, ...] = ()
    gained: Mapping[int, int] = field(default_factory=dict)
    lost: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.records or self.gained or self.lost)


class Reader(Protocol):
    """A member of a group whose members share the partitions of one topic. It belongs to one thread; `wake` alone may come from others."""

    @property
    def assigned(self) -> frozenset[int]:
        """The partitions that this member owns, as of the last poll."""
        ...

    def poll(self, timeout_s: float, *, limit: int = 500) -> Batch:
        """Up to `limit` records after those already given, waiting at most `timeout_s` for the first; an empty batch when none came.

        Only here are partitions gained and given up; before any is given up, `on_revoke` of `Log.reader` is called with them and may
        still commit; a `LogError` out of it changes nothing: they go, and the next owner gets what was not committed. Keeps the
        membership alive: call it at least every 30 s. An unreachable log brings empty batches, not errors.
        """
        ...

    def commit(self, outputs: Iterable[Output] = (), *, after: Batch | None = None) -> None:
        """Append `outputs` and move this group's position behind the records of `after`, in one transaction; durable on return.

        Without `after` no position moves; the transaction still holds only if this member owns what it is assigned. Raises `Fenced`
        (the next poll says what was lost and gained anew; also for records of a partition given up, or committed before),
        `RecordTooLarge`, or `LogUnavailable`; then nothing was committed and the next poll gives again what was not committed, the
        partitions standing in `lost` and `gained`. Until then every commit is `Fenced`.
        """
        ...

    def wake(self) -> None:
        """End a poll that waits, at once, from any thread; without one waiting, the next returns at once."""
        ...

    def close(self) -> None:
        """Leave the group: its other members take over at once. Calls `on_revoke` like a poll that gives up everything."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


class Log(Protocol):
    """An open log. Its methods may be called from any thread."""

    def reader(
        self,
        topic: str,
        *,
        group: str,
        fetch: bool = True,
        on_revoke: Callable[[frozenset[int]], None] | None = None,
    ) -> Reader:
        """Join `group` as a member named after this log's instance. With `fetch=False` it gets partitions, no records."""
        ...

    def append(self, outputs: Iterable[Output]) -> None:
        """Append `outputs` in one transaction, whoever owns what; durable on return. Raises `RecordTooLarge` or `LogUnavailable`."""
        ...

    def read(self, topic: str, partition: int, *, start: int = 0, end: int | None = None) -> Iterator[Record]:
        """The committed records with `start <= offset < end`, as far as they are still kept; `end` None is the end at the time of the call.

        Sees everything that was committed before the call, and in a member everything that was committed before a partition was gained.
        """
        ...

    def ends(self, topic: str) -> dict[int, int]:
        """For each partition the offset behind its last committed record."""
        ...

    def positions(self, topic: str, *, group: str) -> dict[int, int]:
        """For each partition the offset that `group` reads next (the first kept one if it never committed)."""
        ...

    def lag(self, topic: str, *, group: str) -> int:
        """How many records of `topic` the group has still to process."""
        ...

    def members(self, topic: str, *, group: str) -> tuple[str, ...]:
        """The names of the group's live members."""
        ...

    def partitions(self, topic: str) -> int:
        """How many partitions the topic has."""
        ...

    def maintain(self) -> None:
        """Drop what retention and compaction allow, in short steps; for idle moments. Kafka does it by itself."""
        ...

    def claim(self, name: str) -> bool:
        """Whether this process now holds the exclusive claim `name` on this log (until it closes it or dies). Always True on Kafka."""
        ...

    def close(self) -> None:
        """Close every reader and the log."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


def partition_of(key: str, partitions: int) -> int:
    """The partition of a key, the same on every backend: CRC-32 (zlib's) of its UTF-8 bytes modulo the number of partitions."""
    return zlib.crc32(key.encode("utf-8", "surrogatepass")) % partitions
