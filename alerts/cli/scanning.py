"""Matching over many cores: blocks of lines in, what was found in each out, in order.

    blocks of lines ─▶ this process, until the input proves long ─▶ N processes, each with the rules loaded ─▶ in order, out

A block is whatever one read brings, cut behind its last line: a file comes in large blocks, a slow pipe in small ones, and before a
read that would wait everything under way is written. At most `BLOCKS_MAX` blocks a process are under way, whatever the input's length.

The processes are started afresh (`python -m alerts.cli.scanning RULES`), never forked, in a process group of their own: an interrupt
reaches only us, and when we end, however, their input ends and they do.

What it deliberately does not do: no second attempt when a process dies. The block that ended one would end the next.
"""

from __future__ import annotations

import os
import select
import signal
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from itertools import chain
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, BinaryIO, cast

import msgspec

from ..errors import AlertsError
from ..records import Article, RecordError, decode, encode
from .output import say

if TYPE_CHECKING:
    from io import FileIO

    from ..matching import Rules

__all__ = ["LINE_BYTES_MAX", "Block", "Found", "Workers", "articles", "blocks", "cores", "found", "scanned"]

LINE_BYTES_MAX = 64_000_000
BLOCK_BYTES = 250_000
"""Read at once: some 70 articles, so that the way to another process and back is a small part of the work."""
BLOCKS_MAX = 3
"""Blocks under way for each process: one in work, one that waits, one that is done before an earlier one is."""
ALONE_BYTES = 1_000_000
"""So much is matched here before other processes are started, and what comes while they start: it takes about as long as that."""

_LENGTH = struct.Struct("!I")
_READY = b""


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """Whole lines of one source, and the number of the first."""

    source: str
    first: int
    lines: bytes
    fault: str = ""
    """Why what stands at this place is no line that can be read."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The matches of a block as JSON Lines, and what was broken in it."""

    lines: bytes = b""
    faults: tuple[str, ...] = ()


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def blocks(files: Iterable[Path]) -> Iterator[Block | None]:
    """The lines of files in order, `-` being standard input; None before a wait for more."""
    for file in files:
        if str(file) == "-":
            with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as stream:
                yield from _of(stream, "standard input")
            continue
        try:
            with file.open("rb", buffering=0) as stream:
                yield from _of(stream, str(file))
        except OSError as error:
            yield Block(source=str(file), first=0, lines=b"", fault=f"{file}: cannot be read: {error.strerror}")


def _of(stream: FileIO, source: str) -> Iterator[Block | None]:
    number, held, searched = 1, bytearray(), 0
    while True:
        if not select.select([stream], [], [], 0)[0]:
            yield None
        block = stream.read(BLOCK_BYTES)
        if not block:
            break
        held += block
        cut = held.rfind(b"\n", searched) + 1
        if cut:
            lines = bytes(held[:cut])
            yield Block(source=source, first=number, lines=lines)
            number += lines.count(b"\n")
            del held[:cut]
        searched = len(held)
        if len(held) > LINE_BYTES_MAX:
            yield Block(source=source, first=number, lines=b"", fault=_too_long(source, number))
            while block and b"\n" not in block:
                block = stream.read(BLOCK_BYTES)
            number, held, searched = number + 1, bytearray((block or b"").partition(b"\n")[2]), 0
    if held:
        yield Block(source=source, first=number, lines=bytes(held))


def articles(block: Block) -> Iterator[Article | str]:
    """The articles of a block; a line that is none is a text that says why, with its number. Blank lines are passed over."""
    if block.fault:
        yield block.fault
    for number, line in enumerate(block.lines.split(b"\n"), block.first):
        stripped = line.removeprefix(b"\xef\xbb\xbf").strip()
        if not stripped:
            continue
        if len(line) > LINE_BYTES_MAX:
            yield _too_long(block.source, number)
            continue
        try:
            article = decode(stripped, Article)
        except RecordError as error:
            yield f"{block.source}:{number}: {error}"
            continue
        yield article if article.id else msgspec.structs.replace(article, id=str(number))


def _too_long(source: str, number: int) -> str:
    return f"{source}:{number}: longer than {LINE_BYTES_MAX // 1_000_000} MB"


def scanned(rules: Path, files: Iterable[Path], *, jobs: int, alone_bytes: int = ALONE_BYTES) -> Iterator[Found | None]:
    """What the rules find in files, block by block in their order; None while the input lets us wait."""
    from ..matching import Rules, cache_folder

    loaded = Rules.load(rules, cache=cache_folder(os.environ))
    every, read = blocks(files), 0
    with ExitStack() as stack:
        workers: Workers | None = None
        for block in every:
            if workers is not None and workers.ready():
                yield from workers.found(chain([block], every))
                return
            yield None if block is None else found(loaded, block)
            read += len(block.lines) if block else 0
            if workers is None and jobs > 1 and read >= alone_bytes:
                workers = stack.enter_context(Workers(rules, jobs))


def found(rules: Rules, block: Block) -> Found:
    """What the rules find in one block."""
    lines, faults = [], []
    for article in articles(block):
        if isinstance(article, str):
            faults.append(article)
        else:
            lines += [encode(match) for match in rules.match(article)]
    return Found(lines=b"".join(line + b"\n" for line in lines), faults=tuple(faults))


class Workers:
    """Processes that have the rules loaded, a thread of ours in front of each. `with` ends them."""

    def __init__(self, rules: Path, jobs: int) -> None:
        self._all: list[_Worker] = []
        self._starting: list[_Worker] = []
        self._free: SimpleQueue[_Worker] = SimpleQueue()
        self._threads = ThreadPoolExecutor(jobs)
        self._under_way_max = jobs * BLOCKS_MAX
        try:
            for _ in range(jobs):
                self._all.append(_Worker(rules))
        except BaseException:
            self.__exit__()
            raise
        self._starting = list(self._all)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._all:
            worker.kill()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._all:
            worker.close()

    def ready(self) -> bool:
        """Whether all of them have the rules loaded."""
        for worker in [one for one in self._starting if one.heard()]:
            worker.receive()
            self._starting.remove(worker)
            self._free.put(worker)
        return not self._starting

    def found(self, every: Iterable[Block | None]) -> Iterator[Found | None]:
        """What they find in each block, in the order of the blocks."""
        under_way: deque[Future[Found]] = deque()
        for block in every:
            if block is not None:
                under_way.append(self._threads.submit(self._ask, block))
            while under_way and (block is None or len(under_way) >= self._under_way_max or under_way[0].done()):
                yield under_way.popleft().result()
            if block is None:
                yield None
        while under_way:
            yield under_way.popleft().result()

    def _ask(self, block: Block) -> Found:
        worker = self._free.get()
        try:
            return worker.ask(block)
        finally:
            self._free.put(worker)  # a dead one, too: who waits for it hears of it


class _Worker:
    """One process and the pipes to it."""

    def __init__(self, rules: Path) -> None:
        path = os.pathsep.join(filter(None, sys.path))
        self._process = subprocess.Popen(  # noqa: S603 -- ourselves
            [sys.executable, "-P", "-m", __name__, str(rules)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": path},
            process_group=0,
        )
        self._to, self._from = cast(BinaryIO, self._process.stdin), cast(BinaryIO, self._process.stdout)

    def heard(self) -> bool:
        """Whether it has said that it is ready, or has ended."""
        return bool(select.select([self._from], [], [], 0)[0])

    def ask(self, block: Block) -> Found:
        with suppress(BrokenPipeError):  # what is then received says it better
            _send(self._to, msgspec.msgpack.encode(block))
        return msgspec.msgpack.decode(self.receive(), type=Found)

    def receive(self) -> bytes:
        try:
            return _received(self._from)
        except EOFError:
            code = self._process.wait()
            how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
            raise AlertsError(f"a process that matches {how}; what is printed ends before its articles (--jobs 1 starts none)") from None

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        self._process.wait()
        for pipe in (self._to, self._from):
            with suppress(OSError):  # what it has not taken is lost with it
                pipe.close()


def _send(stream: BinaryIO, value: bytes) -> None:
    stream.write(_LENGTH.pack(len(value)) + value)
    stream.flush()


def _received(stream: BinaryIO) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    return _exactly(stream, length)


def _exactly(stream: BinaryIO, count: int) -> bytes:
    value = stream.read(count)
    if len(value) < count:
        raise EOFError
    return value


def _work(rules: Path) -> None:
    """The other side: load the rules, say so, then answer each block; the end of the input is the end."""
    from ..matching import Rules, cache_folder

    try:
        loaded = Rules.load(rules, cache=cache_folder(os.environ))
        with suppress(EOFError, BrokenPipeError):
            _send(sys.stdout.buffer, _READY)
            while True:
                block = msgspec.msgpack.decode(_received(sys.stdin.buffer), type=Block)
                _send(sys.stdout.buffer, msgspec.msgpack.encode(found(loaded, block)))
    except AlertsError as error:
        say(str(error))
        os._exit(1)
    os._exit(0)  # at once: what is loaded need not be taken apart, and a broken pipe not be flushed


if __name__ == "__main__":
    _work(Path(sys.argv[1]))
