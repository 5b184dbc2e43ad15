"""Records in the embedded log's file: appending, reading, dropping.

What it deliberately does not do: no transaction begins or ends here, and nobody's right to write is asked (`_sqlite_groups` does).
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain

from ..errors import LogError, RecordTooLarge
from ._sqlite_file import OFFSET_BITS, Connection
from ._sqlite_writer import Transaction
from .protocol import KEY_BYTES_MAX, RECORD_BYTES_MAX, Output, Record, partition_of

__all__ = ["FETCH_BYTES_MAX", "FETCH_MAX", "Pending", "append", "compact", "drop_older", "drop_tombstones", "fetch", "pending_of"]

FETCH_MAX = 500
"""Records read at once."""
FETCH_BYTES_MAX = 16 << 20
"""Bytes of values after which no further record is read at once."""
ROWS = 100
"""Records written by one statement: Python's module lets other threads run between any two, and each time waits for them."""
CHUNK = 1_000
"""Records looked at in one step of maintenance, so that nobody waits long for the write lock."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OFFSET_MASK = (1 << OFFSET_BITS) - 1


@dataclass(frozen=True, slots=True)
class Pending:
    """One record to append, checked: where it goes, and its bytes."""

    topic: str
    partition: int
    key: bytes
    value: bytes | None


def pending_of(outputs: Iterable[Output], partitions: Mapping[str, Sequence[int]]) -> list[Pending]:
    """`outputs` checked against the topics and their partitions' ids. Raises `RecordTooLarge`, or `LogError` for a place that is none."""
    return [_pending(output, partitions) for output in outputs]


def _pending(output: Output, partitions: Mapping[str, Sequence[int]]) -> Pending:
    ids = partitions.get(output.topic)
    if ids is None:
        raise LogError(f'the log has no topic "{output.topic}"')
    number = partition_of(output.key, len(ids)) if output.partition is None else output.partition
    if not 0 <= number < len(ids):
        raise LogError(f'the topic "{output.topic}" has {len(ids)} partitions, no partition {number}')
    key, size = _bytes(output.key), len(output.value or b"")
    if size > RECORD_BYTES_MAX or len(key) > KEY_BYTES_MAX:
        raise RecordTooLarge(
            f'a record for "{output.topic}" has {size} bytes under a key of {len(key)};'
            f" at most {RECORD_BYTES_MAX} and {KEY_BYTES_MAX} fit: nothing was committed"
        )
    return Pending(output.topic, ids[number], key, output.value)


def append(transaction: Transaction, pending: Iterable[Pending], *, now: float) -> None:
    """Write the records behind the last ones of their partitions."""
    by_partition: defaultdict[int, list[Pending]] = defaultdict(list)
    for record in pending:
        by_partition[record.partition].append(record)
    time = round(now * 1_000_000)
    for partition, records in by_partition.items():
        (start,) = transaction.connection.execute("SELECT next FROM partitions WHERE id = ?", (partition,)).fetchone()
        first = (partition << OFFSET_BITS) + start
        rows = [(first + at, time, record.key, record.value) for at, record in enumerate(records)]
        for at in range(0, len(rows), ROWS):
            _insert(transaction.connection, rows[at : at + ROWS])
        transaction.connection.execute("UPDATE partitions SET next = ? WHERE id = ?", (start + len(records), partition))
        transaction.touched.add((records[0].topic, ""))


def _insert(connection: sqlite3.Connection, rows: Sequence[tuple[int, int, bytes, bytes | None]]) -> None:
    values = ", ".join(["(?, ?, ?, ?)"] * len(rows))
    connection.execute(f"INSERT INTO records (id, time, key, value) VALUES {values}", list(chain.from_iterable(rows)))  # noqa: S608  # our own words


def fetch(connection: Connection, topic: str, number: int, *, partition: int, start: int, end: int, limit: int) -> list[Record]:
    """The first `limit` records with `start <= offset < end`, fewer when they are large."""
    rows = connection.rows(
        "SELECT id, time, key, value FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
        (partition << OFFSET_BITS) + start,
        (partition << OFFSET_BITS) + end,
        limit,
        bytes_max=FETCH_BYTES_MAX,
    )
    return [Record(topic, number, row & _OFFSET_MASK, _text(key), value, _time(time)) for row, time, key, value in rows]


def _bytes(key: str) -> bytes:
    """The key's bytes; the inverse of `_text`."""
    try:
        return key.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return key.encode("utf-8", "surrogatepass")


def _text(key: bytes) -> str:
    """The key as text: to the letter what was appended, lone surrogates too; bytes that are no text as surrogate escapes."""
    try:
        return key.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return key.decode("utf-8", "surrogateescape")


def _time(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def drop_older(transaction: Transaction, partition: int, *, before: float) -> bool:
    """Drop one chunk of the oldest records as far as they were appended before `before`; whether there may be more."""
    execute = transaction.connection.execute
    rows = _chunk(transaction.connection, partition, column="first", before=before)
    if not rows:
        return False
    last = rows[-1][0]
    # `keys` knows only compacted topics; the entry of a dropped record must go with it.
    for row, key, _ in rows:
        execute("DELETE FROM keys WHERE partition = ? AND key = ? AND offset = ?", (partition, key, row & _OFFSET_MASK))
    execute("DELETE FROM records WHERE id >= ? AND id <= ?", (partition << OFFSET_BITS, last))
    execute("UPDATE partitions SET first = ? WHERE id = ?", ((last & _OFFSET_MASK) + 1, partition))
    return len(rows) == CHUNK


def compact(transaction: Transaction, partition: int, *, before: float) -> bool:
    """Drop what one chunk of further records, appended before `before`, has made obsolete; whether there may be more."""
    execute = transaction.connection.execute
    rows = _chunk(transaction.connection, partition, column="compacted", before=before)
    for row, key, died in rows:
        former = execute("SELECT offset FROM keys WHERE partition = ? AND key = ?", (partition, key)).fetchone()
        if former:
            execute("DELETE FROM records WHERE id = ?", ((partition << OFFSET_BITS) + former[0],))
        execute("REPLACE INTO keys (partition, key, offset, died) VALUES (?, ?, ?, ?)", (partition, key, row & _OFFSET_MASK, died))
    if rows:
        execute("UPDATE partitions SET compacted = ? WHERE id = ?", ((rows[-1][0] & _OFFSET_MASK) + 1, partition))
    return len(rows) == CHUNK


def _chunk(connection: sqlite3.Connection, partition: int, *, column: str, before: float) -> list[tuple[int, bytes, int | None]]:
    """Id, key and, of a tombstone, time of the records from the partition's mark `column` on, up to the first that is too young."""
    (start,) = connection.execute(f"SELECT {column} FROM partitions WHERE id = ?", (partition,)).fetchone()  # noqa: S608  # our own word
    rows = connection.execute(
        "SELECT id, key, CASE WHEN value IS NULL THEN time END, time FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
        ((partition << OFFSET_BITS) + start, (partition + 1) << OFFSET_BITS, CHUNK),
    ).fetchall()
    bound = round(before * 1_000_000)
    young = next((at for at, row in enumerate(rows) if row[3] >= bound), len(rows))
    return [row[:3] for row in rows[:young]]


def drop_tombstones(transaction: Transaction, partition: int, *, before: float) -> bool:
    """Drop one chunk of tombstones that were appended before `before` and still are their keys' last word; whether there may be more.

    The last record of a partition stays even so, else a group that has read everything would seem to lag behind by what is no more.
    """
    execute = transaction.connection.execute
    rows = execute(
        """SELECT key, offset FROM keys WHERE partition = ?1 AND died < ?2
           AND offset < (SELECT next - 1 FROM partitions WHERE id = ?1) LIMIT ?3""",
        (partition, round(before * 1_000_000), CHUNK),
    ).fetchall()
    for key, offset in rows:
        execute("DELETE FROM keys WHERE partition = ? AND key = ?", (partition, key))
        execute("DELETE FROM records WHERE id = ?", ((partition << OFFSET_BITS) + offset,))
    return len(rows) == CHUNK
