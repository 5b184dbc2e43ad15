"""What is held on the embedded log is held on Kafka, and listed as it is there: the same tests, on a real broker."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import pytest

from alerts.log import Batch, Log, open_log, topics
from tests.stages.conftest import Turn
from tests.stages.test_held import (  # noqa: F401 -- they run here, with the log and the crank of this file
    stepping,
    test_a_digest_comes_on_its_hour_with_all_that_was_held,
    test_a_list_that_was_not_committed_is_told_once_all_the_same,
    test_a_silence_may_begin_and_be_ended_while_the_step_runs,
    test_a_silence_that_was_over_for_a_month_leaves_the_log,
    test_a_storm_becomes_a_few_messages_in_which_everything_is_listed,
    test_ops_hear_of_a_silence_that_ended_while_nobody_ran_once,
    test_quiet_hours_hold_until_they_end_but_for_what_breaks_through,
    test_the_end_of_a_silence_that_was_not_committed_is_told_all_the_same,
    test_the_status_says_how_many_alerts_wait_and_how_many_silences_are_active,
    test_what_a_silence_holds_is_listed_at_its_end_and_ops_hear_of_it,
    test_what_exceeds_an_hours_measure_is_listed_at_its_end,
    test_what_is_held_survives_the_death_of_the_step,
)

pytestmark = pytest.mark.kafka
DEADLINE_S = 60.0


@pytest.fixture
def log(kafka_servers: str) -> Iterator[Log]:
    """An empty log on the broker."""
    url = f"kafka://{kafka_servers}?prefix=held-{uuid.uuid4().hex[:8]}-"
    with open_log(url, topics=topics(partitions=2), instance="test") as it:
        yield it


@dataclass
class Gathering(Turn):
    """Turns the crank with all that stands on the log, however many polls it takes to join the group and to get it."""

    log: Log
    read: dict[int, int] = field(default_factory=dict)
    """For each partition the offset behind what has come."""

    def batch(self) -> Batch:
        ends, deadline = self.log.ends(self.step.topic), time.monotonic() + DEADLINE_S
        whole = Batch()
        while any(self.read.get(number, -1) < end for number, end in ends.items()):
            assert time.monotonic() < deadline, f"only {self.read} of {ends}"
            more = self.reader.poll(timeout_s=0.5)
            self.read |= {**more.gained, **{record.partition: record.offset + 1 for record in more.records}}
            before = Batch() if more.lost else whole  # what was lost comes again
            whole = Batch(before.records + more.records, {**before.gained, **more.gained}, whole.lost | more.lost)
        return whole


@pytest.fixture
def crank(log: Log):
    """One that waits for what stands on the log."""
    return partial(Gathering, log=log)
