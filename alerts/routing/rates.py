"""How fast a service may be told: at most so many messages in any span of time.

    free_at(sent, (Rate(1, timedelta(seconds=1)), Rate(20, timedelta(minutes=1))), now=now)

Windows slide: whichever way a service cuts its minutes, none of them holds more.

What it deliberately does not do: it does not wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["Rate", "free_at"]


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` messages within `per`."""

    count: int
    per: timedelta


def free_at(sent: Sequence[datetime], rates: Sequence[Rate], *, now: datetime) -> datetime:
    """When the next message may go, after those that were sent at these instants, in order; `now` if at once.

    Instants further ahead than a rate's span are of a clock that was put back since, and do not count.
    """
    found = [now]
    for rate in rates:
        known = [at for at in sent if at <= now + rate.per]
        if len(known) >= rate.count:
            found.append(known[-rate.count] + rate.per)
    return max(found)
