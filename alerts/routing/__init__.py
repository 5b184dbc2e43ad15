"""Which alert goes where, and when.

    routes = Routes(config.routes, destinations={"desk": ("desk",), "duty": ("duty/3f2a1b0c", "duty/9d01ab77")})
    routes.of(matches)      # {"desk": Routed(fired=(...), ways=(...)), ...}: each destination once

    routes      which destinations an alert is for: every matching route applies; without any, every alert goes to every channel
    hours       quiet hours and the instants of digests, on the clocks of a time zone
    silences    what ops do not want to hear of for a while
    holding     what waits, why, and until when
    rates       how fast a service may be told

A route's keys must all hold for one rule: `severity` is a floor; `rule`, `tag`, `watchlist`, `term`, `place`, `language` and `feed` hold if
one of the named ones is the rule's, its evidence's or the article's. Of several ways to one destination the one that tells first counts.

What it deliberately does not do: it does not know what a destination has heard already (`stories` does), nor how it is reached
(`channels` does), nor how a list looks (`rendering` does).
"""

from __future__ import annotations

from .holding import Hold, Holding, Limits
from .hours import due, next_boundary, quiet_until
from .matchers import is_language
from .rates import Rate, free_at
from .routes import Route, Routed, Routes
from .silences import ends, is_active, silenced_by

__all__ = [
    "Hold",
    "Holding",
    "Limits",
    "Rate",
    "Route",
    "Routed",
    "Routes",
    "due",
    "ends",
    "free_at",
    "is_active",
    "is_language",
    "next_boundary",
    "quiet_until",
    "silenced_by",
]
