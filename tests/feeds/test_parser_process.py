"""Documents are read in a process apart, which a hostile one can end or hold, and nobody notices but its own feed."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest

from alerts.errors import FeedError
from alerts.feeds import Answer, Document, Parser, articles_from
from alerts.feeds.documents import ENTRIES_MAX
from alerts.records import FeedState, KnownEntry
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
    while True:
        try:
            return {int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}
        except (FileNotFoundError, ProcessLookupError):
            continue  # a thread has ended meanwhile, and its children are those of another


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


JSON = b'{"version": "https://jsonfeed.org/version/1.1", "items": [' + b"{}," * 5_000_000 + b"{}]}"
DEEP = b'<rss version="2.0"><channel>' + b"<a>" * 5_000_000


@pytest.mark.parametrize("body", [JSON, DEEP], ids=["many", "deep"])
def test_a_document_that_needs_too_much_memory_is_refused_and_the_next_is_read(body: bytes) -> None:
    async def use(parser: Parser) -> None:
        assert await refusal(parser, body) in {
            "https://example.org/feed: not a feed that can be read (it needs too much memory)",
            "https://example.org/feed: ended the process that reads it",
            "https://example.org/feed: took longer than 10 s to read",
        }
        assert (await parser.parse(answer(RSS))).title == "World"

    with_parser(use)


@pytest.mark.parametrize(("body", "kind"), [(b"<html></html>", "html"), (b"hello", "parse"), (b"", "parse")])
def test_a_refusal_says_what_kind_of_trouble_it_is(body: bytes, kind: str) -> None:
    async def use(parser: Parser) -> str:
        with pytest.raises(FeedError) as caught:
            await parser.parse(answer(body))
        return caught.value.kind

    assert with_parser(use) == kind


def items(*titles: str) -> bytes:
    entries = "".join(f"<item><title>{title}</title><link>https://example.org/{title[:1]}</link></item>\n" for title in titles)
    return f'<rss version="2.0"><channel><title>World</title>{entries}</channel></rss>'.encode()


def remembered(document: Document) -> tuple[KnownEntry, ...]:
    now = datetime(2015, 11, 2, tzinfo=UTC)
    return articles_from(document, FeedState(), feed="World", now=now, max_age=None, first=True).state.entries


def test_a_document_of_known_entries_is_read_without_a_process() -> None:
    known = remembered(with_parser(lambda parser: parser.parse(answer(items("a", "b", "c")))))
    before = children()

    async def use(parser: Parser) -> tuple[Document, set[int]]:
        return await parser.parse(answer(items("c", "a")), known=known), children() - before

    document, started = with_parser(use)
    assert (document.entries, document.known, document.size) == ((), (known[2], known[0]), 2)
    assert started == set()


def test_of_a_document_with_one_new_entry_that_one_is_read() -> None:
    known = remembered(with_parser(lambda parser: parser.parse(answer(items("a", "b")))))
    document = with_parser(lambda parser: parser.parse(answer(items("c", "a", "b")), known=known))
    assert [entry.title for entry in document.entries] == ["c"]
    assert (document.known, document.size, document.title) == (known, 3, "World")
    assert remembered(document)[:2] == known


@pytest.mark.parametrize("broken", ["c & d", "c <b> d", "c &nbsp; d"])
def test_a_new_entry_that_breaks_the_document_has_it_read_whole(broken: str) -> None:
    known = remembered(with_parser(lambda parser: parser.parse(answer(items("a", "b")))))
    document = with_parser(lambda parser: parser.parse(answer(items(broken, "a", "b")), known=known))
    assert [entry.title[:1] for entry in document.entries] == ["c", "a", "b"]
    assert document.known == ()


def test_a_broken_document_is_read_whole_or_where_nothing_in_it_is_new_not_at_all() -> None:
    async def use(parser: Parser) -> None:
        known = remembered(await parser.parse(answer(items("a & b", "c"))))
        again = await parser.parse(answer(items("c", "a & b")), known=known)
        assert (again.entries, again.known) == ((), (known[1], known[0]))
        more = await parser.parse(answer(items("d", "c", "a & b")), known=known)
        assert [entry.title for entry in more.entries] == ["d", "c", "a & b"]
        mended = await parser.parse(answer(items("d", "c")), known=remembered(more))
        assert (mended.entries, mended.size) == ((), 2)

    with_parser(use)


def test_a_new_entry_in_an_undeclared_charset_is_read_as_in_the_whole() -> None:
    async def use(parser: Parser) -> None:
        known = remembered(await parser.parse(answer(items("a", "b"))))
        body = items("d été", "a", "b").decode().encode("latin-1")
        whole, fresh = await parser.parse(answer(body)), await parser.parse(answer(body), known=known)
        assert [entry.title for entry in fresh.entries] == [entry.title for entry in whole.entries] == ["d été", "a", "b"]
        again = await parser.parse(answer(body), known=remembered(fresh))
        assert (again.entries, again.size) == ((), 3)

    with_parser(use)


def test_entries_beyond_the_bound_are_said(caplog: pytest.LogCaptureFixture) -> None:
    at_it, beyond = (with_parser(lambda parser, n=n: parser.parse(answer(items(*["a"] * n)))) for n in (ENTRIES_MAX, ENTRIES_MAX + 1))
    assert (at_it.size, len(at_it.entries)) == (ENTRIES_MAX, ENTRIES_MAX)
    assert (beyond.size, len(beyond.entries)) == (ENTRIES_MAX + 1, ENTRIES_MAX)
    (record,) = caplog.records
    assert (record.message, record.__dict__["entries"], record.__dict__["read"]) == ("feed cut", ENTRIES_MAX + 1, ENTRIES_MAX)
