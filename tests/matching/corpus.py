"""The written sentences of `tests/data/matching`, and how what is found in them is held against what they hold.

    python -m tests.matching.corpus     writes the lists of known misses anew, to be read as a difference before they are committed

A find is right when it is the same term and covers the words as written by half at least: whether an article or a
quotation mark belongs to a name is a matter of taste, which name it is is not.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from alerts import Article, Evidence, Rules
from alerts.records import Kind
from alerts.rules import read

DATA = Path(__file__).parent.parent / "data" / "matching"
WATCHLISTS = DATA / "watchlist.yaml"


class Corpus(NamedTuple):
    """Sentences, the watchlists that they are read with, and what is missed in them."""

    sentences: Path
    watchlists: Path
    known: Path
    kinds: frozenset[Kind] = frozenset(Kind)
    """What of a sentence its spans name; what else is found in it is not counted."""


WRITTEN = Corpus(DATA / "sentences.jsonl", WATCHLISTS, DATA / "known-misses.txt")
SHIPPED = Corpus(DATA / "shipped.jsonl", DATA.parents[2] / "rules", DATA / "shipped-misses.txt", kinds=frozenset((Kind.PLACE, Kind.GROUP)))


class Span(NamedTuple):
    """A term at a place of a text; the term is `watchlist: term` where two watchlists have one of that name."""

    start: int
    end: int
    term: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One written sentence, what it tries, and what it holds."""

    about: str
    text: str
    spans: tuple[Span, ...]
    may: tuple[Span, ...] = ()
    """What may be found or not: the adjective of a country."""
    things: tuple[tuple[Span, ...], ...] = ()
    """Words of a fight, each as the terms of which one must be found there."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What of the spans was found, what was not, and what was found beside them."""

    found: tuple[Span, ...]
    missed: tuple[Span, ...]
    extra: tuple[Span, ...]


def sentences(corpus: Corpus = WRITTEN) -> list[Sentence]:
    """All of them, in the order of their file."""
    lines = corpus.sentences.read_text("utf-8").splitlines()
    return [_sentence(json.loads(line)) for line in lines]


def _sentence(line: dict[str, Any]) -> Sentence:
    text = line["text"]
    spans = tuple(_span(text, *span) for span in line["spans"])
    may = tuple(_span(text, *span) for span in line.get("may", ()))
    things = tuple(tuple(_span(text, term, *place) for term in terms) for terms, *place in line.get("things", ()))
    return Sentence(line["about"], text, spans, may, things)


def _span(text: str, term: str, words: str, which: int = 1) -> Span:
    start = -1
    for _ in range(which):
        start = text.index(words, start + 1)
    return Span(start, start + len(words), term)


def outcome(spans: Sequence[Span], found: Iterable[Span], may: Sequence[Span] = ()) -> Outcome:
    """Each span is found at most once; what is left over on either side is missed or extra, but for what may be found."""
    open_, right, extra = list(spans), [], []
    for one in found:
        same = next((span for span in open_ if _is(span, one)), None)
        if same is None:
            extra += [] if any(_is(span, one) for span in may) else [one]
        else:
            open_.remove(same)
            right.append(same)
    return Outcome(tuple(right), tuple(open_), tuple(extra))


def _is(one: Span, other: Span) -> bool:
    """Whether two spans are the same term and cover each other by half of the longer."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return one.term == other.term and 2 * shared >= max(one.end - one.start, other.end - other.start)


class Reader:
    """Reads sentences with the watchlists of a corpus."""

    def __init__(self, corpus: Corpus = WRITTEN) -> None:
        self.rules = Rules.load(corpus.watchlists)
        self._kinds = corpus.kinds
        names = Counter(term.name for watchlist in read(corpus.watchlists).watchlists for term in watchlist.terms)
        self._twice = {name for name, times in names.items() if times > 1}

    def outcome(self, sentence: Sentence) -> Outcome:
        found = self._evidence(sentence)
        counted = [one for one in found if self.rules.kinds[one.watchlist] in self._kinds]
        return outcome(sentence.spans, map(self.span, counted), sentence.may)

    def things(self, sentence: Sentence) -> list[bool]:
        """Of each word of a fight whether one of its terms was found."""
        found = list(map(self.span, self._evidence(sentence)))
        return [any(_is(span, one) for span in spans for one in found) for spans in sentence.things]

    def span(self, one: Evidence) -> Span:
        term = f"{one.watchlist}: {one.term}" if one.term in self._twice else one.term
        return Span(one.start, one.end, term)

    def _evidence(self, sentence: Sentence) -> Sequence[Evidence]:
        return self.rules.evidence(Article(title=sentence.text))


def f1(outcomes: Iterable[Outcome]) -> float:
    """Of spans, over all of them."""
    right = missed = extra = 0
    for one in outcomes:
        right, missed, extra = right + len(one.found), missed + len(one.missed), extra + len(one.extra)
    return 2 * right / (2 * right + missed + extra)


def misses(sentence: Sentence, of: Outcome) -> list[str]:
    """As lines of `known-misses.txt`: the sign, the term, the words, the sentence, between tabs."""
    every = [("-", span) for span in of.missed] + [("+", span) for span in of.extra]
    return [
        "\t".join((sign, span.term, *(" ".join(text.split()) for text in (sentence.text[span.start : span.end], sentence.text))))
        for sign, span in every
    ]


def wrong(corpus: Corpus) -> list[str]:
    """All misses of a corpus, as the lines of its list."""
    reader = Reader(corpus)
    return sorted(line for sentence in sentences(corpus) for line in misses(sentence, reader.outcome(sentence)))


if __name__ == "__main__":
    for corpus in (WRITTEN, SHIPPED):
        corpus.known.write_text("".join(line + "\n" for line in wrong(corpus)), encoding="utf-8")
