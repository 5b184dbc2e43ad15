"""What a stage that knows no channel wants ops to hear."""

from __future__ import annotations

import pytest

from alerts.log import Log
from alerts.records import Delivery, Notice, decode, encode
from alerts.stages.reporting import Announcing
from tests.stages.conftest import put


@pytest.fixture
def turn(setup, clock, turning):
    return turning(Announcing(lambda: setup, clock=clock))


def deliveries(log: Log) -> list[Delivery]:
    return [decode(record.value, Delivery) for partition in range(2) for record in log.read("deliveries", partition)]


def test_a_notice_goes_to_ops_as_it_is(log, turn):
    notice = Notice(title="Feed World cannot be read", lines=("no answer",))
    put(log, "notices", encode(notice))
    turn()
    (delivery,) = deliveries(log)
    assert (delivery.destination, delivery.notice) == ("ops", notice)


def test_a_notice_that_is_read_again_after_a_crash_is_the_same_delivery(log, setup, clock, turning):
    put(log, "notices", encode(Notice(title="Feed World cannot be read")))
    ids = []
    for _ in range(2):
        turn = turning(Announcing(lambda: setup, clock=clock))
        outputs = turn.step.take(turn.reader.poll(timeout_s=0), turn.reader)
        ids += [decode(output.value, Delivery).id for output in outputs]
        turn.reader.close()  # it dies before the commit
        clock.passes(minutes=5)
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_the_same_words_at_another_time_are_another_notice(log, turn):
    for _ in range(2):
        put(log, "notices", encode(Notice(title="Feed World cannot be read")))
    turn()
    assert len({delivery.id for delivery in deliveries(log)}) == 2


def test_what_is_no_notice_becomes_a_dead_letter(log, turn):
    put(log, "notices", b"nonsense")
    turn()
    assert deliveries(log) == []
    assert len(list(log.read("dead-letters", 0))) == 1
