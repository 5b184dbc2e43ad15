"""How late news are, by what decides when a feed is asked next: a simulation, at an equal number of requests.

    python -m benchmarks.schedulers [--feeds 500] [--seeds 1 2 3] [--budget 600 --ceiling 7200]

Feeds differ in how much they bring (log-normal, from one item in weeks to hundreds a day), at which hours (a daily curve of their own)
and how much one item leads to others (a self-exciting process, each with a branching and a memory of its own). A document holds the
newest items only. Every scheduler has the same bounds and the same budget: its intervals are scaled until they cost it. The `oracle` is
told the true intensity of each feed at each moment, which nobody can know.

`--budget` is how many seconds there are for a request of a feed on average, `--ceiling` the longest interval.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from alerts.records import Rhythm
from alerts.schedule import Want, arrivals, interval_s, learned

DAY = 86_400.0
FLOOR_S = 30.0
TUNE_S = 600.0
"""How often the scale of all intervals is moved."""
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Feed:
    """A feed: what its items follow from, and when they came. `excitation` is what is left of earlier ones just after each item."""

    usual: float
    amplitude: float
    phase: float
    second: float
    second_phase: float
    branching: float
    memory_s: float
    entries: int
    items: list[float] = field(default_factory=list)
    excitation: list[float] = field(default_factory=list)
    in_burst: list[bool] = field(default_factory=list)

    @classmethod
    def drawn(cls, chance: random.Random, *, days: float) -> Feed:
        per_day = min(6.0 * math.exp(chance.gauss(0.0, 1.7)), 500.0)
        branching = chance.uniform(0.2, 0.7)
        feed = cls(
            usual=per_day * (1 - branching) / DAY,
            amplitude=chance.uniform(0.5, 0.95),
            phase=chance.uniform(0, DAY),
            second=chance.uniform(0, 0.5),
            second_phase=chance.uniform(0, 2 * math.pi),
            branching=branching,
            memory_s=math.exp(chance.uniform(math.log(600), math.log(3_600))),
            entries=chance.choice([10, 15, 20, 30, 50, 100]),
        )
        feed._live(chance, until=days * DAY)
        return feed

    def base(self, at: float) -> float:
        """The intensity of items that follow from nothing."""
        angle = 2 * math.pi * (at - self.phase) / DAY
        wave = math.cos(angle) + self.second * math.cos(2 * angle + self.second_phase)
        return self.usual * (1 + self.amplitude * wave / (1 + self.second))

    def intensity(self, at: float, known: int) -> float:
        """The true intensity, `known` items having come."""
        if not known:
            return self.base(at)
        return self.base(at) + self.excitation[known - 1] * math.exp((self.items[known - 1] - at) / self.memory_s)

    def _live(self, chance: random.Random, *, until: float) -> None:
        at, most = 0.0, self.usual * (1 + self.amplitude)
        while (at := at + chance.expovariate(most)) < until:
            if chance.random() * most < self.base(at):
                self._bring(at, chance, until=until)
        self.items.sort()
        left, before = 0.0, 0.0
        for at in self.items:
            left *= math.exp((before - at) / self.memory_s)
            self.in_burst.append(left > 2 * self.base(at))
            left += self.branching / self.memory_s
            self.excitation.append(left)
            before = at

    def _bring(self, at: float, chance: random.Random, *, until: float) -> None:
        """An item, those that follow from it, and those that follow from them."""
        waiting = [at]
        while waiting:
            at = waiting.pop()
            self.items.append(at)
            # As many as a Poisson process brings in a time of `branching`, each at its own distance.
            left = chance.expovariate(1.0)
            while left < self.branching:
                follower = at + chance.expovariate(1 / self.memory_s)
                if follower < until:
                    waiting.append(follower)
                left += chance.expovariate(1.0)


class Scheduler(Protocol):
    """Decides how long a feed may wait. It may only know what polls have shown, the oracle apart."""

    def polled(self, feed: int, at: float, new: Sequence[float], known: int) -> None: ...

    def interval(self, feed: int, at: float, *, scale: float) -> float: ...


class Fixed:
    """Every feed as often as any other."""

    def __init__(self, feeds: Sequence[Feed], ceiling: float) -> None:
        """It needs to know nothing."""

    def polled(self, feed: int, at: float, new: Sequence[float], known: int) -> None:
        """It learns nothing."""

    def interval(self, feed: int, at: float, *, scale: float) -> float:
        return scale


class BackOff:
    """Half the interval when there was news, half as much again when there was none."""

    def __init__(self, feeds: Sequence[Feed], ceiling: float) -> None:
        self._intervals = [1.0] * len(feeds)

    def polled(self, feed: int, at: float, new: Sequence[float], known: int) -> None:
        self._intervals[feed] = min(max(self._intervals[feed] * (0.5 if new else 1.5), 1 / 16), 16.0)

    def interval(self, feed: int, at: float, *, scale: float) -> float:
        return scale * self._intervals[feed]


class EntryFrequency:
    """In proportion to the mean gap of the last week, as Miniflux does by its entry frequency."""

    def __init__(self, feeds: Sequence[Feed], ceiling: float) -> None:
        self._feeds = feeds
        self._gaps = [7 * DAY] * len(feeds)

    def polled(self, feed: int, at: float, new: Sequence[float], known: int) -> None:
        self._gaps[feed] = 7 * DAY / max(known - bisect_right(self._feeds[feed].items, at - 7 * DAY), 1)

    def interval(self, feed: int, at: float, *, scale: float) -> float:
        return scale * self._gaps[feed]


class Oracle:
    """One over the square root of the true intensity."""

    def __init__(self, feeds: Sequence[Feed], ceiling: float) -> None:
        self._feeds = feeds
        self._known = [0] * len(feeds)

    def polled(self, feed: int, at: float, new: Sequence[float], known: int) -> None:
        self._known[feed] = known

    def interval(self, feed: int, at: float, *, scale: float) -> float:
        intensity = self._feeds[feed].intensity(at, self._known[feed])
        return min(scale / math.sqrt(intensity), self._feeds[feed].entries / (3 * intensity))


class Ours:
    """`alerts.schedule` as the poller uses it."""

    def __init__(self, feeds: Sequence[Feed], ceiling: float) -> None:
        self._feeds = feeds
        self._ceiling = ceiling
        self._rhythms: list[Rhythm | None] = [None] * len(feeds)
        self._last: list[datetime | None] = [None] * len(feeds)

    def polled(self, feed: int, at: float, new: Sequence[float], known: int) -> None:
        now, entries = _time(at), self._feeds[feed].entries
        if self._last[feed] is None:
            new = self._feeds[feed].items[max(0, known - entries) : known]
        if new or self._last[feed] is None:
            came = arrivals([_time(each) for each in new], last=self._last[feed], now=now)
            self._rhythms[feed] = learned(self._rhythms[feed], came, now=now, entries=entries)
        self._last[feed] = now

    def interval(self, feed: int, at: float, *, scale: float) -> float:
        return interval_s(Want(self._rhythms[feed], self._ceiling), k=scale, now=_time(at))


def _time(at: float) -> datetime:
    return EPOCH + timedelta(seconds=at)


@dataclass
class Result:
    """How late news were, in minutes, and at what price."""

    mean: float
    p95: float
    burst: float
    requests: float
    """Per budget."""
    lost: int

    def at_equal_requests(self, other: Result, *, burst: bool = False) -> float:
        """How many times as late as the other; what one spends more than the other is taken off (delays go with one over requests)."""
        return (self.burst if burst else self.mean) * self.requests / ((other.burst if burst else other.mean) * other.requests)


def simulate(
    feeds: Sequence[Feed], scheduler: Scheduler, *, budget: float, ceiling: float, start: float, warm: float, end: float
) -> Result:
    """Poll from `start` to `end`, and count what was found after `warm`."""
    chance, scale, per_s = random.Random(4), budget, len(feeds) / budget
    known = [bisect_right(feed.items, start) for feed in feeds]
    queue = [(start + chance.uniform(0, 60), number) for number in range(len(feeds))]
    heapq.heapify(queue)
    for at, number in queue:
        scheduler.polled(number, at, (), known[number])
    tune_at, requests, lost, delays, burst = start, 0, 0, [], []

    def bounded(number: int, at: float) -> float:
        return max(min(scheduler.interval(number, at, scale=scale), ceiling), FLOOR_S)

    while queue[0][0] < end:
        at, number = queue[0]
        if at >= tune_at:
            tune_at = at + TUNE_S
            for _ in range(2 if at > start + DAY else 10):
                scale *= sum(1 / bounded(each, at) for each in range(len(feeds))) / per_s
        feed, before = feeds[number], known[number]
        known[number] = now_known = bisect_right(feed.items, at, before)
        if at >= warm:
            requests += 1
            lost += max(0, now_known - before - feed.entries)
            for each in range(before, now_known):
                delays.append(at - feed.items[each])
                if feed.in_burst[each]:
                    burst.append(at - feed.items[each])
        scheduler.polled(number, at, feed.items[before:now_known], now_known)
        wait = min(bounded(number, at) * chance.uniform(0.9, 1.1), ceiling)
        heapq.heapreplace(queue, (at + wait, number))
    delays.sort()
    mean, late = sum(delays) / len(delays), delays[int(0.95 * len(delays))]
    return Result(mean / 60, late / 60, sum(burst) / len(burst) / 60, requests / (end - warm) / per_s, lost)


SCHEDULERS = {"fixed": Fixed, "entry frequency": EntryFrequency, "back-off": BackOff, "oracle": Oracle, "ours": Ours}


def compare(count: int, seed: int, *, budget: float, ceiling: float, warm_days: float, days: float) -> None:
    chance, start = random.Random(seed), 5 * DAY
    span = 5 + warm_days + days
    feeds = [Feed.drawn(chance, days=span) for _ in range(count)]
    per_day = sum(len(feed.items) for feed in feeds) / span / count
    in_burst = sum(sum(feed.in_burst) for feed in feeds) / sum(len(feed.items) for feed in feeds)
    print(f"seed {seed}: {count} feeds, {per_day:.0f} items a day each on average, {in_burst:.0%} of them in bursts;", end=" ")
    print(f"a request every {budget / 60:g} min a feed, {ceiling / 60:g} min at most")
    results: dict[str, Result] = {}
    for name, make in SCHEDULERS.items():
        results[name] = one = simulate(
            feeds, make(feeds, ceiling), budget=budget, ceiling=ceiling, start=start, warm=start + warm_days * DAY, end=span * DAY
        )
        print(f"    {name:16} mean {one.mean:5.2f} min  p95 {one.p95:6.2f}  in bursts {one.burst:5.2f}", end="  ")
        print(f"requests {one.requests:.3f} of the budget  scrolled out {one.lost}", flush=True)
    ours, fixed, oracle = results["ours"], results["fixed"], results["oracle"]
    ratios = (ours.at_equal_requests(oracle), fixed.at_equal_requests(ours), fixed.at_equal_requests(ours, burst=True))
    print("    at equal requests: ours {:.3f} x as late as the oracle, fixed {:.2f} x as late as ours, in bursts {:.2f} x".format(*ratios))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--budget", type=float, default=600.0)
    parser.add_argument("--ceiling", type=float, default=7_200.0)
    parser.add_argument("--warm-days", type=float, default=5.0)
    parser.add_argument("--days", type=float, default=2.0)
    arguments = parser.parse_args()
    for seed in arguments.seeds:
        compare(
            arguments.feeds, seed, budget=arguments.budget, ceiling=arguments.ceiling, warm_days=arguments.warm_days, days=arguments.days
        )


if __name__ == "__main__":
    main()
