"""Quiet hours and the instants of digests, on the clocks of people."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.records import QuietHours, Severity, Way
from alerts.routing import due, next_boundary, quiet_until

BERLIN = "Europe/Berlin"  # 2026: forward on 29 March at 2:00, back on 25 October at 3:00


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def quiet(start: str, end: str, zone: str = "UTC", but: Severity | None = None) -> QuietHours:
    return QuietHours(start=time.fromisoformat(start), end=time.fromisoformat(end), zone=zone, but=but)


def test_quiet_hours_end_in_the_morning_whether_they_began_today_or_yesterday():
    night = quiet("22:00", "06:00")
    assert quiet_until(night, at("2026-01-10T22:00")) == at("2026-01-11T06:00")
    assert quiet_until(night, at("2026-01-11T05:59:59")) == at("2026-01-11T06:00")
    assert quiet_until(night, at("2026-01-11T06:00")) is None
    assert quiet_until(night, at("2026-01-11T21:59:59")) is None


def test_quiet_hours_within_a_day_do_not_reach_into_the_next():
    lunch = quiet("12:00", "14:00")
    assert quiet_until(lunch, at("2026-01-10T13:00")) == at("2026-01-10T14:00")
    assert quiet_until(lunch, at("2026-01-11T02:00")) is None


def test_quiet_hours_are_those_of_the_zone():
    assert quiet_until(quiet("22:00", "06:00", "Asia/Damascus"), at("2026-01-10T19:30")) == at("2026-01-11T03:00")


def test_the_night_in_which_the_clock_is_put_forward_is_an_hour_shorter():
    assert quiet_until(quiet("22:00", "06:00", BERLIN), at("2026-03-28T22:00")) == at("2026-03-29T04:00")


def test_the_night_in_which_the_clock_is_put_back_is_an_hour_longer():
    assert quiet_until(quiet("22:00", "06:00", BERLIN), at("2026-10-24T21:00")) == at("2026-10-25T05:00")


def test_an_end_that_is_left_out_is_the_moment_of_the_leap():
    night = quiet("22:00", "02:30", BERLIN)
    assert quiet_until(night, at("2026-03-29T00:59:59")) == at("2026-03-29T01:00")
    assert quiet_until(night, at("2026-03-29T01:00")) is None


def test_an_end_that_comes_twice_is_the_second_so_that_nobody_is_woken_early():
    night = quiet("22:00", "02:30", BERLIN)
    assert quiet_until(night, at("2026-10-25T00:30")) == at("2026-10-25T01:30")
    assert quiet_until(night, at("2026-10-25T01:30")) is None


def test_a_start_that_comes_twice_is_the_first():
    assert quiet_until(quiet("02:30", "06:00", BERLIN), at("2026-10-25T00:30")) == at("2026-10-25T05:00")


def test_a_start_that_is_left_out_is_the_moment_of_the_leap():
    assert quiet_until(quiet("02:30", "06:00", BERLIN), at("2026-03-29T01:00")) == at("2026-03-29T04:00")


@pytest.mark.parametrize(
    ("every", "now", "then"),
    [
        (timedelta(hours=1), "2026-01-10T12:00", "2026-01-10T13:00"),
        (timedelta(minutes=15), "2026-01-10T12:14:59", "2026-01-10T12:15"),
        (timedelta(hours=6), "2026-01-10T23:10", "2026-01-11T00:00"),
        (timedelta(hours=5), "2026-01-10T22:10", "2026-01-11T00:00"),
        (timedelta(days=1), "2026-01-10T00:00", "2026-01-11T00:00"),
        (timedelta(days=7), "2026-01-10T12:00", "2026-01-12T00:00"),  # a Monday
        (timedelta(days=7), "2026-01-12T00:00", "2026-01-19T00:00"),
    ],
)
def test_a_digest_comes_on_the_hour_at_midnight_on_monday(every: timedelta, now: str, then: str):
    assert next_boundary(at(now), every=every, zone=ZoneInfo("UTC")) == at(then)


def test_a_daily_digest_comes_at_the_midnight_of_its_zone_in_summer_and_in_winter():
    daily = {"every": timedelta(days=1), "zone": ZoneInfo(BERLIN)}
    assert next_boundary(at("2026-03-28T12:00"), **daily) == at("2026-03-28T23:00")
    assert next_boundary(at("2026-03-29T12:00"), **daily) == at("2026-03-29T22:00")
    assert next_boundary(at("2026-10-25T12:00"), **daily) == at("2026-10-25T23:00")


def test_an_hourly_digest_comes_in_both_of_the_hours_that_are_called_two():
    hourly = {"every": timedelta(hours=1), "zone": ZoneInfo(BERLIN)}
    assert next_boundary(at("2026-10-25T00:10"), **hourly) == at("2026-10-25T01:00")
    assert next_boundary(at("2026-10-25T01:10"), **hourly) == at("2026-10-25T02:00")


def test_of_several_ways_the_first_that_opens_counts():
    ways = [
        Way(severity=Severity.HIGH, digest=timedelta(hours=1)),
        Way(severity=Severity.HIGH, quiet=quiet("11:00", "12:30")),
    ]
    assert due(ways, now=at("2026-01-10T12:00")) == at("2026-01-10T12:30")
    assert due([*ways, Way(severity=Severity.LOW)], now=at("2026-01-10T12:00")) == at("2026-01-10T12:00")


def test_a_digest_that_falls_into_quiet_hours_waits_for_their_end():
    way = Way(severity=Severity.HIGH, digest=timedelta(hours=1), quiet=quiet("22:00", "06:00"))
    assert due([way], now=at("2026-01-10T21:30")) == at("2026-01-11T06:00")


def test_a_severity_may_break_through_quiet_hours():
    night = quiet("22:00", "06:00", but=Severity.CRITICAL)
    now = at("2026-01-10T23:00")
    assert due([Way(severity=Severity.CRITICAL, quiet=night)], now=now) == now
    assert due([Way(severity=Severity.HIGH, quiet=night)], now=now) == at("2026-01-11T06:00")


zones = st.sampled_from(["UTC", BERLIN, "Asia/Damascus", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe", "Africa/Casablanca"])
instants = st.datetimes(datetime(2009, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))
hours = st.times(timezones=st.none()).map(lambda one: one.replace(second=0, microsecond=0))


@given(hours, hours, zones, instants)
def test_quiet_hours_end_after_now_and_outside_of_themselves(start: time, end: time, zone: str, now: datetime):
    hours = QuietHours(start=start, end=end, zone=zone)
    if start != end and (until := quiet_until(hours, now)) is not None:
        assert now < until <= now + timedelta(hours=50)
        assert quiet_until(hours, until) is None or quiet_until(hours, until) > until


@given(
    st.sampled_from(
        [timedelta(minutes=1), timedelta(minutes=7), timedelta(hours=1), timedelta(hours=5), timedelta(days=1), timedelta(days=7)]
    ),
    zones,
    instants,
)
def test_the_next_digest_is_after_now_and_no_further_than_its_interval_and_a_leap(every: timedelta, zone: str, now: datetime):
    then = next_boundary(now, every=every, zone=ZoneInfo(zone))
    assert now < then <= now + every + timedelta(hours=25)
