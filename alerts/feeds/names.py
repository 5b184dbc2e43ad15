"""What a name means, asked in a thread of its own.

The event loop's own lookups share a handful of threads, so a few names whose servers never answer would hold up all others, and the
end of the process. Here each lookup has its thread, which nobody waits for when it is no longer wanted.

What it deliberately does not do: it does not judge an address (that is done when it is about to be connected to) and remembers none
(the client does, for a while).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

__all__ = ["Names"]

_FLAGS = socket.AI_ADDRCONFIG


class Names(AbstractResolver):
    """The system's names. A name that is being looked up is not looked up again at the same time."""

    def __init__(self) -> None:
        self._pending: dict[tuple[str, int], asyncio.Future[list[Any]]] = {}

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        """The addresses of this name. Raises `OSError` if it has none."""
        key = host, family
        if key not in self._pending:
            self._pending[key] = self._asked(host, family)
            self._pending[key].add_done_callback(lambda _: self._pending.pop(key))
        found = await asyncio.shield(self._pending[key])
        return [
            ResolveResult(hostname=host, host=_numeric(address), port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST)
            for kind, _, _, _, address in found
        ]

    async def close(self) -> None:
        """Let go of what is still being looked up."""
        for pending in list(self._pending.values()):
            pending.cancel()

    def _asked(self, host: str, family: int) -> asyncio.Future[list[Any]]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[Any]] = loop.create_future()

        def look_up() -> None:
            found: list[Any] | OSError
            try:
                found = socket.getaddrinfo(host, None, family=family, type=socket.SOCK_STREAM, flags=_FLAGS)
            except (OSError, UnicodeError) as error:  # UnicodeError: what cannot be a name
                found = error if isinstance(error, OSError) else OSError(None, "no name")
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody asks any more
                loop.call_soon_threadsafe(_settle, answer, found)

        threading.Thread(target=look_up, name="lookup", daemon=True).start()
        return answer


def _settle(answer: asyncio.Future[list[Any]], found: list[Any] | OSError) -> None:
    if answer.done():
        return
    if isinstance(found, OSError):
        answer.set_exception(found)
        answer.exception()  # seen: whoever asked may have gone
    else:
        answer.set_result(found)


def _numeric(address: tuple[Any, ...]) -> str:
    """The address as text, with its zone if it is link-local (fe80::1%2)."""
    host, scope = str(address[0]), address[3] if len(address) > 3 else 0
    return f"{host}%{scope}" if scope and "%" not in host else host
