"""How alike a report and an open story are, as figures of which each means something.

    weighed = Weighed.of(report, Rarities(shelf))     the report's terms by what they tell, in this stream
    signals(weighed, Near.of(weighed, story))         the figures, in the order of SIGNALS

What it deliberately does not do: the figures are not weighed against each other (`likelihood` does that), and no single one decides.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from ..records import Story, StoryArticle
from .centroid import centroid
from .figures import Cue
from .reading import NAME, NAME_WEIGHT, Report, headline
from .words import term

__all__ = ["LOOK_BACK", "SIGNALS", "Near", "Signals", "Weighed", "signals"]

REPORT_TERMS_MAX = 60
_BITS = 20.0
LOOK_BACK = 12
"""So many of a story's newest reports are compared one by one."""

_DIRECTIONS = ("north northern", "south southern", "east eastern", "west western")
_WEAPONS = (
    "airstrike airstrikes aerial warplane raid helicopter barrel jet drone",
    "shell shelling artillery missile rocket mortar",
    "explosion explode blast detonate detonation suicide booby mine ied",
    "clash battle ambush",
    "shot shooting gunman gunmen gunfire sniper",
)
"""What strikes, in words for the same."""

SIGNALS = (
    "cosine", "cosine squared", "title", "title squared", "contained", "shared", "shared in title", "names known", "other place",
    "same place", "other name", "same toll", "other toll", "lower toll", "other numbers", "same number", "other weekday", "other group",
    "hours since last", "hours since first", "reports", "lone", "one feed", "text", "text cosine", "follows up", "looks back",
    "deaths", "cosine of deaths", "same date", "other direction", "other weapon",
)  # fmt: skip
Signals = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Weighed:
    """A report whose terms are weighed by what they tell: `vector` of length one, `title` as it is, `rarity` says it for
    any term."""

    report: Report
    vector: Mapping[str, float]
    title: Mapping[str, float]
    title_square: float
    rarity: Mapping[str, float]

    @classmethod
    def of(cls, report: Report, rarity: Mapping[str, float]) -> Weighed:
        """Weigh a report's terms."""
        heavy = {term: weight * rarity[term] for term, weight in report.weights.items()}
        if len(heavy) > REPORT_TERMS_MAX:
            heavy = dict(heapq.nsmallest(REPORT_TERMS_MAX, heavy.items(), key=lambda item: (-item[1], item[0])))
        norm = math.sqrt(sum(weight * weight for weight in heavy.values())) or 1.0
        vector = {term: weight / norm for term, weight in heavy.items()}
        title = {term: rarity[term] * (NAME_WEIGHT if term in report.names else 1.0) for term in report.title}
        return cls(report, vector, title, sum(weight * weight for weight in title.values()), rarity)


@dataclass(frozen=True, slots=True)
class Near:
    """An open story beside a report: its terms unpacked, and how close it is."""

    story: Story
    weights: Mapping[str, int]
    cosine: float

    @classmethod
    def of(cls, weighed: Weighed, story: Story) -> Near:
        """The cosine of a report and a story."""
        weights, dot = centroid(story), 0.0
        for one, share in weighed.vector.items():
            if one in weights:
                dot += share * weights[one]
        return cls(story, weights, dot / math.hypot(*story.weights) if dot else 0.0)


def signals(weighed: Weighed, beside: Near) -> Signals:
    """What a report and an open story have in common, and what sets them apart."""
    report, story, weights, cosine = weighed.report.kept, beside.story, beside.weights, beside.cosine
    near = story.articles[-LOOK_BACK:]
    title, nearest, contained = _nearest_title(weighed, near)
    places = {place for other in near for place in other.places}
    around = places.union(*(other.around for other in near))
    tolls = [other.toll for other in near if other.toll]
    groups = {group for other in near for group in other.groups}
    figures = {figure for other in near for figure in other.figures}
    days = {day for other in near for day in other.days}
    with_text = report.full and any(other.full for other in near)
    deaths = float(Cue.DEATHS in report.cues and any(Cue.DEATHS in other.cues for other in near))
    return (
        cosine,
        cosine * cosine,
        title,
        title * title,
        contained,
        sum(weighed.rarity[term] for term in weighed.vector if term in weights) / _BITS,
        sum(weight for term, weight in weighed.title.items() if term in weights) / _BITS,
        _known(weighed, weights),
        _elsewhere(report, places, around),
        float(not places.isdisjoint(report.places)),
        title * _other_name(weighed, weights, nearest) if nearest else 0.0,
        float(report.toll in tolls),
        float(bool(report.toll and tolls) and report.toll not in tolls),
        float(bool(report.toll and tolls) and report.toll < max(tolls) and report.toll not in tolls),
        float(nearest is not None and bool(report.figures and nearest.figures) and set(report.figures).isdisjoint(nearest.figures)),
        float(not figures.isdisjoint(report.figures)),
        float(bool(report.days and days) and days.isdisjoint(report.days)),
        float(bool(report.groups and groups) and groups.isdisjoint(report.groups)),
        _hours(story.last, report.at),
        _hours(story.first, report.at),
        math.log(max(1.0, story.mass)),
        float(len(story.articles) == 1),
        float(bool(report.feed) and story.sources == (report.feed,)),
        float(with_text),
        cosine * with_text,
        float(Cue.FOLLOWS_UP in report.cues),
        float(Cue.LOOKS_BACK in report.cues),
        deaths,
        cosine * deaths,
        float(story.last.date() == report.at.date()),
        _other(_DIRECTIONS, weighed, weights),
        _other(_WEAPONS, weighed, weights),
    )


def _nearest_title(weighed: Weighed, others: Sequence[StoryArticle]) -> tuple[float, StoryArticle | None, float]:
    """The cosine of the closest of some headlines with the report's, that headline, and how much of the shorter stands in the other."""
    best, nearest, contained = 0.0, None, 0.0
    for other in others:
        dot = square = shared = 0.0
        for marked in other.terms.split():
            word = marked.removeprefix(NAME)
            weight = weighed.rarity[word] * (NAME_WEIGHT if word is not marked else 1.0)
            square += weight * weight
            if word in weighed.title:
                dot += weight * weighed.title[word]
                shared += weighed.title[word] ** 2
        cosine = dot / math.sqrt(square * weighed.title_square) if dot else 0.0
        if cosine and cosine >= best:
            best, nearest, contained = cosine, other, min(1.0, shared / min(square, weighed.title_square))
    return best, nearest, contained


def _known(weighed: Weighed, weights: Mapping[str, int]) -> float:
    """How much of the names in the headline the story knows; a half if it has none."""
    names = [term for term in weighed.title if term in weighed.report.names]
    total = sum(weighed.rarity[term] for term in names)
    return sum(weighed.rarity[term] for term in names if term in weights) / total if total else 0.5


def _elsewhere(report: StoryArticle, places: set[str], around: set[str]) -> float:
    """1 if both sides' headlines name listed places and share none, a half if their texts do."""
    if not report.places or not places or not places.isdisjoint(report.places):
        return 0.0
    return 1.0 if around.isdisjoint((*report.places, *report.around)) else 0.5


def _other_name(weighed: Weighed, weights: Mapping[str, int], other: StoryArticle) -> bool:
    """Whether each side's headline has a name of which the other side knows nothing."""
    mine = any(term not in weights for term in weighed.report.names)
    return mine and any(term not in weighed.report.weights for term, is_name in headline(other).items() if is_name)


def _other(groups: tuple[str, ...], weighed: Weighed, weights: Mapping[str, int]) -> float:
    """1 if both sides have words of some of these groups and none of one group: the east of a town, its west."""
    mine = [group for group in _terms(groups) if not group.isdisjoint(weighed.title)]
    theirs = [group for group in _terms(groups) if any(one in weights for one in group)] if mine else []
    return float(bool(theirs) and not any(group in theirs for group in mine))


@cache
def _terms(groups: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(map(term, words.split())) for words in groups)


def _hours(since: datetime, until: datetime) -> float:
    return math.log1p(max(0.0, (until - since).total_seconds() / 3600.0))
