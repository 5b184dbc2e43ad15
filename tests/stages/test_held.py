"""What is not told at once is listed later: digests, quiet hours, silences, storms; and a destination that has heard worse is not rung."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import product

import msgspec
import pytest

from alerts.channels import Manner
from alerts.log import Log, Output
from alerts.records import Because, Decision, Delivery, Evidence, Notice, QuietHours, Severity, Silence, encode
from alerts.rendering import Layout, render
from alerts.routing import Route, Routes
from alerts.stages.health import health_of
from alerts.stages.telling import Telling
from tests.builders import NOON, article, evidence, fired, matches
from tests.stages.conftest import Inbox, put
from tests.stages.test_telling import alerts_of, deliveries

NIGHT = QuietHours(start=time(11), end=time(14), zone="UTC", but=Severity.CRITICAL)
ENDINGS = ("a", "een", "in", "iya", "oun", "eh", "at", "ez", "osh", "ur", "im", "adi", "oub", "al", "ash", "eed", "ith", "ora", "uq", "yeh")
PLACES = ("Aleppo", "Homs", "Idlib", "Mosul", "Kyiv", "Gaza", "Aden", "Goma", "Kabul", "Tripoli")


def routed(setup, *routes: Route, **changed: object):
    return replace(setup, routes=Routes(routes, destinations=setup.channels), **changed)


@pytest.fixture
def stepping(log, clock, turning):
    """Open the story step over a setup, and give the crank to turn it."""
    return lambda setup: turning(Telling(log, lambda: setup, clock=clock))


def strike(place: str, *, id: str = "", severity: Severity = Severity.HIGH, found: Sequence[Evidence] = (), **more: object) -> bytes:
    return encode(matches(article(f"Missiles hit {place}", id=id or place, **more), fired(severity=severity, found=found)))


def lists(log: Log) -> list[Delivery]:
    return [one for one in deliveries(log) if one.digest]


def titles(delivery: Delivery) -> list[str]:
    assert delivery.digest is not None
    return [item.title for item in delivery.digest.items]


def test_a_digest_comes_on_its_hour_with_all_that_was_held(log, setup, clock, stepping):
    turn = stepping(routed(setup, Route(to=("desk",), digest=timedelta(hours=1))))
    put(log, "matches", strike("Aleppo"), strike("Homs"))
    turn()
    assert deliveries(log) == []
    assert [alert.destinations for alert in alerts_of(log)] == [{"desk": Decision.HELD}] * 2
    assert alerts_of(log)[0].reasons == {"desk": "digest, listed 2015-11-17 13:00 UTC"}
    clock.passes(minutes=59)
    turn()
    assert lists(log) == []
    clock.passes(minutes=1)
    turn()
    (digest,) = lists(log)
    assert titles(digest) == ["Missiles hit Aleppo", "Missiles hit Homs"]
    assert digest.digest.because == (Because.DIGEST,)
    clock.passes(hours=5)
    turn()
    assert len(lists(log)) == 1  # nothing to report is not sent


def test_a_digest_across_midnight_is_of_the_day_before(log, setup, clock, stepping):
    turn = stepping(routed(setup, Route(to=("desk",), digest=timedelta(days=1), zone="Asia/Damascus")))
    clock.passes(hours=8, minutes=50)  # 22:50 in Damascus
    put(log, "matches", strike("Aleppo"))
    turn()
    clock.passes(minutes=69)
    put(log, "matches", strike("Homs"))
    turn()
    assert lists(log) == []
    clock.passes(minutes=1)
    put(log, "matches", strike("Idlib"))
    turn()
    assert [titles(one) for one in lists(log)] == [["Missiles hit Aleppo", "Missiles hit Homs"]]
    clock.passes(days=1)
    turn()
    assert [titles(one) for one in lists(log)][1:] == [["Missiles hit Idlib"]]


def test_quiet_hours_hold_until_they_end_but_for_what_breaks_through(log, setup, clock, stepping):
    turn = stepping(routed(setup, Route(to=("desk",), quiet_hours=NIGHT)))
    put(log, "matches", strike("Aleppo"), strike("Homs", severity=Severity.CRITICAL))
    turn()
    assert [one.alert.title for one in deliveries(log) if one.alert] == ["Missiles hit Homs"]
    clock.passes(hours=1, minutes=59)
    turn()
    assert lists(log) == []
    clock.passes(minutes=1)
    turn()
    assert [titles(one) for one in lists(log)] == [["Missiles hit Aleppo"]]


def test_what_breaks_through_while_the_first_report_is_held_reads_as_a_first_report(log, setup, clock, stepping):
    turn = stepping(routed(setup, Route(to=("desk",), quiet_hours=NIGHT)))
    put(log, "matches", strike("Aleppo"), strike("Aleppo", severity=Severity.CRITICAL, feed="Daily"))
    turn()
    (told,) = deliveries(log)
    assert (told.decision, told.thread, told.edits) == (Decision.NEW, "", "")
    assert render(told, timezone=UTC).title == "🔴 CRITICAL · Missiles hit Aleppo"
    assert alerts_of(log)[-1].destinations == {"desk": Decision.NEW}
    assert alerts_of(log)[-1].reasons == {"desk": "higher severity, and the first that is told: earlier reports are held"}
    put(log, "matches", *(strike("Aleppo", severity=Severity.CRITICAL, feed=f"Feed {n}") for n in range(3)))
    turn()
    assert [(one.decision, one.thread) for one in deliveries(log)] == [(Decision.NEW, ""), (Decision.UPDATE, told.id)]
    clock.passes(hours=2)
    turn()
    assert [titles(one) for one in lists(log)] == [["Missiles hit Aleppo"]]


def test_a_list_that_comes_before_that_of_the_first_report_does_not_speak_of_an_update(log, setup, clock, stepping):
    hourly = Route(to=("desk",), severity=Severity.CRITICAL, digest=timedelta(hours=1))
    turn = stepping(routed(setup, Route(to=("desk",), digest=timedelta(days=1)), hourly))
    put(log, "matches", strike("Aleppo"), strike("Aleppo", severity=Severity.CRITICAL, feed="Daily"))
    turn()
    clock.passes(hours=1)
    turn()
    put(log, "matches", *(strike("Aleppo", severity=Severity.CRITICAL, feed=f"Feed {n}") for n in range(3)))
    turn()
    clock.passes(hours=1)
    turn()
    assert [[item.update for item in one.digest.items] for one in lists(log)] == [[""], ["+3 sources"]]


@pytest.fixture
def live(log, setup, clock, turning):
    """The story step over a configuration that may be edited: `live(*routes)`, then turn."""
    now = [setup]
    turn = turning(Telling(log, lambda: now[0], clock=clock))

    def edit(*routes: Route):
        now[0] = routed(setup, *routes)
        return turn

    return edit


SYRIA = frozenset({"places.syria"})


@pytest.mark.parametrize(
    ("before", "after", "hours"),
    [
        ({"quiet_hours": NIGHT}, {"quiet_hours": QuietHours(start=time(11), end=time(13), zone="UTC")}, 1),
        ({"quiet_hours": NIGHT}, {"quiet_hours": QuietHours(start=time(11), end=time(15), zone="UTC")}, 3),
        ({"quiet_hours": NIGHT}, {}, 0),
        ({"digest": timedelta(days=7)}, {"digest": timedelta(hours=1)}, 1),
        ({"digest": timedelta(hours=1)}, {"digest": timedelta(hours=4)}, 4),
        ({"digest": timedelta(hours=1)}, {"digest": timedelta(hours=1), "quiet_hours": NIGHT}, 2),
        ({"digest": timedelta(days=1)}, {"digest": timedelta(days=1), "zone": "Asia/Damascus"}, 10),
    ],
)
def test_what_is_held_follows_its_route_when_that_is_edited(log, clock, live, before, after, hours):
    turn = live(Route(to=("desk",), watchlist=SYRIA, **before))
    put(log, "matches", strike("Aleppo"))
    turn()
    clock.passes(minutes=1)
    turn = live(Route(to=("desk",), severity=Severity.CRITICAL), Route(to=("desk",), watchlist=SYRIA, **after))
    turn()
    if hours:
        assert lists(log) == []
        clock.passes(hours=hours, minutes=-2)
        turn()
        assert lists(log) == []
        clock.passes(minutes=1)
        turn()
    assert [titles(one) for one in lists(log)] == [["Missiles hit Aleppo"]]


def test_what_is_held_follows_an_edit_that_was_made_while_nobody_ran(log, setup, clock, turning):
    first = turning(Telling(log, lambda: routed(setup, Route(to=("desk",), digest=timedelta(days=7))), clock=clock))
    put(log, "matches", strike("Aleppo"))
    first()
    first.reader.close()
    clock.passes(hours=1)
    turning(Telling(log, lambda: routed(setup, Route(to=("desk",), digest=timedelta(hours=1))), clock=clock))()
    assert len(lists(log)) == 1


def test_what_a_silence_holds_waits_for_its_end_whatever_is_edited(log, clock, live):
    turn = live(Route(to=("desk",), digest=timedelta(days=1)))
    silence(log, hours=2)
    put(log, "matches", strike("Aleppo"))
    turn()
    turn = live(Route(to=("desk",)))
    clock.passes(hours=1, minutes=59)
    turn()
    assert lists(log) == []
    clock.passes(minutes=1)
    turn()
    assert len(lists(log)) == 1


def test_what_was_held_by_a_route_that_is_gone_comes_when_it_was_to_come(log, clock, live):
    turn = live(Route(to=("desk",), watchlist=SYRIA, digest=timedelta(hours=1)))
    put(log, "matches", strike("Aleppo"))
    turn()
    turn = live(Route(to=("desk",), severity=Severity.CRITICAL))
    turn()
    assert lists(log) == []
    clock.passes(hours=1)
    turn()
    assert len(lists(log)) == 1


def test_a_list_that_is_late_is_not_put_off_by_a_restart(log, setup, clock, turning):
    """A daily digest comes after the quiet hours that its midnight lies in; counted anew at night it would come a day later."""
    daily = routed(setup, Route(to=("desk",), digest=timedelta(days=1), quiet_hours=QuietHours(start=time(22), end=time(6), zone="UTC")))
    first = turning(Telling(log, lambda: daily, clock=clock))
    put(log, "matches", strike("Aleppo"))
    first()
    first.reader.close()
    clock.passes(hours=14)
    second = turning(Telling(log, lambda: replace(daily), clock=clock))
    second()
    assert lists(log) == []
    clock.passes(hours=4)
    second()
    assert len(lists(log)) == 1


def test_a_route_that_tells_at_once_wins_over_one_that_digests(log, setup, stepping):
    turn = stepping(routed(setup, Route(to=("desk",), digest=timedelta(hours=1)), Route(to=("desk",), severity=Severity.HIGH)))
    put(log, "matches", strike("Aleppo"), strike("Homs", severity=Severity.LOW))
    turn()
    assert [one.alert.title for one in deliveries(log) if one.alert] == ["Missiles hit Aleppo"]


def test_what_is_held_survives_the_death_of_the_step(log, setup, clock, turning):
    held = routed(setup, Route(to=("desk",), digest=timedelta(hours=1)))
    first = turning(Telling(log, lambda: held, clock=clock))
    put(log, "matches", strike("Aleppo"))
    first()
    first.reader.close()
    clock.passes(hours=2)
    turning(Telling(log, lambda: held, clock=clock))()
    assert [titles(one) for one in lists(log)] == [["Missiles hit Aleppo"]]


def test_a_list_that_was_not_committed_is_told_once_all_the_same(log, setup, clock, turning):
    held = routed(setup, Route(to=("desk",), digest=timedelta(hours=1)))
    turn = turning(Telling(log, lambda: held, clock=clock))
    put(log, "matches", strike("Aleppo"))
    turn()
    clock.passes(hours=1)
    turn(commit=False)
    turn.reader.close()
    turning(Telling(log, lambda: held, clock=clock))()
    assert len(lists(log)) == 1


# Silences


def silence(log: Log, *, hours: float = 1, **more: object) -> Silence:
    values = {"id": "s1", "author": "amira", "comment": "drill", "created": NOON, "starts": NOON, "ends": NOON + timedelta(hours=hours)}
    made = Silence(**(values | more))  # type: ignore[arg-type]
    log.append([Output("silences", made.id, encode(made))])
    return made


def test_what_a_silence_holds_is_listed_at_its_end_and_ops_hear_of_it(log, setup, clock, stepping):
    turn = stepping(routed(setup, Route(to=("desk",))))
    silence(log, rule=("strikes-in-syria",))
    put(log, "matches", strike("Aleppo"))
    turn()
    assert deliveries(log) == []
    clock.passes(hours=1)
    turn()
    assert [titles(one) for one in lists(log)] == [["Missiles hit Aleppo"]]
    (notice,) = [one.notice for one in deliveries(log) if one.notice]
    assert (notice.title, "amira" in notice.lines[0]) == ("A silence is over: drill", True)
    put(log, "matches", strike("Homs", minutes=61))
    turn()
    assert [one.alert.title for one in deliveries(log) if one.alert] == ["Missiles hit Homs"]


def test_a_silence_may_begin_and_be_ended_while_the_step_runs(log, setup, clock, stepping):
    turn = stepping(routed(setup, Route(to=("desk",))))
    turn()
    made = silence(log, hours=5)
    clock.passes(seconds=3)
    put(log, "matches", strike("Aleppo"))
    turn()
    assert deliveries(log) == []
    log.append([Output("silences", made.id, encode(msgspec.structs.replace(made, expired=clock())))])
    clock.passes(seconds=3)
    turn()
    assert [titles(one) for one in lists(log)] == [["Missiles hit Aleppo"]]


def test_a_silence_that_ends_inside_quiet_hours_wakes_nobody(log, setup, clock, stepping):
    turn = stepping(routed(setup, Route(to=("desk",), quiet_hours=NIGHT)))
    silence(log, hours=0.5)
    put(log, "matches", strike("Aleppo"))
    turn()
    clock.passes(minutes=31)
    turn()
    assert lists(log) == []
    clock.passes(minutes=89)
    turn()
    assert [titles(one) for one in lists(log)] == [["Missiles hit Aleppo"]]


def test_a_silence_for_ever_stops_nothing(log, setup, clock, stepping):
    turn = stepping(routed(setup, Route(to=("desk",), rule=frozenset({"strikes-in-syria"}), digest=timedelta(days=7))))
    silence(log, ends=datetime(9999, 12, 31, tzinfo=UTC))
    put(log, "matches", strike("Aleppo"))
    turn()
    assert [alert.destinations for alert in alerts_of(log)] == [{"desk": Decision.HELD}]


def over(log: Log) -> list[Notice]:
    return [one.notice for one in deliveries(log) if one.notice]


def test_ops_hear_of_a_silence_that_ended_while_nobody_ran_once(log, setup, clock, turning):
    silence(log)
    first = turning(Telling(log, lambda: setup, clock=clock))
    first()
    first.reader.close()
    clock.passes(hours=2)
    for _ in range(3):
        turn = turning(Telling(log, lambda: setup, clock=clock))
        turn()
        clock.passes(seconds=3)
        turn()
        turn.reader.close()
    assert [notice.title for notice in over(log)] == ["A silence is over: drill"]


def test_the_end_of_a_silence_that_was_not_committed_is_told_all_the_same(log, setup, clock, turning):
    silence(log)
    turn = turning(Telling(log, lambda: setup, clock=clock))
    turn()
    clock.passes(hours=1)
    turn(commit=False)
    turn.reader.close()
    turning(Telling(log, lambda: setup, clock=clock))()
    assert len(over(log)) == 1


def test_a_silence_holds_although_the_clock_was_put_back(log, setup, clock, stepping):
    turn = stepping(routed(setup, Route(to=("desk",))))
    turn()
    clock.passes(hours=-2)
    silence(log, hours=1, starts=clock())
    turn()
    put(log, "matches", strike("Aleppo"))
    turn()
    assert deliveries(log) == []


def test_a_silence_that_was_over_for_a_month_leaves_the_log(log, setup, clock, stepping):
    turn = stepping(setup)
    made = silence(log)
    turn()
    clock.passes(days=31)
    turn()
    clock.passes(seconds=3)
    turn()
    assert [record.value for record in log.read("silences", 0) if record.key == made.id][-1] is None


def test_the_status_says_how_many_alerts_wait_and_how_many_silences_are_active(log, setup, clock, stepping):
    turn = stepping(routed(setup, Route(to=("desk",))))
    silence(log, rule=("strikes-in-syria",))
    put(log, "matches", strike("Aleppo"), strike("Homs"))
    turn()
    row = health_of(log, setup.config, now=clock()).row()
    assert (row["held"], row["silences"]) == (2, 1)
    clock.passes(hours=1)
    turn()
    row = health_of(log, setup.config, now=clock()).row()
    assert (row["held"], row["silences"]) == (0, 0)


# Storms


def test_a_storm_becomes_a_few_messages_in_which_everything_is_listed(log, setup, clock, stepping, desk):
    desk.manner = Manner(layout=Layout.TELEGRAM, storm=10)
    turn = stepping(routed(setup, Route(to=("desk",))))
    towns = [f"Kafr {a}{b}{c}" for a, b, c in product(("Ab", "Dur", "Gha", "Lam", "Tel"), ("ran", "dib", "qis", "sum", "lat"), ENDINGS)]
    storm = [strike(town, url=f"https://example.org/{number}", found=[evidence(town)]) for number, town in enumerate(towns)]
    put(log, "matches", *storm)
    while turn().records:
        pass
    assert len([one for one in deliveries(log) if one.alert]) == 10
    clock.passes(minutes=1)
    turn()
    listed = [item.url for one in lists(log) for item in one.digest.items]
    assert len(listed) == len(set(listed)) == 490
    assert len(lists(log)) <= 15
    assert [(one.digest.part, one.digest.parts, one.digest.of) for one in lists(log)] == [
        (number, len(lists(log)), 490) for number in range(1, len(lists(log)) + 1)
    ]


def test_what_exceeds_an_hours_measure_is_listed_at_its_end(log, setup, clock, stepping):
    few = replace(setup.config, channels={"desk": replace(setup.config.channels["desk"], per_hour=2), "ops": setup.config.channels["ops"]})
    turn = stepping(routed(setup, Route(to=("desk",)), config=few))
    put(log, "matches", *(strike(place) for place in PLACES[:5]))
    turn()
    assert len(deliveries(log)) == 2
    clock.passes(hours=1)
    turn()
    assert [sorted(titles(one)) for one in lists(log)] == [["Missiles hit Idlib", "Missiles hit Kyiv", "Missiles hit Mosul"]]


def test_what_was_told_by_a_clock_that_was_ahead_does_not_use_up_every_hour_until_then(log, setup, clock, stepping):
    few = replace(setup.config, channels={"desk": replace(setup.config.channels["desk"], per_hour=2), "ops": setup.config.channels["ops"]})
    turn = stepping(routed(setup, Route(to=("desk",)), config=few))
    clock.passes(days=1)
    put(log, "matches", *(strike(place) for place in PLACES[:2]))
    turn()
    clock.passes(days=-1)
    put(log, "matches", *(strike(place) for place in PLACES[2:5]))
    turn()
    assert len([one for one in deliveries(log) if one.alert]) == 4


# Inhibition, subscribers


def test_who_heard_of_a_story_as_critical_is_not_rung_for_lesser_rules(log, setup, stepping):
    turn = stepping(routed(setup, Route(to=("desk",))))
    put(log, "matches", strike("Raqqa", id="0", severity=Severity.CRITICAL))
    put(log, "matches", *(strike("Raqqa", id=str(n), severity=Severity.LOW, feed=f"Feed {n}") for n in range(1, 6)))
    turn()
    assert [one.decision for one in deliveries(log)] == [Decision.NEW]
    assert Decision.HUSHED in {alert.destinations["desk"] for alert in alerts_of(log)}


def test_one_persons_quiet_hours_do_not_touch_anothers(log, setup, clock, stepping):
    inboxes = {name: Inbox(name) for name in ("amira", "bo")}
    channels = {name: (name,) for name in inboxes}
    people = replace(setup, destinations={**setup.destinations, **inboxes}, channels={**setup.channels, **channels})
    turn = stepping(routed(people, Route(to=("amira",), quiet_hours=NIGHT), Route(to=("bo",))))
    put(log, "matches", strike("Aleppo"))
    turn()
    (told,) = deliveries(log)
    assert (told.destination, told.alert.destinations) == ("bo", {"amira": Decision.HELD, "bo": Decision.NEW})
    clock.passes(hours=2)
    turn()
    assert [one.destination for one in lists(log)] == ["amira"]


def test_ops_are_told_whatever_is_silenced(log, setup, clock, turning):
    step = Telling(log, lambda: setup, clock=clock)
    turn = turning(step)
    silence(log)
    step.tell_ops(Notice(title="A feed is dead"))
    turn()
    assert [one.notice.title for one in deliveries(log) if one.notice] == ["A feed is dead"]


def test_headlines_of_any_length_make_no_list_that_the_log_refuses(log, setup, clock, stepping, desk):
    desk.manner = Manner(layout=Layout.MAIL)
    turn = stepping(routed(setup, Route(to=("desk",), digest=timedelta(hours=1))))
    towns = [f"Kafr {a}{b}" for a, b in product(("Ab", "Dur", "Gha", "Lam", "Tel"), ENDINGS)]
    put(log, "matches", *(strike(f"{town} {'long ' * 2_000}", id=town, found=[evidence(town)]) for town in towns))
    while turn().records:
        pass
    clock.passes(hours=1)
    turn()
    assert sum(len(one.digest.items) for one in lists(log)) == len(towns) == 100
