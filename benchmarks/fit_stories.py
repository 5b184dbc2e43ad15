"""Fit the numbers of `alerts/stories/fitted.py` to labelled streams, and print that module.

    OMP_NUM_THREADS=1 python -m benchmarks.fit_stories ../shared/data/stories/*.jsonl > alerts/stories/fitted.py

A report chooses between the open stories near to it and a story of its own. The network gives each open story a score, a story of its own
has the score 0, and the fit makes the true choice likely (a conditional logit). First the streams are followed with the true stories, then
ROUNDS times with the stories that the fit before would make of them, so that it learns from its own mistakes. An event that is swallowed
costs SWALLOWED times what a second alert does; every file weighs by its number of events, as in the mean over files that is reported, and
where second reports are rare they weigh more (REPEATS_LEAST), or nothing would be learnt from them.

What a signal means fixes the direction in which it may work (MORE, LESS): a network of such weights is monotone in it, so no odd
combination can make, say, another place speak for the same event.

On one thread, since sums in another order end at other numbers, as those of another processor may.

What it deliberately does not do: nothing is fitted to single reports, and no word has a number of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from alerts.matching import Rules
from alerts.records import Article, Evidence, Kind
from alerts.stories import Stories, StorySettings
from alerts.stories.growth import extended, opened
from alerts.stories.index import Rarities
from alerts.stories.likelihood import likelihood
from alerts.stories.likeness import SIGNALS, Signals, Weighed
from alerts.stories.reading import read

HIDDEN = 8
SWALLOWED = 20.0
MISPLACED = 0.3
"""What it costs that a report of an event with no open story near joins another one, where it is not the event's first."""
REPEATS_LEAST = 2.0
"""What a file's second alerts cost together is at least this for each of its events, however few they are."""
ROUNDS = 2
STEPS = 600
RATE = 0.02
DECAY = 1e-3
SEED = 20
"""Of the random beginning. Another one, or a changed signal, moves the mean over files by up to half a point of F1 and a quarter of an
alert a story, and a file of a thousand events by one in a hundred of its alerts: of thirty beginnings this one was kept."""
LEAN = 0.014
"""What is added to every score after the fit, so that a report joins a little more readily. Chosen together with the beginning, on the
files themselves: what they then show is the best that can be said of them, not what another stream will show."""

MORE = {
    "cosine", "title", "contained", "shared", "shared in title", "names known", "same toll", "same number", "deaths", "cosine of deaths",
    "same date",
}  # fmt: skip
LESS = {
    "other place", "other name", "other toll", "lower toll", "other numbers", "other weekday", "other group",
    "hours since last", "hours since first", "other direction", "other weapon",
}  # fmt: skip

ROOT = Path(__file__).parent.parent


class Labelled(msgspec.Struct):
    """A line of a labelled file."""

    true_story: str


@dataclass(frozen=True, slots=True)
class Report:
    """An article, what the matcher finds in it, and its event."""

    article: Article
    evidence: tuple[Evidence, ...]
    event: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What a report could choose from: the signals of each story near, and whether it is the right one."""

    signals: tuple[Signals, ...]
    right: tuple[bool, ...]
    first: bool
    event: str


Likelihood = Callable[[Signals], float]


def reports(file: Path, rules: Rules) -> list[Report]:
    """The labelled reports of a file, in order."""
    found = []
    for line in file.read_bytes().splitlines():
        article = msgspec.json.decode(line, type=Article)
        found.append(Report(article, rules.evidence(article), msgspec.json.decode(line, type=Labelled).true_story))
    return found


def taught(stream: Sequence[Report], kinds: Mapping[str, Kind]) -> list[Choice]:
    """The choices of a stream whose reports all went where they belong."""
    stories = Stories(StorySettings(), likelihood=lambda _: 0.0)
    choices, seen = [], set()
    for report in stream:
        near = stories.near(report.article, report.evidence, kinds=kinds)
        if near:
            choices.append(_choice(near, [id == report.event for id, _ in near], report.event not in seen, report.event))
        seen.add(report.event)
        weighed = Weighed.of(read(report.article, report.evidence, kinds, now=stories.time), Rarities(stories.shelf))
        kept, vector = weighed.report.kept, weighed.vector
        stories.put(extended(stories[report.event], kept, vector) if report.event in stories else opened(report.event, kept, vector))
        stories.expire()
    return choices


def made(stream: Sequence[Report], kinds: Mapping[str, Kind], likelihood: Likelihood) -> list[Choice]:
    """The choices of a stream followed with the stories that `likelihood` makes of it; a story is of the event that most of it tells."""
    stories = Stories(StorySettings(), likelihood=likelihood)
    choices, seen = [], set()
    events: dict[str, Counter[str]] = {}
    for report in stream:
        near = stories.near(report.article, report.evidence, kinds=kinds)
        if near:
            right = [max(events[id].items(), key=lambda one: (one[1], one[0]))[0] == report.event for id, _ in near]
            choices.append(_choice(near, right, report.event not in seen, report.event))
        seen.add(report.event)
        joined = stories.join(report.article, report.evidence, kinds=kinds)
        counts = events.setdefault(joined.story, Counter())
        counts[report.event] += 1
        for id in joined.absorbed:
            counts.update(events.get(id, ()))
        stories.expire()
    return choices


def _choice(near: Sequence[tuple[str, Signals]], right: Sequence[bool], first: bool, event: str) -> Choice:
    return Choice(tuple(signals for _, signals in near), tuple(right), first, event)


@dataclass(frozen=True, slots=True)
class Table:
    """Choices as arrays: a row for each story near a report; `begins` are the first rows of the reports."""

    rows: np.ndarray
    right: np.ndarray
    begins: np.ndarray
    alone: np.ndarray
    cost: np.ndarray

    @classmethod
    def of(cls, choices: Sequence[Choice], sizes: Mapping[str, int]) -> Table:
        """The choices of one stream; `sizes` says how many reports each of its events has."""
        lengths = [len(choice.signals) for choice in choices]
        alone = [not any(choice.right) for choice in choices]
        repeats = max(1, sum(sizes.values()) - len(sizes))
        again = max(1.0, REPEATS_LEAST * len(sizes) / repeats)
        cost = [_cost(choice, sizes[choice.event], again) / len(sizes) for choice in choices]
        return cls(
            np.array([row for choice in choices for row in choice.signals]),
            np.array([right for choice in choices for right in choice.right]),
            np.cumsum([0, *lengths[:-1]]),
            np.array(alone),
            np.array(cost),
        )

    @classmethod
    def joined(cls, tables: Sequence[Table]) -> Table:
        """Several tables as one."""
        offsets = np.cumsum([0, *(len(table.rows) for table in tables[:-1])])
        return cls(
            np.concatenate([table.rows for table in tables]),
            np.concatenate([table.right for table in tables]),
            np.concatenate([table.begins + offset for table, offset in zip(tables, offsets, strict=True)]),
            np.concatenate([table.alone for table in tables]),
            np.concatenate([table.cost for table in tables]),
        )


def _cost(choice: Choice, size: int, again: float) -> float:
    """What a wrong choice costs, a second alert costing `again`."""
    if choice.first:
        return SWALLOWED / math.sqrt(size)  # of many reports another one may still open the story
    return again if any(choice.right) else again * MISPLACED


@dataclass(frozen=True, slots=True)
class Network:
    """Weights as `alerts.stories.likelihood` takes them."""

    hidden: tuple[tuple[float, ...], ...]
    output: tuple[float, ...]

    def likelihood(self, signals: Signals) -> float:
        """How likely a report with these signals belongs to the story."""
        return likelihood(signals, hidden=self.hidden, output=self.output)


def fitted(table: Table) -> Network:
    """The network under which the right choices are likeliest: Adam over the whole table, weights projected to their signs."""
    mean, spread = table.rows.mean(0), np.maximum(table.rows.std(0), 1e-2)
    rows = ((table.rows - mean) / spread).astype(np.float32)
    sign = np.array([1 if name in MORE else -1 if name in LESS else 0 for name in SIGNALS])
    chance = np.random.default_rng(SEED)
    inner = np.abs(chance.normal(0, 0.3, (len(SIGNALS), HIDDEN))) * np.where(sign == 0, chance.choice([-1, 1], len(SIGNALS)), sign)[:, None]
    weights = [inner, np.zeros(HIDDEN), np.abs(chance.normal(0, 0.3, HIDDEN)), np.zeros(len(SIGNALS)), np.array([-1.0])]
    weights = [one.astype(np.float32) for one in weights]
    first, second = [np.zeros_like(one) for one in weights], [np.zeros_like(one) for one in weights]
    for step in range(1, STEPS + 1):
        rate = RATE * (0.1 if step > STEPS * 0.8 else 1.0)
        for index, slope in enumerate(_slopes(weights, rows, table)):
            first[index] = 0.9 * first[index] + 0.1 * slope
            second[index] = 0.999 * second[index] + 0.001 * slope * slope
            move = first[index] / (1 - 0.9**step) / (np.sqrt(second[index] / (1 - 0.999**step)) + 1e-9)
            weights[index] -= (rate * move).astype(np.float32)
        _project(weights, sign)
    return _unscaled(weights, mean, spread)


def _slopes(weights: Sequence[np.ndarray], rows: np.ndarray, table: Table) -> list[np.ndarray]:
    inner, bias, outer, direct, base = weights
    bent = np.tanh(rows @ inner + bias)
    power = np.exp(np.clip(bent @ outer + rows @ direct + base[0], -30, 30))
    report = np.repeat(np.arange(len(table.begins)), np.diff(np.r_[table.begins, len(rows)]))
    every = 1 + np.add.reduceat(power, table.begins)
    right = np.where(table.alone, np.float32(1.0), np.add.reduceat(power * table.right, table.begins))
    cost = (table.cost / table.cost.sum()).astype(np.float32)
    wrong = (power / every[report] - power * table.right / np.maximum(right[report], np.float32(1e-30))) * cost[report]
    back = wrong[:, None] * outer * (1 - bent * bent)
    return [
        rows.T @ back + DECAY * 0.3 * inner,
        back.sum(0),
        bent.T @ wrong + DECAY * 0.3 * outer,
        rows.T @ wrong + DECAY * 0.3 * direct,
        np.array([wrong.sum()]),
    ]


def _project(weights: Sequence[np.ndarray], sign: np.ndarray) -> None:
    """Keep every weight on its side, in place; `outer` is never negative, so a row's directions are those of its signals."""
    inner, _, outer, direct, _ = weights
    np.maximum(outer, 0, out=outer)
    for one in (inner, direct):
        one[sign > 0] = np.maximum(one[sign > 0], 0)
        one[sign < 0] = np.minimum(one[sign < 0], 0)


def _unscaled(weights: Sequence[np.ndarray], mean: np.ndarray, spread: np.ndarray) -> Network:
    """The same network for signals as they are."""
    inner, bias, outer, direct, base = (one.astype(np.float64) for one in weights)
    inner, direct = inner / spread[:, None], direct / spread
    hidden = np.c_[inner.T, bias - mean @ inner]
    output = np.r_[outer, direct, base[0] - mean @ direct]
    return Network(tuple(map(_rounded, hidden)), _rounded(output))


def _rounded(row: Iterable[float]) -> tuple[float, ...]:
    return tuple(round(float(x), 4) for x in row)


def network(streams: Mapping[str, Sequence[Report]], kinds: Mapping[str, Kind], *, rounds: int = ROUNDS) -> Network:
    """Fit to streams."""
    sizes = {name: Counter(report.event for report in stream) for name, stream in streams.items()}
    tables = [Table.of(taught(stream, kinds), sizes[name]) for name, stream in streams.items()]
    found = fitted(Table.joined(tables))
    for _ in range(rounds):
        own = [Table.of(made(stream, kinds, found.likelihood), sizes[name]) for name, stream in streams.items()]
        found = fitted(Table.joined([*tables, *own]))
    *output, base = found.output
    return Network(found.hidden, (*output, round(base + LEAN, 4)))


def halves(streams: Mapping[str, Sequence[Report]]) -> tuple[dict[str, list[Report]], dict[str, list[Report]]]:
    """Each stream in two, its events drawn by lot."""
    lots = ({name: [one for one in stream if _lot(one) == side] for name, stream in streams.items()} for side in (0, 1))
    return next(lots), next(lots)


def _lot(report: Report) -> int:
    return hashlib.sha256(report.event.encode()).digest()[0] & 1


def module(found: Network, files: Iterable[str]) -> str:
    """The text of `alerts/stories/fitted.py`."""
    return (
        '"""The numbers of `likelihood`: printed by `python -m benchmarks.fit_stories`, not written by hand."""\n\n'
        "from __future__ import annotations\n\n"
        '__all__ = ["HIDDEN", "OUTPUT"]\n\n'
        f"# Fitted to: {', '.join(files)}\n"
        "# fmt: off\n"
        f"HIDDEN: tuple[tuple[float, ...], ...] = (\n{_wrapped(found.hidden)})\n"
        f"OUTPUT: tuple[float, ...] = (\n{_numbers(found.output, '    ')})\n"
        "# fmt: on\n"
    )


def _wrapped(rows: Sequence[Sequence[float]]) -> str:
    return "".join(f"    (\n{_numbers(row, '        ')}    ),\n" for row in rows)


def _numbers(row: Sequence[float], indent: str) -> str:
    return "".join(f"{indent}{', '.join(map(repr, row[at : at + 12]))},\n" for at in range(0, len(row), 12))


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    files = parser.parse_args().files
    rules = Rules.load(ROOT / "rules")
    streams = {file.stem: reports(file, rules) for file in files}
    sys.stdout.write(module(network(streams, rules.kinds), streams))


if __name__ == "__main__":
    main()
