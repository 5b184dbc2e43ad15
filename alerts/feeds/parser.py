"""Parsing in processes that can be killed: a document that takes too long costs its feed a poll, and nobody else anything.

Workers start when they are first needed and end when they have been idle for a while. The one used last is used next, so a second
one runs only while the first is busy. Entries that are known to the byte never get there: where nothing else is in a document, no
process is asked at all.

What it deliberately does not do: no second attempt. A document that ended its worker would end the next one, too.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from math import ceil
from pathlib import Path

import msgspec

from ..errors import FeedError
from ..records import KnownEntry
from .addresses import shown
from .documents import ENTRIES_MAX, Answer, Document
from .skimming import Part, skim, without
from .worker import DOCUMENT, REPLY, REQUEST

__all__ = ["PARSE_S", "Parser"]

log = logging.getLogger(__name__)

PARSE_S = 10.0
"""How long one document may take."""
START_S = 30.0
"""How long a worker may take to start, on a machine that is busy."""
IDLE_S = 60.0
"""After this long without work a worker ends; starting one costs a quarter of a second."""
WORKERS_MAX = 2
"""One hostile feed at a time may take a worker for `PARSE_S`; the others go on."""
LARGE_BYTES_MAX = 1 << 20
"""Documents beyond this are read one at a time, each by a process of its own: together they would need too much memory."""
PIECE_BYTES = 1 << 18

_MODULE = f"{__package__}.worker"
_ROOT = Path(__file__).parents[2]
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT")
"""What a worker gets of our environment, which may hold secrets: what Python needs to start."""

_UNSOUND = "?"
"""Before the digest of an entry of a broken document: read whole it says what it said before, in part perhaps not."""

_HEADERS = ("content-type",)


class Parser:
    """Reads documents in worker processes. One event loop uses it; `close` ends the workers."""

    def __init__(self, *, workers_max: int = WORKERS_MAX, parse_s: float = PARSE_S, idle_s: float = IDLE_S) -> None:
        self._workers = [_Worker(parse_s=parse_s, idle_s=idle_s) for _ in range(workers_max)]
        self._large = asyncio.Semaphore(1)
        self._free: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        for worker in self._workers:
            self._free.put_nowait(worker)

    async def parse(self, answer: Answer, *, known: Sequence[KnownEntry] = ()) -> Document:
        """The feed in the body of a 200, of which these entries are `known`. Raises `FeedError`: not a feed, too slow, or the end of its
        worker."""
        parts = skim(answer.body, answer.headers) or []
        document = await self._fresh(answer, parts, {entry.raw.removeprefix(_UNSOUND): entry for entry in known if entry.raw})
        if document is None:
            document = _with_raw(await self._read(answer), parts)
        if document.size > ENTRIES_MAX:
            log.warning("feed cut", extra={"feed": shown(answer.url), "entries": document.size, "read": ENTRIES_MAX})
        return document

    async def _fresh(self, answer: Answer, parts: list[Part], known: dict[str, KnownEntry]) -> Document | None:
        """The document but for its known entries; None where it must be read whole."""
        there = [part for part in parts if part.raw in known]
        fresh = [part for part in parts if part.raw not in known]
        untouched = tuple({part.raw: known[part.raw] for part in there}.values())
        if there and not fresh:
            return Document("", "", (), known=untouched, size=len(parts))
        if not there or any(entry.raw.startswith(_UNSOUND) for entry in untouched):
            return None
        document = await self._read(dataclasses.replace(answer, body=without(answer.body, there)))
        if not document.sound or document.size != len(fresh):
            return None
        return dataclasses.replace(_with_raw(document, fresh), known=untouched, size=len(parts))

    async def _read(self, answer: Answer) -> Document:
        if len(answer.body) <= LARGE_BYTES_MAX:
            return await self._read_by_any(answer, last=False)
        async with self._large:
            return await self._read_by_any(answer, last=True)

    async def _read_by_any(self, answer: Answer, *, last: bool) -> Document:
        """By the worker that is free first; with `last` it ends afterwards, and gives back its memory."""
        worker = await self._free.get()
        try:
            return await worker.parse(answer)
        finally:
            if last:
                await worker.stop()
            self._free.put_nowait(worker)

    async def close(self) -> None:
        """End the workers, at once."""
        for worker in self._workers:
            await worker.stop()


def _with_raw(document: Document, parts: Sequence[Part]) -> Document:
    """The document, its entries recognisable next time; as it is where parser and skimmer do not agree on them."""
    if document.size != len(parts):
        return document
    mark = "" if document.sound else _UNSOUND
    entries = tuple(dataclasses.replace(entry, raw=mark + parts[entry.at].raw) for entry in document.entries)
    return dataclasses.replace(document, entries=entries)


class _Worker:
    """One process and the pipe to it; none while there is nothing to do."""

    def __init__(self, *, parse_s: float, idle_s: float) -> None:
        self._parse_s = parse_s
        self._idle_s = idle_s
        self._process: asyncio.subprocess.Process | None = None
        self._idle: asyncio.Task[None] | None = None

    async def parse(self, answer: Answer) -> Document:
        address = shown(answer.url)
        self._rest(None)
        try:
            process = await self._started()
            async with asyncio.timeout(self._parse_s):
                kind, value = await _asked(process, answer)
        except TimeoutError:
            await self.stop()
            raise FeedError(f"{address}: took longer than {self._parse_s:g} s to read", kind="parse") from None
        except (OSError, asyncio.IncompleteReadError):
            await self.stop()
            raise FeedError(f"{address}: ended the process that reads it", kind="parse") from None
        except BaseException:  # cancelled: the answer to this would be taken for the answer to the next
            await self.stop()
            raise
        self._rest(asyncio.create_task(self._retire()))
        if kind != DOCUMENT:
            reason, message = msgspec.json.decode(value, type=tuple[str, str])
            raise FeedError(message, kind=reason)
        return msgspec.json.decode(value, type=Document)

    async def stop(self) -> None:
        self._rest(None)
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()  # reads what is left and closes the pipes

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is not None:
            await self.stop()
        if self._process is None:
            self._process = await _spawn(alarm_s=ceil(2 * self._parse_s) + 1)
            try:
                async with asyncio.timeout(START_S):
                    await _pipes(self._process)[1].readexactly(REPLY.size)
            except (TimeoutError, asyncio.IncompleteReadError):
                raise FeedError(f"the process that reads feeds does not start: try {sys.executable} -m {_MODULE} 1") from None
        return self._process

    async def _retire(self) -> None:
        await asyncio.sleep(self._idle_s)
        self._idle = None
        await self.stop()

    def _rest(self, idle: asyncio.Task[None] | None) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = idle


async def _spawn(*, alarm_s: int) -> asyncio.subprocess.Process:
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        _MODULE,
        str(alarm_s),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment | {"PYTHONPATH": str(_ROOT)},
    )


async def _asked(process: asyncio.subprocess.Process, answer: Answer) -> tuple[int, bytes]:
    stdin, stdout = _pipes(process)
    headers = {name: answer.headers[name] for name in _HEADERS if name in answer.headers}
    meta = msgspec.json.encode((answer.url, headers))
    stdin.write(REQUEST.pack(len(meta), len(answer.body)) + meta)
    body = memoryview(answer.body)
    for start in range(0, len(body), PIECE_BYTES):  # at once it would be copied whole
        stdin.write(body[start : start + PIECE_BYTES])
        await stdin.drain()
    kind, size = REPLY.unpack(await stdout.readexactly(REPLY.size))
    return kind, await stdout.readexactly(size)


def _pipes(process: asyncio.subprocess.Process) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
    if process.stdin is None or process.stdout is None:
        raise ValueError("a worker without pipes")
    return process.stdin, process.stdout
