"""`feeds`: list, check, import, export and add feeds."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import click

from ..errors import AlertsError, LogError
from .common import config_of, open_the_log
from .editing import NewFeed, replace_file, with_feeds
from .output import as_json, json_option, result, say, table

if TYPE_CHECKING:
    from ..config import Config, Feed
    from ..feeds import Request
    from ..feeds.checking import Checked
    from ..records import FeedState

__all__ = ["feeds"]

AT_ONCE = 32
"""Feeds that are looked at together."""
NAME_CHARS_MAX = 100


@click.group()
def feeds() -> None:
    """See to the feeds."""


# --- list ---------------------------------------------------------------------------------------------------------------------------


@feeds.command("list")
@json_option
@click.pass_context
def list_(ctx: click.Context, as_json_lines: bool) -> None:
    """List the feeds of the configuration with their whole addresses, as written, and how they do."""
    config = config_of(ctx)
    states = _states(config)
    table([_row(feed, states.get(feed.key), as_json_lines=as_json_lines) for feed in config.feeds], as_json_lines=as_json_lines)


def _states(config: Config) -> dict[str, FeedState]:
    """What the log knows of the feeds; where it cannot be asked, that is said, and the list goes without."""
    from ..stages.feed_states import feed_states

    try:
        with open_the_log(config) as source:
            return feed_states(source)
    except LogError as error:
        say(f"alerts: what became of the feeds is not known: {error}")
        return {}


def _row(feed: Feed, state: FeedState | None, *, as_json_lines: bool) -> dict[str, object]:
    time = _iso if as_json_lines else _minute
    return {
        "name": feed.name,
        "every": _seconds(feed.every.total_seconds()),
        "language": feed.language,
        "success": time(state.succeeded) if state else None,
        "next": time(state.next) if state else None,
        "articles": state.articles if state else 0,
        "failures": state.failures if state else 0,
        "state": _health(state),
        "url": feed.key,
        "reason": state.reason if state else "",
    }


def _health(state: FeedState | None) -> str:
    """How a feed does, in a word or a few."""
    from ..feeds.health import said, troubles

    if state is None or state.polled is None:
        return "not polled yet"
    return ", ".join(map(said, troubles(state))) or ("failing" if state.failures else "ok")


def _iso(time: datetime | None) -> str | None:
    return time.isoformat(timespec="seconds") if time else None


def _minute(time: datetime | None) -> str | None:
    return f"{time:%Y-%m-%d %H:%M}" if time else None


def _seconds(seconds: float) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds:g}s"


# --- check --------------------------------------------------------------------------------------------------------------------------


@feeds.command()
@click.argument("urls", nargs=-1)
@json_option
@click.pass_context
def check(ctx: click.Context, urls: tuple[str, ...], as_json_lines: bool) -> None:
    """Fetch each feed of the configuration, or what is at URLS (a feed's name will do); exit 1 if one is broken.

    Where a web page is at one of URLS, the feeds are named that it leads to. Of the feeds of the configuration it is also said what
    only time shows: that one has fallen silent, or gives its entries new ids again and again.
    """
    config = config_of(ctx)
    wanted = [_wanted(config, url) for url in urls] or [_Wanted(feed.name, _request(config, feed), feed.key) for feed in config.feeds]
    states = {} if urls else _states(config)
    good = asyncio.run(_check_all(config, wanted, states, as_json_lines=as_json_lines))
    sys.exit(0 if good else 1)


class _Wanted(NamedTuple):
    """What is to be looked at, and what to call it; `key` where it is a feed of the configuration."""

    name: str
    request: Request
    key: str = ""


def _wanted(config: Config, url: str) -> _Wanted:
    """What an argument stands for: a feed of the configuration with all its settings, or an address."""
    for feed in config.feeds:
        if url in {feed.key, feed.url, feed.name}:
            return _Wanted(url, _request(config, feed), feed.key)
    return _Wanted(url, _plain_request(config, url))


def _request(config: Config, feed: Feed) -> Request:
    from ..feeds.manners import request
    from ..records import FeedState

    return request(feed, FeedState(), proxy=config.poll.proxy)


def _plain_request(config: Config, url: str) -> Request:
    from ..feeds import Request

    if url.startswith("file:"):
        return Request(url=Path(url.removeprefix("file:")).absolute().as_uri())
    address = url if "://" in url else f"https://{url}"
    if not _is_address(address):
        raise AlertsError(f"{url}: no address of a feed and no feed's name; use https://HOST/PATH")
    return Request(url=address, allow_private_addresses=config.poll.allow_private_addresses, proxy=config.poll.proxy)


async def _check_all(config: Config, wanted: Sequence[_Wanted], states: Mapping[str, FeedState], *, as_json_lines: bool) -> bool:
    """Look at all of them, some at once, and say what is there in their order; whether all is well."""
    good = True
    async with _looking(config, [one.request for one in wanted]) as answers:
        for one in wanted:
            checked = await anext(answers)
            good = _told(one, checked, _notes(checked, states.get(one.key)), as_json_lines=as_json_lines) and good
    return good


def _notes(checked: Checked, state: FeedState | None) -> list[str]:
    """What is odd about a feed that can be read."""
    from ..feeds.documents import ENTRIES_MAX
    from ..feeds.health import Trouble, said, troubles

    if checked.reason:
        return []
    now = ["has no entries"] if not checked.size else ["gives no dates"] if checked.newest is None else []
    if checked.size > ENTRIES_MAX:
        now.append(f"has too many: the first {ENTRIES_MAX} are read")
    lasting = {Trouble.FROZEN, Trouble.REISSUED, Trouble.MOVED}
    return now + [said(trouble) for trouble in (troubles(state) if state else ()) if trouble in lasting]


@asynccontextmanager
async def _looking(config: Config, requests: Sequence[Request]) -> AsyncIterator[AsyncIterator[Checked]]:
    """What is at these addresses, in their order, each as soon as it is known."""
    from ..feeds import Fetcher, Parser
    from ..feeds.checking import look

    parser, slots = Parser(), asyncio.Semaphore(AT_ONCE)

    async def one(request: Request) -> Checked:
        async with slots:
            return await look(request, fetcher=fetcher, parser=parser)

    async def in_order() -> AsyncIterator[Checked]:
        for task in tasks:
            yield await task

    async with Fetcher(contact=config.poll.contact) as fetcher:
        tasks = [asyncio.create_task(one(request)) for request in requests]
        try:
            yield in_order()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await parser.close()


def _told(wanted: _Wanted, checked: Checked, notes: list[str], *, as_json_lines: bool) -> bool:
    """Print what was found; whether it is as it should be. An address that is none of ours may lead to a feed instead."""
    good = not checked.reason or (not wanted.key and bool(checked.feeds))
    if as_json_lines:
        as_json(
            {
                "feed": wanted.name,
                "ok": good,
                "entries": checked.size,
                "newest": _iso(checked.newest),
                "notes": notes,
                "reason": checked.reason,
                "feeds": [found.url for found in checked.feeds],
            }
        )
        return good
    if checked.reason:
        result(f"{wanted.name}: {'a web page' if good else 'broken'}: {checked.reason}")
    else:
        newest = [f"newest {_minute(checked.newest)} UTC"] if checked.newest else []
        entries = f"{checked.size} {'entry' if checked.size == 1 else 'entries'}"
        result(f"{wanted.name}: {', '.join(['ok', entries, *newest, *notes])}")
    for found in checked.feeds:
        result(f"  its feed: {found.url}  ({found.title})")
    return good


# --- import, export, add ------------------------------------------------------------------------------------------------------------


@feeds.command("import")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.pass_context
def import_(ctx: click.Context, file: Path) -> None:
    """Add the feeds of an OPML FILE (- for standard input) to the configuration; its comments and its order stay."""
    from ..feeds.opml import read_opml

    wanted = []
    for outline in read_opml(_bytes(file), name=str(file)):
        if _is_address(outline.url):
            wanted.append(NewFeed(outline.url, outline.title[:NAME_CHARS_MAX]))
        else:
            say(f"left out: {outline.url}: no http: or https: address")
    added = _add(ctx, wanted)
    result(f"{ctx.obj['config']}: {added} added, {len(wanted) - added} there already")


@feeds.command()
@click.pass_context
def export(ctx: click.Context) -> None:
    """Print the feeds as OPML 2.0. Variables in addresses stay variables; local files are left out."""
    from ..feeds.opml import Outline, write_opml

    outlines = []
    for feed in config_of(ctx).feeds:
        if feed.url.startswith("file:"):
            say(f"left out: {feed.name}: a local file")
            continue
        variable = "${" in feed.key.replace("$$", "")
        if variable:
            say(f"with its variables: {feed.name}")
        outlines.append(Outline(feed.key if variable else feed.url, feed.name))
    sys.stdout.buffer.write(write_opml(outlines))
    sys.stdout.buffer.flush()


@feeds.command()
@click.argument("url")
@click.option("--name", help="What to call it.  [default: what it calls itself]")
@click.pass_context
def add(ctx: click.Context, url: str, name: str | None) -> None:
    """Find the feed at URL, a feed's address or a site's, and add it to the configuration."""
    config = config_of(ctx)
    request = _plain_request(config, url)
    checked = asyncio.run(_look_once(config, request))
    if checked.reason and not checked.feeds:
        raise AlertsError(checked.reason)
    address, title = (checked.feeds[0].url, checked.feeds[0].title) if checked.feeds else (request.url, checked.title)
    for other in checked.feeds[1:]:
        say(f"there is also {other.url}  ({other.title})")
    added = _add(ctx, [NewFeed(address, (name or title)[:NAME_CHARS_MAX])])
    result(f"{ctx.obj['config']}: {'added' if added else 'there already'}: {address}")


async def _look_once(config: Config, request: Request) -> Checked:
    async with _looking(config, [request]) as answers:
        return await anext(answers)


def _add(ctx: click.Context, wanted: Iterable[NewFeed]) -> int:
    """Write what is not there yet into the configuration, which loads afterwards or stays as it was; how many were added."""
    file: Path = ctx.obj["config"]
    before = _bytes(file)
    known = _known(before, name=str(file))
    new: dict[str, NewFeed] = {}
    for feed in wanted:
        if _same(feed.url) not in known:
            new.setdefault(_same(feed.url), feed)
    if new:
        after = with_feeds(before, list(new.values()), name=str(file))
        _verify(after, count=len(new), before=before, name=str(file))
        replace_file(file, after, before=before)
    return len(new)


def _known(data: bytes, *, name: str) -> set[str]:
    """What the feeds that stand in a configuration are known by."""
    return {_same(url) for url in _urls(data, name=name)}


def _urls(data: bytes, *, name: str) -> list[str]:
    from ..documents import read_text

    documents = read_text(data, name=name)
    root = documents[0].plain() if documents else {}
    listed = root.get("feeds") if isinstance(root, dict) else None
    items = listed if isinstance(listed, list) else []
    return [str(item.get("url", "") if isinstance(item, dict) else item).replace("$$", "$") for item in items]


def _is_address(url: str) -> bool:
    """Whether a configuration takes this for the address of a feed."""
    from ..feeds.addresses import is_web

    return is_web(url) and url.isprintable() and " " not in url and urlsplit(url).port != 0


def _same(url: str) -> str:
    """What two spellings of one feed's address have in common."""
    from ..feeds import canonical

    return canonical(url) or url


def _verify(after: bytes, *, count: int, before: bytes, name: str) -> None:
    """Refuse an edit that did not come out as it was meant."""
    if len(_urls(after, name=name)) != len(_urls(before, name=name)) + count:
        raise AlertsError(f"{name}: this list of feeds is written in a way that cannot be added to; add by hand")


def _bytes(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise AlertsError(f"{file}: cannot be read: {error.strerror}") from error
