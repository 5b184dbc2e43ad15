"""What is to be done when, for thousands of things: a heap, and one timer for the first of them.

What it deliberately does not do: it runs nothing itself. Whoever keeps an agenda is told what is due.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush

__all__ = ["Agenda"]


class Agenda:
    """Calls `due` with each key at its time. For one event loop, by whose clock it goes."""

    def __init__(self, due: Callable[[str], None]) -> None:
        self._due = due
        self._heap: list[tuple[float, int, str]] = []
        self._entries: dict[str, tuple[float, int, str]] = {}
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None

    def put(self, key: str, *, wait_s: float) -> None:
        """Have `key` come up after so long, and not when it was to come up before."""
        self._count += 1
        entry = self._entries[key] = (asyncio.get_running_loop().time() + wait_s, self._count, key)
        heappush(self._heap, entry)
        if self._heap[0] is entry:
            self._set()

    def drop(self, key: str) -> None:
        """Have `key` not come up."""
        self._entries.pop(key, None)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def _set(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(self._heap[0][0], self._ring)

    def _ring(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        while self._heap and self._heap[0][0] <= now:
            entry = heappop(self._heap)
            if self._entries.get(entry[2]) is entry:
                del self._entries[entry[2]]
                self._due(entry[2])
        if self._heap and self._timer is None:
            self._set()
