"""Where redirects lead, and what may be shown there: the way of one fetch from its first address to its last.

A feed's password, its headers and a password in its address are for its own origin (scheme, host and port). A redirect that leaves it
leaves them behind, for the rest of the way. From https a feed that has any is not led on to http at all: what it would find there is
not what they protect, and anybody on the way could have written it.

What it deliberately does not do: it sends nothing, and judges no address but by its form (whether it may be connected to is seen when
it is).
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache

from yarl import URL

from ..errors import FeedError
from ..records import digest
from .addresses import is_web
from .documents import Request
from .hosts import host_of

__all__ = ["REDIRECTS", "Way"]

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})

_ADDRESSES_KEPT = 8_192
"""So many feeds' addresses are taken apart once and not at every poll."""


class Way:
    """The way of one fetch; `at` is the address where it stands.

    `hops` is how many redirects it has followed; `moved` is the address to which permanent ones alone have led, "" if none did.
    """

    __slots__ = ("_at_home", "_home", "_permanent", "_request", "at", "hops", "moved")

    def __init__(self, request: Request) -> None:
        self._request = request
        self._home = _address(request.url)
        self.at = _address(request.start) if request.start else self._home
        self._at_home = self.at.origin == self._home.origin
        self._permanent = True
        self.moved = ""
        self.hops = 0

    @property
    def credentials(self) -> dict[str, str]:
        """The headers that are for the feed's own origin only."""
        if not self.has_credentials:
            return {}
        headers, home = dict(self._request.headers), self._home
        user, password = self._request.user or home.user, self._request.password or home.password
        if user or password:
            headers["Authorization"] = "Basic " + b64encode(f"{user}:{password}".encode()).decode()
        return headers

    @property
    def has_credentials(self) -> bool:
        """Whether there are any that may be shown here."""
        return self._at_home and self._has_any

    @property
    def has_left_credentials(self) -> bool:
        """Whether credentials were left behind on the way."""
        return not self._at_home and self._has_any

    @property
    def is_validated(self) -> bool:
        """Whether the validators of last time are from here."""
        request = self._request
        return bool(request.etag or request.modified) and (request.validated or self._home.digest) == self.at.digest

    def follow(self, status: int, location: str) -> None:
        """Go where a redirect leads. Raises `FeedError` where it does not lead on."""
        if not location:
            raise FeedError("redirected to nowhere")
        target = self.at.url.join(URL(location))
        if not is_web(str(target)):
            raise FeedError("redirected to what is no web address")
        falls = self.at.url.scheme == "https" and target.scheme == "http"
        if falls and self.has_credentials:
            raise FeedError("redirected from https to http, which a feed with a password or headers does not follow")
        before, self.at = self.at, _taken_apart(target)
        # Who is led from https to http for good would never see https again.
        self._permanent = self._permanent and status in _PERMANENT and not falls
        if self._permanent:
            self.moved = str(self.at.url)
        self._at_home = self._at_home and self.at.origin == before.origin
        self.hops += 1

    @property
    def _has_any(self) -> bool:
        return bool(self._request.headers or self._request.user or self._request.password or self._home.user or self._home.password)


@dataclass(frozen=True, slots=True)
class _Address:
    """An address taken apart: `url` without fragment and credentials, `host` the name under which its host's turns count."""

    url: URL
    origin: str
    host: str
    digest: str
    user: str
    password: str


@lru_cache(maxsize=_ADDRESSES_KEPT)
def _address(text: str) -> _Address:
    if not is_web(text):
        raise FeedError("not an address of a feed: it needs http://, https:// or file:")
    return _taken_apart(URL(text))


def _taken_apart(url: URL) -> _Address:
    clean = url.with_user(None).with_fragment(None)
    return _Address(
        url=clean,
        origin=str(clean.origin()),
        host=host_of(clean.raw_host or "", clean.port),
        digest=digest(str(clean)),
        user=url.user or "",
        password=url.password or "",
    )
