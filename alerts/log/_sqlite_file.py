"""The database file of the embedded log: its tables, how it is opened, and what its errors mean.

    partitions   one row a partition: its first kept offset and the next one
    records      `id` is the partition's id shifted by 40 bits, plus the offset: one integer key, clustered by partition
    keys         of compacted topics, as far as compaction has come: where the last record of each key is
    groups       a counter for each group that moves with every change of its members or their partitions
    members      who reads, and until when their leases run
    shares       for each group and partition: the position, and who owns it in which epoch

What it deliberately does not do: no migration. Format 1 is the only one there has been; a newer one is refused.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import LogError, LogUnavailable
from .topics import Topic

__all__ = ["OFFSET_BITS", "Connection", "connect", "database_of", "partitions_of", "prepare", "unavailable"]

FORMAT = 1
APPLICATION_ID = 0x416C7274
"""`Alrt`, in the file's header: whose database it is."""
BUSY_TIMEOUT_S = 10.0
JOURNAL_BYTES_MAX = 64 << 20
OFFSET_BITS = 40
"""A partition holds 2^40 records at most, a file 2^23 partitions: a record's id stays a positive 64-bit integer."""

_SCHEMA = (
    """CREATE TABLE partitions (
        id INTEGER PRIMARY KEY, topic TEXT NOT NULL, number INTEGER NOT NULL,
        first INTEGER NOT NULL DEFAULT 0, next INTEGER NOT NULL DEFAULT 0, compacted INTEGER NOT NULL DEFAULT 0,
        UNIQUE (topic, number))""",
    "CREATE TABLE records (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, key BLOB NOT NULL, value BLOB)",
    """CREATE TABLE keys (
        partition INTEGER NOT NULL, key BLOB NOT NULL, offset INTEGER NOT NULL, died INTEGER,
        PRIMARY KEY (partition, key)) WITHOUT ROWID""",
    "CREATE INDEX tombstones ON keys (partition, died) WHERE died IS NOT NULL",
    "CREATE TABLE groups (topic TEXT NOT NULL, name TEXT NOT NULL, generation INTEGER NOT NULL, PRIMARY KEY (topic, name)) WITHOUT ROWID",
    """CREATE TABLE members (
        id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, "group" TEXT NOT NULL, name TEXT NOT NULL,
        bell TEXT NOT NULL, fetch INTEGER NOT NULL, deadline REAL NOT NULL)""",
    """CREATE TABLE shares (
        "group" TEXT NOT NULL, partition INTEGER NOT NULL, position INTEGER, member INTEGER, epoch INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY ("group", partition)) WITHOUT ROWID""",
)

_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOMEM}


def database_of(url: str, base: Path | None) -> Path:
    """The file that `sqlite:PATH` names; its folders are made. Raises `LogError` where no database can be."""
    name = url.removeprefix("sqlite:")
    if not name or "\0" in name or (name.startswith("//") and not name.startswith("///")):
        raise LogError(f'"{url}" names no file; write sqlite:var/alerts.db or sqlite:/var/lib/alerts/alerts.db')
    path = ((base or Path()) / (name[2:] if name.startswith("///") else name)).absolute()
    if path.is_dir():
        raise LogError(f"{path}: is a directory, not a log")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LogError(f"{path}: its folder cannot be made: {error.strerror}") from error
    return path


def unavailable(path: Path, error: sqlite3.Error) -> LogError:
    """What an error of an open database means to the caller."""
    return LogUnavailable(f"{path}: {error}")


def _refused(path: Path, error: sqlite3.Error) -> LogError:
    """What an error while opening means: wait and try again, or mend something."""
    if _code(error) in _PASSING:
        return unavailable(path, error)
    if _code(error) in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
        return LogError(f"{path}: is not a log of alerts, or a damaged one: {error}")
    return LogError(f"{path}: cannot be opened for writing: {error}")


def _code(error: sqlite3.Error) -> int:
    # Extended codes keep the primary one in their low byte: https://www.sqlite.org/rescode.html
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def connect(path: Path) -> sqlite3.Connection:
    """A connection to an existing log, every commit on it durable. Transactions are begun by hand."""
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    try:
        # In WAL mode only FULL syncs at each commit: https://www.sqlite.org/pragma.html#pragma_synchronous
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {JOURNAL_BYTES_MAX}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def prepare(path: Path, topics: Iterable[Topic]) -> sqlite3.Connection:
    """A connection to the log at `path`, in which `topics` exist from now on. Raises `LogError`, one line that says what to mend."""
    try:
        connection = connect(path)
    except sqlite3.Error as error:
        raise _refused(path, error) from error
    try:
        _check_owner(connection, path)
        _use_wal(connection, path)
        if _missing(connection, topics):
            _create(connection, path, topics)
    except sqlite3.Error as error:
        connection.close()
        raise _refused(path, error) from error
    except LogError:
        connection.close()
        raise
    return connection


def partitions_of(connection: sqlite3.Connection) -> dict[str, tuple[int, ...]]:
    """The ids of each topic's partitions, in order of their numbers."""
    ids: dict[str, tuple[int, ...]] = {}
    for topic, partition in connection.execute("SELECT topic, id FROM partitions ORDER BY topic, number"):
        ids[topic] = (*ids.get(topic, ()), partition)
    return ids


def _check_owner(connection: sqlite3.Connection, path: Path) -> None:
    owner, version = _number(connection, "PRAGMA application_id"), _number(connection, "PRAGMA user_version")
    if owner != APPLICATION_ID and _number(connection, "SELECT count(*) FROM sqlite_master"):
        raise LogError(f"{path}: is another program's database, not a log of alerts")
    if version > FORMAT:
        raise LogError(f"{path}: was written by a newer version of alerts (format {version}, this one knows {FORMAT}); upgrade alerts")


def _use_wal(connection: sqlite3.Connection, path: Path) -> None:
    """Switch to write-ahead logging. SQLite does not wait for its lock here, so two first openers must."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
            continue
        if mode != "wal":
            raise LogError(f"{path}: this file system cannot hold an embedded log (no write-ahead log); use a local disk")
        return


def _missing(connection: sqlite3.Connection, topics: Iterable[Topic]) -> bool:
    if _number(connection, "PRAGMA user_version") < FORMAT:
        return True
    known = {row[0] for row in connection.execute("SELECT DISTINCT topic FROM partitions")}
    return any(topic.name not in known for topic in topics)


def _create(connection: sqlite3.Connection, path: Path, topics: Iterable[Topic]) -> None:
    """Tables and topics, in one transaction. A topic that exists keeps its number of partitions: its records were spread over these."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        _check_owner(connection, path)
        if _number(connection, "PRAGMA user_version") < FORMAT:
            for statement in _SCHEMA:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {FORMAT}")
        known = {row[0] for row in connection.execute("SELECT DISTINCT topic FROM partitions")}
        new = [(topic.name, number) for topic in topics if topic.name not in known for number in range(topic.partitions)]
        connection.executemany("INSERT INTO partitions (topic, number) VALUES (?, ?)", new)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _number(connection: sqlite3.Connection, statement: str) -> int:
    return int(connection.execute(statement).fetchone()[0])


class Connection:
    """A connection for short reads, from any thread, one at a time. No snapshot outlives a call."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            self._connection = connect(path)
        except sqlite3.Error as error:
            raise unavailable(path, error) from error

    def rows(self, statement: str, *values: object, bytes_max: int = 0) -> list[tuple[Any, ...]]:
        """All rows; with `bytes_max` none after those whose last columns hold that many bytes together."""
        with self._lock:
            try:
                cursor = self._connection.execute(statement, values)
                return _bounded(cursor, bytes_max) if bytes_max else cursor.fetchall()
            except sqlite3.Error as error:
                raise unavailable(self._path, error) from error

    def close(self) -> None:
        """No reads from now on."""
        with self._lock:
            self._connection.close()


def _bounded(cursor: sqlite3.Cursor, bytes_max: int) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    size = 0
    for row in cursor:
        rows.append(row)
        size += len(row[-1] or b"")
        if size >= bytes_max:
            cursor.close()
            break
    return rows
