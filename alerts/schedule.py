"""When a feed is due next: pure arithmetic on what is known of it.

What it deliberately does not do: it reads no clock and rolls no dice; both are arguments.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from .errors import FeedError
from .records import FeedState, digest

__all__ = ["first_due", "next_due"]

BACK_OFF_MAX = timedelta(hours=1)
"""A feed that fails is looked at this often at least, for ever: it is never given up in silence."""
JITTER_SHARE = 0.1
"""By how much of itself an interval is shortened at most, so that feeds started together do not stay together."""
SPREAD_MAX = timedelta(seconds=60)
"""First polls are spread over this time at most."""
FIRST_POLLS_PER_S = 10
"""How many first polls a second are wanted: ten feeds start within a second, six hundred within a minute."""

_DOUBLINGS_MAX = 16


def first_due(url: str, *, now: datetime, every: timedelta, feeds: int) -> datetime:
    """When a feed that was never polled is due first: one of `feeds` new ones, each at a place of its own, given by its address."""
    if url.startswith("file:"):
        return now
    spread = min(every, SPREAD_MAX, timedelta(seconds=feeds / FIRST_POLLS_PER_S))
    return now + spread * (int(digest(url)[:8], 16) / 2**32)


def next_due(state: FeedState, *, now: datetime, every: timedelta, error: FeedError | None = None, jitter: float = 0.0) -> datetime:
    """When the feed is due next after a poll that ended `now`, with `error` if it failed.

    `state.failures` counts the failures in a row, this one included. The interval is `every`, shortened by up to a tenth (`jitter`
    from 0 to 1 says by how much of that); each further failure doubles it, up to an hour, never below `every`. What the server asked
    for with Retry-After outranks it all: the feed is not due before.
    """
    if error is None:
        return now + every * (1 - JITTER_SHARE * jitter)
    doublings = min(max(state.failures - 1, 0), _DOUBLINGS_MAX)
    backed_off = every * (1 << doublings)
    wait = max(every, min(backed_off, BACK_OFF_MAX))
    return now + max(wait, timedelta(seconds=error.retry_after_s or 0.0))
