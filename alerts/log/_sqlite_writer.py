"""The one thread of a process that writes to the embedded log, in groups.

What several threads want written at the same moment shares one transaction and one sync to disk; each piece stands in a savepoint of
its own, so one that is refused fails alone. A lone piece waits for nobody.

What it deliberately does not do: it retries nothing. Whoever asked is told, and knows what to do.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from ..errors import LogError
from ._sqlite_file import unavailable

__all__ = ["Touched", "Transaction", "Writer"]

T = TypeVar("T")

Touched = tuple[str, str]
"""What a commit changed: a topic's records, as `(topic, "")`, or the members of a group on a topic, as `(topic, group)`."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """An open write transaction: what is `touched` in it, readers hear of after the commit."""

    connection: sqlite3.Connection
    touched: set[Touched] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[Transaction], Any]
    done: Future[Any] = field(default_factory=Future)


class Writer:
    """Runs pieces of work in transactions.

    `committed` is called after each commit, on the writer's thread, with what it touched and the bells of the processes that care.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, *, committed: Callable[[set[Touched], set[str]], None]) -> None:
        self._path = path
        self._connection = connection
        self._committed = committed
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    def run(self, work: Callable[[Transaction], T]) -> T:
        """What `work` returned, once it is durable. Raises what it raised, or `LogUnavailable`; then nothing of it was committed."""
        return self.submit(work).result()

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        """The same without waiting."""
        job = _Job(work)
        with self._lock:
            if self._closed:
                raise LogError(f"{self._path}: the log is closed")
            self._jobs.put(job)
        return job.done

    def close(self) -> None:
        """Finish what was submitted, then close the connection."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while jobs := self._take():
            self._write(jobs)

    def _take(self) -> list[_Job]:
        """Everything that waits, at least one job; empty when the writer is closed and all is done."""
        job = self._jobs.get()
        jobs = []
        while job is not None:
            jobs.append(job)
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return jobs
        if jobs:
            self._jobs.put(None)
        return jobs

    def _write(self, jobs: list[_Job]) -> None:
        transaction = Transaction(self._connection)
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            results = [(job, *_attempt(transaction, job)) for job in jobs]
            bells = _bells(transaction)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._fail(jobs, error)
            return
        self._committed(transaction.touched, bells)
        for job, result, refusal in results:
            if refusal is None:
                job.done.set_result(result)
            else:
                job.done.set_exception(refusal)

    def _fail(self, jobs: list[_Job], error: sqlite3.Error) -> None:
        # After some errors SQLite has rolled back by itself: https://www.sqlite.org/lang_transaction.html
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        for job in jobs:
            job.done.set_exception(unavailable(self._path, error))


def _attempt(transaction: Transaction, job: _Job) -> tuple[Any, Exception | None]:
    """The job's result, or its error with everything that it wrote undone; the other jobs stand."""
    execute = transaction.connection.execute
    execute("SAVEPOINT job")
    try:
        result = job.work(transaction)
    except sqlite3.Error:
        raise
    except Exception as error:  # noqa: BLE001  # not swallowed: it is raised where the work came from
        execute("ROLLBACK TO job")
        execute("RELEASE job")
        return None, error
    execute("RELEASE job")
    return result, None


def _bells(transaction: Transaction) -> set[str]:
    """The bells of the processes whose readers care for what was touched, read inside the transaction: who joins later, looks later."""
    if not transaction.touched:
        return set()
    members = transaction.connection.execute('SELECT DISTINCT topic, "group", fetch, bell FROM members')
    touched = transaction.touched
    return {bell for topic, group, fetch, bell in members if (topic, group) in touched or (fetch and (topic, "") in touched)}
