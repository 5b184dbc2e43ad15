"""What a poll leaves behind, and how long servers and feeds may ask us to wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from alerts.errors import FeedError
from alerts.feeds import Answer, Wishes
from alerts.feeds.hosts import HostHeld
from alerts.feeds.manners import after_answer, after_error, fresh_s, retry_after_s
from alerts.records import FeedState, decode, digest, encode

NOW = datetime(2015, 11, 17, 12, 0, tzinfo=UTC)  # a Tuesday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OLD, NEW = "https://old.example/feed", "https://new.example/feed"


def answer(status: int = 200, *, etag: str = "", modified: str = "", moved: str = "", **headers: str) -> Answer:
    named = CIMultiDict((name.replace("_", "-"), value) for name, value in headers.items())
    validated = digest("where it was")
    return Answer(
        status=status,
        url=NEW,
        headers=CIMultiDictProxy(named),
        body=b"",
        etag=etag,
        modified=modified,
        validated=validated,
        moved=moved,
    )


def polled(state: FeedState | None = None, *, now: datetime = NOW, wishes: Wishes | None = None, **said: Any) -> FeedState:
    """The state after a good poll, as the poller keeps it."""
    after = after_answer(state or FeedState(), answer(**said), url=OLD, now=now, wishes=wishes, secrets={"SECRET"})
    return msgspec.structs.replace(after, succeeded=now)


def failed(
    state: FeedState, *, now: datetime = NOW, status: int = 500, retry_after_s: float | None = None, kind: type[FeedError] = FeedError
) -> FeedState:
    return after_error(state, kind("it failed", status=status, retry_after_s=retry_after_s), now=now)


def wait_s(state: FeedState) -> float:
    return 0.0 if state.not_before is None else (state.not_before - NOW).total_seconds()


def moved(at: datetime) -> FeedState:
    return polled(now=at, moved=NEW)


# --- What is kept


def test_validators_are_kept_with_the_address_that_gave_them() -> None:
    state = polled(etag='W/"1"', modified="m")
    assert (state.etag, state.modified, state.validated) == ('W/"1"', "m", digest("where it was"))


def test_validators_are_withdrawn_by_an_answer_without() -> None:
    state = polled(polled(etag='W/"1"', modified="m"))
    assert (state.etag, state.modified, state.validated) == ("", "", "")


def test_a_failure_keeps_the_validators() -> None:
    assert failed(polled(etag='"1"')).etag == '"1"'


def test_failures_are_counted_with_their_reason_until_the_next_success() -> None:
    state = failed(failed(FeedState()))
    assert (state.failures, state.reason) == (2, "it failed")
    assert (polled(state).failures, polled(state).reason) == (0, "")


def test_the_state_with_all_of_it_travels_on_the_log() -> None:
    state = failed(moved(NOW - 2 * DAY), status=410)
    assert decode(encode(state), FeedState) == state


# --- Moves


def test_a_permanent_move_is_remembered_since_when_it_served() -> None:
    state = moved(NOW)
    assert state.moved is not None
    assert (state.moved.to, state.moved.of, state.moved.at) == (NEW, digest(OLD), NOW)
    later = polled(state, now=NOW + HOUR, moved=NEW)
    assert later.moved == state.moved


def test_a_feed_that_moves_on_is_followed() -> None:
    state = polled(moved(NOW), now=NOW + HOUR, moved="https://third.example/")
    assert state.moved is not None
    assert (state.moved.to, state.moved.at) == ("https://third.example/", NOW + HOUR)


def test_a_feed_that_moves_back_is_where_it_was() -> None:
    assert polled(moved(NOW), moved=OLD).moved is None


def test_a_move_to_an_address_that_holds_a_secret_is_not_written_down() -> None:
    assert polled(moved="https://new.example/feed?key=SECRET").moved is None


def test_a_move_to_an_address_too_long_to_keep_is_not_written_down() -> None:
    at_bound = "https://new.example/".ljust(2_048, "x")
    assert polled(moved=at_bound).moved is not None
    assert polled(moved=at_bound + "x").moved is None


def test_a_new_address_that_fails_within_a_day_leads_back_to_the_old() -> None:
    assert failed(moved(NOW - DAY + timedelta(seconds=1))).moved is None


def test_a_new_address_that_has_served_for_a_day_may_fail_for_less_than_one() -> None:
    state = polled(moved(NOW - 3 * DAY), now=NOW - DAY + timedelta(seconds=1))
    assert failed(state).moved is not None
    assert failed(state, now=NOW + timedelta(seconds=1)).moved is None


# --- Gone


def test_a_feed_that_is_gone_is_looked_at_again_after_a_week() -> None:
    state = failed(FeedState(), status=410)
    assert (state.gone, wait_s(state)) == (NOW, 7 * 86_400)


def test_a_feed_that_is_gone_stays_so_since_when_it_was_whatever_fails_next() -> None:
    week = timedelta(days=7)
    state = failed(failed(FeedState(), status=410), now=NOW + week, status=503)
    assert (state.gone, state.not_before) == (NOW, NOW + 2 * week)


def test_a_feed_that_was_gone_and_answers_is_back() -> None:
    state = polled(failed(FeedState(), status=410))
    assert (state.gone, state.not_before) == (None, None)


def test_a_new_address_that_is_gone_within_a_day_leads_back_before_the_feed_counts_as_gone() -> None:
    state = failed(moved(NOW - HOUR), status=410)
    assert (state.gone, state.moved, state.not_before) == (None, None, None)


def test_a_feed_that_is_gone_from_its_new_address_is_looked_for_at_the_old_one() -> None:
    state = failed(moved(NOW - 2 * DAY), status=410)
    assert (state.gone, state.moved) == (NOW, None)


@pytest.mark.parametrize("status", [0, 400, 403, 404, 500, 503])
def test_no_other_failure_stops_a_feed(status: int) -> None:
    state = FeedState()
    for _ in range(100):
        state = failed(state, status=status)
    assert (state.gone, state.not_before) == (None, None)


# --- Patience


def test_retry_after_is_waited_for_and_forgotten_by_the_next_answer() -> None:
    state = failed(FeedState(), status=429, retry_after_s=7_200.0)
    assert wait_s(state) == 7_200
    assert polled(state).not_before is None
    assert failed(state).not_before is None


def test_retry_after_is_waited_for_a_day_and_no_longer() -> None:
    assert wait_s(failed(FeedState(), status=503, retry_after_s=86_400.0)) == 86_400
    assert wait_s(failed(FeedState(), status=503, retry_after_s=86_401.0)) == 86_400


def test_that_a_host_wants_to_be_left_alone_is_no_failure_of_the_feed() -> None:
    before = polled(etag='"1"', moved=NEW)
    after = failed(before, kind=HostHeld, retry_after_s=600.0)
    assert wait_s(after) == 600
    assert msgspec.structs.replace(after, not_before=before.not_before) == before


# --- Wishes


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Cache_Control": "public, max-age=900"}, 900),
        ({"Cache_Control": 'max-age="900"'}, 900),
        ({"Cache_Control": "s-maxage=900"}, 0),
        ({"Cache_Control": "MAX-AGE = 900", "Age": "600"}, 300),
        ({"Cache_Control": "max-age=900", "Age": "1000"}, 0),
        ({"Cache_Control": "max-age=900", "Age": "old"}, 900),
        ({"Cache_Control": "no-cache, max-age=900"}, 0),
        ({"Cache_Control": "no-store", "Expires": "Tue, 17 Nov 2015 13:00:00 GMT"}, 0),
        ({"Cache_Control": "max-age=0", "Expires": "Tue, 17 Nov 2015 13:00:00 GMT"}, 0),
        ({"Cache_Control": "max-age=-1"}, 0),
        ({"Cache_Control": "max-age=soon"}, 0),
        ({"Cache_Control": "private", "Expires": "Tue, 17 Nov 2015 12:05:00 GMT"}, 300),
        ({"Expires": "Tue, 17 Nov 2015 12:05:00 GMT"}, 300),
        ({"Expires": "Tue, 17 Nov 2015 12:05:00 GMT", "Date": "Tue, 17 Nov 2015 12:04:00 GMT"}, 60),
        ({"Expires": "Tue, 17 Nov 2015 12:05:00 GMT", "Date": "today"}, 300),
        ({"Expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
        ({"Expires": "0"}, 0),
        ({"Expires": "-1"}, 0),
        ({}, 0),
    ],
)
def test_how_long_an_answer_stays_fresh(headers: dict[str, str], seconds: float) -> None:
    assert fresh_s(answer(**headers).headers, now=NOW) == seconds
    assert wait_s(polled(**headers)) == seconds


@pytest.mark.parametrize("status", [200, 304])
def test_freshness_is_heeded_up_to_an_hour_and_no_longer(status: int) -> None:
    assert wait_s(polled(status=status, Cache_Control="max-age=3600")) == 3_600
    assert wait_s(polled(status=status, Cache_Control="max-age=3601")) == 3_600
    assert wait_s(polled(status=status, Cache_Control="max-age=31536000")) == 3_600
    assert wait_s(polled(status=status, Cache_Control="max-age=" + "9" * 4_000)) == 3_600
    assert wait_s(polled(status=status, Expires="Tue, 17 Nov 2099 12:05:00 GMT")) == 3_600


def test_the_pace_of_a_feed_is_heeded_up_to_a_quarter_of_an_hour_and_no_longer() -> None:
    assert wait_s(polled(wishes=Wishes(every_s=600.0))) == 600
    assert wait_s(polled(wishes=Wishes(every_s=900.0))) == 900
    assert wait_s(polled(wishes=Wishes(every_s=901.0))) == 900
    assert wait_s(polled(wishes=Wishes(every_s=604_800.0))) == 900
    assert wait_s(polled(wishes=Wishes(every_s=float("inf")))) == 900


def test_the_longer_of_two_wishes_counts() -> None:
    assert wait_s(polled(wishes=Wishes(every_s=600.0), Cache_Control="max-age=900")) == 900
    assert wait_s(polled(wishes=Wishes(every_s=900.0), Cache_Control="max-age=600")) == 900


def test_the_pace_of_a_feed_stands_where_it_was_not_read_again() -> None:
    state = polled(wishes=Wishes(every_s=600.0, skip_hours=(3,), skip_days=(5, 6)))
    unread = polled(state, status=304)
    assert (unread.wished_s, unread.skip_hours, unread.skip_days) == (600.0, (3,), (5, 6))
    assert wait_s(unread) == 600
    assert polled(state, wishes=Wishes()).not_before is None


def not_before(at: str, **wishes: Any) -> str:
    now = datetime.fromisoformat(at)
    state = polled(now=now, wishes=Wishes(**wishes))
    return "" if state.not_before is None else state.not_before.isoformat(" ", "minutes")[:16]


def test_an_hour_that_a_feed_skips_is_waited_for() -> None:
    assert not_before("2015-11-17 03:20+00:00", skip_hours=(3,)) == "2015-11-17 04:00"
    assert not_before("2015-11-17 02:59+00:00", skip_hours=(3,)) == ""
    assert not_before("2015-11-17 05:20+02:00", skip_hours=(3,)) == "2015-11-17 04:00"


def test_a_night_that_a_feed_skips_is_looked_into_once_an_hour() -> None:
    night = (22, 23, 0, 1, 2, 3, 4, 5)
    assert not_before("2015-11-17 23:20+00:00", skip_hours=night) == "2015-11-18 00:20"
    assert not_before("2015-11-17 05:20+00:00", skip_hours=night) == "2015-11-17 06:00"
    assert not_before("2015-11-17 05:20+00:00", skip_hours=tuple(range(24))) == "2015-11-17 06:20"


def test_a_day_that_a_feed_skips_is_looked_into_once_an_hour() -> None:
    assert not_before("2015-11-21 12:20+00:00", skip_days=(5, 6)) == "2015-11-21 13:20"
    assert not_before("2015-11-22 23:20+00:00", skip_days=(5, 6)) == "2015-11-23 00:00"
    assert not_before("2015-11-20 23:20+00:00", skip_days=(5, 6)) == ""


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("0", 0),
        ("86400", 86_400),
        ("86401", 86_400),
        ("9" * 5_000, 86_400),
        ("Tue, 17 Nov 2015 12:05:00 GMT", 300),
        ("Tuesday, 17-Nov-15 12:05:00 GMT", 300),
        ("Tue Nov 17 12:05:00 2015", 300),
        ("Tue, 17 Nov 1999 12:05:00 GMT", 0),
        ("Tue, 17 Nov 2099 12:05:00 GMT", 86_400),
        ("Tue, 99 Nov 2015 12:05:00 GMT", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("١٢٠", None),
        ("", None),
    ],
)
def test_retry_after_in_all_its_spellings(wish: str, seconds: float | None) -> None:
    assert retry_after_s({"retry-after": wish}, now=NOW) == seconds


# --- Whatever they say

number = st.integers(min_value=-(10**6), max_value=10**30).map(str)
date = st.builds(
    "{}, {} {} {} {}:{}:{} {}".format,
    st.sampled_from(["Mon", "Tue", ""]),
    st.integers(0, 40),
    st.sampled_from(["Jan", "Feb", "Nov", "Foo"]),
    st.sampled_from([0, 1, 69, 1970, 2015, 2026, 9999, 10_000]),
    st.integers(0, 25),
    st.integers(0, 61),
    st.integers(0, 61),
    st.sampled_from(["GMT", "+0000", "-0000", "+2359", "-2359", "+9999", "EST", ""]),
)
noise = st.text(" ,;=-+:.abcGMT019\t\u00e4\u0663\u4e09", max_size=30)
directive = st.sampled_from(["max-age=", "s-maxage=", "no-cache", "private", "max-age", "MAX-AGE =", ",", " ", '"'])
control = st.lists(st.one_of(directive, number, noise), max_size=6).map("".join)
said = st.dictionaries(
    st.sampled_from(["cache-control", "age", "expires", "date", "retry-after"]),
    st.one_of(number, date, control, noise),
)
FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)
moment = st.datetimes(min_value=FIRST.replace(tzinfo=None), max_value=LAST.replace(tzinfo=None), timezones=st.just(UTC))
hours, days = st.sets(st.integers(0, 23)).map(tuple), st.sets(st.integers(0, 6)).map(tuple)


@given(said, moment, st.floats(min_value=0), hours, days)
def test_whatever_is_wished_for_a_feed_is_asked_again_within_an_hour(
    headers: dict[str, str], now: datetime, every_s: float, skip_hours: tuple[int, ...], skip_days: tuple[int, ...]
) -> None:
    wishes = Wishes(every_s=every_s, skip_hours=skip_hours, skip_days=skip_days)
    state = polled(now=now, wishes=wishes, **{name.replace("-", "_"): value for name, value in headers.items()})
    assert state.not_before is None or now < state.not_before <= now + HOUR
    assert decode(encode(state), FeedState) == state


@given(said, moment)
def test_whatever_patience_is_asked_for_is_a_day_at_most(headers: dict[str, str], now: datetime) -> None:
    wish = retry_after_s(headers, now=now)
    state = failed(FeedState(), now=now, status=503, retry_after_s=wish)
    assert wish is None or 0 <= wish <= 86_400
    assert state.not_before is None or now < state.not_before <= now + DAY
