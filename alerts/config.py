"""`alerts.yaml` as a checked value, or every fault of it with its place.

    config = load(Path("alerts.yaml"), environ=os.environ)
    check_references(config, rules=rules.names, watchlists=rules.watchlists)

`${X}`, `${X:-default}` and `${X:?message}` stand for variables, `$$` for a dollar sign. Where `X` is unset and `X_FILE` names a file, its
content is the value. In an address a variable that stands for a user or a password is percent-encoded; other parts are taken as they
are, so a value that is one variable can be the whole address. What a feed is known by (`Feed.key`) is its address as written, with
variables unexpanded: no secret reaches the log, and a new key makes no new feed.

What it deliberately does not do: it opens no channel, no rule file and no log; it says only what the file says. Keys that a later
version will know are refused by name, because a quiet-hours rule that is ignored is a broken promise.
"""

from __future__ import annotations

import difflib
import os.path
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from .documents import Node, read_document
from .errors import ConfigError, Fault, Place, PlacedError
from .records import QuietHours, Severity
from .routing import Rate, Route
from .stories import StorySettings

__all__ = ["RATE_MAX", "Channel", "Config", "Fallback", "Feed", "Poll", "check_references", "did_you_mean", "load"]

DURATION_MIN = timedelta(seconds=1)
FALLBACK_AFTER = timedelta(minutes=10)
RATE_MAX = 200
DURATION_MAX = timedelta(days=36_500)
SECRET_CHARACTERS_MIN = 4
TOKEN_CHARACTERS_MIN = 16
SECRET_FILE_BYTES_MAX = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """How feeds are fetched, unless a feed says otherwise. `max_age` None is no maximum."""

    every: timedelta = timedelta(minutes=5)
    max_age: timedelta | None = timedelta(hours=24)
    contact: str = ""
    proxy: str = field(default="", repr=False)
    allow_private_addresses: bool = False
    budget: int = 0
    """How many requests a minute all feeds together may cost; 0 is twice what `every` alone would."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One feed. `key` is its address as written and names it on the log; `url` is where it is fetched."""

    key: str = field(repr=False)
    url: str = field(repr=False)
    name: str
    every: timedelta
    max_age: timedelta | None
    language: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    allow_private_addresses: bool = False
    place: Place


@dataclass(frozen=True, slots=True)
class Fallback:
    """The channel that is told in the place of one that could not be reached for `after`."""

    to: str
    after: timedelta
    place: Place = field(default=Place(""), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One channel; `timezone` is the zone of its readers, where it differs from everybody's.

    `per_hour` is how many alerts it is told one by one in an hour, None any number. Of `storm` (the same in a minute) and `rates` (how
    fast its service is told) None is what suits the service; 0 and an empty tuple are no limit.
    """

    name: str
    url: str = field(repr=False)
    timezone: ZoneInfo | None = None
    give_up: timedelta = timedelta(days=7)
    fallback: Fallback | None = None
    per_hour: int | None = None
    storm: int | None = None
    rates: tuple[Rate, ...] | None = None
    place: Place


class Reference(NamedTuple):
    """A rule, watchlist, term or place that a route names, and where."""

    key: str
    name: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The configuration. Paths are absolute but in `log`, where they are relative to `base`.

    No `routes` is every alert to every channel. Each subscriber adds channels and a route of their own.
    `secrets` is what must never be shown; `files` is what it was read from, to see when it changes, as does a new file in `folders`.
    """

    path: Path
    base: Path
    log: str = field(default="sqlite:var/alerts.db", repr=False)
    keep: timedelta = timedelta(days=30)
    rules: Path
    timezone: ZoneInfo
    poll: Poll
    feeds: tuple[Feed, ...]
    stories: StorySettings
    channels: dict[str, Channel]
    routes: tuple[Route, ...]
    ops: tuple[str, ...]
    references: tuple[Reference, ...] = field(default=(), repr=False)
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    warnings: tuple[Fault, ...] = ()
    files: tuple[Path, ...] = ()
    folders: tuple[Path, ...] = ()


def load(path: Path, *, environ: Mapping[str, str]) -> Config:
    """The configuration in the file `path`. Raises `ConfigError` with every fault in it."""
    try:
        documents = read_document(path)
    except PlacedError as error:
        raise ConfigError(error.faults) from error
    if not documents:
        raise ConfigError([Fault(Place(str(path)), "is empty; a configuration has at least feeds and channels")])
    if len(documents) > 1:
        raise ConfigError([Fault(documents[1].place, "a second document; a configuration is one")])
    reader = _Reader(base=path.absolute().parent, environ=environ)
    config = _config(reader, documents[0], path.absolute())
    if reader.faults:
        raise ConfigError(reader.faults)
    return config


def check_references(
    config: Config,
    *,
    rules: Collection[str],
    watchlists: Collection[str],
    terms: Callable[[str, str], Collection[str]] = lambda key, name: (name,),
) -> None:
    """Raise `ConfigError` for every route that names a rule, a watchlist, a term or a place that there is not.

    `terms` says, of `place` or `term` and a name, which listed terms are found in the name.
    """
    known = {"rule": rules, "watchlist": watchlists}
    faults = []
    for one in config.references:
        listed = known[one.key] if one.key in known else terms(one.key, one.name)
        if not any(_same(one, name) for name in listed):
            near = (
                did_you_mean(one.name, listed) if one.key in known else "".join(f'; did you mean "{name}"?' for name in sorted(listed)[:1])
            )
            faults.append(Fault(one.place, f'no {one.key} "{one.name}"{near}'))
    if faults:
        raise ConfigError(faults)


def _same(reference: Reference, name: str) -> bool:
    """Terms are compared without case, as routes do."""
    return reference.name == name or (reference.key in {"term", "place"} and reference.name.casefold() == name.casefold())


# --- The sections -------------------------------------------------------------------------------------------------------------------


def _config(reader: _Reader, node: Node, path: Path) -> Config:
    part = reader.mapping(
        node,
        "the configuration",
        known=("log", "keep", "rules", "timezone", "poll", "feeds", "stories", "channels", "routes", "subscribers", "ops"),
        later=("web",),
        required=("feeds", "channels"),
    )
    poll = _poll(reader, part.get("poll"))
    zone = reader.zone(part.get("timezone")) or ZoneInfo("UTC")
    feeds = tuple(_feeds(reader, part.get("feeds"), poll))
    channels = {channel.name: channel for channel in _with_fallbacks(reader, list(_channels(reader, part.get("channels"))))}
    routes = tuple(_route(reader, item, channels, zone=zone) for item in reader.items(part.get("routes"), "routes"))
    subscribers = list(_subscribers(reader, part.get("subscribers"), taken=channels, zone=zone))
    names = [feed.name for feed in feeds]
    for item, name in reader.feeds:
        if name not in names:
            reader.fault(item, f'no feed "{name}"{did_you_mean(name, names)}')
    return Config(
        path=path,
        base=reader.base,
        log=_log(reader, part.get("log")),
        keep=reader.duration(part.get("keep"), timedelta(days=30)),
        rules=reader.base / reader.text(part.get("rules"), "rules/"),
        timezone=zone,
        poll=poll,
        feeds=feeds,
        stories=_stories(reader, part.get("stories")),
        channels=channels | {channel.name: channel for one in subscribers for channel in one.channels},
        routes=_with_subscribers(routes, subscribers, channels),
        ops=_channel_names(reader, part.get("ops"), channels) or tuple(channels),
        references=tuple(reader.references),
        secrets=frozenset(reader.secrets),
        warnings=tuple(reader.warnings),
        files=(path, *reader.files),
        folders=tuple(reader.folders),
    )


def _log(reader: _Reader, node: Node | None) -> str:
    url = reader.address(node, "sqlite:var/alerts.db")
    if node and url and not re.match(r"(?:sqlite|kafka|kafka\+ssl):.", url):
        reader.fault(node, "no address of a log; use sqlite:PATH, kafka://HOST:PORT or kafka+ssl://HOST:PORT")
    return url


def _poll(reader: _Reader, node: Node | None) -> Poll:
    part = reader.mapping(node, "poll", known=("every", "max_age", "contact", "proxy", "allow_private_addresses", "budget"))
    default = Poll()
    return Poll(
        every=reader.duration(part.get("every"), default.every),
        max_age=reader.age(part.get("max_age"), default.max_age),
        contact=reader.text(part.get("contact")),
        proxy=_proxy(reader, part.get("proxy")),
        allow_private_addresses=reader.flag(part.get("allow_private_addresses"), default=False),
        budget=reader.count(part.get("budget"), default.budget, least=1),
    )


def _proxy(reader: _Reader, node: Node | None) -> str:
    url = reader.address(node)
    if node and url and _scheme(url) not in {"http", "https"}:
        reader.fault(node, "no address of a proxy; use http://HOST:PORT or https://HOST:PORT")
    return url


def _feeds(reader: _Reader, node: Node | None, poll: Poll) -> Iterable[Feed]:
    first: dict[str, Place] = {}
    for item in reader.items(node, "feeds"):
        feed = _feed(reader, item, poll)
        if feed.url in first:
            reader.warnings.append(Fault(feed.place, f"this feed is listed twice, first in line {first[feed.url].line}; it is polled once"))
            continue
        if feed.url:
            first[feed.url] = feed.place
        yield feed


def _feed(reader: _Reader, node: Node, poll: Poll) -> Feed:
    part = reader.mapping(
        node,
        "a feed",
        known=("url", "name", "every", "language", "headers", "user", "password", "allow_private_addresses"),
        required=("url",),
        alone="url",
    )
    key = _raw(part.get("url"))
    url = _feed_url(reader, part.get("url"))
    local = _scheme(url) == "file"
    return Feed(
        key=key,
        url=url,
        name=reader.text(part.get("name")) or _feed_name(key),
        every=reader.duration(part.get("every"), poll.every),
        max_age=None if local else poll.max_age,
        language=reader.text(part.get("language")),
        headers=_headers(reader, part.get("headers")),
        user=reader.text(part.get("user")),
        password=reader.secret(part.get("password")),
        allow_private_addresses=reader.flag(part.get("allow_private_addresses"), default=poll.allow_private_addresses),
        place=node.place,
    )


def _feed_url(reader: _Reader, node: Node | None) -> str:
    url = reader.address(node)
    good = _file_url(url, reader.base) if _scheme(url) == "file" else _web_url(url)
    if node and url and not good:
        reader.fault(node, "no address of a feed; use https://HOST/PATH, http://HOST/PATH or file:PATH")
    return good


def _file_url(url: str, base: Path) -> str:
    """The address of a local file, absolute; empty if it is none."""
    path = unquote(re.sub(r"^//(?:localhost)?(?=/)", "", url.partition(":")[2]))
    return Path(os.path.normpath(base / path)).as_uri() if path.isprintable() and path and not path.startswith("//") else ""


def _web_url(url: str) -> str:
    """The address itself if it can be fetched, else nothing."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0 and not re.search(r"\s", url)
    except ValueError:  # a port that is no number, a bracket that is not closed
        good = False
    return url if good else ""


def _feed_name(key: str) -> str:
    """Host and path of an address as written, without user and query, which may be secrets."""
    plain = _VARIABLE.sub(lambda found: f"${{{found['name']}}}" if found["name"] else found[0], key)
    host, slash, path = re.split("[?#]", plain.partition("://")[2] or plain.partition(":")[2])[0].partition("/")
    return (host.rpartition("@")[2] + slash + path).rstrip("/") or "feed"


def _headers(reader: _Reader, node: Node | None) -> dict[str, str]:
    headers = {}
    for name, value in reader.mapping(node, "headers").items():
        headers[name] = reader.secret(value, spelt_out=False)
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):  # RFC 9110, 5.6.2
            reader.fault(value, f'"{name}" is no name of an HTTP header')
        elif not headers[name].isprintable():
            reader.fault(value, f"the value of {name} holds a line break or a control character")
    return headers


def _stories(reader: _Reader, node: Node | None) -> StorySettings:
    part = reader.mapping(node, "stories", known=("window", "updates", "updates_max"))
    default = StorySettings()
    return StorySettings(
        window=reader.duration(part.get("window"), default.window),
        updates=reader.count(part.get("updates"), default.updates, least=1),
        updates_max=reader.count(part.get("updates_max"), default.updates_max, least=0),
    )


def _channels(reader: _Reader, node: Node | None, *, of: str = "", timezone: ZoneInfo | None = None) -> Iterable[Channel]:
    """The channels of a mapping; those `of` a subscriber are named after them."""
    for name, item in reader.mapping(node, "channels").items():
        if not re.fullmatch(r"[^\s/]{1,100}", name) or not name.isprintable():
            reader.fault(item, "a channel's name is up to 100 characters without spaces and slashes")
        yield _channel(reader, item, f"{of}.{name}" if of else name, timezone=timezone)


def _channel(reader: _Reader, node: Node, name: str, *, timezone: ZoneInfo | None) -> Channel:
    part = reader.mapping(
        node,
        "a channel",
        known=("url", "give_up", "timezone", "fallback", "per_hour", "storm", "rate"),
        required=("url",),
        alone="url",
    )
    url = reader.address(part.get("url"))
    reader.keep_secret(_tokens(url))
    if url and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", url):
        reader.fault(part["url"], "no address of a channel; use an Apprise URL such as slack://TOKEN/#channel, or console:")
    return Channel(
        name=name,
        url=url,
        timezone=reader.zone(part.get("timezone")) or timezone,
        give_up=reader.duration(part.get("give_up"), timedelta(days=7)),
        fallback=_fallback(reader, part.get("fallback")),
        per_hour=reader.count(part.get("per_hour"), 0, least=1) or None,
        storm=_storm(reader, part.get("storm")),
        rates=_rates(reader, part.get("rate")),
        place=node.place,
    )


def _fallback(reader: _Reader, node: Node | None) -> Fallback | None:
    part = reader.mapping(node, "a fallback", known=("to", "after"), required=("to",), alone="to")
    to = part.get("to")
    if to is None or not to.value:
        return None
    return Fallback(reader.text(to), reader.duration(part.get("after"), FALLBACK_AFTER), place=to.place)


def _with_fallbacks(reader: _Reader, channels: Sequence[Channel], *, of: str = "", common: Collection[str] = ()) -> Iterable[Channel]:
    """The channels with what their fallbacks name: a channel beside them (for a subscriber's one `of` theirs), or a `common` one."""
    beside = {channel.name for channel in channels}
    for channel in channels:
        fallback = channel.fallback
        if fallback and of and f"{of}.{fallback.to}" in beside:
            fallback = replace(fallback, to=f"{of}.{fallback.to}")
        if fallback and fallback.to not in beside and fallback.to not in common:
            reader.fault(fallback.place, f'no channel "{fallback.to}"{did_you_mean(fallback.to, {*beside, *common})}')
        elif fallback and fallback.to == channel.name:
            reader.fault(fallback.place, "a channel is no fallback for itself")
        yield replace(channel, fallback=fallback)


def _storm(reader: _Reader, node: Node | None) -> int | None:
    if reader.is_off(node):
        return 0
    return reader.count(node, 0, least=1) or None


def _rates(reader: _Reader, node: Node | None) -> tuple[Rate, ...] | None:
    if node is None:
        return None
    if reader.is_off(node):
        return ()
    rates = []
    for item, text in reader.texts(node):
        count, slash, per = text.partition("/")
        if not re.fullmatch(r"[1-9][0-9]{0,5}", count) or not slash:
            reader.fault(item, f'"{text}" is no rate; write 1/1s, 20/1m, or off')
            continue
        if int(count) > RATE_MAX:
            reader.fault(item, f'"{text}" is more than is counted, at most {RATE_MAX}; write off for no limit')
        rates.append(Rate(int(count), reader.duration_of(item, per, DURATION_MIN)))
    return tuple(rates)


_MATCHERS = ("severity", "rule", "tag", "watchlist", "term", "place", "language", "feed")


def _route(reader: _Reader, node: Node, channels: Mapping[str, Channel], *, zone: ZoneInfo) -> Route:
    part = reader.mapping(node, "a route", known=("to", *_MATCHERS, "digest", "quiet_hours"), required=("to",))
    return _route_of(reader, part, to=_channel_names(reader, part.get("to"), channels), zone=zone, place=node.place)


def _route_of(reader: _Reader, part: Mapping[str, Node], *, to: tuple[str, ...], zone: ZoneInfo, place: Place) -> Route:
    reader.feeds += reader.texts(part.get("feed"))
    for key in ("rule", "watchlist", "term", "place"):
        reader.references += [Reference(key, name, item.place) for item, name in reader.texts(part.get(key))]
    named = {key: frozenset(name for _, name in reader.texts(part.get(key))) for key in _MATCHERS if key != "severity"}
    return Route(
        to=to,
        severity=reader.severity(part.get("severity")),
        digest=_digest(reader, part.get("digest")),
        quiet_hours=_quiet_hours(reader, part.get("quiet_hours"), zone=zone),
        zone=zone.key,
        at=place,
        **named,
    )


def _digest(reader: _Reader, node: Node | None) -> timedelta | None:
    if node is None:
        return None
    every = reader.duration(node, timedelta(hours=1), least=timedelta(minutes=1))
    if every > timedelta(days=1) and every % timedelta(days=1):
        reader.fault(node, "a digest of more than a day comes after whole days: 2d, 7d")
    return every


def _quiet_hours(reader: _Reader, node: Node | None, *, zone: ZoneInfo) -> QuietHours | None:
    part = reader.mapping(node, "quiet hours", known=("between", "timezone", "except"), required=("between",), alone="between")
    between = part.get("between")
    if between is None:
        return None
    text = reader.text(between)
    found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])\s*[-\u2013]\s*(?:([01]?[0-9]|2[0-3]):([0-5][0-9])|24:00)", text)
    if not found:
        reader.fault(between, f'"{text}" are no hours; write "22:00-06:00"')
        return None
    start, end = time(int(found[1]), int(found[2])), time(int(found[3] or 0), int(found[4] or 0))
    if start == end:
        reader.fault(between, "quiet hours that end when they begin; a route that is never told is left out instead")
    return QuietHours(start=start, end=end, zone=(reader.zone(part.get("timezone")) or zone).key, but=reader.severity(part.get("except")))


@dataclass(frozen=True, slots=True)
class _Subscriber:
    """A person: channels of their own, and the one route that leads to them."""

    channels: tuple[Channel, ...]
    route: Route


def _with_subscribers(routes: tuple[Route, ...], subscribers: Sequence[_Subscriber], channels: Iterable[str]) -> tuple[Route, ...]:
    """Everybody's routes and those of subscribers; without the first every alert goes to every channel, but to no subscriber's."""
    if not subscribers:
        return routes
    return (*(routes or (Route(to=tuple(channels)),)), *(one.route for one in subscribers))


def _subscribers(reader: _Reader, node: Node | None, *, taken: Mapping[str, Channel], zone: ZoneInfo) -> Iterable[_Subscriber]:
    names: dict[str, Place] = {name: channel.place for name, channel in taken.items()}
    in_folder = node is not None and node.value and isinstance(node.value, str)
    for item in reader.nodes_in(node) if node is not None and in_folder else reader.items(node, "subscribers"):
        yield _subscriber(reader, item, names, common=taken, zone=zone)


def _subscriber(reader: _Reader, node: Node, names: dict[str, Place], *, common: Collection[str], zone: ZoneInfo) -> _Subscriber:
    part = reader.mapping(
        node,
        "a subscriber",
        known=("name", "channels", "timezone", *_MATCHERS, "digest", "quiet_hours"),
        required=("name", "channels"),
    )
    name = reader.text(part.get("name"))
    if name and (not re.fullmatch(r"[^\s/.]{1,60}", name) or not name.isprintable()):
        reader.fault(part["name"], "a subscriber's name is up to 60 characters without spaces, slashes and dots")
    elif name in names:
        reader.fault(part["name"], f'"{name}" is named twice, first at {names[name]}')
    names.setdefault(name, node.place)
    timezone = reader.zone(part.get("timezone")) or zone
    wanted = part.get("channels")
    if wanted is not None and isinstance(wanted.value, str):
        channels = [_channel(reader, wanted, name, timezone=timezone)]
    else:
        channels = list(_channels(reader, wanted, of=name, timezone=timezone))
        for channel in channels:
            if channel.name in names:
                reader.fault(channel.place, f'"{channel.name}" is named twice, first at {names[channel.name]}')
    channels = list(_with_fallbacks(reader, channels, of=name, common=common))
    to = tuple(channel.name for channel in channels)
    return _Subscriber(tuple(channels), _route_of(reader, part, to=to, zone=timezone, place=node.place))


def _channel_names(reader: _Reader, node: Node | None, channels: Mapping[str, Channel]) -> tuple[str, ...]:
    names = []
    for item, name in reader.texts(node):
        if name not in channels:
            reader.fault(item, f'no channel "{name}"{did_you_mean(name, channels)}')
        names.append(name)
    return tuple(dict.fromkeys(names))


# --- Reading nodes: what is wrong is noted, and a default stands in for it, so that one reading finds every fault -------------------


_VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::(?P<how>[-?])(?P<rest>[^{}]*))?\})")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


class _Reader:
    """Reads nodes, and gathers faults, warnings, secrets and the files read on the way."""

    def __init__(self, *, base: Path, environ: Mapping[str, str]) -> None:
        self.base = base
        self.environ = environ
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.references: list[Reference] = []
        self.feeds: list[tuple[Node, str]] = []
        """The feeds that routes name."""
        self.secrets: set[str] = set()
        self.files: list[Path] = []
        self.folders: list[Path] = []

    def fault(self, at: Node | Place, message: str) -> None:
        self.faults.append(Fault(at.place if isinstance(at, Node) else at, message))

    def mapping(
        self,
        node: Node | None,
        what: str,
        *,
        known: Collection[str] = (),
        later: Collection[str] = (),
        required: Sequence[str] = (),
        alone: str = "",
    ) -> dict[str, Node]:
        """The entries of a mapping; without `known` its keys are free. A text is short for a mapping of the one key `alone`."""
        if node is None:
            return {}
        if node.value == "":
            if required:
                self.fault(node, f'{what} has no "{required[0]}"; nothing stands here')
            return {}
        if isinstance(node.value, str) and alone:
            return {alone: node}
        if not isinstance(node.value, dict):
            self.fault(node, f"{what} is a mapping (key: value)" + (" or a text" if alone else ""))
            return {}
        for key, place in node.keys.items():
            if key in later:
                self.fault(place, f'"{key}" is not supported by this version yet; remove it')
            elif known and key not in known:
                self.fault(place, f'unknown key "{key}"{did_you_mean(key, known)}')
        for key in required:
            if key not in node.value or not node.value[key].value:
                self.fault(node, f'{what} has no "{key}"')
        return node.value

    def items(self, node: Node | None, what: str) -> list[Node]:
        """The items of a list."""
        if node is None or node.value == "":
            return []
        if isinstance(node.value, list):
            return node.value
        self.fault(node, f"{what} is a list (- item)")
        return []

    def texts(self, node: Node | None) -> list[tuple[Node, str]]:
        """One text or a list of texts, each with its node."""
        if node is None:
            return []
        return [(item, self.text(item)) for item in (node.value if isinstance(node.value, list) else [node])]

    def text(self, node: Node | None, default: str = "") -> str:
        """A text with its variables filled in."""
        return "".join(text for text, _ in self._pieces(node)) or default

    def secret(self, node: Node | None, *, spelt_out: bool = True) -> str:
        """A text whose variables are secrets; with `spelt_out` it is one itself."""
        pieces = self._pieces(node)
        text = "".join(piece for piece, _ in pieces)
        self.keep_secret(piece for piece, expanded in pieces if expanded)
        self.keep_secret([text] if spelt_out else [])
        return text

    def address(self, node: Node | None, default: str = "") -> str:
        """An address whose variables are secrets, as is any password in it."""
        faults = len(self.faults)
        pieces = self._pieces(node)
        masked = "".join("\0" * len(text) if expanded else text for text, expanded in pieces)
        low, high = _user_part(masked)
        url, position = "", 0
        for text, expanded in pieces:
            url += quote(text, safe="") if expanded and low <= position < high else text
            position += len(text)
        self.keep_secret(piece for piece, expanded in pieces if expanded)
        self.keep_secret(_passwords(url))
        if len(self.faults) > faults:
            return ""
        if node and node.value and not url:
            self.fault(node, "this address is empty")
        return url or default

    def duration(self, node: Node | None, default: timedelta, *, least: timedelta = DURATION_MIN) -> timedelta:
        """A number with its unit: 30s, 5m, 2h, 7d."""
        text = self.text(node)
        return default if node is None or not text else self.duration_of(node, text, default, least=least)

    def duration_of(self, node: Node, text: str, default: timedelta, *, least: timedelta = DURATION_MIN) -> timedelta:
        """The same of a part of a text."""
        found = re.fullmatch(r"([0-9]{1,9})([smhd])", text)
        if not found:
            self.fault(node, f'"{text}" is no duration; write 30s, 5m, 2h or 7d')
            return default
        duration = timedelta(**{_UNITS[found[2]]: int(found[1])})
        if not least <= duration <= DURATION_MAX:
            self.fault(node, f'"{text}" is out of bounds; the least is {least.total_seconds():.0f}s, the most {DURATION_MAX.days}d')
        return duration

    def age(self, node: Node | None, default: timedelta | None) -> timedelta | None:
        """A duration, or 0 for no maximum."""
        return None if self.text(node) == "0" else self.duration(node, default or DURATION_MAX)

    def count(self, node: Node | None, default: int, *, least: int) -> int:
        """A whole number."""
        text = self.text(node)
        if node is None or not text:
            return default
        if re.fullmatch(r"[0-9]{1,9}", text) and int(text) >= least:
            return int(text)
        self.fault(node, f'"{text}" is no whole number of at least {least}')
        return default

    def flag(self, node: Node | None, *, default: bool) -> bool:
        """`true` or `false`, in YAML's usual spellings."""
        text = self.text(node).lower()
        if node is not None and text and text not in _FLAGS:
            self.fault(node, f'"{text}" is neither true nor false')
        return _FLAGS.get(text, default)

    def is_off(self, node: Node | None) -> bool:
        """Whether somebody wrote `off` (or no, false)."""
        return node is not None and _FLAGS.get(self.text(node).lower() if isinstance(node.value, str) else "", True) is False

    def nodes_in(self, node: Node) -> Iterable[Node]:
        """The documents of the YAML files in the folder that a text names; in each a mapping, or a list of them, or nothing.

        Hidden files and folders are not read: in a folder that Kubernetes mounts, they hold every file a second time.
        """
        folder = self.base / self.text(node)
        self.folders.append(folder)
        if not folder.is_dir():
            self.fault(node, f'no folder "{self.text(node)}"; write a list, or a folder of YAML files')
            return
        found = (path for path in folder.rglob("*") if path.suffix in {".yaml", ".yml"} and path.is_file())
        for path in sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)):
            self.files.append(path)
            try:
                documents = read_document(path)
            except PlacedError as error:
                self.faults += error.faults
                continue
            for document in documents:
                if document.value:
                    yield from document.value if isinstance(document.value, list) else [document]

    def severity(self, node: Node | None) -> Severity | None:
        """A severity by name."""
        text = self.text(node)
        if node is None or not text:
            return None
        if text in set(Severity):
            return Severity(text)
        self.fault(node, f'no severity "{text}"{did_you_mean(text, [one.value for one in Severity])}')
        return None

    def zone(self, node: Node | None) -> ZoneInfo | None:
        """A time zone by its name in the IANA database."""
        text = self.text(node)
        if node is None or not text:
            return None
        if text in (zones := available_timezones()):
            return ZoneInfo(text)
        self.fault(node, f'no time zone "{text}"{did_you_mean(text, zones)}; zones are named as in Europe/London')
        return None

    def _pieces(self, node: Node | None) -> list[tuple[str, bool]]:
        """The parts of a scalar in order, and whether each stood for a variable."""
        if node is None:
            return []
        if not isinstance(node.value, str):
            self.fault(node, "a text is wanted here")
            return []
        pieces, position = [], 0
        for found in _VARIABLE.finditer(node.value):
            pieces.append((node.value[position : found.start()], False))
            pieces.append((self._variable(node, found), True) if found["name"] else ("$", False))
            position = found.end()
        pieces.append((node.value[position:], False))
        if any("${" in text for text, expanded in pieces if not expanded):
            self.fault(node, "a ${ that begins no variable; write ${X}, ${X:-default} or ${X:?message}, and $$ for a dollar sign")
        return [piece for piece in pieces if piece[0]]

    def _variable(self, node: Node, found: re.Match[str]) -> str:
        name, how, rest = found["name"], found["how"], found["rest"] or ""
        value = self.environ.get(name)
        if value is None and (file := self.environ.get(f"{name}_FILE")):
            value = self._content(node, name, self.base / file)
        if value or (value is not None and not how):
            return value
        if how != "-":
            self.fault(node, f"the variable {name} is {'not set' if value is None else 'empty'}" + (f": {rest}" if rest else ""))
        return rest if how == "-" else ""

    def _content(self, node: Node, name: str, file: Path) -> str:
        self.files.append(file)
        try:
            with file.open("rb") as stream:
                data = stream.read(SECRET_FILE_BYTES_MAX + 1)
            if len(data) <= SECRET_FILE_BYTES_MAX:
                return data.decode().strip()
            why = f"larger than {SECRET_FILE_BYTES_MAX} bytes"
        except OSError as error:
            why = error.strerror or "unreadable"
        except UnicodeDecodeError:
            why = "not UTF-8"
        self.fault(node, f"the file that {name}_FILE names cannot be used: {why}")
        return ""

    def keep_secret(self, values: Iterable[str]) -> None:
        for value in values:
            self.secrets.update(one for one in (value, quote(value, safe="")) if len(one) >= SECRET_CHARACTERS_MIN)


def _raw(node: Node | None) -> str:
    """A scalar as written."""
    return node.value if node and isinstance(node.value, str) else ""


def _scheme(url: str) -> str:
    return url.partition(":")[0].lower()


def _user_part(url: str) -> tuple[int, int]:
    """From where to where user and password stand in an address."""
    start = url.find("://") + 3
    end = min((at for at in (url.find(mark, start) for mark in "/?#") if at >= 0), default=len(url))
    return (start, url.rfind("@", start, end)) if start > 2 else (0, 0)


def _passwords(url: str) -> list[str]:
    """The passwords that stand in an address: before the host, and in parameters called so."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return []
    named = [value for key, value in parse_qsl(parts.query) if re.search(r"pass|secret|token|key", key, re.IGNORECASE)]
    return [*named, *(found for found in (parts.password or "", unquote(parts.password or "")) if found)]


def _tokens(url: str) -> list[str]:
    """The parts of a channel's address that look like a service's token: long, without spaces, with digits."""
    return [part for part in re.split(r"[/:@?&=,#]+", url) if len(part) >= TOKEN_CHARACTERS_MIN and re.search(r"[0-9]", part)]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of an error line about a name that there is not."""
    near = difflib.get_close_matches(name, known, n=1)
    return f'; did you mean "{near[0]}"?' if near else ""
