"""The poller: each feed at its time, conditionally, and its articles and new state in one commit.

Two threads: this one owns the membership and commits what has been polled since its last turn, all feeds together; the other runs the
event loop in which feeds are asked (`polling`). What was polled for a partition that was lost meanwhile is thrown away, even if the
partition has come back: the member that had it in between has asked again, and what counts is what it has committed.
"""

from __future__ import annotations

import gc
import logging
import queue
import random
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from ..config import Config
from ..errors import Fenced, LogUnavailable
from ..log import Batch, Log, Reader, partition_of
from .carrying import WAIT_S, Outage, Stop
from .feed_states import states_of
from .polling import REVIEW_S, Parcel, Polling, Share
from .setup import Setup

__all__ = ["Poller"]

log = logging.getLogger(__name__)

COMMIT_RECORDS_MAX = 2_000
"""About how many records one commit holds; what comes beyond waits for the next."""
COMMIT_AT = 500
"""So many polls without news are committed at once, fewer with the next turn."""


_GC_AFTER = 20_000
"""After so many new objects Python looks for cycles, instead of 700: with thousands of feeds that took a fifth of all time."""


class Poller:
    """feeds of the world -> articles, feeds, notices."""

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
        review_s: float = REVIEW_S,
    ) -> None:
        self._log = source
        self._setup = setup
        self._clock = clock
        self._chance = chance
        self._once = once
        self._review_s = review_s
        self._outage = Outage(self.group)
        self._handed: queue.SimpleQueue[Sequence[Parcel]] = queue.SimpleQueue()
        self._epochs = 0
        self._shares: dict[int, Share] = {}
        self._unread: set[Share] = set()
        """Shares of ours whose states could not be read yet."""
        self._done: set[str] = set()
        self.polled = threading.Event()
        """With `once`: every feed has been polled, and what it brought is committed."""

    def run(self, *, stop: Stop, beat: Callable[[], None] = lambda: None) -> None:
        """Poll until `stop`."""
        gc.set_threshold(max(gc.get_threshold()[0], _GC_AFTER))
        with self._log.reader(self.topic, group=self.group, fetch=False) as reader, stop.waking(reader.wake):
            polling = Polling(
                self._setup().config,
                partitions=self._log.partitions(self.topic),
                hand_over=lambda parcels: self._take_over(parcels, reader),
                clock=self._clock,
                chance=self._chance,
                once=self._once,
                review_s=self._review_s,
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

    def _take_over(self, parcels: Sequence[Parcel], reader: Reader) -> None:
        """Parcels from the other thread: what is news is committed now, the rest with the next turn."""
        self._handed.put(parcels)
        if self._once or any(parcel.articles for parcel in parcels) or self._handed.qsize() == COMMIT_AT:
            reader.wake()

    def _turn(self, reader: Reader, polling: Polling) -> None:
        self._settle(reader.poll(timeout_s=WAIT_S), polling)
        config = self._setup().config
        polling.configure(config)
        while parcels := self._drained():
            if not self._commit(reader, parcels):
                polling.lose(self._shares.values())  # the next turn gains them anew, with what is committed
                self._shares.clear()
                return
            self._done.update(parcel.key for parcel in parcels)
        if self._once and not self.polled.is_set() and self._all_polled(reader, config):
            self.polled.set()

    def _settle(self, batch: Batch, polling: Polling) -> None:
        """Give up what is lost, take what is gained, with the states that the log knows."""
        lost = [self._shares.pop(partition) for partition in batch.lost | batch.gained.keys() if partition in self._shares]
        if lost:
            polling.lose(lost)
        for partition in batch.gained:
            self._epochs += 1
            self._shares[partition] = Share(partition, self._epochs)
        self._unread = {share for share in self._shares.values() if share in self._unread or share.partition in batch.gained}
        if self._unread:
            polling.gain({share: states_of(self._log.read(self.topic, share.partition)) for share in self._unread})
            self._unread = set()

    def _drained(self) -> list[Parcel]:
        """What has come since the last commit, of what is still ours."""
        parcels: list[Parcel] = []
        size = 0
        while size < COMMIT_RECORDS_MAX:
            try:
                handed = self._handed.get_nowait()
            except queue.Empty:
                break
            ours = [one for one in handed if one.share is None or self._shares.get(one.share.partition) == one.share]
            parcels += ours
            size += sum(len(parcel.outputs) for parcel in ours)
        return parcels

    def _commit(self, reader: Reader, parcels: Sequence[Parcel]) -> bool:
        try:
            reader.commit(output for parcel in parcels for output in parcel.outputs)
        except Fenced:
            log.info("fenced", extra={"stage": self.group})
            return False
        except LogUnavailable as error:
            self._outage.warn(error)
            return False
        for parcel in parcels:
            if parcel.articles:
                log.info("fetched", extra={"feed": parcel.name, "articles": parcel.articles})
        return True

    def _all_polled(self, reader: Reader, config: Config) -> bool:
        """Whether every feed has been polled, or is another member's to poll."""
        count = self._log.partitions(self.topic)
        alone = len(self._log.members(self.topic, group=self.group)) <= 1
        open_feeds = {partition_of(feed.key, count) for feed in config.feeds if feed.key not in self._done}
        return not open_feeds if alone else open_feeds.isdisjoint(reader.assigned)
