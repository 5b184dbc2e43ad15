"""Feeds that would hold a poller up, and the others beside them."""

from __future__ import annotations

import asyncio
import threading
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from alerts.stages.feed_states import feed_states
from alerts.stages.setup import set_up
from tests.e2e.places import furnish, strike
from tests.fakes import rss, until
from tests.feeds.server import Asked, Server, reply
from tests.stages.test_polling import polling

HEALTHY = 20


async def drip() -> AsyncIterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n"
    while True:
        yield b"<"
        await asyncio.sleep(0.2)


async def endless() -> AsyncIterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n"
    while True:
        yield b"<item>" * 10_000
        await asyncio.sleep(0.01)


async def silence() -> AsyncIterator[bytes]:
    await asyncio.sleep(60)
    yield b""


def bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()


def says(asked: Asked) -> bytes | AsyncIterator[bytes]:
    match asked.path.partition("?")[0]:
        case "/drip":
            return drip()
        case "/endless":
            return endless()
        case "/silence":
            return silence()
        case "/bomb":
            return reply(200, bomb(), content_encoding="gzip")
        case "/slow":
            return reply(200, b'<rss version="2.0"><channel>' + b"<item><description><b><i>&amp;<" * 300_000)
        case _:
            return reply(200, rss([strike(1)]), content_type="application/rss+xml")


HOSTILE = ("drip", "endless", "silence", "bomb", "slow")


@contextmanager
def served() -> Iterator[Server]:
    """The server, in an event loop and a thread of its own."""
    server, loop = Server(says, host="0.0.0.0"), asyncio.new_event_loop()
    loop.run_until_complete(server.__aenter__())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def test_hostile_feeds_hold_up_no_healthy_one(tmp_path, log):
    with served() as server:
        bad = [f"http://127.1.0.{number + 1}:{server.port}/{kind}" for number, kind in enumerate(HOSTILE)]
        good = [f"http://127.2.0.{number + 1}:{server.port}/feed?{number}" for number in range(HEALTHY)]
        furnish(tmp_path, feeds=[*bad, *good], channels={"console": "console:"}, every="1s")
        setup = set_up(tmp_path / "alerts.yaml", environ={}, rules=False, channels=False)
        with polling(log, setup):
            until(lambda: all(count >= 3 for count in asked(server).values()), within_s=60)
    states = feed_states(log)
    assert {states[url].failures for url in good} == {0}
    assert not any(states[url].succeeded for url in bad if url in states)


def asked(server: Server) -> Counter[str]:
    """How often each healthy feed was asked for."""
    counts = Counter({f"/feed?{number}": 0 for number in range(HEALTHY)})
    counts.update(one.path for one in list(server.asked) if one.path.startswith("/feed"))
    return counts
