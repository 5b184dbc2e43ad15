"""When a feed is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.errors import FeedError
from alerts.records import FeedState
from alerts.schedule import first_due, next_due

NOW = datetime(2015, 11, 2, 10, tzinfo=UTC)
EVERY = timedelta(minutes=5)


def wait_s(
    *, failures: int = 0, retry_after_s: float | None = None, failed: bool = False, every: timedelta = EVERY, jitter: float = 0.0
) -> float:
    error = FeedError("503", status=503, retry_after_s=retry_after_s) if failed or failures or retry_after_s is not None else None
    return (next_due(FeedState(failures=failures), now=NOW, every=every, error=error, jitter=jitter) - NOW).total_seconds()


def test_a_healthy_feed_is_due_every_so_often_and_never_later() -> None:
    assert wait_s(jitter=0.0) == 300
    assert wait_s(jitter=1.0) == 270


def test_failures_double_the_interval_up_to_an_hour_and_never_stop_it() -> None:
    assert [wait_s(failures=count) for count in (1, 2, 3, 4, 5, 6, 1_000)] == [300, 600, 1_200, 2_400, 3_600, 3_600, 3_600]


def test_a_feed_that_is_read_once_a_day_is_not_read_more_often_for_failing() -> None:
    day = timedelta(days=1)
    assert [wait_s(failures=count, every=day) for count in (1, 2, 50)] == [86_400] * 3


def test_retry_after_outranks_the_interval() -> None:
    assert wait_s(failures=1, retry_after_s=7_200) == 7_200
    assert wait_s(failures=1, retry_after_s=10) == 300


def test_first_polls_are_spread_by_address_and_the_same_after_a_restart() -> None:
    due = [first_due(f"https://example.org/{number}", now=NOW, every=EVERY, feeds=1_000) for number in range(1_000)]
    waits = sorted((each - NOW).total_seconds() for each in due)
    assert 0 <= waits[0] < 1
    assert 59 < waits[-1] < 60
    assert 25 < waits[500] < 35
    assert due[7] == first_due("https://example.org/7", now=NOW, every=EVERY, feeds=1_000)


@pytest.mark.parametrize(
    ("feeds", "every", "within_s"), [(10, EVERY, 1), (100, EVERY, 10), (5_000, EVERY, 60), (5_000, timedelta(seconds=2), 2)]
)
def test_few_feeds_start_soon(feeds: int, every: timedelta, within_s: float) -> None:
    waits = [first_due(f"https://example.org/{number}", now=NOW, every=every, feeds=feeds) - NOW for number in range(100)]
    assert timedelta(0) <= min(waits)
    assert max(waits) < timedelta(seconds=within_s)


def test_a_local_file_is_due_at_once() -> None:
    assert first_due("file:/feed.xml", now=NOW, every=EVERY, feeds=1_000) == NOW
