"""Fetching a feed: conditional, bounded, guarded.

Conditional: the validators go out as they came in, to the character. Bounded: every size and time from outside has a constant below, and
a clock around the whole, so that a server that sends a byte a second is cut off as well. Guarded: the address that is about to be
connected to must be public, whatever name, literal or redirect led to it and whatever that name meant a moment ago.

Credentials and headers of one's own never reach another origin, cookies are never kept, the environment's proxies and netrc are not used.

What it deliberately does not do: no retries, no waiting for a host's turn (the schedule's), no parsing. It follows redirects, but
remembers none.
"""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
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
from .addresses import is_public, is_web, shown
from .codings import ACCEPTED, decoded
from .documents import Answer, Request

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
AT_ONCE_MAX = 64
"""How many feeds are fetched at the same time."""
RETRY_AFTER_S_MAX = 24 * 3600.0
VALIDATOR_CHARS_MAX = 1_024
"""A longer ETag is not kept: it would be stored with every state of the feed."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"


class PrivateAddress(OSError):
    """The address that was about to be connected to is not in the public internet."""

    def __init__(self) -> None:
        super().__init__("its address is private; allow_private_addresses would let it through")


class Fetcher:
    """Fetches feeds; an async context manager that owns the connections.

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
        redirects_max: int = REDIRECTS_MAX,
        at_once_max: int = AT_ONCE_MAX,
        permits: Callable[[str], bool] = is_public,
        resolver: AbstractResolver | None = None,
        clock: Callable[[], float] = time.time,  # noqa: TID251 -- when an answer arrived is a fact of the wire
    ) -> None:
        self.contact = contact
        self._product = f"conflict-alerts/{version('conflict-alerts')}"
        self._connect_s = connect_s
        self._answer_s = answer_s
        self._total_s = total_s
        self._headers_bytes_max = headers_bytes_max
        self._wire_bytes_max = wire_bytes_max
        self._body_bytes_max = body_bytes_max
        self._redirects_max = redirects_max
        self._places = asyncio.Semaphore(at_once_max)
        self._permits = permits
        self._resolver = resolver
        self._clock = clock

    async def __aenter__(self) -> Self:
        self._guarded = self._session(self._guarded_socket)
        self._open = self._session(None)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._guarded.close()
        await self._open.close()

    async def fetch(self, request: Request) -> Answer:
        """The complete answer, 200 or 304. Raises `FeedError` for anything else, in one line without secrets."""
        try:
            if request.url.startswith("file:"):
                return await asyncio.to_thread(_read_file, request, bytes_max=self._body_bytes_max)
            async with self._places:
                return await self._fetch(request)
        except FeedError as error:
            told = f"{shown(request.url)}: {error}"
            raise FeedError(told, status=error.status, retry_after_s=error.retry_after_s) from None

    async def _fetch(self, request: Request) -> Answer:
        try:
            async with asyncio.timeout(self._total_s):
                return await self._follow(request)
        except TimeoutError:
            raise FeedError(f"not complete within {self._total_s:g} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # `from None`, here and below: aiohttp's errors hold the request, with its headers and the whole address.
            raise FeedError(_told(error)) from None

    async def _follow(self, request: Request) -> Answer:
        url, headers = self._asked(request)
        for _ in range(self._redirects_max + 1):
            answer = await self._hop(url, headers, request)
            if isinstance(answer, Answer):
                return answer
            if answer.origin() != url.origin():
                headers = self._own_headers(request)
            url = answer
        raise FeedError(f"more than {self._redirects_max} redirects")

    async def _hop(self, url: URL, headers: Mapping[str, str], request: Request) -> Answer | URL:
        """One request: the answer, or where it is said to be."""
        response = await self._sent(url, headers, request)
        async with response:
            if sum(len(name) + len(value) for name, value in response.raw_headers) > self._headers_bytes_max:
                raise FeedError(f"headers larger than {self._headers_bytes_max:,} bytes")
            received = _lowered(response)
            if response.status in _REDIRECTS:
                return _target(url, received)
            if response.status == HTTPStatus.OK:
                body = await self._body(response, received)
                return _answer(response, received, body, request)
            if response.status == HTTPStatus.NOT_MODIFIED and (request.etag or request.modified):
                return _answer(response, received, b"", request)
            wish = _retry_after_s(received, now=datetime.fromtimestamp(self._clock(), UTC))
            raise FeedError(_status(response.status), status=response.status, retry_after_s=wish)

    async def _sent(self, url: URL, headers: Mapping[str, str], request: Request) -> aiohttp.ClientResponse:
        """The answer as far as its headers."""
        try:
            async with asyncio.timeout(self._answer_s):
                session = self._open if request.allow_private_addresses or request.proxy else self._guarded
                if request.proxy and not request.allow_private_addresses:
                    await self._look_behind_proxy(url)
                return await session.get(url, headers=headers, allow_redirects=False, proxy=request.proxy or None)
        except aiohttp.ConnectionTimeoutError:
            raise FeedError(f"no connection within {self._connect_s:g} s") from None
        except TimeoutError:
            raise FeedError(f"no answer within {self._answer_s:g} s") from None

    async def _body(self, response: aiohttp.ClientResponse, received: Mapping[str, str]) -> bytes:
        body = bytearray()
        async for piece in response.content.iter_any():
            body += piece
            if len(body) > self._wire_bytes_max:
                raise FeedError(f"larger than {self._wire_bytes_max:,} bytes")
        coding = received.get("content-encoding", "")
        if coding:
            return await asyncio.to_thread(decoded, bytes(body), coding, bytes_max=self._body_bytes_max)
        return bytes(body)

    async def _look_behind_proxy(self, url: URL) -> None:
        """Refuse a target that is private, as far as can be seen from here.

        The proxy looks the name up again, and may find another address: only the proxy itself could guard that.
        """
        try:
            found = await asyncio.get_running_loop().getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
        except OSError:
            raise FeedError(
                "its name cannot be looked up here, so its address is unknown; allow_private_addresses would let it through"
            ) from None
        if not all(self._permits(str(address[0])) for *_, address in found):
            raise PrivateAddress

    def _guarded_socket(self, found: tuple[Any, ...]) -> socket.socket:
        """aiohttp asks for a socket for each address, right before it connects: names, literals, redirects and rebinding all end here."""
        family, kind, protocol, _, address = found
        if not self._permits(str(address[0])):
            raise PrivateAddress
        return socket.socket(family=family, type=kind, proto=protocol)

    def _session(self, socket_factory: Callable[[tuple[Any, ...]], socket.socket] | None) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, use_dns_cache=False, socket_factory=socket_factory, resolver=self._resolver),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect_s),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            max_line_size=self._headers_bytes_max,
            max_field_size=self._headers_bytes_max,
        )

    def _own_headers(self, request: Request) -> CIMultiDict[str]:
        """What any origin may see."""
        agent = f"{self._product} (+{self.contact})" if self.contact else self._product
        headers = CIMultiDict({"User-Agent": agent, "Accept": _ACCEPT, "Accept-Encoding": ACCEPTED})
        if request.etag:
            headers["If-None-Match"] = request.etag
        if request.modified:
            headers["If-Modified-Since"] = request.modified
        return headers

    def _asked(self, request: Request) -> tuple[URL, CIMultiDict[str]]:
        """The address without credentials, and the headers for its origin."""
        if not is_web(request.url):
            raise FeedError("not an address of a feed: it needs http://, https:// or file:")
        url = URL(request.url)
        user, password = request.user or url.user or "", request.password or url.password or ""
        headers = self._own_headers(request)
        for name, value in request.headers.items():
            headers[name] = value
        if user or password:
            headers["Authorization"] = "Basic " + b64encode(f"{user}:{password}".encode()).decode()
        return url.with_user(None).with_fragment(None), headers


def _target(url: URL, received: Mapping[str, str]) -> URL:
    """Where a redirect leads: to the web, without the credentials that a server may have put into it."""
    location = received.get("location", "")
    if not location:
        raise FeedError("redirected to nowhere")
    target = url.join(URL(location))
    if not is_web(str(target)):
        raise FeedError("redirected to what is no web address")
    return target.with_user(None).with_fragment(None)


def _answer(response: aiohttp.ClientResponse, received: Mapping[str, str], body: bytes, request: Request) -> Answer:
    # Some servers send a 304 with a new ETag; RFC 9111 §4.3.4 says keep it. A 200 without validators withdraws those of before.
    unchanged = response.status == HTTPStatus.NOT_MODIFIED
    return Answer(
        status=response.status,
        url=str(response.url),
        headers=received,
        body=body,
        etag=_validator(received.get("etag", request.etag if unchanged else "")),
        modified=_validator(received.get("last-modified", request.modified if unchanged else "")),
    )


def _validator(value: str) -> str:
    return value if len(value) <= VALIDATOR_CHARS_MAX else ""


def _lowered(response: aiohttp.ClientResponse) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in response.headers.items():
        lower = name.lower()
        headers[lower] = f"{headers[lower]}, {value}" if lower in headers else value
    return headers


def _status(status: int) -> str:
    """The status with the phrase that HTTP has for it: a server's own could say anything."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"status {status}"


def _retry_after_s(received: Mapping[str, str], *, now: datetime) -> float | None:
    """Retry-After in seconds, given so or as a date (RFC 9110 §10.2.3); a date counts from the server's own clock where it tells it."""
    value = received.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:12]), RETRY_AFTER_S_MAX)
    until = _date(value)
    if until is None:
        return None
    wait = (until - (_date(received.get("date", "")) or now)).total_seconds()
    return min(max(wait, 0.0), RETRY_AFTER_S_MAX)


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


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
