"""What is at an address: a feed, or a page that leads to one, or nothing that helps, and why.

    checked = await look(Request(url="https://example.org/"), fetcher=fetcher, parser=parser)
    checked.reason or checked.size, checked.feeds

What it deliberately does not do: it remembers nothing and sends no credentials to what a page advertises.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from ..errors import FeedError
from .addresses import shown
from .discovery import advertised, usual
from .documents import Answer, Document, Request

if TYPE_CHECKING:
    from .fetch import Fetcher
    from .parser import Parser

__all__ = ["Checked", "Found", "look"]


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that a page leads to, and what it calls itself."""

    url: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found: a feed of `size` entries, or a `reason` why not and the `feeds` that the page there leads to."""

    title: str = ""
    size: int = 0
    newest: datetime | None = None
    reason: str = ""
    feeds: tuple[Found, ...] = field(default=())


async def look(request: Request, *, fetcher: Fetcher, parser: Parser) -> Checked:
    """Fetch what is there; where it is a web page, the feeds that it leads to as well."""
    answer: Answer | None = None
    try:
        async with fetcher.fetched(replace(request, etag="", modified="")) as answer:
            return _feed(await parser.parse(answer))
    except FeedError as error:
        if error.kind != "html" or answer is None:
            return Checked(reason=str(error))
        reason = str(error)
    bare = Request(url="", allow_private_addresses=request.allow_private_addresses, proxy=request.proxy)
    return Checked(reason=reason, feeds=await _led_to(answer, bare, fetcher=fetcher, parser=parser))


def _feed(document: Document) -> Checked:
    dates = [entry.published for entry in document.entries if entry.published is not None]
    return Checked(title=document.title, size=document.size, newest=max(dates, default=None))


async def _led_to(page: Answer, bare: Request, *, fetcher: Fetcher, parser: Parser) -> tuple[Found, ...]:
    """All feeds that the page advertises, else the first one that is where feeds usually are."""
    found = [await _tried(replace(bare, url=url), fetcher=fetcher, parser=parser) for url in advertised(page.body, url=page.url)]
    if not any(found):
        for url in usual(page.url):
            found.append(await _tried(replace(bare, url=url), fetcher=fetcher, parser=parser))
            if found[-1]:
                break
    return tuple(feed for feed in found if feed)


async def _tried(request: Request, *, fetcher: Fetcher, parser: Parser) -> Found | None:
    try:
        async with fetcher.fetched(request) as answer:
            document = await parser.parse(answer)
    except FeedError:
        return None
    return Found(request.url, document.title or shown(request.url))
