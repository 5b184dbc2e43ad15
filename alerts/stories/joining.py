"""Which open story a report belongs to.

What it deliberately does not do: no clock is asked; time is that of the reports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from ..records import Article, Decision, Evidence, Kind, Severity, Story, StoryArticle, digest
from .facts import fact
from .growth import alias, extended, fused, knows, opened, replaced, short
from .guards import apart, at_odds, bridged
from .index import Rarities, Shelf
from .likelihood import FUSE_FROM, JOIN_FROM, RELATED_FROM, likelihood
from .likeness import Near, Signals, Weighed, signals
from .reading import read
from .values import Joined, Reason, StorySettings, Verdict
from .verdicts import remembered, verdict

__all__ = ["Stories"]

CANDIDATES_MAX = 5
SAME_TITLE_WITHIN = timedelta(hours=24)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Likely(NamedTuple):
    """A story that a report may belong to: how surely after all, and by its signals alone."""

    story: str
    score: float
    likelihood: float


class Stories:
    """The open stories: a fold over the reports, in order. `kept` are those that the log remembers."""

    def __init__(self, settings: StorySettings, *, kept: Iterable[Story] = (), likelihood: Callable[[Signals], float] = likelihood) -> None:
        self.settings = settings
        self._likelihood = likelihood
        self.shelf = Shelf()
        self._aliases: dict[str, Story] = {}
        self._names_of: dict[str, tuple[str, ...]] = {}
        self.time = _EPOCH
        for story in kept:
            if story.into:
                self._aliases[story.id] = story
            else:
                self.put(story)
        for id in sorted(self._aliases):
            target = self.resolve(id)
            self._names_of[target] = (*self._names_of.get(target, ()), id)

    def __len__(self) -> int:
        return len(self.shelf)

    def __contains__(self, story: str) -> bool:
        return story in self.shelf or story in self._aliases

    def __iter__(self) -> Iterator[str]:
        yield from self.shelf
        yield from self._aliases

    def __getitem__(self, story: str) -> Story:
        return self._aliases[story] if story in self._aliases else self.shelf[story]

    def join(self, article: Article, evidence: Sequence[Evidence], *, kinds: Mapping[str, Kind] | None = None) -> Joined:
        """Put a report where it belongs; its story is open afterwards. `kinds` says what the terms of each watchlist name."""
        report = read(article, evidence, kinds or {}, now=self.time)
        known = self._known(report.kept)
        if known is not None:
            return known
        weighed = Weighed.of(report, Rarities(self.shelf))
        joined, others = self._placed(weighed)
        if joined.new:
            self.put(opened(joined.story, report.kept, weighed.vector))
            return joined
        return self._taken_in(weighed, joined, others)

    def near(self, article: Article, evidence: Sequence[Evidence], *, kinds: Mapping[str, Kind] | None = None) -> list[tuple[str, Signals]]:
        """The open stories that `join` would weigh for a report, and what it would weigh; nothing changes."""
        return self._near(Weighed.of(read(article, evidence, kinds or {}, now=self.time), Rarities(self.shelf)))

    def tell(self, story: str, destinations: Mapping[str, Severity], *, at: datetime, alert: str = "") -> dict[str, Verdict]:
        """What the last report of `story` means for each destination, given the severity it has there; remembered as told by `alert`."""
        known = self.shelf[story]
        verdicts, told = {}, dict(known.told)
        for destination, severity in destinations.items():
            found = verdicts[destination] = verdict(known, told.get(destination), severity, self.settings)
            if found.decision is not Decision.REPEAT:
                told[destination] = remembered(known, told.get(destination), severity, found.reason, at=at, alert=alert)
        self.shelf.put(msgspec.structs.replace(known, told=told))
        return verdicts

    def resolve(self, story: str) -> str:
        """The story that this one turned out to be; itself if it did not."""
        while story in self._aliases:
            story = self._aliases[story].into
        return story

    def expire(self) -> tuple[str, ...]:
        """Forget the stories whose last report is longer ago than the window, by the reports' own time; their ids and aliases."""
        gone: list[str] = []
        for id in self.shelf.last_before(self.time - self.settings.window):
            self.shelf.drop(id)
            names = self._names_of.pop(id, ())
            for name in names:
                del self._aliases[name]
            gone += [id, *names]
        return tuple(gone)

    def _known(self, report: StoryArticle) -> Joined | None:
        """A report that was delivered before changes nothing; one that its feed has changed since takes its earlier state's place."""
        id = self._newest(self.shelf.with_sign("id", report.id) or self.shelf.with_past(short(report)))
        if id is None:
            return None
        story = self.shelf[id]
        if knows(story, report):
            return Joined(id, new=False, reason=Reason.SAME_ARTICLE)
        found = fact(story, report)
        self.put(replaced(story, report, found))
        return Joined(id, new=False, reason=Reason.SAME_ARTICLE, fact=found.text if found else "")

    def _placed(self, weighed: Weighed) -> tuple[Joined, list[str]]:
        """Where a report belongs, and the other stories to which it belongs as surely."""
        report = weighed.report.kept
        for reason, found in ((Reason.SAME_LINK, self._same_link(report)), (Reason.SAME_TITLE, self._same_title(report))):
            if found is not None:
                return Joined(found, new=False, reason=reason, score=1.0), []
        ranked = self._ranked(weighed)
        best = ranked[0] if ranked else _Likely("", 0.0, 0.0)
        if best.score >= JOIN_FROM:
            reason = Reason.SAME_EVENT if best.likelihood >= JOIN_FROM else Reason.SAME_FACTS
            surely = [other.story for other in ranked[1:] if other.score >= FUSE_FROM]
            return Joined(best.story, new=False, reason=reason, score=best.score), surely
        related = best.story if best.score >= RELATED_FROM else ""
        reason = Reason.IN_DOUBT if related else Reason.FIRST_REPORT
        return Joined(digest("story", report.id, report.at.isoformat()), new=True, reason=reason, score=best.score, related=related), []

    def _ranked(self, weighed: Weighed) -> list[_Likely]:
        """The stories that a report may belong to, likeliest first."""
        found = [self._judged(weighed, self.shelf[id], figures) for id, figures in self._near(weighed)]
        return sorted(found, key=lambda one: (-one.score, -one.likelihood, one.story))

    def _judged(self, weighed: Weighed, story: Story, figures: Signals) -> _Likely:
        """How likely a report belongs to a story, with what the signals cannot tell: what never does, and what another language hides."""
        score = likelihood = self._likelihood(figures)
        if likelihood >= JOIN_FROM or bridged(weighed, story):
            score = 0.0 if self._never(weighed, story) else max(score, JOIN_FROM)
        return _Likely(story.id, score, likelihood)

    def _never(self, weighed: Weighed, story: Story) -> bool:
        """Whether, however alike they are, the report cannot belong to the story."""
        return bool(apart(weighed, story)) or self._stale_title(weighed.report.kept, story)

    def _near(self, weighed: Weighed) -> list[tuple[str, Signals]]:
        """The stories closest to a report, and their signals."""
        alike = (Near.of(weighed, self.shelf[id]) for id in self.shelf.alike(weighed.vector) if self._open_at(id, weighed))
        closest = sorted(alike, key=lambda near: (-near.cosine, near.story.id))[:CANDIDATES_MAX]
        return [(near.story.id, signals(weighed, near)) for near in closest]

    def _open_at(self, id: str, weighed: Weighed) -> bool:
        story, at = self.shelf[id], weighed.report.kept.at
        return story.first - self.settings.window <= at <= story.last + self.settings.window

    def _same_link(self, report: StoryArticle) -> str | None:
        return self._newest(self.shelf.with_sign("url", report.url)) if report.url else None

    def _same_title(self, report: StoryArticle) -> str | None:
        """Equal folded titles hold equal numbers, so "Live: 3 killed" and "Live: 5 killed" stay apart; so do the same words a day later."""
        return self._newest(id for id in self.shelf.with_sign("key", report.key) if not self._stale_title(report, self.shelf[id]))

    def _stale_title(self, report: StoryArticle, story: Story) -> bool:
        """Whether the story first had this very headline a day or more ago: a standing one, like "Live updates"."""
        same = [other.at for other in story.articles if other.key == report.key]
        return bool(same) and abs(report.at - min(same)) > SAME_TITLE_WITHIN

    def _newest(self, ids: Iterable[str]) -> str | None:
        return max(ids, key=lambda id: (self.shelf[id].last, id), default=None)

    def _taken_in(self, weighed: Weighed, joined: Joined, others: Sequence[str]) -> Joined:
        """Give a story its further report, and fuse it with those that the report shows to be the same."""
        story, absorbed = joined.story, []
        for other in others:
            if not at_odds(self.shelf[story], self.shelf[other]):
                story, younger = self._fuse(story, other)
                absorbed.append(younger)
        found = fact(self.shelf[story], weighed.report.kept)
        self.put(extended(self.shelf[story], weighed.report.kept, weighed.vector, found))
        told = found.text if found else ""
        return Joined(story, new=False, reason=joined.reason, score=joined.score, absorbed=tuple(absorbed), fact=told)

    def _fuse(self, one: str, other: str) -> tuple[str, str]:
        """Make two stories one; the id of the older, and that of the younger, which is now its alias."""
        older, younger = sorted((self.shelf[one], self.shelf[other]), key=lambda story: (story.first, story.id))
        self.shelf.drop(younger.id)
        self.put(fused(older, younger))
        self._aliases[younger.id] = alias(younger, into=older.id)
        self._names_of[older.id] = (*self._names_of.get(older.id, ()), younger.id, *self._names_of.pop(younger.id, ()))
        return older.id, younger.id

    def put(self, story: Story) -> None:
        """Hold this state of a story."""
        self.shelf.put(story)
        self.time = max(self.time, story.last)
