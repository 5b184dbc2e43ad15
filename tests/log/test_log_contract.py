"""What every log promises, whichever it is."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from alerts.errors import Fenced, LogError, RecordTooLarge
from alerts.log import Output, Topic, partition_of
from alerts.log.protocol import RECORD_BYTES_MAX
from tests.log.backends import TOPICS, Backend, Worker, eventually, everything, keys, outputs, share, take, take_each, whole

Start = Callable[..., Worker]


def test_a_record_is_read_as_it_was_appended(backend: Backend) -> None:
    log = backend.open()
    log.append([Output("out", "Raqqa", b"value", partition=1)])
    (record,) = log.read("out", 1)
    assert (record.topic, record.partition, record.key, record.value) == ("out", 1, "Raqqa", b"value")
    assert abs(record.time - datetime.now(UTC)) < timedelta(minutes=5)


@pytest.mark.parametrize("key", ["", "دير الزور", "a\0b", "\ud800 alone", "🛩" * 100, "k" * 5_000], ids=ascii)
def test_any_text_may_be_a_key(backend: Backend, key: str) -> None:
    log = backend.open()
    log.append([Output("in", key, b"v")])
    (record,) = log.read("in", partition_of(key, 4))
    assert record.key == key


@pytest.mark.parametrize(
    "value", [b"", b"\0", None, b"\xff\xfe\0garbage", b"{" * 50_000], ids=["empty", "nul", "tombstone", "garbage", "open"]
)
def test_any_bytes_may_be_a_value_and_none_is_a_tombstone(backend: Backend, value: bytes | None) -> None:
    log = backend.open()
    log.append([Output("in", "k", value)])
    (record,) = everything(log, "in")
    assert record.value == value


def test_the_key_decides_the_partition_unless_one_is_named(backend: Backend) -> None:
    log = backend.open()
    log.append(outputs(20))
    log.append([Output("in", "k3", b"elsewhere", partition=(partition_of("k3", 4) + 1) % 4)])
    records = everything(log, "in")
    assert all(record.partition == partition_of(record.key, 4) for record in records if record.value != b"elsewhere")
    assert [record.partition for record in records if record.value == b"elsewhere"] == [(partition_of("k3", 4) + 1) % 4]


def test_a_record_of_the_largest_size_passes_and_one_byte_more_does_not(backend: Backend) -> None:
    log = backend.open()
    log.append([Output("in", "k", b"x" * RECORD_BYTES_MAX)])
    with pytest.raises(RecordTooLarge):
        log.append([Output("in", "small", b"x"), Output("in", "k", b"x" * (RECORD_BYTES_MAX + 1))])
    assert [(record.key, len(record.value or b"")) for record in everything(log, "in")] == [("k", RECORD_BYTES_MAX)]


def test_a_large_record_reaches_a_reader(backend: Backend) -> None:
    log = backend.open()
    log.append([Output("in", f"k{number}", b"x" * RECORD_BYTES_MAX, partition=0) for number in range(3)])
    with log.reader("in", group="g") as reader:
        assert [len(record.value or b"") for record in take(reader, 3)] == [RECORD_BYTES_MAX] * 3


def test_records_of_a_partition_come_in_the_order_of_appending(backend: Backend) -> None:
    log = backend.open()
    for start in range(0, 60, 20):
        log.append(outputs(20, start=start))
    with log.reader("in", group="g") as reader:
        given = defaultdict(list)
        for record in take(reader, 60):
            given[record.partition].append(record)
    for partition, records in given.items():
        assert [record.offset for record in records] == sorted({record.offset for record in records})
        expected = [f"k{number}" for number in range(60) if partition_of(f"k{number}", 4) == partition]
        assert [record.key for record in records] == expected


def test_a_poll_gives_no_more_than_its_limit_and_the_next_goes_on(backend: Backend) -> None:
    log = backend.open()
    log.append(outputs(10, partition=0))
    with log.reader("in", group="g") as reader:
        sizes: list[int] = []
        found: list[str] = []
        while len(found) < 10:
            batch = reader.poll(0.5, limit=3)
            sizes.append(len(batch.records))
            found += [record.key for record in batch.records]
        assert max(sizes) <= 3
        assert found == [f"k{number}" for number in range(10)]


def test_partitions_are_gained_at_the_position_of_the_group(backend: Backend) -> None:
    log = backend.open()
    log.append(outputs(8, partition=2))
    with log.reader("in", group="g") as reader:
        batch = whole(reader, 8)
        assert batch.gained[2] == 0
        reader.commit(after=batch)
    with log.reader("in", group="g") as reader:
        gained: dict[int, int] = {}

        def all_gained() -> bool:
            gained.update(reader.poll(0.5).gained)
            return set(gained) == {0, 1, 2, 3} == reader.assigned

        eventually(all_gained)
        assert gained[2] > batch.records[-1].offset
        assert log.positions("in", group="g")[2] > batch.records[-1].offset


def test_a_poll_without_news_is_empty(backend: Backend) -> None:
    with backend.open().reader("in", group="g") as reader:
        share([reader])
        batch = reader.poll(0.05)
        assert not batch
        assert (batch.records, dict(batch.gained), batch.lost) == ((), {}, frozenset())


def test_outputs_and_position_are_committed_together(backend: Backend) -> None:
    log = backend.open()
    log.append(outputs(5, partition=0))
    with log.reader("in", group="g") as reader:
        batch = whole(reader, 5)
        reader.commit(outputs(5, topic="out"), after=batch)
        assert keys(everything(log, "out")) == ["k0", "k1", "k2", "k3", "k4"]
        assert log.lag("in", group="g") == 0
        assert log.positions("in", group="g")[0] >= batch.records[-1].offset + 1


def test_the_same_records_are_never_committed_twice(backend: Backend) -> None:
    log = backend.open()
    log.append(outputs(3, partition=0))
    with log.reader("in", group="g") as reader:
        batch = whole(reader, 3)
        reader.commit(outputs(3, topic="out"), after=batch)
        with pytest.raises(Fenced):
            reader.commit(outputs(3, topic="out"), after=batch)
    assert len(everything(log, "out")) == 3


def test_a_later_reader_goes_on_behind_what_was_committed(backend: Backend) -> None:
    log = backend.open()
    log.append(outputs(6, partition=0))
    with log.reader("in", group="g") as reader:
        first = reader.poll(1.0, limit=4)
        while not first.records:
            first = reader.poll(1.0, limit=4)
        reader.commit(after=first)
        given = len(first.records)
    with log.reader("in", group="g") as reader:
        assert keys(take(reader, 6 - given)) == [f"k{number}" for number in range(given, 6)]


def test_a_commit_without_a_batch_moves_no_position(backend: Backend) -> None:
    log = backend.open()
    log.append(outputs(3, partition=0))
    with log.reader("in", group="g") as reader:
        take(reader, 3)
        reader.commit(outputs(1, topic="out"))
    assert log.lag("in", group="g") >= 3
    assert keys(everything(log, "out")) == ["k0"]


def test_groups_read_independently(backend: Backend) -> None:
    log = backend.open()
    log.append(outputs(3, partition=0))
    with log.reader("in", group="matcher") as matcher, log.reader("in", group="archive") as archive:
        assert keys(take(matcher, 3)) == keys(take(archive, 3))


def test_after_a_commit_that_failed_everything_uncommitted_comes_again(backend: Backend) -> None:
    log = backend.open()
    with log.reader("in", group="g") as reader:
        share([reader])
        log.append(outputs(4, partition=0))
        batch = whole(reader, 4)
        with pytest.raises(RecordTooLarge):
            reader.commit([Output("out", "a", b"a"), Output("out", "b", b"x" * (RECORD_BYTES_MAX + 1))], after=batch)
        with pytest.raises(Fenced):
            reader.commit(outputs(1, topic="out"), after=batch)
        again = whole(reader, 4)
        share([reader])
        assert again.lost == reader.assigned
        assert 0 in again.gained
        assert again.records == batch.records
        reader.commit(outputs(1, topic="out"), after=again)
    assert keys(everything(log, "out")) == ["k0"]
    assert log.lag("in", group="g") == 0


def test_garbage_on_a_topic_reaches_the_reader_untouched_and_can_be_passed(backend: Backend) -> None:
    log = backend.open()
    log.append(outputs(1, partition=0))
    backend.plant("in", key=b"\xff\xfe\x80", value=b"\x00\xffgarbage")
    log.append(outputs(1, start=1, partition=0))
    with log.reader("in", group="g") as reader:
        batch = whole(reader, 3)
        values = [record.value for record in batch.records]
        assert values == [b"v0", b"\x00\xffgarbage", b"v1"]
        reader.commit(after=batch)
    assert [record.value for record in log.read("in", 0)] == values
    assert log.lag("in", group="g") == 0


def test_two_members_share_the_partitions_until_one_leaves(backend: Backend) -> None:
    log, other = backend.open("one"), backend.open("two")
    with log.reader("in", group="g") as first:
        second = other.reader("in", group="g")
        share([first, second])
        assert first.assigned | second.assigned == {0, 1, 2, 3}
        assert set(log.members("in", group="g")) == {"one", "two"}
        log.append([output for partition in range(4) for output in outputs(2, start=2 * partition, partition=partition)])
        mine, theirs = take_each([first, second], 4)
        assert {record.partition for record in mine} == first.assigned
        assert keys([*mine, *theirs]) == [f"k{number}" for number in range(8)]
        other.close()
        handed_over = share([first])
        assert log.members("in", group="g") == ("one",)
        assert keys([*handed_over, *take(first, 4 - len(handed_over))]) == keys(theirs)


def test_what_one_member_gives_up_it_commits_before_and_another_sees_it_and_goes_on_behind(backend: Backend) -> None:
    log, other = backend.open("one"), backend.open("two")
    log.append([output for partition in range(4) for output in outputs(3, start=3 * partition, partition=partition)])
    given_up: list[frozenset[int]] = []

    def finish(partitions: frozenset[int]) -> None:
        if not given_up:
            first.commit([Output("state", record.key, record.value) for record in held.records], after=held)
        given_up.append(partitions)

    with log.reader("in", group="g", on_revoke=finish) as first:
        held = whole(first, 12)
        with other.reader("in", group="g") as second:
            folded: dict[int, list[str]] = {}

            def shared() -> bool:
                first.poll(0.1)
                batch = second.poll(0.1)
                assert not batch.records
                for partition in batch.gained:
                    folded[partition] = keys(other.read("state", 0))
                return len(first.assigned) == len(second.assigned) == 2

            eventually(shared)
            assert second.assigned <= frozenset.union(*given_up)
            assert all(folded[partition] == [f"k{number}" for number in range(12)] for partition in second.assigned)


def test_what_was_not_committed_comes_again_after_a_rebalance(backend: Backend) -> None:
    log, other = backend.open("one"), backend.open("two")
    log.append([output for partition in range(4) for output in outputs(2, start=2 * partition, partition=partition)])
    with log.reader("in", group="g") as first:
        assert len(take(first, 8)) == 8
        with other.reader("in", group="g") as second:
            again = []
            lost: set[int] = set()

            def shared() -> bool:
                lost.update(first.poll(0.1).lost)
                again.extend(second.poll(0.1).records)
                return bool(second.assigned) and {record.partition for record in again} >= second.assigned

            eventually(shared)
            assert lost >= second.assigned
            assert {record.key for record in again} >= {
                f"k{number}" for partition in second.assigned for number in (2 * partition, 2 * partition + 1)
            }


def test_a_reader_that_leaves_calls_on_revoke_and_may_commit(backend: Backend) -> None:
    log = backend.open()
    log.append(outputs(2, partition=0))
    reader = log.reader("in", group="g", on_revoke=lambda _: reader.commit(outputs(2, topic="out"), after=batch))
    batch = whole(reader, 2)
    reader.close()
    assert keys(everything(log, "out")) == ["k0", "k1"]
    assert log.lag("in", group="g") == 0


def test_a_member_whose_last_commit_fails_leaves_all_the_same(backend: Backend) -> None:
    log = backend.open()
    log.append(outputs(2, partition=0))
    too_large = [Output("out", "k", b"x" * (RECORD_BYTES_MAX + 1))]
    reader = log.reader("in", group="g", on_revoke=lambda _: reader.commit(too_large, after=batch))
    batch = whole(reader, 2)
    reader.close()
    with log.reader("in", group="g") as another:
        assert keys(take(another, 2)) == ["k0", "k1"]


def test_a_member_without_fetching_gets_partitions_and_commits_but_no_records(backend: Backend) -> None:
    log = backend.open()
    log.append(outputs(4))
    with log.reader("in", group="pollers", fetch=False) as reader:
        share([reader])
        assert not reader.poll(0.2).records
        reader.commit(outputs(1, topic="out"))
    assert keys(everything(log, "out")) == ["k0"]


def test_read_gives_the_range_asked_for(backend: Backend) -> None:
    log = backend.open()
    log.append(outputs(10, topic="state"))
    offsets = [record.offset for record in log.read("state", 0)]
    assert [record.offset for record in log.read("state", 0, start=offsets[3], end=offsets[7])] == offsets[3:7]
    assert list(log.read("state", 0, start=log.ends("state")[0])) == []
    assert list(log.read("state", 0, start=0, end=0)) == []


def test_read_ends_where_the_log_ended_at_the_call(backend: Backend) -> None:
    log = backend.open()
    log.append(outputs(3, topic="state"))
    found = log.read("state", 0)
    log.append(outputs(3, topic="state", start=3))
    assert keys(found) == ["k0", "k1", "k2"]


def test_read_goes_through_more_than_one_batch(backend: Backend) -> None:
    log = backend.open()
    log.append(outputs(1_300, topic="state"))
    assert [record.key for record in log.read("state", 0)] == [f"k{number}" for number in range(1_300)]


def test_ends_positions_and_lag_of_an_untouched_log_are_zero(backend: Backend) -> None:
    log = backend.open()
    assert log.ends("in") == {0: 0, 1: 0, 2: 0, 3: 0} == log.positions("in", group="nobody")
    assert log.lag("in", group="nobody") == 0
    assert log.members("in", group="nobody") == ()


def test_ends_and_lag_grow_with_the_records(backend: Backend) -> None:
    log = backend.open()
    log.append(outputs(5, partition=1))
    (last,) = list(log.read("in", 1))[-1:]
    assert log.ends("in")[1] > last.offset
    assert log.ends("in")[0] == 0
    assert log.lag("in", group="g") >= 5


def test_a_log_opened_again_holds_what_it_held(backend: Backend) -> None:
    with backend.open() as log:
        log.append(outputs(5))
    with backend.open() as log:
        assert keys(everything(log, "in")) == keys(everything(backend.open("two"), "in")) == ["k0", "k1", "k2", "k3", "k4"]


def test_a_topic_keeps_the_number_of_partitions_that_it_was_made_with(backend: Backend) -> None:
    backend.open().append(outputs(8))
    more = [Topic("in", partitions=16), *TOPICS[1:]]
    log = backend.open("two", topics=more)
    assert log.partitions("in") == 4
    log.append(outputs(8, start=8))
    assert all(record.partition == partition_of(record.key, 4) for record in everything(log, "in"))


def test_a_waiting_reader_is_woken_by_an_append_of_another_thread(backend: Backend) -> None:
    log = backend.open()
    with log.reader("in", group="g") as reader, ThreadPoolExecutor() as pool:
        share([reader])
        for number in range(5):
            waiting = pool.submit(reader.poll, 30.0)
            log.append(outputs(1, start=number))
            assert keys(waiting.result(timeout=20.0).records) == [f"k{number}"]


def test_a_waiting_reader_is_woken_by_an_append_of_another_process(backend: Backend, start: Start) -> None:
    log, worker = backend.open(), start(backend)
    with log.reader("in", group="g") as reader:
        share([reader])
        for number in range(5):
            worker.tell("append", f"k{number}")
            assert keys(reader.poll(30.0).records) == [f"k{number}"]
            assert worker.hear() is True


def test_wake_ends_a_poll_that_waits_and_is_remembered_by_one_that_does_not(backend: Backend) -> None:
    log = backend.open()
    with log.reader("in", group="g") as reader, ThreadPoolExecutor() as pool:
        share([reader])
        started = threading.Event()

        def wait() -> object:
            started.set()
            return reader.poll(60.0)

        waiting = pool.submit(wait)
        started.wait()
        reader.wake()
        assert not waiting.result(timeout=20.0)
        reader.wake()
        assert not pool.submit(reader.poll, 60.0).result(timeout=20.0)


def test_a_claim_is_had_by_the_one_who_asks_first_and_stays(backend: Backend) -> None:
    log = backend.open()
    assert log.claim("run")
    assert log.claim("run")


def test_closing_twice_is_no_mistake_and_a_closed_log_says_so(backend: Backend) -> None:
    log = backend.open()
    reader = log.reader("in", group="g")
    reader.close()
    reader.close()
    log.close()
    log.close()
    with pytest.raises(LogError):
        log.append(outputs(1))
    with pytest.raises(LogError):
        reader.poll(0.0)


def test_an_unknown_topic_is_named(backend: Backend) -> None:
    log = backend.open()
    with pytest.raises(LogError, match="nonsense"):
        log.append([Output("nonsense", "k", b"v")])
    with pytest.raises(LogError, match="nonsense"):
        log.ends("nonsense")
