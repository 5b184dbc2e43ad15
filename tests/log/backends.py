"""The two logs as the conformance suite sees them: opened, killed, and written to behind their backs."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import IO, Protocol

from alerts.log import Batch, Log, Output, Reader, Record, Topic, open_log

ROOT = Path(__file__).parents[2]
TOPICS = (Topic("in", partitions=4), Topic("out", partitions=2), Topic("state", compact=True))
DEADLINE_S = 20.0


class Backend(Protocol):
    """One kind of log, with a place of its own for each test."""

    name: str
    url: str

    def open(self, instance: str = "one", *, topics: Iterable[Topic] = TOPICS) -> Log:
        """The log, as a process of this instance opens it; closed at the end of the test."""
        ...

    def crash(self, log: Log) -> None:
        """End this log as the death of its process would: no member leaves, nothing is finished."""
        ...

    def usurp(self, log: Log, reader: Reader) -> None:
        """Take this member's partitions from it without its knowledge, as when it had been stopped for too long."""
        ...

    def plant(self, topic: str, *, key: bytes, value: bytes) -> None:
        """Write a record to partition 0 that no `Log` would write."""
        ...

    def close(self) -> None:
        """Close every log that is still open."""
        ...


class Sqlite:
    """`sqlite:` in a folder of the test's own."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "log.db"
        self.url = f"sqlite:{self.path}"
        self._logs: list[Log] = []

    def open(self, instance: str = "one", *, topics: Iterable[Topic] = TOPICS) -> Log:
        log = open_log(self.url, topics=topics, instance=instance)
        self._logs.append(log)
        return log

    def crash(self, log: Log) -> None:
        log._release()

    def usurp(self, log: Log, reader: Reader) -> None:
        from alerts.log import _sqlite_groups

        log._writer.run(partial(_sqlite_groups.leave, member=reader.member))

    def plant(self, topic: str, *, key: bytes, value: bytes) -> None:
        with closing(sqlite3.connect(self.path, isolation_level=None, timeout=10)) as file:
            file.execute("BEGIN IMMEDIATE")
            (partition, start) = file.execute("SELECT id, next FROM partitions WHERE topic = ? AND number = 0", (topic,)).fetchone()
            file.execute("INSERT INTO records VALUES (?, 0, ?, ?)", ((partition << 40) + start, key, value))
            file.execute("UPDATE partitions SET next = next + 1 WHERE id = ?", (partition,))
            file.execute("COMMIT")

    def close(self) -> None:
        for log in self._logs:
            log.close()


class Kafka:
    """`kafka:` with topics of the test's own."""

    name = "kafka"

    def __init__(self, servers: str) -> None:
        self._servers = servers
        self._prefix = f"t{uuid.uuid4().hex[:8]}-"
        self.url = f"kafka://{servers}?prefix={self._prefix}"
        self._logs: list[Log] = []
        self._dead: list[Log] = []
        self._abandoned: list[Reader] = []

    def open(self, instance: str = "one", *, topics: Iterable[Topic] = TOPICS) -> Log:
        log = open_log(self.url, topics=topics, instance=instance)
        self._logs.append(log)
        return log

    def crash(self, log: Log) -> None:
        # A static member tells nobody when its consumer is closed; its group waits for it as for a dead one.
        for reader in tuple(log._readers):
            session = reader._session
            if session is not None:
                session.over = True
                reader._pump.submit(session.close)
            self._abandon(reader)
        self._logs.remove(log)
        self._dead.append(log)

    def usurp(self, log: Log, reader: Reader) -> None:
        # Its name is free for the next one in this process, and who joins under it fences it.
        self._abandon(reader)

    def _abandon(self, reader: Reader) -> None:
        reader._when_closed(reader)
        reader._when_closed = lambda _: None
        self._abandoned.append(reader)

    def plant(self, topic: str, *, key: bytes, value: bytes) -> None:
        from kafka import KafkaProducer

        producer = KafkaProducer(bootstrap_servers=self._servers)
        producer.send(f"{self._prefix}{topic}", key=key, value=value, partition=0).get(timeout=DEADLINE_S)
        producer.close()

    def close(self) -> None:
        for log in self._logs:
            log.close()
        for reader in self._abandoned:
            reader.close()
        for log in self._dead:
            log.close()


class Worker:
    """Another process with a log of its own (`tests/log/worker.py`), told what to do line by line."""

    def __init__(self, backend: Backend, *, instance: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.log.worker", backend.url, instance],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )

    def tell(self, *words: object) -> None:
        """Give an order, and go on."""
        pipe(self.process.stdin).write(json.dumps(words) + "\n")
        pipe(self.process.stdin).flush()

    def hear(self) -> object:
        """The next answer; None when the worker has died."""
        line = pipe(self.process.stdout).readline()
        return json.loads(line) if line else None

    def ask(self, *words: object) -> object:
        """Give an order, and wait for the answer."""
        self.tell(*words)
        return self.hear()

    def end(self) -> None:
        """Kill it, if it still lives."""
        self.process.kill()
        self.process.wait()
        pipe(self.process.stdin).close()
        pipe(self.process.stdout).close()


def pipe(end: IO[str] | None) -> IO[str]:
    assert end is not None
    return end


def eventually(check: Callable[[], object], *, within_s: float = DEADLINE_S) -> None:
    """Return as soon as `check` holds; fail when it has not in time."""
    deadline = time.monotonic() + within_s
    while not check():
        assert time.monotonic() < deadline, "this did not come true in time"
        time.sleep(0.01)


def take(reader: Reader, count: int) -> list[Record]:
    """The next `count` records, however many polls they take."""
    return [record for batch in batches(reader, count) for record in batch.records]


def batches(reader: Reader, count: int) -> list[Batch]:
    """The polls that it took to get `count` records."""
    found: list[Batch] = []
    deadline = time.monotonic() + DEADLINE_S
    while sum(len(batch.records) for batch in found) < count:
        assert time.monotonic() < deadline, f"{count} records did not come in time: {found}"
        batch = reader.poll(0.5)
        if batch:
            found.append(batch)
    return found


def whole(reader: Reader, count: int) -> Batch:
    """`count` records and all that was gained and lost with them, as one batch: how many polls it took is the backend's choice."""
    polls = batches(reader, count)
    return Batch(
        tuple(record for batch in polls for record in batch.records),
        {partition: offset for batch in polls for partition, offset in batch.gained.items()},
        frozenset(partition for batch in polls for partition in batch.lost),
    )


def share(readers: Sequence[Reader], *, partitions: int = 4) -> list[Record]:
    """Poll in turns until the members share the partitions as evenly as they go; the records that came meanwhile."""
    records: list[Record] = []
    deadline = time.monotonic() + DEADLINE_S

    def fair() -> bool:
        sizes = [len(reader.assigned) for reader in readers]
        return sum(sizes) == partitions and max(sizes) - min(sizes) <= 1

    while not fair():
        assert time.monotonic() < deadline, [reader.assigned for reader in readers]
        for reader in readers:
            records += reader.poll(0.1).records
    return records


def take_each(readers: Sequence[Reader], count: int) -> list[list[Record]]:
    """The next `count` records of each, polled in turns: a member that is never polled holds up the others when the group assigns anew."""
    taken: list[list[Record]] = [[] for _ in readers]
    deadline = time.monotonic() + DEADLINE_S
    while any(len(records) < count for records in taken):
        assert time.monotonic() < deadline, f"{count} records for each did not come in time: {taken}"
        for reader, records in zip(readers, taken, strict=True):
            records += reader.poll(0.1).records
    return taken


def outputs(count: int, *, topic: str = "in", start: int = 0, partition: int | None = None) -> list[Output]:
    """Records that tell by key and value which they are."""
    return [Output(topic, f"k{number}", f"v{number}".encode(), partition) for number in range(start, start + count)]


def everything(log: Log, topic: str) -> list[Record]:
    """All committed records of a topic, partition by partition."""
    return [record for partition in range(log.partitions(topic)) for record in log.read(topic, partition)]


def keys(records: Iterable[Record]) -> list[str]:
    """Their keys, sorted by number."""
    return sorted((record.key for record in records), key=lambda key: int(key[1:]))
