"""How a feed does, and that ops hear of it once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from alerts.feeds.health import Review, Trouble, looked_at, review, troubles
from alerts.records import FeedState, Move, Notice
from alerts.schedule import learned
from tests.builders import NOON


def after(**since: float) -> datetime:
    return NOON + timedelta(**since)


def healthy(*, per_day: float = 48, days: float = 10) -> FeedState:
    """A feed that has been read for days and brought an item every so often, the last one at noon."""
    gap = timedelta(days=1 / per_day)
    came = sorted(NOON - gap * number for number in range(int(days * per_day)))
    first = learned(None, came[:1], now=came[0], entries=30)
    rhythm = learned(first, came[1:], now=NOON, entries=30)
    return FeedState(name="World", polled=NOON, succeeded=NOON, changed=NOON, seen={"a": "1"}, rhythm=rhythm)


def failing(
    *, minutes: float = 61, failures: int = 6, kind: str = "", reason: str = "example.org: no answer within 15 s", **more: object
) -> FeedState:
    """A feed that has failed since noon, after so many minutes of it."""
    return replace(healthy(), failing=NOON, failures=failures, kind=kind, reason=reason, polled=after(minutes=minutes), **more)


def as_of(now: datetime, state: FeedState) -> FeedState:
    """The feed was polled again, to no avail or without news."""
    return replace(state, polled=now, succeeded=state.succeeded if state.failures else now)


class Watch:
    """Looks at feeds again and again, as a poller does, and remembers what ops have heard."""

    def __init__(self, **states: FeedState) -> None:
        self.states = states
        self.heard: list[Notice] = []

    def __call__(self, now: datetime) -> list[str]:
        for key, state in self.states.items():
            self.states[key] = as_of(now, state)
        found: Review = review(self.states, names={key: key.capitalize() for key in self.states}, now=now)
        self.states |= {key: replace(self.states[key], told=told) for key, told in found.told.items()}
        self.heard += found.notices
        return [notice.title for notice in found.notices]

    def become(self, **states: FeedState) -> None:
        """The feeds are otherwise now; what ops have been told stays."""
        self.states |= {key: replace(state, told=self.states[key].told) for key, state in states.items()}


def test_a_healthy_feed_is_nobodys_business():
    assert Watch(world=healthy())(NOON) == []


@pytest.mark.parametrize("state", [failing(failures=2, minutes=600), failing(failures=9, minutes=59)])
def test_a_feed_that_has_failed_twice_or_for_less_than_an_hour_is_given_time(state):
    assert Watch(world=state)(state.polled) == []


def test_a_dead_feed_is_told_once_with_the_reason_and_once_when_it_recovers():
    watch = Watch(world=failing())
    assert watch(after(minutes=61)) == ["Feed World cannot be read"]
    assert watch.heard[0].lines[0] == (
        "example.org: no answer within 15 s (6 times in a row, since 2015-11-17 12:00 UTC; last read 2015-11-17 12:00 UTC)"
    )
    assert watch(after(minutes=62)) == watch(after(days=3)) == []
    watch.become(world=healthy())
    assert watch(after(hours=2)) == ["Feed World can be read again"]
    assert watch(after(hours=3)) == []


def test_what_was_told_survives_a_restart():
    watch = Watch(world=failing())
    watch(after(minutes=61))
    again = Watch(**watch.states)
    assert again(after(minutes=62)) == []


def test_a_feed_that_became_a_web_page_is_told_in_those_words_and_earlier():
    watch = Watch(world=failing(failures=3, minutes=15, kind="html", reason="example.org: HTML instead of a feed"))
    assert watch(after(minutes=15)) == ["Feed World has become a web page"]
    watch.become(world=failing(failures=9, minutes=90))  # now it is not even that: nothing new for ops
    assert watch(after(minutes=90)) == []
    watch.become(world=healthy())
    assert watch(after(minutes=95)) == ["Feed World is a feed again"]


def test_a_feed_that_is_gone_is_told_at_once_and_when_it_is_back():
    watch = Watch(world=failing(failures=1, minutes=0, gone=NOON, kind="gone", reason="410 Gone"))
    assert watch(NOON) == ["Feed World is gone for good (410)"]
    assert watch(after(days=7)) == []
    watch.become(world=healthy())
    assert "Feed World is back" in watch(after(days=14))


def test_a_feed_that_moved_is_told_with_its_address_and_again_when_it_moves_on():
    moved = replace(healthy(), moved=Move(to="https://new.example.org/feed?key=1", of="x", at=NOON))
    watch = Watch(world=moved)
    assert watch(NOON) == ["Feed World has moved for good"]
    assert watch.heard[0].lines[0] == "to https://new.example.org/feed"
    assert watch(after(minutes=1)) == []
    watch.become(world=replace(moved, moved=Move(to="https://third.example.org/", of="x", at=after(minutes=3))))
    assert watch(after(minutes=5)) == ["Feed World has moved for good"]
    watch.become(world=healthy())
    assert watch(after(minutes=6)) == []


def test_a_feed_without_entries_is_told_after_an_hour_and_only_if_it_had_some():
    empty = looked_at(healthy(), size=0, published=(), now=NOON)
    watch = Watch(world=empty, never=looked_at(FeedState(polled=NOON), size=0, published=(), now=NOON))
    assert watch(after(minutes=59)) == []
    assert watch(after(minutes=61)) == ["Feed World has become empty"]
    watch.become(world=looked_at(empty, size=3, published=(), now=after(minutes=62)))
    assert watch(after(minutes=62)) == ["Feed World has entries again"]


def test_a_feed_is_frozen_when_it_is_silent_for_ten_of_its_gaps():
    watch = Watch(world=healthy(per_day=12))
    assert watch(after(hours=19)) == []
    assert watch(after(hours=26)) == ["Feed World has fallen silent"]
    assert watch.heard[0].lines[0] == "nothing new since 2015-11-17 12:00 UTC; before that, something every 2 hours"
    world = watch.states["world"]
    watch.become(world=replace(world, rhythm=learned(world.rhythm, [after(hours=27)], now=after(hours=27), entries=30)))
    assert watch(after(hours=27)) == ["Feed World brings news again"]


def test_a_busy_feed_may_be_silent_for_some_hours():
    assert troubles(as_of(after(hours=5), healthy(per_day=500))) == ()
    assert troubles(as_of(after(hours=7), healthy(per_day=500))) == (Trouble.FROZEN,)


def test_a_feed_that_rests_at_weekends_is_not_frozen_on_the_second_one():
    state = healthy(per_day=48)
    rhythm = learned(state.rhythm, [after(hours=60)], now=after(hours=60), entries=30)
    assert troubles(as_of(after(hours=60 + 62), replace(state, rhythm=rhythm))) == ()


def test_a_feed_that_was_silent_before_it_was_first_read_is_watched_first():
    rhythm = learned(None, [NOON - timedelta(days=400)], now=NOON, entries=1)
    assert troubles(as_of(after(days=3), FeedState(polled=NOON, rhythm=rhythm))) == ()


def test_while_a_feed_fails_its_silence_is_no_second_trouble():
    assert troubles(as_of(after(days=5), failing(minutes=60 * 24 * 5))) == (Trouble.DEAD,)


def test_entries_without_dates_are_told_and_one_that_forgot_its_date_is_not():
    state = looked_at(healthy(), size=30, published=(NOON, None), now=NOON)
    assert troubles(as_of(NOON, state)) == ()
    state = looked_at(state, size=30, published=(None, None, None), now=NOON)
    assert troubles(as_of(NOON, state)) == (Trouble.UNDATED,)
    watch = Watch(world=state)
    assert watch(NOON) == ["Feed World gives no dates"]
    watch.become(world=looked_at(state, size=30, published=(NOON,), now=NOON))
    assert watch(NOON) == ["Feed World gives dates again"]


def test_ids_given_anew_are_told_and_when_they_stay():
    watch = Watch(world=replace(healthy(), reissued=True))
    assert watch(NOON) == ["Feed World gives its entries new ids again and again"]
    watch.become(world=healthy())
    assert watch(NOON) == ["Feed World keeps its ids again"]


def fleet(count: int, state: FeedState) -> dict[str, FeedState]:
    return {f"f{number:02}": state for number in range(count)}


def test_feeds_in_the_same_trouble_at_the_same_time_share_a_notice():
    watch = Watch(**fleet(60, healthy()) | fleet(7, replace(healthy(), reissued=True)))
    assert watch(NOON) == ["7 feeds give their entries new ids again and again"]
    assert watch.heard[0].lines[:2] == ("F00", "F01")


def test_a_notice_lists_fifty_feeds_at_most():
    watch = Watch(**fleet(70, replace(healthy(), reissued=True)))
    watch(NOON)
    assert watch.heard[0].lines[49:51] == ("F49", "and 20 more")


def test_when_the_network_is_down_ops_hear_it_once_and_of_no_single_feed():
    watch = Watch(**fleet(20, failing(failures=1, minutes=3)))
    assert watch(after(minutes=3)) == []
    watch.become(**fleet(20, failing(failures=3, minutes=11)))
    assert watch(after(minutes=11)) == ["20 of 20 feeds cannot be reached: perhaps it is the network here"]
    watch.become(**fleet(20, failing(failures=9, minutes=300)))
    assert watch(after(minutes=300)) == []
    assert Watch(**watch.states)(after(minutes=301)) == []  # nor after a restart
    watch.become(**fleet(10, healthy()))
    assert watch(after(minutes=302)) == []
    watch.become(**fleet(18, healthy()))
    assert watch(after(minutes=303))[0] == "The feeds can be reached again"
    still = watch.heard[-1]
    assert still.title == "Feed F19 cannot be read"
    assert watch(after(minutes=304)) == []


def test_feeds_that_were_dead_before_do_not_count_for_an_outage():
    watch = Watch(**fleet(6, failing()))
    watch.states |= {f"g{number}": healthy() for number in range(7)}
    assert watch(after(minutes=61)) == ["6 feeds cannot be read"]
    watch.become(g0=failing(failures=3, minutes=90))
    assert watch(after(minutes=90))[0] == "Feed G0 cannot be read"


def test_three_feeds_that_fail_together_are_three_dead_feeds():
    watch = Watch(**fleet(3, failing()))
    assert watch(after(minutes=61)) == ["Feed F00 cannot be read", "Feed F01 cannot be read", "Feed F02 cannot be read"]
