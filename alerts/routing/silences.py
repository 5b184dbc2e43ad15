"""Which alerts somebody has silenced, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ..records import Fired, Matches, Silence
from .matchers import holds

__all__ = ["ends", "is_active", "silenced_by"]


def ends(silence: Silence) -> datetime:
    """When a silence is over: as planned, or when somebody ended it before."""
    return min(silence.ends, silence.expired) if silence.expired else silence.ends


def is_active(silence: Silence, *, now: datetime) -> bool:
    """Whether it holds alerts at `now`."""
    return silence.starts <= now < ends(silence)


def silenced_by(silences: Iterable[Silence], matches: Matches, fired: Iterable[Fired], *, channel: str, now: datetime) -> Silence | None:
    """The active silence that holds an alert from `channel` longest, if there is one for each of the rules that fired.

    A rule that no silence covers is told: two silences for two rules hold an alert of both, one of them does not.
    """
    active = [one for one in silences if is_active(one, now=now) and (not one.channel or channel in one.channel)]
    if not active:
        return None
    covering = [[one for one in active if _covers(one, rule, matches)] for rule in fired]
    if not all(covering):
        return None
    return max((max(found, key=lambda one: (ends(one), one.id)) for found in covering), key=lambda one: (ends(one), one.id), default=None)


def _covers(silence: Silence, fired: Fired, matches: Matches) -> bool:
    up_to = silence.severity is None or fired.severity <= silence.severity
    return up_to and holds(silence, fired, matches.article, matches.kinds)
