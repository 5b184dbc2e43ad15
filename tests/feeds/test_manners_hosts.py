"""A host is asked by two at once and once a second, in the order of who came; and not at all while it wants to be left alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from alerts.errors import FeedError
from alerts.feeds.hosts import HostHeld, Hosts, host_of
from alerts.feeds.limits import Kept
from tests.feeds.clockwork import run

Begun = list[tuple[str, float]]


def now_s() -> float:
    return asyncio.get_running_loop().time()


async def ask(hosts: Hosts, host: str, who: str, begun: Begun, *, for_s: float = 0.0) -> None:
    await hosts.take(host)
    begun.append((who, now_s()))
    await asyncio.sleep(for_s)
    hosts.give_back(host)


def begun_by(*who: str, for_s: float = 0.0, host: Callable[[str], str] = lambda who: "one") -> Begun:
    """Who began when, if all come at once."""

    async def scenario() -> Begun:
        hosts, begun = Hosts(), Begun()
        await asyncio.gather(*(ask(hosts, host(each), each, begun, for_s=for_s) for each in who))
        return begun

    return run(scenario())


def test_a_host_is_asked_once_a_second_in_the_order_of_who_came() -> None:
    assert begun_by("a", "b", "c", "d") == [("a", 0.0), ("b", 1.0), ("c", 2.0), ("d", 3.0)]


def test_a_host_is_asked_by_two_at_once_and_no_more() -> None:
    assert begun_by("a", "b", "c", "d", for_s=10.0) == [("a", 0.0), ("b", 1.0), ("c", 10.0), ("d", 11.0)]


def test_another_host_is_not_waited_for() -> None:
    assert begun_by("a", "b", "c", for_s=10.0, host=lambda who: who) == [("a", 0.0), ("b", 0.0), ("c", 0.0)]


def test_two_hundred_feeds_of_one_host_all_get_their_turn_round_after_round() -> None:
    async def scenario() -> None:
        hosts, begun = Hosts(), Begun()

        async def follow(who: str) -> None:
            for _ in range(3):
                await ask(hosts, "one", who, begun)

        names = [f"{number:03}" for number in range(200)]
        await asyncio.gather(*(follow(name) for name in names))
        assert [who for who, _ in begun] == names * 3
        assert [at for _, at in begun] == [float(second) for second in range(600)]

    run(scenario())


def test_who_no_longer_wants_a_turn_is_passed_over() -> None:
    async def scenario() -> None:
        hosts, begun = Hosts(), Begun()
        tasks = [asyncio.create_task(ask(hosts, "one", who, begun)) for who in "abcd"]
        await asyncio.sleep(0.5)
        tasks[1].cancel()
        tasks[2].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert begun == [("a", 0.0), ("d", 1.0)]

    run(scenario())


def test_a_turn_that_comes_too_late_is_given_on() -> None:
    async def scenario() -> None:
        hosts, begun = Hosts(at_once=1), Begun()
        await hosts.take("one")
        first, second = (asyncio.create_task(ask(hosts, "one", who, begun)) for who in "ab")
        await asyncio.sleep(5.0)
        hosts.give_back("one")
        first.cancel()  # in the very moment in which its turn came
        await asyncio.gather(first, second, return_exceptions=True)
        assert begun == [("b", 6.0)]

    run(scenario())


def test_a_redirect_within_the_host_counts_as_a_request_and_does_not_wait() -> None:
    async def scenario() -> None:
        hosts, begun = Hosts(), Begun()
        await hosts.take("one")
        hosts.count_further("one")
        hosts.give_back("one")
        await ask(hosts, "one", "next", begun)
        assert begun == [("next", 2.0)]

    run(scenario())


def held(*feeds: str, wait_s: float = 60.0) -> Hosts:
    hosts = Hosts()
    for feed in feeds:
        hosts.hold("one", feed, wait_s)
    return hosts


def attempt(hosts_of: Callable[[], Hosts], *, before: Callable[[Hosts], Awaitable[None]] | None = None) -> FeedError | None:
    async def scenario() -> FeedError | None:
        hosts = hosts_of()
        if before is not None:
            await before(hosts)
        try:
            await hosts.take("one")
        except FeedError as error:
            return error
        return None

    return run(scenario())


def test_one_or_two_feeds_that_are_asked_to_wait_do_not_hold_the_others() -> None:
    assert attempt(lambda: held("a", "b", "a")) is None


def test_three_feeds_that_are_asked_to_wait_hold_the_host() -> None:
    error = attempt(lambda: held("a", "b", "c"))
    assert isinstance(error, HostHeld)
    assert error.retry_after_s == 60.0


def test_a_host_is_held_only_as_long_as_three_of_its_feeds_are() -> None:
    async def scenario() -> None:
        hosts = held("a", "b", wait_s=24 * 3600.0)
        hosts.hold("one", "c", 60.0)
        with pytest.raises(HostHeld):
            await hosts.take("one")
        await asyncio.sleep(60.0)
        await hosts.take("one")

    run(scenario())


def test_a_host_that_answers_one_of_the_three_is_asked_again() -> None:
    async def answers(hosts: Hosts) -> None:
        hosts.release("one", "b")

    assert attempt(lambda: held("a", "b", "c"), before=answers) is None


def test_another_host_is_not_held() -> None:
    async def scenario() -> None:
        await held("a", "b", "c").take("two")

    run(scenario())


def test_who_waits_for_a_host_that_wants_to_be_left_alone_is_sent_home() -> None:
    async def scenario() -> None:
        hosts, begun = Hosts(), Begun()
        waiting = [asyncio.create_task(ask(hosts, "one", who, begun)) for who in "abcd"]
        await asyncio.sleep(0.5)
        for feed in "xyz":
            hosts.hold("one", feed, 60.0)
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(result) for result in results] == [type(None), HostHeld, HostHeld, HostHeld]

    run(scenario())


def test_hosts_that_nobody_asks_any_more_are_forgotten_and_a_pace_is_not() -> None:
    async def scenario() -> None:
        hosts, begun = Hosts(), Begun()
        for number in range(5_000):
            await ask(hosts, f"{number}.example", "", Begun())
            await asyncio.sleep(1.0)
        await ask(hosts, "one", "a", begun)
        await ask(hosts, "one", "b", begun)
        assert begun[1][1] - begun[0][1] == 1.0
        assert len(hosts) <= 1_001

    run(scenario())


@pytest.mark.parametrize(
    ("host", "port", "name"),
    [
        ("Example.ORG", 443, "example.org"),
        ("example.org.", 8080, "example.org"),
        ("93.184.216.34", 80, "93.184.216.34"),
        ("127.0.0.1", 8000, "127.0.0.1:8000"),
        ("127.0.0.2", 8000, "127.0.0.2:8000"),
        ("localhost", 8000, "localhost:8000"),
        ("::1", 8000, "::1:8000"),
        ("10.0.0.1", 8000, "10.0.0.1"),
        ("1and1.example", 80, "1and1.example"),
    ],
)
def test_a_host_is_its_name_and_on_loopback_its_port_as_well(host: str, port: int, name: str) -> None:
    assert host_of(host, port) == name


def kept(*asked: tuple[float, str], hosts_max: int = 10) -> list[bool]:
    """For requests at these seconds, whether their connections are worth keeping."""

    async def scenario() -> list[bool]:
        connections, worth = Kept(hosts_max=hosts_max, kept_s=90.0), []
        for at, host in asked:
            await asyncio.sleep(at - now_s())
            worth.append(connections.keeps(host))
        return worth

    return run(scenario())


def test_a_connection_is_worth_keeping_to_a_host_that_was_asked_a_little_while_ago() -> None:
    assert kept((0, "one"), (60, "one"), (150, "one"), (241, "one")) == [False, True, True, False]
    assert kept((0, "one"), (1, "two")) == [False, False]


def test_connections_are_kept_to_as_many_hosts_as_there_is_room_for() -> None:
    assert kept((0, "a"), (1, "b"), (2, "a"), (3, "b"), hosts_max=2) == [False, False, True, True]
    assert kept((0, "a"), (1, "b"), (2, "c"), (3, "a"), (4, "c"), hosts_max=2) == [False, False, False, False, True]
