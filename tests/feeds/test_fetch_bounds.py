"""A server that misbehaves costs its own feed a poll, and nothing else. Each bound is tried with the last byte it allows and the next."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Callable
from random import Random

import pytest
import zstandard

from alerts.errors import FeedError
from alerts.feeds import Fetcher, Request, codings
from tests.feeds.server import RSS, Asked, Server, fetch, reply

CHUNKED = {"Transfer_Encoding": "chunked", "content_length": ""}


def raw_deflate(body: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(body) + stream.flush()


def brotli_compressed(body: bytes) -> bytes:
    return pytest.importorskip("brotli", reason="Brotli is not installed, so br is not offered").compress(body)


CODINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZIP", gzip.compress),
    "zlib": ("deflate", zlib.compress),
    "bare deflate": ("deflate", raw_deflate),
    "zstd": ("zstd", zstandard.compress),
    "br": ("br", brotli_compressed),
    "twice": ("gzip, zstd", lambda body: zstandard.compress(gzip.compress(body))),
}
each_coding = pytest.mark.parametrize("kind", CODINGS)


@each_coding
def test_an_encoded_body_is_decoded(kind: str) -> None:
    name, compress = CODINGS[kind]
    assert fetch(reply(200, compress(RSS), Content_Encoding=name)).answer.body == RSS


@each_coding
def test_a_body_may_grow_to_its_bound_and_not_a_byte_further(kind: str) -> None:
    name, compress = CODINGS[kind]
    bounds = {"body_bytes_max": 50_000}
    assert len(fetch(reply(200, compress(b"x" * 50_000), Content_Encoding=name), bounds=bounds).answer.body) == 50_000
    error = fetch(reply(200, compress(b"x" * 50_001), Content_Encoding=name), bounds=bounds).error
    assert "larger than 50,000 bytes when decompressed" in str(error)


@each_coding
@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072, 300_000])
@pytest.mark.parametrize("content", ["dense", "sparse"])
def test_a_body_comes_out_as_it_went_in_whatever_its_size(kind: str, size: int, content: str) -> None:
    name, compress = CODINGS[kind]
    body = Random(size).randbytes(size) if content == "dense" else bytes(size)
    assert codings.decoded(compress(body), name, bytes_max=size + 1_000) == body
    for cut in (1, 5):
        with pytest.raises(FeedError, match=r"incomplete|no sound"):
            codings.decoded(compress(body)[:-cut], name, bytes_max=size + 1_000)


@each_coding
def test_a_bomb_stops_at_the_bound(kind: str) -> None:
    name, compress = CODINGS[kind]
    bomb = compress(bytes(100_000_000))
    assert "larger than 20,971,520 bytes when decompressed" in str(fetch(reply(200, bomb, Content_Encoding=name)).error)


@each_coding
def test_a_compressed_body_without_its_end_is_incomplete(kind: str) -> None:
    name, compress = CODINGS[kind]
    assert "incomplete" in str(fetch(reply(200, compress(RSS * 50)[:-3], Content_Encoding=name, content_length="")).error)


@each_coding
def test_a_compressed_body_that_is_none_is_an_error(kind: str) -> None:
    name, _ = CODINGS[kind]
    if name == "br":
        pytest.importorskip("brotli")
    assert isinstance(fetch(reply(200, b"\xff\xff" + RSS, Content_Encoding=name)).error, FeedError)


def test_gzip_in_several_members_is_read_whole() -> None:
    body = gzip.compress(RSS[:100]) + gzip.compress(RSS[100:]) + b"\0\0padding"
    assert fetch(reply(200, body, Content_Encoding="gzip")).answer.body == RSS


def test_gzip_has_64_members_at_most() -> None:
    member = gzip.compress(b"x")
    assert codings.decoded(member * 64, "gzip", bytes_max=1_000) == b"x" * 64
    with pytest.raises(FeedError, match="more than 64 parts"):
        codings.decoded(member * 65, "gzip", bytes_max=1_000)


def test_a_body_is_encoded_twice_at_most() -> None:
    assert codings.decoded(gzip.compress(gzip.compress(RSS)), "gzip, identity, gzip", bytes_max=10_000) == RSS
    with pytest.raises(FeedError, match="3 times over"):
        codings.decoded(RSS, "gzip, gzip, gzip", bytes_max=10_000)


def test_an_encoding_that_was_not_asked_for_is_an_error() -> None:
    assert "not asked for" in str(fetch(reply(200, RSS, Content_Encoding="compress")).error)


def test_a_body_may_fill_the_wire_to_its_bound_and_not_a_byte_further() -> None:
    bounds = {"wire_bytes_max": 100_000}
    assert len(fetch(reply(200, b"x" * 100_000), bounds=bounds).answer.body) == 100_000
    assert "larger than 100,000 bytes" in str(fetch(reply(200, b"x" * 100_001), bounds=bounds).error)


def test_a_body_without_end_is_cut_off_at_the_bound() -> None:
    async def endless(_: Asked) -> AsyncIterator[bytes]:
        yield reply(200, content_length="")
        while True:
            yield b"x" * 65_536

    assert "larger than 10,485,760 bytes" in str(fetch(endless).error)


def test_a_body_that_drips_is_cut_off_by_the_clock() -> None:
    async def drip(_: Asked) -> AsyncIterator[bytes]:
        yield reply(200, content_length="1000000")
        while True:
            yield b"x"
            await asyncio.sleep(0.01)

    assert "not complete within 0.3 s" in str(fetch(drip, bounds={"total_s": 0.3}).error)


def test_headers_that_drip_are_cut_off_by_the_clock() -> None:
    async def drip(_: Asked) -> AsyncIterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n"
        while True:
            yield b"X: y\r\n"
            await asyncio.sleep(0.01)

    assert "no answer within 0.3 s" in str(fetch(drip, bounds={"answer_s": 0.3}).error)


def test_a_server_that_never_answers_is_cut_off_by_the_clock() -> None:
    async def silence(_: Asked) -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    assert "no answer within 0.2 s" in str(fetch(silence, bounds={"answer_s": 0.2}).error)


def test_redirects_that_drip_count_into_the_whole() -> None:
    async def slowly_on(_: Asked) -> AsyncIterator[bytes]:
        await asyncio.sleep(0.1)
        yield reply(302, Location="/again")

    assert "not complete within 0.35 s" in str(fetch(slowly_on, bounds={"total_s": 0.35, "redirects_max": 100}).error)


def test_a_slow_feed_does_not_hold_another() -> None:
    async def scenario() -> None:
        async def silence(_: Asked) -> AsyncIterator[bytes]:
            await asyncio.Event().wait()
            yield b""

        async with Server(silence) as slow, Server(lambda _: reply(200, RSS)) as quick, Fetcher(contact="") as fetcher:
            waiting = asyncio.create_task(fetcher.fetch(Request(url=slow.url(), allow_private_addresses=True)))
            assert (await fetcher.fetch(Request(url=quick.url(), allow_private_addresses=True))).status == 200
            assert not waiting.done()
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)

    asyncio.run(scenario())


def headers_of(size: int) -> bytes:
    """An answer whose header names and values are `size` bytes together, in lines of a thousand."""
    lines, rest = divmod(size - len("content-length0"), 1_000)
    names = [f"X-{number:03}" for number in range(lines + 1)]
    values = ["v" * (1_000 - len(name)) for name in names[:-1]] + ["v" * (rest - len(names[-1]))]
    return reply(200, b"", **{name.replace("-", "_"): value for name, value in zip(names, values, strict=True)})


def test_headers_may_be_64_kb_together_and_not_a_byte_more() -> None:
    assert fetch(headers_of(65_536)).answer.status == 200
    assert "headers larger than 65,536 bytes" in str(fetch(headers_of(65_537)).error)


def test_one_endless_header_is_refused() -> None:
    async def endless(_: Asked) -> AsyncIterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nX-Long: "
        while True:
            yield b"v" * 65_536

    assert "no sound HTTP" in str(fetch(endless).error)


def test_headers_without_end_are_refused() -> None:
    async def endless(_: Asked) -> AsyncIterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n"
        while True:
            yield b"X-More: v\r\n" * 1_000

    assert "no sound HTTP" in str(fetch(endless).error)


def test_five_redirects_are_followed_and_not_a_sixth() -> None:
    def hops(count: int) -> Callable[[Asked], bytes]:
        return lambda asked: reply(200, RSS) if asked.path == f"/{count}" else reply(302, Location=f"/{int(asked.path[1:]) + 1}")

    assert fetch(hops(5), path="/0").answer.url.endswith("/5")
    assert "more than 5 redirects" in str(fetch(hops(6), path="/0").error)


def test_redirects_in_a_circle_end() -> None:
    assert "more than 5 redirects" in str(fetch(lambda asked: reply(301, Location="/b" if asked.path == "/a" else "/a")).error)


def test_a_redirect_to_nowhere_is_an_error() -> None:
    assert "redirected to nowhere" in str(fetch(reply(302)).error)


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://example.org/", "data:text/xml,<rss/>", "http://", "http://[::1/", "http://\udcff/"]
)
def test_a_redirect_out_of_the_web_is_refused(location: str) -> None:
    head = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode("utf-8", "surrogateescape")
    assert isinstance(fetch(head).error, FeedError)


def test_a_short_body_is_incomplete() -> None:
    assert "incomplete" in str(fetch(reply(200, RSS, content_length=str(len(RSS) + 1))).error)


def test_a_cut_chunk_is_incomplete() -> None:
    head = reply(200, **CHUNKED)
    chunk = f"{len(RSS):x}\r\n".encode() + RSS + b"\r\n"
    assert fetch(head + chunk + b"0\r\n\r\n").answer.body == RSS
    assert "incomplete" in str(fetch(head + chunk).error)
    assert "incomplete" in str(fetch(head + chunk[:-20]).error)


def test_a_server_that_hangs_up_is_one_clear_line() -> None:
    assert "closed without an answer" in str(fetch(b"").error)


def test_a_server_that_speaks_something_else_is_one_clear_line() -> None:
    assert "no sound HTTP" in str(fetch(b"220 mail.example.org ESMTP\r\n\r\n").error)


def test_a_port_where_nobody_listens_is_one_clear_line() -> None:
    async def scenario() -> None:
        async with Server(lambda _: b"") as server:
            url = server.url()
        async with Fetcher(contact="") as fetcher:
            with pytest.raises(FeedError, match="no connection: Connect"):
                await fetcher.fetch(Request(url=url, allow_private_addresses=True))

    asyncio.run(scenario())
