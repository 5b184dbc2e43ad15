"""No feed, and nobody who answers for one, leads the poller into a private network."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from alerts.errors import FeedError
from alerts.feeds import Fetcher, Request, is_public
from alerts.feeds.hosts import Hosts
from tests.feeds.server import RSS, Server, fetch, reply


class Names(AbstractResolver):
    """A name server whose every answer is the next of its list: the last one stays."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        self.asked += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not found:
            raise OSError(None, "nobody knows that name")
        return [
            ResolveResult(hostname=host, host=each, port=port, family=socket.AF_INET, proto=0, flags=socket.AI_NUMERICHOST)
            for each in found
        ]

    async def close(self) -> None:
        pass


def only(*allowed: str) -> Callable[[str], bool]:
    return lambda address: address in allowed


PRIVATE = [
    "127.0.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.0.0.192",
    "168.63.129.16",
    "100.100.100.200",
    "192.88.99.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "240.0.0.1",
]
PRIVATE += ["255.255.255.255", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1"]
PRIVATE += ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:a00:1::1"]
PRIVATE += [
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "fd00:ec2::254",
    "3fff::1",
    "2001:20::1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::",
    "100::1",
    "4000::1",
    "nonsense",
    "",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_known_in_every_dress(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]
)
def test_public_addresses_are_let_through(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "localhost.",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "0.0.0.0",
        "[::]",
    ],
)
def test_a_feed_on_loopback_is_refused_however_it_is_written(host: str) -> None:
    outcome = fetch(reply(200, RSS), url=f"http://{host}:PORT/feed.xml", allow_private_addresses=False)
    assert isinstance(outcome.error, FeedError)
    assert outcome.asked == []


def test_the_refusal_says_how_to_allow_it() -> None:
    assert "allow_private_addresses" in str(fetch(reply(200, RSS), allow_private_addresses=False).error)


def test_the_exception_is_for_the_feed_that_has_it() -> None:
    async def scenario() -> None:
        async with Server(lambda _: reply(200, RSS)) as server, Fetcher(contact="") as fetcher:
            await fetcher.fetch(Request(url=server.url(), allow_private_addresses=True))
            with pytest.raises(FeedError, match="private"):
                await fetcher.fetch(Request(url=server.url()))
            assert len(server.asked) == 1

    asyncio.run(scenario())


def test_a_redirect_to_a_private_address_is_refused() -> None:
    async def scenario() -> None:
        async with (
            Server(lambda _: reply(200, RSS), host="127.0.0.2") as private,
            Server(lambda _: reply(302, Location=private.url())) as server,
            Fetcher(contact="", permits=only("127.0.0.1")) as fetcher,
        ):
            with pytest.raises(FeedError, match="private"):
                await fetcher.fetch(Request(url=server.url()))
            assert (len(server.asked), private.asked) == (1, [])

    asyncio.run(scenario())


@pytest.mark.parametrize("host", ["127.0.0.2", "127.2", "2130706434", "0x7f.2", "127.0.0.2.", "[::ffff:127.0.0.2]", "[::1]"])
def test_a_redirect_to_a_private_address_is_refused_however_it_is_written(host: str) -> None:
    async def scenario() -> None:
        async with (
            Server(lambda _: reply(200, RSS), host="0.0.0.0") as private,
            Server(lambda _: reply(302, Location=f"http://{host}:{private.port}/")) as server,
            Fetcher(contact="", permits=only("127.0.0.1")) as fetcher,
        ):
            with pytest.raises(FeedError):
                await fetcher.fetch(Request(url=server.url()))
            assert (len(server.asked), private.asked) == (1, [])

    asyncio.run(scenario())


def test_a_name_that_turns_private_between_two_hops_is_refused() -> None:
    async def scenario() -> None:
        names = Names(["127.0.0.1"], ["127.0.0.2"])
        async with (
            Server(lambda asked: reply(302, Location=f"http://feed.example:{asked.port}/again")) as server,
            Fetcher(contact="", permits=only("127.0.0.1"), resolver=names, names_s=0) as fetcher,
        ):
            with pytest.raises(FeedError, match="private"):
                await fetcher.fetch(Request(url=f"http://feed.example:{server.port}/"))
            assert len(server.asked) == 1

    asyncio.run(scenario())


def test_an_address_is_judged_at_every_connection_though_its_name_is_remembered() -> None:
    async def scenario() -> None:
        names, allowed = Names(["127.0.0.1"]), {"127.0.0.1"}
        async with (
            Server(lambda _: reply(200, RSS)) as server,
            Fetcher(contact="", permits=allowed.__contains__, resolver=names, hosts=Hosts(gap_s=0.0)) as fetcher,
        ):
            request = Request(url=f"http://feed.example:{server.port}/")
            await fetcher.fetch(request)
            allowed.clear()
            with pytest.raises(FeedError, match="private"):
                await fetcher.fetch(request)
            assert (names.asked, len(server.asked)) == (1, 1)

    asyncio.run(scenario())


def test_of_several_addresses_of_a_name_only_the_public_ones_are_tried() -> None:
    async def scenario() -> None:
        names = Names(["127.0.0.2", "127.0.0.3", "127.0.0.1"])
        async with (
            Server(lambda _: reply(200, RSS)) as server,
            Fetcher(contact="", permits=only("127.0.0.1"), resolver=names) as fetcher,
        ):
            assert (await fetcher.fetch(Request(url=f"http://feed.example:{server.port}/"))).status == 200

    asyncio.run(scenario())


def test_a_name_that_nobody_knows_is_one_clear_line() -> None:
    error = fetch(b"", url="http://feed.example/", bounds={"resolver": Names([])}).error
    assert str(error) == "http://feed.example/: its name cannot be looked up"


def through_proxy(url: str, *, says: bytes = reply(200, RSS), **request: Any) -> tuple[FeedError | bytes, list[str]]:
    """Fetch `url` through a proxy on loopback that answers by itself; the body or the error, and what the proxy was asked for."""

    async def scenario() -> tuple[FeedError | bytes, list[str]]:
        async with Server(lambda _: says) as proxy, Fetcher(contact="") as fetcher:
            try:
                got: FeedError | bytes = (
                    await fetcher.fetch(Request(url=url, proxy=f"http://U:PASS@127.0.0.1:{proxy.port}", **request))
                ).body
            except FeedError as error:
                got = error
            return got, [asked.line for asked in proxy.asked]

    return asyncio.run(scenario())


def test_the_proxys_own_address_is_exempt() -> None:
    assert through_proxy("http://93.184.216.34/feed.xml") == (RSS, ["GET http://93.184.216.34/feed.xml HTTP/1.1"])


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "[::ffff:127.0.0.1]", "169.254.169.254"])
def test_a_redirect_to_a_private_address_is_not_handed_to_a_proxy(host: str) -> None:
    error, asked = through_proxy("http://93.184.216.34/feed.xml", says=reply(302, Location=f"http://{host}/"))
    assert "private" in str(error)
    assert asked == ["GET http://93.184.216.34/feed.xml HTTP/1.1"]


def test_a_private_feed_is_refused_before_it_is_handed_to_a_proxy() -> None:
    error, asked = through_proxy("http://localhost/feed.xml")
    assert "private" in str(error)
    assert asked == []


def test_a_private_feed_goes_through_a_proxy_where_it_is_allowed() -> None:
    assert through_proxy("http://10.0.0.1/feed.xml", allow_private_addresses=True)[0] == RSS


def test_a_dead_proxy_is_one_clear_line_without_its_password() -> None:
    outcome = fetch(b"", url="http://93.184.216.34/feed.xml", proxy="http://U:PASS@127.0.0.1:1")
    assert str(outcome.error).startswith("http://93.184.216.34/feed.xml: no connection to the proxy: Connect")
    assert "PASS" not in str(outcome.error)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "nonsense", "http://[::1/"])
def test_a_proxy_that_is_none_is_one_clear_line(proxy: str) -> None:
    assert isinstance(fetch(b"", url="http://93.184.216.34/feed.xml", proxy=proxy).error, FeedError)
