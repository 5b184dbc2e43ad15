"""Which alert goes where."""

from __future__ import annotations

from alerts.records import Severity
from alerts.routing import Route, Routes
from tests.builders import article, evidence, fired, matches

CHANNELS = {"desk": ("desk",), "duty": ("duty/aaaaaaaa", "duty/bbbbbbbb"), "field": ("field",)}


def routed(*routes: Route, of: object = None) -> dict[str, list[str]]:
    found = Routes(routes, destinations=CHANNELS).of(of or matches())  # type: ignore[arg-type]
    return {destination: [one.rule for one in routed.fired] for destination, routed in found.items()}


def test_without_routes_every_alert_goes_to_every_destination():
    assert set(routed()) == {"desk", "duty/aaaaaaaa", "duty/bbbbbbbb", "field"}


def test_every_matching_route_applies_and_a_destination_gets_an_alert_once():
    both = (Route(to=("desk", "field")), Route(to=("desk",), severity=Severity.HIGH))
    assert routed(*both) == {"desk": ["strikes-in-syria"], "field": ["strikes-in-syria"]}


def test_a_severity_is_a_floor():
    only_critical = Route(to=("desk",), severity=Severity.CRITICAL)
    assert routed(only_critical) == {}
    assert routed(only_critical, of=matches(article(), fired(severity=Severity.CRITICAL))) == {"desk": ["strikes-in-syria"]}
    assert routed(Route(to=("desk",), severity=Severity.LOW)) == {"desk": ["strikes-in-syria"]}


def test_all_keys_of_a_route_must_hold_for_the_same_rule():
    route = Route(to=("desk",), tag=frozenset({"air"}), severity=Severity.HIGH)
    apart = matches(article(), fired("a", tags=["air"], severity=Severity.LOW), fired("b", severity=Severity.HIGH))
    together = matches(article(), fired("a", tags=["air"], severity=Severity.HIGH))
    assert routed(route, of=apart) == {}
    assert routed(route, of=together) == {"desk": ["a"]}


def test_a_watchlist_route_takes_what_holds_evidence_of_it():
    route = Route(to=("desk",), watchlist=frozenset({"places.iraq", "places.syria"}))
    assert routed(route) == {"desk": ["strikes-in-syria"]}
    assert routed(route, of=matches(article(), fired(found=[evidence("Kyiv", watchlist="places.ukraine")]))) == {}


def test_a_language_route_takes_regional_forms_of_the_language():
    route = Route(to=("desk",), language=frozenset({"en"}))
    assert routed(route, of=matches(article(language="en-GB"))) == {"desk": ["strikes-in-syria"]}
    assert routed(route, of=matches(article(language="ar"))) == {}
    assert routed(route, of=matches(article(language=""))) == {}


def test_a_destination_hears_only_of_the_rules_that_led_there_in_the_order_they_fired():
    routes = (Route(to=("desk",), rule=frozenset({"c"})), Route(to=("desk",), rule=frozenset({"a"})))
    assert routed(*routes, of=matches(article(), fired("a"), fired("b"), fired("c"))) == {"desk": ["a", "c"]}


def test_a_route_to_a_channel_without_destinations_leads_nowhere():
    assert routed(Route(to=("gone",))) == {}
