"""What every log keeps when processes are killed or stopped: real processes, real signals."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from alerts.log import Log, Output
from tests.log.backends import Backend, Worker, eventually, everything, keys, outputs, share, take, whole

Start = Callable[..., Worker]

POINTS = ["before append", "after append", "before position", "after position", "before commit", "after commit"]


def hop_the_rest(log: Log) -> None:
    """Carry everything that is still to do from `in` to `out`."""
    with log.reader("in", group="g") as reader:

        def done() -> bool:
            batch = reader.poll(0.2)
            reader.commit([Output("out", record.key, record.value) for record in batch.records], after=batch)
            return log.lag("in", group="g") == 0

        eventually(done)


def poll_until_records(worker: Worker) -> None:
    """Let the worker poll until it has everything in one batch."""

    def all_there() -> bool:
        answer = worker.ask("poll", 1.0)
        assert isinstance(answer, dict)
        return bool(answer["keys"])

    eventually(all_there)


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_in_a_commit_leaves_outputs_and_position_together(backend: Backend, start: Start, point: str) -> None:
    log, worker = backend.open(), start(backend)
    log.append(outputs(5, partition=1))
    worker.ask("join", "in")
    poll_until_records(worker)
    worker.ask("die", point)
    assert worker.ask("hop") is None
    assert worker.process.wait() == -signal.SIGKILL
    hop_the_rest(backend.open("worker"))
    assert keys(everything(log, "out")) == ["k0", "k1", "k2", "k3", "k4"]


@pytest.mark.parametrize("point", ["before append", "after append", "before commit", "after commit"])
def test_a_kill_in_an_append_leaves_all_or_nothing_and_all_once_it_has_returned(backend: Backend, start: Start, point: str) -> None:
    log, worker = backend.open(), start(backend)
    worker.ask("append", "k0")
    worker.ask("die", point)
    assert worker.ask("append", "k1") is None
    assert worker.process.wait() == -signal.SIGKILL
    backend.open("worker").append(outputs(1, start=2))
    assert keys(everything(log, "in")) == (["k0", "k1", "k2"] if point == "after commit" else ["k0", "k2"])


def test_what_a_killed_member_had_not_committed_goes_to_another(backend: Backend, start: Start) -> None:
    log, worker = backend.open(), start(backend)
    log.append(outputs(4, partition=3))
    worker.ask("join", "in")
    poll_until_records(worker)
    os.kill(worker.process.pid, signal.SIGKILL)
    with log.reader("in", group="g") as reader:
        assert keys(take(reader, 4)) == ["k0", "k1", "k2", "k3"]
        share([reader])
        assert log.members("in", group="g") == ("one",)


def test_a_member_that_was_stopped_for_too_long_must_not_commit(backend: Backend, start: Start) -> None:
    log, zombie = backend.open(), start(backend)
    log.append(outputs(4, partition=0))
    zombie.ask("join", "in")
    poll_until_records(zombie)
    os.kill(zombie.process.pid, signal.SIGSTOP)
    try:
        with log.reader("in", group="g") as reader:
            batch = whole(reader, 4)
            reader.commit([Output("out", record.key, record.value) for record in batch.records], after=batch)
    finally:
        os.kill(zombie.process.pid, signal.SIGCONT)
    assert zombie.ask("hop") == "Fenced"
    assert keys(everything(log, "out")) == ["k0", "k1", "k2", "k3"]

    def told() -> bool:
        answer = zombie.ask("poll", 1.0)
        assert isinstance(answer, dict)
        assert not answer["keys"]
        return 0 in answer["lost"]

    eventually(told)


def test_a_member_that_is_started_again_has_its_partitions_back(backend: Backend) -> None:
    log, other = backend.open("one"), backend.open("two")
    with other.reader("in", group="g") as stays:
        dies = log.reader("in", group="g")
        share([dies, stays])
        former = dies.assigned
        backend.crash(log)
        with backend.open("one").reader("in", group="g") as again:
            share([again, stays])
            assert again.assigned == former
            assert set(other.members("in", group="g")) == {"one", "two"}
