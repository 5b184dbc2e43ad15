"""`alerts.yaml` as a checked value, or every fault of it with its place.

    config = load(Path("alerts.yaml"), environ=os.environ)
    check_references(config, rules=rules.names, watchlists=rules.watchlists)

`${X}`, `${X:-default}` and `${X:?message}` stand for variables, `$$` for a dollar sign. Where `X` is unset and `X_FILE` names a file, its
content is the value. In an address a variable that stands for a user or a password is percent-encoded; other parts are taken as they
are, so a value that is one variable can be the whole address. What a feed is known by (`Feed.key`) is its address as written, with
variables unexpanded: no secret reaches the log, and a new key makes no new feed.

    values      what it says, as values
    reading     nodes of YAML to values, every fault with its place
    feeds, people    its sections

What it deliberately does not do: it opens no channel, no rule file and no log; it says only what the file says. Keys that a later
version will know are refused by name, because a quiet-hours rule that is ignored is a broken promise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ..documents import Node, read_document
from ..errors import ConfigError, Fault, Place, PlacedError
from ..stories import StorySettings
from .feeds import read_feeds, read_poll
from .people import RATE_MAX, channel_names, read_channels, read_route, read_subscribers, with_fallbacks, with_subscribers
from .reading import Reader, did_you_mean, duration_in, no_duration, no_language
from .values import Channel, Config, Fallback, Feed, Poll, Reference

__all__ = [
    "RATE_MAX",
    "Channel",
    "Config",
    "Fallback",
    "Feed",
    "Poll",
    "check_references",
    "did_you_mean",
    "duration_in",
    "load",
    "no_duration",
    "no_language",
    "unknown_tags",
]


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
    reader = Reader(base=path.absolute().parent, environ=environ)
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
    for one in (one for one in config.references if one.key != "tag"):
        listed = known[one.key] if one.key in known else terms(one.key, one.name)
        if not any(_same(one, name) for name in listed):
            near = (
                did_you_mean(one.name, listed) if one.key in known else "".join(f'; did you mean "{name}"?' for name in sorted(listed)[:1])
            )
            faults.append(Fault(one.place, f'no {one.key} "{one.name}"{near}'))
    if faults:
        raise ConfigError(faults)


def unknown_tags(config: Config, tags: Collection[str]) -> list[Fault]:
    """What to warn of: routes that name a tag which no rule has. It may be that of a rule that is yet to be written."""
    return [
        Fault(one.place, f'no rule has the tag "{one.name}"{did_you_mean(one.name, tags)}')
        for one in config.references
        if one.key == "tag" and one.name not in tags
    ]


def _same(reference: Reference, name: str) -> bool:
    """Terms are compared without case, as routes do."""
    return reference.name == name or (reference.key in {"term", "place"} and reference.name.casefold() == name.casefold())


def _config(reader: Reader, node: Node, path: Path) -> Config:
    part = reader.mapping(
        node,
        "the configuration",
        known=("log", "keep", "rules", "timezone", "poll", "feeds", "stories", "channels", "routes", "subscribers", "ops"),
        later=("web",),
        required=("feeds", "channels"),
    )
    poll = read_poll(reader, part.get("poll"))
    zone = reader.zone(part.get("timezone")) or ZoneInfo("UTC")
    feeds = tuple(read_feeds(reader, part.get("feeds"), poll))
    channels = {channel.name: channel for channel in with_fallbacks(reader, list(read_channels(reader, part.get("channels"))))}
    routes = tuple(read_route(reader, item, channels, zone=zone) for item in reader.items(part.get("routes"), "routes"))
    subscribers = list(read_subscribers(reader, part.get("subscribers"), taken=channels, zone=zone))
    names = [feed.name for feed in feeds]
    for item, name in reader.feeds:
        if name not in names:
            reader.fault(item, f'no feed "{name}"{did_you_mean(name, names)}')
    return Config(
        path=path,
        base=reader.base,
        log=_log(reader, part.get("log")),
        keep=reader.duration(part.get("keep"), timedelta(days=30)),
        rules=reader.path(part.get("rules"), "rules/"),
        timezone=zone,
        poll=poll,
        feeds=feeds,
        stories=_stories(reader, part.get("stories")),
        channels=channels | {channel.name: channel for one in subscribers for channel in one.channels},
        routes=with_subscribers(routes, subscribers, channels),
        ops=channel_names(reader, part.get("ops"), channels) or tuple(channels),
        references=tuple(reader.references),
        secrets=frozenset(reader.secrets),
        warnings=tuple(reader.warnings),
        files=(path, *reader.files),
        folders=tuple(reader.folders),
    )


def _log(reader: Reader, node: Node | None) -> str:
    url = reader.address(node, "sqlite:var/alerts.db")
    if node and url and not re.match(r"(?:sqlite|kafka|kafka\+ssl):.", url):
        reader.fault(node, "no address of a log; use sqlite:PATH, kafka://HOST:PORT or kafka+ssl://HOST:PORT")
    return url


def _stories(reader: Reader, node: Node | None) -> StorySettings:
    part = reader.mapping(node, "stories", known=("window", "updates", "updates_max"))
    default = StorySettings()
    return StorySettings(
        window=reader.duration(part.get("window"), default.window),
        updates=reader.count(part.get("updates"), default.updates, least=1),
        updates_max=reader.count(part.get("updates_max"), default.updates_max, least=0),
    )
