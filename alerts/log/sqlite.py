"""The embedded log: one SQLite file that any number of processes of one machine share, with no server.

    SqliteLog ── Writer         one thread that writes, in groups                _sqlite_writer
        │     ── Keeper         one thread that wakes readers and keeps leases   _sqlite_keeper, _sqlite_bell
        │     ── Connection     short reads                                      _sqlite_file
        └─ SqliteReader         one member of a group, with a Connection         _sqlite_reader
                                what both write and read: _sqlite_groups, _sqlite_records

A commit is durable when it returns (write-ahead log, synced each time). A reader that waits is woken at once by a commit of its own
process, and within milliseconds by one of another.

What it deliberately does not do: it does not work on network disks (SQLite's write-ahead log needs shared memory), not across a fork
(open it in the child), and the file never shrinks: the room of dropped records is used again. A process that is stopped in the middle
of a write holds up the writes of the others until it goes on or dies; SQLite has one writer at a time.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from ..errors import LogError, LogUnavailable
from . import _sqlite_groups as groups
from . import _sqlite_records as records
from ._sqlite_bell import refuses
from ._sqlite_file import Connection, database_of, partitions_of, prepare
from ._sqlite_keeper import PACE, Keeper, Pace
from ._sqlite_reader import SqliteReader
from ._sqlite_writer import Transaction, Writer
from .protocol import Output, Record
from .topics import Topic

__all__ = ["Pace", "SqliteLog", "SqliteReader"]

T = TypeVar("T")

COMPACT_AFTER_S = 60.0
"""What is younger makes nothing obsolete: a fold that began before it was appended may still be reading."""
TOMBSTONE_KEEP_S = 24 * 3600.0
"""How long a tombstone stays, for readers that come late; as on Kafka (delete.retention.ms)."""


class SqliteLog:
    """`alerts.log.Log` on one SQLite file."""

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        *,
        topics: tuple[Topic, ...],
        instance: str,
        pace: Pace,
        clock: Callable[[], float],
    ) -> None:
        self._path = path
        self._topics = topics
        self._ids = partitions_of(connection)
        self._instance = instance.encode("utf-8", "replace").decode()
        self._clock = clock
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._reads = Connection(path)
        self._keeper = Keeper(path, pace=pace)
        self._writer = Writer(path, connection, committed=self._keeper.announce)
        self._claims: dict[str, sqlite3.Connection] = {}
        self._closed = False

    @classmethod
    def open(
        cls,
        url: str,
        *,
        topics: Iterable[Topic],
        instance: str,
        base: Path | None = None,
        pace: Pace = PACE,
        clock: Callable[[], float] = time.time,
    ) -> Self:
        """Open the log at `sqlite:PATH`, creating folders, file and topics that are missing. Raises `LogError`, one clear line."""
        path, topics = database_of(url, base), tuple(topics)
        return cls(path, prepare(path, topics), topics=topics, instance=instance, pace=pace, clock=clock)

    def reader(
        self,
        topic: str,
        *,
        group: str,
        fetch: bool = True,
        on_revoke: Callable[[frozenset[int]], None] | None = None,
    ) -> SqliteReader:
        """Join `group` as a member named after this log's instance. With `fetch=False` it gets partitions, no records."""
        self._check()
        return SqliteReader(self, groups.Group(topic, group, self._partitions(topic)), fetch=fetch, on_revoke=on_revoke)

    def append(self, outputs: Iterable[Output]) -> None:
        """Append `outputs` in one transaction; durable on return. Raises `RecordTooLarge` or `LogUnavailable`."""
        pending = self._pending(outputs)
        if pending:
            self._run(partial(records.append, pending=pending, now=self._clock()))

    def read(self, topic: str, partition: int, *, start: int = 0, end: int | None = None) -> Iterator[Record]:
        """The committed records with `start <= offset < end`, as far as they are kept; `end` None is the end at the time of the call."""
        last = self.ends(topic)[partition]
        return self._read(topic, partition, start=start, end=last if end is None else min(end, last))

    def _read(self, topic: str, partition: int, *, start: int, end: int) -> Iterator[Record]:
        identity = self._partitions(topic)[partition]
        limit = records.FETCH_MAX
        while start < end:
            self._check()
            found = records.fetch(self._reads, topic, partition, partition=identity, start=start, end=end, limit=limit)
            yield from found
            start = found[-1].offset + 1 if found else end

    def ends(self, topic: str) -> dict[int, int]:
        """For each partition the offset behind its last committed record."""
        self._partitions(topic)
        return dict(self._reads.rows("SELECT number, next FROM partitions WHERE topic = ? ORDER BY number", topic))

    def positions(self, topic: str, *, group: str) -> dict[int, int]:
        """For each partition the offset that `group` reads next."""
        self._partitions(topic)
        rows = self._reads.rows(
            """SELECT number, max(coalesce(position, first), first) FROM partitions
               LEFT JOIN shares ON partition = id AND "group" = ? WHERE topic = ? ORDER BY number""",
            group,
            topic,
        )
        return dict(rows)

    def lag(self, topic: str, *, group: str) -> int:
        """How many records of `topic` the group has still to process."""
        positions, ends = self.positions(topic, group=group), self.ends(topic)
        return sum(max(0, end - positions[number]) for number, end in ends.items())

    def members(self, topic: str, *, group: str) -> tuple[str, ...]:
        """The names of the group's live members."""
        self._check()
        now = time.monotonic()
        rows = self._reads.rows('SELECT name, deadline, bell FROM members WHERE topic = ? AND "group" = ? ORDER BY name', topic, group)
        lease_s = self._keeper.pace.lease_s
        return tuple(
            name
            for name, deadline, bell in rows
            if not groups.ran_out(deadline, now=now, lease_s=lease_s) and not refuses(self._path, bell)
        )

    def partitions(self, topic: str) -> int:
        """How many partitions the topic has: what the file has, whatever was asked for since."""
        return len(self._partitions(topic))

    def maintain(self) -> None:
        """Drop what retention and compaction allow, in steps of 1,000 records, between which others write."""
        now = self._clock()
        for topic in self._topics:
            for partition in self._ids[topic.name]:
                if topic.compact:
                    self._repeat(partial(records.compact, partition=partition, before=now - COMPACT_AFTER_S))
                    self._repeat(partial(records.drop_tombstones, partition=partition, before=now - TOMBSTONE_KEEP_S))
                if topic.keep is not None:
                    self._repeat(partial(records.drop_older, partition=partition, before=now - topic.keep.total_seconds()))

    def _repeat(self, step: Callable[[Transaction], bool]) -> None:
        while self._run(step):
            pass

    def claim(self, name: str) -> bool:
        """Whether this process now holds the exclusive claim `name` on this log, until it closes it or dies."""
        self._check()
        with self._lock:
            if name in self._claims:
                return True
            try:
                claim = _exclusive(self._path.with_name(f"{self._path.name}-{name}.claim"))
            except sqlite3.Error as error:
                raise LogUnavailable(f"{self._path}: the claim {name} cannot be made: {error}") from error
            if claim is None:
                return False
            self._claims[name] = claim
            return True

    def close(self) -> None:
        """Close every reader and the log."""
        with contextlib.ExitStack() as last:
            last.callback(self._keeper.tidy)
            last.callback(self._release)
            for reader in self._keeper.readers:
                last.callback(reader.close)

    def _release(self) -> None:
        """Let go of threads, connections and claims, without a word to the groups: what a death does."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._keeper.close()
        self._writer.close()
        self._reads.close()
        for reader in self._keeper.readers:
            reader.release()
        for claim in self._claims.values():
            claim.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _check(self) -> None:
        if self._closed:
            raise LogError(f"{self._path}: the log is closed")
        if os.getpid() != self._pid:
            raise LogError(f"{self._path}: was opened before a fork; open it in the child")

    def _partitions(self, topic: str) -> tuple[int, ...]:
        self._check()
        if topic not in self._ids:
            raise LogError(f'the log has no topic "{topic}"')
        return self._ids[topic]

    def _pending(self, outputs: Iterable[Output]) -> list[records.Pending]:
        return records.pending_of(outputs, self._ids)

    def _run(self, work: Callable[[Transaction], T]) -> T:
        self._check()
        return self._writer.run(work)


def _exclusive(path: Path) -> sqlite3.Connection | None:
    """An exclusive lock on a file of its own, held until the connection is closed; None while somebody else has it."""
    # SQLite's own lock: unlike flock(2) it is not inherited by forked children, and Windows has it.
    claim = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        claim.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        claim.close()
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            return None
        raise
    return claim
