"""When a feed is due."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.records import FeedState, Rhythm
from alerts.schedule import Want, adjusted, arrivals, first_due, interval_s, learned, mean_gap_s, next_due, rate, settled

NOW = datetime(2015, 11, 2, 10, tzinfo=UTC)
EVERY = timedelta(minutes=5)
HOUR = timedelta(hours=1)
DAY_S = 86_400


def after(**since: float) -> datetime:
    return NOW + timedelta(**since)


def feed_of(per_day: float, *, days: float = 8, entries: int = 50, ends: datetime = NOW) -> Rhythm:
    """A feed that has brought an item every so often, evenly, up to `ends`."""
    gap = timedelta(days=1 / per_day)
    came = [ends - gap * number for number in range(round(days * per_day))]
    return learned(None, sorted(came), now=NOW, entries=entries)


def wait_s(
    *, failures: int = 0, not_before: datetime | None = None, given: float | None = None, every: timedelta = EVERY, jitter: float = 0.5
) -> float:
    state = FeedState(failures=failures, not_before=not_before)
    return (next_due(state, now=NOW, every=every, wait_s=given, jitter=jitter) - NOW).total_seconds()


# The next poll


@pytest.mark.parametrize(("jitter", "due_s"), [(0.0, 270), (0.5, 300), (1.0, 300)])
def test_every_is_the_longest_a_healthy_feed_waits(jitter, due_s):
    assert wait_s(jitter=jitter) == due_s
    assert wait_s(jitter=jitter, given=10_000) == due_s


def test_an_interval_varies_by_a_tenth():
    assert [wait_s(given=100, jitter=jitter) for jitter in (0.0, 0.5, 1.0)] == [90, 100, 110]


def test_failures_double_the_interval_up_to_an_hour_and_never_stop_it():
    assert [wait_s(failures=count) for count in (1, 2, 3, 4, 5, 6, 1_000)] == [300, 600, 1_200, 2_400, 3_600, 3_600, 3_600]


def test_a_feed_that_is_read_once_a_day_is_not_read_more_often_for_failing():
    assert [wait_s(failures=count, every=timedelta(days=1)) for count in (1, 2, 50)] == [DAY_S] * 3


def test_what_a_server_wishes_outranks_the_schedule_and_never_hastens_it():
    assert wait_s(not_before=after(hours=2)) == 7_200
    assert wait_s(failures=1, not_before=after(hours=2)) == 7_200
    assert wait_s(not_before=after(seconds=10)) == 300


# First polls


def test_first_polls_are_spread_by_address_and_the_same_after_a_restart():
    due = [first_due(f"https://example.org/{number}", now=NOW, every=EVERY, feeds=1_000) for number in range(1_000)]
    waits = sorted((each - NOW).total_seconds() for each in due)
    assert 0 <= waits[0] < 1
    assert 59 < waits[-1] < 60
    assert 25 < waits[500] < 35
    assert due[7] == first_due("https://example.org/7", now=NOW, every=EVERY, feeds=1_000)


@pytest.mark.parametrize(
    ("feeds", "every", "within_s"), [(10, EVERY, 1), (100, EVERY, 10), (5_000, EVERY, 60), (5_000, timedelta(seconds=2), 2)]
)
def test_few_feeds_start_soon(feeds, every, within_s):
    waits = [first_due(f"https://example.org/{number}", now=NOW, every=every, feeds=feeds) - NOW for number in range(100)]
    assert timedelta(0) <= min(waits)
    assert max(waits) < timedelta(seconds=within_s)


def test_a_local_file_is_due_at_once():
    assert first_due("file:/feed.xml", now=NOW, every=EVERY, feeds=1_000) == NOW


# When items came


def test_an_item_came_between_two_polls_whatever_its_date_says():
    last = after(minutes=-10)
    came = arrivals([after(days=-3), after(minutes=-4), after(hours=2), None], last=last, now=NOW)
    assert came == [last, after(minutes=-5), after(minutes=-4), NOW]


def test_a_first_document_tells_of_the_past_by_its_dates_alone():
    assert arrivals([None, after(days=-3), after(hours=2)], last=None, now=NOW) == [after(days=-3)]


# The rhythm


@pytest.mark.parametrize("per_day", [2, 24, 300])
def test_the_rate_of_a_steady_feed_is_known_after_its_first_document(per_day):
    rhythm = feed_of(per_day)
    assert rate(rhythm, now=after(hours=1)) * DAY_S == pytest.approx(per_day, rel=0.35)
    assert DAY_S / mean_gap_s(rhythm) == pytest.approx(per_day, rel=0.25)


def test_nothing_is_expected_of_a_feed_that_has_long_been_silent():
    rhythm = feed_of(24)
    assert rate(rhythm, now=after(days=20)) < rate(rhythm, now=NOW) / 20


def test_five_items_of_the_last_hour_are_a_burst_and_it_passes():
    before = feed_of(4, days=10, ends=after(hours=-3))
    came = [after(minutes=-50 + 10 * number) for number in range(5)]
    rhythm = learned(before, came, now=NOW, entries=50)
    assert rate(rhythm, now=NOW) > 5 * rate(before, now=NOW)
    assert rate(rhythm, now=after(hours=4)) < 2 * rate(before, now=after(hours=4))


def test_what_comes_all_at_once_promises_no_more_to_come():
    """A feed that is filled once an hour, ten items at a time, is not in the middle of anything afterwards."""
    came = sorted(after(hours=-number, minutes=-1) for number in range(200) for _ in range(10))
    one_by_one = sorted(after(hours=-number, minutes=-1 - each) for number in range(200) for each in range(10))
    dumps, bursts = (learned(None, dates, now=NOW, entries=50) for dates in (came, one_by_one))
    assert rate(dumps, now=NOW) < rate(bursts, now=NOW) / 1.5


def test_the_hours_at_which_a_feed_brings_news_are_learned():
    came = [after(days=-day, hours=hour) for day in range(14, 0, -1) for hour in (0, 1, 2, 3)]
    rhythm = learned(None, came, now=NOW, entries=56)
    assert rate(rhythm, now=after(days=1, hours=2)) > 2 * rate(rhythm, now=after(days=1, hours=12))


def test_the_longest_silence_is_remembered():
    rhythm = learned(None, [after(days=-3), after(hours=-5), NOW], now=NOW, entries=3)
    assert rhythm.quiet_s == pytest.approx(67 * 3_600, rel=0.01)


dates = st.datetimes(datetime(2015, 10, 1), datetime(2015, 11, 2, 9), timezones=st.just(UTC))


def test_silences_of_long_ago_count_no_further_back_than_other_things():
    rhythm = learned(None, [after(days=-4_000), NOW], now=NOW, entries=2)
    assert rhythm.quiet_s == 16 * DAY_S


@given(st.lists(dates, max_size=30), st.floats(0, 1e6))
def test_a_rate_is_always_positive_and_an_interval_within_its_bounds(published, later_s):
    rhythm = learned(None, arrivals(published, last=None, now=NOW), now=NOW, entries=len(published))
    now = after(seconds=later_s)
    assert rate(rhythm, now=now) > 0
    assert 30 <= interval_s(Want(rhythm, 300), k=100, now=now) <= 300


# Intervals and the budget


def test_intervals_go_with_one_over_the_square_root_of_the_rate():
    slow, fast = (interval_s(Want(feed_of(per_day), 1e6), k=10, now=NOW) for per_day in (10, 160))
    assert slow / fast == pytest.approx(4, rel=0.2)


def test_no_feed_is_asked_more_often_than_every_half_minute_unless_its_own_every_is_shorter():
    assert interval_s(Want(feed_of(100), 300), k=0, now=NOW) == 30
    assert interval_s(Want(feed_of(100), 5), k=0, now=NOW) == 5


def test_no_entry_scrolls_out_of_a_short_document():
    busy = interval_s(Want(feed_of(300, entries=10), 1e6), k=1e9, now=NOW)
    assert busy <= 10 * DAY_S / 300 / 2


def test_a_wish_to_be_left_alone_longer_is_kept_in_the_reckoning():
    assert interval_s(Want(feed_of(100), 300, least_s=900), k=0, now=NOW) == 900


def cost_per_s(wants: list[Want], k: float) -> float:
    return sum(1 / interval_s(want, k=k, now=NOW) for want in wants)


@pytest.mark.parametrize("times", [1.2, 2.0, 5.0])
def test_all_feeds_together_cost_the_budget(times):
    chance = random.Random(5)
    wants = [Want(feed_of(chance.lognormvariate(1.5, 1.5) + 0.3, entries=100), 300) for _ in range(60)]
    budget = times * len(wants) / 300
    k = settled(wants, per_s=budget, now=NOW)
    assert cost_per_s(wants, k) == pytest.approx(budget, rel=0.05)
    for _ in range(30):
        k = adjusted(k, wants, per_s=budget / 1.1, now=NOW)
    assert cost_per_s(wants, k) == pytest.approx(budget / 1.1, rel=0.02)


def test_a_budget_below_what_every_alone_costs_leaves_each_feed_its_every():
    wants = [Want(feed_of(20), 300) for _ in range(5)]
    k = settled(wants, per_s=0.001, now=NOW)
    assert {interval_s(want, k=k, now=NOW) for want in wants} == {300}


def test_no_feeds_need_no_pace():
    assert adjusted(3.0, [], per_s=1, now=NOW) == 3.0
    assert settled([], per_s=1, now=NOW) == 1.0
