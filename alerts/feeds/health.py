"""How a feed does, judged by its state alone, and what ops hear of it: each trouble once when it begins, once when it ends.

A feed may be dead, gone for good, a web page, empty, silent against its own rhythm, without dates, or forever giving its entries new ids.
When many feeds fail at the same time it is not the feeds: ops hear that once, and nothing of the feeds that fail along with the rest.

What has been told is in each feed's state (`told`), so a restart repeats nothing.

What it deliberately does not do: it sends nothing and reads no clock. A first failure is no trouble: the network has its moments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from ..records import FeedState, Notice, Severity
from ..schedule import mean_gap_s
from .addresses import shown

__all__ = ["LESSER", "Review", "Trouble", "looked_at", "review", "said", "troubles"]

DEAD_AFTER, DEAD_FAILURES = timedelta(hours=1), 3
HTML_FAILURES = 3
"""A page that says that a site is being worked on is no feed, either, but soon gone."""
EMPTY_AFTER = timedelta(hours=1)
UNDATED_ENTRIES = 3
FROZEN_GAPS = 10
"""A feed is silent when nothing has come for so many of its mean gaps,"""
FROZEN_SILENCES = 1.5
"""for so many of the longest silences that are known of it,"""
FROZEN_AFTER, FROZEN_AFTER_NEW, NEW = timedelta(hours=6), timedelta(hours=24), timedelta(days=7)
"""and for so long, which is longer as long as its nights and weekends are not known."""
OFFLINE_AFTER, OFFLINE_FAILURES = timedelta(minutes=10), 2
OFFLINE_FEEDS_MIN = 4
OFFLINE_SHARE, ONLINE_SHARE = 1 / 2, 1 / 4
"""When this share of the feeds fails it is not the feeds; it is over when less than the smaller share still does."""
TOGETHER = 4
"""From so many feeds on that are in the same trouble at the same time they share one notice."""
LINES_MAX = 50


class Trouble(StrEnum):
    """What may be wrong with a feed."""

    GONE = "gone"
    HTML = "html"
    DEAD = "dead"
    OFFLINE = "offline"
    """It fails together with most others."""
    EMPTY = "empty"
    FROZEN = "frozen"
    UNDATED = "undated"
    REISSUED = "reissued"
    MOVED = "moved"


_FAILING = frozenset({Trouble.GONE, Trouble.HTML, Trouble.DEAD})
"""Of these a feed has one at a time."""

_BEGUN = {
    Trouble.GONE: ("is gone for good (410)", "are gone for good (410)"),
    Trouble.HTML: ("has become a web page", "have become web pages"),
    Trouble.DEAD: ("cannot be read", "cannot be read"),
    Trouble.OFFLINE: ("fails together with most others", "fail together with most others"),
    Trouble.EMPTY: ("has become empty", "have become empty"),
    Trouble.FROZEN: ("has fallen silent", "have fallen silent"),
    Trouble.UNDATED: ("gives no dates", "give no dates"),
    Trouble.REISSUED: ("gives its entries new ids again and again", "give their entries new ids again and again"),
    Trouble.MOVED: ("has moved for good", "have moved for good"),
}
_ENDED = {
    Trouble.GONE: ("is back", "are back"),
    Trouble.HTML: ("is a feed again", "are feeds again"),
    Trouble.DEAD: ("can be read again", "can be read again"),
    Trouble.EMPTY: ("has entries again", "have entries again"),
    Trouble.FROZEN: ("brings news again", "bring news again"),
    Trouble.UNDATED: ("gives dates again", "give dates again"),
    Trouble.REISSUED: ("keeps its ids again", "keep their ids again"),
}
_MEND = {
    Trouble.GONE: "Its server says so. It is looked at once a week; take it out of the configuration, or find its new address.",
    Trouble.HTML: "It is tried on, up to once an hour. Perhaps its address has changed.",
    Trouble.DEAD: "It is tried on, up to once an hour.",
    Trouble.EMPTY: "Its document is sound, but holds no entry.",
    Trouble.FROZEN: "Its server answers as ever. Perhaps the feed is no longer kept up, or its address has changed.",
    Trouble.UNDATED: "What is new in it counts as published when it is first seen.",
    Trouble.REISSUED: "Its entries are told apart by their links instead.",
    Trouble.MOVED: "It is read at its new address. Put that into the configuration.",
}
LESSER = frozenset({Trouble.UNDATED, Trouble.REISSUED, Trouble.MOVED})
"""Nothing is lost by these."""


@dataclass(frozen=True, slots=True)
class Review:
    """The feeds whose `told` has changed, by key, and what ops are to hear."""

    told: Mapping[str, dict[str, datetime]]
    notices: tuple[Notice, ...]


def looked_at(state: FeedState, *, size: int, published: Sequence[datetime | None], now: datetime) -> FeedState:
    """The state after a document of `size` entries was read, whose new ones bear these dates: whether it is empty, whether undated."""
    empty = None if size else state.empty or (now if state.seen else None)
    undated = state.undated
    for date in published:
        undated = max(undated, 0) + 1 if date is None else min(undated, 0) - 1
    return msgspec.structs.replace(state, empty=empty, undated=max(-UNDATED_ENTRIES, min(undated, UNDATED_ENTRIES)))


def troubles(state: FeedState) -> tuple[Trouble, ...]:
    """What is wrong with a feed as of its last poll, the worst first. What a document would show is not known while there is none."""
    told = [trouble for trouble in Trouble if trouble in state.told]
    if state.gone is not None:
        return (Trouble.GONE, *(one for one in told if one not in _FAILING))
    if state.failures:
        return tuple(one for one in Trouble if one in told or one is _failing(state))
    found = {
        Trouble.EMPTY: _lasts(state.empty, state.succeeded, EMPTY_AFTER),
        Trouble.FROZEN: _is_frozen(state),
        Trouble.UNDATED: state.undated >= (1 if Trouble.UNDATED in told else UNDATED_ENTRIES),
        Trouble.REISSUED: state.reissued,
        Trouble.MOVED: state.moved is not None,
    }
    return tuple(trouble for trouble, is_so in found.items() if is_so)


def said(trouble: Trouble) -> str:
    """What is wrong with a feed, as the end of a sentence that begins with its name."""
    return _BEGUN[trouble][0]


def _failing(state: FeedState) -> Trouble | None:
    if _FAILING & state.told.keys() - {Trouble.GONE}:
        return None  # told already, in other words perhaps
    if state.kind == "html" and state.failures >= HTML_FAILURES:
        return Trouble.HTML
    return Trouble.DEAD if state.failures >= DEAD_FAILURES and _lasts(state.failing, state.polled, DEAD_AFTER) else None


def _lasts(since: datetime | None, until: datetime | None, span: timedelta) -> bool:
    return since is not None and until is not None and until - since >= span


def _is_frozen(state: FeedState) -> bool:
    rhythm, until = state.rhythm, state.succeeded  # what came while nobody looked is not known
    if rhythm is None or rhythm.newest is None or until is None or state.empty is not None:
        return False
    silent = until - max(rhythm.newest, rhythm.watched)
    least = FROZEN_AFTER if until - rhythm.watched >= NEW else FROZEN_AFTER_NEW
    usual_s = max(FROZEN_GAPS * mean_gap_s(rhythm), FROZEN_SILENCES * rhythm.quiet_s)
    return silent >= least and silent >= timedelta(seconds=usual_s)


def review(states: Mapping[str, FeedState], *, names: Mapping[str, str], now: datetime) -> Review:
    """What has begun and what has ended since ops were last told, over all these feeds; `names` is what a feed is called."""
    told = {key: dict(state.told) for key, state in states.items()}
    begun: dict[Trouble, list[str]] = {}
    ended: dict[Trouble, list[str]] = {}
    notices = _offline(states, told, names, now=now)
    for key, state in states.items():
        current = _to_tell(state, told[key])
        for trouble in current:
            if trouble not in told[key] or _has_moved_again(trouble, state):
                begun.setdefault(trouble, []).append(key)
                told[key][trouble.value] = now
        for name in told[key].keys() - {*current, Trouble.OFFLINE}:
            del told[key][name]
            if name in _ENDED:
                ended.setdefault(Trouble(name), []).append(key)
    for trouble, keys in begun.items():
        notices += _notices(trouble, [(names.get(key, key), _detail(trouble, states[key])) for key in keys], _BEGUN)
    for trouble, keys in ended.items():
        notices += _notices(trouble, [(names.get(key, key), "") for key in keys], _ENDED)
    return Review({key: each for key, each in told.items() if each != states[key].told}, tuple(notices))


def _to_tell(state: FeedState, told: Mapping[str, datetime]) -> list[Trouble]:
    """What ops should know of a feed; that it fails like all the others is no news of its own."""
    withheld = {Trouble.OFFLINE}
    if Trouble.OFFLINE in told:
        withheld |= {Trouble.DEAD, Trouble.HTML} - told.keys()
    return [trouble for trouble in troubles(state) if trouble not in withheld]


def _has_moved_again(trouble: Trouble, state: FeedState) -> bool:
    return trouble is Trouble.MOVED and state.moved is not None and state.moved.at > state.told[trouble]


def _offline(
    states: Mapping[str, FeedState], told: dict[str, dict[str, datetime]], names: Mapping[str, str], *, now: datetime
) -> list[Notice]:
    """Mark the feeds that fail together, and unmark those that no longer do; what ops are to hear of it."""
    others = [key for key in states if not _FAILING & told[key].keys()]
    failing = [key for key in others if states[key].failures]
    long = [key for key in failing if _fails_for_long(states[key])]
    marked = [key for key in others if Trouble.OFFLINE in told[key]]
    if not marked and len(long) >= OFFLINE_FEEDS_MIN and len(long) >= OFFLINE_SHARE * len(others):
        for key in failing:
            told[key][Trouble.OFFLINE.value] = now
        title = f"{len(failing)} of {len(states)} feeds cannot be reached: perhaps it is the network here"
        lines = (f"{names.get(key, key)}: {states[key].reason}" for key in failing)
        return [Notice(title=title, lines=_bounded(lines, len(failing)), severity=Severity.CRITICAL)]
    if not marked:
        return []
    over = len(failing) < ONLINE_SHARE * len(others)
    for key in others:
        if over or key not in failing:
            told[key].pop(Trouble.OFFLINE, None)
        elif key in long:
            told[key].setdefault(Trouble.OFFLINE.value, now)
    if not over:
        return []
    lines = (f"still not: {names.get(key, key)}: {states[key].reason}" for key in failing)
    return [Notice(title="The feeds can be reached again", lines=_bounded(lines, len(failing)), severity=Severity.MEDIUM)]


def _fails_for_long(state: FeedState) -> bool:
    return state.failures >= OFFLINE_FAILURES and _lasts(state.failing, state.polled, OFFLINE_AFTER)


def _notices(trouble: Trouble, feeds: Sequence[tuple[str, str]], wordings: Mapping[Trouble, tuple[str, str]]) -> list[Notice]:
    one, many = wordings[trouble]
    severity = Severity.LOW if wordings is _ENDED else Severity.MEDIUM if trouble in LESSER else Severity.HIGH
    mend = [_MEND[trouble]] if wordings is _BEGUN else []
    if len(feeds) < TOGETHER:
        return [
            Notice(title=f"Feed {name} {one}", lines=tuple(line for line in (detail, *mend) if line), severity=severity)
            for name, detail in feeds
        ]
    lines = _bounded((f"{name}: {detail}" if detail else name for name, detail in feeds), len(feeds))
    return [Notice(title=f"{len(feeds)} feeds {many}", lines=(*lines, *mend), severity=severity)]


def _detail(trouble: Trouble, state: FeedState) -> str:
    """What is known of it, for the notice."""
    match trouble:
        case Trouble.DEAD | Trouble.HTML | Trouble.GONE:
            since = f", since {_time(state.failing)}" if state.failing else ""
            return f"{state.reason} ({state.failures} times in a row{since}; last read {_time(state.succeeded)})"
        case Trouble.EMPTY:
            return f"since {_time(state.empty)}"
        case Trouble.FROZEN if state.rhythm is not None:
            gap = timedelta(seconds=round(mean_gap_s(state.rhythm)))
            return f"nothing new since {_time(state.rhythm.newest)}; before that, something every {_span(gap)}"
        case Trouble.MOVED if state.moved is not None:
            return f"to {shown(state.moved.to)}"
        case _:
            return ""


def _bounded(lines: Iterable[str], count: int) -> tuple[str, ...]:
    kept = tuple(line for _, line in zip(range(LINES_MAX), lines, strict=False))
    return (*kept, f"and {count - LINES_MAX} more") if count > LINES_MAX else kept


def _time(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC" if time else "never"


def _span(span: timedelta) -> str:
    """Roughly, in the largest unit that fits twice."""
    seconds = span.total_seconds()
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
