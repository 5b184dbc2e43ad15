"""What is remembered of a feed, in a large record and a small one."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from alerts.records import FeedState, KnownEntry, encode
from alerts.schedule import learned
from alerts.stages.feed_states import feed_states, small, whole
from tests.builders import NOON
from tests.stages.conftest import put

KEY = "https://example.org/feed.xml"
READ = FeedState(name="World", etag='"1"', polled=NOON, succeeded=NOON, seen={"a": "1"}, rhythm=learned(None, [NOON], now=NOON, entries=1))


def test_a_poll_without_news_changes_what_it_changes_and_keeps_the_rest(log):
    later = replace(READ, etag='"2"', polled=NOON + timedelta(minutes=5), failures=1, reason="no answer")
    log.append([whole(KEY, READ), small(KEY, later, partitions=2)])
    assert feed_states(log) == {KEY: later}


def test_a_small_record_that_is_older_than_the_whole_state_changes_nothing(log):
    later = replace(READ, polled=NOON + timedelta(minutes=5), etag='"2"')
    log.append([small(KEY, READ, partitions=2), whole(KEY, later)])
    assert feed_states(log) == {KEY: later}


def test_a_feed_that_was_never_read_has_only_a_small_record(log):
    failed = FeedState(name="World", polled=NOON, failures=3, reason="no answer", failing=NOON)
    log.append([small(KEY, failed, partitions=2)])
    assert feed_states(log) == {KEY: failed}


def test_a_small_record_stays_small_however_much_is_known_of_the_feed():
    state = replace(READ, seen={f"{number:032x}": f"{number:032x}" for number in range(5_000)})
    assert len(small(KEY, state, partitions=2).value) < 300


def test_both_records_of_a_feed_are_in_one_partition(log):
    log.append([whole(KEY, READ), small(KEY, READ, partitions=2)])
    assert sorted(log.ends("feeds").values()) == [0, 2]


def test_a_state_that_cannot_be_read_is_said_and_the_others_stand(log, caplog):
    put(log, "feeds", b"{", key="https://example.org/broken")
    put(log, "feeds", b'{"polled": 1}', key="polled/" + KEY)
    log.append([whole(KEY, READ)])
    assert feed_states(log) == {KEY: READ}
    assert [record.message for record in caplog.records] == ["a feed's state cannot be read; it starts anew"] * 2


def test_a_state_too_large_for_the_log_goes_without_what_saves_reading_entries_again(log):
    entries = tuple(KnownEntry(f"{number:064x}", f"{number:064x}", f"{number:064x}") for number in range(5_000))
    state = replace(READ, entries=entries)
    assert len(encode(state)) > 900_000
    log.append([whole(KEY, state)])
    assert feed_states(log) == {KEY: READ}
