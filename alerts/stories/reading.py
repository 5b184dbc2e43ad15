"""A report as the story step sees it: what is kept of it, and how much each of its terms weighs.

What it deliberately does not do: nothing here depends on what else was reported.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..records import Article, Evidence, Field, Kind, StoryArticle
from ..text import Words, words
from .figures import cues, days, numbers, toll, without_wire
from .words import is_title_case, name_like, term

__all__ = ["NAME", "TITLE_CHARACTERS_MAX", "Report", "headline", "read"]

TITLE_CHARACTERS_MAX = 500
TITLE_WORDS_MAX = 40
TEXT_CHARACTERS_MAX = 900
"""The beginning of a text says what happened; what follows is background, which look-alikes share."""
TEXT_WORDS_MAX = 70
TEXT_WORDS_MIN = 6
TITLE_WEIGHT = 2.0
NAME_WEIGHT = 1.5
NAME = "*"
"""Begins a name-like term of a kept headline."""
CONCEPT = "="
"""Begins the term that stands for what a watchlist found, in whatever language and spelling."""

_URL_CHARACTERS_MAX = 2000


@dataclass(frozen=True, slots=True)
class Report:
    """One report. `weights` are those of its terms before their rarity; `title` has the headline's, `names` the name-like ones."""

    kept: StoryArticle
    weights: Mapping[str, float]
    title: tuple[str, ...]
    names: frozenset[str]
    concepts: tuple[str, ...]


def read(article: Article, evidence: Sequence[Evidence], kinds: Mapping[str, Kind], *, now: datetime) -> Report:
    """What an article says; one without any date is taken to be of `now`, the newest time of the stream."""
    title = without_wire(article.title[:TITLE_CHARACTERS_MAX])
    shift = article.title.find(title)
    in_title = [one for one in evidence if one.field is Field.TITLE]
    found = words(title)
    count = min(len(found), TITLE_WORDS_MAX)
    named = _named(found, count, in_title, kinds, shift)
    terms = _title_terms(found, count, named)
    names = frozenset(_names(found, count, named))
    text = words(f"{article.summary} {article.content[:TEXT_CHARACTERS_MAX]}"[:TEXT_CHARACTERS_MAX]).folded[:TEXT_WORDS_MAX]
    early = [one for one in evidence if one.field is Field.TITLE or one.end <= TEXT_CHARACTERS_MAX]
    concepts = tuple(sorted({sys.intern(CONCEPT + one.term.replace(" ", "_")) for one in early}))
    folded = found.folded[:count]
    kept = StoryArticle(
        id=article.id,
        feed=sys.intern(article.feed),
        url=article.url[:_URL_CHARACTERS_MAX],
        title=article.title[:TITLE_CHARACTERS_MAX],
        key=_key(found, count, in_title, shift),
        terms=" ".join(NAME + one if one in names else one for one in terms),
        places=_of_kind(in_title, kinds, Kind.PLACE),
        around=_of_kind([one for one in early if one.field is not Field.TITLE], kinds, Kind.PLACE),
        groups=_of_kind(early, kinds, Kind.GROUP),
        figures=tuple(sorted({number for _, number in numbers(folded)})),
        toll=toll(folded) or toll(text),
        days=days(folded),
        cues=cues(article.title, folded),
        language=sys.intern(article.language[:2].lower()),
        full=len(text) >= TEXT_WORDS_MIN,
        published=article.published,
        at=_time(article, now),
    )
    return Report(kept, _weights(terms, names, text, concepts), tuple(terms), names, concepts)


def headline(kept: StoryArticle) -> dict[str, bool]:
    """The terms of a kept headline, and whether each is like a name."""
    return {one.removeprefix(NAME): one.startswith(NAME) for one in kept.terms.split()}


def _time(article: Article, now: datetime) -> datetime:
    """When it was reported: published, clamped to fetched, because a date in the future is no date."""
    times = [time for time in (article.published, article.fetched) if time is not None]
    return min(times, default=now)


def _named(found: Words, count: int, evidence: Iterable[Evidence], kinds: Mapping[str, Kind], shift: int) -> dict[int, str]:
    """The words of the title that are part of a listed place or group, and which."""
    named: dict[int, str] = {}
    listed = [one for one in evidence if kinds.get(one.watchlist) in {Kind.PLACE, Kind.GROUP}]
    for one in sorted(listed, key=lambda one: (one.end - one.start, one.term)):
        for index in range(count):
            start, end = found.spans[index]
            if one.start <= start + shift and end + shift <= one.end:
                named[index] = one.term
    return named


def _title_terms(found: Words, count: int, named: Mapping[int, str]) -> Counter[str]:
    terms: Counter[str] = Counter()
    for index in range(count):
        if index not in named:
            if one := term(found.folded[index]):
                terms[sys.intern(one)] += 1
        elif named.get(index - 1) != named[index]:
            terms.update(_canonical(named[index]))
    return terms


def _names(found: Words, count: int, named: Mapping[int, str]) -> Iterable[str]:
    title_case = is_title_case(found)
    for index in range(count):
        if index in named:
            yield from _canonical(named[index])
        elif (one := term(found.folded[index])) and name_like(found, index, title_case=title_case):
            yield sys.intern(one)


def _canonical(name: str) -> list[str]:
    return [sys.intern(one) for one in map(term, words(name).folded) if one]


def _of_kind(evidence: Iterable[Evidence], kinds: Mapping[str, Kind], kind: Kind) -> tuple[str, ...]:
    return tuple(sorted({sys.intern(one.term) for one in evidence if kinds.get(one.watchlist) is kind}))


def _key(found: Words, count: int, evidence: Iterable[Evidence], shift: int) -> str:
    """The folded title with each name as its watchlist spells it, so that Rakka is Raqqa."""
    spelt: dict[int, str] = {}
    for one in sorted(evidence, key=lambda one: (one.end - one.start, one.term)):
        covered = [
            index for index in range(count) if one.start <= found.spans[index][0] + shift and found.spans[index][1] + shift <= one.end
        ]
        spelt |= dict.fromkeys(covered, one.term)
    out: list[str] = []
    for index in range(count):
        if index not in spelt:
            out.append(found.folded[index])
        elif spelt.get(index - 1) != spelt[index]:
            out.append(" ".join(words(spelt[index]).folded))
    return " ".join(out)


def _weights(title: Mapping[str, int], names: frozenset[str], text: Iterable[str], concepts: Iterable[str]) -> dict[str, float]:
    """Sublinear counts, the title counting double and its names half as much again."""
    counts = {one: TITLE_WEIGHT * count for one, count in title.items()}
    for word in text:
        if one := term(word):
            counts[sys.intern(one)] = counts.get(one, 0.0) + 1.0
    weights = {one: (1.0 + math.log(count)) * (NAME_WEIGHT if one in names else 1.0) for one, count in counts.items()}
    return weights | dict.fromkeys(concepts, 1.0)
