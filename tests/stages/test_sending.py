"""The delivery step: each destination alone, in order, until it is taken, refused or given up."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import msgspec
import pytest

from alerts.channels import Earlier, Manner, Sent
from alerts.config import Fallback
from alerts.log import Batch, Log, Output
from alerts.records import Alert, DeadLetter, Decision, Delivery, Mended, Outcome, Receipt, Severity, decode, encode
from alerts.routing import Rate
from alerts.stages.dead_letters import dead_letters, retry
from alerts.stages.reporting import Reporting
from alerts.stages.sending import Sending
from tests.builders import NOON
from tests.fakes import until


def delivery(id: str, to: str = "desk") -> Delivery:
    alert = Alert(
        id=id,
        story="s",
        decision=Decision.NEW,
        reason="",
        article="a",
        title=f"Title {id}",
        severity=Severity.HIGH,
        matched=NOON,
        decided=NOON,
    )
    return Delivery(id=id, destination=to, alert=alert, created=NOON, give_up=NOON + timedelta(days=7))


def put(log: Log, *deliveries: Delivery) -> None:
    log.append([Output("deliveries", one.destination, encode(one)) for one in deliveries])


@pytest.fixture
def sending(log, setup, clock):
    steps = []

    def new() -> Sending:
        steps.append(Sending(log, lambda: setup, clock=clock, chance=lambda: 0.0))
        return steps[-1]

    yield new
    for step in steps:
        step.close()


@pytest.fixture
def turn(sending, turning):
    return turning(sending())


def settle(turn) -> None:
    """Turn until nothing is on the wire and nothing is due."""
    turn()
    until(lambda: not (turn().records or turn.step._flights), what="every send landed")


def receipts(log: Log) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {}
    for partition in range(2):
        for record in log.read("receipts", partition):
            receipt = decode(record.value, Receipt)
            found.setdefault(receipt.id, []).append(receipt.outcome)
    return found


def test_a_message_is_claimed_sent_and_receipted(log, turn, desk):
    put(log, delivery("1"))
    settle(turn)
    assert [id for id, _ in desk.messages] == ["1"]
    assert "Title 1" in desk.messages[0][1].title
    assert receipts(log) == {"1": [Outcome.SENDING, Outcome.DELIVERED]}


def test_messages_to_one_destination_arrive_in_order(log, turn, desk):
    put(log, *(delivery(str(n)) for n in range(10)))
    settle(turn)
    assert [id for id, _ in desk.messages] == [str(n) for n in range(10)]


def test_what_is_refused_for_now_is_sent_later_and_before_what_came_after_it(log, turn, desk, clock):
    desk.answers = [Sent(Outcome.LATER), Sent(Outcome.LATER)]
    put(log, delivery("1"), delivery("2"))
    settle(turn)
    assert desk.attempts == 1
    clock.passes(seconds=1.1)
    settle(turn)
    assert desk.attempts == 2
    clock.passes(seconds=1.1)
    settle(turn)
    assert desk.attempts == 2  # the second pause is five seconds
    clock.passes(seconds=4)
    settle(turn)
    assert [id for id, _ in desk.messages] == ["1", "2"]


def test_retry_after_is_obeyed_to_the_second_and_across_a_restart(log, sending, turning, desk, clock):
    desk.answers = [Sent(Outcome.LATER, retry_after_s=300)]
    put(log, delivery("1"))
    first = turning(sending())
    settle(first)
    first.reader.close()
    second = turning(sending())
    clock.passes(seconds=299)
    settle(second)
    assert desk.attempts == 1
    clock.passes(seconds=2)
    settle(second)
    assert len(desk.messages) == 1


def test_a_dead_destination_holds_up_no_other(log, turn, desk, ops):
    desk.gate.clear()
    put(log, delivery("1"), *(delivery(f"o{n}", to="ops") for n in range(5)))
    turn()
    until(lambda: turn() is not None and len(ops.messages) == 5)
    assert desk.messages == []
    desk.gate.set()
    settle(turn)
    assert len(desk.messages) == 1


def test_refused_content_is_a_dead_letter_and_the_next_message_goes_out(log, turn, desk):
    desk.answers = [Sent(Outcome.REJECTED, reason="400 bad request")]
    put(log, delivery("1"), delivery("2"))
    settle(turn)
    assert [id for id, _ in desk.messages] == ["2"]
    (letter,) = dead_letters(log)
    assert (letter.destination, letter.value, letter.reason) == ("desk", "Title 1", "rejected: 400 bad request")


def test_a_dead_letter_that_is_retried_is_delivered(log, turn, desk, clock):
    desk.answers = [Sent(Outcome.REJECTED)]
    put(log, delivery("1"))
    settle(turn)
    (letter,) = dead_letters(log)
    retry(log, letter, now=clock())
    settle(turn)
    assert [id for id, _ in desk.messages] == ["1"]
    assert dead_letters(log) == []


def test_ops_hear_of_dead_letters_but_not_through_the_destination_that_caused_them(log, turn, turning, setup, desk, ops, clock):
    desk.answers = [Sent(Outcome.REJECTED, reason="no")]
    ops.answers = [Sent(Outcome.REJECTED, reason="neither")]
    put(log, delivery("1"))
    settle(turn)
    reporting = turning(Reporting(lambda: setup, clock=clock))
    reporting()
    settle(turn)
    assert (desk.attempts, ops.attempts) == (1, 1)
    reporting()
    settle(turn)
    assert (desk.attempts, ops.attempts) == (1, 1)  # a notice that is refused makes no further notice
    assert len(dead_letters(log)) == 2


def test_a_destination_that_refuses_everything_is_halted_and_goes_on_when_the_configuration_is_read_again(log, turning, setup, desk, clock):
    desk.answers = [Sent(Outcome.HALTED, reason="401")]
    put(log, delivery("1"), delivery("2"))
    from dataclasses import replace

    current = [setup]
    step = Sending(log, lambda: current[0], clock=clock, chance=lambda: 0.0)
    turn = turning(step)
    settle(turn)
    clock.passes(minutes=5)
    settle(turn)
    assert desk.attempts == 1
    current[0] = replace(setup)
    settle(turn)
    assert [id for id, _ in desk.messages] == ["1", "2"]
    step.close()


def test_what_was_never_taken_within_its_patience_is_given_up_and_a_dead_letter(log, turn, desk, clock):
    desk.answers = [Sent(Outcome.LATER, reason="503")]
    put(log, delivery("1"))
    settle(turn)
    clock.passes(days=7, seconds=1)
    settle(turn)
    assert desk.attempts == 1
    (letter,) = dead_letters(log)
    assert letter.reason == "given up: not delivered within its patience; last: 503"


def test_a_notifier_that_died_between_claim_and_receipt_repeats_that_one_message_with_the_same_id(log, sending, turning, desk):
    put(log, delivery("1"))
    first = turning(sending())
    first()
    until(lambda: desk.messages)  # sent, but its receipt is never written: the process is gone
    first.step._flights.clear()
    first.reader.close()
    settle(turning(sending()))
    assert [id for id, _ in desk.messages] == ["1", "1"]


def test_what_is_delivered_is_not_sent_again_after_a_restart(log, sending, turning, desk):
    put(log, *(delivery(str(n)) for n in range(5)))
    first = turning(sending())
    settle(first)
    first.reader.close()
    settle(turning(sending()))
    assert len(desk.messages) == 5


def test_a_delivery_that_stands_on_the_log_twice_is_sent_once(log, turn, desk):
    put(log, delivery("1"), delivery("1"))
    settle(turn)
    put(log, delivery("1"))
    settle(turn)
    assert len(desk.messages) == 1


def test_partitions_are_given_up_only_when_what_is_on_the_wire_has_its_receipt(log, turn, desk):
    put(log, delivery("1"))
    turn()
    turn.reader.close()
    assert receipts(log) == {"1": [Outcome.SENDING, Outcome.DELIVERED]}
    assert len(desk.messages) == 1


def test_a_channel_that_is_gone_keeps_its_messages_until_it_returns(log, turning, setup, clock, desk):
    from dataclasses import replace

    current = [replace(setup, destinations={})]
    step = Sending(log, lambda: current[0], clock=clock)
    turn = turning(step)
    put(log, delivery("1"))
    settle(turn)
    assert step.unsettled() == {"desk": 1}
    current[0] = setup
    settle(turn)
    assert len(desk.messages) == 1
    step.close()


def test_a_poison_delivery_is_a_dead_letter_and_the_next_one_goes_out(log, turn, desk):
    log.append([Output("deliveries", "desk", b"{"), Output("deliveries", "desk", encode(delivery("1")))])
    settle(turn)
    assert len(desk.messages) == 1
    (letter,) = [decode(record.value, DeadLetter) for record in log.read("dead-letters", 0)]
    assert letter.topic == "deliveries"


# Pace, edits, fallbacks


def test_a_service_is_told_no_faster_than_it_likes(log, turn, desk, clock):
    desk.manner = Manner(rates=(Rate(1, timedelta(seconds=1)), Rate(3, timedelta(minutes=1))))
    put(log, *(delivery(str(n)) for n in range(5)))
    sent = []
    for _ in range(70):
        settle(turn)
        sent.append(len(desk.messages))
        clock.passes(seconds=1)
    assert sent[:4] == [1, 2, 3, 3]
    assert sent[59:62] == [3, 4, 5]


def test_two_destinations_of_one_chat_share_its_pace_in_the_order_of_what_happened(log, turn, desk, ops, clock):
    desk.manner = ops.manner = Manner(rates=(Rate(1, timedelta(minutes=1)),), chat="c")
    made = [delivery("1"), delivery("2", to="ops"), delivery("3"), delivery("4", to="ops")]
    for number, one in enumerate(made):
        late = msgspec.structs.replace(one, created=NOON + timedelta(seconds=number))
        log.append([Output("deliveries", "c", encode(late))])
    told = []
    for _ in range(4):
        settle(turn)
        told.append(sorted(id for id, _ in desk.messages + ops.messages))
        clock.passes(minutes=1)
    assert told == [["1"], ["1", "2"], ["1", "2", "3"], ["1", "2", "3", "4"]]


def test_a_chat_that_is_slow_to_take_one_is_not_told_the_next_by_its_other_name(log, turn, desk, ops, clock):
    desk.manner = ops.manner = Manner(rates=(Rate(1, timedelta(minutes=1)),), chat="c")
    desk.gate.clear()
    log.append([Output("deliveries", "c", encode(delivery("1")))])
    turn()
    clock.passes(minutes=2)
    log.append([Output("deliveries", "c", encode(delivery("2", to="ops")))])
    turn()
    turn()
    assert ops.attempts == 0
    desk.gate.set()
    settle(turn)
    clock.passes(minutes=1)
    settle(turn)
    assert (len(desk.messages), len(ops.messages)) == (1, 1)


def test_a_service_that_was_slow_to_take_one_is_not_told_the_next_too_soon(log, turn, desk, clock):
    desk.manner = Manner(rates=(Rate(1, timedelta(minutes=1)),))
    desk.gate.clear()
    put(log, delivery("1"), delivery("2"))
    turn()
    clock.passes(seconds=30)  # it counts when the request reaches it, which may be now
    desk.gate.set()
    settle(turn)
    clock.passes(seconds=59)
    settle(turn)
    assert len(desk.messages) == 1
    clock.passes(seconds=1)
    settle(turn)
    assert len(desk.messages) == 2


def test_a_restart_does_not_forget_how_much_a_service_was_told(log, sending, turning, desk):
    desk.manner = Manner(rates=(Rate(1, timedelta(minutes=1)),))
    first = turning(sending())
    put(log, delivery("1"), delivery("2"))
    settle(first)
    first.reader.close()
    settle(turning(sending()))
    assert [id for id, _ in desk.messages] == ["1"]


def update(id: str, *, edits: str = "", to: str = "desk") -> Delivery:
    return msgspec.structs.replace(delivery(id, to), decision=Decision.UPDATE, reason="+3 sources", thread="1", edits=edits)


def test_further_sources_edit_the_message_where_the_service_can_do_that(log, turn, desk):
    desk.manner = Manner(edits=True)
    desk.answers = [Sent(Outcome.DELIVERED, message_id="m-1")]
    put(log, delivery("1"), update("2", edits="1"))
    settle(turn)
    assert desk.threads[1] == (None, Earlier("1", "m-1"))
    assert not desk.messages[1][1].title.startswith("UPDATE")
    assert "Why: " in desk.messages[1][1].body


def test_further_sources_are_a_short_message_where_it_can_not(log, turn, desk):
    put(log, delivery("1"), update("2", edits="1"))
    settle(turn)
    assert desk.threads[1] == (Earlier("1"), None)
    assert "UPDATE (+3 sources)" in desk.messages[1][1].title


def test_what_can_be_edited_no_more_is_told_anew(log, turn, desk):
    desk.manner = Manner(edits=True)
    desk.answers = [Sent(Outcome.DELIVERED, message_id="m-1"), Sent(Outcome.REJECTED, reason="edit_window_closed")]
    put(log, delivery("1"), update("2", edits="1"))
    settle(turn)
    assert desk.threads == [(None, None), (Earlier("1", "m-1"), None)]
    assert receipts(log)["2"][-1] is Outcome.DELIVERED


def test_a_new_fact_goes_into_the_thread_of_its_story_even_after_a_restart(log, sending, turning, desk):
    desk.answers = [Sent(Outcome.DELIVERED, message_id="m-1")]
    first = turning(sending())
    put(log, delivery("1"))
    settle(first)
    first.reader.close()
    put(log, update("2"))
    settle(turning(sending()))
    assert desk.threads[1] == (Earlier("1", "m-1"), None)


@pytest.fixture
def covered(setup):
    """The desk is told through ops when it could not be reached for ten minutes."""
    desk = dataclasses.replace(setup.config.channels["desk"], fallback=Fallback("ops", timedelta(minutes=10)))
    return dataclasses.replace(setup, config=dataclasses.replace(setup.config, channels={**setup.config.channels, "desk": desk}))


def test_a_fallback_hears_once_of_what_could_not_be_told_in_time(log, covered, clock, turning, desk, ops):
    step = Sending(log, lambda: covered, clock=clock, chance=lambda: 0.0)
    desk.answers = [Sent(Outcome.LATER, retry_after_s=3600)]
    put(log, delivery("1"), delivery("2"))
    turn = turning(step)
    settle(turn)
    clock.passes(minutes=9)
    settle(turn)
    assert ops.messages == []
    clock.passes(minutes=1)
    settle(turn)
    settle(turn)
    assert len(ops.messages) == 2
    assert "Sent here because desk could not be reached." in ops.messages[0][1].body
    clock.passes(hours=1)
    settle(turn)
    assert [id for id, _ in desk.messages] == ["1", "2"]
    assert len(ops.messages) == 2
    step.close()


def test_a_fallback_that_was_told_itself_is_not_told_in_anothers_place(log, covered, clock, turning, desk, ops):
    step = Sending(log, lambda: covered, clock=clock, chance=lambda: 0.0)
    desk.answers = [Sent(Outcome.LATER, retry_after_s=3600)]

    def told(id: str, **ways: Decision) -> Delivery:
        one = delivery(id)
        return msgspec.structs.replace(one, alert=msgspec.structs.replace(one.alert, destinations=ways))

    put(log, told("1", desk=Decision.NEW, ops=Decision.NEW), told("2", desk=Decision.NEW, ops=Decision.HELD), told("3", desk=Decision.NEW))
    turn = turning(step)
    settle(turn)
    clock.passes(minutes=10)
    settle(turn)
    settle(turn)
    assert ["Title 2" in ops.messages[0][1].title, "Title 3" in ops.messages[1][1].title, len(ops.messages)] == [True, True, 2]
    step.close()


def test_ops_hear_once_of_a_destination_that_refuses_everything(log, sending, turning, desk, ops, clock):
    desk.answers = [Sent(Outcome.LATER), *[Sent(Outcome.HALTED, reason="HTTP 401 invalid_auth")] * 20]
    put(log, delivery("1"), delivery("2"))
    for _ in range(3):
        turn = turning(sending())
        for _ in range(3):
            settle(turn)
            clock.passes(minutes=16)
        settle(turn)
        turn.reader.close()
    ((_, message),) = ops.messages
    assert message.title == "🟠 HIGH · desk refuses everything; its messages wait"
    assert "HTTP 401 invalid_auth" in message.body
    assert "alerts channels test desk" in message.body


def test_a_fallback_is_not_told_again_after_a_restart(log, covered, clock, turning, desk, ops):
    for _ in range(2):
        step = Sending(log, lambda: covered, clock=clock, chance=lambda: 0.0)
        desk.answers = [Sent(Outcome.LATER, retry_after_s=3600)]
        if not ops.messages:
            put(log, delivery("1"))
        turn = turning(step)
        settle(turn)
        clock.passes(minutes=11)
        settle(turn)
        settle(turn)
        turn.reader.close()
        step.close()
    assert len(ops.messages) == 1


def test_a_channel_that_was_tried_by_hand_gets_what_waited_for_it(log, turn, desk, clock):
    desk.answers = [Sent(Outcome.HALTED, reason="token revoked")]
    put(log, delivery("1"))
    settle(turn)
    clock.passes(seconds=30)
    settle(turn)
    assert desk.messages == []
    log.append([Output("silences", "mended/desk", encode(Mended(channel="desk", at=clock())))])
    clock.passes(seconds=3)
    settle(turn)
    assert [id for id, _ in desk.messages] == ["1"]


def test_a_dead_destination_gets_everything_in_order_after_a_day(log, turn, desk, ops, clock):
    desk.answers = [Sent(Outcome.LATER)] * 10_000
    put(log, *(delivery(str(n)) for n in range(5)))
    for hour in range(24):
        put(log, delivery(f"ops-{hour}", "ops"))
        settle(turn)
        clock.passes(hours=1)
    assert len(ops.messages) == 24
    assert desk.messages == []
    desk.answers = []
    clock.passes(hours=2)
    settle(turn)
    assert [id for id, _ in desk.messages] == [str(n) for n in range(5)]


def test_an_update_of_a_message_that_never_came_is_told_in_full(log, turn, desk):
    put(log, update("2", edits="1"))  # the first report was held, and is listed elsewhere
    settle(turn)
    assert "UPDATE (+3 sources)" in desk.messages[0][1].title
    assert "Why: " in desk.messages[0][1].body


def test_an_update_of_a_message_that_was_refused_is_told_in_full(log, turn, desk):
    desk.answers = [Sent(Outcome.REJECTED)]
    put(log, delivery("1"), update("2", edits="1"))
    settle(turn)
    assert "Why: " in desk.messages[0][1].body


def test_a_restart_with_nothing_waiting_does_not_forget_how_much_a_service_was_told(log, sending, turning, desk):
    desk.manner = Manner(rates=(Rate(1, timedelta(minutes=1)),))
    first = turning(sending())
    put(log, delivery("1"))
    settle(first)
    first.reader.close()
    second = turning(sending())
    settle(second)
    put(log, delivery("2"))
    settle(second)
    assert [id for id, _ in desk.messages] == ["1"]


def test_partitions_that_are_gained_again_do_not_count_what_was_told_twice(log, turn, sending, turning, desk):
    desk.manner = Manner(rates=(Rate(3, timedelta(minutes=1)),))
    put(log, delivery("1"), delivery("2"))
    settle(turn)
    turn.step.take(Batch(lost=turn.reader.assigned, gained=log.ends("deliveries")), turn.reader)
    put(log, delivery("3"))
    settle(turn)
    assert len(desk.messages) == 3


def test_a_clock_that_was_put_back_stops_no_destination(log, turn, desk, clock):
    desk.manner = Manner(rates=(Rate(1, timedelta(seconds=1)),))
    put(log, delivery("1"))
    settle(turn)
    put(log, msgspec.structs.replace(delivery("2"), created=NOON))
    clock.passes(days=-1)
    settle(turn)
    clock.passes(seconds=2)
    settle(turn)
    assert [id for id, _ in desk.messages] == ["1", "2"]


def test_a_clock_that_was_put_back_stretches_no_retry(log, turn, desk, clock):
    desk.answers = [Sent(Outcome.LATER)]
    put(log, delivery("1"))
    settle(turn)
    clock.passes(days=-1)
    settle(turn)
    clock.passes(seconds=2)
    settle(turn)
    assert len(desk.messages) == 1


def test_a_clock_that_was_put_back_does_not_keep_a_mended_channel_waiting(log, turn, desk, clock):
    desk.answers = [Sent(Outcome.HALTED)]
    put(log, delivery("1"))
    settle(turn)
    settle(turn)  # has looked whether the channel was mended
    clock.passes(hours=-1)
    settle(turn)
    assert len(desk.messages) == 1  # the attempt before lies in the future: its pause means nothing any more


def test_what_a_thread_refuses_is_told_outside_of_it(log, turn, desk):
    desk.answers = [Sent(Outcome.DELIVERED, message_id="m-1"), Sent(Outcome.REJECTED, reason="restricted_action_thread_locked")]
    put(log, delivery("1"), update("2"))
    settle(turn)
    assert desk.threads == [(None, None), (None, None)]
    assert receipts(log)["2"][-1] is Outcome.DELIVERED


def test_a_message_that_is_given_up_does_not_end_the_pause_that_its_service_asked_for(log, turn, desk, clock):
    desk.answers = [Sent(Outcome.LATER, retry_after_s=7200)]
    put(log, msgspec.structs.replace(delivery("1"), give_up=NOON + timedelta(hours=1)), delivery("2"))
    settle(turn)
    clock.passes(hours=1, minutes=1)
    settle(turn)
    settle(turn)
    assert desk.attempts == 1
    clock.passes(hours=1)
    settle(turn)
    assert [id for id, _ in desk.messages] == ["2"]
