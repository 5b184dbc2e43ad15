"""How a story grows: it opens with a report, takes in others, or turns out to be another one. Records in, records out.

What it deliberately does not do: it does not ask whether a report belongs to the story.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ..records import Story, StoryArticle, digest
from .centroid import centroid, decay, grown, packed
from .facts import Fact
from .verdicts import merged

__all__ = ["ARTICLES_MAX", "alias", "extended", "fused", "knows", "opened", "replaced", "short"]

ARTICLES_MAX = 50
SOURCES_MAX = 500
PAST_MAX = 2000


def opened(id: str, report: StoryArticle, vector: Mapping[str, float]) -> Story:
    """A story of one report."""
    terms, weights, scale = packed(vector)
    return Story(
        id=id,
        articles=(report,),
        sources=(report.feed,),
        first=report.at,
        last=report.at,
        terms=terms,
        weights=weights,
        scale=scale,
        mass=1.0,
        toll=report.toll,
    )


def extended(story: Story, report: StoryArticle, vector: Mapping[str, float], fact: Fact | None = None) -> Story:
    """The story with one more report, and with what is new in that."""
    left = decay(story.last, report.at)
    terms, weights, scale = grown(story, vector, left)
    leaving = story.articles[: max(0, len(story.articles) + 1 - ARTICLES_MAX)]
    return msgspec.structs.replace(
        _told_fact(story, report, fact),
        articles=(*story.articles[len(leaving) :], report),
        past=(*story.past, *map(short, leaving))[-PAST_MAX:],
        sources=_sources(story, report),
        first=min(story.first, report.at),
        last=max(story.last, report.at),
        terms=terms,
        weights=weights,
        scale=scale,
        mass=story.mass * left + 1.0,
    )


def replaced(story: Story, report: StoryArticle, fact: Fact | None = None) -> Story:
    """The story with another state of one of its reports, or with the same report from another feed: its words count once."""
    others = tuple(other for other in story.articles if (other.id, other.feed) != (report.id, report.feed))
    leaving = others[: max(0, len(others) + 1 - ARTICLES_MAX)]
    return msgspec.structs.replace(
        _told_fact(story, report, fact),
        articles=(*others[len(leaving) :], report),
        past=(*story.past, *map(short, leaving))[-PAST_MAX:],
        sources=_sources(story, report),
        last=max(story.last, report.at),
    )


def fused(older: Story, younger: Story) -> Story:
    """Two stories that are one: under the older's id, with everything that was told of either."""
    until = max(older.last, younger.last)
    total = {term: weight * older.scale * decay(older.last, until) for term, weight in centroid(older).items()}
    for term, weight in centroid(younger).items():
        total[term] = total.get(term, 0.0) + weight * younger.scale * decay(younger.last, until)
    terms, weights, scale = packed(total)
    articles = tuple(sorted((*older.articles, *younger.articles), key=lambda one: (one.at, one.id, one.feed)))
    sources = tuple(dict.fromkeys((*older.sources, *younger.sources)))[:SOURCES_MAX]
    facts = max(older.facts, younger.facts)
    newest = max((older, younger), key=lambda story: (story.last, story.id))
    return msgspec.structs.replace(
        older,
        articles=articles[-ARTICLES_MAX:],
        past=(*older.past, *younger.past, *map(short, articles[:-ARTICLES_MAX]))[-PAST_MAX:],
        sources=sources,
        last=until,
        told=merged(older.told, younger.told, sources=len(sources), facts=facts),
        terms=terms,
        weights=weights,
        scale=scale,
        mass=older.mass * decay(older.last, until) + younger.mass * decay(younger.last, until),
        toll=newest.toll or older.toll or younger.toll,
        facts=facts,
        fact=newest.fact,
        fact_reason=newest.fact_reason,
    )


def alias(story: Story, *, into: str) -> Story:
    """What is kept of a story that turned out to be another one."""
    return Story(id=story.id, articles=(), first=story.first, last=story.last, into=into)


def knows(story: Story, report: StoryArticle) -> bool:
    """Whether the story has taken in this very report: the same article of the same feed, saying the same."""
    same = [other for other in story.articles if (other.id, other.feed) == (report.id, report.feed)]
    return any((other.title, other.url) == (report.title, report.url) for other in same) or (not same and short(report) in story.past)


def short(report: StoryArticle) -> str:
    """A digest by which a report is known when it is delivered again."""
    return digest("report", report.id, report.feed)[:16]


def _sources(story: Story, report: StoryArticle) -> tuple[str, ...]:
    return story.sources if report.feed in story.sources else (*story.sources, report.feed)[:SOURCES_MAX]


def _told_fact(story: Story, report: StoryArticle, fact: Fact | None) -> Story:
    if fact is None:
        return msgspec.structs.replace(story, toll=story.toll or report.toll)
    toll = fact.toll or story.toll
    return msgspec.structs.replace(story, facts=story.facts + 1, fact=fact.text, fact_reason=fact.reason, toll=toll)
