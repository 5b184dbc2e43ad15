"""What is still to be delivered: the deliveries of a partition without a final receipt, folded from the log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from ..config import RATE_MAX
from ..log import Log
from ..records import Delivery, Outcome, Receipt, RecordError, decode

__all__ = ["ATTEMPTS_MAX", "CLOCKS_DIFFER_MAX", "Fold", "Pending", "Settled", "folded", "pending", "settlement"]

ATTEMPTS_MAX = RATE_MAX
"""Attempts that are remembered of a destination, for its rate."""
CLOCKS_DIFFER_MAX = timedelta(minutes=1)
"""How far the clocks of members may be apart."""


@dataclass(slots=True)
class Pending:
    """A delivery that is not settled: where it stands on the log, and what became of its last attempt."""

    delivery: Delivery
    partition: int
    offset: int
    receipt: Receipt | None = None

    @property
    def attempts(self) -> int:
        return self.receipt.attempt if self.receipt else 0

    def due(self, *, now: datetime) -> datetime:
        """When it may be tried. The pause after an attempt that lies in the future is of a clock that was put back since."""
        receipt = self.receipt
        return now if receipt is None or receipt.not_before is None or receipt.at > now + CLOCKS_DIFFER_MAX else receipt.not_before

    @property
    def halted(self) -> bool:
        return self.receipt is not None and self.receipt.outcome is Outcome.HALTED


def receipts(source: Log, partition: int) -> dict[str, Receipt]:
    """The last receipt of each delivery in a partition."""
    found = {}
    for record in source.read("receipts", partition):
        if record.value is not None:
            try:
                receipt = decode(record.value, Receipt)
            except RecordError:
                continue  # without its receipt a delivery is repeated rather than lost
            found[receipt.id] = receipt
    return found


class Settled(NamedTuple):
    """What is remembered of a delivery that is settled: its last `retry`, the service's id of the message, and whether it came."""

    retry: int
    message_id: str
    delivered: bool


def settlement(receipt: Receipt) -> Settled:
    """What a final receipt says."""
    return Settled(receipt.retry, receipt.message_id, receipt.outcome is Outcome.DELIVERED)


@dataclass(frozen=True, slots=True)
class Fold:
    """A partition's deliveries: those without a final receipt, in order; the settled ones; the latest attempts at each destination."""

    waiting: dict[str, Pending]
    settled: dict[str, Settled]
    attempts: dict[str, list[datetime]]


def folded(source: Log, partition: int, *, end: int | None = None) -> Fold:
    """The deliveries of a partition that stand before `end`, and what became of them."""
    known = receipts(source, partition)
    settled = {id: settlement(receipt) for id, receipt in known.items() if receipt.outcome.final}
    waiting: dict[str, Pending] = {}
    for record in source.read("deliveries", partition, end=end):
        try:
            delivery = decode(record.value, Delivery)
        except RecordError:
            continue  # the step that read it has made a dead letter of it
        if delivery.id not in settled or settled[delivery.id].retry < delivery.retry:
            receipt = known.get(delivery.id)
            waiting[delivery.id] = Pending(
                delivery, partition, record.offset, receipt if receipt and receipt.retry == delivery.retry else None
            )
    return Fold(waiting, settled, _attempts(known.values()))


def _attempts(known: Iterable[Receipt]) -> dict[str, list[datetime]]:
    attempts: dict[str, list[datetime]] = {}
    for receipt in known:
        attempts.setdefault(receipt.destination, []).append(receipt.at)
    return {destination: sorted(instants)[-ATTEMPTS_MAX:] for destination, instants in attempts.items()}


def pending(source: Log) -> list[Pending]:
    """Everything that is still to be delivered, oldest first."""
    found = [one for partition in range(source.partitions("deliveries")) for one in folded(source, partition).waiting.values()]
    return sorted(found, key=lambda one: (one.delivery.created, one.delivery.id))
