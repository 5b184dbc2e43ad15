"""A web server on loopback that does exactly what it is told to, right or wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from alerts.errors import FeedError
from alerts.feeds import Answer, Fetcher, Request

RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>World</title>
<item><title>Strike near Raqqa</title><link>https://example.org/1</link><guid isPermaLink="false">1</guid></item></channel></rss>"""

Says = Callable[["Asked"], "bytes | AsyncIterator[bytes]"]


@dataclass(frozen=True)
class Asked:
    """One request as it came over the wire; header names in lower case. `port` is the server's own."""

    line: str
    headers: dict[str, str]
    port: int

    @property
    def path(self) -> str:
        return self.line.split(" ")[1]


@dataclass
class Server:
    """Answers each request with what `says` makes of it (bytes, or pieces over time), then closes the connection.

    With `keeps` a connection stays open for further requests, unless a request says otherwise.
    """

    says: Says
    host: str = "127.0.0.1"
    keeps: bool = False
    connections: int = 0
    asked: list[Asked] = field(default_factory=list)

    async def __aenter__(self) -> Server:
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._take, self.host, 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def url(self, path: str = "/feed.xml") -> str:
        return f"http://{self.host}:{self.port}{path}"

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            while await self._answer(reader, writer) and self.keeps:
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the other side has gone, or the test is over
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; whether the other side wants to go on."""
        line, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (entry.partition(":") for entry in lines if entry)
        asked = Asked(line, {name.lower(): value.strip() for name, _, value in pairs}, self.port)
        self.asked.append(asked)
        said = self.says(asked)
        if isinstance(said, bytes):
            writer.write(said)
        else:
            async for piece in said:
                writer.write(piece)
                await writer.drain()
        await writer.drain()
        return asked.headers.get("connection") != "close"


def reply(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """A sound answer. Header names are given with underscores; Content-Length is right unless given, and left out if given as ""."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if status not in {204, 304}:
        named.setdefault("content-length", str(len(body)))
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value)
    return f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode("latin-1") + body


@dataclass(frozen=True)
class Outcome:
    """What a fetch brought: an answer or an error, and what the server was asked."""

    result: Answer | FeedError
    asked: list[Asked]

    @property
    def answer(self) -> Answer:
        assert isinstance(self.result, Answer), self.result
        return self.result

    @property
    def error(self) -> FeedError:
        assert isinstance(self.result, FeedError), self.result
        return self.result


def fetch(says: bytes | Says, *, path: str = "/feed.xml", bounds: dict[str, Any] | None = None, **request: Any) -> Outcome:
    """Fetch `path` from a server that answers so, private addresses allowed unless the request says otherwise."""
    answering: Says = (lambda asked: says) if isinstance(says, bytes) else says

    async def scenario() -> Outcome:
        async with Server(answering) as server, Fetcher(contact="https://example.org/about", **(bounds or {})) as fetcher:
            request.setdefault("allow_private_addresses", True)
            url = request.pop("url", server.url(path)).replace("PORT", str(server.port))
            request["start"] = request.get("start", "").replace("PORT", str(server.port))
            try:
                result: Answer | FeedError = await fetcher.fetch(Request(url=url, **request))
            except FeedError as error:
                result = error
            return Outcome(result, server.asked)

    return asyncio.run(scenario())
