"""Where a feed has moved to, what is remembered of it, and what is never shown there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from alerts.errors import FeedError
from alerts.feeds import Fetcher, Request
from alerts.feeds.redirects import Way
from alerts.records import digest
from tests.feeds.server import RSS, Asked, Outcome, Says, Server, fetch, reply


def leads(**hops: tuple[int, str]) -> Says:
    """A server on which these paths lead to others, and every other path is the feed."""
    return lambda asked: (
        reply(hops[asked.path[1:]][0], Location=hops[asked.path[1:]][1]) if asked.path[1:] in hops else reply(200, RSS, ETag='"1"')
    )


def walk(says: Says, **request: str) -> Outcome:
    return fetch(says, path="/a", **request)


@pytest.mark.parametrize("status", [301, 308])
def test_a_permanent_redirect_says_where_the_feed_lives_now(status: int) -> None:
    answer = walk(leads(a=(status, "/b"))).answer
    assert answer.moved == answer.url
    assert answer.moved.endswith("/b")


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_temporary_redirect_does_not(status: int) -> None:
    assert walk(leads(a=(status, "/b"))).answer.moved == ""


def test_of_several_redirects_only_the_permanent_ones_at_the_beginning_count() -> None:
    assert walk(leads(a=(301, "/b"), b=(308, "/c"), c=(302, "/d"), d=(301, "/e"))).answer.moved.endswith("/c")
    assert walk(leads(a=(302, "/b"), b=(301, "/c"))).answer.moved == ""


def test_a_feed_that_has_moved_is_asked_for_at_its_new_address() -> None:
    outcome = walk(leads(a=(301, "/b")), start="http://127.0.0.1:PORT/b")
    assert [asked.path for asked in outcome.asked] == ["/b"]
    assert outcome.answer.moved == ""


def test_an_address_that_is_remembered_holds_no_credentials_and_no_fragment() -> None:
    says = leads(a=(301, "http://u:p@127.0.0.1:PORT/b#part"))
    outcome = fetch(lambda asked: says(asked).replace(b"PORT", str(asked.port).encode()), path="/a")  # type: ignore[union-attr]
    assert outcome.answer.moved == outcome.answer.url
    assert "@" not in outcome.answer.moved
    assert "#" not in outcome.answer.moved


def conditional(outcome: Outcome) -> list[str]:
    """The paths of the requests that carried validators."""
    return [asked.path for asked in outcome.asked if "if-none-match" in asked.headers]


def test_validators_go_to_the_address_that_gave_them_and_to_none_on_the_way() -> None:
    async def scenario() -> None:
        def says(asked: Asked) -> bytes:
            if asked.path == "/a":
                return reply(302, Location="/b")
            return reply(304) if asked.headers.get("if-none-match") == '"1"' else reply(200, RSS, ETag='"1"')

        async with Server(says) as server, Fetcher(contact="") as fetcher:
            url = server.url("/a")
            first = await fetcher.fetch(Request(url=url, allow_private_addresses=True))
            again = Request(url=url, etag=first.etag, validated=first.validated, allow_private_addresses=True)
            assert (await fetcher.fetch(again)).status == 304
            assert [(asked.path, asked.headers.get("if-none-match")) for asked in server.asked[2:]] == [("/a", None), ("/b", '"1"')]

    asyncio.run(scenario())


def test_validators_do_not_go_to_another_address_than_gave_them() -> None:
    outcome = walk(leads(a=(302, "/c")), etag='"1"', validated=digest("http://127.0.0.1/b"))
    assert conditional(outcome) == []
    assert outcome.answer.status == 200


def test_a_304_to_an_unconditional_request_along_a_redirect_is_an_error() -> None:
    outcome = walk(lambda asked: reply(302, Location="/b") if asked.path == "/a" else reply(304), etag='"1"')
    assert outcome.error.status == 304


def two_servers(first: Callable[[Asked, str], bytes], second: bytes, request: Callable[[str, str], Request]) -> tuple[str, Asked]:
    """Fetch along a redirect from one origin to another: what came of it, and what the other was asked."""

    async def scenario() -> tuple[str, Asked]:
        async with (
            Server(lambda _: second) as other,
            Server(lambda asked: first(asked, other.url("/b"))) as server,
            Fetcher(contact="") as fetcher,
        ):
            try:
                told = str((await fetcher.fetch(request(server.url("/a"), other.url("/b")))).status)
            except FeedError as error:
                told = str(error)
            return told, other.asked[0]

    return asyncio.run(scenario())


def secretive(url: str, start: str = "") -> Request:
    return Request(url=url, start=start, user="u", password="p", headers={"X-Key": "k", "Cookie": "c=1"}, allow_private_addresses=True)


def test_a_feed_that_has_moved_to_another_origin_is_asked_for_without_its_password_and_headers() -> None:
    _, asked = two_servers(lambda asked, other: reply(500), reply(200, RSS), secretive)
    assert not {"authorization", "x-key", "cookie"} & set(asked.headers)


def test_who_is_denied_for_leaving_the_password_behind_is_told_so() -> None:
    told, asked = two_servers(lambda asked, other: reply(301, Location=other), reply(401), lambda url, _: secretive(url))
    assert "authorization" not in asked.headers
    assert told.endswith("401 Unauthorized; it has moved to another origin, which gets neither its password nor its headers")


def test_a_server_may_not_pass_on_credentials_of_its_own() -> None:
    _, asked = two_servers(
        lambda asked, other: reply(302, Location=other.replace("//", "//evil:pass@")),
        reply(200, RSS),
        lambda url, _: Request(url=url, allow_private_addresses=True),
    )
    assert "authorization" not in asked.headers


HTTPS, HTTP = "https://example.org/feed", "http://example.org/feed"


def test_a_feed_with_a_password_is_not_led_from_https_to_http() -> None:
    for request in (
        Request(url=HTTPS, user="u", password="p"),
        Request(url=HTTPS, headers={"X-Key": "k"}),
        Request(url="https://u:p@example.org/feed"),
    ):
        with pytest.raises(FeedError, match="from https to http"):
            Way(request).follow(301, HTTP)


def test_a_feed_without_is_led_from_https_to_http_but_that_is_not_remembered() -> None:
    way = Way(Request(url=HTTPS))
    way.follow(301, "/moved")
    way.follow(301, HTTP)
    way.follow(301, "/moved-on")
    assert str(way.at.url) == "http://example.org/moved-on"
    assert way.moved == "https://example.org/moved"


def test_a_feed_that_is_led_to_https_is_remembered_there_and_leaves_its_password_behind() -> None:
    way = Way(Request(url=HTTP, user="u", password="p"))
    assert "Authorization" in way.credentials
    way.follow(301, HTTPS)
    assert way.moved == HTTPS
    assert way.credentials == {}
    assert way.has_left_credentials


@pytest.mark.parametrize("other", ["http://example.org:8080/", "https://example.org/", "http://www.example.org/", "//example.net/"])
def test_another_scheme_port_or_name_is_another_origin(other: str) -> None:
    way = Way(Request(url=HTTP, user="u", password="p", headers={"X-Key": "k"}))
    way.follow(302, other)
    assert way.credentials == {}
    way.follow(302, HTTP)
    assert way.credentials == {}


def test_the_default_port_written_out_is_the_same_origin() -> None:
    way = Way(Request(url=HTTP, user="u", password="p"))
    way.follow(302, "http://EXAMPLE.org:80/other")
    assert "Authorization" in way.credentials
