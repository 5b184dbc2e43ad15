"""The values that travel between the parts of this room: what is asked, what was answered, what a feed says.

What it deliberately does not do: no behaviour beyond a `repr` without secrets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..records import KnownEntry
from .addresses import shown

__all__ = ["ENTRIES_MAX", "Answer", "Document", "Entry", "Request", "Wishes"]

ENTRIES_MAX = 5_000
"""How many entries of a document are read: its first ones, which are the newest by custom."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Request:
    """One feed to fetch: `http:`, `https:` or `file:` with an absolute path.

    `etag` and `modified` were kept from last time and go only to the address whose digest is `validated` (by default `url` itself).
    `start` is where to begin if the feed has moved; user, password and headers go to the origin of `url` alone.
    """

    url: str
    start: str = ""
    etag: str = ""
    modified: str = ""
    validated: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    password: str = ""
    allow_private_addresses: bool = False
    proxy: str = ""

    def __repr__(self) -> str:
        return f"Request({shown(self.url)})"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Answer:
    """A complete answer: `status` 200 with a decoded `body`, or 304 with none. Headers are looked up by names in lower case.

    `etag` and `modified` are the validators to keep for the next request, to the character as the server sent them; "" withdraws one.
    Keep them only once the body has parsed, or an item that was cut off is hidden behind 304s for ever (RFC 9111 §3.3).
    `validated` is the digest of the address that gave them. `moved` is where permanent redirects led, if the way began with any.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    etag: str
    modified: str
    validated: str = ""
    moved: str = ""

    def __repr__(self) -> str:
        return f"Answer({self.status}, {shown(self.url)}, {len(self.body)} bytes)"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, as plain text; `published` is None where no date is to be believed.

    `guid` is a digest, "" where there is none; `permalink` says that it is an address of the same page as `url`. `at` is the entry's
    place among those that were read, `raw` the digest of its bytes.
    """

    guid: str
    url: str
    title: str
    summary: str
    content: str
    language: str
    published: datetime | None
    text_digest: str
    permalink: bool = False
    at: int = 0
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How often a feed wants to be read: not before `every_s` is over, not in these hours (UTC) and on these days (0 is Monday)."""

    every_s: float = 0.0
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    self_url: str = ""
    hub_url: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """What a feed says, entries in its own order (newest first, by custom).

    Of entries that were `known` to the byte nothing is read; where all were, neither are the feed's own title and wishes. `size` counts
    all entries, those beyond the bound included; `sound` says that it was XML without a fault.
    """

    title: str
    language: str
    entries: tuple[Entry, ...]
    wishes: Wishes | None = None
    known: tuple[KnownEntry, ...] = ()
    size: int = 0
    sound: bool = False
