"""Fetching and scheduling feeds: how many polls a processor does, how late they are, and how late the news.

    python -m benchmarks.feeds polls [--feeds 5000] [--seconds 30]        polls per CPU second, bare aiohttp beside it
    python -m benchmarks.feeds steady [--feeds 5000] [--seconds 120]      every feed once a minute in one process: share of a core
    python -m benchmarks.feeds hostile [--feeds 200] [--seconds 600]      five hostile feeds among healthy ones: lateness of the latter

The server is a process of its own; each feed has an address of its own in 127.0.0.0/8, so that no limit for a host is in the way. What
is counted is the poller as it runs: fetching with all its bounds and turns, the schedule, the states' commits to the embedded log.
Figures are of this machine: read ratios. `benchmarks.schedulers` simulates how late the news are.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import re
import resource
import socket
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import quantiles

import aiohttp

from alerts.log import Log, open_log, topics
from alerts.records import FeedState, decode
from alerts.stages.carrying import Stop
from alerts.stages.feed_states import feed_states
from alerts.stages.poller import Poller
from alerts.stages.setup import Setup, set_up

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Bench</title>{items}</channel></rss>"""
ITEM = "<item><title>Report {0}</title><link>https://example.org/{0}</link><guid>https://example.org/{0}</guid></item>"
BODY = RSS.format(items="".join(ITEM.format(number) for number in range(20))).encode()
HOSTILE = ("drip", "endless", "bomb", "connect", "parser")
"""A byte a second; a body without an end; 600 MB behind 600 kB; a connection that is never accepted; markup that takes its time."""


# The server


class Feeds(asyncio.Protocol):
    """As little server as will do: it answers each request by its path, and counts."""

    counts: list[int]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.rest = b""
        self.task: asyncio.Task[None] | None = None

    def connection_lost(self, error: Exception | None) -> None:
        if self.task:
            self.task.cancel()

    def data_received(self, data: bytes) -> None:
        self.rest += data
        while b"\r\n\r\n" in self.rest:
            head, _, self.rest = self.rest.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode()
            self.answer(path, head.lower())

    def answer(self, path: str, head: bytes) -> None:
        self.counts[0] += 1
        kind = path.strip("/").split("/")[0]
        if kind in HOSTILE:
            self.task = asyncio.get_running_loop().create_task(self.misbehave(kind))
        elif b"\r\nif-none-match:" in head:
            # A server that gives a new validator with each 304 has every poll committed: the dearest case.
            tag = f'"{self.counts[0]}"' if kind == "fresh" else '"same"'
            self.transport.write(f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n".encode())
        else:
            self.transport.write(_answer(BODY, etag='"same"'))

    async def misbehave(self, kind: str) -> None:
        with suppress(ConnectionError):
            if kind == "bomb":
                self.transport.write(_answer(_bomb(), encoding="gzip"))
            elif kind == "parser":
                self.transport.write(_answer(_slow_to_parse()))
            else:
                self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n" + BODY[:50])
            while kind in {"drip", "endless"}:
                self.transport.write(b"<" if kind == "drip" else b"<item>" * 20_000)
                await asyncio.sleep(1.0 if kind == "drip" else 0.05)


def _answer(body: bytes, *, etag: str = "", encoding: str = "") -> bytes:
    headers = [f"Content-Length: {len(body)}", "Content-Type: application/rss+xml"]
    headers += [f"ETag: {etag}"] * bool(etag) + [f"Content-Encoding: {encoding}"] * bool(encoding)
    return ("HTTP/1.1 200 OK\r\n" + "\r\n".join(headers) + "\r\n\r\n").encode() + body


@cache
def _bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(600)) + packer.flush()


def _slow_to_parse() -> bytes:
    """Broken and deeply nested markup, megabytes of it, other each time."""
    return RSS.format(items=f"<item><title>{time.monotonic()}</title><description>" + "<b><i>&amp;<" * 800_000).encode()


def _deaf() -> tuple[list[socket.socket], int]:
    """A port at which no connection is accepted any more, and what keeps it so."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=0)
    kept = [listening]
    for _ in range(4):
        kept.append(socket.socket())
        kept[-1].setblocking(False)
        kept[-1].connect_ex(listening.getsockname())
    return kept, listening.getsockname()[1]


def _serve(pipe: Connection) -> None:
    async def main() -> None:
        Feeds.counts = [0]
        _bomb()  # it takes seconds to make
        server = await asyncio.get_running_loop().create_server(Feeds, "0.0.0.0", 0, backlog=4_096)
        kept, deaf = _deaf()
        pipe.send((server.sockets[0].getsockname()[1], deaf))
        while True:
            if pipe.poll():
                pipe.recv()
                pipe.send((Feeds.counts[0], time.process_time()))
            await asyncio.sleep(0.01)
        del kept

    _many_files()
    with suppress(EOFError, KeyboardInterrupt):
        asyncio.run(main())


@dataclass
class Server:
    """The server's process, and how many requests it has had."""

    pipe: Connection
    pid: int
    port: int
    deaf: int

    def requests(self) -> int:
        self.pipe.send("")
        return self.pipe.recv()[0]

    def url(self, number: int, path: str) -> str:
        number += 2
        if path == "connect":
            return f"http://127.0.0.1:{self.deaf}/feed.xml"
        return f"http://127.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}:{self.port}/{path}/{number}.xml"


@contextmanager
def serving() -> Iterator[Server]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    assert process.pid is not None
    yield Server(ours, process.pid, *ours.recv())
    process.terminate()
    process.join()


def _many_files() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


# The poller


@dataclass
class Polled:
    """What a poller did while it was measured."""

    polls: int
    cpu_s: float
    wall_s: float
    records: int

    @property
    def per_cpu_s(self) -> float:
        return self.polls / self.cpu_s


def furnish(folder: Path, urls: list[str], *, every: str) -> Setup:
    feeds = [{"url": url, "every": every} for url in urls]
    config = {"log": "sqlite:alerts.db", "poll": {"allow_private_addresses": True}, "feeds": feeds, "channels": {"console": "console:"}}
    (folder / "alerts.yaml").write_text(json.dumps(config), encoding="utf-8")
    return set_up(folder / "alerts.yaml", environ={}, rules=False, channels=False)


def polled(server: Server, urls: list[str], *, every: str, warm_s: float, seconds: float) -> Polled:
    """Run a poller in this process, on an embedded log, and measure it once it is warm."""
    with tempfile.TemporaryDirectory() as name:
        setup = furnish(Path(name), urls, every=every)
        with open_log(setup.config.log, topics=topics(), instance="bench", base=setup.config.base) as log:
            # No jitter downwards: a feed that is due before its host's second is over would have to queue.
            poller, stop = Poller(log, lambda: setup, clock=lambda: datetime.now(UTC), chance=lambda: 1.0), Stop()
            thread = threading.Thread(target=lambda: poller.run(stop=stop))
            thread.start()
            try:
                time.sleep(warm_s)
                polls, cpu_s, wall_s, records = server.requests(), time.process_time(), time.monotonic(), sum(log.ends("feeds").values())
                time.sleep(seconds)
                return Polled(
                    server.requests() - polls,
                    time.process_time() - cpu_s,
                    time.monotonic() - wall_s,
                    sum(log.ends("feeds").values()) - records,
                )
            finally:
                stop.set()
                thread.join()


def bare(server: Server, urls: list[str], *, seconds: float) -> Polled:
    """aiohttp alone: one session, connections kept alive, the same requests as fast as they go."""

    async def main() -> Polled:
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector) as session:
            polls = 0
            end = [float("inf")]

            async def ask(mine: list[str]) -> None:
                nonlocal polls
                while time.monotonic() < end[0]:
                    for url in mine:
                        async with session.get(url, headers={"If-None-Match": '"same"'}) as response:
                            await response.read()
                        polls += 1
                    if end[0] == float("inf"):
                        return  # every connection stands

            shares = [urls[start::64] for start in range(64)]
            await asyncio.gather(*(ask(share) for share in shares))
            polls, cpu_s, wall_s = 0, time.process_time(), time.monotonic()
            end[0] = wall_s + seconds
            await asyncio.gather(*(ask(share) for share in shares))
            return Polled(polls, time.process_time() - cpu_s, time.monotonic() - wall_s, 0)

    return asyncio.run(main())


def polls(feeds: int, seconds: float) -> None:
    with serving() as server:
        print(f"{'304s, kept alive':44} {'polls/CPU s':>12} {'of bare':>8} {'polls/s':>8} {'records a poll':>15}")
        alone = bare(server, [server.url(number, "same") for number in range(feeds)], seconds=seconds / 3)
        _row("bare aiohttp", alone, alone)
        for path, what in (("same", "poller, validators stay"), ("fresh", "poller, every poll committed")):
            urls = [server.url(number, path) for number in range(feeds)]
            _row(what, polled(server, urls, every="1s", warm_s=20, seconds=seconds), alone)


def _row(name: str, one: Polled, alone: Polled) -> None:
    share = one.per_cpu_s / alone.per_cpu_s
    print(f"{name:44} {one.per_cpu_s:12,.0f} {share:8.0%} {one.polls / one.wall_s:8,.0f} {one.records / one.polls:15.2f}", flush=True)


def steady(feeds: int, seconds: float) -> None:
    with serving() as server:
        one = polled(server, [server.url(number, "fresh") for number in range(feeds)], every="60s", warm_s=75, seconds=seconds)
        print(f"{feeds:,} feeds, every 60s: {one.polls / one.wall_s:.0f} polls/s, {one.cpu_s / one.wall_s:.1%} of a core", end=", ")
        print(f"{one.records / one.wall_s:.0f} records/s, {one.per_cpu_s:,.0f} polls/CPU s")


def hostile(feeds: int, seconds: float) -> None:
    """How late healthy feeds are polled beside hostile ones, as the log tells: when each was due, and when it had been polled."""
    with serving() as server, tempfile.TemporaryDirectory() as name:
        bad = [server.url(number, kind) for number, kind in enumerate(HOSTILE)]
        good = [server.url(number, "fresh") for number in range(len(bad), feeds)]
        setup = furnish(Path(name), [*bad, *good], every="60s")
        with open_log(setup.config.log, topics=topics(), instance="bench", base=setup.config.base) as log:
            poller, stop = Poller(log, lambda: setup, clock=lambda: datetime.now(UTC)), Stop()
            thread = threading.Thread(target=lambda: poller.run(stop=stop))
            begun, peak_mb = time.monotonic(), 0.0
            thread.start()
            try:
                while time.monotonic() - begun < seconds:
                    time.sleep(1)
                    peak_mb = max(peak_mb, pss_mb(os.getpid(), but=server.pid))
            finally:
                stop.set()
                thread.join()
            states, late = feed_states(log), lateness(log, set(good))
    cuts = quantiles(late, n=100)
    print(f"{len(good)} healthy feeds, {len(bad)} hostile, {seconds:.0f} s: {len(late)} polls of healthy ones after their first, late by")
    figures = {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "most": max(late)}
    print("    " + ", ".join(f"{name} {value * 1_000:.0f} ms" for name, value in figures.items()))
    print(f"healthy ones that failed: {sum(bool(states[url].failures) for url in good)}; process tree: {peak_mb:.0f} MB PSS at most")
    for kind, url in zip(HOSTILE, bad, strict=True):
        print(f"    {kind:8} failed {states[url].failures} times: {states[url].reason.partition(': ')[2]}")


def lateness(log: Log, keys: set[str]) -> list[float]:
    """By how many seconds each poll had ended after it was due."""
    due: dict[str, datetime] = {}
    late = []
    for partition in range(log.partitions("feeds")):
        for record in log.read("feeds", partition):
            key = record.key.removeprefix("polled/")
            state = decode(record.value, FeedState)
            if key not in keys or state.polled is None or state.next is None:
                continue
            if key in due and state.next != due[key]:
                late.append((state.polled - due[key]).total_seconds())
            due[key] = state.next
    return late


def pss_mb(pid: int, *, but: int) -> float:
    """What a process and its children take, one of them apart."""
    try:
        own = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text("ascii"), re.MULTILINE)
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:
        return 0.0  # it has just ended
    return (int(own[1]) / 1_024 if own else 0.0) + sum(pss_mb(int(child), but=but) for child in children if int(child) != but)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["polls", "steady", "hostile"])
    parser.add_argument("--feeds", type=int)
    parser.add_argument("--seconds", type=float)
    arguments = parser.parse_args()
    _many_files()
    ways = {"polls": (polls, 4_000, 30.0), "steady": (steady, 5_000, 120.0), "hostile": (hostile, 200, 600.0)}
    run, count, seconds = ways[arguments.what]
    run(arguments.feeds or count, arguments.seconds or seconds)


if __name__ == "__main__":
    main()
