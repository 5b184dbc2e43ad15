"""A log, a clock and channels that tests hold in their hands; the stages are the real ones."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerts.channels import Earlier, Manner, Sent
from alerts.log import Batch, Log, Output, Reader, open_log, topics
from alerts.records import Outcome
from alerts.rendering import Message
from alerts.routing import Route, Routes
from alerts.stages.setup import Setup, set_up
from tests.builders import NOON
from tests.e2e.places import furnish


class FakeClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Inbox:
    """A destination that answers what it is told to; `answers` are used up one by one, then it takes everything."""

    id: str
    answers: list[Sent] = field(default_factory=list)
    messages: list[tuple[str, Message]] = field(default_factory=list)
    attempts: int = 0
    manner: Manner = field(default_factory=Manner)
    threads: list[tuple[Earlier | None, Earlier | None]] = field(default_factory=list)
    """What each message that was taken went on from, and what it changed."""
    gate: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    def send(self, message: Message, *, delivery: str, thread: Earlier | None = None, edits: Earlier | None = None) -> Sent:
        self.gate.wait(30)
        self.attempts += 1
        sent = self.answers.pop(0) if self.answers else Sent(Outcome.DELIVERED)
        if sent.outcome is Outcome.DELIVERED:
            self.messages.append((delivery, message))
            self.threads.append((thread, edits))
        return sent


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with open_log("sqlite:alerts.db", topics=topics(partitions=2), instance="test", base=tmp_path) as it:
        yield it


@pytest.fixture
def desk() -> Inbox:
    return Inbox("desk")


@pytest.fixture
def ops() -> Inbox:
    return Inbox("ops")


@pytest.fixture
def setup(tmp_path: Path, desk: Inbox, ops: Inbox) -> Setup:
    """Everything goes to the desk; ops hear of what goes wrong."""
    file = furnish(tmp_path, feeds=["file:none.xml"], channels={"desk": "console:", "ops": "console:"}, ops=["ops"])
    read = set_up(file, environ={})
    destinations = {"desk": ("desk",), "ops": ("ops",)}
    return replace(
        read,
        destinations={"desk": desk, "ops": ops},
        channels=destinations,
        routes=Routes([Route(to=("desk",))], destinations=destinations),
    )


@dataclass
class Turn:
    """Turns the crank of a step by hand: poll, take, commit."""

    step: object
    reader: Reader

    def batch(self) -> Batch:
        """What the log has for this turn."""
        return self.reader.poll(timeout_s=0)

    def __call__(self, *, commit: bool = True) -> Batch:
        batch = self.batch()
        outputs = self.step.take(batch, self.reader)
        if commit:
            if outputs is not None:
                self.reader.commit(outputs, after=batch)
            self.step.committed()
        return batch


@pytest.fixture
def crank():
    """What turns a step, made of it and its reader."""
    return Turn


@pytest.fixture
def turning(log: Log, crank):
    """Open a reader for a step and give the crank to turn it."""
    readers = []

    def open_(step) -> Turn:
        reader = log.reader(step.topic, group=step.group, on_revoke=lambda lost: step.revoked(lost, reader))
        readers.append(reader)
        return crank(step, reader)

    yield open_
    for reader in readers:
        reader.close()


def put(log: Log, topic: str, *values: bytes, key: str = "k") -> None:
    """Append records as another stage would."""
    log.append([Output(topic, key, value) for value in values])
