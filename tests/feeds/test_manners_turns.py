"""Fetching in turn: who waits for a host holds up nobody else, and who asks for patience gets it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from alerts.errors import FeedError
from alerts.feeds import Answer, Fetcher, Request
from alerts.feeds.hosts import HostHeld, Hosts
from tests.feeds.server import RSS, Asked, Server, reply


def request(url: str, **more: str) -> Request:
    return Request(url=url, allow_private_addresses=True, **more)  # type: ignore[arg-type]  # texts are all that the tests need


class Gate:
    """A server's answer that waits until it is let go; counts how many wait."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.waiting = 0

    async def says(self, asked: Asked) -> AsyncIterator[bytes]:
        self.waiting += 1
        await self.open.wait()
        yield reply(200, RSS)

    async def until(self, count: int) -> None:
        async with asyncio.timeout(10):
            while self.waiting < count:
                await asyncio.sleep(0.001)


def test_a_host_is_asked_by_two_at_once_and_another_meanwhile() -> None:
    async def scenario() -> None:
        gate = Gate()
        async with (
            Server(gate.says) as slow,
            Server(lambda _: reply(200, RSS), host="127.0.0.2") as quick,
            Fetcher(contact="", hosts=Hosts(gap_s=0.0)) as fetcher,
        ):
            tasks = [asyncio.create_task(fetcher.fetch(request(slow.url(f"/{number}")))) for number in range(5)]
            await gate.until(2)
            for number in range(10):
                assert (await fetcher.fetch(request(quick.url(f"/{number}")))).status == 200
            assert len(slow.asked) == 2
            gate.open.set()
            assert [answer.status for answer in await asyncio.gather(*tasks)] == [200] * 5

    asyncio.run(scenario())


def test_who_waits_for_a_host_takes_no_place_among_those_at_once() -> None:
    async def scenario() -> None:
        gate = Gate()
        async with (
            Server(gate.says) as slow,
            Server(lambda _: reply(200, RSS), host="127.0.0.2") as quick,
            Fetcher(contact="", at_once_max=3, hosts=Hosts(gap_s=0.0)) as fetcher,
        ):
            tasks = [asyncio.create_task(fetcher.fetch(request(slow.url(f"/{number}")))) for number in range(20)]
            await gate.until(2)
            assert (await fetcher.fetch(request(quick.url()))).status == 200
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(scenario())


def test_waiting_for_a_turn_does_not_count_into_the_time_of_a_fetch() -> None:
    async def scenario() -> None:
        hosts = Hosts(gap_s=1.5)
        async with Server(lambda _: reply(200, RSS)) as server, Fetcher(contact="", hosts=hosts, total_s=1.4) as fetcher:
            answers = await asyncio.gather(*(fetcher.fetch(request(server.url(f"/{number}"))) for number in range(2)))
            assert [answer.status for answer in answers] == [200] * 2

    asyncio.run(scenario())


def test_a_redirect_to_another_host_waits_for_that_hosts_turn() -> None:
    async def scenario() -> None:
        gate = Gate()
        async with (
            Server(gate.says, host="127.0.0.2") as busy,
            Server(lambda asked: reply(302, Location=busy.url(asked.path))) as server,
            Fetcher(contact="", total_s=5.0, hosts=Hosts(gap_s=0.0)) as fetcher,
        ):
            tasks = [asyncio.create_task(fetcher.fetch(request(server.url(f"/{number}")))) for number in range(4)]
            await gate.until(2)
            while len(server.asked) < 4:  # the first host is free again, though the second is not
                await asyncio.sleep(0.001)
            assert len(busy.asked) == 2
            gate.open.set()
            assert [answer.status for answer in await asyncio.gather(*tasks)] == [200] * 4

    asyncio.run(scenario())


def test_a_fetch_that_is_given_up_gives_its_turn_back() -> None:
    async def scenario() -> None:
        gate = Gate()
        hosts = Hosts(at_once=1, gap_s=0.0)
        async with Server(gate.says) as server, Fetcher(contact="", hosts=hosts) as fetcher:
            first = asyncio.create_task(fetcher.fetch(request(server.url("/1"))))
            await gate.until(1)
            second = asyncio.create_task(fetcher.fetch(request(server.url("/2"))))
            first.cancel()
            gate.open.set()
            assert (await second).status == 200

    asyncio.run(scenario())


def test_three_feeds_that_are_told_to_wait_hold_their_host_and_two_do_not() -> None:
    async def scenario() -> None:
        def says(asked: Asked) -> bytes:
            return reply(200, RSS) if asked.path == "/well" else reply(429, Retry_After="600")

        async with (
            Server(says) as server,
            Server(lambda _: reply(200, RSS), host="127.0.0.2") as other,
            Fetcher(contact="", hosts=Hosts(gap_s=0.0)) as fetcher,
        ):
            for path in ("/1", "/2", "/2"):
                with pytest.raises(FeedError, match="429"):
                    await fetcher.fetch(request(server.url(path)))
            assert (await fetcher.fetch(request(server.url("/well")))).status == 200
            with pytest.raises(FeedError, match="429"):
                await fetcher.fetch(request(server.url("/3")))
            count = len(server.asked)
            with pytest.raises(HostHeld, match="left alone") as held:
                await fetcher.fetch(request(server.url("/well")))
            assert held.value.retry_after_s is not None
            assert 0 < held.value.retry_after_s <= 600
            assert len(server.asked) == count
            assert (await fetcher.fetch(request(other.url()))).status == 200

    asyncio.run(scenario())


def test_a_503_that_says_when_to_come_back_counts_as_well_and_other_failures_do_not() -> None:
    async def scenario() -> None:
        status = 404
        async with Server(lambda _: reply(status, Retry_After="600")) as server, Fetcher(contact="", hosts=Hosts(gap_s=0.0)) as fetcher:
            for number in range(5):
                with pytest.raises(FeedError, match="404"):
                    await fetcher.fetch(request(server.url(f"/{number}")))
            status = 503
            for number in range(3):
                with pytest.raises(FeedError, match="503"):
                    await fetcher.fetch(request(server.url(f"/{number}")))
            with pytest.raises(HostHeld):
                await fetcher.fetch(request(server.url("/0")))

    asyncio.run(scenario())


def test_a_host_that_asked_for_patience_gets_it_after_a_restart() -> None:
    async def scenario() -> None:
        async with Server(lambda _: reply(200, RSS)) as server, Fetcher(contact="", hosts=Hosts(gap_s=0.0)) as fetcher:
            for number in range(3):
                fetcher.recall(request(server.url(f"/{number}")), wait_s=600.0)
            with pytest.raises(HostHeld):
                await fetcher.fetch(request(server.url("/3")))
            assert server.asked == []

    asyncio.run(scenario())


def test_a_connection_is_kept_for_a_host_that_is_asked_again_soon() -> None:
    async def scenario() -> None:
        async with (
            Server(lambda _: reply(200, RSS), keeps=True) as server,
            Fetcher(contact="", hosts=Hosts(gap_s=0.0)) as fetcher,
        ):
            for _ in range(5):
                await fetcher.fetch(request(server.url()))
            assert [asked.headers.get("connection") for asked in server.asked] == ["close", None, None, None, None]
            assert server.connections == 2

    asyncio.run(scenario())


def test_a_kept_connection_that_the_server_has_closed_costs_no_failure() -> None:
    async def scenario() -> None:
        async with (
            Server(lambda asked: reply(200, RSS, Connection="keep-alive")) as server,  # says so, and closes
            Fetcher(contact="", hosts=Hosts(gap_s=0.0)) as fetcher,
        ):
            for _ in range(5):
                assert (await fetcher.fetch(request(server.url()))).status == 200

    asyncio.run(scenario())


LARGE = reply(200, b"x" * 2_000)


def test_large_bodies_are_read_a_few_at_a_time_and_small_ones_meanwhile() -> None:
    async def scenario() -> None:
        async with (
            Server(lambda asked: LARGE if asked.path == "/large" else reply(200, RSS)) as server,
            Fetcher(contact="", small_bytes_max=1_000, rooms=1, total_s=5.0, hosts=Hosts(at_once=9, gap_s=0.0)) as fetcher,
        ):

            async def read(path: str) -> Answer:
                async with fetcher.fetched(request(server.url(path))) as answer:
                    return answer

            async with fetcher.fetched(request(server.url("/large"))) as first:
                second = asyncio.create_task(read("/large"))
                while len(server.asked) < 2:
                    await asyncio.sleep(0.001)
                assert (await read("/small")).body == RSS
                assert not second.done()
            assert (await second).body == first.body

    asyncio.run(scenario())


def test_a_body_that_fails_gives_its_room_back() -> None:
    async def scenario() -> None:
        async with (
            Server(lambda asked: LARGE if asked.path == "/sound" else LARGE[:-1]) as server,
            Fetcher(contact="", small_bytes_max=1_000, rooms=1, hosts=Hosts(gap_s=0.0)) as fetcher,
        ):
            for _ in range(3):
                with pytest.raises(FeedError, match="incomplete"):
                    await fetcher.fetch(request(server.url("/cut")))
            assert (await fetcher.fetch(request(server.url("/sound")))).status == 200

    asyncio.run(scenario())
