"""Lists of what was held: counts first, then by place, then by story; every alert with its link.

What it deliberately does not do: it leaves nothing out; what does not fit into one message makes several (`divided`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import groupby

from ..records import Because, Digest, Item, Severity
from .layouts import Layout
from .words import MARKERS, clock, counted, cut, line, link, units, zone_of

__all__ = ["Group", "divided", "grouped", "headline", "item_text", "summary"]

ITEM_TITLE_UNITS_MAX = 160
ITEM_FEED_UNITS_MAX = 40
ITEM_UPDATE_UNITS_MAX = 60
ELSEWHERE = "Elsewhere"

# By layout: how many items and how many UTF-16 units of them one message takes. Telegram counts what is shown, 4,096 of it, without
# addresses of links (core.telegram.org/bots/api#sendmessage); Slack takes 50 blocks of 3,000 characters, addresses included
# (docs.slack.dev/reference/block-kit); mail takes what a person still reads.
_ITEMS_MAX = {Layout.PLAIN: 30, Layout.TELEGRAM: 60, Layout.SLACK: 100, Layout.MAIL: 300}
_UNITS_MAX = {Layout.PLAIN: 3_000, Layout.TELEGRAM: 3_500, Layout.SLACK: 30_000, Layout.MAIL: 100_000}
_LINKS_HIDDEN = frozenset({Layout.TELEGRAM})
_REASONS = {
    Because.DIGEST: "digest",
    Because.QUIET: "held in quiet hours",
    Because.SILENCE: "held by a silence",
    Because.STORM: "too many at once to tell one by one",
    Because.PER_HOUR: "more than this channel is told in an hour",
}
_LINE_EXTRA = 30
"""Marker, time, brackets, indent and breaks of a line."""
_HEADING_EXTRA = 2


@dataclass(frozen=True, slots=True)
class Group:
    """The alerts of one place; those of one story stand together, the first report first."""

    place: str
    stories: tuple[tuple[Item, ...], ...]


def divided(items: Sequence[Item], *, layout: Layout) -> list[tuple[Item, ...]]:
    """The items as one message takes them, in the order in which they are shown; none is left out."""
    parts: list[list[Item]] = [[]]
    left = _UNITS_MAX[layout]
    for item in _ordered(items):
        heading = units(_place(item)) + _HEADING_EXTRA
        cost = _units_of(item, layout) + (0 if parts[-1] and _place(parts[-1][-1]) == _place(item) else heading)
        if parts[-1] and (cost > left or len(parts[-1]) >= _ITEMS_MAX[layout]):
            parts.append([])
            left = _UNITS_MAX[layout]
            cost = _units_of(item, layout) + heading
        parts[-1].append(item)
        left -= cost
    return [tuple(part) for part in parts if part]


def grouped(items: Sequence[Item]) -> tuple[Group, ...]:
    """By place, then by story: the worst first, then what came first."""
    return tuple(
        Group(place, tuple(tuple(story) for _, story in groupby(inside, key=lambda item: item.story)))
        for place, inside in groupby(_ordered(items), key=_place)
    )


def headline(digest: Digest) -> str:
    """`🔴 12 alerts: held in quiet hours (2 of 3)`, with the marker of the worst that this part lists."""
    worst = max((item.severity for item in digest.items), default=Severity.INFO)
    part = f" ({digest.part} of {digest.parts})" if digest.parts > 1 else ""
    reasons = ", ".join(_REASONS[because] for because in digest.because)
    return f"{MARKERS[worst]} {counted(digest.of or len(digest.items), 'alert')}: {reasons}{part}"


def summary(digest: Digest, *, timezone: tzinfo, note: str = "") -> str:
    """Counts, the span of time that the list is of, and whose clock its lines go by; before them a note on the delivery."""
    counts = Counter(item.severity for item in digest.items)
    worst_first = sorted(counts, key=lambda severity: -severity.rank)
    shown = ", ".join(f"{counts[severity]} {severity.value}" for severity in worst_first)
    here = "in this part: " if digest.parts > 1 else ""
    span = f"{clock(digest.since, timezone)} to {clock(digest.until, timezone)}"
    return f"{note}{' ' if note else ''}{here}{shown}; {span}; times below: {zone_of(digest.until.astimezone(timezone))}"


def item_text(item: Item, *, timezone: tzinfo) -> tuple[str, str, str]:
    """The marker of an item, its headline, and who reported it when, by the reader's clock."""
    update = f"UPDATE ({cut(line(item.update), ITEM_UPDATE_UNITS_MAX)}): " if item.update else ""
    title = cut(f"{update}{line(item.title) or '(no headline)'}", ITEM_TITLE_UNITS_MAX)
    when = f", {item.published.astimezone(timezone):%m-%d %H:%M}" if item.published else ""
    return MARKERS[item.severity], title, f"{cut(line(item.feed), ITEM_FEED_UNITS_MAX)}{when}"


def _ordered(items: Iterable[Item]) -> Iterator[Item]:
    items = list(items)
    places: dict[str, Severity] = {}
    stories: dict[tuple[str, str], tuple[int, int]] = {}
    counts = Counter(map(_place, items))
    for at, item in enumerate(items):
        place = _place(item)
        places[place] = max(places.get(place, item.severity), item.severity)
        rank, first = stories.get((place, item.story), (0, at))
        stories[place, item.story] = (min(rank, -item.severity.rank), first)
    yield from sorted(
        items,
        key=lambda item: (
            _place(item) == ELSEWHERE,
            -places[_place(item)].rank,
            -counts[_place(item)],
            _place(item),
            stories[_place(item), item.story],
        ),
    )


def _place(item: Item) -> str:
    return (cut(line(item.places[0]), 60) if item.places else "") or ELSEWHERE


def _units_of(item: Item, layout: Layout) -> int:
    shown = units(cut(line(item.title), ITEM_TITLE_UNITS_MAX)) + min(units(item.feed), ITEM_FEED_UNITS_MAX) + _LINE_EXTRA
    shown += min(units(line(item.update)), ITEM_UPDATE_UNITS_MAX) + len("UPDATE (): ") if item.update else 0
    return shown if layout in _LINKS_HIDDEN else shown + units(link(item.url))
