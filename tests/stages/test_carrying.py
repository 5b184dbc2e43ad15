"""The loop around every step: what one record leads to never stops the others."""

from __future__ import annotations

import threading

from alerts.errors import LogUnavailable
from alerts.log import Output
from alerts.log.protocol import RECORD_BYTES_MAX
from alerts.records import DeadLetter, decode
from alerts.stages.carrying import Stop, carry
from tests.fakes import until
from tests.stages.conftest import put


class Doubling:
    """matches -> alerts: repeats each record; from `big` follows something above the log's bound."""

    topic = "matches"
    group = "doubling"

    def __init__(self, *, unreadable: int = 0) -> None:
        self.unreadable = unreadable

    def take(self, batch, reader):
        if batch.records and self.unreadable:
            self.unreadable -= 1
            raise LogUnavailable("what it must know cannot be read now")
        size = RECORD_BYTES_MAX + 1
        return [Output("alerts", "k", b"x" * size if one.value == b"big" else one.value) for one in batch.records] or None

    def committed(self):
        """Nothing is remembered."""

    def wait_s(self):
        return 0.05

    def revoked(self, partitions, reader):
        """Nothing is in flight."""


def carried(log, step, *, until_there):
    """What stands on `alerts` once the step has carried so many records."""
    stop = Stop()
    thread = threading.Thread(target=lambda: carry(log, step, stop=stop))
    thread.start()
    try:
        until(lambda: len(list(log.read("alerts", 0))) == until_there)
        until(lambda: log.lag("matches", group="doubling") == 0)
    finally:
        stop.set()
        thread.join()
    return [record.value for record in log.read("alerts", 0)]


def test_a_record_that_leads_to_one_too_large_is_a_dead_letter_and_the_others_are_carried_once(log):
    put(log, "matches", b"1", b"2", b"big", b"3", b"4")
    assert carried(log, Doubling(), until_there=4) == [b"1", b"2", b"3", b"4"]
    (letter,) = [decode(record.value, DeadLetter) for record in log.read("dead-letters", 0)]
    assert (letter.topic, letter.offset) == ("matches", 2)
    assert "too large" in letter.reason


def test_a_batch_that_could_not_be_taken_because_the_log_was_away_is_taken_again(log):
    put(log, "matches", b"1", b"2")
    assert carried(log, Doubling(unreadable=2), until_there=2) == [b"1", b"2"]


class Timely(Doubling):
    """Has something due besides, which it remembers from the log."""

    due = False

    def __init__(self, log) -> None:
        super().__init__()
        self.log = log

    def take(self, batch, reader):
        if batch.gained:
            self.due = not any(record.value == b"due" for record in self.log.read("alerts", 0))
        due, self.due = [Output("alerts", "k", b"due")] if self.due else [], False
        return [*(super().take(batch, reader) or []), *due] or None


def test_what_is_due_while_a_record_is_found_to_be_poison_is_committed_with_it(log):
    put(log, "matches", b"big")
    assert carried(log, Timely(log), until_there=1) == [b"due"]
