"""The event loop of a poller: every feed of ours asked at its time, and what came of it handed over to be committed.

A feed that waits is one timer; a poll is one task. A poll that brought articles holds its feed until they are committed; one that brought
nothing does not, for all that a crash can lose of it is when it was. Now and then all feeds are looked at together: the pace is set anew,
and what ops should hear of is found.

What it deliberately does not do: it commits nothing and knows no log but its records. Turns at hosts and places at once are the
`Fetcher`'s.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

import msgspec

from ..config import Config, Feed
from ..errors import FeedError
from ..feeds import Fetcher, Parser, Request, articles_from
from ..feeds.documents import Document
from ..feeds.health import looked_at, review
from ..feeds.hosts import HostHeld
from ..feeds.manners import after_answer, after_error, request
from ..log import Output, partition_of
from ..log.protocol import RECORD_BYTES_MAX
from ..records import Article, FeedState, encode
from ..schedule import Want, adjusted, arrivals, first_due, interval_s, learned, next_due, settled
from .agenda import Agenda
from .deliveries import CLOCKS_DIFFER_MAX
from .feed_states import SMALL, small, whole

__all__ = ["REVIEW_S", "Parcel", "Polling", "Share", "fitting"]

log = logging.getLogger(__name__)

ARTICLE_BYTES_MAX = RECORD_BYTES_MAX * 3 // 4
"""Of an article's JSON; the rest of a record's bound is for the evidence that a match adds."""
REVIEW_S = 60.0
"""How often all feeds are looked at together."""
RECORD_EVERY = timedelta(seconds=30)
"""A poll that changed nothing leaves a record at most this often: a restart asks feeds that are due this soon again anyway."""
BUDGET = 2.0
"""How many times what `every` alone would cost the polls of all feeds may cost, unless the configuration says otherwise."""

_TIMES = frozenset({"polled", "succeeded", "next", "not_before"})
_lasting = attrgetter(*(name for name in SMALL if name not in _TIMES))


class Share(NamedTuple):
    """A partition that is ours, and for the how-manieth time: what was polled for an earlier time is not committed in a later one."""

    partition: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is to be committed together or not at all: records of one feed, or, without a share, notices."""

    key: str
    outputs: tuple[Output, ...]
    share: Share | None = None
    name: str = ""
    articles: int = 0


@dataclass(slots=True)
class _Following:
    """A feed of ours: what is known of it, what of that is on the log or on its way there, and what it waits for."""

    feed: Feed
    share: Share
    state: FeedState
    written: FeedState
    wait_s: float | None = None
    """Its interval by the pace of now; None is `every`."""
    task: asyncio.Task[None] | None = None


class Polling:
    """The event loop and its thread. The public methods are for the other thread."""

    def __init__(
        self,
        config: Config,
        *,
        partitions: int,
        hand_over: Callable[[Sequence[Parcel]], None],
        clock: Callable[[], datetime],
        chance: Callable[[], float],
        once: bool,
        review_s: float,
    ) -> None:
        self._config = config
        self._partitions = partitions
        self._hand_over = hand_over
        self._clock = clock
        self._chance = chance
        self._once = once
        self._review_s = review_s
        self._states: dict[Share, dict[str, FeedState]] = {}
        self._followed: dict[str, _Following] = {}
        self._agenda = Agenda(self._begin)
        self._running: set[asyncio.Task[None]] = set()
        self._k = 0.0
        self._end = asyncio.Event()
        self._loop: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), name="fetch", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._loop.result()

    def stop(self) -> None:
        self._call(self._end.set)
        self._thread.join()

    def gain(self, states: Mapping[Share, dict[str, FeedState]]) -> None:
        """Poll the feeds of these shares, from these states on."""
        self._call(self._gain, states)

    def lose(self, shares: Iterable[Share]) -> None:
        """Poll the feeds of these shares no longer."""
        self._call(self._lose, frozenset(shares))

    def configure(self, config: Config) -> None:
        if config is not self._config:
            self._call(self._configure, config)

    def _call(self, function: Callable[..., None], *args: object) -> None:
        self._loop.result().call_soon_threadsafe(function, *args)

    # In the event loop

    async def _main(self) -> None:
        self._loop.set_result(asyncio.get_running_loop())
        self._parser = Parser()
        try:
            async with Fetcher(contact=self._config.poll.contact) as self._fetcher:
                while not self._end.is_set():
                    await self._ended_within(self._review_s)
                    self._hand_over(self._reviewed())
                self._lose(frozenset(self._states))
                await asyncio.gather(*self._running, return_exceptions=True)
        finally:
            await self._parser.close()

    async def _ended_within(self, timeout_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._end.wait()

    def _gain(self, states: Mapping[Share, dict[str, FeedState]]) -> None:
        self._states.update(states)
        self._follow_all()

    def _lose(self, shares: frozenset[Share]) -> None:
        for share in shares:
            self._states.pop(share, None)
        self._follow_all()

    def _configure(self, config: Config) -> None:
        self._config = config
        self._fetcher.contact = config.poll.contact
        self._follow_all()

    # Which feeds are ours

    def _follow_all(self) -> None:
        """Follow what is ours and not followed yet; end what is no longer ours or no longer in the configuration."""
        shares = {share.partition: share for share in self._states}
        wanted = {feed.key: (feed, shares.get(partition_of(feed.key, self._partitions))) for feed in self._config.feeds}
        for key, following in list(self._followed.items()):
            feed, share = wanted.get(key, (None, None))
            if feed is None or share != following.share:
                self._agenda.drop(key)
                if following.task is not None:
                    following.task.cancel()
                del self._followed[key]
                if following.share in self._states:
                    self._states[following.share][key] = following.state
            elif feed != following.feed:
                self._change(following, feed)
        for key, (feed, share) in wanted.items():
            if share is not None and key not in self._followed:
                self._follow(feed, share, self._states[share].get(key) or FeedState())
        self._set_pace()

    def _follow(self, feed: Feed, share: Share, state: FeedState) -> None:
        """A restart waits out what was planned; what is new or overdue is spread, so that a start is no burst."""
        now = self._clock()
        state = _without_plans_of_the_future(state, now=now)
        due = state.next
        if due is None or due < now:
            due = first_due(feed.url, now=now, every=feed.every, feeds=len(self._config.feeds))
        if state.not_before is not None and state.not_before > now and state.failures and state.gone is None:
            self._fetcher.recall(self._request(feed, state), wait_s=(state.not_before - now).total_seconds())
        following = self._followed[feed.key] = _Following(feed, share, state, state)
        self._wait(following, now if self._once else due)

    def _change(self, following: _Following, feed: Feed) -> None:
        """The feed stands otherwise in the configuration; a poll under way goes on as it began."""
        following.feed = feed
        if feed.key in self._agenda:
            state, soon = following.state, self._clock() + feed.every
            wished = soon if state.gone is not None else state.not_before or soon  # a feed that was gone may have been mended
            self._wait(following, min(state.next or soon, max(soon, wished)))

    def _wait(self, following: _Following, due: datetime) -> None:
        self._agenda.put(following.feed.key, wait_s=max(0.0, (due - self._clock()).total_seconds()))

    def _begin(self, key: str) -> None:
        following = self._followed[key]
        following.task = asyncio.get_running_loop().create_task(self._poll(following))
        self._running.add(following.task)

    # One poll

    async def _poll(self, following: _Following) -> None:
        """Ask once, hand over what came of it, and see to the next time whatever happened."""
        feed, task = following.feed, following.task
        try:
            state, articles = await self._outcome(feed, following)
            parcels = self._recorded(following, msgspec.structs.replace(state, told=following.state.told), articles)
            due = state.next or self._clock() + feed.every
        except Exception:
            log.exception("what came of a poll cannot be recorded; the feed is asked again", extra={"feed": feed.name})
            parcels, due = [Parcel(feed.key, (), following.share)], self._clock() + feed.every
        finally:
            if task is not None:
                self._running.discard(task)
        following.task = None
        if not self._once:
            self._wait(following, due)
        elif not self._running:
            parcels += self._reviewed()  # with the last feed, which is what the other thread waits for
        if parcels:
            self._hand_over(parcels)

    async def _outcome(self, feed: Feed, following: _Following) -> tuple[FeedState, tuple[Article, ...]]:
        """The state after one poll, with the time of the next, and what is new."""
        before = following.state
        articles: tuple[Article, ...] = ()
        try:
            state, articles = await self._fetched(feed, before)
        except HostHeld as error:
            state = after_error(before, error, now=self._clock())
            return msgspec.structs.replace(state, name=feed.name, next=state.not_before), ()
        except FeedError as error:
            state = self._failed(feed, before, error)
        except Exception as error:
            log.exception("a feed met an error of ours; it is tried again", extra={"feed": feed.name})
            state = self._failed(feed, before, FeedError(f"{type(error).__name__}: {error}"))
        now = self._clock()
        if state.rhythm is not before.rhythm:
            following.wait_s = self._interval_s(feed, state, now=now)
        due = next_due(state, now=now, every=feed.every, wait_s=following.wait_s, jitter=self._chance())
        return msgspec.structs.replace(state, name=feed.name, polled=now, next=due), articles

    async def _fetched(self, feed: Feed, state: FeedState) -> tuple[FeedState, tuple[Article, ...]]:
        document: Document | None = None
        articles: tuple[Article, ...] = ()
        async with self._fetcher.fetched(self._request(feed, state)) as answer:
            body = state.body if answer.status == 304 else hashlib.sha256(answer.body).hexdigest()
            if body != state.body:
                document = await self._parser.parse(answer, known=state.entries)
        now = self._clock()
        if document is not None:
            state, articles = _read(feed, state, document, now=now)
        if state.failures:
            log.info("feed recovered", extra={"feed": feed.name, "failures": state.failures})
        wishes = document.wishes if document is not None else None
        state = after_answer(state, answer, url=feed.url, now=now, wishes=wishes, secrets=self._config.secrets)
        return msgspec.structs.replace(state, body=body, succeeded=now, failing=None, kind=""), articles

    def _request(self, feed: Feed, state: FeedState) -> Request:
        return request(feed, state, proxy=self._config.poll.proxy)

    def _failed(self, feed: Feed, state: FeedState, error: FeedError) -> FeedState:
        level = logging.WARNING if not state.failures else logging.DEBUG
        log.log(level, "feed failed", extra={"feed": feed.name, "reason": str(error)})
        now = self._clock()
        return msgspec.structs.replace(after_error(state, error, now=now), failing=state.failing or now, kind=error.kind)

    # What goes to the log

    def _recorded(self, following: _Following, state: FeedState, articles: tuple[Article, ...] = ()) -> list[Parcel]:
        """Take the feed's new state; what of it has changed since its last record, if anything has."""
        feed, written = following.feed, following.written
        if articles or state.rhythm is not written.rhythm or (state.seen is not written.seen and state.seen != written.seen):
            outputs = (*(Output("articles", article.id, fitting(article)) for article in articles), whole(feed.key, state))
        elif self._once or _is_worth_a_record(state, written):
            outputs = (small(feed.key, state, partitions=self._partitions),)
        else:
            following.state = state
            return []
        following.state = following.written = state
        return [Parcel(feed.key, outputs, following.share, feed.name, len(articles))]

    def _reviewed(self) -> list[Parcel]:
        """Set the pace, and find what ops should hear of the feeds."""
        now = self._clock()
        self._set_pace()
        states = {key: following.state for key, following in self._followed.items() if following.state.polled is not None}
        found = review(states, names={key: self._followed[key].feed.name for key in states}, now=now)
        parcels = [Parcel("", tuple(Output("notices", "", encode(notice)) for notice in found.notices))] if found.notices else []
        for key, told in found.told.items():
            following = self._followed[key]
            parcels += self._recorded(following, msgspec.structs.replace(following.state, told=told))
        return parcels

    def _set_pace(self) -> None:
        """Move the factor of all intervals to where our feeds cost our share of the budget."""
        feeds = [following for following in self._followed.values() if not _is_local(following.feed)]
        if not feeds:
            return
        wants = [Want(one.state.rhythm, one.feed.every.total_seconds(), _least_s(one.state)) for one in feeds]
        per_s, now = self._budget_per_s(one.feed for one in feeds), self._clock()
        self._k = adjusted(self._k, wants, per_s=per_s, now=now) if self._k else settled(wants, per_s=per_s, now=now)
        for one in feeds:
            one.wait_s = self._interval_s(one.feed, one.state, now=now)

    def _interval_s(self, feed: Feed, state: FeedState, *, now: datetime) -> float | None:
        return None if _is_local(feed) else interval_s(Want(state.rhythm, feed.every.total_seconds()), k=self._k, now=now)

    def _budget_per_s(self, ours: Iterable[Feed]) -> float:
        """Our share of the requests that all feeds may cost: as much as our feeds would have of it by `every` alone."""
        share = sum(1 / feed.every.total_seconds() for feed in ours)
        if not self._config.poll.budget:
            return BUDGET * share
        everybody = sum(1 / feed.every.total_seconds() for feed in self._config.feeds if not _is_local(feed))
        return self._config.poll.budget / 60 * share / everybody


def _read(feed: Feed, before: FeedState, document: Document, *, now: datetime) -> tuple[FeedState, tuple[Article, ...]]:
    """What is new in a document, and the state with what it tells of the feed."""
    first = before.succeeded is None
    news = articles_from(document, before, feed=feed.name, now=now, max_age=feed.max_age, first=first)
    state = looked_at(news.state, size=document.size, published=news.dates, now=now)
    rhythm = state.rhythm
    if first or news.dates:
        came = arrivals(news.dates, last=before.succeeded, now=now)
        rhythm = learned(rhythm, came, now=now, entries=document.size)
    articles = tuple(_in_language(article, feed.language) for article in news.articles)
    changed = now if articles else state.changed
    return msgspec.structs.replace(state, rhythm=rhythm, changed=changed, articles=state.articles + len(articles)), articles


def _without_plans_of_the_future(state: FeedState, *, now: datetime) -> FeedState:
    """The state without what a clock planned that was put back since: it could be years away."""
    if state.polled is None or state.polled <= now + CLOCKS_DIFFER_MAX:
        return state
    return msgspec.structs.replace(state, next=None, not_before=None)


def _is_worth_a_record(state: FeedState, written: FeedState) -> bool:
    """Whether a restart would miss it: more than another poll without news, or that the next one is some time away."""
    if state.polled is None or state.next is None or written.polled is None:
        return True
    soon = abs(state.polled - written.polled) < RECORD_EVERY and state.next - state.polled < RECORD_EVERY
    return not soon or _lasting(state) != _lasting(written)


def _least_s(state: FeedState) -> float:
    """How long a feed must wait whatever the pace: what its server wished, or how far a failing one has backed off."""
    until = max((time for time in (state.not_before, state.next if state.failures else None) if time is not None), default=None)
    return max(0.0, (until - state.polled).total_seconds()) if until is not None and state.polled is not None else 0.0


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


def _in_language(article: Article, language: str) -> Article:
    return article if article.language or not language else msgspec.structs.replace(article, language=language)


def _is_local(feed: Feed) -> bool:
    return feed.url.startswith("file:")
