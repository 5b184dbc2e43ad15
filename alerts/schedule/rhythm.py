"""A feed's rhythm: learned from when its items came, and what it lets us expect.

Three things are known of a feed: how many items it brings (a count that fades over days), at which hours of the day (counts that fade
over weeks), and whether it is in the middle of something (a count that fades within the hour, and how much items of this feed tend to
follow one another). The rate that comes of it is the one number the schedule needs; the mean gap and the longest silence tell a feed that
has frozen from one that is merely slow.

What it deliberately does not do: it believes no date that cannot be true. An item came after the poll that did not show it yet and
before the one that does, whatever it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from math import exp

from ..records import Rhythm

__all__ = ["arrivals", "learned", "mean_gap_s", "rate"]

DAY_S = 86_400.0
MEMORY_S = 4 * DAY_S
"""How fast the count of items fades."""
HOURS_MEMORY_S = 14 * DAY_S
BURST_S = 20 * 60.0
QUIET_MEMORY_S = 28 * DAY_S
"""How fast the longest silence is forgotten: slowly enough to know weekends."""
SINCE_MAX = timedelta(seconds=4 * MEMORY_S)
"""What a first document says of times before this is too faded to matter."""
PRIOR_ITEMS, PRIOR_S = 1.0, DAY_S
"""What is not known yet: one item on one day is added to what was counted,"""
PRIOR_HOUR = 2.0
"""two items to each hour of the day,"""
PRIOR_EXCESS, PRIOR_EXCESS_ITEMS = 0.3, 5.0
"""and five items that had 0.3 more than usual just before them."""
FOLLOWING_MAX = 0.9


def arrivals(published: Iterable[datetime | None], *, last: datetime | None, now: datetime) -> list[datetime]:
    """When new items came, as far as can be known, in order: since the `last` poll, an undated one somewhere in that time.

    On a first poll (`last` None) the dates of the past stand as they are, and what is undated says nothing.
    """
    dates = list(published)
    if last is None:
        return sorted(date for date in dates if date is not None and date <= now)
    undated = dates.count(None)
    spread = [last + (now - last) * ((at + 0.5) / undated) for at in range(undated)]
    return sorted([*(min(max(date, last), now) for date in dates if date is not None), *spread])


def learned(rhythm: Rhythm | None, came: Sequence[datetime], *, now: datetime, entries: int) -> Rhythm:
    """The rhythm after a document of `entries` entries, whose new ones came at these times, in order."""
    oldest = now - SINCE_MAX
    since = max(came[0], oldest) if came else now
    rhythm = rhythm or Rhythm(since=since, watched=now, at=since)
    days, weeks = _faded(rhythm.at, now, MEMORY_S), _faded(rhythm.at, now, HOURS_MEMORY_S)
    count = rhythm.count * days + sum(_faded(date, now, MEMORY_S) for date in came)
    usual_count = count * BURST_S / max(_exposure_s(rhythm.since, now=now), BURST_S)
    excess = rhythm.excess * days
    hours = [one * weeks for one in rhythm.hours or (0.0,) * 24]
    burst, at, newest = rhythm.burst, rhythm.at, rhythm.newest
    quiet_s = rhythm.quiet_s * _faded(rhythm.at, now, QUIET_MEMORY_S)
    for date, together in groupby(came):
        items = len(list(together))  # what comes at one instant does not follow from one another
        burst *= _faded(at, date, BURST_S)
        excess += items * _faded(date, now, MEMORY_S) * (burst - usual_count)
        burst += items
        hours[date.hour] += items * _faded(date, now, HOURS_MEMORY_S)
        quiet_s = max(quiet_s, (date - max(newest, oldest)).total_seconds()) if newest else quiet_s
        at = newest = date
    return Rhythm(
        since=rhythm.since,
        watched=rhythm.watched,
        at=now,
        count=round(count, 4),
        hours=tuple(round(one, 3) for one in hours),
        burst=round(burst * _faded(at, now, BURST_S), 4),
        excess=round(excess, 4),
        entries=entries,
        newest=newest,
        quiet_s=round(quiet_s, 1),
    )


def rate(rhythm: Rhythm | None, *, now: datetime) -> float:
    """How many items a second are to be expected at this moment, by all that is known of the feed.

    Where a share `n` of all items follow from others before them (a Hawkes process), the rate is the usual one times 1 - n, and n times
    what came just now.
    """
    if rhythm is None:
        return PRIOR_ITEMS / PRIOR_S
    following = _following(rhythm, now=now)
    burst = rhythm.burst * _faded(rhythm.at, now, BURST_S) / BURST_S
    count = rhythm.count * _faded(rhythm.at, now, MEMORY_S)
    return _usual(count, rhythm.since, now=now) * _of_hour(rhythm, now=now) * (1 - following) + burst * following


def mean_gap_s(rhythm: Rhythm) -> float:
    """The mean time between two items, as of when the rhythm was last learned."""
    return 1 / _usual(rhythm.count, rhythm.since, now=rhythm.at)


def _usual(count: float, since: datetime, *, now: datetime) -> float:
    """Items a second, whatever the hour, where they were counted since then."""
    return (count + PRIOR_ITEMS) / (_exposure_s(since, now=now) + PRIOR_S)


def _exposure_s(since: datetime, *, now: datetime) -> float:
    """The time in which items were counted, faded as they are."""
    return MEMORY_S * (1 - _faded(since, now, MEMORY_S))


def _following(rhythm: Rhythm, *, now: datetime) -> float:
    """The share of items that follow from others.

    In a Hawkes process whose kernel fades like our count, an item finds n / (2 (1 - n)) items more than usual before it (from the
    covariance density in Hawkes, "Spectra of some self-exciting and mutually exciting point processes", Biometrika 58, 1971).
    """
    days = _faded(rhythm.at, now, MEMORY_S)
    excess = (rhythm.excess * days + PRIOR_EXCESS * PRIOR_EXCESS_ITEMS) / (rhythm.count * days + PRIOR_EXCESS_ITEMS)
    return min(2 * excess / (1 + 2 * excess), FOLLOWING_MAX) if excess > 0 else 0.0


def _of_hour(rhythm: Rhythm, *, now: datetime) -> float:
    """How much more than usual this hour of the day brings."""
    hours, hour, weeks = rhythm.hours, now.hour, _faded(rhythm.at, now, HOURS_MEMORY_S)
    if not hours:
        return 1.0
    near, further, far = (hours[hour - by] + hours[hour + by - 24] for by in (1, 2, 3))
    smooth = (4 * hours[hour] + 3 * near + 2 * further + far) / 16
    return (smooth * weeks + PRIOR_HOUR) / (sum(hours) * weeks / 24 + PRIOR_HOUR)


def _faded(then: datetime, now: datetime, memory_s: float) -> float:
    return exp(-max(0.0, (now - then).total_seconds()) / memory_s)
