"""A machine that does to a log whatever comes to its mind, and compares it with plain lists.

It appends, polls, commits, kills, steals and reads in any order, on either backend, and knows at each step what the log must answer. It is
itself put to the test: it has to find three bugs that wrappers around the real log plant on purpose.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from alerts.errors import Fenced, RecordTooLarge
from alerts.log import Batch, Log, Output, Reader, Record
from alerts.log.protocol import RECORD_BYTES_MAX
from tests.log.backends import Backend, Kafka, Sqlite, eventually, everything

NAMES = ("ann", "bob")
PARTITIONS = range(4)
WAIT_S = 20.0
choice = st.integers(0, 1)
values = st.one_of(st.none(), st.binary(max_size=20))


class DiedError(Exception):
    """Stands for the death of the process in the middle of a commit."""


@dataclass
class Member:
    """A member, and what the model knows of it."""

    log: Log
    reader: Reader
    given: dict[int, int] = field(default_factory=dict)
    """For each partition that it owns, how many of its records have been given or were committed before."""
    pending: list[tuple[int, Record]] = field(default_factory=list)
    """What was given and is not committed, each with its place in the list of its partition."""
    failed: bool = False
    """Whether its last commit failed."""


def anybody(_: Member) -> bool:
    """Every member."""
    return True


def sound(member: Member) -> bool:
    """A member that has heard of nothing wrong."""
    return not member.failed


def owner(member: Member) -> bool:
    """A sound member that owns partitions."""
    return not member.failed and bool(member.given)


def busy(member: Member) -> bool:
    """A sound member with records in hand."""
    return not member.failed and bool(member.pending)


def some(fit: Callable[[Member], bool]) -> Callable[[Any], Any]:
    """Only while there is a member that fits."""
    return precondition(lambda machine: any(fit(member) for member in machine.members.values()))


class LogMachine(RuleBasedStateMachine):
    """Two members, one group, and the lists that they should agree with."""

    make: ClassVar[Callable[[], Backend]]
    wrap: ClassVar[Callable[[Log], Log]] = staticmethod(lambda log: log)

    def __init__(self) -> None:
        super().__init__()
        self.backend = type(self).make()
        self.members: dict[str, Member] = {}
        self.inputs: dict[int, list[tuple[str, bytes | None]]] = {partition: [] for partition in PARTITIONS}
        self.positions = dict.fromkeys(PARTITIONS, 0)
        self.written: list[str] = []

    @initialize()
    def open(self) -> None:
        self.log = self.backend.open("writer")
        self.start("ann")

    def pick(self, which: int, fit: Callable[[Member], object]) -> tuple[str, Member]:
        """One of the members that fit, so that no step is in vain."""
        fitting = sorted(name for name, member in self.members.items() if fit(member))
        name = fitting[which % len(fitting)]
        return name, self.members[name]

    @rule(partition=st.sampled_from(PARTITIONS), several=st.lists(values, min_size=1, max_size=5))
    def append(self, partition: int, several: list[bytes | None]) -> None:
        records = [(f"{partition}.{len(self.inputs[partition]) + at}", value) for at, value in enumerate(several)]
        self.log.append([Output("in", key, value, partition) for key, value in records])
        self.inputs[partition] += records

    @precondition(lambda self: len(self.members) < len(NAMES))
    @rule(name=st.sampled_from(NAMES))
    def start(self, name: str) -> None:
        if name not in self.members:
            self.members[name] = self.member(name)

    def member(self, name: str) -> Member:
        log = type(self).wrap(self.backend.open(name))
        return Member(log, log.reader("in", group="g"))

    @some(anybody)
    @rule(which=choice, limit=st.integers(1, 10))
    def poll(self, which: int, limit: int) -> None:
        _, member = self.pick(which, anybody)
        due = member.failed or self.behind(member)
        batch = member.reader.poll(WAIT_S if due else 0.01, limit=limit)
        assert batch or not due, "a poll waited although a record was there"
        self.absorb(member, batch)

    @some(owner)
    @rule(which=choice)
    def poll_before_an_append(self, which: int) -> None:
        _, member = self.pick(which, owner)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(member.reader.poll, WAIT_S)
            self.append(min(member.given), [b"late"])
            batch = waiting.result()
        assert batch, "a poll waited although a record was there"
        self.absorb(member, batch)

    def behind(self, member: Member) -> bool:
        return any(count < len(self.inputs[partition]) for partition, count in member.given.items())

    def absorb(self, member: Member, batch: Batch) -> None:
        assert batch.lost <= member.given.keys()
        for partition in batch.lost:
            del member.given[partition]
            member.pending = [(at, record) for at, record in member.pending if record.partition != partition]
        assert not batch.gained.keys() & member.given.keys()
        member.given |= {partition: self.positions[partition] for partition in batch.gained}
        for record in batch.records:
            place = member.given[record.partition]
            assert [(record.key, record.value)] == self.inputs[record.partition][place : place + 1], "not the next record"
            assert record.offset >= batch.gained.get(record.partition, 0)
            member.pending.append((place, record))
            member.given[record.partition] += 1
        member.failed = member.failed and not batch.lost
        assert member.reader.assigned == member.given.keys()

    @some(sound)
    @rule(which=choice)
    def commit(self, which: int) -> None:
        _, member = self.pick(which, sound)
        member.reader.commit(self.outputs(member), after=self.batch(member))
        self.written += [record.key for _, record in member.pending]
        self.positions |= {record.partition: at + 1 for at, record in member.pending}
        member.pending.clear()

    def outputs(self, member: Member) -> list[Output]:
        return [Output("out", record.key, record.value) for _, record in member.pending]

    def batch(self, member: Member) -> Batch:
        return Batch(tuple(record for _, record in member.pending))

    @some(owner)
    @rule(which=choice)
    def commit_too_much(self, which: int) -> None:
        _, member = self.pick(which, owner)
        with pytest.raises(RecordTooLarge):
            member.reader.commit([*self.outputs(member), Output("out", "large", b"x" * (RECORD_BYTES_MAX + 1))], after=self.batch(member))
        member.pending.clear()
        member.failed = True

    @some(anybody)
    @rule(which=choice)
    def die(self, which: int) -> None:
        self.born_again(*self.pick(which, anybody))

    def born_again(self, name: str, member: Member) -> None:
        self.backend.crash(inner(member.log))
        self.members[name] = self.member(name)

    @some(busy)
    @rule(which=choice)
    def die_in_a_commit(self, which: int) -> None:
        name, member = self.pick(which, busy)
        with pytest.raises(DiedError):
            member.reader.commit(dying(self.outputs(member)), after=self.batch(member))
        self.born_again(name, member)

    @some(anybody)
    @rule(which=choice)
    def leave(self, which: int) -> None:
        name, member = self.pick(which, anybody)
        del self.members[name]
        member.log.close()

    @some(owner)
    @rule(which=choice)
    def steal(self, which: int) -> None:
        """Another process of the same name takes over while this one is stopped; when it goes on, it must not commit."""
        name, zombie = self.pick(which, owner)
        self.backend.usurp(inner(zombie.log), inner(zombie.reader))
        thief = self.members[name] = self.member(name)

        def taken() -> bool:
            self.absorb(thief, thief.reader.poll(0.2))
            return bool(thief.given)

        eventually(taken)
        try:
            zombie.reader.commit([Output("out", "zombie", b"")], after=self.batch(zombie))
        except Fenced:
            pass
        else:
            pytest.fail("a member that had lost its partitions committed")
        self.backend.crash(inner(zombie.log))

    @rule()
    def read(self) -> None:
        found: Mapping[int, list[tuple[str, bytes | None]]] = {
            partition: [(record.key, record.value) for record in self.log.read("in", partition)] for partition in PARTITIONS
        }
        assert found == self.inputs
        assert sorted(record.key for record in everything(self.log, "out")) == sorted(self.written)
        done = sum(self.positions.values()) == sum(map(len, self.inputs.values()))
        assert (self.log.lag("in", group="g") == 0) == done

    @invariant()
    def nobody_shares_a_partition(self) -> None:
        owned = [partition for member in self.members.values() for partition in member.given]
        assert len(owned) == len(set(owned))

    def teardown(self) -> None:
        self.backend.close()


def dying(outputs: list[Output]) -> Iterator[Output]:
    """The outputs of a process that dies before it has made the last one."""
    yield from outputs[:-1]
    raise DiedError


class Wrapper:
    """A log or reader with a bug of ours; everything else is passed through to the real one."""

    def __init__(self, real: Any, log: Log | None = None) -> None:
        self.real = real
        self.log: Any = log

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def reader(self, topic: str, *, group: str) -> Any:
        return type(self)(self.real.reader(topic, group=group), log=self.real)


def inner(wrapped: Any) -> Any:
    """The real log or reader."""
    return wrapped.real if isinstance(wrapped, Wrapper) else wrapped


class PositionBeforeOutputs(Wrapper):
    """Commits the position, then the outputs."""

    def commit(self, outputs: Iterable[Output] = (), *, after: Batch | None = None) -> None:
        self.real.commit((), after=after)
        self.log.append(outputs)


class LostWakeUp(Wrapper):
    """Waits after an empty poll for the next record to come, and does not look at what came in between."""

    slept = False

    def poll(self, timeout_s: float, *, limit: int = 500) -> Batch:
        self.slept, slept = False, self.slept
        batch: Batch = Batch() if slept else self.real.poll(timeout_s, limit=limit)
        self.slept = not batch and not slept
        return batch


class SkippedFence(Wrapper):
    """Writes although it is fenced."""

    def commit(self, outputs: Iterable[Output] = (), *, after: Batch | None = None) -> None:
        outputs = list(outputs)
        try:
            self.real.commit(outputs, after=after)
        except Fenced:
            self.log.append(outputs)


class Embedded(Sqlite):
    """An embedded log in a folder of its own, which goes with it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        super().__init__(self.folder)

    def close(self) -> None:
        super().close()
        shutil.rmtree(self.folder)


def run(make: Callable[[], Backend], *, wrap: Callable[[Any], Any] = lambda log: log, examples: int, steps: int) -> None:
    machine = type("Machine", (LogMachine,), {"make": staticmethod(make), "wrap": staticmethod(wrap)})
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # Hypothesis leaves it untyped
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_embedded_log_does_what_lists_do() -> None:
    run(Embedded, examples=60, steps=40)


@pytest.mark.kafka
def test_kafka_does_what_lists_do(kafka_servers: str) -> None:
    run(lambda: Kafka(kafka_servers), examples=5, steps=20)


@pytest.mark.parametrize(
    ("bug", "finding"),
    [
        (PositionBeforeOutputs, "not the next record|a poll waited although a record was there"),
        (LostWakeUp, "a poll waited although a record was there"),
        (SkippedFence, "a member that had lost its partitions committed"),
    ],
)
def test_the_machine_finds_a_bug_that_was_planted(bug: type[Wrapper], finding: str) -> None:
    with pytest.raises((AssertionError, pytest.fail.Exception), match=finding):
        run(Embedded, wrap=bug, examples=200, steps=40)
