"""How well and how fast names are found, with the libraries that one would take instead in the same run.

    pip install -e '.[test,benchmarks]'
    python -m benchmarks.matching [--quick] [--data FOLDER] [quality] [speed] [reload] [scan]

Without a name of a part all of them run; `--quick` takes a tenth of everything. `--data` (or `ALERTS_MATCHING_DATA`) names a folder of
development data (names.tsv, conflict.jsonl, general.jsonl); without one its rows are left out and speed is measured on made-up prose.
Times are of this process's own CPU unless they say wall. Figures are of the machine of the first line: read ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

from alerts import Article
from alerts.matching import cache_folder
from alerts.stages import Live, Setup, set_up
from benchmarks.names import names as invented
from benchmarks.names import towns
from benchmarks.peers import OURS, SYSTEMS, Ours, System, rules_of
from benchmarks.samples import Listed, Sample, Text, articles, designators, development, occurring, typos, written
from tests.matching.corpus import Outcome, Span, f1, outcome

SECONDS_MAX = 6.0
"""How long a system reads in one cell of the table of speed; the slow ones read less."""
PEERS = ("rapidfuzz", "flashtext", "spacy", "ahocorasick_rs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--data", type=Path, default=os.environ.get("ALERTS_MATCHING_DATA"), help="development data")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--cell", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.cell:
        print(json.dumps(cell(**json.loads(arguments.cell))))
        return
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(unknown)}")
    print(machine())
    for name in arguments.parts or PARTS:
        print(f"\n{name}\n{'-' * len(name)}")
        PARTS[name](data=Path(arguments.data) if arguments.data else None, quick=arguments.quick)


def machine() -> str:
    """What the figures are of."""
    model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text("utf-8"))
    found = []
    for peer in PEERS:
        try:
            found.append(f"{peer} {version(peer)}")
        except PackageNotFoundError:
            found.append(f"{peer} not installed: its rows are left out")
    cpu = f"{os.cpu_count()} x {model[1] if model else platform.processor()}"
    return f"{cpu}, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}, {', '.join(found)}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Aligned columns, the first to the left."""
    every = [list(head), *map(list, rows)]
    widths = [max(len(row[column]) for row in every) for column in range(len(head))]
    for row in every:
        first, *others = (
            text.ljust(width) if not column else text.rjust(width) for column, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join([first, *others]).rstrip())


def quality(*, data: Path | None, quick: bool) -> None:
    """Each system with the same names and the same texts.

    Expected, before the first run of this table: ours 0.97 and more on the written sentences, 0.85 of the typos, no designator, 0.99 on
    real texts with a false alarm in a thousand; windows at 84 near 0.75 on the written ones (look-alikes cost it precision, other
    scripts recall) and above 0.9 of the typos, at 91 half of them; the exact ones below 0.55 on the written ones and no typo at all.
    """
    share = 10 if quick else 1
    samples = {"typos": typos(1_000 // share), "designators": designators(1_000 // share), "written": written()}
    if data:
        samples["real"], samples["general"] = development(data)
        samples["general"] = _part(samples["general"], share)
        samples["real"] = _part(samples["real"], share)
    rows = []
    for name, make in SYSTEMS.items():
        if name.endswith("scan") or (results := _results(name, make, samples, seconds=60 // share)) is None:
            continue
        rows.append([name, *_figures(samples, results)])
    head = ["system", "written F1", "other scripts", "false of look-alikes", "typos found", "designators confused"]
    head += ["real F1", "precision", "variants", "false in 1,000 general"] if data else []
    table(head, rows)


def _part(sample: Sample, share: int) -> Sample:
    return Sample(sample.names, sample.texts[::share], sample.rules)


Results = dict[str, list[tuple[Text, Outcome]]]


def _results(name: str, make: Callable[[Sequence[Listed]], System], samples: dict[str, Sample], *, seconds: float) -> Results | None:
    """What a system made of each sample, or as much of it as it managed in its seconds."""
    results: Results = {}
    for part, sample in samples.items():
        try:
            system = Ours(sample.names, rules=sample.rules) if name == OURS else make(sample.names)
        except ImportError:
            return None
        until, results[part] = time.process_time() + seconds, []
        for text in sample.texts:
            results[part].append((text, _outcome(text, system)))
            if time.process_time() > until:
                break
    return results


def _outcome(text: Text, system: System) -> Outcome:
    """Of several finds of a name at one place one counts; none does where a name is neither right nor wrong and is not marked."""
    kept: list[Span] = []
    for span in sorted(system.find(text.text), key=lambda one: (one.start - one.end, one)):
        if not any(one.term == span.term and _touch(one, span) for one in kept):
            kept.append(span)
    result = outcome(text.spans, kept)
    extra = [span for span in result.extra if not any(span.term == other.term and _touch(span, other) for other in text.neither)]
    return Outcome(result.found, result.missed, tuple(extra))


def _touch(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


SCRIPTS = ("Russian", "Ukrainian", "Arabic", "Persian", "Hebrew", "Greek", "Kurdish", "Pashto", "Burmese", "listed in another script")


def _figures(samples: dict[str, Sample], results: Results) -> list[str]:
    """The row of a system; a star where it managed a part only."""
    wrote = results["written"]
    figures = [
        f"{f1(one for _, one in wrote):.3f}",
        f"{f1(one for text, one in wrote if text.about in SCRIPTS):.3f}",
        str(sum(len(one.extra) for text, one in wrote if text.about in ("look-alike", "clean", "designator", "homograph"))),
        f"{sum(bool(one.found) for _, one in results['typos']) / len(results['typos']):.3f}",
        str(sum(bool(one.extra) for _, one in results["designators"])),
    ]
    if "real" in results:
        real, general = results["real"], results["general"]
        right, extra = (sum(len(getattr(one, part)) for _, one in real) for part in ("found", "extra"))
        variants = [(span in one.found) for text, one in real for span in text.spans if _is_variant(text, span)]
        false = sum(len(one.extra) for _, one in general)
        figures += [f"{f1(one for _, one in real):.4f}", f"{right / max(1, right + extra):.4f}"]
        figures += [f"{sum(variants) / max(1, len(variants)):.3f}", f"{1_000 * false / len(general):.1f}"]
    partly = any(len(results[part]) < len(samples[part].texts) for part in results)
    return [*figures[:-1], figures[-1] + ("*" if partly else "")]


def _is_variant(text: Text, span: Span) -> bool:
    return text.text[span.start : span.end].casefold() != span.term.casefold()


SIZES = (1_000, 10_000, 100_000, 1_000_000)
BOUNDS = {"rapidfuzz windows 84": 1_000, "rapidfuzz windows 91": 0, "spaCy PhraseMatcher": 10_000, "flashtext": 100_000}
"""The longest list for the peers that would take minutes or gigabytes."""


def speed(*, data: Path | None, quick: bool) -> None:
    """Articles of 3.4 kB a second on one core; each cell in a process of its own, which is where its memory is read.

    Expected, before the first run of this table: a million names compiled in 20 s and loaded from the cache in 2 s, in 500 MB; the first
    pass at a fifth of the scan with a million and at a quarter with a thousand, the warm one half as fast again; rapidfuzz at 60
    articles a second with a thousand names. Words that occur cost more than those that do not: each is a piece of evidence.

    Expected of the compiled code, before its first run: a quarter of the scan with a thousand names and a fifth with a million invented
    ones. Of real towns, which share their beginnings with ordinary words, so that the scan itself takes three times as long, and of which
    some are other spellings of what the texts name: a tenth.

    Of names that do not occur (`absent`), expected before the first run: with a million of them an article costs 1.7 times what it costs
    with a thousand. Among a million invented names some are one error from a word of the texts; each article finds one of these.
    """
    sizes = SIZES[:2] if quick else SIZES
    cells = [(size, "invented") for size in sizes] + [(1_000, "occurring"), (sizes[-2] * 4, "towns")]
    cells += [(size, "absent") for size in (sizes[0], sizes[-1])]
    rows = []
    with tempfile.TemporaryDirectory() as lists:
        for size, which in cells:
            about = {"size": size, "which": which, "data": str(data or ""), "count": 100 if quick else 700, "lists": lists}
            if which == "absent":
                _in_child(name="", **about)
            for name in SYSTEMS:
                if size <= BOUNDS.get(name, SIZES[-1]) and (row := _in_child(name=name, **about)) is not None:
                    rows.append([f"{size:,} {which}", name, *(str(row[key]) for key in CELL)])
    table(["names", "system", *CELL], rows)


CELL = ("articles/s first", "warm", "finds/article", "compile s", "reload s", "PSS MB")


def _in_child(**arguments: object) -> dict[str, object] | None:
    """A cell, measured in a process of its own; ours is compiled in one and measured in the next, which finds it in the cache. Without a
    name, the list is only written for those that follow: what is measured there is as new as with other lists.
    """
    with tempfile.TemporaryDirectory() as cache:
        answers = []
        for _ in range(2 if arguments["name"] == OURS else 1):
            command = [sys.executable, "-m", "benchmarks.matching", "--cell", json.dumps(arguments | {"cache": cache})]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                if "ModuleNotFoundError" not in done.stderr:
                    raise SystemExit(done.stderr)
                return None
            answers.append(json.loads(done.stdout))
    first, last = answers[0], answers[-1]
    return {**last, "compile s": first.get("compile s"), "reload s": last["compile s"] if len(answers) > 1 else "-"}


def cell(*, name: str, size: int, which: str, data: str, count: int, cache: str, lists: str = "") -> dict[str, object]:
    """One system, one list: what it takes to make, and how fast it reads. The memory is what making it added."""
    texts = articles(Path(data) if data else None, count)
    terms = _terms(which, size, texts, lists=Path(lists or cache))
    if not name:
        return {}
    listed = [Listed(one) for one in terms]
    with tempfile.TemporaryDirectory() as folder:
        rules = rules_of(listed, Path(folder)) if name == OURS else None
        if name == OURS:
            del listed
            listed = []
        del terms
        before, begun = _pss_mb(), time.process_time()
        system = Ours((), rules=rules, cache=Path(cache)) if rules else SYSTEMS[name](listed)
        compile_s = time.process_time() - begun
        first, finds = _rate(system, texts)
        warm, _ = _rate(system, texts)
    return {
        "articles/s first": f"{first:,.0f}",
        "warm": f"{warm:,.0f}",
        "finds/article": f"{finds:.1f}",
        "compile s": f"{compile_s:.2f}",
        "PSS MB": f"{_pss_mb() - before:,.0f}",
    }


def _terms(which: str, size: int, texts: Sequence[str], *, lists: Path) -> list[str]:
    match which:
        case "occurring":
            return occurring(texts, size)
        case "towns":
            return towns(size, texts)
        case "absent":
            return _absent(size, texts, lists=lists)
    return invented(size)


def _absent(size: int, texts: Sequence[str], *, lists: Path) -> list[str]:
    """Invented names of which none is found in the texts, however it is spelled there."""
    kept = lists / f"absent-{size}.txt"
    if kept.is_file():
        return kept.read_text("utf-8").splitlines()
    pool = invented(size + size // 100)
    while True:
        system = Ours([Listed(one) for one in pool[:size]])
        found = {span.term for text in texts for span in system.find(text)}
        if not found:
            break
        pool = [one for one in pool if one not in found]
    kept.write_text("\n".join(pool[:size]), encoding="utf-8")
    return pool[:size]


def _rate(system: System, texts: Sequence[str]) -> tuple[float, float]:
    """Articles a second of CPU, and finds an article."""
    begun, read, finds = time.process_time(), 0, 0
    for text in texts:
        finds += sum(1 for _ in system.find(text))
        read += 1
        if time.process_time() - begun > SECONDS_MAX:
            break
    return read / (time.process_time() - begun), finds / read


def _pss_mb() -> float:
    found = re.search(r"^Pss:\s+(\d+)", Path("/proc/self/smaps_rollup").read_text("ascii"), re.MULTILINE)
    return int(found[1]) / 1_024 if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024


def reload(*, data: Path | None, quick: bool) -> None:
    """How long an article takes (wall) while a list is edited in a running service and compiled anew.

    Expected, before the first run: the longest article below 100 ms with a million names; the compiling itself is felt only as a busy
    second core, the taking of what is compiled as a few slices of the interpreter's lock.
    """
    texts = [Article(id=str(number), content=text) for number, text in enumerate(articles(data, 200))]
    rows = []
    for size in (10_000, 100_000) if quick else (10_000, 100_000, 1_000_000):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            live = _service(folder, invented(size))
            calm, _ = _times(live, texts, until=_after(5))
            with (folder / "rules" / "place.txt").open("a", encoding="utf-8") as file:
                file.write("\nQaryat Test")
            with ThreadPoolExecutor(1) as keeper:
                taken = keeper.submit(_refreshed, live)
                busy, took = _times(live, texts, until=taken.done)
                taken.result()
        rows.append([f"{size:,}", *_spread(calm), *_spread(busy), f"{took:.1f}"])
    table(["names", "calm ms: median", "p99", "longest", "reload ms: median", "p99", "longest", "reloaded after s"], rows)


def _after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def _service(folder: Path, terms: Sequence[str]) -> Live:
    (folder / "rules").mkdir()
    rules_of([Listed(term) for term in terms], folder / "rules")
    config = {"feeds": ["file:none.xml"], "channels": {"desk": "console:"}, "rules": "rules/", "log": "sqlite:alerts.db"}
    (folder / "alerts.yaml").write_text(json.dumps(config), encoding="utf-8")
    environ = {"ALERTS_CACHE": str(folder / "cache")}

    def read() -> Setup:
        return set_up(folder / "alerts.yaml", environ=environ, channels=False)

    return Live(read(), read, cache=cache_folder(environ))


def _refreshed(live: Live) -> None:
    """What the keeper of a service does, until the edit is in force."""
    pause = threading.Event()
    while not live.refresh():
        pause.wait(0.5)


def _times(live: Live, texts: Sequence[Article], *, until: Callable[[], bool]) -> tuple[list[float], float]:
    """The milliseconds of each article, one after the other, and the seconds of all of them."""
    times, begun = [], time.perf_counter()
    while not until():
        for text in texts:
            before, rules = time.perf_counter(), live().rules
            assert rules
            rules.fired(text)
            times.append((time.perf_counter() - before) * 1_000)
    return times, time.perf_counter() - begun


def _spread(times: Sequence[float]) -> list[str]:
    ordered = sorted(times)
    return [f"{median(ordered):.2f}", f"{ordered[int(len(ordered) * 0.99)]:.1f}", f"{ordered[-1]:.1f}"]


def scan(*, data: Path | None, quick: bool) -> None:
    """`alerts scan` over many articles with the shipped rules, with one process and with one for each core.

    Expected, before the first run: 1.8 times as fast on two cores; the CPU of all processes together a tenth more than that of one,
    which is their start.
    """
    texts = articles(data, 700)
    root = Path(__file__).parent.parent
    rows = []
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "articles.jsonl"
        with file.open("w", encoding="utf-8") as out:
            for number in range(5_000 if quick else 42_000):
                out.write(json.dumps({"id": str(number), "content": texts[number * 7 % len(texts)]}, ensure_ascii=False) + "\n")
        for jobs in (1, os.cpu_count() or 1):
            before, begun = _children_s(), time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "alerts", "scan", "--jobs", str(jobs), str(root / "rules"), str(file)],
                check=True,
                stdout=subprocess.DEVNULL,
                cwd=root,
            )
            rows.append(
                [str(jobs), f"{time.perf_counter() - begun:.1f}", f"{_children_s() - before:.1f}", f"{file.stat().st_size / 1e6:.0f}"]
            )
    table(["jobs", "wall s", "CPU s", "MB"], rows)
    print(f"{float(rows[0][1]) / float(rows[1][1]):.2f} times as fast")


def _children_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


PARTS: dict[str, Callable[..., None]] = {"quality": quality, "speed": speed, "reload": reload, "scan": scan}


if __name__ == "__main__":
    main()
