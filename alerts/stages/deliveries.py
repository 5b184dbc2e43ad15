"""What is still to be delivered: the deliveries of a partition without a final receipt, folded from the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..log import Log
from ..records import Delivery, Outcome, Receipt, RecordError, decode

__all__ = ["Pending", "folded", "pending"]


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

    @property
    def not_before(self) -> datetime:
        return (self.receipt and self.receipt.not_before) or self.delivery.created

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


def folded(source: Log, partition: int, *, end: int | None = None) -> tuple[dict[str, Pending], dict[str, int]]:
    """Of the deliveries before `end`: those without a final receipt, in order, and the settled ones with their `retry`."""
    known = receipts(source, partition)
    settled = {id: receipt.retry for id, receipt in known.items() if receipt.outcome.final}
    waiting: dict[str, Pending] = {}
    for record in source.read("deliveries", partition, end=end):
        try:
            delivery = decode(record.value, Delivery)
        except RecordError:
            continue  # the step that read it has made a dead letter of it
        if settled.get(delivery.id, -1) < delivery.retry:
            receipt = known.get(delivery.id)
            waiting[delivery.id] = Pending(
                delivery, partition, record.offset, receipt if receipt and receipt.retry == delivery.retry else None
            )
    return waiting, settled


def pending(source: Log) -> list[Pending]:
    """Everything that is still to be delivered, oldest first."""
    found = [one for partition in range(source.partitions("deliveries")) for one in folded(source, partition)[0].values()]
    return sorted(found, key=lambda one: (one.delivery.created, one.delivery.id))
