"""What goes wrong is told: every dead letter reaches ops, except through the destination that caused it; so does every notice.

A stage that knows no channel, the poller for one, puts what ops should hear on the topic `notices`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from ..log import Batch, Output, Reader, Record
from ..records import DeadLetter, Notice, RecordError, Severity, decode, digest
from .carrying import Forgetful
from .dead_letters import poison
from .setup import Setup
from .telling import notices

__all__ = ["Announcing", "Reporting"]

LINES_MAX = 50


class _ToOps(Forgetful):
    """What a step needs that tells ops."""

    def __init__(self, setup: Callable[[], Setup], *, clock: Callable[[], datetime]) -> None:
        self._setup = setup
        self._clock = clock


class Reporting(_ToOps):
    """dead-letters -> deliveries, to ops."""

    topic = "dead-letters"
    group = "ops"

    def take(self, batch: Batch, reader: Reader) -> Sequence[Output] | None:
        if not batch.records:
            return None
        letters = [letter for record in batch.records if (letter := _letter(record.value)) and not letter.resolved and not letter.notice]
        if not letters:
            return []
        notice = Notice(title=_title(len(letters)), lines=tuple(_line(one) for one in letters[:LINES_MAX]), severity=Severity.HIGH)
        blamed = {letter.destination for letter in letters}
        occasion = digest(*(letter.id for letter in letters))
        return notices(notice, self._setup(), now=self._clock(), of=occasion, but=blamed)


class Announcing(_ToOps):
    """notices -> deliveries, to ops."""

    topic = "notices"
    group = "announcing"

    def take(self, batch: Batch, reader: Reader) -> Sequence[Output] | None:
        if not batch.records:
            return None
        setup, now = self._setup(), self._clock()
        return [output for record in batch.records for output in _announced(record, setup, now=now)]


def _announced(record: Record, setup: Setup, *, now: datetime) -> list[Output]:
    try:
        notice = decode(record.value, Notice)
    except RecordError as error:
        return [poison(record, str(error))]
    return notices(notice, setup, now=now, of=f"{record.topic}/{record.partition}/{record.offset}")


def _letter(value: bytes | None) -> DeadLetter | None:
    try:
        return decode(value, DeadLetter)
    except RecordError:
        return None  # a broken dead letter has nowhere further to go


def _title(count: int) -> str:
    return f"{count} dead letter{'s' if count > 1 else ''}: see `alerts dead-letters list`"


def _line(letter: DeadLetter) -> str:
    what = f"to {letter.destination}" if letter.destination else f"{letter.topic}/{letter.partition}/{letter.offset}"
    return f"{letter.id[:12]} {what}: {letter.reason}"[:300]
