"""The story step: what a match means, for whom, and that it was so decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.channels import Manner
from alerts.log import Log
from alerts.records import Age, Alert, DeadLetter, Decision, Delivery, Notice, Severity, decode, encode
from alerts.routing import Route, Routes
from alerts.stages.telling import Telling
from alerts.stories import StorySettings
from tests.builders import NOON, article, fired, matches
from tests.stages.conftest import put


@pytest.fixture
def telling(log, setup, clock) -> Telling:
    return Telling(log, lambda: setup, clock=clock)


@pytest.fixture
def turn(telling, turning):
    return turning(telling)


def deliveries(log: Log) -> list[Delivery]:
    found = [decode(record.value, Delivery) for partition in range(2) for record in log.read("deliveries", partition)]
    return sorted(found, key=lambda one: one.created)


def alerts_of(log: Log) -> list[Alert]:
    return [decode(record.value, Alert) for record in log.read("alerts", 0)]


def test_the_first_report_is_told_and_recorded_with_its_reason(log, turn):
    put(log, "matches", encode(matches(article("Missiles hit Raqqa"))))
    turn()
    (delivery,) = deliveries(log)
    assert (delivery.destination, delivery.decision) == ("desk", Decision.NEW)
    assert delivery.alert is not None
    assert delivery.alert.title == "Missiles hit Raqqa"
    (alert,) = alerts_of(log)
    assert (alert.decision, alert.reason) == (Decision.NEW, "first report")


def test_the_same_event_from_twenty_feeds_is_told_once_and_then_as_updates(log, turn):
    put(log, "matches", *(encode(matches(article("Missiles hit Raqqa", id=f"a{n}", feed=f"Feed {n}"))) for n in range(20)))
    turn()
    decisions = [one.decision for one in deliveries(log)]
    assert decisions.count(Decision.NEW) == 1
    assert decisions.count(Decision.UPDATE) == 5
    assert len(alerts_of(log)) == 20


def test_an_update_of_sources_names_the_message_that_it_edits(log, turn):
    put(log, "matches", *(encode(matches(article("Missiles hit Raqqa", id=f"a{n}", feed=f"Feed {n}"))) for n in range(8)))
    turn()
    first, second, third = deliveries(log)
    assert (first.thread, first.edits) == ("", "")
    assert [one.edits for one in (second, third)] == [first.id, first.id]
    assert [one.thread for one in (second, third)] == [first.id, first.id]
    assert [one.reason for one in (second, third)] == ["+3 sources", "+3 sources"]


def with_stories(setup, **changed):
    return replace(setup, config=replace(setup.config, stories=StorySettings(**changed)))


def test_updates_come_as_often_as_the_configuration_says(log, setup, clock, turning):
    few = with_stories(setup, updates=2, updates_max=1)
    put(log, "matches", *(encode(matches(article("Missiles hit Raqqa", id=f"a{n}", feed=f"Feed {n}"))) for n in range(9)))
    turning(Telling(log, lambda: few, clock=clock))()
    assert [(one.decision, one.reason) for one in deliveries(log)] == [("new", "not told before"), ("update", "+2 sources")]


def test_an_edit_of_the_configuration_holds_from_the_next_report_on(log, setup, clock, turning):
    live = [setup]
    turn = turning(Telling(log, lambda: live[0], clock=clock))
    put(log, "matches", *(encode(matches(article("Missiles hit Raqqa", id=f"a{n}", feed=f"Feed {n}"))) for n in range(4)))
    turn()
    live[0] = with_stories(setup, updates=1, window=timedelta(hours=1))
    put(log, "matches", encode(matches(article("Missiles hit Raqqa", id="a4", feed="Feed 4"))))
    turn()
    assert [one.reason for one in deliveries(log)] == ["not told before", "+3 sources", "+1 source"]
    put(log, "matches", encode(matches(article("A wholly other thing", id="b", minutes=70))))
    turn()
    assert sum(record.value is None for record in log.read("stories", 0)) == 1


def test_an_update_names_the_thread_at_each_destination_whoever_takes_over(log, setup, clock, turning):
    both = replace(setup, routes=Routes([Route(to=("desk", "ops"))], destinations=setup.channels))
    put(log, "matches", encode(matches(article(id="a"), fired(severity=Severity.MEDIUM))))
    first = turning(Telling(log, lambda: both, clock=clock))
    first()
    first.reader.close()
    put(log, "matches", encode(matches(article(id="a"), fired(severity=Severity.HIGH))))
    turning(Telling(log, lambda: both, clock=clock))()
    firsts = {one.destination: one.id for one in deliveries(log) if one.decision is Decision.NEW}
    updates = {one.destination: one for one in deliveries(log) if one.decision is Decision.UPDATE}
    assert {destination: one.thread for destination, one in updates.items()} == firsts
    assert {one.edits for one in updates.values()} == {""}  # a higher severity must ring, and an edit rings no phone


def test_an_alert_says_why_its_report_is_of_its_story_and_why_each_destination_hears(log, turn):
    put(log, "matches", *(encode(matches(article("Missiles hit Raqqa", id=f"a{n}", feed=f"Feed {n}"))) for n in range(4)))
    turn()
    first, second, *_, last = alerts_of(log)
    assert (first.joined, first.reasons) == ("first report", {"desk": "not told before"})
    assert (second.joined, second.reasons) == ("same title", {"desk": "told before"})
    assert last.reasons == {"desk": "+3 sources"}


def test_a_redelivered_record_repeats_the_ids(log, setup, clock, turning):
    put(log, "matches", encode(matches()))
    first = turning(Telling(log, lambda: setup, clock=clock))
    first.step.take(first.reader.poll(timeout_s=0), first.reader)
    first.reader.close()  # it dies before the commit
    clock.passes(seconds=20)
    turning(Telling(log, lambda: setup, clock=clock))()
    assert len(deliveries(log)) == 1


def test_a_standby_that_takes_over_knows_what_was_told(log, setup, clock, turning):
    put(log, "matches", encode(matches(article(id="a"))))
    first = turning(Telling(log, lambda: setup, clock=clock))
    first()
    first.reader.close()
    put(log, "matches", encode(matches(article(id="a", feed="Daily"))))
    turning(Telling(log, lambda: setup, clock=clock))()
    assert [alert.decision for alert in alerts_of(log)] == [Decision.NEW, Decision.REPEAT]
    assert len(deliveries(log)) == 1


def test_a_story_that_has_expired_leaves_the_log(log, turn):
    put(log, "matches", encode(matches(article(id="a"))))
    turn()
    put(log, "matches", encode(matches(article("Another thing", id="b", minutes=80 * 60))))
    turn()
    stories = {record.key: record.value for record in log.read("stories", 0)}
    assert sorted(value is None for value in stories.values()) == [False, True]


def test_what_the_feed_had_before_we_came_is_recorded_and_told_to_nobody(log, turn):
    put(log, "matches", encode(matches(article(age=Age.BACKLOG))))
    turn()
    assert deliveries(log) == []
    assert [alert.decision for alert in alerts_of(log)] == [Decision.OLD]


def test_a_fresh_report_of_a_backlog_story_is_told(log, turn):
    put(log, "matches", encode(matches(article(id="a", age=Age.BACKLOG))), encode(matches(article(id="a", feed="Daily"))))
    turn()
    assert [one.decision for one in deliveries(log)] == [Decision.NEW]


def test_what_an_outage_made_old_goes_to_ops_as_one_list(log, setup, clock, turning):
    late = [encode(matches(article(f"Event number {n}", id=f"a{n}", age=Age.LATE))) for n in range(3)]
    put(log, "matches", *late)
    first = turning(Telling(log, lambda: setup, clock=clock))
    first()
    assert deliveries(log) == []
    first.reader.close()
    clock.passes(minutes=6)
    second = turning(Telling(log, lambda: setup, clock=clock))
    second()
    second()
    (delivery,) = deliveries(log)
    assert delivery.destination == "ops"
    assert delivery.notice is not None
    assert len(delivery.notice.lines) == 3


def test_a_poison_record_becomes_a_dead_letter_and_the_next_one_is_told(log, turn):
    put(log, "matches", b"\xffnot json", encode(matches()))
    turn()
    (letter,) = [decode(record.value, DeadLetter) for record in log.read("dead-letters", 0)]
    assert (letter.topic, letter.partition, letter.offset) == ("matches", 0, 0)
    assert len(deliveries(log)) == 1


def test_ops_are_told_of_a_faulty_edit_once(log, telling, turn):
    turn()
    telling.tell_ops(Notice(title="A faulty edit", lines=("rules/x.yaml:1:1: no",)))
    turn()
    turn()
    assert [one.destination for one in deliveries(log)] == ["ops"]


def test_a_rule_of_higher_severity_is_an_update(log, turn):
    put(log, "matches", encode(matches(article(id="a"), fired(severity=Severity.MEDIUM))))
    put(log, "matches", encode(matches(article(id="a"), fired("worse", severity=Severity.CRITICAL))))
    turn()
    assert [one.decision for one in deliveries(log)] == [Decision.NEW, Decision.UPDATE]
    assert deliveries(log)[1].reason == "higher severity"


def test_the_patience_of_a_delivery_is_that_of_its_channel(log, turn):
    put(log, "matches", encode(matches()))
    turn()
    (delivery,) = deliveries(log)
    assert (delivery.give_up - delivery.created).days == 7
    assert delivery.created == NOON


def test_all_that_goes_to_one_chat_is_of_one_partition_by_whichever_name(log, setup, clock, turning, desk, ops):
    desk.manner = ops.manner = Manner(chat="c")
    both = replace(setup, routes=Routes([Route(to=("desk", "ops"))], destinations=setup.channels))
    step = Telling(log, lambda: both, clock=clock)
    step.tell_ops(Notice(title="A feed is dead"))
    put(log, "matches", encode(matches()))
    turning(step)()
    found = [(record.partition, record.key) for partition in range(2) for record in log.read("deliveries", partition)]
    assert len(found) == 3
    assert len(set(found)) == 1
