"""What one fetch may take of what all share: time, memory, connections.

What it deliberately does not do: it stops nothing but by the clock. How large a body may be is counted where it is read (`fetch`,
`codings`).
"""

from __future__ import annotations

import asyncio

__all__ = ["Clock", "Kept", "Room"]


class Clock:
    """The time that a fetch may take. It stands still while the fetch waits for its turn, or for room."""

    def __init__(self, *, answer_s: float, total_s: float) -> None:
        self._answer_s = answer_s
        self._total_s = total_s
        self._left_s = total_s
        self._end_s: float | None = None
        self._loop = asyncio.get_running_loop()
        self.running = asyncio.timeout(None)

    def expect_answer(self) -> None:
        """From now on the time for an answer runs, within the whole."""
        self.running.reschedule(min(self._loop.time() + self._answer_s, self._end()))

    def expect_body(self) -> None:
        """From now on the rest of the whole runs."""
        self.running.reschedule(self._end())

    def pause(self) -> None:
        """Nothing runs until something is expected again."""
        self._left_s = self._end() - self._loop.time()
        self._end_s = None
        self.running.reschedule(None)

    def told(self) -> str:
        """What has run out."""
        if self._loop.time() < self._end():
            return f"no answer within {self._answer_s:g} s"
        return f"not complete within {self._total_s:g} s"

    def _end(self) -> float:
        if self._end_s is None:
            self._end_s = self._loop.time() + self._left_s
        return self._end_s


class Room:
    """Room for one large body, if it turns out to be one."""

    __slots__ = ("_rooms", "taken")

    def __init__(self, rooms: asyncio.Semaphore) -> None:
        self._rooms = rooms
        self.taken = False

    async def take(self) -> None:
        """Wait until there is room."""
        await self._rooms.acquire()
        self.taken = True

    def leave(self) -> None:
        """Make room for another, if this one took any."""
        if self.taken:
            self.taken = False
            self._rooms.release()


class Kept:
    """Which hosts' connections are worth keeping: those asked again within the time that one lives, of the `hosts_max` asked last."""

    def __init__(self, *, hosts_max: int, kept_s: float) -> None:
        self._hosts_max = hosts_max
        self._kept_s = kept_s
        self._asked: dict[str, float] = {}

    def keeps(self, host: str) -> bool:
        """Whether to keep the connection of a request to this host that begins now."""
        now_s = asyncio.get_running_loop().time()
        before_s = self._asked.pop(host, None)
        self._asked[host] = now_s
        if len(self._asked) > self._hosts_max:
            del self._asked[next(iter(self._asked))]
        return before_s is not None and now_s - before_s <= self._kept_s
