"""An event loop whose time passes at once: where all tasks wait, its clock jumps to when the first may go on."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Jumping(selectors.DefaultSelector):
    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if not events:
            assert timeout is not None, "everybody waits, and nothing will ever happen"
            self.now_s += max(timeout, 0.0)
        return events


class _Clockwork(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _Jumping()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now_s


def run(scenario: Coroutine[Any, Any, T]) -> T:
    """Run this to its end, in no time. For what uses neither sockets nor threads."""
    with asyncio.Runner(loop_factory=_Clockwork) as runner:
        return runner.run(scenario)
