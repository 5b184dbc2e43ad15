"""A member of a consumer group on Kafka.

kafka-python wants one thread to poll, and runs its rebalance listener on another, where nothing may block. So a reader has a thread of
its own, the pump, which alone touches the consumer; the thread that polls the reader waits for what the pump tells: records, a wake-up,
or that partitions are about to be given up, which it settles itself (`on_revoke`, a last commit) while the heartbeats go on.

Partitions move by the cooperative protocol: a rebalance takes away only what it moves. Whatever goes wrong with a consumer or a
commit, the reader starts anew: consumer and producer are thrown away, everything assigned counts as lost, and what is assigned then is
gained from the committed positions. Static membership makes that quick, and nobody else notices.

What it deliberately does not do: it repairs no client in place, because the state of one after an error is nowhere described.
"""

from __future__ import annotations

import math
import queue
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

import kafka.errors
from kafka import TopicPartition
from kafka.admin import MemberToRemove
from kafka.consumer.subscription_state import AsyncConsumerRebalanceListener
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.future import Future as KafkaFuture
from kafka.structs import MemberState

from ..errors import Fenced, LogError, LogUnavailable
from ._kafka_clients import Clients, log, translated
from ._kafka_transactions import Positions, Transactions, Written
from .protocol import Batch, Output, Record

__all__ = ["KafkaReader", "Share", "record_of", "skipped"]

SLICE_S = 0.5
"""How long the pump polls before it looks whether there is something else to do."""
AGAIN_S = 1.0
"""How long after a failure to join the next attempt is made."""
POSITION_S = 5.0
FIRST = 500
"""How many records the pump asks for before anyone has polled."""
CLOSE_S = 15.0
COMPLETE_S = 5.0
"""How long a group that was asked to assign again is given for it."""
SETTINGS: Mapping[str, object] = {
    "session_timeout_ms": 10_000,
    "heartbeat_interval_ms": 1_000,  # an answer to it is how a member learns of a rebalance, and one that moves partitions takes two
    "max_poll_interval_ms": 60_000,
    "fetch_max_wait_ms": int(SLICE_S * 1000),
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
IDLE_MS = 200
"""How often a member without records looks for changes of the group; kafka-python sleeps `retry_backoff_ms` between two looks."""


@dataclass(frozen=True, slots=True)
class Share:
    """What a reader reads, and as whom. `topic` and `group` are the cluster's names, `name` is unique within this process."""

    topic: str
    plain_topic: str
    group: str
    name: str


class _LapsedError(kafka.errors.KafkaError):  # type: ignore[misc]  # kafka-python is untyped
    """The group has excluded this member: what it held may be another's by now."""


class _Assignor(CooperativeStickyAssignor):  # type: ignore[misc]  # kafka-python is untyped
    """The cooperative assignor, with cures for two defects of kafka-python 3.0.12.

    After it was excluded from the group a consumer joins again with the partitions that it held before, as if it held them still; the
    leader could then give it one that another member is just about to let go. So here it never joins a second time.

    A leader that rebalances because the topic has changed, and whose poll times out meanwhile, forgets that it has to join: it never
    takes its assignment, and polls without end. So here it is told again with each request.
    """

    def __init__(self) -> None:
        super().__init__()
        self.consumer: Any = None
        self._joined = False

    def metadata(self, topics: Any) -> Any:
        """Called before each request to join."""
        member = self.consumer.group_metadata()
        if self._joined and (member.generation_id < 0 or not member.member_id):
            raise _LapsedError
        self.consumer._coordinator.request_rejoin()
        subscription = super().metadata(topics)
        # The broker answers a follower that joins again with the metadata it knows already as if nothing had happened.
        subscription.user_data = uuid.uuid4().bytes
        return subscription

    def on_assignment(self, assignment: Any, generation: Any) -> None:
        """Called with each assignment."""
        self._joined = True
        super().on_assignment(assignment, generation)


@dataclass(frozen=True, slots=True)
class _Revoking:
    session: _Session
    partitions: frozenset[int]
    settled: Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Fetched:
    session: _Session
    records: tuple[Record, ...] = ()
    starts: Mapping[int, int] = field(default_factory=dict)
    joined: bool = False
    error: BaseException | None = None


class _Session(AsyncConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python is untyped
    """One consumer, from joining to the first trouble. `open`, `fetch` and `close` are the pump's."""

    def __init__(
        self, clients: Clients, share: Share, instance: str, *, admin: Any, fetch: bool, tell: Callable[[_Revoking], None]
    ) -> None:
        self._clients = clients
        self._admin = admin
        self._share = share
        self._instance = instance
        self._fetch = fetch
        self._tell = tell
        self._waiting: KafkaFuture | None = None
        self._consumer: Any = None
        self._client: Any = None
        self._started: set[int] = set()
        self._complete_at: float | None = 0.0
        """When to look next whether every partition has an owner; None when it was so."""
        self.over = False
        """Whether nobody is interested any more."""

    def open(self) -> None:
        assignor = _Assignor()
        settings = dict(SETTINGS) | ({} if self._fetch else {"retry_backoff_ms": IDLE_MS})
        self._consumer, self._client = self._clients.consumer(
            group_id=self._share.group,
            group_instance_id=self._instance,
            partition_assignment_strategy=[assignor],
            **settings,
        )
        assignor.consumer = self._consumer
        self._consumer.subscribe([self._share.topic], listener=self)
        # A leader that does not know the topic yet would assign nothing, and everybody would join twice.
        deadline = time.monotonic() + POSITION_S
        while self._client.cluster.partitions_for_topic(self._share.topic) is None and time.monotonic() < deadline:
            time.sleep(0.005)

    def member(self) -> Any:
        """Who we are for the group; None while we are nobody. From any thread."""
        if self._consumer is None:
            return None
        member = self._consumer.group_metadata()
        return member if member.generation_id >= 0 and member.member_id else None

    async def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:
        """Called by the library's thread; heartbeats go on while it waits here for the reader's."""
        numbers = frozenset(each.partition for each in revoked)
        self._started -= numbers
        if self.over or not numbers:
            return
        waiting, client = KafkaFuture(), self._client

        def settled() -> None:
            waiting.success(None)
            client.wakeup()

        self._tell(_Revoking(self, numbers, settled))
        await waiting

    async def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        """Called by the library's thread, before anything is fetched; the pump looks at the assignment after each poll."""
        if not self._fetch:
            self._consumer.pause(*assigned)

    async def on_partitions_lost(self, lost: Iterable[Any]) -> None:
        """Nothing: the assignor is about to raise."""

    def fetch(self, limit: int, timeout_s: float) -> _Fetched:
        records = self._poll(limit, timeout_s)
        assigned = self._consumer.assignment()
        firsts = {tp.partition: found[0].offset for tp, found in records.items()}
        self._check_name()
        starts = dict(self._starts(assigned, firsts))
        self._started |= starts.keys()
        self._complete()
        given = tuple(record_of(each, self._share.plain_topic) for found in records.values() for each in found)
        return _Fetched(self, given, starts, joined=self.member() is not None)

    def _complete(self) -> None:
        """See to it, once after we joined, that every partition has an owner; else have the group assign again.

        A member that gave partitions up joins again so that they get their new owner. If it dies or starts anew in between, it comes
        back as a static member, and then the broker hands out the assignment as it stood: what was given up would have no owner, and
        nobody would notice.
        """
        if self._complete_at is None or time.monotonic() < self._complete_at or self.member() is None:
            return
        described = self._admin.describe_groups([self._share.group])[self._share.group]
        if described["group_state"] != "Stable":
            return
        assignments = [member["member_assignment"] or {} for member in described["members"]]
        assigned = [one for assignment in assignments for one in assignment.get("assigned_partitions", ())]
        owned = {partition for one in assigned if one["topic"] == self._share.topic for partition in one["partitions"]}
        if owned >= (self._client.cluster.partitions_for_topic(self._share.topic) or set()):
            self._complete_at = None
        else:
            self._complete_at = time.monotonic() + COMPLETE_S
            self._consumer._coordinator.request_rejoin()

    def _poll(self, limit: int, timeout_s: float) -> dict[Any, list[Any]]:
        try:
            found: dict[Any, list[Any]] = self._consumer.poll(timeout_ms=int(timeout_s * 1000), max_records=limit)
        except kafka.errors.CorruptRecordError as error:
            skipped(self._consumer, error)
            return {}
        if not found and not any(self._client.connected(broker.node_id) for broker in self._client.cluster.brokers()):
            self._clients.away(self._clients.reason())
        return found

    def _check_name(self) -> None:
        # When another process joins under our name, kafka-python stops its heartbeats, says nothing, and goes on fetching.
        stable = self._consumer.group_metadata().state == MemberState.STABLE
        if stable and not self._consumer._coordinator._heartbeat_enabled:
            raise kafka.errors.FencedInstanceIdError

    def _starts(self, assigned: Iterable[Any], firsts: Mapping[int, int]) -> Iterator[tuple[int, int]]:
        """Where the partitions begin that are new here, as far as it is known yet."""
        deadline = time.monotonic() + POSITION_S
        for partition in sorted(assigned):
            if partition.partition in self._started:
                continue
            start = self._start(partition, firsts.get(partition.partition), timeout_s=deadline - time.monotonic())
            if start is not None:
                yield partition.partition, start

    def _start(self, partition: Any, first: int | None, *, timeout_s: float) -> int | None:
        timeout_ms = max(1, int(timeout_s * 1000))
        try:
            # Waits for an open transaction that would move it: what is committed is fetched as "stable" (KIP-447).
            start: int | None = self._consumer.committed(partition, timeout_ms=timeout_ms)
            if start is None and first is None:
                start = self._consumer.position(partition, timeout_ms=timeout_ms)
        except kafka.errors.KafkaTimeoutError:
            return first
        return first if start is None else start

    def close(self) -> None:
        if self._consumer is not None:
            with suppress(kafka.errors.KafkaError, RuntimeError):
                self._consumer.close(autocommit=False, timeout_ms=int(POSITION_S * 1000))

    def leave(self) -> None:
        """Tell the group that we go: a static member is waited for otherwise, and kafka-python never tells."""
        member = self.member()
        if member is not None:
            gone = MemberToRemove(member_id=member.member_id, group_instance_id=self._instance, reason="closed")
            with suppress(kafka.errors.KafkaError):
                self._admin.remove_group_members(self._share.group, [gone])


class KafkaReader:
    """`alerts.log.Reader` on Kafka."""

    def __init__(
        self,
        clients: Clients,
        share: Share,
        *,
        admin: Any,
        transactions: Transactions,
        written: Callable[[Iterable[Output]], list[Written]],
        closed: Callable[[KafkaReader], None],
        fetch: bool,
        on_revoke: Callable[[frozenset[int]], None] | None,
    ) -> None:
        self._clients = clients
        self._share = share
        self._admin = admin
        self._transactions = transactions
        self._written = written
        self._when_closed = closed
        self._fetches = fetch
        self._on_revoke = on_revoke
        self._instance = share.name
        self._positions: dict[int, int] = {}
        """For each partition that the user believes to own, the committed position."""
        self._lost: set[int] = set()
        self._left: list[Record] = []
        self._events: queue.SimpleQueue[_Revoking | _Fetched | None] = queue.SimpleQueue()
        self._woken = threading.Event()
        self._closed = False
        self._session: _Session | None = None
        self._busy = False
        self._pump = _Pump(f"log-{share.group}")
        self._begin(limit=FIRST)

    @property
    def assigned(self) -> frozenset[int]:
        """The partitions that this member owns, as of the last poll."""
        return frozenset(self._positions)

    def poll(self, timeout_s: float, *, limit: int = 500) -> Batch:
        """Up to `limit` records after those already given, waiting at most `timeout_s` for the first."""
        self._check()
        deadline = time.monotonic() + timeout_s
        while True:
            if self._left:
                return self._given(limit, {})
            self._submit(limit)
            try:
                event = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return self._given(limit, {})
            if event is None:
                self._woken.clear()
                return self._given(limit, {})
            gained = self._learn(event)
            if gained is not None:
                return self._given(limit, gained)

    def _submit(self, limit: int) -> None:
        if self._busy:
            return
        if self._session is None:
            self._begin(limit=limit)
        else:
            self._run(self._session, lambda session: session.fetch(limit, SLICE_S))

    def _begin(self, *, limit: int) -> None:
        """Join the group, as a new consumer."""
        self._session = _Session(self._clients, self._share, self._instance, admin=self._admin, fetch=self._fetches, tell=self._events.put)

        def join(session: _Session) -> _Fetched:
            # First what a former life left open: until it is aborted the positions are not to be had.
            self._transactions.prepare()
            session.open()
            return session.fetch(limit, SLICE_S)

        self._run(self._session, join)

    def _run(self, session: _Session, work: Callable[[_Session], _Fetched]) -> None:
        def job() -> None:
            try:
                with translated(self._clients.address):
                    fetched = _Fetched(session) if session.over else work(session)
            except BaseException as error:  # noqa: BLE001 -- handled or raised again by the thread that polls
                fetched = _Fetched(session, error=error)
            self._events.put(fetched)

        self._busy = True
        self._pump.submit(job)

    def _learn(self, event: _Revoking | _Fetched) -> dict[int, int] | None:
        """Take in what the pump tells: the partitions gained when the poll should return, None when it should go on."""
        if isinstance(event, _Revoking):
            self._settle(event)
            return None
        self._busy = False
        if event.session is not self._session:
            return None
        if event.error is not None:
            self._fail(event.error)
            return None
        self._positions |= event.starts
        self._left.extend(event.records)
        return dict(event.starts) if event.records or event.starts or (self._lost and event.joined) else None

    def _settle(self, event: _Revoking) -> None:
        """Let the user finish what it has in hand for partitions that go elsewhere."""
        held = frozenset(event.partitions & self._positions.keys()) if event.session is self._session else frozenset()
        try:
            self._left = [record for record in self._left if record.partition not in held]
            self._let_go(held)
        finally:
            event.settled()

    def _let_go(self, held: frozenset[int]) -> None:
        if held and self._on_revoke is not None:
            # What it could not commit, the next owner gets again.
            with suppress(LogError):
                self._on_revoke(held)
        self._lost |= held & self._positions.keys()
        for number in held:
            self._positions.pop(number, None)

    def _fail(self, error: BaseException) -> None:
        if not isinstance(error, LogError):
            raise error
        self._rename_if_taken(error)
        if isinstance(error, LogUnavailable) and not isinstance(error.__cause__, _LapsedError):
            self._clients.away(str(error))
        self._start_anew(after_s=0 if isinstance(error, Fenced) or isinstance(error.__cause__, _LapsedError) else AGAIN_S)

    def _start_anew(self, *, after_s: float = 0) -> None:
        """Throw everything away; the next poll tells what was lost, and what of it came back."""
        self._lost |= self._positions.keys()
        self._positions.clear()
        self._left.clear()
        session, self._session = self._session, None
        if session is not None:
            session.over = True
            self._pump.submit(session.close)
            if after_s:
                self._pump.submit(lambda: time.sleep(after_s))

    def _rename_if_taken(self, error: LogError) -> None:
        """Go on under a name of our own: under a common one two processes would exclude each other for ever."""
        if not isinstance(error.__cause__, kafka.errors.FencedInstanceIdError | kafka.errors.ProducerFencedError):
            return
        log.warning("another process took this member's name on the log; set ALERTS_INSTANCE", extra={"member": self._instance})
        self._instance = f"{self._share.name}-{uuid.uuid4().hex[:8]}"
        self._transactions.rename(f"{self._share.group}.{self._instance}")

    def _given(self, limit: int, gained: dict[int, int]) -> Batch:
        records, self._left = self._left[:limit], self._left[limit:]
        lost, self._lost = frozenset(self._lost), set()
        return Batch(tuple(records), gained, lost)

    def commit(self, outputs: Iterable[Output] = (), *, after: Batch | None = None) -> None:
        """Append `outputs` and move the position behind the records of `after`, in one transaction; durable on return."""
        self._check()
        try:
            self._commit(self._written(outputs), after.records if after else ())
        except LogError as error:
            self._rename_if_taken(error)
            self._start_anew()
            raise

    def _commit(self, records: list[Written], done: Iterable[Record]) -> None:
        moved: dict[int, int] = {}
        for record in done:
            if record.offset < self._positions.get(record.partition, math.inf):
                raise self._fenced()
            moved[record.partition] = record.offset + 1
        session = self._session
        if session is None:
            raise self._fenced()
        if not self._positions:
            self._transactions.run(records)
            return
        member = session.member()
        if member is None:
            raise self._fenced()
        # Also a commit that moves nothing sends positions: it is by them that the cluster refuses a member that it has excluded.
        self._transactions.run(records, Positions(self._share.topic, moved or dict(self._positions), member))
        self._positions |= moved

    def _fenced(self) -> Fenced:
        return Fenced(f'"{self._instance}" of the group "{self._share.group}" gave up what it commits for: nothing was committed')

    def wake(self) -> None:
        """End a poll that waits, at once, from any thread; without one waiting, the next returns at once."""
        if not self._woken.is_set():
            self._woken.set()
            self._events.put(None)

    def close(self) -> None:
        """Leave the group: its other members take over at once."""
        if self._closed:
            return
        self._let_go(self.assigned)
        session = self._session
        if session is not None:
            session.over = True
            self._pump.submit(session.leave)
        self.release()

    def release(self) -> None:
        """Let go of threads and connections, without a word to the group: what a death does."""
        if self._closed:
            return
        self._closed = True
        session, self._session = self._session, None
        if session is not None:
            session.over = True
            self._pump.submit(session.close)
        self._drain()
        self._pump.close()
        self._transactions.close()
        self._when_closed(self)

    def _drain(self) -> None:
        """Wait for the pump, which may wait for us in a rebalance."""
        done = self._pump.finish()
        deadline = time.monotonic() + CLOSE_S
        while not done.done() and time.monotonic() < deadline:
            with suppress(queue.Empty):
                event = self._events.get(timeout=0.02)
                if isinstance(event, _Revoking):
                    event.settled()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _check(self) -> None:
        if self._closed:
            raise LogError(f'the reader of "{self._share.plain_topic}" is closed')


class _Pump:
    """A thread that does one job after the other."""

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def submit(self, job: Callable[[], object]) -> None:
        """Do `job` after those before it."""
        self._jobs.put(job)

    def finish(self) -> Future[None]:
        """What is done when the jobs before are."""
        done: Future[None] = Future()
        self._jobs.put(lambda: done.set_result(None))
        return done

    def close(self) -> None:
        """End after the last job."""
        self._jobs.put(None)
        self._thread.join(CLOSE_S)


def record_of(found: Any, topic: str) -> Record:
    """A record of kafka-python's as one of the log's. Bytes in a key that are no UTF-8 stay distinguishable."""
    return Record(
        topic=topic,
        partition=found.partition,
        offset=found.offset,
        key="" if found.key is None else _key(bytes(found.key)),
        value=None if found.value is None else bytes(found.value),
        time=_time(found.timestamp),
    )


def _key(raw: bytes) -> str:
    try:
        return raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return raw.decode("utf-8", "surrogateescape")


def _time(milliseconds: int) -> datetime:
    try:
        return EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return EPOCH  # a foreign writer's nonsense


def skipped(consumer: Any, error: Exception) -> None:
    """Step over a damaged batch of records, loudly. Nobody can read it, and the records behind it should not wait for ever."""
    match = re.search(r"topic='(?P<topic>[^']+)', partition=(?P<partition>\d+)\) at offset (?P<offset>\d+)", str(error))
    if match is None:
        raise error
    partition = TopicPartition(match["topic"], int(match["partition"]))
    # The error names the first offset of the batch, not its last: one step at a time, until the next batch begins.
    position = max(int(match["offset"]), consumer.position(partition)) + 1
    log.error("damaged record skipped", extra={"topic": partition.topic, "partition": partition.partition, "offset": position - 1})
    consumer.seek(partition, position)
