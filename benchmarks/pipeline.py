"""Speed and memory of the whole pipeline, with the bare libraries beside it in the same run.

    python -m benchmarks.pipeline [--log sqlite] [--log kafka] [--articles FILE.jsonl] [--count 5000]

Throughput: articles of 3 kB are appended as a poller would and go through matcher and notifier; 1,000 fuzzy terms, 5 % match.
Latency: one matching article every 100 ms is appended as a poller would; a webhook on loopback notes when it is called.
Kafka runs need a broker (`ALERTS_TEST_KAFKA`, Docker, or Java with Maven). Figures are of this machine: read ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median, quantiles
from threading import Thread

import requests
from rapidfuzz import fuzz, process, utils

from alerts.log import Log, Output, open_log, topics
from alerts.records import Article, encode

ROOT = Path(__file__).parent.parent
SYLLABLES = [
    "al",
    "ba",
    "da",
    "far",
    "ghu",
    "ha",
    "il",
    "jar",
    "ka",
    "lu",
    "ma",
    "na",
    "or",
    "pa",
    "qa",
    "ra",
    "sha",
    "ta",
    "ur",
    "va",
    "wi",
    "ya",
    "za",
    "zor",
    "kh",
    "deir",
    "bek",
    "dag",
    "grad",
    "sk",
    "ov",
]
TICKS = os.sysconf("SC_CLK_TCK")


def names(count: int, chance: random.Random) -> list[str]:
    """Invented place names of two to four syllables, some of two words."""
    found: dict[str, None] = {}
    while len(found) < count:
        words = ["".join(chance.choices(SYLLABLES, k=chance.randint(3, 4))) for _ in range(chance.choice((1, 1, 1, 2)))]
        found[" ".join(word.capitalize() for word in words)] = None
    return list(found)


def texts(file: Path | None, count: int, chance: random.Random) -> list[str]:
    """Texts of 3 kB: of a file of articles, else words of the package's own list of common words, the frequent ones more often."""
    if file:
        real = [json.loads(line).get("content", "") for line in file.open(encoding="utf-8")]
        joined = "\n\n".join(text for text in real if text)
        return [joined[(start := chance.randrange(len(joined) - 3_000)) : start + 3_000] for _ in range(count)]
    words = (ROOT / "alerts" / "text" / "words.txt").read_text("utf-8").split()
    words = [word for word in words if word.isalpha()]
    weights = [1 / (rank + 10) for rank in range(len(words))]
    return [_prose(chance.choices(words, weights, k=500)) for _ in range(count)]


def _prose(words: Sequence[str]) -> str:
    sentences = [" ".join(words[start : start + 17]).capitalize() + "." for start in range(0, len(words), 17)]
    return " ".join(sentences)[:3_000]


def articles(bodies: Sequence[str], terms: Sequence[str], chance: random.Random, *, share: float) -> Iterator[Article]:
    """Articles of which `share` name a term next to a weapon, each a story of its own."""
    for number, body in enumerate(bodies):
        place = chance.choice(terms) if chance.random() < share else ""
        title = f"Rocket fire number {number} reported at {place}" if place else f"Report {number} of the day"
        now = datetime.now(UTC)
        yield Article(
            id=f"{number:x}-{uuid.uuid4().hex[:6]}",
            feed="Bench",
            url=f"https://example.org/{number}",
            title=title,
            content=body,
            published=now,
            fetched=now,
        )


def furnish(folder: Path, terms: Sequence[str], *, log: str, channel: str) -> None:
    """A folder with 1,000 fuzzy terms, one rule, one channel."""
    (folder / "rules").mkdir()
    (folder / "rules" / "terms.txt").write_text("\n".join(terms), encoding="utf-8")
    (folder / "rules" / "bench.yaml").write_text(
        "watchlist: places.bench\nkind: place\nfuzzy: normal\nterms_from: terms.txt\n---\n"
        "watchlist: weapons.bench\nkind: weapon\nterms: [rocket, missile]\n---\n"
        "rule: bench\nseverity: high\nwhen: {all: [places.bench, weapons.bench]}\n",
        encoding="utf-8",
    )
    (folder / "empty.xml").write_text('<rss version="2.0"><channel><title>Empty</title></channel></rss>', encoding="utf-8")
    config = {"log": log, "rules": "rules/", "feeds": ["file:empty.xml"], "channels": {"bench": channel}}
    (folder / "alerts.yaml").write_text(json.dumps(config), encoding="utf-8")


@dataclass
class Process:
    """A command of ours under way, and what it has cost."""

    name: str
    popen: subprocess.Popen[bytes]

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.popen.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def started(folder: Path, command: str, *, name: str, cores: str = "") -> Iterator[Process]:
    pin = ["taskset", "-c", cores] if cores else []
    environ = os.environ | {"ALERTS_INSTANCE": name, "PYTHONPATH": str(ROOT)}
    with (folder / f"{name}.err").open("wb") as err:
        popen = subprocess.Popen(
            [*pin, sys.executable, "-m", "alerts", "-q", command], cwd=folder, env=environ, stdout=subprocess.DEVNULL, stderr=err
        )
        try:
            yield Process(name, popen)
        finally:
            popen.terminate()
            popen.wait(60)


def services(kind: str) -> list[tuple[str, str]]:
    return [("run", "run")] if kind == "sqlite" else [("matcher", "matcher-1"), ("matcher", "matcher-2"), ("notifier", "notifier-1")]


def carried(log: Log, matching: int) -> bool:
    """Whether everything is matched, decided and delivered."""
    if log.lag("articles", group="matcher") or log.lag("matches", group="stories"):
        return False
    settled = {
        record.key
        for partition in range(log.partitions("receipts"))
        for record in log.read("receipts", partition)
        if b'"delivered"' in (record.value or b"")
    }
    return len(settled) >= matching


def throughput(kind: str, url: str, bodies: Sequence[str], terms: Sequence[str]) -> None:
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        furnish(folder, terms, log=url, channel="console:")
        log = stack.enter_context(open_log(url, topics=topics(), instance="bench", base=folder))
        made = list(articles(bodies, terms, chance, share=0.05))
        matching = sum("Rocket" in one.title for one in made)
        processes = [
            stack.enter_context(started(folder, command, name=instance, cores="0" if kind == "sqlite" else ""))
            for command, instance in services(kind)
        ]
        warm = Article(id="warm", title=f"Rocket hits {terms[0]}", published=datetime.now(UTC), fetched=datetime.now(UTC))
        log.append([Output("articles", "warm", encode(warm))])
        _until(lambda: carried(log, 1), "the first article")
        before = {one.name: one.cpu_s() for one in processes}
        begun = time.perf_counter()
        for start in range(0, len(made), 1_000):
            log.append([Output("articles", one.id, encode(one)) for one in made[start : start + 1_000]])
        _until(lambda: carried(log, matching + 1), "every article")
        took = time.perf_counter() - begun
        print(f"{kind}: {len(made) / took:7,.0f} articles/s through the pipeline ({len(made)} articles, {matching} alerts, {took:.1f} s)")
        for one in processes:
            print(f"    {one.name:12} {(one.cpu_s() - before[one.name]) * 1_000 / len(made):6.2f} CPU ms an article")


def latency(kind: str, url: str, terms: Sequence[str], *, seconds: int) -> None:
    arrived: dict[str, float] = {}

    class Hook(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

        def do_POST(self) -> None:
            now = time.time()
            found = re.search(rb"number (\d+) reported", self.rfile.read(int(self.headers["Content-Length"])))
            if found:
                arrived.setdefault(found.group(1).decode(), now)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    Thread(target=server.serve_forever, daemon=True).start()
    print(f"bare: {_bare_post_ms(server.server_address[1]):6.1f} ms p50 for requests to call the webhook alone")
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        furnish(folder, terms, log=url, channel=f"json://127.0.0.1:{server.server_address[1]}/")
        log = stack.enter_context(open_log(url, topics=topics(), instance="bench", base=folder))
        for command, instance in services(kind):
            stack.enter_context(started(folder, command, name=instance))
        chance, sent = random.Random(11), {}
        for number in range(-20, seconds * 10):  # the first two seconds warm up
            (one,) = articles(["A sentence of the report. " * 40], terms, chance, share=1.0)
            one = Article(
                id=str(number),
                feed="Bench",
                title=f"Rocket fire number {number + 1000} reported at {chance.choice(terms)}",
                content=one.content,
                published=one.published,
                fetched=one.fetched,
            )
            if number == -20:
                log.append([Output("articles", one.id, encode(one))])
                _until(lambda: arrived, "the first alert")
                continue
            sent[str(number + 1000)] = time.time()
            log.append([Output("articles", one.id, encode(one))])
            time.sleep(0.1)
        _until(lambda: len(arrived) >= len(sent), "every alert")
        measured = sorted((arrived[key] - at) * 1_000 for key, at in sent.items() if int(key) >= 1000)
        cuts = quantiles(measured, n=100)
        print(f"{kind}: {cuts[49]:6.1f} ms p50, {cuts[94]:6.1f} ms p95, {cuts[98]:6.1f} ms p99 from the end of the fetch", end=" ")
        print(f"to the call of the channel, 10 a second ({len(measured)} alerts)")
    server.shutdown()
    server.server_close()


def _bare_post_ms(port: int) -> float:
    times = []
    for _ in range(100):
        begun = time.perf_counter()
        requests.post(f"http://127.0.0.1:{port}/", json={"title": "x", "message": "y" * 500}, timeout=5)
        times.append((time.perf_counter() - begun) * 1_000)
    return median(times)


def peers(bodies: Sequence[str], terms: Sequence[str]) -> None:
    """What the bare libraries take for the matching alone, without a log, a story or a delivery."""
    begun, done = time.perf_counter(), 0
    folded = [utils.default_process(term) for term in terms]
    while time.perf_counter() - begun < 5:
        words = utils.default_process(bodies[done]).split()
        windows = {" ".join(words[start : start + size]) for size in (1, 2) for start in range(len(words) - size + 1)}
        for window in windows:
            process.extractOne(window, folded, scorer=fuzz.ratio, score_cutoff=91)
        done += 1
    print(f"peer: {done / (time.perf_counter() - begun):7,.1f} articles/s, rapidfuzz over token windows (fuzzy matching alone, one core)")
    pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, terms)) + r")\b", re.IGNORECASE)
    begun = time.perf_counter()
    for body in bodies[:500]:
        pattern.findall(body)
    rate = min(500, len(bodies)) / (time.perf_counter() - begun)
    print(f"peer: {rate:7,.0f} articles/s, one regular expression (exact matching alone, one core)")


def footprint() -> None:
    """Import time beside a bare interpreter's, and what an idle `alerts run` takes."""

    def best(code: str) -> float:
        times = []
        for _ in range(9):
            begun = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
            times.append(time.perf_counter() - begun)
        return min(times) * 1_000

    bare, ours = best("pass"), best("import alerts; alerts.Rules")
    print(f"import alerts: {ours - bare:.0f} ms more than a bare interpreter's {bare:.0f} ms")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = {
            "log": "sqlite:alerts.db",
            "rules": str(ROOT / "rules"),
            "feeds": [f"file:{ROOT}/demo/feed.xml"],
            "channels": {"a": "console:", "b": "json://127.0.0.1:9/"},
            "routes": [{"to": ["a"]}],
        }
        (folder / "alerts.yaml").write_text(json.dumps(config), encoding="utf-8")
        with started(folder, "run", name="run") as it:
            time.sleep(15)
            before = it.cpu_s()
            time.sleep(30)
            share, memory = (it.cpu_s() - before) / 30, _pss_mb(it.popen.pid)
            print(f"idle alerts run (shipped rules, Apprise loaded): {memory:.0f} MB PSS of its process tree, {share:.2%} of a core")


def _pss_mb(pid: int) -> float:
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split()
    own = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text("ascii"), re.MULTILINE)
    return (int(own.group(1)) / 1_024 if own else 0.0) + sum(_pss_mb(int(child)) for child in children)


def _until(condition, what: str, *, within_s: float = 300) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"gave up waiting for {what}")
        time.sleep(0.05)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--log", action="append", choices=["sqlite", "kafka"])
    parser.add_argument("--articles", type=Path, help="real texts: JSON Lines with `content`")
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--seconds", type=int, default=20, help="of the latency run")
    arguments = parser.parse_args()
    chance = random.Random(3)
    terms = names(1_000, chance)
    bodies = texts(arguments.articles, arguments.count, chance)
    peers(bodies, terms)
    for kind in arguments.log or ["sqlite"]:
        url = "sqlite:alerts.db"
        if kind == "kafka":
            from tests.kafka.broker import bootstrap_servers

            url = f"kafka://{bootstrap_servers()}?prefix=bench-{uuid.uuid4().hex[:6]}-"
        throughput(kind, url, bodies, terms)
        latency(kind, url if kind == "sqlite" else url + "l-", terms, seconds=arguments.seconds)
    footprint()


if __name__ == "__main__":
    main()
