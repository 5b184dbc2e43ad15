"""Fetching a feed: conditional, bounded, guarded, and in turn.

Conditional: the validators go out as they came in, to the character, and only to the address that gave them. Bounded: every size and time
from outside has a constant below, and a clock around the whole, so that a server that sends a byte a second is cut off as well. Guarded:
the address that is about to be connected to must be public, whatever name, literal or redirect led to it and whatever that name meant a
moment ago. In turn: each request, also that of a redirect, waits for its host's turn (`hosts`), without a place among those at once and
without its clock running.

Cookies are never kept, the environment's proxies and netrc are not used. A connection is kept open where the next request to its host is
likely to come soon enough.

Memory is bounded for all fetches together: most bodies are small; a large one takes one of few rooms, and has it until it has been read.

What it deliberately does not do: no retries, no parsing. It follows redirects, and tells which were permanent, but remembers none
(`manners`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import socket
import stat
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from importlib.metadata import version
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

import aiohttp
from aiohttp.abc import AbstractResolver
from multidict import CIMultiDict
from yarl import URL

from ..errors import FeedError
from .addresses import is_public, shown
from .codings import ACCEPTED, TooLarge, decoded
from .documents import Answer, Request
from .hosts import Hosts
from .limits import Clock, Kept, Room
from .manners import retry_after_s
from .names import Names
from .redirects import REDIRECTS, Way

__all__ = ["Fetcher"]

CONNECT_S = 5.0
ANSWER_S = 15.0
"""From the request to the end of the answer's headers, for each hop."""
TOTAL_S = 30.0
"""All redirects and the body."""
HEADERS_BYTES_MAX = 64 << 10
WIRE_BYTES_MAX = 10 << 20
"""The body as it is sent."""
BODY_BYTES_MAX = 20 << 20
"""The body decompressed; a local file."""
REDIRECTS_MAX = 5
AT_ONCE_MAX = 256
"""How many requests are under way at the same time."""
SMALL_BYTES_MAX = 512 << 10
"""A body beyond this, as sent or decompressed, needs a room of its own."""
ROOMS = 3
"""How many large bodies there are at the same time, from their fetching to the end of their parsing."""
KEPT_S = 90.0
"""How long a connection stays open for the next request: longer than a minute, as that is how often many feeds are asked for."""
NAMES_S = 60
"""How long the addresses of a name are remembered."""
VALIDATOR_CHARS_MAX = 1_024
"""A longer ETag is not kept: it would be stored with every state of the feed."""

_FILES_SHARE = 4
"""Requests, and connections kept open, may each take this part of the files that the process may open: a quarter."""
_PATIENCE = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_DENIED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"


class PrivateAddress(OSError):
    """The address that was about to be connected to is not in the public internet."""

    def __init__(self) -> None:
        super().__init__("its address is private; allow_private_addresses would let it through")


class Fetcher:
    """Fetches feeds; an async context manager that owns the connections, and `hosts`, the turns of those it asks.

    `contact` goes into the User-Agent, and may change. `permits` decides which addresses may be connected to, `resolver` what names mean:
    both are for those who run a net of their own.
    """

    def __init__(
        self,
        *,
        contact: str,
        connect_s: float = CONNECT_S,
        answer_s: float = ANSWER_S,
        total_s: float = TOTAL_S,
        headers_bytes_max: int = HEADERS_BYTES_MAX,
        wire_bytes_max: int = WIRE_BYTES_MAX,
        body_bytes_max: int = BODY_BYTES_MAX,
        small_bytes_max: int = SMALL_BYTES_MAX,
        redirects_max: int = REDIRECTS_MAX,
        at_once_max: int = AT_ONCE_MAX,
        rooms: int = ROOMS,
        names_s: int = NAMES_S,
        hosts: Hosts | None = None,
        permits: Callable[[str], bool] = is_public,
        resolver: AbstractResolver | None = None,
        clock: Callable[[], float] = time.time,  # noqa: TID251 -- when an answer arrived is a fact of the wire
    ) -> None:
        self.contact = contact
        self.hosts = Hosts() if hosts is None else hosts
        share = _files_max() // _FILES_SHARE
        self._connect_s = connect_s
        self._answer_s = answer_s
        self._total_s = total_s
        self._headers_bytes_max = headers_bytes_max
        self._wire_bytes_max = wire_bytes_max
        self._body_bytes_max = body_bytes_max
        self._small_bytes_max = small_bytes_max
        self._redirects_max = redirects_max
        self._places = asyncio.Semaphore(min(at_once_max, share))
        self._rooms = asyncio.Semaphore(rooms)
        self._rooms_max = rooms
        self._names_s = names_s
        self._permits = permits
        self._resolver = resolver or Names()
        self._clock = clock
        self._kept = Kept(hosts_max=share, kept_s=KEPT_S)

    @property
    def contact(self) -> str:
        """Whom to ask about our requests."""
        return self._contact

    @contact.setter
    def contact(self, contact: str) -> None:
        self._contact = contact
        product = f"conflict-alerts/{version('conflict-alerts')}"
        agent = f"{product} (+{contact})" if contact else product
        self._headers = CIMultiDict({"User-Agent": agent, "Accept": _ACCEPT, "Accept-Encoding": ACCEPTED})

    async def __aenter__(self) -> Self:
        self._decoders = ThreadPoolExecutor(self._rooms_max, thread_name_prefix="decode")
        self._guarded = self._session(self._guarded_socket)
        self._open = self._session(None)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._guarded.close()
        await self._open.close()
        await self._resolver.close()
        self._decoders.shutdown(wait=False, cancel_futures=True)

    def recall(self, request: Request, *, wait_s: float) -> None:
        """Before a restart the host of this feed asked for patience; so much of it is left."""
        self.hosts.hold(Way(request).at.host, request.url, wait_s)

    async def fetch(self, request: Request) -> Answer:
        """The complete answer, 200 or 304. Raises `FeedError` for anything else, in one line without secrets."""
        async with self.fetched(request) as answer:
            return answer

    def fetched(self, request: Request) -> AbstractAsyncContextManager[Answer]:
        """`fetch` for those who read the body on the spot: a large one has its room until the block ends."""
        return _Fetched(self._answered, request, Room(self._rooms))

    async def _answered(self, request: Request, room: Room) -> Answer:
        clock = Clock(answer_s=self._answer_s, total_s=self._total_s)
        try:
            if request.url.startswith("file:"):
                return await asyncio.to_thread(_read_file, request, bytes_max=self._body_bytes_max)
            async with clock.running:
                return await self._followed(Way(request), request, clock, room)
        except FeedError as error:
            failure = type(error)(str(error), status=error.status, retry_after_s=error.retry_after_s, kind=error.kind)
        except aiohttp.ConnectionTimeoutError:
            failure = FeedError(f"no connection within {self._connect_s:g} s")
        except TimeoutError:
            failure = FeedError(clock.told())
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = FeedError(_told(error))
        # A new error, and not raised in there: the first would be dragged along, and with it the request's headers, or the body.
        failure.args = (f"{shown(request.url)}: {failure}",)
        raise failure

    async def _followed(self, way: Way, request: Request, clock: Clock, room: Room) -> Answer:
        """One host after the other, each in its turn."""
        while True:
            host = way.at.host
            await self.hosts.take(host)
            try:
                async with self._places:
                    answer = await self._visit(way, request, clock, room)
            finally:
                self.hosts.give_back(host)
            if answer is not None:
                return answer

    async def _visit(self, way: Way, request: Request, clock: Clock, room: Room) -> Answer | None:
        """The requests to one host: the answer, or None if it leads to another."""
        host = way.at.host
        while True:
            clock.expect_answer()
            answer = await self._hop(way, request, clock, room)
            if answer is not None:
                self.hosts.release(host, request.url)
                return answer
            if way.hops > self._redirects_max:
                raise FeedError(f"more than {self._redirects_max} redirects")
            if way.at.host != host:
                clock.pause()
                return None
            self.hosts.count_further(host)

    async def _hop(self, way: Way, request: Request, clock: Clock, room: Room) -> Answer | None:
        """One request: the answer, or None if it is elsewhere."""
        validated = way.is_validated
        response = await self._sent(way, request, conditional=validated)
        async with response:
            if sum(len(name) + len(value) for name, value in response.raw_headers) > self._headers_bytes_max:
                raise FeedError(f"headers larger than {self._headers_bytes_max:,} bytes")
            if response.status == HTTPStatus.NOT_MODIFIED and validated:
                return _answer(response, b"", way, request)
            if response.status == HTTPStatus.OK:
                clock.expect_body()
                return _answer(response, await self._body(response, clock, room), way, request)
            if response.status in REDIRECTS:
                way.follow(response.status, response.headers.get("location", ""))
                return None
            raise self._refusal(response, way, request)

    async def _sent(self, way: Way, request: Request, *, conditional: bool) -> aiohttp.ClientResponse:
        """The answer as far as its headers."""
        headers = self._headers.copy()
        if conditional and request.etag:
            headers["If-None-Match"] = request.etag
        if conditional and request.modified:
            headers["If-Modified-Since"] = request.modified
        if way.has_credentials:
            headers.update(way.credentials)
        if not self._kept.keeps(way.at.host):
            headers["Connection"] = "close"
        if not request.proxy:
            session = self._open if request.allow_private_addresses else self._guarded
            return await session.get(way.at.url, headers=headers, allow_redirects=False)
        if not request.allow_private_addresses:
            await self._look_behind_proxy(way.at.url)
        return await self._open.get(way.at.url, headers=headers, allow_redirects=False, proxy=request.proxy)

    async def _body(self, response: aiohttp.ClientResponse, clock: Clock, room: Room) -> bytes:
        body = await self._as_sent(response, clock, room)
        coding = response.headers.get("content-encoding", "")
        return await self._decoded(body, coding, clock, room) if coding else body

    async def _as_sent(self, response: aiohttp.ClientResponse, clock: Clock, room: Room) -> bytes:
        pieces, size = [], 0
        async for piece in response.content.iter_any():
            pieces.append(piece)
            size += len(piece)
            if size > self._wire_bytes_max:
                raise FeedError(f"larger than {self._wire_bytes_max:,} bytes")
            if size > self._small_bytes_max:
                await self._enter(room, clock)
        return b"".join(pieces)

    async def _decoded(self, body: bytes, coding: str, clock: Clock, room: Room) -> bytes:
        """The body without its Content-Encoding: a small one at once, a large one in a thread."""
        small = min(self._small_bytes_max, self._body_bytes_max)
        if len(body) <= small:
            with contextlib.suppress(TooLarge):
                return decoded(body, coding, bytes_max=small)
        await self._enter(room, clock)
        decode = partial(decoded, body, coding, bytes_max=self._body_bytes_max)
        return await asyncio.get_running_loop().run_in_executor(self._decoders, decode)

    async def _enter(self, room: Room, clock: Clock) -> None:
        if not room.taken:
            clock.pause()
            await room.take()
            clock.expect_body()

    def _refusal(self, response: aiohttp.ClientResponse, way: Way, request: Request) -> FeedError:
        """The error for a status that brings no feed."""
        status = response.status
        wait_s = retry_after_s(response.headers, now=datetime.fromtimestamp(self._clock(), UTC))
        if wait_s and status in _PATIENCE:
            self.hosts.hold(way.at.host, request.url, wait_s)
        told = _status(status)
        if status in _DENIED and way.has_left_credentials:
            told += "; it has moved to another origin, which gets neither its password nor its headers"
        return FeedError(told, status=status, retry_after_s=wait_s, kind="gone" if status == HTTPStatus.GONE else "")

    async def _look_behind_proxy(self, url: URL) -> None:
        """Refuse a target that is private, as far as can be seen from here.

        The proxy looks the name up again, and may find another address: only the proxy itself could guard that.
        """
        try:
            found = await self._resolver.resolve(url.host or "", url.port or 0, socket.AF_UNSPEC)
        except OSError:
            raise FeedError(
                "its name cannot be looked up here, so its address is unknown; allow_private_addresses would let it through"
            ) from None
        if not all(self._permits(address["host"]) for address in found):
            raise PrivateAddress

    def _guarded_socket(self, found: tuple[Any, ...]) -> socket.socket:
        """aiohttp asks for a socket for each address, right before it connects: names, literals, redirects and rebinding all end here."""
        family, kind, protocol, _, address = found
        if not self._permits(str(address[0])):
            raise PrivateAddress
        return socket.socket(family=family, type=kind, proto=protocol)

    def _session(self, socket_factory: Callable[[tuple[Any, ...]], socket.socket] | None) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=0, keepalive_timeout=KEPT_S, ttl_dns_cache=self._names_s, socket_factory=socket_factory, resolver=self._resolver
        )
        return aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect_s),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            max_line_size=self._headers_bytes_max,
            max_field_size=self._headers_bytes_max,
        )


class _Fetched:
    """An answer and its room, as a context."""

    __slots__ = ("_answered", "_request", "_room")

    def __init__(self, answered: Callable[[Request, Room], Awaitable[Answer]], request: Request, room: Room) -> None:
        self._answered = answered
        self._request = request
        self._room = room

    async def __aenter__(self) -> Answer:
        try:
            return await self._answered(self._request, self._room)
        except BaseException:
            self._room.leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._room.leave()


def _answer(response: aiohttp.ClientResponse, body: bytes, way: Way, request: Request) -> Answer:
    # Some servers send a 304 with a new ETag; RFC 9111 §4.3.4 says keep it. A 200 without validators withdraws those of before.
    unchanged = response.status == HTTPStatus.NOT_MODIFIED
    headers = response.headers
    return Answer(
        status=response.status,
        url=str(way.at.url),
        headers=headers if unchanged else _readable(headers),
        body=body,
        etag=_validator(headers.get("etag", request.etag if unchanged else "")),
        modified=_validator(headers.get("last-modified", request.modified if unchanged else "")),
        validated=way.at.digest,
        moved=way.moved,
    )


def _readable(headers: Mapping[str, str]) -> CIMultiDict[str]:
    """The headers as text that can be written anywhere: bytes that are none become question marks."""
    return CIMultiDict((name, value.encode("utf-8", "replace").decode()) for name, value in headers.items())


def _validator(value: str) -> str:
    """The value, if it can be kept and sent back to the character: bytes that are no text cannot."""
    return value if len(value) <= VALIDATOR_CHARS_MAX and value.isprintable() else ""


def _files_max() -> int:
    """How many files and connections this process may have open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft


def _status(status: int) -> str:
    """The status with the phrase that HTTP has for it: a server's own could say anything."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"status {status}"


def _told(error: Exception) -> str:
    """What went wrong, in words that hold no address and nothing that a server wrote."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return "its certificate is not valid"
        case aiohttp.ClientSSLError():
            return "TLS failed"
        case aiohttp.ClientConnectorDNSError():
            return "its name cannot be looked up"
        case aiohttp.ClientProxyConnectionError():
            return f"no connection to the proxy: {_system(error.os_error)}"
        case aiohttp.ClientConnectorError():
            return f"no connection: {_system(error.os_error)}"
        case aiohttp.ClientHttpProxyError():
            return f"the proxy answered {error.status}"
        case aiohttp.ClientPayloadError():
            return "the body is incomplete"
        case aiohttp.ServerDisconnectedError():
            return "the connection was closed without an answer"
        case aiohttp.ClientResponseError():
            return "the answer is no sound HTTP"
        case PrivateAddress():
            return f"no connection: {error}"
        case OSError():
            return f"the connection broke: {_system(error)}"
        case _:
            return "not an address, proxy or header that can be sent"


def _system(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__


def _read_file(request: Request, *, bytes_max: int) -> Answer:
    """A local file as a feed: its inode, time and size serve as the ETag."""
    path = request.url.removeprefix("file:")
    if path.startswith("//"):
        path = unquote(path.removeprefix("//").removeprefix("localhost"))
    try:
        # Without O_NONBLOCK the opening of a named pipe waits for its writer.
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise FeedError("not a file")
            etag = f"{found.st_ino:x}-{found.st_mtime_ns:x}-{found.st_size:x}"
            unchanged = etag == request.etag
            body = b"" if unchanged else file.read(bytes_max + 1)
    except (OSError, ValueError) as error:
        raise FeedError(_system(error) if isinstance(error, OSError) else "not a path") from None
    if len(body) > bytes_max:
        raise FeedError(f"larger than {bytes_max:,} bytes")
    status = HTTPStatus.NOT_MODIFIED if unchanged else HTTPStatus.OK
    return Answer(status=int(status), url=request.url, headers={}, body=body, etag=etag, modified="")
