"""The written sentences of `tests/data/matching`, and how what is found in them is held against what they hold.

    python -m tests.matching.corpus     writes known-misses.txt anew, to be read as a difference before it is committed

A find is right when it is the same term and covers the words as written by half at least: whether an article or a
quotation mark belongs to a name is a matter of taste, which name it is is not.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from alerts import Article, Evidence, Rules

DATA = Path(__file__).parent.parent / "data" / "matching"
WATCHLISTS = DATA / "watchlist.yaml"
KNOWN = DATA / "known-misses.txt"


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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What of the spans was found, what was not, and what was found beside them."""

    found: tuple[Span, ...]
    missed: tuple[Span, ...]
    extra: tuple[Span, ...]


def sentences() -> list[Sentence]:
    """All of them, in the order of their file."""
    lines = (DATA / "sentences.jsonl").read_text("utf-8").splitlines()
    return [_sentence(json.loads(line)) for line in lines]


def _sentence(line: dict[str, object]) -> Sentence:
    text = str(line["text"])
    spans = tuple(_span(text, *span) for span in line["spans"])  # type: ignore[attr-defined]
    return Sentence(str(line["about"]), text, spans)


def _span(text: str, term: str, words: str, which: int = 1) -> Span:
    start = -1
    for _ in range(which):
        start = text.index(words, start + 1)
    return Span(start, start + len(words), term)


def outcome(spans: Sequence[Span], found: Iterable[Span]) -> Outcome:
    """Each span is found at most once; what is left over on either side is missed or extra."""
    open_, right, extra = list(spans), [], []
    for one in found:
        same = next((span for span in open_ if span.term == one.term and _covers(span, one)), None)
        if same is None:
            extra.append(one)
        else:
            open_.remove(same)
            right.append(same)
    return Outcome(tuple(right), tuple(open_), tuple(extra))


def _covers(one: Span, other: Span) -> bool:
    shared = min(one.end, other.end) - max(one.start, other.start)
    return 2 * shared >= max(one.end - one.start, other.end - other.start)


class Reader:
    """Reads sentences with the watchlists of the corpus."""

    def __init__(self) -> None:
        self.rules = Rules.load(WATCHLISTS)
        names = Counter(term for terms in _names().values() for term in terms)
        self._twice = {name for name, times in names.items() if times > 1}

    def outcome(self, sentence: Sentence) -> Outcome:
        return outcome(sentence.spans, map(self.span, self.rules.evidence(Article(title=sentence.text))))

    def span(self, one: Evidence) -> Span:
        term = f"{one.watchlist}: {one.term}" if one.term in self._twice else one.term
        return Span(one.start, one.end, term)


def _names() -> dict[str, list[str]]:
    """The terms of each watchlist."""
    from alerts.rules import read

    return {watchlist.name: [term.name for term in watchlist.terms] for watchlist in read(WATCHLISTS).watchlists}


def f1(outcomes: Iterable[Outcome]) -> float:
    """Of spans, over all of them."""
    right = missed = extra = 0
    for one in outcomes:
        right, missed, extra = right + len(one.found), missed + len(one.missed), extra + len(one.extra)
    return 2 * right / (2 * right + missed + extra)


def misses(sentence: Sentence, of: Outcome) -> list[str]:
    """As lines of `known-misses.txt`: the sign, the term, the words, the sentence, between tabs."""
    wrong = [("-", span) for span in of.missed] + [("+", span) for span in of.extra]
    return [
        "\t".join((sign, span.term, *(" ".join(text.split()) for text in (sentence.text[span.start : span.end], sentence.text))))
        for sign, span in wrong
    ]


if __name__ == "__main__":
    reader = Reader()
    lines = [line for sentence in sentences() for line in misses(sentence, reader.outcome(sentence))]
    KNOWN.write_text("".join(line + "\n" for line in sorted(lines)), encoding="utf-8")
