"""The poller: articles and the feed's new state in one commit, at the feed's own time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.errors import Fenced
from alerts.log import Log, Reader, open_log, topics
from alerts.records import Age, Article, FeedState, Notice, decode
from alerts.stages.carrying import Stop
from alerts.stages.feed_states import feed_states
from alerts.stages.poller import Poller
from alerts.stages.polling import fitting
from alerts.stages.service import utc_now
from alerts.stages.setup import Setup, set_up
from tests.builders import article
from tests.e2e.places import furnish, strike
from tests.fakes import site, until


@contextmanager
def polling(
    log: Log, setup: Setup, *, once: bool = False, review_s: float = 60, clock: Callable[[], datetime] = utc_now
) -> Iterator[Poller]:
    """A poller at work in a thread of its own."""
    poller, stop, failed = Poller(log, lambda: setup, clock=clock, chance=lambda: 0.5, once=once, review_s=review_s), Stop(), []

    def run() -> None:
        try:
            poller.run(stop=stop)
        except BaseException as error:
            failed.append(error)
            raise

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield poller
    finally:
        stop.set()
        thread.join()
    assert failed == []


@pytest.fixture
def polled(tmp_path):
    """A setup that polls these feeds."""

    def setup(*urls: str, every: str = "1s") -> Setup:
        furnish(tmp_path, feeds=urls, channels={"console": "console:"}, every=every)
        return set_up(tmp_path / "alerts.yaml", environ={}, rules=False, channels=False)

    return setup


def articles(log: Log) -> list[Article]:
    return [decode(record.value, Article) for partition in range(2) for record in log.read("articles", partition)]


def states(log: Log) -> dict[str, FeedState]:
    return feed_states(log)


def test_each_item_is_logged_once_however_often_the_feed_is_polled(log, polled):
    with site([strike(1), strike(2)]) as wire, polling(log, polled(wire.url)):
        until(lambda: wire.requests >= 3)
        assert len(articles(log)) == 2
        wire.items.insert(0, strike(3))
        until(lambda: len(articles(log)) == 3)


def test_a_restart_neither_hammers_nor_forgets(log, polled):
    with site([strike(1)]) as wire:
        setup = polled(wire.url, every="1h")
        with polling(log, setup):
            until(lambda: articles(log))
        with polling(log, setup) as again:
            until(lambda: again._log.members("feeds", group="poller"))
            until(lambda: states(log))
        assert wire.requests == 1
        assert len(articles(log)) == 1
        (state,) = states(log).values()
        assert state.next - state.polled > timedelta(minutes=50)
        assert state.etag


def test_a_plan_made_by_a_clock_that_was_years_ahead_binds_nobody(log, polled):
    """A machine without a battery, or before it has asked for the time."""
    with site([strike(1)]) as wire:
        setup = polled(wire.url, every="5m")
        with polling(log, setup, clock=lambda: utc_now() + timedelta(days=3650)):
            until(lambda: states(log))
        assert wire.requests == 1
        wire.items.insert(0, strike(2))
        with polling(log, setup):
            until(lambda: len(articles(log)) == 2)
        with polling(log, setup):
            until(lambda: states(log)[wire.url].next < utc_now() + timedelta(minutes=6), what="a plan by the clock of now")
        assert wire.requests == 2


def test_two_pollers_share_the_feeds_and_each_takes_over_from_the_other(tmp_path, log, polled):
    with site([strike(1)]) as wire, site([strike(2)]) as daily, site([strike(3)]) as third:
        setup = polled(wire.url, daily.url, third.url)
        with open_log("sqlite:alerts.db", topics=topics(partitions=2), instance="other", base=tmp_path) as second, polling(log, setup):
            with polling(second, setup):
                until(lambda: len(log.members("feeds", group="poller")) == 2)
                until(lambda: len(articles(log)) == 3)
            before = wire.requests, daily.requests, third.requests
            until(lambda: all(now > then for now, then in zip((wire.requests, daily.requests, third.requests), before, strict=True)))
        assert len(articles(log)) == 3


def notices(log: Log) -> list[Notice]:
    return [decode(record.value, Notice) for record in log.read("notices", 0)]


def test_ops_hear_once_of_a_feed_that_is_gone_whoever_polls_it(log, polled):
    with site([strike(1)]) as wire:
        wire.status = 410
        setup = polled(wire.url)
        with polling(log, setup, review_s=0.05):
            until(lambda: notices(log))
        with polling(log, setup, review_s=0.05) as again:
            until(lambda: again._log.members("feeds", group="poller"))
            until(lambda: states(log)[wire.url].told)
    (notice,) = notices(log)
    assert notice.title.endswith("is gone for good (410)")
    assert wire.requests == 1  # a week must pass


def test_once_tells_what_it_finds(log, polled):
    with site([strike(1)]) as wire:
        wire.status = 410
        with polling(log, polled(wire.url), once=True) as poller:
            until(poller.polled.is_set)
            assert len(notices(log)) == 1


def test_a_feed_without_news_leaves_small_records_and_its_whole_state_only_once(log, polled):
    with site([strike(1)]) as wire, polling(log, polled(wire.url)):
        until(lambda: wire.requests >= 4)
    whole = [record for partition in range(2) for record in log.read("feeds", partition) if record.key == wire.url]
    assert len(whole) == 1


def test_a_rhythm_is_learned_and_remembered(log, polled):
    with site([strike(number) for number in range(5)]) as wire, polling(log, polled(wire.url)):
        until(lambda: articles(log))
        wire.items.insert(0, strike(9))
        until(lambda: len(articles(log)) == 6)
    rhythm = states(log)[wire.url].rhythm
    assert rhythm.entries == 6
    assert rhythm.newest >= rhythm.watched  # however old its date is: it came between two polls


def test_an_edit_of_the_configuration_takes_effect_without_asking_again_at_once(log, polled):
    with site([strike(1)]) as wire:
        slow, fast = polled(wire.url, every="1h"), polled(wire.url, every="1s")
        current = [slow]
        poller, stop = Poller(log, lambda: current[0], clock=utc_now), Stop()
        thread = threading.Thread(target=lambda: poller.run(stop=stop))
        thread.start()
        try:
            until(lambda: articles(log))
            assert wire.requests == 1
            current[0] = fast
            until(lambda: wire.requests >= 3)
        finally:
            stop.set()
            thread.join()


class _FencedOnce:
    """A log whose next commit of a member is fenced, as if its partitions had been given away meanwhile."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.fences = 1

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)

    def reader(self, *arguments: object, **options: object) -> Reader:
        reader = self._log.reader(*arguments, **options)
        commit = reader.commit

        def fenced(outputs=(), *, after=None):
            if self.fences:
                self.fences -= 1
                outputs = list(outputs)
                assert outputs
                reader.close()
                raise Fenced("given away")
            commit(outputs, after=after)

        reader.commit = fenced
        return reader


def test_what_was_fetched_and_never_committed_is_fetched_again(tmp_path, log, polled):
    """The poller dies between response and commit; the one that takes over logs the item, once."""
    with site([strike(1)]) as wire:
        setup = polled(wire.url)
        dying = Poller(_FencedOnce(log), lambda: setup, clock=utc_now)
        with pytest.raises(Exception), log.reader("feeds", group="other", fetch=False):  # noqa: B017, PT011 -- however it ends
            dying.run(stop=Stop())
        assert articles(log) == []
        with polling(log, setup):
            until(lambda: articles(log))
        assert len(articles(log)) == 1


def test_what_was_published_before_the_first_poll_is_backlog_and_later_items_are_fresh(log, polled):
    with site([strike(1)]) as wire:
        setup = polled(wire.url)
        feeds = tuple(replace(feed, max_age=timedelta(hours=24)) for feed in setup.config.feeds)
        setup = replace(setup, config=replace(setup.config, feeds=feeds))
        with polling(log, setup):
            until(lambda: articles(log))
    assert [one.age for one in articles(log)] == [Age.BACKLOG]


def test_once_ends_when_every_feed_was_polled_though_one_is_unreachable(log, polled):
    with site([strike(1)]) as wire, polling(log, polled(wire.url, "http://127.0.0.1:9/feed"), once=True) as poller:
        until(poller.polled.is_set)
        assert wire.requests == 1
        assert len(articles(log)) == 1
        assert sorted(state.failures for state in states(log).values()) == [0, 1]


@pytest.mark.parametrize("field", ["title", "summary", "content"])
def test_an_article_beyond_the_bound_of_a_record_is_cut_and_kept(field):
    value = fitting(article(id="a", **{field: "\x01" * 1_000_000}))
    assert len(value) < 900_000
    assert decode(value, Article).id
