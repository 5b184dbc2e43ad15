"""Which open story a report belongs to."""

from __future__ import annotations

import heapq
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from rapidfuzz import fuzz, process

from ..records import Article, Decision, Evidence, Field, Kind, Severity, Story, StoryArticle, digest
from ..text import fold
from .values import Joined, Reason, StorySettings, Verdict
from .verdicts import remembered, verdict

__all__ = ["ARTICLES_MAX", "Stories"]

ARTICLES_MAX = 50
SOURCES_MAX = 200
CANDIDATES_MAX = 200
TITLE_CHARACTERS_MAX = 500
TITLE_WORDS_MAX = 40
WORD_LENGTH_MIN = 3
SAME_TITLE_WITHIN = timedelta(hours=24)
NEAR_TITLE_WORDS_MIN = 5
NEAR_TITLE_SCORE = 88.0
"""Of rapidfuzz's token_sort_ratio over folded titles; the guards on names and numbers, not this figure, keep events apart."""

ALIKE_SCORE = 70.0
"""Of rapidfuzz's ratio; from here on two words of two titles are taken for forms of one."""

_Sign = tuple[str, str]
"""A kind of sign (article, link, title, word) and its value."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WORD = re.compile(r"\w+")


class Stories:
    """The open stories: a fold over the reports, in order. `kept` are those that the log remembers."""

    def __init__(self, settings: StorySettings, *, kept: Iterable[Story] = ()) -> None:
        self.settings = settings
        self._open: dict[str, Story] = {}
        self._index: defaultdict[_Sign, set[str]] = defaultdict(set)
        self._time = _EPOCH
        for story in kept:
            self._put(story)

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, story: str) -> bool:
        return story in self._open

    def __getitem__(self, story: str) -> Story:
        return self._open[story]

    def join(self, article: Article, evidence: Sequence[Evidence], *, kinds: Mapping[str, Kind] | None = None) -> Joined:
        """Put a report where it belongs; its story is open afterwards. `kinds` says what the terms of each watchlist name."""
        report = _report(article, evidence)
        joined = self._find(report)
        self._put(_opened(joined.story, report) if joined.new else _extended(self[joined.story], report))
        return joined

    def tell(self, story: str, destinations: Mapping[str, Severity], *, at: datetime, alert: str = "") -> dict[str, Verdict]:
        """What the last report of `story` means for each destination, given the severity it has there; remembered as told by `alert`."""
        verdicts = {}
        told = dict(self[story].told)
        for destination, severity in destinations.items():
            found = verdicts[destination] = verdict(self[story], told.get(destination), severity, self.settings)
            if found.decision is not Decision.REPEAT:
                told[destination] = remembered(self[story], told.get(destination), severity, found.reason, at=at, alert=alert)
        self._open[story] = msgspec.structs.replace(self[story], told=told)
        return verdicts

    def resolve(self, story: str) -> str:
        """The story that this one turned out to be; itself if it is open or unknown."""
        return story

    def expire(self) -> tuple[str, ...]:
        """Forget the stories whose last report is longer ago than the window, by the reports' own time; their ids."""
        before = self._time - self.settings.window
        gone = tuple(id for id, story in self._open.items() if story.last < before)
        for id in gone:
            self._drop(id)
        return gone

    def _find(self, report: StoryArticle) -> Joined:
        for reason, found in (
            (Reason.SAME_ARTICLE, self._newest(("article", report.id))),
            (Reason.SAME_LINK, self._newest(("link", report.url))),
            (Reason.SAME_TITLE, self._same_title(report)),
            (Reason.NEAR_TITLE, self._near_title(report)),
        ):
            if found is not None:
                return Joined(found, new=False, reason=reason)
        return Joined(digest("story", report.id, report.at.isoformat()), new=True, reason=Reason.FIRST_REPORT)

    def _newest(self, sign: _Sign) -> str | None:
        return max(self._index.get(sign, ()), key=self._recency, default=None)

    def _recency(self, id: str) -> tuple[datetime, str]:
        return self[id].last, id

    def _same_title(self, report: StoryArticle) -> str | None:
        """Equal folded titles hold equal numbers, so "Live: 3 killed" and "Live: 5 killed" stay apart."""
        near = [
            id
            for id in self._index.get(("title", report.key), ())
            if any(other.key == report.key and abs(report.at - other.at) <= SAME_TITLE_WITHIN for other in self[id].articles)
        ]
        return max(near, key=self._recency, default=None)

    def _near_title(self, report: StoryArticle) -> str | None:
        if len(report.key.split()) < NEAR_TITLE_WORDS_MIN:
            return None
        others = {
            (id, index): other.key
            for id in self._candidates(report)
            for index, other in enumerate(self[id].articles)
            if self._comparable(report, other)
        }
        best = process.extractOne(report.key, others, scorer=fuzz.token_sort_ratio, score_cutoff=NEAR_TITLE_SCORE)
        return best[2][0] if best else None

    def _comparable(self, report: StoryArticle, other: StoryArticle) -> bool:
        return (
            report.numbers == other.numbers
            and abs(report.at - other.at) <= self.settings.window
            and not _each_lacks(set(report.names), set(other.names))
            and not _each_lacks(set(report.proper), set(other.proper))
            and not _substituted(set(report.key.split()), set(other.key.split()))
        )

    def _candidates(self, report: StoryArticle) -> list[str]:
        """Open stories that share one of the four rarest words of the title: a near-identical title shares nearly all."""
        postings = [(len(self._index[sign]), sign) for sign in _signs(report) if sign[0] == "word" and sign in self._index]
        ids = {id for _, sign in sorted(postings)[:4] for id in self._index[sign]}
        return heapq.nlargest(CANDIDATES_MAX, ids, key=self._recency)

    def _put(self, story: Story) -> None:
        """Hold this state of a story, and no sign of an earlier one."""
        if story.id in self._open:
            self._drop(story.id)
        self._open[story.id] = story
        self._time = max(self._time, story.last)
        for report in story.articles:
            for sign in _signs(report):
                self._index[sign].add(story.id)

    def _drop(self, id: str) -> None:
        for report in self._open.pop(id).articles:
            for sign in _signs(report):
                self._index[sign].discard(id)
                if not self._index[sign]:
                    del self._index[sign]


def _opened(id: str, report: StoryArticle) -> Story:
    return Story(id=id, articles=(report,), sources=(report.feed,), first=report.at, last=report.at)


def _extended(story: Story, report: StoryArticle) -> Story:
    """The story with one more report; the same article of the same feed takes the place of its earlier state."""
    others = tuple(other for other in story.articles if (other.id, other.feed) != (report.id, report.feed))
    sources = story.sources if report.feed in story.sources else (*story.sources, report.feed)
    return msgspec.structs.replace(
        story,
        articles=(*others, report)[-ARTICLES_MAX:],
        sources=sources[:SOURCES_MAX],
        first=min(story.first, report.at),
        last=max(story.last, report.at),
    )


def _signs(report: StoryArticle) -> Iterator[_Sign]:
    """What a report is found by."""
    yield "article", report.id
    if report.url:
        yield "link", report.url
    if report.key:
        yield "title", report.key
    for word in set(report.key.split()):
        if len(word) >= WORD_LENGTH_MIN:
            yield "word", word


def _report(article: Article, evidence: Sequence[Evidence]) -> StoryArticle:
    in_title = [one for one in evidence if one.field is Field.TITLE]
    title = _canonical(article.title, in_title)
    words = _folded_words(title)[:TITLE_WORDS_MAX]
    return StoryArticle(
        id=article.id,
        feed=article.feed,
        url=article.url,
        title=article.title[:TITLE_CHARACTERS_MAX],
        key=" ".join(words),
        proper=tuple(sorted(_proper(title))),
        numbers=tuple(sorted(word for word in words if word.isdigit())),
        names=tuple(sorted({f"{one.watchlist}: {one.term}" for one in in_title})),
        published=article.published,
        at=_time_of(article),
    )


def _canonical(title: str, evidence: Sequence[Evidence]) -> str:
    """The title with each name as its watchlist spells it, so that Rakka is Raqqa; of overlapping ones the longest counts."""
    end = len(title)
    for one in sorted(evidence, key=lambda one: (one.end, one.end - one.start), reverse=True):
        if one.end <= end and not any(_around(other, one) for other in evidence):
            title = title[: one.start] + one.term + title[one.end :]
            end = one.start
    return title


def _around(other: Evidence, one: Evidence) -> bool:
    return other.start <= one.start and one.end <= other.end and other.end - other.start > one.end - one.start


def _folded_words(text: str) -> list[str]:
    return _WORD.findall(fold(text).text)


def _time_of(article: Article) -> datetime:
    """When the article was reported: published, clamped to fetched (a date in the future is no date)."""
    times = [time for time in (article.published, article.fetched) if time is not None]
    return min(times) if times else _EPOCH


def _each_lacks(one: set[str], other: set[str]) -> bool:
    """Whether each title has a name or number that the other lacks: "… hit Raqqa", "… hit Aleppo". One that only says more is no other."""
    return bool(one - other) and bool(other - one)


def _substituted(one: set[str], other: set[str]) -> bool:
    """Whether a word stands for another one: "… kills five", "… kills seven". Inflections ("strike", "strikes") are the same word."""
    ours, theirs = one - other, other - one
    return bool(theirs) and any(process.extractOne(word, theirs, scorer=fuzz.ratio, score_cutoff=ALIKE_SCORE) is None for word in ours)


def _proper(title: str) -> set[str]:
    """The folded words that are capitalised, though not first, or numbers."""
    names = [word for word in _WORD.findall(title)[1:] if word[0].isupper() or word[0].isdigit()]
    return {word for name in names for word in _folded_words(name)}
