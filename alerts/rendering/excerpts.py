"""The sentence of an article that says most of why it matched."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from ..records import Article, Evidence, Excerpt, Field
from ..text import sentences

__all__ = ["EXCERPT_MAX", "excerpt"]

EXCERPT_MAX = 400


def excerpt(article: Article, evidence: Sequence[Evidence]) -> Excerpt:
    """The sentence with most evidence: most different terms, then most occurrences; rather of the text than of the title."""
    best, weight = Excerpt(), (0, 0, False)
    for field, found in groupby(sorted(evidence, key=lambda one: (list(Field).index(one.field), one.start)), key=lambda one: one.field):
        text = getattr(article, field.value)
        for start, end, inside in _sentences_of(text, list(found), language=article.language):
            reached = (len({(one.watchlist, one.term) for one in inside}), len(inside), field is not Field.TITLE)
            if reached > weight:
                best, weight = _window(text, start, end, inside), reached
    return best


def _sentences_of(text: str, found: Sequence[Evidence], *, language: str) -> Iterator[tuple[int, int, Sequence[Evidence]]]:
    """The sentences that hold some of the evidence, which comes in order of start."""
    starts = [one.start for one in found]
    for first, last in sentences(text, language=language):
        inside = found[bisect_left(starts, first) : bisect_left(starts, last)]
        if inside:
            sentence = text[first:last]
            yield last - len(sentence.lstrip()), first + len(sentence.rstrip()), inside


def _window(text: str, start: int, end: int, inside: Sequence[Evidence]) -> Excerpt:
    """The sentence with its marks, or the stretch of a long one that holds most of them."""
    marks = _merged((one.start, min(one.end, end)) for one in inside)
    low, high = (start, end) if end - start <= EXCERPT_MAX else _stretch(text, start, end, marks)
    before, behind = "…" if low > start else "", "…" if high < end else ""
    offset = len(before) - low
    shown = tuple((max(a, low) + offset, min(b, high) + offset) for a, b in marks if a < high and b > low)
    return Excerpt(text=f"{before}{text[low:high]}{behind}", marks=shown)


def _stretch(text: str, start: int, end: int, marks: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """At most `EXCERPT_MAX` characters around as many marks as possible, cut between words."""
    room = EXCERPT_MAX - 2  # for the ellipses
    ends = [stop for _, stop in marks]
    held = [bisect_right(ends, first + room) - index for index, (first, _) in enumerate(marks)]
    index = held.index(max(held))
    first, last = marks[index][0], ends[index + max(held) - 1] if max(held) else marks[index][0] + room
    low = max(start, min(first - (room - (last - first)) // 2, end - room))
    high = low + room
    if low > start:
        low = max(low, text.find(" ", low, first) + 1)
    if high < end and (space := text.rfind(" ", last, high)) > 0:
        high = space
    return low, high


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Overlapping spans as one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
