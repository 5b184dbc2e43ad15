"""A world of servers that misbehave, each in its own way and all at the same time, and a poller that reads them as it would in earnest.

Every feed has a host of its own and is asked once a second. What it does the first, second, third time is written down here; the poller
runs until each has been asked as often as it needs, and each test looks at one of them.
"""

from __future__ import annotations

import asyncio
import gzip
import logging
import threading
import zlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import brotli
import pytest
import zstandard

from alerts.log import Log, open_log, topics
from alerts.records import Article, FeedState, decode
from alerts.stages.carrying import Stop
from alerts.stages.feed_states import feed_states
from alerts.stages.poller import Poller
from alerts.stages.service import utc_now
from alerts.stages.setup import Setup, set_up
from tests.e2e.places import furnish
from tests.fakes import rss, until
from tests.feeds.server import Asked, Server, reply

Said = bytes | AsyncIterator[bytes]
ONE, TWO = ("1", "First strike"), ("2", "Second strike")


@dataclass
class Behaviour:
    """What a feed answers to its n-th request, and how many it must get before the others may go home."""

    says: Callable[[int, Asked], Said]
    needs: int = 3
    options: dict[str, object] = field(default_factory=dict)
    query: str = ""
    credentials: str = ""


BEHAVIOURS: dict[str, Behaviour] = {}


def feed(*, needs: int = 3, query: str = "", credentials: str = "", **options: object):
    """Enter a function as the behaviour of the feed of its name."""

    def enter(says: Callable[[int, Asked], Said]) -> Callable[[int, Asked], Said]:
        BEHAVIOURS[says.__name__] = Behaviour(says, needs, options, query, credentials)
        return says

    return enter


def page(name: str, *items: tuple[str, str]) -> bytes:
    return rss(items, site=f"https://{name}.example")


def conditional(asked: Asked, name: str, *items: tuple[str, str], etag: str) -> bytes:
    """A sound answer: 304 to who has this one already."""
    if asked.headers.get("if-none-match") == etag:
        return reply(304, ETag=etag)
    return reply(200, page(name, *items), ETag=etag)


def cut_then_whole(name: str, cut: Callable[[bytes], bytes]) -> Callable[[int, Asked], bytes]:
    """One item; then two, but cut off, with a new ETag; from then on whole."""

    def says(count: int, asked: Asked) -> bytes:
        if count == 0:
            return conditional(asked, name, ONE, etag='"1"')
        return cut(page(name, ONE, TWO)) if count == 1 else conditional(asked, name, ONE, TWO, etag='"2"')

    return says


def encoded(name: str, compress: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda body: reply(200, compress(body)[:-2], ETag='"2"', Content_Encoding=name, content_length="")


def chunked(body: bytes) -> bytes:
    head = reply(200, ETag='"2"', Transfer_Encoding="chunked", content_length="")
    return head + f"{len(body):x}\r\n".encode() + body + b"\r\n"  # and no last chunk


CUT = {
    "short_content_length": lambda body: reply(200, body[:-1], ETag='"2"', content_length=str(len(body))),
    "cut_chunks": chunked,
    "gzip_without_end": encoded("gzip", gzip.compress),
    "deflate_without_end": encoded("deflate", zlib.compress),
    "br_without_end": encoded("br", brotli.compress),
    "zstd_without_end": encoded("zstd", zstandard.compress),
    "a_page_instead": lambda body: reply(200, b"<!doctype html><html><body>Just a moment...</body></html>", ETag='"2"'),
    "nothing_at_all": lambda body: reply(200, b"", ETag='"2"'),
    "an_error": lambda body: reply(500, body, ETag='"2"'),
}
for name, cut in CUT.items():
    BEHAVIOURS[name] = Behaviour(cut_then_whole(name, cut), needs=4)


@feed(needs=4)
def healthy(count: int, asked: Asked) -> bytes:
    items = [ONE, TWO, ("3", "Third strike"), ("4", "Fourth strike")][: count + 1]
    return conditional(asked, "healthy", *items, etag=f'"{len(items)}"')


@feed()
def etag_withdrawn(count: int, asked: Asked) -> bytes:
    if count == 0:
        return reply(200, page("etag_withdrawn", ONE), ETag='"1"', Last_Modified="some day")
    return reply(200, page("etag_withdrawn", ONE))


@feed()
def etag_renewed_by_304(count: int, asked: Asked) -> bytes:
    return reply(200, page("etag_renewed_by_304", ONE), ETag='"1"') if count == 0 else reply(304, ETag=f'"{count + 1}"')


@feed()
def etag_of_before_and_another_body(count: int, asked: Asked) -> bytes:
    return reply(200, page("etag_of_before_and_another_body", *[ONE, TWO][: count + 1]), ETag='"1"')


@feed()
def cookies(count: int, asked: Asked) -> bytes:
    return reply(200, page("cookies", ONE), Set_Cookie="who=you; Path=/")


def redirecting(status: int) -> Callable[[int, Asked], bytes]:
    def says(count: int, asked: Asked) -> bytes:
        name, _, rest = asked.path[1:].partition("/")
        return reply(status, Location=f"/{name}/new") if rest == "feed" else conditional(asked, name, ONE, etag='"1"')

    return says


for status in (301, 302, 303, 307, 308):
    BEHAVIOURS[f"redirect_{status}"] = Behaviour(redirecting(status), needs=5)


@feed(needs=4)
def redirect_to_a_page(count: int, asked: Asked) -> bytes:
    return reply(301, Location="new") if asked.path.endswith("feed") else reply(200, b"<html><body>Welcome</body></html>")


@feed(needs=5)
def moved_and_back(count: int, asked: Asked) -> bytes:
    if asked.path.endswith("feed"):
        return reply(301, Location="new") if count == 0 else reply(200, page("moved_and_back", ONE, TWO))
    return reply(200, page("moved_and_back", ONE)) if count == 1 else reply(404)


@feed(needs=6)
def redirect_loop(count: int, asked: Asked) -> bytes:
    return reply(301, Location="a" if asked.path.endswith("b") else "b")


@feed(needs=1)
def gone(count: int, asked: Asked) -> bytes:
    return reply(410)


@feed(needs=1)
def too_many_requests(count: int, asked: Asked) -> bytes:
    return reply(429, Retry_After="7200")


@feed(needs=1)
def unavailable_until(count: int, asked: Asked) -> bytes:
    return reply(503, Retry_After="Tue, 17 Nov 2015 14:00:00 GMT", Date="Tue, 17 Nov 2015 12:00:00 GMT")


@feed(needs=1)
def fresh_for_a_year(count: int, asked: Asked) -> bytes:
    return reply(200, page("fresh_for_a_year", ONE), Cache_Control="max-age=31536000")


@feed(needs=2)
def retry_after_nonsense(count: int, asked: Asked) -> bytes:
    return reply(503, Retry_After="never")


@feed(needs=1)
def never_answers(count: int, asked: Asked) -> AsyncIterator[bytes]:
    async def silence() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    return silence()


@feed(needs=1)
def drips(count: int, asked: Asked) -> AsyncIterator[bytes]:
    async def drip() -> AsyncIterator[bytes]:
        yield reply(200, content_length="1000000")
        while True:
            yield b"<"
            await asyncio.sleep(0.05)

    return drip()


@feed(needs=2)
def endless(count: int, asked: Asked) -> AsyncIterator[bytes]:
    async def flood() -> AsyncIterator[bytes]:
        yield reply(200, content_length="")
        while True:
            yield b"<!-- more -->" * 5_000

    return flood()


BOMB = gzip.compress(bytes(100_000_000))


@feed(needs=2)
def bomb(count: int, asked: Asked) -> bytes:
    return reply(200, BOMB, Content_Encoding="gzip")


@feed(needs=2, query="?key=${FEED_KEY}", credentials="${FEED_USER}:${FEED_PASSWORD}@", headers={"X-Key": "${FEED_HEADER}"})
def secretive_and_forbidden(count: int, asked: Asked) -> bytes:
    return reply(403, b"no", WWW_Authenticate="Basic", X_Echo=asked.path + asked.headers.get("authorization", ""))


@feed(needs=4, query="?key=${FEED_KEY}", credentials="${FEED_USER}:${FEED_PASSWORD}@", headers={"X-Key": "${FEED_HEADER}"})
def secretive_and_moved(count: int, asked: Asked) -> bytes:
    if asked.path.startswith("/secretive_and_moved/feed"):
        return reply(301, Location=asked.path.replace("/feed", "/new"))
    return reply(200, page("secretive_and_moved", ONE), ETag='"1"')


SECRETS = {"FEED_KEY": "kkkSECRETkkk", "FEED_USER": "uuuSECRETuuu", "FEED_PASSWORD": "pppSECRETppp", "FEED_HEADER": "hhhSECREThhh"}


@dataclass
class World:
    """What came of it: for each feed what it was asked, its state in the end and its articles; and all that was written down."""

    asked: dict[str, list[Asked]]
    states: dict[str, FeedState] = field(default_factory=dict)
    articles: dict[str, list[Article]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    on_the_log: bytes = b""

    def titles(self, name: str) -> list[str]:
        return sorted(article.title for article in self.articles[name])

    def paths(self, name: str) -> list[str]:
        return [asked.path.rpartition("/")[2].partition("?")[0] for asked in self.asked[name]]

    def etags(self, name: str) -> list[str]:
        return [asked.headers.get("if-none-match", "") for asked in self.asked[name]]


@contextmanager
def serving(says: Callable[[Asked], Said]) -> Iterator[int]:
    """A server on every loopback address, in a thread of its own; its port."""
    up, ports = threading.Event(), []
    loop = asyncio.new_event_loop()
    end = asyncio.Event()

    async def serve() -> None:
        async with Server(says, host="0.0.0.0") as server:
            ports.append(server.port)
            up.set()
            await end.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    up.wait()
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join()
        loop.close()


class _Lines(logging.Handler):
    """All that is logged, with whatever hangs on it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {record.__dict__} {record.exc_info}")


@contextmanager
def listening() -> Iterator[list[str]]:
    handler, logger = _Lines(), logging.getLogger("alerts")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield handler.lines
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)


@contextmanager
def polling(log: Log, setup: Setup) -> Iterator[None]:
    """A poller at work in a thread of its own."""
    stop = Stop()
    poller = Poller(log, lambda: setup, clock=utc_now, chance=lambda: 0.5)
    thread = threading.Thread(target=lambda: poller.run(stop=stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


UNANSWERED = {"never_answers", "drips"}
"""Of these no poll comes to an end in the time that we wait."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Poll all of them at the same time until each has been asked as often as it needs."""
    folder = tmp_path_factory.mktemp("world")
    it = World(defaultdict(list))

    def says(asked: Asked) -> Said:
        name = asked.path.split("/")[1]
        it.asked[name].append(asked)
        return BEHAVIOURS[name].says(len(it.asked[name]) - 1, asked)

    def feeds(port: int) -> Iterator[dict[str, object]]:
        for number, (name, one) in enumerate(BEHAVIOURS.items(), start=1):
            url = f"http://{one.credentials}127.0.1.{number}:{port}/{name}/feed{one.query}"
            yield {"url": url, "name": name, **one.options}

    with serving(says) as port, listening() as it.lines:
        furnish(folder, feeds=list(feeds(port)), channels={"console": "console:"})
        setup = set_up(folder / "alerts.yaml", environ=SECRETS, rules=False, channels=False)
        with open_log("sqlite:alerts.db", topics=topics(partitions=2), instance="test", base=folder) as log:
            with polling(log, setup):
                until(lambda: all(len(it.asked[name]) >= one.needs for name, one in BEHAVIOURS.items()), within_s=60)
                until(lambda: UNANSWERED | {state.name for state in feed_states(log).values()} >= BEHAVIOURS.keys())
            it.states = {state.name: state for state in feed_states(log).values()}
            for partition in range(2):
                for record in log.read("articles", partition):
                    article = decode(record.value, Article)
                    it.articles.setdefault(article.feed, []).append(article)
                it.on_the_log += b"".join(record.key.encode() + (record.value or b"") for record in log.read("feeds", partition))
    return it


def test_a_healthy_feed_among_them_loses_nothing(world: World) -> None:
    assert world.titles("healthy") == ["First strike", "Fourth strike", "Second strike", "Third strike"]


def test_who_never_answers_and_who_drips_held_nobody_up(world: World) -> None:
    assert [len(world.asked[name]) for name in sorted(UNANSWERED)] == [1, 1]


@pytest.mark.parametrize("name", CUT)
def test_an_item_behind_a_body_that_was_not_whole_still_comes(world: World, name: str) -> None:
    """The ETag of a body that was cut off, or was no feed, is never sent: behind it the item would be lost for good."""
    assert world.titles(name) == ["First strike", "Second strike"]
    assert world.etags(name)[:3] == ["", '"1"', '"1"']


def test_validators_that_a_later_answer_no_longer_has_are_sent_no_more(world: World) -> None:
    asked = world.asked["etag_withdrawn"]
    assert [one.headers.get("if-none-match", "") for one in asked[:3]] == ["", '"1"', ""]
    assert [one.headers.get("if-modified-since", "") for one in asked[:3]] == ["", "some day", ""]


def test_a_304_renews_the_etag(world: World) -> None:
    assert world.etags("etag_renewed_by_304")[:3] == ["", '"1"', '"2"']


def test_a_body_decides_whether_there_is_news_even_under_the_etag_of_before(world: World) -> None:
    assert world.titles("etag_of_before_and_another_body") == ["First strike", "Second strike"]


def test_a_cookie_never_comes_back(world: World) -> None:
    assert all("cookie" not in one.headers for one in world.asked["cookies"])


@pytest.mark.parametrize("status", [301, 308])
def test_a_permanent_redirect_is_followed_once(world: World, status: int) -> None:
    assert world.paths(f"redirect_{status}")[:4] == ["feed", "new", "new", "new"]
    assert world.etags(f"redirect_{status}")[:4] == ["", "", '"1"', '"1"']


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_temporary_redirect_is_followed_every_time(world: World, status: int) -> None:
    assert world.paths(f"redirect_{status}")[:4] == ["feed", "new", "feed", "new"]
    assert world.etags(f"redirect_{status}")[:4] == ["", "", "", '"1"']


def test_a_permanent_redirect_to_what_is_no_feed_is_not_remembered(world: World) -> None:
    assert world.paths("redirect_to_a_page")[:4] == ["feed", "new", "feed", "new"]
    assert world.states["redirect_to_a_page"].moved is None


def test_a_new_address_that_fails_on_its_first_day_leads_back_to_the_old_one(world: World) -> None:
    assert world.paths("moved_and_back")[:4] == ["feed", "new", "new", "feed"]
    assert world.titles("moved_and_back") == ["First strike", "Second strike"]


def test_redirects_in_a_circle_end_and_are_tried_again(world: World) -> None:
    assert world.states["redirect_loop"].reason.endswith("more than 5 redirects")


def test_a_feed_that_is_gone_is_left_alone_for_a_week(world: World) -> None:
    state = world.states["gone"]
    assert state.gone is not None
    assert waits(state) == timedelta(days=7)
    assert len(world.asked["gone"]) == 1


@pytest.mark.parametrize("name", ["too_many_requests", "unavailable_until"])
def test_who_asks_for_two_hours_of_patience_gets_them(world: World, name: str) -> None:
    assert waits(world.states[name]) == timedelta(hours=2)
    assert len(world.asked[name]) == 1


def test_who_asks_for_a_years_patience_gets_an_hour(world: World) -> None:
    assert waits(world.states["fresh_for_a_year"]) == timedelta(hours=1)
    assert world.titles("fresh_for_a_year") == ["First strike"]


def waits(state: FeedState) -> timedelta:
    """From the last poll to the next, to the second: the two are written down a moment after what the server wished."""
    assert state.next is not None
    assert state.polled is not None
    return timedelta(seconds=round((state.next - state.polled).total_seconds()))


def test_who_asks_for_nonsense_is_asked_again_at_the_schedules_pace(world: World) -> None:
    assert world.states["retry_after_nonsense"].not_before is None
    assert len(world.asked["retry_after_nonsense"]) >= 2


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("endless", "larger than 10,485,760 bytes"),
        ("bomb", "larger than 20,971,520 bytes when decompressed"),
        ("redirect_to_a_page", "HTML instead of a feed"),
        ("secretive_and_forbidden", "403 Forbidden"),
        ("too_many_requests", "429 Too Many Requests"),
        ("gone", "410 Gone"),
    ],
)
def test_what_is_wrong_with_a_feed_is_said_in_one_line(world: World, name: str, reason: str) -> None:
    assert reason in world.states[name].reason
    assert "\n" not in world.states[name].reason


def test_a_password_a_key_and_a_header_are_sent_to_the_feed_that_they_are_for(world: World) -> None:
    asked = world.asked["secretive_and_forbidden"][0]
    assert asked.path.endswith("?key=kkkSECRETkkk")
    assert asked.headers["x-key"] == "hhhSECREThhh"
    assert asked.headers["authorization"].startswith("Basic ")


def test_a_move_to_an_address_with_a_secret_in_it_is_followed_every_time_and_not_written_down(world: World) -> None:
    assert world.paths("secretive_and_moved")[:4] == ["feed", "new", "feed", "new"]
    assert world.titles("secretive_and_moved") == ["First strike"]


def test_no_secret_is_in_the_log_lines_or_on_the_log(world: World) -> None:
    assert any("secretive_and_forbidden" in line for line in world.lines)
    assert b"secretive_and_moved" in world.on_the_log
    for text in (*world.lines, world.on_the_log.decode()):
        assert "SECRET" not in text


def test_a_host_that_asked_for_patience_three_times_is_left_alone_after_a_restart(tmp_path: Path) -> None:
    asked: list[str] = []

    def says(one: Asked) -> bytes:
        asked.append(one.path)
        return reply(429, Retry_After="600") if one.path in {"/a", "/b", "/c"} else reply(200, page("host", ONE))

    with serving(says) as port, open_log("sqlite:alerts.db", topics=topics(partitions=2), instance="test", base=tmp_path) as log:
        paths = ["/a", "/b", "/c", "/well"]
        feeds = [{"url": f"http://127.0.0.1:{port}{path}", "name": path} for path in paths]
        feeds.append({"url": f"http://127.0.0.2:{port}/elsewhere", "name": "elsewhere"})
        furnish(tmp_path, feeds=feeds, channels={"c": "console:"})
        setup = set_up(tmp_path / "alerts.yaml", environ={}, rules=False, channels=False)

        def held() -> set[str]:
            return {state.name for state in feed_states(log).values() if state.not_before is not None}

        with polling(log, setup):
            until(lambda: held() >= set(paths))  # the last of them without having asked
        before = Counter(asked)
        assert [before[path] for path in ("/a", "/b", "/c")] == [1, 1, 1]
        with polling(log, setup):
            until(lambda: Counter(asked)["/elsewhere"] >= before["/elsewhere"] + 3)
        assert [Counter(asked)[path] for path in paths] == [before[path] for path in paths]
