"""The loop that carries records through a step: poll, compute, commit outputs and position at once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from ..errors import Fenced, LogUnavailable, RecordTooLarge
from ..log import Batch, Log, Output, Reader
from .dead_letters import poison

__all__ = ["WAIT_S", "Forgetful", "Outage", "Step", "Stop", "carry"]

log = logging.getLogger(__name__)

WAIT_S = 1.0
"""The longest a poll waits; also how often a loop shows that it is alive."""

WARN_EVERY_S = 60.0


class Stop:
    """Asks loops to end and wakes those that wait. Any thread may use it."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._wakers: set[Callable[[], None]] = set()
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return self._event.is_set()

    def set(self) -> None:
        self._event.set()
        with self._lock:
            for wake in self._wakers:
                wake()

    def wait(self, timeout_s: float) -> bool:
        """Wait until asked to end, at most `timeout_s`; whether it was."""
        return self._event.wait(timeout_s)

    @contextmanager
    def waking(self, wake: Callable[[], None]) -> Iterator[None]:
        """`wake` is called when the end is asked for within the block."""
        with self._lock:
            self._wakers.add(wake)
        try:
            yield
        finally:
            with self._lock:
                self._wakers.discard(wake)


class Step(Protocol):
    """What a stage does with a batch."""

    topic: str
    group: str

    def take(self, batch: Batch, reader: Reader) -> Sequence[Output] | None:
        """What follows from a batch, to be committed with its position; None if there is nothing to commit.

        Gains and losses of partitions come first: what was known of a lost partition is forgotten.
        """
        ...

    def committed(self) -> None:
        """The outputs of the last `take` are on the log."""
        ...

    def wait_s(self) -> float:
        """How long the next poll may wait for records."""
        ...

    def revoked(self, partitions: frozenset[int], reader: Reader) -> None:
        """These partitions are about to be given up: finish what is in flight."""
        ...


class Forgetful:
    """What a step that remembers nothing between batches does but for its `take`."""

    def committed(self) -> None:
        """Nothing is remembered between batches."""

    def wait_s(self) -> float:
        return WAIT_S

    def revoked(self, partitions: frozenset[int], reader: Reader) -> None:
        """Nothing is in flight between batches."""


def carry(source: Log, step: Step, *, stop: Stop, beat: Callable[[], None] = lambda: None) -> None:
    """Carry records through `step` until `stop`; `beat` is called at least every few seconds while all is well."""
    reader: Reader

    def revoked(partitions: frozenset[int]) -> None:
        step.revoked(partitions, reader)

    with source.reader(step.topic, group=step.group, on_revoke=revoked) as reader, stop.waking(reader.wake):
        turn = _Turn(step, reader)
        while not stop:
            if turn():
                beat()
            else:
                stop.wait(WAIT_S)
        step.revoked(reader.assigned, reader)


class Outage:
    """Warns that the log is away, once a minute at most."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._warned = -WARN_EVERY_S

    def warn(self, error: LogUnavailable) -> None:
        if time.monotonic() - self._warned >= WARN_EVERY_S:
            self._warned = time.monotonic()
            log.warning("the log does not answer; waiting for it", extra={"stage": self._stage, "reason": str(error)})


class _Turn:
    """One turn of the loop, and what it remembers for the next: which record was too large, when it warned."""

    def __init__(self, step: Step, reader: Reader) -> None:
        self.step = step
        self.reader = reader
        self._untaken: Batch | None = None
        """A batch whose step could not read what it must know: taken again before the next one."""
        self._single = 0
        self._poison: tuple[int, int] | None = None
        self._outage = Outage(step.group)

    def __call__(self) -> bool:
        """Whether the log took it."""
        batch = self._untaken or self.reader.poll(timeout_s=min(WAIT_S, self.step.wait_s()), limit=1 if self._single else 500)
        self._untaken = batch
        try:
            self._pass(batch)
        except Fenced:
            log.info("fenced", extra={"stage": self.step.group})
        except RecordTooLarge as error:
            log.info("too large", extra={"stage": self.step.group, "reason": str(error)})
            self._suspect(batch)
        except LogUnavailable as error:
            self._outage.warn(error)
            return False
        return True

    def _pass(self, batch: Batch) -> None:
        poisoned = [record for record in batch.records if (record.partition, record.offset) == self._poison]
        if poisoned:
            letter = poison(poisoned[0], "what follows from it is too large for the log")
            due = self.step.take(Batch(gained=batch.gained, lost=batch.lost), self.reader)
            outputs: Sequence[Output] | None = [letter, *(due or ())]
        else:
            outputs = self.step.take(batch, self.reader)
        self._untaken = None
        if outputs is not None:
            self.reader.commit(outputs, after=batch)
        self._single = max(0, self._single - len(batch.records))
        self.step.committed()

    def _suspect(self, batch: Batch) -> None:
        """Something in this batch leads to a record above the bound: take one record at a time until it is found."""
        if len(batch.records) == 1:
            self._poison = (batch.records[0].partition, batch.records[0].offset)
        self._single = max(1, len(batch.records))
