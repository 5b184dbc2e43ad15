"""Is one event one alert? Quality on labelled streams, and cost, with the usual methods beside it in the same run.

    python -m benchmarks.stories [FILE.jsonl ...] [--cost 10000]

Each line of a file is an article with its `true_story`, in order of time; without files, those of `../shared/data/stories` if present and
the small set of this repository. For every file and method: alerted (% of true stories of which some report was told as new), alerts a
story (1 is ideal), BCubed F1 of the stories as they were written down, decided at once and in order. Means are over the files.

    alerts            what the package ships, with the evidence of the shipped rules
    exact title       the same folded title within 72 h
    simhash, minhash  near-identical texts (64 bits, at most 3 apart) and titles (128 permutations, Jaccard 0.5)
    tf-idf            the nearest centroid, similarity halved every 24 h
    token_set_ratio   rapidfuzz over the titles of 72 h

`--cost` fills the window with so many made articles and times the next thousand; memory is what Python allocated to rebuild the stories.
Figures of time are of this machine: read ratios.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import math
import random
import time
import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rapidfuzz import fuzz, process, utils

from alerts.matching import Rules
from alerts.records import Article, Story, decode, encode
from alerts.stories import Stories, StorySettings
from alerts.text import fold
from benchmarks.fit_stories import Report, reports

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared" / "data" / "stories"
SMALL = ROOT / "benchmarks" / "data" / "stories-small.jsonl"
WINDOW = timedelta(hours=72)
PERMUTATIONS = 128
BANDS = 32
TERMS_QUERIED = 40

Placed = tuple[str, bool]
Method = Callable[[Sequence[Report]], Iterator[Placed]]


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a method told the events of one file."""

    alerted: float
    alerts: float
    f1: float

    @classmethod
    def of(cls, stream: Sequence[Report], placed: Sequence[Placed]) -> Quality:
        """Judge the stories that a method made of a stream."""
        events = Counter(report.event for report in stream)
        stories = Counter(story for story, _ in placed)
        both = Counter((report.event, story) for report, (story, _) in zip(stream, placed, strict=True))
        told = {report.event for report, (_, new) in zip(stream, placed, strict=True) if new}
        precision = sum(count * count / stories[story] for (_, story), count in both.items()) / len(stream)
        recall = sum(count * count / events[event] for (event, _), count in both.items()) / len(stream)
        f1 = 2 * precision * recall / (precision + recall)
        return cls(100 * len(told) / len(events), sum(new for _, new in placed) / len(events), 100 * f1)

    def __str__(self) -> str:
        return f"{self.alerted:5.1f} {self.alerts:6.2f} {self.f1:5.1f}"


def shipped(rules: Rules) -> Method:
    """What the package does."""

    def method(stream: Sequence[Report]) -> Iterator[Placed]:
        stories = Stories(StorySettings())
        for report in stream:
            joined = stories.join(report.article, report.evidence, kinds=rules.kinds)
            stories.expire()
            yield joined.story, joined.new

    return method


def exact_title(stream: Sequence[Report]) -> Iterator[Placed]:
    """The same folded title."""
    last: dict[str, tuple[str, datetime]] = {}
    for report in stream:
        key, at = fold(report.article.title).text, _at(report)
        story, since = last.get(key, (report.article.id, at))
        new = key not in last or at - since > WINDOW
        last[key] = (report.article.id if new else story, at)
        yield last[key][0], new


def nearest_title(threshold: float) -> Method:
    """rapidfuzz over every title of the window."""

    def method(stream: Sequence[Report]) -> Iterator[Placed]:
        titles: dict[int, tuple[str, str, datetime]] = {}
        for number, report in enumerate(stream):
            at, title = _at(report), utils.default_process(report.article.title)
            while titles and at - titles[next(iter(titles))][2] > WINDOW:
                del titles[next(iter(titles))]
            known = {key: value[0] for key, value in titles.items()}
            best = process.extractOne(title, known, scorer=fuzz.token_set_ratio, score_cutoff=threshold)
            story = titles[best[2]][1] if best else report.article.id
            titles[number] = (title, story, at)
            yield story, best is None

    return method


def simhash(distance: int) -> Method:
    """64 bits of the words of title and text."""

    def method(stream: Sequence[Report]) -> Iterator[Placed]:
        known: list[tuple[int, str, datetime]] = []
        for report in stream:
            bits, at = _simhash(report.article), _at(report)
            known = [one for one in known if at - one[2] <= WINDOW]
            near = [story for other, story, _ in known if (bits ^ other).bit_count() <= distance]
            story = near[-1] if near else report.article.id
            known.append((bits, story, at))
            yield story, not near

    return method


def minhash(jaccard: float) -> Method:
    """Signatures of the pairs of neighbouring words of the title, found by bands."""

    def method(stream: Sequence[Report]) -> Iterator[Placed]:
        rows = PERMUTATIONS // BANDS
        bands: defaultdict[tuple[int, tuple[int, ...]], list[tuple[tuple[int, ...], str, datetime]]] = defaultdict(list)
        for report in stream:
            signature, at = _minhash(report.article.title), _at(report)
            keys = [(band, signature[band * rows : (band + 1) * rows]) for band in range(BANDS)]
            near = [
                (sum(map(int.__eq__, signature, other)) / PERMUTATIONS, story)
                for key in keys
                for other, story, since in bands[key]
                if at - since <= WINDOW
            ]
            likeness, story = max(near, default=(0.0, ""))
            new = likeness < jaccard
            story = report.article.id if new else story
            for key in keys:
                bands[key].append((signature, story, at))
            yield story, new

    return method


def tf_idf(threshold: float, *, half_life: timedelta = timedelta(hours=24)) -> Method:
    """The nearest centroid, its cosine halved with every half-life since its last report."""

    def method(stream: Sequence[Report]) -> Iterator[Placed]:
        frequency: Counter[str] = Counter()
        sums: dict[str, Counter[str]] = {}
        lasts: dict[str, datetime] = {}
        index: defaultdict[str, set[str]] = defaultdict(set)
        for number, report in enumerate(stream, start=1):
            at, counts = _at(report), _counts(report.article)
            frequency.update(counts.keys())
            vector = {word: (1 + math.log(count)) * math.log((1 + number) / frequency[word]) for word, count in counts.items()}
            norm = math.sqrt(sum(weight * weight for weight in vector.values())) or 1.0
            best, score = "", 0.0
            for story in {story for word in vector for story in index[word] if at - lasts[story] <= WINDOW}:
                total = sums[story]
                length = math.sqrt(sum(weight * weight for weight in total.values())) or 1.0
                cosine = sum(weight * total[word] for word, weight in vector.items() if word in total) / norm / length
                best, score = max(
                    (best, score), (story, cosine * 0.5 ** ((at - lasts[story]) / half_life)), key=lambda one: (one[1], one[0])
                )
            new = score < threshold
            story = report.article.id if new else best
            total = sums.setdefault(story, Counter())
            for word, weight in vector.items():
                total[word] += weight / norm  # type: ignore[assignment]  # a counter of weights
                index[word].add(story)
            lasts[story] = at
            yield story, new

    return method


def _at(report: Report) -> datetime:
    return report.article.published or report.article.fetched or datetime(1970, 1, 1, tzinfo=UTC)


def _counts(article: Article) -> Counter[str]:
    counts = Counter(word for word in fold(f"{article.summary} {article.content}").text.split() if len(word) > 1)
    counts.update({word: 2 for word in fold(article.title).text.split() if len(word) > 1})
    return counts


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _simhash(article: Article) -> int:
    sums = [0] * 64
    for word in fold(f"{article.title} {article.summary} {article.content}").text.split():
        bits = _hash(word)
        for at in range(64):
            sums[at] += 1 if bits >> at & 1 else -1
    return sum(1 << at for at in range(64) if sums[at] > 0)


_PRIME = (1 << 61) - 1
_chance = random.Random(1)
_PERMUTE = [(_chance.randrange(1, _PRIME), _chance.randrange(_PRIME)) for _ in range(PERMUTATIONS)]


def _minhash(title: str) -> tuple[int, ...]:
    words = fold(title).text.split() or [""]
    values = [_hash(" ".join(words[at : at + 2])) for at in range(max(1, len(words) - 1))]
    return tuple(min((a * value + b) % _PRIME for value in values) for a, b in _PERMUTE)


def quality(files: Sequence[Path], rules: Rules) -> None:
    """A line for each method: every file, then the mean."""
    streams = {file.stem: reports(file, rules) for file in files}
    methods: dict[str, Method] = {
        "alerts": shipped(rules),
        "exact title": exact_title,
        "simhash 3": simhash(3),
        "minhash 0.5": minhash(0.5),
        **{f"tf-idf {threshold}": tf_idf(threshold) for threshold in (0.2, 0.25, 0.3, 0.4)},
        "token_set_ratio 80": nearest_title(80.0),
    }
    print(f"{'':20}" + "".join(f"{name[:19]:>20}" for name in [*streams, "mean"]))
    print(f"{'':20}" + f"{'alerted   a/s    F1':>20}" * (len(streams) + 1))
    for name, method in methods.items():
        found = [Quality.of(stream, list(method(stream))) for stream in streams.values()]
        mean = Quality(*(sum(getattr(one, what) for one in found) / len(found) for what in ("alerted", "alerts", "f1")))
        print(f"{name:20}" + "".join(f"{one!s:>20}" for one in [*found, mean]), flush=True)


def cost(count: int, files: Sequence[Path], rules: Rules) -> None:
    """CPU time of an article with `count` in the window, time and memory of a rebuild."""
    pool = [report.article for file in files for report in reports(file, rules)]
    made = list(_made(pool, count + 1000, step=WINDOW / count))
    stories = Stories(StorySettings())
    for article in made[:count]:
        stories.join(article, ())
        stories.expire()
    spent = []
    for article in made[count:]:
        begun = time.process_time()
        stories.join(article, ())
        stories.expire()
        spent.append(1000 * (time.process_time() - begun))
    spent.sort()
    print(f"{count:,} in the window: mean {sum(spent) / len(spent):.2f} ms, p99 {spent[int(len(spent) * 0.99)]:.2f} ms an article")
    kept = [encode(stories[id]) for id in stories]
    articles = sum(len(stories[id].articles) for id in stories)
    del stories
    begun = time.process_time()
    again = Stories(StorySettings(), kept=(decode(value, Story) for value in kept))
    print(f"{articles:,} articles in {len(again):,} stories rebuilt in {time.process_time() - begun:.2f} s")
    print(f"largest record {max(map(len, kept)):,} B")
    del again
    gc.collect()
    tracemalloc.start()
    again = Stories(StorySettings(), kept=(decode(value, Story) for value in kept))
    print(f"memory {tracemalloc.get_traced_memory()[0] / articles:,.0f} B an article, {len(again):,} stories")
    tracemalloc.stop()


def _made(pool: Sequence[Article], count: int, *, step: timedelta) -> Iterator[Article]:
    """Articles of a pool's words: four of five with half of their headline and all of their text drawn anew."""
    chance = random.Random(1)
    words = [word for article in pool for word in f"{article.title} {article.content}".split()]
    at = datetime(2020, 1, 1, tzinfo=UTC)
    for number in range(count):
        base, at = chance.choice(pool), at + step
        title = [chance.choice(words) if number % 5 and chance.random() < 0.5 else word for word in base.title.split()]
        text = " ".join(chance.choices(words, k=90)) if base.content or chance.random() < 0.5 else ""
        link = f"https://example.org/news/{number}/{chance.random()}"
        yield Article(id=link, url=link, feed=f"Feed {number % 300}", title=" ".join(title), content=text, published=at, fetched=at)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--cost", type=int, default=0, metavar="N", help="time an article with N in the window instead")
    options = parser.parse_args()
    files = options.files or [*sorted(SHARED.glob("*.jsonl")), SMALL]
    rules = Rules.load(ROOT / "rules")
    if options.cost:
        cost(options.cost, files, rules)
    else:
        quality(files, rules)


if __name__ == "__main__":
    main()
