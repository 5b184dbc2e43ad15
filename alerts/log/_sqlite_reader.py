"""One member of a group on the embedded log.

What it deliberately does not do: it keeps no record. What was given and not committed is read again after a failure.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ..errors import Fenced, LogError, LogUnavailable
from . import _sqlite_groups as groups
from . import _sqlite_records as records
from ._sqlite_bell import refuses
from ._sqlite_file import Connection
from ._sqlite_writer import Touched, Transaction
from .protocol import Batch, Output, Record

if TYPE_CHECKING:
    from .sqlite import SqliteLog

__all__ = ["SqliteReader"]


class SqliteReader:
    """`alerts.log.Reader` on a `SqliteLog`."""

    def __init__(
        self,
        log: SqliteLog,
        group: groups.Group,
        *,
        fetch: bool,
        on_revoke: Callable[[frozenset[int]], None] | None,
    ) -> None:
        self._log = log
        self._keeper = log._keeper
        self._group = group
        self._fetches = fetch
        self._on_revoke = on_revoke
        self._reads = Connection(log._path)
        self._lock = threading.RLock()
        self._news = threading.Event()
        self._woken = False
        self._closed = False
        self._held: dict[int, int] = {}
        """The partitions that its user believes to own, and since which epoch."""
        self._next: dict[int, int] = {}
        """For each the offset of the next record to give."""
        self._generation = -1
        self._rewind = False
        """Whether a commit has failed: until a poll has started anew from what is committed, there is nothing to commit."""
        self._member, self._name = 0, log._instance
        self._polling = False
        self._polled = time.monotonic()
        try:
            self._join()
        except LogError:
            self._reads.close()
            raise
        self._keeper.add(self)

    @property
    def assigned(self) -> frozenset[int]:
        """The partitions that this member owns, as of the last poll."""
        return frozenset(self._held)

    @property
    def member(self) -> int:
        """Its row among the members."""
        return self._member

    def poll(self, timeout_s: float, *, limit: int = 500) -> Batch:
        """Up to `limit` records after those already given, waiting at most `timeout_s` for the first."""
        with self._lock:
            self._check()
            self._polling = True
            try:
                return self._poll(time.monotonic() + timeout_s, limit)
            finally:
                self._polled = time.monotonic()
                self._polling = False
                self._woken = False

    def _poll(self, deadline: float, limit: int) -> Batch:
        while True:
            # Cleared before looking: whatever is committed after the look sets it again, and the wait ends at once.
            self._news.clear()
            batch = self._look(limit)
            remaining = deadline - time.monotonic()
            if batch or self._woken or self._closed or remaining <= 0:
                return batch
            self._keeper.wait(self._news, remaining)

    def _look(self, limit: int) -> Batch:
        try:
            moved = self._rewind or groups.generation(self._reads, self._group) != self._generation
            gained, lost = self._settle() if moved else ({}, frozenset[int]())
        except LogUnavailable:
            return Batch()
        return Batch(self._records(limit), gained, lost)

    def _settle(self) -> tuple[dict[int, int], frozenset[int]]:
        """Give up what belongs to others, take what is ours; what was gained, and what was lost."""
        held = dict(self._held)
        try:
            standing = self._stand()
            told: frozenset[int] = frozenset()
            while standing.excess:
                self._revoke(standing.excess & held.keys() - told)
                told |= standing.excess
                standing = self._stand(give_up=standing.excess)
        except LogUnavailable:
            self._rewind = True
            raise
        stays = {number for number, epoch in held.items() if standing.owned.get(number) == epoch and not self._rewind}
        gained = {number: position for number, position in standing.positions.items() if number not in stays}
        self._held = dict(standing.owned)
        self._next = {number: self._next[number] if number in stays else standing.positions[number] for number in standing.owned}
        self._generation = standing.generation
        self._rewind = False
        return gained, frozenset(held.keys() - stays)

    def _stand(self, *, give_up: Iterable[int] = ()) -> groups.Standing:
        """Our standing in the group, as a new member if others have taken us for dead."""
        while (standing := self._log._run(partial(groups.settle, group=self._group, member=self._member, give_up=give_up))) is None:
            self._join()
        return standing

    def _join(self) -> None:
        dead = {stranger.bell for stranger in groups.strangers(self._reads) if refuses(self._log._path, stranger.bell)}
        bell = self._keeper.start(self._log._writer)
        deadline = time.monotonic() + self._keeper.pace.lease_s
        self._member, self._name = self._log._run(
            partial(groups.join, group=self._group, name=self._log._instance, bell=bell, fetch=self._fetches, deadline=deadline, dead=dead)
        )

    def _revoke(self, partitions: frozenset[int]) -> None:
        """Let the user finish what it has in hand; what it could not commit, the next owner gets again."""
        if partitions and self._on_revoke is not None and not self._rewind:
            with contextlib.suppress(LogError):
                self._on_revoke(partitions)

    def _records(self, limit: int) -> tuple[Record, ...]:
        if not self._fetches or not self._held:
            return ()
        found: list[Record] = []
        with contextlib.suppress(LogUnavailable):
            for number, end in self._behind():
                start, identity = self._next[number], self._group.partitions[number]
                topic, left = self._group.topic, min(limit - len(found), records.FETCH_MAX)
                rows = records.fetch(self._reads, topic, number, partition=identity, start=start, end=end, limit=left)
                self._next[number] = rows[-1].offset + 1 if rows else end
                found += rows
                if len(found) >= limit or sum(len(row.value or b"") for row in rows) >= records.FETCH_BYTES_MAX:
                    break
        return tuple(found)

    def _behind(self) -> list[tuple[int, int]]:
        """Our partitions with records not yet given, and their ends; the ones that have waited longest first."""
        ends = dict(self._reads.rows("SELECT number, next FROM partitions WHERE topic = ?", self._group.topic))
        behind = [(number, ends[number]) for number in self._next if self._next[number] < ends[number]]
        for number, _ in behind[:1]:
            # The first one served now comes last the next time, so that no busy partition starves the others.
            self._next[number] = self._next.pop(number)
        return behind

    def commit(self, outputs: Iterable[Output] = (), *, after: Batch | None = None) -> None:
        """Append `outputs` and move the position behind the records of `after`, in one transaction; durable on return."""
        with self._lock:
            self._check()
            try:
                pending = self._log._pending(outputs)
                spans = _spans(after.records if after else ())
                if self._rewind or not spans.keys() <= self._held.keys():
                    raise Fenced(f'"{self._name}" of the group "{self._group.name}" gave up what it commits for: nothing was committed')
                self._log._run(partial(self._commit, pending=pending, spans=spans))
            except LogError:
                self._rewind = True
                raise

    def _commit(self, transaction: Transaction, *, pending: list[records.Pending], spans: Mapping[int, tuple[int, int]]) -> None:
        groups.fence(transaction, self._group, self._member, self._held, name=self._name)
        records.append(transaction, pending, now=self._log._clock())
        groups.move(transaction, self._group, spans)

    def wake(self) -> None:
        """End a poll that waits, at once, from any thread; without one waiting, the next returns at once."""
        self._woken = True
        self._news.set()

    def look(self) -> None:
        """Make a poll that waits look again, from any thread."""
        self._news.set()

    def cares(self, touched: set[Touched]) -> bool:
        """Whether a commit that touched this matters here."""
        return (self._group.topic, self._group.name) in touched or (self._fetches and (self._group.topic, "") in touched)

    def alive(self, now: float) -> bool:
        """Whether its lease is to be renewed."""
        return not self._closed and (self._polling or now - self._polled < self._keeper.pace.poll_every_s)

    def close(self) -> None:
        """Leave the group: its other members take over at once."""
        self.wake()
        with self._lock:
            if self._closed:
                return
            try:
                self._revoke(frozenset(self._held))
            finally:
                self._keeper.remove(self)
                # A log that cannot be written now learns of our leaving when the lease runs out.
                with contextlib.suppress(LogError):
                    self._log._run(partial(groups.leave, member=self._member))
                self._held = {}
                self.release()

    def release(self) -> None:
        """Let go of the connection, without a word to the group."""
        self._closed = True
        self._reads.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _check(self) -> None:
        self._log._check()
        if self._closed:
            raise LogError(f'the reader of "{self._group.topic}" is closed')


def _spans(processed: Iterable[Record]) -> dict[int, tuple[int, int]]:
    """First and last offset of each partition among `processed`."""
    spans: dict[int, tuple[int, int]] = {}
    for record in processed:
        first, _ = spans.get(record.partition, (record.offset, 0))
        spans[record.partition] = first, record.offset
    return spans
