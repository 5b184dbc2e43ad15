"""The thread of a process that looks after what it shares with other processes on the embedded log.

What it deliberately does not do: it decides nothing about partitions; members do, when they poll.
"""

from __future__ import annotations

import contextlib
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import LogError
from . import _sqlite_groups as groups
from ._sqlite_bell import Bell, refuses
from ._sqlite_file import Connection
from ._sqlite_writer import Touched, Transaction, Writer

if TYPE_CHECKING:
    from ._sqlite_reader import SqliteReader

__all__ = ["PACE", "Keeper", "Pace"]


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a process looks after what it shares with others."""

    lease_s: float = 10.0
    """How long a member that shows no sign of life keeps its partitions, unless its process is known to be dead."""
    poll_every_s: float = 30.0
    """How long a member that does not poll counts as alive."""
    look_every_s: float = 0.2
    """How often a process with waiting readers looks for commits of which no bell told."""
    tend_every_s: float = 1.0
    """How often a process looks for dead members."""


PACE = Pace()


class Keeper:
    """The thread that hears of other processes' commits, renews the leases of our members and ends those of the dead."""

    def __init__(self, path: Path, *, pace: Pace) -> None:
        self.pace = pace
        self._path = path
        self._lock = threading.Lock()
        self.readers: tuple[SqliteReader, ...] = ()
        self._waiting = 0
        self._somebody_waits = threading.Event()
        self._closed = False
        self._bell = Bell(path)
        self._thread: threading.Thread | None = None
        self._tending: Future[None] | None = None
        self._tended = self._renewed = time.monotonic()

    def start(self, writer: Writer) -> str:
        """Start with the first reader; the name of this process's bell."""
        with self._lock:
            if self._thread is None:
                self._bell.hang()
                self._writer = writer
                self._reads = Connection(self._path)
                self._version = self._data_version()
                self._thread = threading.Thread(target=self._run, name="log-keeper", daemon=True)
                self._thread.start()
            return self._bell.name

    def add(self, reader: SqliteReader) -> None:
        """Care for `reader`."""
        with self._lock:
            self.readers = (*self.readers, reader)

    def remove(self, reader: SqliteReader) -> None:
        """Care for it no more."""
        with self._lock:
            self.readers = tuple(other for other in self.readers if other is not reader)

    def announce(self, touched: set[Touched], bells: set[str]) -> None:
        """Wake whom a commit of this process matters to, here and elsewhere."""
        for reader in self.readers:
            if reader.cares(touched):
                reader.look()
        self._bell.ring(bells)

    def wait(self, news: threading.Event, timeout_s: float) -> None:
        """Wait for `news`. Only while somebody waits the bell is listened to: a busy process is not disturbed."""
        with self._lock:
            self._waiting += 1
            self._somebody_waits.set()
        try:
            news.wait(timeout_s)
        finally:
            with self._lock:
                self._waiting -= 1
                if not self._waiting:
                    self._somebody_waits.clear()

    def close(self) -> None:
        """Stop the thread."""
        self._closed = True
        self._somebody_waits.set()
        if self._thread is not None:
            self._bell.stop()
            self._thread.join()
            self._reads.close()
        self._bell.close()

    def tidy(self) -> None:
        """Take the bell down."""
        self._bell.remove()

    def _run(self) -> None:
        while not self._closed:
            # A log that cannot be read or written now is looked at again in the next round.
            with contextlib.suppress(LogError):
                self._round()

    def _round(self) -> None:
        if self._somebody_waits.wait(self.pace.tend_every_s):
            rang, former = self._bell.listen(self.pace.look_every_s), self._version
            self._version = self._data_version()
            if rang or self._version != former:
                for reader in self.readers:
                    reader.look()
        if time.monotonic() - self._tended >= self.pace.tend_every_s and not self._closed:
            self._tended = time.monotonic()
            self._tend()

    def _data_version(self) -> int:
        # Moves with every commit of any other connection: https://www.sqlite.org/pragma.html#pragma_data_version
        return int(self._reads.rows("PRAGMA data_version")[0][0])

    def _tend(self) -> None:
        """Renew the leases that are due; end those of the dead. Does not wait for the write: the log may be locked, and rings go on."""
        if self._tending is not None and not self._tending.done():
            return
        now = time.monotonic()
        members = groups.strangers(self._reads)
        dead = {bell for bell in {other.bell for other in members} if refuses(self._path, bell)}
        gone = [
            other.member for other in members if other.bell in dead or groups.ran_out(other.deadline, now=now, lease_s=self.pace.lease_s)
        ]
        alive = [reader.member for reader in self.readers if reader.alive(now)] if now - self._renewed >= self.pace.lease_s / 3 else []
        if gone or alive:
            self._renewed = now if alive else self._renewed
            self._tending = self._writer.submit(partial(self._write, alive=alive, gone=gone, dead=dead))

    def _write(self, transaction: Transaction, *, alive: list[int], gone: list[int], dead: set[str]) -> None:
        now = time.monotonic()
        groups.renew(transaction, alive, deadline=now + self.pace.lease_s)
        groups.expire(transaction, gone, now=now, lease_s=self.pace.lease_s, dead=dead)
