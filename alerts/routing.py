"""Which alert goes where.

    routes = Routes(config.routes, destinations={"desk": ("desk",), "duty": ("duty/3f2a1b0c", "duty/9d01ab77")})
    routes.of(matches)      # {"desk": (Fired(...),), ...}: each destination once, with the rules that led there

Every matching route applies; without any route, every alert goes to every channel. A route's keys must all hold: `severity` is a
floor, `rule`, `tag`, `watchlist` and `language` hold if one of the named ones is among the rule's.

What it deliberately does not do: it does not know what a destination has heard already (`stories` does), nor how it is reached
(`channels` does).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .errors import Place
from .records import Fired, Matches, Severity

__all__ = ["Route", "Routes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One entry of `routes:`. An empty set and a severity of None hold for everything."""

    to: tuple[str, ...]
    severity: Severity | None = None
    rule: frozenset[str] = frozenset()
    tag: frozenset[str] = frozenset()
    watchlist: frozenset[str] = frozenset()
    language: frozenset[str] = frozenset()
    place: Place = field(default=Place(""), compare=False)

    def takes(self, fired: Fired, *, language: str) -> bool:
        """Whether an article in `language` on which this rule fired goes this way."""
        return (
            (self.severity is None or fired.severity >= self.severity)
            and (not self.rule or fired.rule in self.rule)
            and (not self.tag or not self.tag.isdisjoint(fired.tags))
            and (not self.watchlist or any(evidence.watchlist in self.watchlist for evidence in fired.evidence))
            and (not self.language or _primary(language) in {_primary(wanted) for wanted in self.language})
        )


class Routes:
    """The routes of a configuration over the destinations that its channels expand to."""

    def __init__(self, routes: Sequence[Route], *, destinations: Mapping[str, Sequence[str]]) -> None:
        self._routes = tuple(routes) or (Route(to=tuple(destinations)),)
        self._destinations = {channel: tuple(ids) for channel, ids in destinations.items()}

    def of(self, matches: Matches) -> dict[str, tuple[Fired, ...]]:
        """Each destination that a route chooses, with the rules for which it did, in the order of `matches.fired`."""
        found: dict[str, dict[str, Fired]] = {}
        for route in self._routes:
            fired = [one for one in matches.fired if route.takes(one, language=matches.article.language)]
            for channel in route.to if fired else ():
                for destination in self._destinations.get(channel, ()):
                    found.setdefault(destination, {}).update((one.rule, one) for one in fired)
        order = {one.rule: index for index, one in enumerate(matches.fired)}
        return {
            destination: tuple(sorted(fired_by_rule.values(), key=lambda one: order[one.rule]))
            for destination, fired_by_rule in found.items()
        }


def _primary(language: str) -> str:
    """The first subtag of a language tag: `en-GB` is `en` (RFC 5646)."""
    return language.replace("_", "-").partition("-")[0].casefold()
