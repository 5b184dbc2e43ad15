"""A process that works on a log as it is told: one JSON list a line in, one JSON value a line out.

    python -m tests.log.worker URL INSTANCE

Told to `die` at a fault point, it ends itself with kill -9 the next time it gets there inside of a commit. On SQLite a point is the
SQL statement that is about to run, on Kafka the call or return of a function of the client: both are watched, none is replaced.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from alerts.errors import AlertsError
from alerts.log import Batch, Log, Output, Reader, open_log
from tests.log.backends import TOPICS

STATEMENTS = {
    "before append": "INSERT INTO records",
    "after append": "UPDATE partitions SET next",
    "before position": "UPDATE shares SET position",
    "after position": "RELEASE job",
    "before commit": "COMMIT",
}
CALLS = {
    "before append": ("send", "call"),
    "after append": ("send", "return"),
    "before position": ("send_offsets_to_transaction", "call"),
    "after position": ("send_offsets_to_transaction", "return"),
    "before commit": ("commit_transaction", "call"),
    "after commit": ("commit_transaction", "return"),
}


class Worker:
    """What the process remembers between two orders."""

    def __init__(self, url: str, instance: str) -> None:
        self._point = ""
        self._armed = False
        if not url.startswith("sqlite:"):
            sys.setprofile(self._called)
            threading.setprofile(self._called)
        self._log: Log = open_log(url, topics=TOPICS, instance=instance)
        self._reader: Reader | None = None
        self._batch = Batch()

    def obey(self, order: str, *words: object) -> object:
        return getattr(self, order)(*words)

    def join(self, topic: str) -> object:
        self._reader = self._log.reader(topic, group="g")
        return True

    def poll(self, timeout_s: float) -> object:
        assert self._reader is not None
        self._batch = self._reader.poll(timeout_s)
        return {
            "keys": [record.key for record in self._batch.records],
            "gained": sorted(self._batch.gained),
            "lost": sorted(self._batch.lost),
        }

    def append(self, key: str) -> object:
        with self._trap():
            self._log.append([Output("in", key, b"v")])
        return True

    def hop(self) -> object:
        """Commit an output for each record of the last poll, with the position."""
        assert self._reader is not None
        outputs = [Output("out", record.key, record.value) for record in self._batch.records]
        with self._trap():
            self._reader.commit(outputs, after=self._batch)
        return "committed"

    def claim(self, name: str) -> object:
        return self._log.claim(name)

    def die(self, point: str) -> object:
        """Set the trap."""
        self._point = point
        if point in STATEMENTS and hasattr(self._log, "_writer"):
            self._log._writer._connection.set_trace_callback(self._stated)
        return True

    @contextmanager
    def _trap(self) -> Iterator[None]:
        self._armed = True
        yield
        if self._point == "after commit":
            os.kill(os.getpid(), signal.SIGKILL)
        self._armed = False

    def _stated(self, statement: str) -> None:
        if self._armed and statement.startswith(STATEMENTS[self._point]):
            os.kill(os.getpid(), signal.SIGKILL)

    def _called(self, frame: FrameType, event: str, _: object) -> None:
        if self._armed and CALLS.get(self._point) == (frame.f_code.co_name, event) and "kafka" in frame.f_code.co_filename:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    worker = Worker(*sys.argv[1:3])
    for line in sys.stdin:
        try:
            answer = worker.obey(*json.loads(line))
        except AlertsError as error:
            answer = type(error).__name__
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
