"""From a feed's document to the desk, with the real command: nothing lost, nothing told twice, no flood."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path

import pytest

from tests.e2e.places import furnish, quiet, strike
from tests.fakes import _Quiet, _served, alerts, hook, rss, running, until

POLL = {"every": "1s", "allow_private_addresses": "true"}


def item(title: str, *, guid: str = "", link: str = "", text: str = "", days_ago: float = 0.1) -> str:
    date = format_datetime(datetime.now(UTC) - timedelta(days=days_ago))
    return (
        f"<item><title>{escape(title)}</title><link>{escape(link)}</link><guid isPermaLink='false'>{escape(guid)}</guid>"
        f"<description>{escape(text)}</description><pubDate>{date}</pubDate></item>"
    )


def feed(folder: Path, *items: str, name: str = "feed.xml") -> None:
    (folder / name).write_text(f'<rss version="2.0"><channel><title>Wire</title>{"".join(items)}</channel></rss>', encoding="utf-8")


@contextmanager
def folder_served(folder: Path) -> Iterator[str]:
    """The files of a folder, over HTTP."""

    class Handler(_Quiet):
        def do_GET(self) -> None:
            self.answer(200, (folder / self.path.lstrip("/")).read_bytes(), {"Content-Type": "application/rss+xml"})

    with _served(Handler) as address:
        yield f"http://{address}"


def once(folder: Path) -> None:
    done = alerts("run", "--once", folder=folder)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("max_age", ["24h", "0"])
def test_a_first_poll_tells_of_nothing_older_than_max_age_and_of_everything_where_there_is_none(tmp_path, max_age):
    old = [item(strike(number)[1], guid=f"g{number}", days_ago=2 + number / 10) for number in range(200)]
    feed(tmp_path, item(strike(200)[1], guid="g200"), *old)
    with folder_served(tmp_path) as wire, hook() as desk:
        furnish(tmp_path, feeds=[f"{wire}/feed.xml"], channels={"desk": desk.url}, poll={**POLL, "max_age": max_age})
        once(tmp_path)
        told = [number for number in range(201) if desk.told(strike(number)[1])]
        assert told == ([200] if max_age == "24h" else list(range(201)))


def test_a_text_that_changes_is_matched_again_and_no_rule_tells_of_it_twice(tmp_path):
    hit, museum = strike(1)[1], quiet(1)[1]
    feed(tmp_path, item(hit, guid="1", link="https://example.org/1"), item(museum, guid="2", link="https://example.org/2"))
    with folder_served(tmp_path) as wire, hook() as desk:
        furnish(tmp_path, feeds=[f"{wire}/feed.xml"], channels={"desk": desk.url})
        once(tmp_path)
        assert (desk.told(hit), desk.told(museum), len(desk.taken)) == (1, 0, 1)
        more = "A rocket hit Aleppo as well, the army said."
        for text in (more, f"{more} Three were hurt."):
            feed(
                tmp_path,
                item(hit, guid="1", link="https://example.org/1", text=text),
                item(museum, guid="2", link="https://example.org/2", text=text),
            )
            once(tmp_path)
        assert (desk.told(hit), desk.told(museum), len(desk.taken)) == (1, 1, 2)


def test_one_article_in_two_feeds_is_told_once(tmp_path):
    feed(tmp_path, item(strike(1)[1], guid="1", link="https://example.org/1?utm_source=rss"), name="one.xml")
    feed(tmp_path, item("Missile strike kills three in Raqqa: live updates", guid="x", link="http://example.org/1#top"), name="two.xml")
    with folder_served(tmp_path) as wire, hook() as desk:
        furnish(tmp_path, feeds=[f"{wire}/one.xml", f"{wire}/two.xml"], channels={"desk": desk.url})
        once(tmp_path)
        assert len(desk.taken) == 1


def test_a_feed_that_gives_all_its_entries_new_guids_tells_nobody_anything(tmp_path):
    def entries(place: str, numbers: range) -> list[str]:
        return [item(strike(n)[1], guid=f"{place}-{n}", link=f"https://{place}.example/{n}", days_ago=0.5) for n in numbers]

    feed(tmp_path, *entries("old", range(6)))
    with folder_served(tmp_path) as wire, hook() as desk:
        furnish(tmp_path, feeds=[f"{wire}/feed.xml"], channels={"desk": desk.url})
        once(tmp_path)
        assert len(desk.taken) == 6
        feed(tmp_path, *entries("new", range(7)))
        once(tmp_path)
        assert [desk.told(strike(n)[1]) for n in range(7)] == [1] * 7


@dataclass(frozen=True)
class Stuck:
    """A log that can be made to take nothing for a while."""

    url: str
    hold: Callable[[], None]
    let_go: Callable[[], None]


@pytest.fixture(params=["sqlite", pytest.param("kafka", marks=pytest.mark.kafka)])
def stuck(request, tmp_path) -> Iterator[Stuck]:
    """The embedded log, whose file another process can lock; a broker that can be frozen."""
    if request.param == "kafka":
        with request.getfixturevalue("broker_of_its_own")() as broker:
            yield Stuck(f"kafka://{broker.servers}", broker.freeze, broker.thaw)
        return
    with ExitStack() as locked:

        def lock() -> None:
            connection = sqlite3.connect(tmp_path / "var" / "alerts.db", timeout=30, isolation_level=None, check_same_thread=False)
            locked.callback(connection.close)
            connection.execute("BEGIN IMMEDIATE")

        yield Stuck("sqlite:var/alerts.db", lock, locked.close)


def test_killed_between_response_and_commit_the_item_is_told_all_the_same_and_once(tmp_path, stuck):
    """The log can take nothing from before the answer goes out until the process is dead."""
    answered = threading.Event()
    body = rss([strike(1)])

    class Handler(_Quiet):
        def do_GET(self) -> None:
            if answered.is_set():
                self.answer(200, body, {"ETag": '"1"'})
                return
            stuck.hold()
            self.answer(200, body, {"ETag": '"1"'})
            answered.set()

    with _served(Handler) as address, hook() as desk:
        furnish(tmp_path, feeds=[f"http://{address}/feed.xml"], channels={"desk": desk.url}, log=stuck.url)
        with running("run", folder=tmp_path) as it:
            assert answered.wait(60)
            it.kill()
        stuck.let_go()
        assert desk.taken == []
        with running("run", folder=tmp_path, name="again") as again:
            until(lambda: desk.taken, within_s=60, what=again.talk)
        once(tmp_path)
        assert desk.told(strike(1)[1]) == 1


@pytest.mark.parametrize("link", ["https://example.org/", "https://example.org/live"])
def test_one_link_for_all_entries_hides_none_of_them(tmp_path, link):
    feed(tmp_path, *(item(strike(n)[1], guid=str(n), link=link) for n in range(3)))
    with folder_served(tmp_path) as wire, hook() as desk:
        furnish(tmp_path, feeds=[f"{wire}/feed.xml"], channels={"desk": desk.url})
        once(tmp_path)
        feed(tmp_path, item(strike(3)[1], guid="3", link=link))
        once(tmp_path)
        feed(tmp_path, item(strike(4)[1], guid="4", link=link, days_ago=0))
        once(tmp_path)
        assert [desk.told(strike(n)[1]) for n in range(5)] == [1] * 5
