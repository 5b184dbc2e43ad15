"""Does a dead channel slow the others? `python -m benchmarks.notifying [--seconds 20]`

Matches are appended at a steady pace to an embedded log; the real notifier tells two webhooks of each. In the second run one of them
answers nothing at all: its socket takes connections and is never read. Printed: how long from the append to the arrival at the one that
is well, in both runs.

Expected before it was first run: no difference beyond noise, since each destination is a queue and a thread of its own; p95 below 50 ms.
"""

from __future__ import annotations

import argparse
import socket
import statistics
import tempfile
import time
from pathlib import Path

from alerts.log import Output, open_log, topics
from alerts.records import encode
from tests.builders import article, evidence, fired, matches
from tests.e2e.places import furnish
from tests.fakes import hook, running, until

PER_S = 20


def measured(*, seconds: int, dead: bool) -> list[float]:
    """Seconds from append to arrival, one for each message."""
    with tempfile.TemporaryDirectory() as name, socket.socket() as deaf, hook() as desk, hook() as other:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(1)
        url = f"json://127.0.0.1:{deaf.getsockname()[1]}/" if dead else other.url
        furnish(Path(name), feeds=["file:none.xml"], channels={"desk": desk.url, "other": url})
        with (
            open_log("sqlite:var/alerts.db", topics=topics(), instance="bench", base=Path(name)) as log,
            running("notifier", folder=Path(name)) as notifier,
        ):
            until(lambda: "running" in notifier.talk)
            sent: list[float] = []
            arrived: list[float] = []
            count = 0
            for number in range(seconds * PER_S):
                town = f"Town{number:05}x"
                one = matches(article(f"Missiles hit {town}", id=town, minutes=number), fired(found=[evidence(town)]))
                sent.append(time.monotonic())
                log.append([Output("matches", one.article.id, encode(one))])
                due = sent[-1] + 1 / PER_S
                while time.monotonic() < due:
                    if len(desk.taken) > count:
                        arrived += [time.monotonic()] * (len(desk.taken) - count)
                        count = len(desk.taken)
                    time.sleep(0.001)
            until(lambda: len(desk.taken) == len(sent), what=notifier.talk)
            arrived += [time.monotonic()] * (len(sent) - len(arrived))
            return [there - here for here, there in zip(sent, arrived, strict=True)]


def main() -> None:
    """Both runs, one after the other."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seconds", type=int, default=20)
    seconds = arguments.parse_args().seconds
    print("| the other channel | messages | p50 ms | p95 ms | p99 ms |\n| --- | --- | --- | --- | --- |")
    for dead in (False, True):
        found = measured(seconds=seconds, dead=dead)
        cuts = [1000 * cut for cut in statistics.quantiles(found, n=100)]
        print(f"| {'dead' if dead else 'well'} | {len(found)} | {cuts[49]:.0f} | {cuts[94]:.0f} | {cuts[98]:.0f} |")


if __name__ == "__main__":
    main()
