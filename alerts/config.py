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
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from .documents import Node, read_document
from .errors import ConfigError, Fault, Place, PlacedError
from .records import Severity
from .routing import Route
from .stories import StorySettings

__all__ = ["Channel", "Config", "Feed", "Poll", "check_references", "load"]

DURATION_MIN = timedelta(seconds=1)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One channel; `timezone` is the zone of its readers, where it differs from everybody's."""

    name: str
    url: str = field(repr=False)
    timezone: ZoneInfo | None = None
    give_up: timedelta = timedelta(days=7)
    place: Place


class Reference(NamedTuple):
    """A rule or watchlist that a route names, and where."""

    key: str
    name: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The configuration. Paths are absolute but in `log`, where they are relative to `base`; no `routes` is every alert to every channel.

    `secrets` is what must never be shown; `files` is what it was read from, to see when it changes.
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


def check_references(config: Config, *, rules: Collection[str], watchlists: Collection[str]) -> None:
    """Raise `ConfigError` for every route that names a rule or a watchlist that there is not."""
    known = {"rule": rules, "watchlist": watchlists}
    faults = [
        Fault(one.place, f'no {one.key} "{one.name}"{_did_you_mean(one.name, known[one.key])}')
        for one in config.references
        if one.name not in known[one.key]
    ]
    if faults:
        raise ConfigError(faults)


# --- The sections -------------------------------------------------------------------------------------------------------------------


def _config(reader: _Reader, node: Node, path: Path) -> Config:
    part = reader.mapping(
        node,
        "the configuration",
        known=("log", "keep", "rules", "timezone", "poll", "feeds", "stories", "channels", "routes", "ops"),
        later=("web", "subscribers"),
        required=("feeds", "channels"),
    )
    poll = _poll(reader, part.get("poll"))
    channels = {channel.name: channel for channel in _channels(reader, part.get("channels"))}
    return Config(
        path=path,
        base=reader.base,
        log=_log(reader, part.get("log")),
        keep=reader.duration(part.get("keep"), timedelta(days=30)),
        rules=reader.base / reader.text(part.get("rules"), "rules/"),
        timezone=reader.zone(part.get("timezone")) or ZoneInfo("UTC"),
        poll=poll,
        feeds=tuple(_feeds(reader, part.get("feeds"), poll)),
        stories=_stories(reader, part.get("stories")),
        channels=channels,
        routes=tuple(_route(reader, item, channels) for item in reader.items(part.get("routes"), "routes")),
        ops=_channel_names(reader, part.get("ops"), channels) or tuple(channels),
        references=tuple(reader.references),
        secrets=frozenset(reader.secrets),
        warnings=tuple(reader.warnings),
        files=(path, *reader.files),
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


def _channels(reader: _Reader, node: Node | None) -> Iterable[Channel]:
    for name, item in reader.mapping(node, "channels").items():
        if not re.fullmatch(r"[^\s/]{1,100}", name) or not name.isprintable():
            reader.fault(item, "a channel's name is up to 100 characters without spaces and slashes")
        part = reader.mapping(
            item,
            "a channel",
            known=("url", "give_up", "timezone"),
            later=("fallback", "per_hour"),
            required=("url",),
            alone="url",
        )
        url = reader.address(part.get("url"))
        reader.keep_secret(_tokens(url))
        if url and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", url):
            reader.fault(part["url"], "no address of a channel; use an Apprise URL such as slack://TOKEN/#channel, or console:")
        yield Channel(
            name=name,
            url=url,
            timezone=reader.zone(part.get("timezone")),
            give_up=reader.duration(part.get("give_up"), timedelta(days=7)),
            place=item.place,
        )


def _route(reader: _Reader, node: Node, channels: Mapping[str, Channel]) -> Route:
    part = reader.mapping(
        node,
        "a route",
        known=("to", "severity", "rule", "tag", "watchlist", "language"),
        later=("digest", "quiet_hours"),
        required=("to",),
    )
    for key in ("rule", "watchlist"):
        reader.references += [Reference(key, name, item.place) for item, name in reader.texts(part.get(key))]
    return Route(
        to=_channel_names(reader, part.get("to"), channels),
        severity=reader.severity(part.get("severity")),
        rule=frozenset(name for _, name in reader.texts(part.get("rule"))),
        tag=frozenset(name for _, name in reader.texts(part.get("tag"))),
        watchlist=frozenset(name for _, name in reader.texts(part.get("watchlist"))),
        language=frozenset(name for _, name in reader.texts(part.get("language"))),
        place=node.place,
    )


def _channel_names(reader: _Reader, node: Node | None, channels: Mapping[str, Channel]) -> tuple[str, ...]:
    names = []
    for item, name in reader.texts(node):
        if name not in channels:
            reader.fault(item, f'no channel "{name}"{_did_you_mean(name, channels)}')
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
        self.secrets: set[str] = set()
        self.files: list[Path] = []

    def fault(self, at: Node | Place, message: str) -> None:
        self.faults.append(Fault(at.place if isinstance(at, Node) else at, message))

    def mapping(
        self,
        node: Node | None,
        what: str,
        *,
        known: Collection[str] = (),
        later: Collection[str] = (),
        required: Collection[str] = (),
        alone: str = "",
    ) -> dict[str, Node]:
        """The entries of a mapping; without `known` its keys are free. A text is short for a mapping of the one key `alone`."""
        if node is None or node.value == "":
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
                self.fault(place, f'unknown key "{key}"{_did_you_mean(key, known)}')
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
        if node is None or not text:
            return default
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

    def severity(self, node: Node | None) -> Severity | None:
        """A severity by name."""
        text = self.text(node)
        if node is None or not text:
            return None
        if text in set(Severity):
            return Severity(text)
        self.fault(node, f'no severity "{text}"{_did_you_mean(text, [one.value for one in Severity])}')
        return None

    def zone(self, node: Node | None) -> ZoneInfo | None:
        """A time zone by its name in the IANA database."""
        text = self.text(node)
        if node is None or not text:
            return None
        if text in (zones := available_timezones()):
            return ZoneInfo(text)
        self.fault(node, f'no time zone "{text}"{_did_you_mean(text, zones)}; zones are named as in Europe/London')
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


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f'; did you mean "{near[0]}"?' if near else ""
