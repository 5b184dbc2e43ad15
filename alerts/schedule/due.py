"""From expectations to times: how long each feed may wait, within one budget of requests for all.

The time that news wait until they are fetched is least, for a given number of requests, when each feed's interval is in proportion to
one over the square root of its rate (Sia, Cho & Cho, "Efficient Monitoring Algorithm for Fast News Alerts", IEEE TKDE 19(7), 2007). The
factor `k` is the same for every feed; it is moved until all together cost the budget.

What it deliberately does not do: it reads no server's wish. What servers and feeds ask for is in the state as the time before which the
feed is not to be asked (`not_before`), and outranks everything here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

from ..records import FeedState, Rhythm, digest
from .rhythm import rate

__all__ = ["Want", "adjusted", "first_due", "interval_s", "next_due", "settled"]

INTERVAL_S_MIN = 30.0
"""No feed is asked more often, unless its own `every` is shorter."""
BACK_OFF_S_MAX = 3_600.0
"""A feed that fails is looked at this often at least, for ever: it is never given up in silence."""
JITTER_SHARE = 0.1
"""By how much of itself an interval varies, so that feeds started together do not stay together."""
DOCUMENT_SHARE = 3.0
"""A feed is asked this often in the time that replaces its whole document, so that no entry scrolls out unseen."""
SPREAD_MAX = timedelta(seconds=60)
"""First polls are spread over this time at most."""
FIRST_POLLS_PER_S = 10
"""How many first polls a second are wanted: ten feeds start within a second, six hundred within a minute."""
K_MIN, K_MAX = 1e-3, 1e6
"""The bounds of the factor: beyond them every feed is at its floor or its ceiling."""
K_STEPS = 30
_DOUBLINGS_MAX = 16


@dataclass(frozen=True, slots=True)
class Want:
    """What the interval of one feed follows from. It is not asked within `least_s`, whatever else says so."""

    rhythm: Rhythm | None
    every_s: float
    least_s: float = 0.0


def interval_s(want: Want, *, k: float, now: datetime) -> float:
    """How long to wait between two polls of it, by what is expected half-way."""
    wait_s = _bounded_s(want, rate(want.rhythm, now=now), k=k)
    return _bounded_s(want, rate(want.rhythm, now=now + timedelta(seconds=wait_s / 2)), k=k)


def _bounded_s(want: Want, per_s: float, *, k: float) -> float:
    wait_s = min(k / sqrt(per_s), want.every_s)
    if want.rhythm is not None and want.rhythm.entries:
        wait_s = min(wait_s, want.rhythm.entries / (DOCUMENT_SHARE * per_s))
    return max(wait_s, min(INTERVAL_S_MIN, want.every_s), want.least_s)


def adjusted(k: float, wants: Collection[Want], *, per_s: float, now: datetime) -> float:
    """The factor, moved towards the one at which these feeds together cost `per_s` requests a second.

    What does not depend on it (feeds at their ceiling or their floor) makes the step too short, never too long: called again and again
    it arrives, and follows when the feeds change.
    """
    cost = sum(1 / interval_s(want, k=k, now=now) for want in wants)
    return min(max(k * cost / per_s, K_MIN), K_MAX) if wants else k


def settled(wants: Collection[Want], *, per_s: float, now: datetime) -> float:
    """The factor at which these feeds together cost `per_s`, from nothing."""
    k = sqrt(sum(want.every_s for want in wants) / len(wants)) if wants else 1.0
    for _ in range(K_STEPS):
        before, k = k, adjusted(k, wants, per_s=per_s, now=now)
        if abs(k - before) <= 0.01 * before:
            break
    return k


def first_due(url: str, *, now: datetime, every: timedelta, feeds: int) -> datetime:
    """When a feed that was never polled is due first: one of `feeds` new ones, each at a place of its own, given by its address."""
    if url.startswith("file:"):
        return now
    spread = min(every, SPREAD_MAX, timedelta(seconds=feeds / FIRST_POLLS_PER_S))
    return now + spread * (int(digest(url)[:8], 16) / 2**32)


def next_due(state: FeedState, *, now: datetime, every: timedelta, wait_s: float | None = None, jitter: float = 0.5) -> datetime:
    """When the feed is due next after a poll that ended `now`.

    `wait_s` is what the schedule gives it (`interval_s`; None is `every`), varied by a tenth (`jitter` from 0 to 1: up to a tenth less,
    or more), never beyond `every`. `state.failures` counts failures in a row, the last poll's included: from the second on each doubles
    the wait, up to an hour, or `every` where that is longer. The feed is never due before `state.not_before`.
    """
    every_s = every.total_seconds()
    wait_s = min(every_s if wait_s is None else wait_s, every_s)
    varied_s = wait_s * (1 - JITTER_SHARE + 2 * JITTER_SHARE * jitter)
    if state.failures:
        doublings = min(state.failures - 1, _DOUBLINGS_MAX)
        due = now + timedelta(seconds=min(varied_s * (1 << doublings), max(every_s, BACK_OFF_S_MAX)))
    else:
        due = now + timedelta(seconds=min(varied_s, every_s))
    return max(due, state.not_before) if state.not_before else due
