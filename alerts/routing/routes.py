"""Routes over destinations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from ..errors import Place
from ..records import Article, Fired, Kind, Matches, QuietHours, Severity, Way, digest
from .matchers import holds

__all__ = ["Route", "Routed", "Routes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One entry of `routes:`. An empty set and a severity of None hold for everything.

    `term` and `place` are names of terms as their watchlists spell them; a `place` is one of a watchlist of places. `zone` is where the
    hours of a digest are counted.
    """

    to: tuple[str, ...]
    severity: Severity | None = None
    rule: frozenset[str] = frozenset()
    tag: frozenset[str] = frozenset()
    watchlist: frozenset[str] = frozenset()
    term: frozenset[str] = frozenset()
    place: frozenset[str] = frozenset()
    language: frozenset[str] = frozenset()
    feed: frozenset[str] = frozenset()
    digest: timedelta | None = None
    quiet_hours: QuietHours | None = None
    zone: str = "UTC"
    at: Place = field(default=Place(""), compare=False)
    """Where it stands in the configuration."""

    def takes(self, fired: Fired, article: Article, kinds: Mapping[str, Kind]) -> bool:
        """Whether an article on which this rule fired goes this way."""
        return (self.severity is None or fired.severity >= self.severity) and holds(self, fired, article, kinds)

    @property
    def key(self) -> str:
        """A digest of what it asks for, whatever its hours and wherever it leads."""
        asked = (self.rule, self.tag, self.watchlist, self.term, self.place, self.language, self.feed)
        return digest("route", self.severity or "", *(digest(*sorted(names)) for names in asked))


@dataclass(frozen=True, slots=True)
class Routed:
    """What one destination gets of an article: the rules that led there, in the order in which they fired, and by which ways."""

    fired: tuple[Fired, ...]
    ways: tuple[Way, ...]

    @property
    def severity(self) -> Severity:
        """The highest of the rules."""
        return max(one.severity for one in self.fired)


class Routes:
    """The routes of a configuration over the destinations that its channels expand to."""

    def __init__(self, routes: Sequence[Route], *, destinations: Mapping[str, Sequence[str]]) -> None:
        self._routes = tuple(routes) or (Route(to=tuple(destinations)),)
        self._destinations = {channel: tuple(ids) for channel, ids in destinations.items()}
        self._keys = {route: route.key for route in self._routes}

    def of(self, matches: Matches) -> dict[str, Routed]:
        """Each destination that a route chooses."""
        fired: dict[str, dict[str, Fired]] = {}
        ways: dict[str, list[Way]] = {}
        for route, taken in self.taken(matches):
            way = self._way(route, max(one.severity for one in taken))
            for destination in self._reached(route):
                fired.setdefault(destination, {}).update((one.rule, one) for one in taken)
                ways.setdefault(destination, []).append(way)
        order = {one.rule: index for index, one in enumerate(matches.fired)}
        return {
            destination: Routed(tuple(sorted(by_rule.values(), key=lambda one: order[one.rule])), tuple(ways[destination]))
            for destination, by_rule in fired.items()
        }

    def taken(self, matches: Matches) -> Iterable[tuple[Route, list[Fired]]]:
        """Each route that applies, with the rules for which it does."""
        for route in self._routes:
            fired = [one for one in matches.fired if route.takes(one, matches.article, matches.kinds)]
            if fired:
                yield route, fired

    def again(self, ways: Sequence[Way], destination: str) -> tuple[Way, ...]:
        """These ways to a destination with the hours that their routes have now; one whose route is gone stays as it was."""
        routes = [route for route in self._routes if destination in self._reached(route)]
        found: dict[Way, None] = {}
        for way in ways:
            now = [self._way(route, way.severity) for route in routes if self._keys[route] == way.route]
            found |= dict.fromkeys(now or [way])
        return tuple(found)

    def _way(self, route: Route, severity: Severity) -> Way:
        return Way(severity=severity, digest=route.digest, zone=route.zone, quiet=route.quiet_hours, route=self._keys[route])

    def _reached(self, route: Route) -> Collection[str]:
        return dict.fromkeys(id for channel in route.to for id in self._destinations.get(channel, ()))
