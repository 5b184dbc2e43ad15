"""Servers that speak HTTP wrongly, or rightly and without end; names that are never looked up; connections that never come about."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from alerts.errors import FeedError
from alerts.feeds import Fetcher, Request
from alerts.feeds import fetch as module
from alerts.feeds.hosts import Hosts
from alerts.feeds.names import Names
from tests.feeds.server import RSS, Asked, Says, Server, fetch, reply

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
SHORT = {"answer_s": 0.3, "total_s": 0.6}


def without_end(head: bytes, more: bytes) -> Says:
    async def says(_: Asked) -> AsyncIterator[bytes]:
        yield head
        while True:
            yield more

    return says


def test_the_bounds_are_those_that_are_promised() -> None:
    assert (module.CONNECT_S, module.ANSWER_S, module.TOTAL_S) == (5.0, 15.0, 30.0)
    assert (module.HEADERS_BYTES_MAX, module.WIRE_BYTES_MAX, module.BODY_BYTES_MAX) == (65_536, 10_485_760, 20_971_520)
    assert module.REDIRECTS_MAX == 5


def test_early_answers_without_end_are_cut_off_by_the_clock() -> None:
    says = without_end(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n" * 100)
    assert "no answer within 0.3 s" in str(fetch(says, bounds=SHORT).error)


def test_a_chunks_extension_without_end_is_cut_off_by_the_clock() -> None:
    assert "not complete within 0.6 s" in str(fetch(without_end(CHUNKED + b"3;x=", b"y" * 65_536), bounds=SHORT).error)


def test_trailers_without_end_are_refused() -> None:
    assert "no sound HTTP" in str(fetch(without_end(CHUNKED + b"3\r\nabc\r\n0\r\n", b"X-More: v\r\n" * 1_000)).error)


def test_a_status_line_without_end_is_refused() -> None:
    assert "no sound HTTP" in str(fetch(without_end(b"HTTP/1.1 200 ", b"fine " * 10_000)).error)


def test_a_body_in_chunks_of_one_byte_counts_as_what_it_holds() -> None:
    assert fetch(CHUNKED + b"1\r\nx\r\n" * 1_000 + b"0\r\n\r\n", bounds={"wire_bytes_max": 1_000}).answer.body == b"x" * 1_000
    error = fetch(CHUNKED + b"1\r\nx\r\n" * 1_001 + b"0\r\n\r\n", bounds={"wire_bytes_max": 1_000}).error
    assert "larger than 1,000 bytes" in str(error)


@pytest.mark.parametrize("head", [b"HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n", b"HTTP/1.1 404 Not Found\r\n\r\n"])
def test_the_endless_body_of_an_answer_that_is_no_feed_is_not_read(head: bytes) -> None:
    outcome = fetch(lambda asked: reply(200, RSS) if asked.path == "/b" else without_end(head, b"x" * 65_536)(asked))
    assert outcome.asked[0].path == "/feed.xml"
    assert (outcome.error.status == 404) if b"404" in head else (outcome.answer.body == RSS)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        CHUNKED + b"zz\r\nabc\r\n0\r\n\r\n",
        CHUNKED + b"ffffffffffffffffff\r\nabc",
        b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/9 200 OK\r\n\r\n",
        b"\x16\x03\x01 not a word of HTTP\r\n\r\n",
        reply(200, b"", Content_Encoding="gzip"),
        reply(200, gzip.compress(RSS, mtime=0)[:5], Content_Encoding="gzip"),
    ],
)
def test_what_is_no_sound_answer_is_one_clear_line(answer: bytes) -> None:
    assert str(fetch(answer).error).startswith("http://127.0.0.1:")


def test_a_304_with_a_body_does_not_spill_into_the_next_answer() -> None:
    async def scenario() -> None:
        async with (
            Server(lambda _: b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nHTTP/", keeps=True) as server,
            Fetcher(contact="", hosts=Hosts(gap_s=0.0)) as fetcher,
        ):
            for _ in range(4):
                request = Request(url=server.url(), etag='"1"', allow_private_addresses=True)
                assert (await fetcher.fetch(request)).status == 304

    asyncio.run(scenario())


def test_an_answer_that_nobody_asked_for_is_not_taken_for_that_of_the_next_request() -> None:
    async def scenario() -> None:
        async with (
            Server(lambda asked: reply(200, asked.path.encode()) + reply(200, b"smuggled"), keeps=True) as server,
            Fetcher(contact="", hosts=Hosts(gap_s=0.0)) as fetcher,
        ):
            for number in range(4):
                request = Request(url=server.url(f"/{number}"), allow_private_addresses=True)
                assert (await fetcher.fetch(request)).body == f"/{number}".encode()

    asyncio.run(scenario())


def test_a_connection_that_never_comes_about_is_cut_off_by_the_clock() -> None:
    async def scenario() -> None:
        with socket.socket() as deaf, socket.socket() as first, socket.socket() as second:
            deaf.bind(("127.0.0.1", 0))
            deaf.listen(0)
            for each in (first, second):  # they fill its queue, and nobody takes them out of it
                each.setblocking(False)
                each.connect_ex(deaf.getsockname())
            async with Fetcher(contact="", connect_s=0.3) as fetcher:
                with pytest.raises(FeedError, match=r"no connection within 0\.3 s"):
                    await fetcher.fetch(Request(url=f"http://127.0.0.1:{deaf.getsockname()[1]}/", allow_private_addresses=True))

    asyncio.run(scenario())


def test_a_server_that_never_ends_its_handshake_is_cut_off_by_the_clock() -> None:
    async def scenario() -> None:
        with socket.create_server(("127.0.0.1", 0)) as mute:
            async with Fetcher(contact="", connect_s=0.3) as fetcher:
                with pytest.raises(FeedError, match=r"no connection within 0\.3 s"):
                    await fetcher.fetch(Request(url=f"https://127.0.0.1:{mute.getsockname()[1]}/", allow_private_addresses=True))

    asyncio.run(scenario())


class _Slow(AbstractResolver):
    """Knows one name, and thinks about all others for ever."""

    def __init__(self) -> None:
        self.asked = 0

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        self.asked += 1
        if host != "quick.example":
            await asyncio.Event().wait()
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        pass


def test_names_that_are_never_looked_up_hold_nobody_else_up() -> None:
    async def scenario() -> None:
        names = _Slow()
        async with Server(lambda _: reply(200, RSS)) as server, Fetcher(contact="", resolver=names, answer_s=5.0) as fetcher:

            def ask(name: str) -> asyncio.Task[object]:
                url = f"http://{name}.example:{server.port}/"
                return asyncio.create_task(fetcher.fetch(Request(url=url, allow_private_addresses=True)))

            slow = [ask(f"slow-{number}") for number in range(100)]
            while names.asked < 100:
                await asyncio.sleep(0)
            assert (await ask("quick")).status == 200  # type: ignore[attr-defined]  # an Answer
            assert not any(task.done() for task in slow)
            for task in slow:
                task.cancel()
            await asyncio.gather(*slow, return_exceptions=True)

    asyncio.run(scenario())


def test_a_name_is_looked_up_by_the_system() -> None:
    async def scenario() -> None:
        names = Names()
        found = await names.resolve("localhost", 80)
        assert {address["host"] for address in found} <= {"127.0.0.1", "::1"}
        assert {address["port"] for address in found} == {80}

    asyncio.run(scenario())


@pytest.mark.parametrize("name", ["", "x" * 64, "a..b"])
def test_what_is_no_name_is_not_found(name: str) -> None:
    async def scenario() -> None:
        with pytest.raises(OSError, match=r"(?i)name"):
            await Names().resolve(name, 80)

    asyncio.run(scenario())


def test_a_lookup_that_nobody_waits_for_any_more_does_not_hold_up_the_end() -> None:
    async def scenario() -> None:
        names = Names()
        waiting = asyncio.create_task(names.resolve("localhost", 80))
        await asyncio.sleep(0)
        await names.close()
        await asyncio.gather(waiting, return_exceptions=True)
        assert waiting.done()

    asyncio.run(scenario())
