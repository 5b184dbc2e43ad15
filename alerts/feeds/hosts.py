"""Whose turn it is: two requests at once and one a second for each host, in the order they came, and hosts that asked for patience.

Where a host is free, and that is the rule, a turn costs nothing: no task is made, nothing is scheduled. Whoever must wait is one idle
future in its host's queue, so many feeds of one host are all polled, in rounds, as fast as the host's pace allows.

A Retry-After counts for the feed that got it (the schedule keeps it). Only while three feeds of a host are asked to wait is the whole
host left alone: a site with a thousand feeds that slows one of them down does not mean the others.

What it deliberately does not do: it looks nothing up. A host is its name as asked for, so two names of one machine are two hosts; on
loopback, where one machine plays all of them, host and port together are.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from heapq import nlargest
from ipaddress import ip_address

from ..errors import FeedError

__all__ = ["AT_ONCE_PER_HOST", "GAP_S", "HELD_FEEDS", "HostHeld", "Hosts", "host_of"]

AT_ONCE_PER_HOST = 2
GAP_S = 1.0
"""From the beginning of a request to that of the host's next."""
HELD_FEEDS = 3
"""So many feeds of a host must have been asked to wait before all of it is left alone."""
_SWEEP_AT = 1_000
"""From so many hosts on, those that nobody waits for are forgotten from time to time."""


class HostHeld(FeedError):
    """The feed was not asked for, because its host wants to be left alone for another `retry_after_s`: no failure of the feed."""


def host_of(host: str, port: int | None) -> str:
    """The name under which a host's turns are counted."""
    name = host.lower().rstrip(".")
    return f"{name}:{port}" if _is_loopback(name) else name


def _is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return (name[:1].isdigit() or ":" in name) and ip_address(name).is_loopback
    except ValueError:
        return False


@dataclass(slots=True)
class _Host:
    """One host: what runs, when the next may begin, who waits, and until when which feeds were asked to wait."""

    running: int = 0
    next_s: float = 0.0
    queue: deque[asyncio.Future[None]] = field(default_factory=deque)
    timer: asyncio.TimerHandle | None = None
    holds: dict[str, float] = field(default_factory=dict)

    def held_s(self, now_s: float) -> float:
        """How long the host is to be left alone: as long as enough of its feeds are."""
        if len(self.holds) < HELD_FEEDS:
            return 0.0
        return max(0.0, nlargest(HELD_FEEDS, self.holds.values())[-1] - now_s)

    def is_idle(self, now_s: float) -> bool:
        return not self.running and not self.queue and now_s >= self.next_s and all(until <= now_s for until in self.holds.values())


class Hosts:
    """The turns of all hosts. For one event loop, whose clock it goes by."""

    def __init__(self, *, at_once: int = AT_ONCE_PER_HOST, gap_s: float = GAP_S) -> None:
        self._at_once = at_once
        self._gap_s = gap_s
        self._hosts: dict[str, _Host] = {}
        self._sweep_at = _SWEEP_AT

    async def take(self, name: str) -> None:
        """Wait for a turn of this host; `give_back` ends it. Raises `HostHeld` if it is to be left alone."""
        host, now_s = self._host(name), _now_s()
        if host.holds and (held_s := host.held_s(now_s)):
            raise _held(held_s)
        if not host.queue and host.running < self._at_once and now_s >= host.next_s:
            self._begin(host, now_s)
        else:
            await self._queued(host)

    def give_back(self, name: str) -> None:
        """End a turn."""
        host = self._hosts[name]
        host.running -= 1
        if host.queue:
            self._advance(host)

    def count_further(self, name: str) -> None:
        """Within a turn one more request begins, the host's own redirect: it need not wait, but the next one waits for both."""
        host = self._host(name)
        host.next_s = max(host.next_s, _now_s()) + self._gap_s

    def hold(self, name: str, feed: str, wait_s: float) -> None:
        """This host asked for patience, for so long, when it was asked for this feed."""
        host, now_s = self._host(name), _now_s()
        host.holds = {each: until for each, until in host.holds.items() if until > now_s}
        host.holds[feed] = now_s + wait_s
        held_s = host.held_s(now_s)
        while held_s and host.queue:
            waiting = host.queue.popleft()
            if not waiting.done():
                waiting.set_exception(_held(held_s))

    def release(self, name: str, feed: str) -> None:
        """This host answered when it was asked for this feed."""
        host = self._hosts.get(name)
        if host is not None and host.holds:
            host.holds.pop(feed, None)

    def __len__(self) -> int:
        """How many hosts are remembered."""
        return len(self._hosts)

    def _host(self, name: str) -> _Host:
        host = self._hosts.get(name)
        if host is None:
            if len(self._hosts) >= self._sweep_at:
                self._sweep()
            host = self._hosts[name] = _Host()
        return host

    def _sweep(self) -> None:
        now_s = _now_s()
        self._hosts = {name: host for name, host in self._hosts.items() if not host.is_idle(now_s)}
        self._sweep_at = max(_SWEEP_AT, 2 * len(self._hosts))

    def _begin(self, host: _Host, now_s: float) -> None:
        host.running += 1
        host.next_s = now_s + self._gap_s

    async def _queued(self, host: _Host) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        host.queue.append(turn)
        self._advance(host)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:  # it came and was never used
                host.running -= 1
                self._advance(host)
            raise

    def _advance(self, host: _Host) -> None:
        """Let in whoever may begin now, and see to it that the next is let in when it may."""
        while host.queue and host.running < self._at_once:
            if host.queue[0].done():  # it no longer wants to
                host.queue.popleft()
                continue
            now_s = _now_s()
            if now_s < host.next_s:
                self._wake(host)
                return
            self._begin(host, now_s)
            host.queue.popleft().set_result(None)

    def _wake(self, host: _Host) -> None:
        if host.timer is None:
            host.timer = asyncio.get_running_loop().call_at(host.next_s, self._woken, host)

    def _woken(self, host: _Host) -> None:
        host.timer = None
        self._advance(host)


def _held(wait_s: float) -> HostHeld:
    return HostHeld("not asked: its host wants to be left alone for now", retry_after_s=wait_s)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
