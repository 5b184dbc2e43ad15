"""What a good reader asks, keeps and obeys."""

from __future__ import annotations

import asyncio
import base64
from datetime import UTC, datetime

import pytest

from alerts.errors import FeedError
from alerts.feeds import Fetcher, Request
from tests.feeds.server import RSS, Server, fetch, reply


def test_a_feed_is_fetched_with_its_validators_and_headers() -> None:
    outcome = fetch(reply(200, RSS, ETag='W/"a b"', Last_Modified="yesterday, more or less", Content_Type="text/xml"))
    assert (outcome.answer.status, outcome.answer.body) == (200, RSS)
    assert (outcome.answer.etag, outcome.answer.modified) == ('W/"a b"', "yesterday, more or less")
    assert outcome.answer.headers["content-type"] == "text/xml"


def test_validators_go_back_to_the_character() -> None:
    outcome = fetch(reply(304), etag='W/"a b"', modified="yesterday, more or less")
    assert outcome.asked[0].headers["if-none-match"] == 'W/"a b"'
    assert outcome.asked[0].headers["if-modified-since"] == "yesterday, more or less"


def test_without_validators_nothing_conditional_is_asked() -> None:
    asked = fetch(reply(200, RSS)).asked[0].headers
    assert "if-none-match" not in asked
    assert "if-modified-since" not in asked


def test_a_304_keeps_the_validators() -> None:
    answer = fetch(reply(304), etag='"1"', modified="m").answer
    assert (answer.status, answer.body, answer.etag, answer.modified) == (304, b"", '"1"', "m")


def test_a_304_with_a_new_etag_gives_the_new_one() -> None:
    assert fetch(reply(304, ETag='"2"'), etag='"1"').answer.etag == '"2"'


def test_a_200_without_validators_withdraws_those_of_before() -> None:
    answer = fetch(reply(200, RSS), etag='"1"', modified="m").answer
    assert (answer.etag, answer.modified) == ("", "")


def test_a_304_that_nobody_asked_for_is_an_error_because_nothing_was_ever_read() -> None:
    assert fetch(reply(304)).error.status == 304


def test_an_etag_too_long_to_keep_is_not_kept() -> None:
    assert fetch(reply(200, RSS, ETag="e" * 1_024)).answer.etag == "e" * 1_024
    assert fetch(reply(200, RSS, ETag="e" * 1_025)).answer.etag == ""


def test_an_etag_of_bytes_that_are_no_text_is_not_kept() -> None:
    head = b'HTTP/1.1 200 OK\r\nETag: "\xff\xfe"\r\nLast-Modified: \x80\r\nContent-Length: 0\r\n\r\n'
    answer = fetch(head).answer
    assert (answer.etag, answer.modified) == ("", "")
    assert fetch(reply(200, RSS, ETag='"\u00e4"').replace(b"\xe4", b"\xc3\xa4")).answer.etag == '"\u00e4"'


def test_headers_of_bytes_that_are_no_text_can_still_be_read_and_written() -> None:
    answer = fetch(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=\xff\r\nContent-Length: 0\r\n\r\n").answer
    assert answer.headers["content-type"] == "text/xml; charset=?"


def test_the_reader_says_who_it_is_and_whom_to_ask() -> None:
    agent = fetch(reply(200, RSS)).asked[0].headers["user-agent"]
    assert agent.startswith("conflict-alerts/")
    assert agent.endswith("(+https://example.org/about)")


def test_only_what_can_be_undone_is_accepted() -> None:
    accepted = fetch(reply(200, RSS)).asked[0].headers["accept-encoding"]
    assert accepted.startswith("gzip, deflate")


def test_no_cookie_is_ever_sent_back() -> None:
    async def scenario() -> None:
        async with Server(lambda _: reply(200, RSS, Set_Cookie="a=b")) as server, Fetcher(contact="") as fetcher:
            request = Request(url=server.url(), allow_private_addresses=True)
            await fetcher.fetch(request)
            await fetcher.fetch(request)
            assert all("cookie" not in asked.headers for asked in server.asked)
            assert len(server.asked) == 2

    asyncio.run(scenario())


def test_user_password_and_headers_of_a_feed_are_sent() -> None:
    asked = fetch(reply(200, RSS), user="ü", password="p:w", headers={"X-Key": "k", "user-agent": "mine"}).asked[0].headers
    assert base64.b64decode(asked["authorization"].removeprefix("Basic ")).decode() == "ü:p:w"
    assert (asked["x-key"], asked["user-agent"]) == ("k", "mine")


def test_user_and_password_in_the_address_count_as_well() -> None:
    outcome = fetch(reply(200, RSS), url="http://u:p%40w@127.0.0.1:PORT/feed.xml")
    assert base64.b64decode(outcome.asked[0].headers["authorization"].removeprefix("Basic ")) == b"u:p@w"
    assert outcome.answer.url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_with_everything_within_an_origin(status: int) -> None:
    outcome = fetch(
        lambda asked: reply(200, RSS) if asked.path == "/new" else reply(status, Location="new"), etag='"1"', user="u", password="p"
    )
    assert outcome.answer.url.endswith("/new")
    assert outcome.asked[0].headers["if-none-match"] == '"1"'
    assert all("authorization" in asked.headers for asked in outcome.asked)


def test_another_origin_gets_no_credentials_and_no_headers_of_ours() -> None:
    async def scenario() -> None:
        async with (
            Server(lambda _: reply(200, RSS)) as other,
            Server(lambda _: reply(302, Location=other.url("/x").replace("//", "//evil:pass@"))) as server,
            Fetcher(contact="") as fetcher,
        ):
            await fetcher.fetch(Request(url=server.url(), user="u", password="p", headers={"X-Key": "k"}, allow_private_addresses=True))
            assert "authorization" in server.asked[0].headers
            assert "authorization" not in other.asked[0].headers
            assert "x-key" not in other.asked[0].headers

    asyncio.run(scenario())


def test_credentials_do_not_come_back_when_a_redirect_returns_to_the_first_origin() -> None:
    async def scenario() -> None:
        def bounce(asked: object) -> bytes:
            return reply(200, RSS) if len(server.asked) > 1 else reply(302, Location=other.url())

        async with (
            Server(lambda _: reply(302, Location=server.url("/back"))) as other,
            Server(bounce) as server,
            Fetcher(contact="") as fetcher,
        ):
            await fetcher.fetch(Request(url=server.url(), user="u", password="p", allow_private_addresses=True))
            assert [("authorization" in asked.headers) for asked in server.asked] == [True, False]

    asyncio.run(scenario())


@pytest.mark.parametrize("status", [400, 403, 404, 410, 429, 500, 503, 204, 206, 999])
def test_every_other_status_is_an_error_that_names_it(status: int) -> None:
    error = fetch(reply(status)).error
    assert error.status == status
    assert str(status) in str(error)
    assert "Whatever" not in str(error)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_in_seconds_is_told(status: int) -> None:
    assert fetch(reply(status, Retry_After="120")).error.retry_after_s == 120


def test_retry_after_as_a_date_counts_from_the_servers_own_clock() -> None:
    date, later = "Mon, 02 Nov 2015 10:00:00 GMT", "Mon, 02 Nov 2015 10:05:00 GMT"
    assert fetch(reply(429, Retry_After=later, Date=date)).error.retry_after_s == 300


def test_retry_after_as_a_date_from_a_server_without_a_clock_counts_from_ours() -> None:
    now = datetime(2015, 11, 2, 10, 4, tzinfo=UTC)
    error = fetch(reply(429, Retry_After="Mon, 02 Nov 2015 10:05:00 GMT"), bounds={"clock": now.timestamp}).error
    assert error.retry_after_s == 60


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [
        ("86400", 86_400),
        ("86401", 86_400),
        ("9" * 5_000, 86_400),
        ("Mon, 02 Nov 2099 10:05:00 GMT", 86_400),
        ("Mon, 02 Nov 1999 10:05:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("Mon, 99 Nov 2015 10:05:00 GMT", None),
        ("", None),
    ],
)
def test_retry_after_is_at_most_a_day_and_nonsense_is_none(wish: str, seconds: float | None) -> None:
    assert fetch(reply(503, Retry_After=wish, Date="Mon, 02 Nov 2015 10:00:00 GMT")).error.retry_after_s == seconds


def test_no_secret_is_in_an_error_or_a_repr() -> None:
    secrets = {"user": "USER", "password": "PASSWORD", "headers": {"X-Key": "KEY"}, "proxy": ""}
    outcome = fetch(reply(404), url="http://WHO:PASS@127.0.0.1:PORT/feed.xml?token=TOKEN#PART", **secrets)
    assert str(outcome.error).startswith("http://127.0.0.1:")
    assert str(outcome.error).endswith("/feed.xml: 404 Not Found")
    assert outcome.error.__cause__ is None
    assert (
        repr(Request(url="http://WHO:PASS@host/feed?token=TOKEN", proxy="http://WHO:PASS@proxy", user="USER"))
        == "Request(http://host/feed)"
    )


@pytest.mark.parametrize(
    "url", ["ftp://host/feed", "http://", "http:///feed", "http://host:port/", "host/feed", "", "http://[::1/", "gopher:x"]
)
def test_what_is_no_address_of_a_feed_is_refused(url: str) -> None:
    assert isinstance(fetch(reply(200, RSS), url=url).error, FeedError)


def test_a_header_that_would_smuggle_another_is_not_sent() -> None:
    assert "not an address, proxy or header" in str(fetch(reply(200, RSS), headers={"X-Key": "a\r\nEvil: b"}).error)
