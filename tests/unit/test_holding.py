"""What waits, why, and until when."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from alerts.records import Because, Held, Item, Kind, QuietHours, Severity, Silence, Way, decode, encode
from alerts.routing import Hold, Holding, Limits, Rate, Routed, free_at, silenced_by
from tests.builders import NOON, article, evidence, fired, matches

AT_ONCE = Routed((fired(),), (Way(severity=Severity.HIGH),))
HOURLY = Routed((fired(),), (Way(severity=Severity.HIGH, digest=timedelta(hours=1)),))
NIGHT = QuietHours(start=time(11), end=time(14), zone="UTC")
QUIET = Routed((fired(),), (Way(severity=Severity.HIGH, quiet=NIGHT),))
NONE = Limits()


def silence(*, hours: float = 1, **more: object) -> Silence:
    values = {"id": "s", "author": "amira", "comment": "drill", "created": NOON, "starts": NOON, "ends": NOON + timedelta(hours=hours)}
    return Silence(**(values | more))  # type: ignore[arg-type]


def held(id: str = "a", *, due: datetime = NOON, destination: str = "desk", routed: Routed = AT_ONCE, **more: object) -> Held:
    item = Item(alert=id, story=id, severity=Severity.HIGH, title=id)
    values = {"id": id, "destination": destination, "item": item, "ways": routed.ways, "because": Because.DIGEST, "since": NOON, "due": due}
    return Held(**(values | more))  # type: ignore[arg-type]


def test_what_nothing_holds_is_told_at_once():
    assert Holding().hold("desk", AT_ONCE, silence=None, limits=NONE, now=NOON) is None


def test_a_digest_holds_until_its_hour_and_quiet_hours_until_their_end():
    assert Holding().hold("desk", HOURLY, silence=None, limits=NONE, now=NOON) == Hold(Because.DIGEST, NOON + timedelta(hours=1))
    assert Holding().hold("desk", QUIET, silence=None, limits=NONE, now=NOON) == Hold(Because.QUIET, NOON + timedelta(hours=2))


def test_a_silence_holds_until_its_end_and_longer_where_that_falls_into_quiet_hours():
    one = silence(hours=0.5)
    assert Holding().hold("desk", AT_ONCE, silence=one, limits=NONE, now=NOON) == Hold(Because.SILENCE, one.ends, "s")
    assert Holding().hold("desk", QUIET, silence=one, limits=NONE, now=NOON) == Hold(Because.SILENCE, NOON + timedelta(hours=2), "s")


def test_more_than_a_minute_takes_waits_for_its_end():
    holding, limits = Holding(), Limits(storm=3)
    for _ in range(3):
        assert holding.hold("desk", AT_ONCE, silence=None, limits=limits, now=NOON) is None
        holding.told("desk", now=NOON)
    assert holding.hold("desk", AT_ONCE, silence=None, limits=limits, now=NOON) == Hold(Because.STORM, NOON + timedelta(minutes=1))
    assert holding.hold("duty", AT_ONCE, silence=None, limits=limits, now=NOON) is None
    assert holding.hold("desk", AT_ONCE, silence=None, limits=limits, now=NOON + timedelta(minutes=1)) is None


def test_more_than_an_hour_takes_waits_for_its_end():
    holding, limits = Holding(), Limits(per_hour=2)
    for minutes in (5, 20):
        holding.told("desk", now=NOON + timedelta(minutes=minutes))
    late = NOON + timedelta(minutes=59)
    assert holding.hold("desk", AT_ONCE, silence=None, limits=limits, now=late) == Hold(Because.PER_HOUR, NOON + timedelta(hours=1))
    assert holding.hold("desk", AT_ONCE, silence=None, limits=limits, now=NOON + timedelta(hours=1)) is None


def test_what_is_due_comes_by_destination_in_the_order_in_which_it_was_held():
    holding = Holding(
        [held("b", since=NOON + timedelta(seconds=1)), held("a"), held("c", destination="duty"), held("d", due=NOON + timedelta(days=1))]
    )
    due = holding.due(now=NOON)
    assert {destination: [one.id for one in every] for destination, every in due.items()} == {"desk": ["a", "b"], "duty": ["c"]}
    assert holding.due(now=NOON) == {}
    assert len(holding) == 1


def test_what_the_log_remembers_goes_on_where_it_was():
    first = Holding()
    pace = first.told("desk", now=NOON)
    again = Holding([decode(encode(held("a", due=NOON + timedelta(hours=1))), Held), decode(encode(pace), type(pace))])
    assert again.hold("desk", AT_ONCE, silence=None, limits=Limits(storm=1), now=NOON) is not None
    assert list(again.due(now=NOON + timedelta(hours=1))) == ["desk"]


def test_a_silence_that_is_ended_before_its_time_frees_what_it_held():
    one = silence(hours=5)
    holding = Holding([held("a", due=one.ends, silence="s"), held("b", due=one.ends, silence="s", routed=QUIET), held("c", due=one.ends)])
    ended = silence(hours=5, expired=NOON + timedelta(minutes=10))
    moved = {one.id: one.due for one in holding.released({"s": ended})}
    assert moved == {"a": NOON + timedelta(minutes=10), "b": NOON + timedelta(hours=2)}
    assert [one.id for one in holding.due(now=NOON + timedelta(minutes=10))["desk"]] == ["a"]
    assert [one.id for one in holding.due(now=NOON + timedelta(hours=2))["desk"]] == ["b"]


# Silences


def silenced(one: Silence, *rules: object, channel: str = "desk", now: datetime = NOON, **of: object) -> bool:
    found = matches(article(**of), *rules)  # type: ignore[arg-type]
    return silenced_by([one], found, found.fired, channel=channel, now=now) is not None


def test_a_silence_holds_from_its_start_to_its_end():
    assert silenced(silence())
    assert not silenced(silence(), now=NOON - timedelta(seconds=1))
    assert not silenced(silence(), now=NOON + timedelta(hours=1))
    assert not silenced(silence(expired=NOON))


def test_all_matchers_of_a_silence_must_hold():
    assert silenced(silence(place=("raqqa",), rule=("strikes-in-syria",)))
    assert not silenced(silence(place=("raqqa",), rule=("another",)))
    assert not silenced(silence(place=("Mosul",)))
    assert silenced(silence(feed=("Wire",), language=("en",)), language="en-GB")
    assert not silenced(silence(channel=("duty",)))
    assert silenced(silence(term=("Raqqa",), tag=("air",), watchlist=("places.syria",)), fired(tags=["air"]))


def test_a_place_is_a_term_of_a_watchlist_of_places():
    weapon = fired(found=[evidence("Grad", watchlist="weapons.rockets")])
    found = matches(article(), weapon)
    found.kinds["weapons.rockets"] = Kind.WEAPON
    assert silenced_by([silence(term=("Grad",))], found, found.fired, channel="desk", now=NOON) is not None
    assert silenced_by([silence(place=("Grad",))], found, found.fired, channel="desk", now=NOON) is None


def test_a_silence_up_to_a_severity_lets_worse_through():
    assert silenced(silence(severity=Severity.HIGH))
    assert not silenced(silence(severity=Severity.HIGH), fired(severity=Severity.CRITICAL))


def test_a_rule_that_no_silence_covers_is_told():
    found = matches(article(), fired("a"), fired("b"))
    only_a, only_b = silence(rule=("a",)), silence(id="t", hours=2, rule=("b",))
    assert silenced_by([only_a], found, found.fired, channel="desk", now=NOON) is None
    assert silenced_by([only_a, only_b], found, found.fired, channel="desk", now=NOON) == only_b


# Rates


def test_a_rate_counts_in_windows_that_slide():
    rates = (Rate(1, timedelta(seconds=1)), Rate(3, timedelta(minutes=1)))
    sent = [NOON, NOON + timedelta(seconds=10), NOON + timedelta(seconds=20)]
    assert free_at([], rates, now=NOON) == NOON
    assert free_at(sent[:1], rates, now=NOON) == NOON + timedelta(seconds=1)
    assert free_at(sent, rates, now=NOON + timedelta(seconds=30)) == NOON + timedelta(minutes=1)
    assert free_at(sent, (), now=NOON) == NOON
