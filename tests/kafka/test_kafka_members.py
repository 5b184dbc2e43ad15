"""Members of a group on Kafka: names, takeover, and that nobody commits for what is another's."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest

from alerts.errors import Fenced, LogUnavailable
from alerts.log import Batch, Output
from alerts.log._kafka_address import address_of
from alerts.log._kafka_clients import Clients
from alerts.log._kafka_transactions import Transactions, Written
from alerts.log.kafka import KafkaLog
from tests.kafka.helpers import all_keys, eventually, fresh_url, next_batch, numbered, opened, own_everything, take

pytestmark = pytest.mark.kafka


@pytest.fixture
def url(kafka_servers: str) -> str:
    return fresh_url(kafka_servers)


@pytest.fixture
def log(url: str) -> Iterator[KafkaLog]:
    with opened(url) as log:
        yield log


def test_two_readers_of_one_process_share_a_group_under_two_names(log: KafkaLog) -> None:
    with log.reader("in", group="g") as first, log.reader("in", group="g") as second:

        def shared() -> bool:
            first.poll(0.1)
            second.poll(0.1)
            return len(first.assigned) == len(second.assigned) == 2

        eventually(shared)
        assert log.members("in", group="g") == ("one", "one-2")


def test_a_member_that_died_and_comes_back_has_its_partitions_before_its_session_is_over(url: str, log: KafkaLog) -> None:
    with log.reader("in", group="g") as stays:
        own_everything(stays)
        mortal = opened(url, "two")
        dies = mortal.reader("in", group="g")

        def shared() -> bool:
            stays.poll(0.1)
            dies.poll(0.1)
            return len(stays.assigned) == len(dies.assigned) == 2

        eventually(shared)
        mortal._release()
        with opened(url, "two") as reborn, reborn.reader("in", group="g") as again:
            own_everything(again, partitions=2)
            assert not stays.poll(0.1).lost
            assert again.assigned.isdisjoint(stays.assigned)


def test_what_the_cluster_has_taken_away_cannot_be_committed_for_and_comes_again(url: str, log: KafkaLog) -> None:
    from kafka.admin import MemberToRemove

    with log.reader("in", group="g") as reader:
        own_everything(reader)
        log.append(numbered(3, partition=0))
        batch = next_batch(reader)
        log._admin.remove_group_members(log._group("in", "g"), [MemberToRemove(group_instance_id="one")])
        with pytest.raises(Fenced):
            reader.commit(numbered(3, topic="out"), after=batch)
        with pytest.raises(Fenced):
            reader.commit(numbered(3, topic="out"))
        again = next_batch(reader)
        assert again.lost == {0, 1, 2, 3} == set(again.gained)
        assert [record.key for record in again.records] == ["k0", "k1", "k2"]
        reader.commit(numbered(3, topic="out"), after=again)
    assert all_keys(log, "out") == ["k0", "k1", "k2"]


def test_a_claim_that_moves_no_position_is_fenced_too(log: KafkaLog) -> None:
    from kafka.admin import MemberToRemove

    with log.reader("in", group="g", fetch=False) as reader:
        own_everything(reader)
        log._admin.remove_group_members(log._group("in", "g"), [MemberToRemove(group_instance_id="one")])
        with pytest.raises(Fenced):
            reader.commit(numbered(1, topic="out"))
    assert all_keys(log, "out") == []


def test_two_processes_under_one_name_end_up_as_two_members(url: str, log: KafkaLog, caplog: pytest.LogCaptureFixture) -> None:
    from alerts.log import kafka as backend

    log.append(numbered(8))
    with log.reader("in", group="g") as older:
        own_everything(older)
        backend._names.clear()  # what another process would not know of
        with opened(url) as twin, twin.reader("in", group="g") as newer, caplog.at_level(logging.WARNING):
            own_everything(newer)
            with pytest.raises(Fenced):
                older.commit(numbered(1, topic="out"))

            def shared() -> bool:
                older.poll(0.1)
                newer.poll(0.1)
                return len(older.assigned) == len(newer.assigned) == 2

            eventually(shared)
            older.commit(numbered(1, topic="out"))
            newer.commit(numbered(1, topic="out", start=1))
            assert "another process took this member's name on the log; set ALERTS_INSTANCE" in caplog.messages
    assert all_keys(log, "out") == ["k0", "k1"]


def test_a_member_whose_name_was_taken_notices_without_a_commit(url: str, log: KafkaLog) -> None:
    from alerts.log import kafka as backend

    with log.reader("in", group="g") as older:
        own_everything(older)
        backend._names.clear()
        with opened(url) as twin, twin.reader("in", group="g") as newer:

            def shared() -> bool:
                older.poll(0.1)
                newer.poll(0.1)
                return len(older.assigned) == len(newer.assigned) == 2

            eventually(shared)
            assert older.assigned.isdisjoint(newer.assigned)


def test_positions_of_a_failed_commit_never_travel_with_a_later_one(log: KafkaLog) -> None:
    from kafka.admin import MemberToRemove

    with log.reader("in", group="g") as reader:
        own_everything(reader)
        log.append([*numbered(2, partition=0), *numbered(2, start=2, partition=1)])
        batch = next_batch(reader)
        log._admin.remove_group_members(log._group("in", "g"), [MemberToRemove(group_instance_id="one")])
        with pytest.raises(Fenced):
            reader.commit(after=batch)
        again = take(reader, 4)
        reader.commit(after=Batch(tuple(record for record in again if record.partition == 1)))
        positions = log.positions("in", group="g")
        assert (positions[0], positions[1]) == (0, 2)


def test_a_leader_that_waits_long_for_the_others_takes_its_partitions_all_the_same(url: str, log: KafkaLog) -> None:
    with log.reader("in", group="g") as leader:
        own_everything(leader)
        with opened(url, "two") as other, other.reader("in", group="g") as follower:

            def shared(partitions: int) -> bool:
                leader.poll(0.1)
                follower.poll(0.1)
                return len(leader.assigned) == len(follower.assigned) == partitions // 2

            eventually(lambda: shared(4))
            log._admin.create_partitions({f"{log._prefix}in": 6})
            session = leader._session
            assert session is not None

            def joining() -> bool:
                session._client.cluster.request_update()
                leader.poll(0.1)
                return bool(session._consumer.group_metadata().state == "<rebalancing>")

            eventually(joining)
            leader.poll(0.1)
            eventually(lambda: not leader._events.empty())  # its poll was in vain: the follower has not answered yet

            def follower_done() -> bool:
                follower.poll(0.1)
                return len(follower.assigned) == 3

            eventually(follower_done)
            eventually(lambda: shared(6))


def test_an_old_batch_cannot_take_a_position_back(log: KafkaLog) -> None:
    log.append(numbered(2, partition=0))
    with log.reader("in", group="g") as reader:
        batch = next_batch(reader)
        reader.commit(after=batch)
        with pytest.raises(Fenced):
            reader.commit(numbered(1, topic="out"), after=batch)
    assert all_keys(log, "out") == []


def test_an_open_transaction_hides_its_records_and_delays_no_reader_for_ever(url: str, log: KafkaLog) -> None:
    from kafka import KafkaProducer

    address = address_of(url)
    dead = KafkaProducer(bootstrap_servers=address.servers, transactional_id=f"{address.prefix}dead", transaction_timeout_ms=2000)
    dead.init_transactions()
    dead.begin_transaction()
    dead.send(f"{address.prefix}state", key=b"open", value=b"v", partition=0).get(timeout=10)
    log.append([Output("state", "k1", b"v")])
    assert [record.key for record in log.read("state", 0)] == ["k1"]
    assert log.lag("state", group="nobody") == 1
    dead._sender.force_close()
    dead.close(timeout=5)


def test_a_transaction_that_the_cluster_timed_out_is_no_success(url: str) -> None:
    address = address_of(url)
    with opened(url) as log:
        transactions = Transactions(Clients(address, instance="slow", transaction_s=1.0), f"{address.prefix}slow")
        first, second = (Written(f"{address.prefix}out", 0, key, b"v") for key in (b"k0", b"k1"))

        def slowly() -> Iterator[Written]:
            yield first
            # As long as it takes until the cluster has aborted what was begun: then the end that can be read moves.
            eventually(lambda: log._offsets("out", -1, "read_committed")[0] >= 2)
            yield second

        with pytest.raises((Fenced, LogUnavailable)):
            transactions.run(slowly())
        assert all_keys(log, "out") == []
        transactions.run([first])
        assert all_keys(log, "out") == ["k0"]
        transactions.close()


def test_wake_ends_a_poll_of_another_thread_at_once(log: KafkaLog) -> None:
    with log.reader("in", group="g") as reader:
        own_everything(reader)
        timer = threading.Timer(0.05, reader.wake)
        timer.start()
        assert not reader.poll(60.0)
        timer.join()


def test_partitions_that_a_member_was_giving_up_when_it_started_anew_find_their_owner(url: str, log: KafkaLog) -> None:
    """A fenced commit while partitions move: the second half of the move is another member's, and must not be forgotten."""
    anew: list[frozenset[int]] = []

    def start_anew(partitions: frozenset[int]) -> None:
        if not anew:
            anew.append(partitions)
            first._start_anew()

    with log.reader("in", group="g", on_revoke=start_anew) as first, opened(url, "two") as other:
        own_everything(first)
        with other.reader("in", group="g") as second:

            def shared() -> bool:
                first.poll(0.1)
                second.poll(0.1)
                return bool(anew) and first.assigned | second.assigned == {0, 1, 2, 3} and first.assigned.isdisjoint(second.assigned)

            eventually(shared)
