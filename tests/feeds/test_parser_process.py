"""Documents are read in a process apart, which a hostile one can end or hold, and nobody notices but its own feed."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from alerts.errors import FeedError
from alerts.feeds import Answer, Document, Parser
from tests.feeds.server import RSS

T = TypeVar("T")
BOMB = b'<rss version="2.0"><channel>' + b"<item><title>a</title><description>&lt;p>b</description></item>" * 200_000 + b"</channel></rss>"
"""13 MB of tiny items: seconds of work."""


def answer(body: bytes, url: str = "https://user:secret@example.org/feed?key=secret") -> Answer:
    return Answer(status=200, url=url, headers={"content-type": "text/xml", "x": "y"}, body=body, etag="", modified="")


def with_parser(use: Callable[[Parser], Awaitable[T]], *, parse_s: float = 10.0, idle_s: float = 60.0, workers_max: int = 2) -> T:
    async def scenario() -> T:
        parser = Parser(parse_s=parse_s, idle_s=idle_s, workers_max=workers_max)
        try:
            return await use(parser)
        finally:
            await parser.close()

    return asyncio.run(scenario())


def children() -> set[int]:
    return {int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}


def until(true: Callable[[], bool], *, within_s: float = 20.0) -> bool:
    deadline = time.monotonic() + within_s
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


async def refusal(parser: Parser, body: bytes) -> str:
    with pytest.raises(FeedError) as caught:
        await parser.parse(answer(body))
    return str(caught.value)


def test_a_feed_comes_back_as_a_document() -> None:
    document = with_parser(lambda parser: parser.parse(answer(RSS)))
    assert isinstance(document, Document)
    assert [entry.title for entry in document.entries] == ["Strike near Raqqa"]


def test_no_process_runs_before_it_is_needed_nor_after_the_end() -> None:
    before = children()

    async def use(parser: Parser) -> int:
        idle = len(children() - before)
        await parser.parse(answer(RSS))
        await parser.parse(answer(RSS))
        return len(children() - before) - idle

    assert with_parser(use) == 1
    assert children() == before


def test_an_idle_process_ends_by_itself_and_comes_back_when_needed() -> None:
    before = children()

    async def use(parser: Parser) -> None:
        await parser.parse(answer(RSS))
        async with asyncio.timeout(20):
            while children() != before:
                await asyncio.sleep(0.01)
        assert (await parser.parse(answer(RSS))).title == "World"

    with_parser(use, idle_s=0.05)


def test_a_document_that_takes_too_long_is_given_up_and_the_next_is_read() -> None:
    async def use(parser: Parser) -> None:
        assert await refusal(parser, BOMB) == "https://example.org/feed: took longer than 0.3 s to read"
        assert (await parser.parse(answer(RSS))).title == "World"

    with_parser(use, parse_s=0.3, workers_max=1)


def test_a_document_that_takes_long_does_not_hold_another() -> None:
    async def use(parser: Parser) -> None:
        slow = asyncio.create_task(parser.parse(answer(BOMB)))
        await asyncio.sleep(0)
        assert (await parser.parse(answer(RSS))).title == "World"
        assert not slow.done()
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
        assert (await parser.parse(answer(RSS))).title == "World"

    with_parser(use)


def test_a_process_that_dies_costs_one_document() -> None:
    before = children()

    async def use(parser: Parser) -> None:
        await parser.parse(answer(RSS))
        slow = asyncio.create_task(parser.parse(answer(BOMB)))
        await asyncio.sleep(0.1)
        for pid in children() - before:
            os.kill(pid, 9)
        with pytest.raises(FeedError, match="ended the process that reads it"):
            await slow
        assert (await parser.parse(answer(RSS))).title == "World"

    with_parser(use, workers_max=1)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"/etc/passwd", "not a feed"),
        (b"http://127.0.0.1:1/feed.xml", "not a feed"),
        (b"file:///etc/passwd", "not a feed"),
        (b"", "an empty answer"),
        (b" \n", "an empty answer"),
        (b"\xef\xbb\xbf<!DOCTYPE html><title>Log in</title>", "HTML instead of a feed"),
        (b"<html><body>503</body></html>", "HTML instead of a feed"),
        (b'<?xml version="1.0"?><!DOCTYPE html PUBLIC ""><html xmlns="http://www.w3.org/1999/xhtml"/>', "HTML instead of a feed"),
        (b'{"version": "1"}', "not a feed: JSON, but not a JSON Feed"),
        (b'{"a": ' + b"[" * 100_000, "not a feed: JSON that cannot be read"),
        (bytes(range(256)) * 100, "not a feed"),
    ],
)
def test_what_is_no_feed_is_refused_in_one_line_without_secrets(body: bytes, said: str) -> None:
    assert with_parser(lambda parser: refusal(parser, body)) == f"https://example.org/feed: {said}"


def test_the_process_has_none_of_our_secrets() -> None:
    os.environ["SMTP_PASSWORD"] = "secret"
    before = children()

    async def use(parser: Parser) -> list[bytes]:
        await parser.parse(answer(RSS))
        return [Path(f"/proc/{pid}/environ").read_bytes() for pid in children() - before]

    try:
        (environment,) = with_parser(use)
    finally:
        del os.environ["SMTP_PASSWORD"]
    assert b"PYTHONPATH" in environment
    assert b"secret" not in environment


PARENT = """
import asyncio, os, sys
from alerts.feeds import Answer, Parser
async def main():
    parser = Parser()
    await parser.parse(Answer(status=200, url="http://x/", headers={}, body=sys.argv[1].encode(), etag="", modified=""))
    print(parser._workers[0]._process.pid if parser._workers[0]._process else parser._workers[1]._process.pid, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""


def test_the_process_dies_with_its_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, RSS.decode()], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.kill()
    assert until(lambda: not Path(f"/proc/{worker}").exists() or "(zombie)" in Path(f"/proc/{worker}/status").read_text())
