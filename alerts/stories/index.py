"""The open stories, found by what they have in common with a report.

    shelf.put(story)                     hold this state of a story, and no trace of an earlier one
    shelf.rarity(term)                   how much a term tells, by how many open stories have it
    shelf.alike(vector)                  the stories that share most with a report

A term's count is that of the open stories which have it, so the statistics are the stories themselves: nothing is counted twice, a
story that leaves takes its counts along, and what is rebuilt from the records is the same. There is no total, so stories that share
no term with a report do not touch how it is judged.

What it deliberately does not do: it decides nothing, and keeps no text.
"""

from __future__ import annotations

import heapq
import math
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from ..records import Story, StoryArticle
from .reading import CONCEPT
from .words import EVERYDAY, commonness

__all__ = ["Rarities", "Shelf"]

_REFERENCE = 5000.0
_QUERY_TERMS = 24
_POSTINGS_MAX = 50_000
"""So many entries of the index are looked at for one report; a term that so many stories share tells little anyway."""
_NARROWED = 12


def _rarity(stories: int) -> float:
    return math.log1p(_REFERENCE / (1.0 + stories))


_RARITIES = tuple(map(_rarity, range(1024)))


class Rarities(dict[str, float]):
    """The rarity of terms while one report is judged, each looked up once."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def __missing__(self, term: str) -> float:
        rarity = self[term] = self._shelf.rarity(term)
        return rarity


class Shelf:
    """The open stories by id, by sign (article, link, title) and by term."""

    def __init__(self) -> None:
        self._stories: dict[str, Story] = {}
        self._numbers: dict[str, int] = {}
        self._by_number: dict[int, str] = {}
        self._next = 0
        self._postings: dict[str, array[int]] = {}
        self._signs: dict[str, dict[str, tuple[str, ...]]] = {"id": {}, "url": {}, "key": {}}
        self._past: dict[str, str] = {}
        self._ages: list[tuple[datetime, str]] = []

    def __len__(self) -> int:
        return len(self._stories)

    def __contains__(self, id: str) -> bool:
        return id in self._stories

    def __getitem__(self, id: str) -> Story:
        return self._stories[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._stories)

    def put(self, story: Story) -> None:
        """Hold this state of a story, and no trace of an earlier one."""
        old = self._stories.get(story.id)
        if old is None:
            number = self._numbers[story.id] = self._next
            self._by_number[number] = story.id
            self._next += 1
        if old is None or old.last != story.last:
            heapq.heappush(self._ages, (story.last, story.id))
        self._stories[story.id] = story
        if old is None or old.terms is not story.terms:
            self._swap_terms(story.id, set(old.terms.split()) if old else set(), set(story.terms.split()))
        if old is None or old.articles is not story.articles:
            self._swap_signs(story.id, old.articles if old else (), story.articles)
        if story.past and (old is None or old.past is not story.past):
            self._swap_past(story.id, old.past if old else (), story.past)

    def drop(self, id: str) -> None:
        """Forget a story, whole."""
        story = self._stories.pop(id)
        self._swap_terms(id, set(story.terms.split()), set())
        self._swap_signs(id, story.articles, ())
        self._swap_past(id, story.past, ())
        del self._by_number[self._numbers.pop(id)]

    def last_before(self, time: datetime) -> list[str]:
        """The stories whose last report is older than `time`; in order of their last report."""
        found = []
        while self._ages and self._ages[0][0] < time:
            last, id = heapq.heappop(self._ages)
            if id in self._stories and self._stories[id].last == last and id not in found:
                found.append(id)
        for id in found:
            heapq.heappush(self._ages, (self._stories[id].last, id))
        return found

    def with_sign(self, sign: str, value: str) -> tuple[str, ...]:
        """The stories with a report of this `id`, `url` or `key` (the folded title)."""
        return self._signs[sign].get(value, ())

    def with_past(self, digest: str) -> tuple[str, ...]:
        """The story that has had a report of this digest, and keeps no more of it."""
        return (self._past[digest],) if digest in self._past else ()

    def rarity(self, term: str) -> float:
        """How much a term tells: the logarithm of how rare it is among the open stories."""
        posting = self._postings.get(term)
        had = (len(posting) if posting else 0) + (EVERYDAY if term[0] == CONCEPT else commonness(term))
        return _RARITIES[had] if had < len(_RARITIES) else _rarity(had)

    def alike(self, vector: Mapping[str, float]) -> list[str]:
        """The stories that share the heaviest terms with a report, closest first."""
        import numpy as np  # behind its door: most commands open no story

        found, shares, left = [], [], _POSTINGS_MAX
        for term in heapq.nsmallest(_QUERY_TERMS, vector, key=lambda term: (-vector[term], term)):
            posting = self._postings.get(term)
            if posting is not None and len(posting) <= left:
                left -= len(posting)
                found.append(np.frombuffer(posting, np.uint32))
                shares.append(vector[term] * vector[term])
        if not found:
            return []
        numbers = np.concatenate(found)
        first = int(numbers.min())
        shared = np.bincount(numbers - first, np.repeat(shares, [len(posting) for posting in found]))
        least = np.partition(shared, -_NARROWED)[-_NARROWED] if len(shared) > _NARROWED else 0.0
        closest = np.flatnonzero((shared >= least) & (shared > 0.0))
        ranked = sorted((-shared[at], self._by_number[first + int(at)]) for at in closest)
        return [id for _, id in ranked[:_NARROWED]]

    def _swap_terms(self, id: str, old: set[str], new: set[str]) -> None:
        number = self._numbers[id]
        for term in old - new:
            posting = self._postings[term]
            del posting[bisect_left(posting, number)]
            if not posting:
                del self._postings[term]
        for term in new - old:
            posting = self._postings.setdefault(term, array("I"))
            if not posting or posting[-1] < number:
                posting.append(number)
            else:
                posting.insert(bisect_left(posting, number), number)

    def _swap_signs(self, id: str, old: Iterable[StoryArticle], new: Iterable[StoryArticle]) -> None:
        alone = (id,)
        for sign, known in self._signs.items():
            before, after = ({getattr(report, sign) for report in reports} - {""} for reports in (old, new))
            for value in before - after:
                rest = tuple(other for other in known.pop(value) if other != id)
                if rest:
                    known[value] = rest
            for value in after - before:
                known[value] = (*known[value], id) if value in known else alone

    def _swap_past(self, id: str, old: Iterable[str], new: Iterable[str]) -> None:
        before, after = set(old), set(new)
        for digest in before - after:
            self._past.pop(digest, None)
        self._past.update(dict.fromkeys(after - before, id))
