"""Records that could not be processed and deliveries that were given up: made, listed, retried, dropped."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from ..errors import AlertsError
from ..log import Log, Output, Record
from ..records import DeadLetter, Delivery, RecordError, decode, digest, encode

__all__ = ["dead_letter", "dead_letters", "drop", "letter_output", "poison", "retry"]

log = logging.getLogger(__name__)

TOPIC = "dead-letters"
SHOWN_MAX = 2_000
"""Characters of a value that a dead letter shows; the record itself stays on its topic."""


def dead_letter(record: Record, reason: str) -> Output:
    """The dead letter of a record that could not be processed."""
    id = digest("dead letter", record.topic, str(record.partition), str(record.offset))
    letter = DeadLetter(
        id=id,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key.encode("utf-8", "backslashreplace").decode(),
        reason=reason,
        value=(record.value or b"")[:SHOWN_MAX].decode("utf-8", "backslashreplace"),
        at=record.time,
    )
    return letter_output(letter)


def poison(record: Record, reason: str) -> Output:
    """The dead letter of a record that could not be processed, said aloud."""
    place = f"{record.topic}/{record.partition}/{record.offset}"
    log.error("dead letter", extra={"place": place, "reason": reason})
    return dead_letter(record, reason)


def letter_output(letter: DeadLetter) -> Output:
    """The letter as a record on its topic."""
    return Output(TOPIC, letter.id, encode(letter))


def dead_letters(source: Log) -> list[DeadLetter]:
    """The letters that nobody has seen to yet, oldest first."""
    found: dict[str, DeadLetter] = {}
    for record in source.read(TOPIC, 0):
        try:
            letter = decode(record.value, DeadLetter)
        except RecordError:
            continue  # a broken dead letter has nowhere further to go; the record stays on its topic
        found.pop(letter.id, None)
        if not letter.resolved:
            found[letter.id] = letter
    return list(found.values())


def drop(source: Log, letters: Iterable[DeadLetter], *, now: datetime) -> None:
    """Mark letters as seen to."""
    source.append([_resolved(letter, "dropped", now=now) for letter in letters])


def retry(source: Log, letter: DeadLetter, *, now: datetime) -> None:
    """Put what a letter stands for back where it came from. Raises `AlertsError` when the log no longer holds it."""
    record = next(iter(source.read(letter.topic, letter.partition, start=letter.offset, end=letter.offset + 1)), None)
    if record is None:
        raise AlertsError(f"{letter.id}: the log no longer holds {letter.topic}/{letter.partition}/{letter.offset}; drop it")
    value = record.value
    if letter.topic == "deliveries" and letter.destination:
        delivery = decode(value, Delivery)
        patience = delivery.give_up - delivery.created
        value = encode(msgspec.structs.replace(delivery, retry=delivery.retry + 1, give_up=now.astimezone(UTC) + patience))
    again = Output(letter.topic, record.key, value, partition=letter.partition)
    source.append([again, _resolved(letter, "retried", now=now)])


def _resolved(letter: DeadLetter, how: str, *, now: datetime) -> Output:
    return letter_output(msgspec.structs.replace(letter, resolved=how, at=now))
