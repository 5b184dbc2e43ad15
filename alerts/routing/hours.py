"""Hours of people: when somebody is not to be woken, and when a digest is due.

    night = QuietHours(start=time(22), end=time(6), zone="Asia/Damascus", but=Severity.CRITICAL)
    quiet_until(night, now)                                   # the end of the quiet hours that `now` lies in, else None
    next_boundary(now, every=timedelta(hours=1), zone=zone)   # the full hour after `now`
    due(ways, now=now)                                        # when an alert that may go these ways is told

Both are told by the clock on the wall. Where it is put back, an hour comes twice: quiet hours last from the first time their start comes
to the last time their end does. Where it is put forward, a time that is left out is the moment of the leap.

What it deliberately does not do: it reads no clock, and it knows nothing of what is held.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ..records import QuietHours, Severity, Way

__all__ = ["due", "lets_through", "next_boundary", "quiet_until"]

_DAY = timedelta(days=1)


def due(ways: Iterable[Way], *, now: datetime) -> datetime:
    """When an alert that goes these ways at `now` is told: `now` itself where one of them neither digests nor is quiet."""
    return min((_due(way, now=now) for way in ways), default=now)


def quiet_until(hours: QuietHours, now: datetime) -> datetime | None:
    """The end of the quiet hours that `now` lies in, in UTC; None outside of them."""
    zone = ZoneInfo(hours.zone)
    today = now.astimezone(zone).date()
    for day in (today - _DAY, today):
        last = day if hours.end > hours.start else day + _DAY
        if _first(day, hours.start, zone) <= now < (end := _last(last, hours.end, zone)):
            return end
    return None


def lets_through(hours: QuietHours, severity: Severity) -> bool:
    """Whether an alert of this severity is told in quiet hours as well."""
    return hours.but is not None and severity >= hours.but


def next_boundary(now: datetime, *, every: timedelta, zone: ZoneInfo) -> datetime:
    """The next instant after `now`, in UTC, at which a digest of this interval is due.

    Intervals of up to a day are counted from each midnight of the zone, so an hourly one comes on the hour; longer ones are whole days
    and come at midnight, those of seven days on Mondays.
    """
    today = now.astimezone(zone).date()
    if every >= _DAY:
        days = every // _DAY
        return _first(date.fromordinal(today.toordinal() + days - (today.toordinal() - 1) % days), time(), zone)
    midnight, tomorrow = _first(today, time(), zone), _first(today + _DAY, time(), zone)
    return min(midnight + ((now - midnight) // every + 1) * every, tomorrow)


def _due(way: Way, *, now: datetime) -> datetime:
    at = next_boundary(now, every=way.digest, zone=ZoneInfo(way.zone)) if way.digest else now
    if way.quiet and not lets_through(way.quiet, way.severity):
        at = quiet_until(way.quiet, at) or at
    return at


def _first(day: date, at: time, zone: ZoneInfo) -> datetime:
    return min(_instants(day, at, zone))


def _last(day: date, at: time, zone: ZoneInfo) -> datetime:
    return max(_instants(day, at, zone))


def _instants(day: date, at: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The one or two instants (PEP 495) at which the clock shows this time; both are the leap where it never does."""
    one, other = (datetime.combine(day, at.replace(fold=fold), tzinfo=zone).astimezone(UTC) for fold in (0, 1))
    if one > other:  # left out: with the offset from before the leap it comes late, with that from behind it early
        leap = _leap(other, one, zone)
        return leap, leap
    return one, other


def _leap(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The instant in `(low, high]` at which the zone's offset changes, by halving."""
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return high.replace(microsecond=0)
