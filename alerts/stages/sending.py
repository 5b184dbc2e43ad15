"""The delivery step of the notifier: claim, send, receipt.

One queue a destination and one message in flight in each, so a dead destination holds up nobody else. The position on `deliveries`
advances past what is not sent: what is pending is what has no final receipt, folded anew when a partition is gained. A claim is a
receipt that is committed, fenced, before the send: a member that lost the partition cannot start one. The receipt after the send is
committed together with the next claims, or, when the partition was lost meanwhile, without membership: what was sent is recorded whoever
owns the partition now.
"""

from __future__ import annotations

import logging
import random
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain, takewhile

import msgspec

from ..channels import Destination, Earlier, Sent
from ..errors import LogUnavailable
from ..log import Batch, Log, Output, Reader, Record
from ..records import DeadLetter, Decision, Delivery, Notice, Outcome, Receipt, RecordError, Severity, decode, digest, encode
from ..rendering import Message, render
from ..routing import free_at
from .dead_letters import letter_output, poison
from .deliveries import ATTEMPTS_MAX, Pending, Settled, folded, settlement
from .held import LOOK_EVERY, MENDED, followed, mended
from .setup import Setup
from .telling import notices

__all__ = ["Sending"]

log = logging.getLogger(__name__)

RETRY_S = (1.0, 5.0, 30.0, 120.0, 600.0, 3600.0)
"""Seconds to the next attempt, by attempt; the last one for all that follow. Half of it again is drawn as jitter."""
HALTED_S = 900.0
"""A destination that refuses everything is tried with one message this often, and at once when the configuration is read again."""
SENDS_AT_ONCE = 16
SETTLED_MAX = 50_000
"""Settled deliveries that a partition remembers, so that none is sent again even if its record is repeated."""
FINISH_S = 45.0
"""How long a member that gives up partitions waits for what is on the wire; below the log's and the supervisor's patience."""


@dataclass(slots=True)
class _Queue:
    """What waits for one destination, in order; `sending` is claimed, on the wire, or waits for its receipt to be written."""

    waiting: deque[Pending] = field(default_factory=deque)
    sending: Pending | None = None
    ids: set[str] = field(default_factory=set)
    attempts: deque[datetime] = field(default_factory=lambda: deque(maxlen=ATTEMPTS_MAX))
    """When it was told of late, for its rate."""
    stood_in: set[str] = field(default_factory=set)
    """What its fallback was given."""
    pause: datetime | None = None
    """Until when its service wants to be left alone, though the message that it said so of is given up."""
    halted: str = ""
    """The delivery by whose refusal ops were told that the destination refuses everything."""

    def __len__(self) -> int:
        return len(self.waiting) + (self.sending is not None)

    def forget(self, partitions: frozenset[int]) -> None:
        self.waiting = deque(one for one in self.waiting if one.partition not in partitions)
        if self.sending and self.sending.partition in partitions:
            self.sending = None
        self.ids = {one.delivery.id for one in (*self.waiting, *([self.sending] if self.sending else ()))}


@dataclass(slots=True)
class _Flight:
    """A delivery from its send until its receipt is written, whoever owns its partition meanwhile."""

    one: Pending
    future: Future[Sent] | None = None
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What one attempt needs.

    Where an earlier message can be edited, `instead` replaces it; what can be edited no more is told anew, what a thread refuses is told
    outside of it.
    """

    destination: Destination
    delivery: str
    message: Message
    thread: Earlier | None = None
    edits: Earlier | None = None
    instead: Message | None = None

    def send(self) -> Sent:
        """Send, and never raise: what a channel did not foresee is an attempt that failed."""
        try:
            return self._sent()
        except Exception as error:  # noqa: BLE001 -- a channel's fault must not stop the others; the delivery is tried again
            return Sent(Outcome.UNKNOWN, reason=f"the channel failed: {type(error).__name__}")

    def _sent(self) -> Sent:
        sent = Sent(Outcome.REJECTED)
        if self.edits and self.instead:
            sent = self.destination.send(self.instead, delivery=self.delivery, edits=self.edits)
        if sent.outcome is Outcome.REJECTED:
            sent = self.destination.send(self.message, delivery=self.delivery, thread=self.thread)
        if sent.outcome is Outcome.REJECTED and self.thread and self.thread.message_id:
            sent = self.destination.send(self.message, delivery=self.delivery)
        return sent


class Sending:
    """deliveries -> receipts, dead letters."""

    topic = "deliveries"
    group = "delivery"

    def __init__(
        self,
        source: Log,
        setup: Callable[[], Setup],
        *,
        clock: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._log = source
        self._setup = setup
        self._clock = clock
        self._chance = chance
        self._known: Setup | None = None
        self._looked: datetime | None = None
        self._next_silence = 0
        self._reader: Reader | None = None
        self._queues: dict[str, _Queue] = {}
        self._settled: dict[int, dict[str, Settled]] = {}
        self._claimed: list[Pending] = []
        self._settling: list[str] = []
        self._flights: dict[str, _Flight] = {}
        self._pool = ThreadPoolExecutor(SENDS_AT_ONCE, thread_name_prefix="send")

    def unsettled(self) -> dict[str, int]:
        """How many deliveries this member has still to settle, by destination. From any thread."""
        return {id: len(queue) for id, queue in tuple(self._queues.items()) if len(queue)}

    def take(self, batch: Batch, reader: Reader) -> Sequence[Output] | None:
        self._reader = reader
        now = self._clock()
        self._land(now=now)
        if batch.lost or batch.gained or any(one.partition not in reader.assigned for one, _ in self._owed()):
            self._settle()  # before anything is folded: what was sent must be on the log
        self._forget(batch.lost)
        for partition, position in batch.gained.items():
            self._fold(partition, end=position)
        outputs = [output for record in batch.records for output in self._queued(record)]
        self._mended(now=now)
        self._give_up(now=now)
        outputs += self._stand_ins(now=now)
        outputs += self._receipts(reader, now=now)
        outputs += self._claims(reader, now=now)
        return outputs if outputs or batch.records else None

    def committed(self) -> None:
        """The receipts and claims are on the log: send what is claimed."""
        setup = self._setup()
        for id in self._settling:
            self._flights.pop(id, None)
        self._settling = []
        for one in self._claimed:
            self._fly(one, setup)
        self._claimed = []

    def wait_s(self) -> float:
        """Until the next attempt is due."""
        now, setup = self._clock(), self._setup()
        heads = [self._due(id, setup, now=now) for id, queue in self._queues.items() if queue.waiting and queue.sending is None]
        return max(0.0, min([1.0, *((due - now).total_seconds() for due in heads if due > now)]))

    def revoked(self, partitions: frozenset[int], reader: Reader) -> None:
        """Finish what is on the wire, and write its receipts."""
        wait([one.future for one in self._flights.values() if one.future and one.one.partition in partitions], timeout=FINISH_S)
        self._land(now=self._clock())
        try:
            self._settle()
        except LogUnavailable as error:
            log.warning("receipts not written: these messages may be repeated", extra={"reason": str(error)})

    def close(self) -> None:
        """End the threads that send; what is on the wire is waited for."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    # What is known, folded from the log

    def _forget(self, partitions: frozenset[int]) -> None:
        self._claimed = [one for one in self._claimed if one.partition not in partitions]
        for queue in self._queues.values() if partitions else ():
            queue.forget(partitions)
        for partition in partitions:
            self._settled.pop(partition, None)

    def _fold(self, partition: int, *, end: int) -> None:
        self._forget(frozenset({partition}))
        fold = folded(self._log, partition, end=end)
        self._settled[partition] = fold.settled
        for one in fold.waiting.values():
            self._enqueue(one)
        for destination, attempts in fold.attempts.items():
            queue = self._queues.setdefault(destination, _Queue())
            queue.attempts.clear()  # each of them was claimed on the log
            queue.attempts.extend(attempts)

    def _enqueue(self, one: Pending) -> None:
        """Last in its queue; what this member has on the wire already is not sent a second time."""
        queue = self._queues.setdefault(one.delivery.destination, _Queue())
        queue.ids.add(one.delivery.id)
        flight = self._flights.get(one.delivery.id)
        if flight:
            queue.sending = flight.one = one
        else:
            queue.waiting.append(one)

    def _queued(self, record: Record) -> list[Output]:
        try:
            delivery = decode(record.value, Delivery)
        except RecordError as error:
            return [poison(record, str(error))]
        queue = self._queues.get(delivery.destination)
        known = queue is not None and delivery.id in queue.ids
        settled = self._settled.setdefault(record.partition, {}).get(delivery.id)
        if not known and (settled is None or settled.retry < delivery.retry):
            self._enqueue(Pending(delivery, record.partition, record.offset))
        return []

    # Claim and send

    def _claims(self, reader: Reader, *, now: datetime) -> list[Output]:
        setup = self._setup()
        heads = [(queue.waiting[0], queue) for queue in self._queues.values() if queue.waiting and queue.sending is None]
        for head, queue in sorted(heads, key=lambda pair: pair[0].delivery.created):  # in a chat that several share, the oldest first
            id = head.delivery.destination
            free = not any(other.sending for other in self._beside(id, setup))
            if free and id in setup.destinations and head.partition in reader.assigned and self._due(id, setup, now=now) <= now:
                queue.sending = queue.waiting.popleft()
                queue.attempts.append(now)
                self._claimed.append(_claimed(head, now=now))
        return [_output(one, one.receipt) for one in self._claimed if one.receipt]

    def _due(self, id: str, setup: Setup, *, now: datetime) -> datetime:
        """When the first that waits may be sent: not before its own time, and no faster than its service takes what goes to that chat."""
        queue = self._queues[id]
        attempts = sorted(chain(*(one.attempts for one in self._beside(id, setup))))
        return max(queue.waiting[0].due(now=now), queue.pause or now, free_at(attempts, setup.rates(id), now=now))

    def _beside(self, id: str, setup: Setup) -> list[_Queue]:
        """The queues of all destinations that lead to the same chat."""
        return [self._queues[other] for other in setup.beside(id) if other in self._queues]

    def _fly(self, one: Pending, setup: Setup) -> None:
        destination = setup.destinations.get(one.delivery.destination)
        if destination is None:  # the configuration was read again between claim and commit
            self._back(one)
            return
        manner = destination.manner
        zone = setup.timezone(destination.id)
        came = self._settled.get(one.partition, {}).get(one.delivery.edits)
        # What adds to a message is short. Where that never came (it was held, or refused) it must say all.
        shown = one.delivery if came and came.delivered else msgspec.structs.replace(one.delivery, edits="")
        attempt = _Attempt(
            destination,
            one.delivery.id,
            render(shown, timezone=zone, layout=manner.layout),
            self._earlier(one, one.delivery.thread),
        )
        edits = self._earlier(one, one.delivery.edits) if manner.edits else None
        if edits and edits.message_id:
            attempt = replace(attempt, edits=edits, instead=render(one.delivery, timezone=zone, layout=manner.layout, edit=True))
        future = self._pool.submit(attempt.send)
        self._flights[one.delivery.id] = _Flight(one, future)
        future.add_done_callback(lambda _: self._wake())

    def _earlier(self, one: Pending, id: str) -> Earlier | None:
        """What is known of an earlier delivery to the same destination."""
        settled = self._settled.get(one.partition, {}).get(id)
        return Earlier(id, settled.message_id if settled else "") if id else None

    def _wake(self) -> None:
        if self._reader is not None:
            self._reader.wake()

    # Receipts

    def _land(self, *, now: datetime) -> None:
        """Turn finished sends into receipts that are owed to the log."""
        for flight in self._flights.values():
            if flight.receipt is None and flight.future and flight.future.done():
                flight.receipt = self._receipt(flight.one, flight.future.result(), now=now)
                queue = self._queues.get(flight.one.delivery.destination)
                if queue is not None and queue.sending is flight.one and queue.attempts:
                    queue.attempts[-1] = now  # the service counts from when the request reached it, at the latest now

    def _receipt(self, one: Pending, sent: Sent, *, now: datetime) -> Receipt:
        assert one.receipt is not None  # noqa: S101 -- it was claimed
        log.log(
            logging.INFO if sent.outcome is Outcome.DELIVERED else logging.WARNING,
            sent.outcome.replace("_", " "),
            extra={"destination": one.delivery.destination, "delivery": one.delivery.id, "attempt": one.attempts, "reason": sent.reason},
        )
        return msgspec.structs.replace(
            one.receipt,
            outcome=sent.outcome,
            at=now,
            not_before=None if sent.outcome.final else now + self._pause(one, sent),
            message_id=sent.message_id,
            reason=sent.reason,
        )

    def _pause(self, one: Pending, sent: Sent) -> timedelta:
        if sent.retry_after_s is not None:
            return timedelta(seconds=max(0.0, sent.retry_after_s))
        if sent.outcome is Outcome.HALTED:
            return timedelta(seconds=HALTED_S)
        return timedelta(seconds=RETRY_S[min(one.attempts, len(RETRY_S)) - 1] * (1 + self._chance() / 2))

    def _give_up(self, *, now: datetime) -> None:
        for queue in self._queues.values():
            if queue.sending is None and queue.waiting and queue.waiting[0].delivery.give_up <= now:
                one = queue.sending = queue.waiting.popleft()
                queue.pause = one.due(now=now)
                last = f"; last: {one.receipt.reason or one.receipt.outcome}" if one.receipt else ""
                receipt = _receipt(one, Outcome.GIVEN_UP, now=now, reason=f"not delivered within its patience{last}")
                self._flights[one.delivery.id] = _Flight(one, receipt=receipt)

    def _stand_ins(self, *, now: datetime) -> list[Output]:
        """Copies for the fallback of what could not be told in time. Their ids derive from the originals': a replay repeats none."""
        setup, outputs = self._setup(), []
        for id, queue in self._queues.items():
            fallbacks = setup.fallbacks(id) if queue.waiting else None
            if fallbacks is None:
                continue
            others, after = fallbacks
            for one in takewhile(lambda one: one.delivery.created + after <= now, tuple(queue.waiting)):  # noqa: B023 -- used at once
                if one.delivery.id not in queue.stood_in and not one.delivery.stands_in_for:
                    queue.stood_in.add(one.delivery.id)
                    outputs += [_stand_in(one.delivery, other, setup, now=now) for other in others if not _told(one.delivery, other, setup)]
            queue.stood_in &= queue.ids
        return outputs

    def _owed(self) -> list[tuple[Pending, Receipt]]:
        return [(flight.one, flight.receipt) for flight in self._flights.values() if flight.receipt]

    def _receipts(self, reader: Reader, *, now: datetime) -> list[Output]:
        """The receipts that are owed, to be committed together with the next claims; their queues go on.

        Should that commit fail, everything is folded anew, and the receipts are still owed.
        """
        owed = [(one, receipt) for one, receipt in self._owed() if one.partition in reader.assigned]
        for one, receipt in owed:
            self._settling.append(one.delivery.id)
            one.receipt = receipt
            self._settled_one(one)
        return self._settlements(owed, now=now)

    def _settle(self) -> None:
        """Write the receipts that are owed, whoever owns the partitions now. Raises `LogUnavailable`."""
        owed = self._owed()
        self._settling = []
        if owed:
            self._log.append(self._settlements(owed, now=self._clock()))
        for one, receipt in owed:
            del self._flights[one.delivery.id]
            one.receipt = receipt
            self._settled_one(one)

    def _settlements(self, owed: Sequence[tuple[Pending, Receipt]], *, now: datetime) -> list[Output]:
        """Receipts and what follows from them: dead letters, and notices to ops of destinations that refuse everything."""
        setup, outputs = self._setup(), []
        for one, receipt in owed:
            outputs += _settlement(one, receipt)
            queue = self._queues.get(receipt.destination)
            if receipt.outcome is Outcome.HALTED and queue is not None and queue.halted != receipt.id:
                queue.halted = receipt.id
                occasion = f"halted/{receipt.id}/{receipt.retry}"  # the same whenever it is refused again: ops hear of it once
                notice = _halted(receipt, setup)
                outputs += notices(notice, setup, now=now, of=occasion, but={receipt.destination})
        return outputs

    def _settled_one(self, one: Pending) -> None:
        queue = self._queues.get(one.delivery.destination)
        if queue is None or queue.sending is not one:
            return  # its partition was lost meanwhile
        if one.receipt is None or not one.receipt.outcome.final:
            self._back(one)
            return
        queue.sending = None
        queue.ids.discard(one.delivery.id)
        settled = self._settled.setdefault(one.partition, {})
        settled[one.delivery.id] = settlement(one.receipt)
        if len(settled) > SETTLED_MAX:
            del settled[next(iter(settled))]

    def _back(self, one: Pending) -> None:
        """Back to the head of its queue."""
        queue = self._queues[one.delivery.destination]
        queue.sending = None
        queue.waiting.appendleft(one)

    def _mended(self, *, now: datetime) -> None:
        """Try what was refused at once where it may be mended: the configuration was read again, or somebody tried the channel by hand."""
        setup, tried = self._setup(), self._tried(now=now)
        anew, self._known = self._known is not setup, setup
        for id, queue in self._queues.items() if anew or tried else ():
            channel = setup.channel(id)
            at = tried.get(channel.name) if channel else None
            queue.pause = None if anew or at else queue.pause
            for one in queue.waiting:
                if one.halted and one.receipt and (anew or (at and one.receipt.at < at)):
                    one.receipt = msgspec.structs.replace(one.receipt, not_before=None)

    def _tried(self, *, now: datetime) -> dict[str, datetime]:
        """The channels that were found to work since the last look, and when; nobody looks while none is halted."""
        halted = any(queue.waiting and queue.waiting[0].halted for queue in self._queues.values())
        if not halted or (self._looked is not None and timedelta(0) <= now - self._looked < LOOK_EVERY):
            return {}
        self._looked = now
        found, self._next_silence = followed(self._log, self._next_silence)
        return {one.channel: one.at for key, value in found.items() if value and key.startswith(MENDED) and (one := mended(value))}


def _told(delivery: Delivery, other: str, setup: Setup) -> bool:
    """Whether another destination is told the same by a message of its own: nobody is told twice."""
    if delivery.alert is not None:
        return delivery.alert.destinations.get(other) in {Decision.NEW, Decision.UPDATE}
    return delivery.notice is not None and other in setup.ops


def _stand_in(delivery: Delivery, destination: str, setup: Setup, *, now: datetime) -> Output:
    copy = msgspec.structs.replace(
        delivery,
        id=digest("fallback", delivery.id, destination),
        destination=destination,
        stands_in_for=delivery.destination,
        created=now,
        give_up=now + setup.give_up(destination),
        retry=0,
        thread="",
        edits="",
    )
    return Output("deliveries", setup.lane(destination), encode(copy))


def _claimed(one: Pending, *, now: datetime) -> Pending:
    one.receipt = _receipt(one, Outcome.SENDING, now=now, attempt=one.attempts + 1)
    return one


def _receipt(one: Pending, outcome: Outcome, *, now: datetime, attempt: int | None = None, reason: str = "") -> Receipt:
    return Receipt(
        id=one.delivery.id,
        destination=one.delivery.destination,
        outcome=outcome,
        attempt=one.attempts if attempt is None else attempt,
        retry=one.delivery.retry,
        at=now,
        reason=reason,
    )


def _output(one: Pending, receipt: Receipt) -> Output:
    return Output("receipts", one.delivery.id, encode(receipt), partition=one.partition)


def _halted(receipt: Receipt, setup: Setup) -> Notice:
    channel = setup.channel(receipt.destination)
    test = f"`alerts channels test {channel.name if channel else receipt.destination}`"
    return Notice(
        title=f"{receipt.destination} refuses everything; its messages wait",
        lines=(receipt.reason or "no reason given", f"They go out when its settings are mended, or at once after {test} succeeds."),
        severity=Severity.HIGH,
    )


def _settlement(one: Pending, receipt: Receipt) -> list[Output]:
    """The receipt, and the dead letter if this was the end of it."""
    if receipt.outcome not in {Outcome.REJECTED, Outcome.GIVEN_UP}:
        return [_output(one, receipt)]
    letter = DeadLetter(
        id=digest("undelivered", one.delivery.id, str(one.delivery.retry)),
        topic="deliveries",
        partition=one.partition,
        offset=one.offset,
        key=one.delivery.id,
        destination=one.delivery.destination,
        reason=f"{receipt.outcome.replace('_', ' ')}: {receipt.reason}",
        value=one.delivery.alert.title if one.delivery.alert else one.delivery.notice.title if one.delivery.notice else "",
        notice=one.delivery.notice is not None,
        at=receipt.at,
    )
    return [_output(one, receipt), letter_output(letter)]
