"""The poller: each feed at its time, conditionally, and its articles and new state in one commit.

Two threads: this one owns the membership and commits what has been fetched since its last turn, all feeds together; the other runs an
event loop in which each feed of our partitions is one task: wait until it is due, fetch, parse, hand the result over, go on only
when it is committed. A feed whose partition is lost is cancelled; its result, if one is under way, is never committed (the log
fences it), and the member that has it now fetches again.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import queue
import random
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from ..config import Config, Feed
from ..errors import FeedError, Fenced, LogUnavailable
from ..feeds import Fetcher, Parser, Request, articles_from, shown
from ..log import Log, Output, Reader, partition_of
from ..log.protocol import RECORD_BYTES_MAX
from ..records import Article, FeedState, RecordError, decode, encode
from ..schedule import first_due, next_due
from .carrying import WAIT_S, Outage, Stop
from .setup import Setup

__all__ = ["Poller"]

log = logging.getLogger(__name__)

AT_ONCE = 64
"""Fetches under way in one process."""
PER_HOST = 2
ARTICLE_BYTES_MAX = RECORD_BYTES_MAX * 3 // 4
"""Of an article's JSON; the rest of a record's bound is for the evidence that a match adds."""
COMMIT_RECORDS_MAX = 2_000
"""About how many records one commit holds; what comes beyond waits for the next."""


@dataclass(slots=True)
class _Result:
    """What one poll of one feed brought: committed or not, `done` tells the feed's task."""

    feed: Feed
    state: FeedState
    articles: tuple[Article, ...]
    done: asyncio.Future[bool]


class Poller:
    """feeds of the world -> articles, feeds."""

    topic = "feeds"
    group = "poller"

    def __init__(
        self,
        source: Log,
        setup: Callable[[], Setup],
        *,
        clock: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
        once: bool = False,
    ) -> None:
        self._log = source
        self._setup = setup
        self._clock = clock
        self._chance = chance
        self._once = once
        self._outage = Outage(self.group)
        self._results: queue.SimpleQueue[_Result] = queue.SimpleQueue()
        self._done: set[str] = set()
        self._unread: set[int] = set()
        """Partitions of ours whose states could not be read yet."""
        self.polled = threading.Event()
        """With `once`: every feed has been polled, and what it brought is committed."""

    def run(self, *, stop: Stop, beat: Callable[[], None] = lambda: None) -> None:
        """Poll until `stop`."""
        with self._log.reader(self.topic, group=self.group, fetch=False) as reader, stop.waking(reader.wake):
            polling = _Polling(
                self._setup().config,
                partitions=self._log.partitions(self.topic),
                hand_over=lambda result: self._take_over(result, reader),
                clock=self._clock,
                chance=self._chance,
                once=self._once,
            )
            polling.start()
            try:
                while not stop:
                    try:
                        self._turn(reader, polling)
                        beat()
                    except LogUnavailable as error:
                        self._outage.warn(error)
                        stop.wait(WAIT_S)
            finally:
                polling.stop()

    def _take_over(self, result: _Result, reader: Reader) -> None:
        """A result from the other thread, to be committed with the next turn, which is now."""
        self._results.put(result)
        reader.wake()

    def _turn(self, reader: Reader, polling: _Polling) -> None:
        batch = reader.poll(timeout_s=1.0)
        if batch.lost:
            polling.lose(batch.lost)
        self._unread = self._unread - batch.lost | set(batch.gained)
        if self._unread:
            polling.gain({partition: self._states(partition) for partition in self._unread})
            self._unread = set()
        polling.configure(self._setup().config)
        results = self._drained()
        if results:
            committed = self._commit(reader, results)
            polling.settle(results, committed=committed)
            self._done.update(result.feed.key for result in results if committed)
        if self._once and not self.polled.is_set() and self._all_polled(reader):
            self.polled.set()

    def _all_polled(self, reader: Reader) -> bool:
        """Whether every feed has been polled, or is another member's to poll."""
        count = self._log.partitions(self.topic)
        alone = len(self._log.members(self.topic, group=self.group)) <= 1
        open_feeds = {partition_of(feed.key, count) for feed in self._setup().config.feeds if feed.key not in self._done}
        return not open_feeds if alone else open_feeds.isdisjoint(reader.assigned)

    def _states(self, partition: int) -> dict[str, FeedState]:
        states: dict[str, FeedState] = {}
        for record in self._log.read(self.topic, partition):
            states.pop(record.key, None)
            if record.value is not None:
                try:
                    states[record.key] = decode(record.value, FeedState)
                except RecordError as error:
                    log.error("a feed's state cannot be read; it starts anew", extra={"feed": shown(record.key), "reason": str(error)})
        return states

    def _drained(self) -> list[_Result]:
        results: list[_Result] = []
        size = 0
        while size < COMMIT_RECORDS_MAX:
            try:
                results.append(self._results.get_nowait())
            except queue.Empty:
                break
            size += len(results[-1].articles) + 1
        return results

    def _commit(self, reader: Reader, results: list[_Result]) -> bool:
        outputs = [output for result in results for output in _outputs(result)]
        try:
            reader.commit(outputs)
        except Fenced:
            log.info("fenced", extra={"stage": self.group})
            return False
        except LogUnavailable as error:
            self._outage.warn(error)
            return False
        for result in results:
            if result.articles:
                log.info("fetched", extra={"feed": result.feed.name, "articles": len(result.articles)})
        return True


def _outputs(result: _Result) -> list[Output]:
    articles = [Output("articles", article.id, fitting(article)) for article in result.articles]
    return [*articles, Output("feeds", result.feed.key, encode(result.state))]


def fitting(article: Article) -> bytes:
    """The article as JSON within the log's bound; texts that go beyond it are cut at the end, by half until they fit."""
    value = encode(article)
    texts = ("content", "summary", "title", "url")
    while len(value) > ARTICLE_BYTES_MAX and any(getattr(article, name) for name in texts):
        longest = max(texts, key=lambda name: len(getattr(article, name)))
        text = getattr(article, longest)
        article = msgspec.structs.replace(article, **{longest: text[: len(text) // 2]})
        value = encode(article)
    return value


@dataclass(slots=True)
class _Following:
    """A feed of ours and the task that follows it."""

    feed: Feed
    task: asyncio.Task[None]


class _Polling:
    """The event loop and its thread. The public methods are for the other thread."""

    def __init__(
        self,
        config: Config,
        *,
        partitions: int,
        hand_over: Callable[[_Result], None],
        clock: Callable[[], datetime],
        chance: Callable[[], float],
        once: bool,
    ) -> None:
        self._config = config
        self._partitions = partitions
        self._hand_over = hand_over
        self._clock = clock
        self._chance = chance
        self._once = once
        self._states: dict[int, dict[str, FeedState]] = {}
        self._tasks: dict[str, _Following] = {}
        self._hosts: dict[str, asyncio.Semaphore] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._end = asyncio.Event()
        self._loop: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), name="fetch", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._loop.result()

    def stop(self) -> None:
        self._call(self._end.set)
        self._thread.join()

    def gain(self, states: dict[int, dict[str, FeedState]]) -> None:
        self._call(self._gain, states)

    def lose(self, partitions: frozenset[int]) -> None:
        self._call(self._lose, partitions)

    def configure(self, config: Config) -> None:
        if config is not self._config:
            self._call(self._configure, config)

    def settle(self, results: list[_Result], *, committed: bool) -> None:
        self._call(self._settle, results, committed)

    def _call(self, function: Callable[..., None], *args: object) -> None:
        self._loop.result().call_soon_threadsafe(function, *args)

    # In the event loop

    async def _main(self) -> None:
        self._loop.set_result(asyncio.get_running_loop())
        self._parser = Parser()
        try:
            async with Fetcher(contact=self._config.poll.contact) as self._fetcher:
                await self._end.wait()
                tasks = [following.task for following in self._tasks.values()]
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            await self._parser.close()

    def _gain(self, states: dict[int, dict[str, FeedState]]) -> None:
        self._states.update(states)
        self._follow_all()

    def _lose(self, partitions: frozenset[int]) -> None:
        for partition in partitions:
            self._states.pop(partition, None)
        self._follow_all()

    def _configure(self, config: Config) -> None:
        self._config = config
        self._fetcher.contact = config.poll.contact
        self._follow_all()

    def _follow_all(self) -> None:
        """Start what is ours and not followed yet; end what is no longer ours or stands otherwise in the configuration."""
        wanted = {feed.key: feed for feed in self._config.feeds if self._partition(feed) in self._states}
        for key, following in list(self._tasks.items()):
            if wanted.get(key) != following.feed:
                following.task.cancel()
                del self._tasks[key]
        for key, feed in wanted.items():
            if key not in self._tasks:
                state = self._states[self._partition(feed)].get(key) or FeedState()
                wait_s = self._first_wait_s(feed, state)
                self._tasks[key] = _Following(feed, asyncio.ensure_future(self._follow(feed, state, wait_s)))

    def _partition(self, feed: Feed) -> int:
        return partition_of(feed.key, self._partitions)

    def _first_wait_s(self, feed: Feed, state: FeedState) -> float:
        """A restart waits out what was planned; what is new or overdue is spread, so that a start is no burst."""
        if self._once:
            return 0.0
        now = self._clock()
        due = state.next
        if due is None or due < now:
            due = first_due(feed.url, now=now, every=feed.every, feeds=len(self._config.feeds))
        return (due - now).total_seconds()

    async def _follow(self, feed: Feed, state: FeedState, wait_s: float) -> None:
        while True:
            await asyncio.sleep(wait_s)
            async with self._slots, self._hosts.setdefault(_host(feed.url), asyncio.Semaphore(PER_HOST)):
                state, articles = await self._poll(feed, state)
            if not await self._handed(feed, state, articles):
                return  # whoever has the partition now, perhaps this member again, goes on from what is committed
            self._states[self._partition(feed)][feed.key] = state
            if self._once:
                return
            wait_s = max(0.0, (state.next - self._clock()).total_seconds()) if state.next else feed.every.total_seconds()

    async def _handed(self, feed: Feed, state: FeedState, articles: tuple[Article, ...]) -> bool:
        """Hand a result to the thread that commits; whether it was committed."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._hand_over(_Result(feed, state, articles, done))
        return await done

    def _settle(self, results: list[_Result], committed: bool) -> None:
        for result in results:
            if not result.done.done():
                result.done.set_result(committed)

    async def _poll(self, feed: Feed, state: FeedState) -> tuple[FeedState, tuple[Article, ...]]:
        error: FeedError | None = None
        articles: tuple[Article, ...] = ()
        try:
            state, articles = await self._fetched(feed, state)
        except FeedError as caught:
            error = caught
        except Exception as caught:
            log.exception("a feed met an error of ours; it is tried again", extra={"feed": feed.name})
            error = FeedError(f"{type(caught).__name__}: {caught}")
        now = self._clock()
        state = self._outcome(feed, state, error, now=now)
        due = next_due(state, now=now, every=feed.every, error=error, jitter=self._chance())
        return msgspec.structs.replace(state, next=due, articles=state.articles + len(articles)), articles

    async def _fetched(self, feed: Feed, state: FeedState) -> tuple[FeedState, tuple[Article, ...]]:
        answer = await self._fetcher.fetch(_request(feed, state, self._config))
        state = msgspec.structs.replace(state, etag=answer.etag, modified=answer.modified)
        digest = hashlib.sha256(answer.body).hexdigest()
        if answer.status == 304 or digest == state.body:
            return state, ()
        document = await self._parser.parse(answer, known=state.entries)
        now = self._clock()
        news = articles_from(document, state, feed=feed.name, now=now, max_age=feed.max_age, first=state.succeeded is None)
        articles = tuple(_in_language(article, feed.language) for article in news.articles)
        changed = now if articles else state.changed
        return msgspec.structs.replace(news.state, body=digest, changed=changed), articles

    def _outcome(self, feed: Feed, state: FeedState, error: FeedError | None, *, now: datetime) -> FeedState:
        if error is None:
            if state.failures:
                log.info("feed recovered", extra={"feed": feed.name, "failures": state.failures})
            return msgspec.structs.replace(state, name=feed.name, polled=now, succeeded=now, failures=0, reason="")
        level = logging.WARNING if not state.failures else logging.DEBUG
        log.log(level, "feed failed", extra={"feed": feed.name, "reason": str(error)})
        return msgspec.structs.replace(state, name=feed.name, polled=now, failures=state.failures + 1, reason=str(error))


def _request(feed: Feed, state: FeedState, config: Config) -> Request:
    return Request(
        url=feed.url,
        etag=state.etag,
        modified=state.modified,
        headers=feed.headers,
        user=feed.user,
        password=feed.password,
        allow_private_addresses=feed.allow_private_addresses,
        proxy=config.poll.proxy,
    )


def _in_language(article: Article, language: str) -> Article:
    return article if article.language or not language else msgspec.structs.replace(article, language=language)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
