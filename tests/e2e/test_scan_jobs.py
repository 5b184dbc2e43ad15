"""`alerts scan --jobs`: the same lines in the same order as one process prints, and a clean end however it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from alerts import Rules
from alerts.cli.scanning import ALONE_BYTES, BLOCK_BYTES, Block, Found, Workers, blocks, found
from alerts.errors import AlertsError
from tests.e2e.places import furnish
from tests.fakes import ALERTS, alerts, until

BLANK = b" " * 99_999 + b"\n"
LONG = BLANK * (ALONE_BYTES // len(BLANK) + 1)
"""Costs nothing to read, and is long enough for other processes to be started."""


def line(number: int) -> bytes:
    title = f"Rockets hit Rakka, report {number}" if number % 3 else f"Museum reopens, report {number}"
    return json.dumps({"id": str(number), "title": title, "content": "The council met again. " * (number % 90)}).encode() + b"\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    furnish(tmp_path, feeds=["file:feed.xml"], channels={"console": "console:"})
    return tmp_path


@pytest.fixture
def workers(folder: Path) -> Iterator[Workers]:
    with Workers(folder / "rules", 2) as workers:
        until(workers.ready)
        yield workers


def test_two_processes_find_what_one_finds_in_the_same_order(folder: Path, workers: Workers) -> None:
    file = folder / "articles.jsonl"
    file.write_bytes(b"".join(line(number) if number % 50 else b"broken\n" for number in range(3_000)))
    rules = Rules.load(folder / "rules")
    alone = [found(rules, block) for block in blocks([file]) if block]
    shared = [one for one in workers.found(blocks([file])) if one]
    assert shared == alone
    assert len(alone) > 10
    assert sum(len(one.faults) for one in alone) == 60


def test_a_block_is_asked_for_only_while_few_are_under_way(workers: Workers) -> None:
    asked = 0

    def endless() -> Iterator[Block]:
        nonlocal asked
        while True:
            asked += 1
            yield Block(source="endless", first=1, lines=line(1))

    every = workers.found(endless())
    for taken in range(1, 100):
        next(every)
        assert asked <= taken + 2 * 3


def test_what_is_under_way_is_printed_before_a_wait_for_more(workers: Workers) -> None:
    every = workers.found(iter([Block(source="a", first=1, lines=line(1)), None]))
    first, second = next(every), next(every)
    assert isinstance(first, Found)
    assert first.lines
    assert second is None


def test_a_process_that_is_killed_is_one_clear_error(folder: Path, workers: Workers) -> None:
    for pid in children(os.getpid()):
        if "scanning" in Path(f"/proc/{pid}/cmdline").read_text():
            os.kill(pid, signal.SIGKILL)
    with pytest.raises(AlertsError, match=r"a process that matches was ended by SIGKILL.*--jobs 1"):
        list(workers.found([Block(source="a", first=1, lines=line(number)) for number in range(9)]))


def test_a_line_that_reaches_over_many_reads_keeps_its_number(folder: Path) -> None:
    (folder / "long.jsonl").write_bytes(b"\n" + json.dumps({"title": "x" * 3 * BLOCK_BYTES + " Rockets on Raqqa"}).encode() + b"\nno\n")
    done = alerts("scan", "rules", "long.jsonl", folder=folder)
    assert [json.loads(one)["article"] for one in done.stdout.splitlines()] == ["2"]
    assert "long.jsonl:3:" in done.stderr


def test_a_line_above_the_bound_is_reported_and_the_next_ones_are_read(folder: Path) -> None:
    (folder / "long.jsonl").write_bytes(b'{"title": "' + b"x" * 64_000_000 + b'"}\n' + b'{"title": "Rockets on Raqqa"}')
    done = alerts("scan", "rules", "long.jsonl", folder=folder)
    assert done.returncode == 1
    assert done.stderr == "long.jsonl:1: longer than 64 MB\n"
    assert [json.loads(one)["article"] for one in done.stdout.splitlines()] == ["2"]


def test_a_long_input_ends_with_the_same_lines_however_many_jobs(folder: Path) -> None:
    text = LONG + b"".join(map(line, range(2_000)))
    one, two = (alerts("scan", "--jobs", jobs, "rules", folder=folder, stdin=text) for jobs in ("1", "2"))
    assert (one.returncode, one.stderr) == (two.returncode, two.stderr) == (0, "")
    assert one.stdout == two.stdout != ""


def test_an_interrupt_ends_every_process_without_a_traceback(folder: Path) -> None:
    with scanning(folder) as (scan, stdin, _):
        stdin.write(LONG)
        until(lambda: len(children(scan.pid)) == 2)
        scan.send_signal(signal.SIGINT)
        assert scan.wait(30) == 130
    assert b"Traceback" not in (folder / "stderr").read_bytes()


def test_a_reader_that_goes_away_ends_every_process_without_a_traceback(folder: Path) -> None:
    with scanning(folder) as (scan, stdin, stdout):
        stdin.write(LONG)
        until(lambda: len(children(scan.pid)) == 2)
        workers = children(scan.pid)
        stdout.close()
        with pytest.raises(BrokenPipeError):
            write_for_ever(stdin)
        assert scan.wait(30) == 1
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
    assert b"Traceback" not in (folder / "stderr").read_bytes()


def test_processes_end_when_the_one_that_started_them_is_killed(folder: Path) -> None:
    with scanning(folder) as (scan, stdin, _):
        stdin.write(LONG)
        until(lambda: len(children(scan.pid)) == 2)
        workers = children(scan.pid)
        scan.kill()
        scan.wait(30)
    until(lambda: not any(_runs(pid) for pid in workers))


def write_for_ever(stdin: IO[bytes]) -> None:
    while True:
        stdin.write(line(1))


@contextmanager
def scanning(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes], IO[bytes]]]:
    """`alerts scan --jobs 2 rules` under way: the process, its input and its output."""
    with (folder / "stderr").open("wb") as stderr:
        scan = subprocess.Popen(
            [*ALERTS, "scan", "--jobs", "2", "rules"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
            bufsize=0,
            preexec_fn=_interruptible,
        )
    assert scan.stdin
    assert scan.stdout
    with scan.stdin, scan.stdout:
        try:
            yield scan, scan.stdin, scan.stdout
        finally:
            scan.kill()
            scan.wait(30)


def _interruptible() -> None:
    """A shell starts what runs in its background with interrupts ignored, and a process hands that on."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
