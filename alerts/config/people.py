"""`channels`, `routes` and `subscribers`: who is told, how, and when."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from ..documents import Node
from ..errors import Place
from ..records import QuietHours
from ..routing import Rate, Route
from .reading import DURATION_MIN, Reader, did_you_mean, tokens
from .values import Channel, Fallback, Reference

__all__ = ["RATE_MAX", "channel_names", "read_channels", "read_route", "read_subscribers", "with_fallbacks", "with_subscribers"]

FALLBACK_AFTER = timedelta(minutes=10)
RATE_MAX = 200


def read_channels(reader: Reader, node: Node | None, *, of: str = "", timezone: ZoneInfo | None = None) -> Iterable[Channel]:
    """The channels of a mapping; those `of` a subscriber are named after them."""
    for name, item in reader.mapping(node, "channels").items():
        if not re.fullmatch(r"[^\s/]{1,100}", name) or not name.isprintable():
            reader.fault(item, "a channel's name is up to 100 characters without spaces and slashes")
        yield _channel(reader, item, f"{of}.{name}" if of else name, timezone=timezone)


def _channel(reader: Reader, node: Node, name: str, *, timezone: ZoneInfo | None) -> Channel:
    part = reader.mapping(
        node,
        "a channel",
        known=("url", "give_up", "timezone", "fallback", "per_hour", "storm", "rate"),
        required=("url",),
        alone="url",
    )
    url = reader.address(part.get("url"))
    reader.keep_secret(tokens(url))
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


def _fallback(reader: Reader, node: Node | None) -> Fallback | None:
    part = reader.mapping(node, "a fallback", known=("to", "after"), required=("to",), alone="to")
    to = part.get("to")
    if to is None or not to.value:
        return None
    return Fallback(reader.text(to), reader.duration(part.get("after"), FALLBACK_AFTER), place=to.place)


def with_fallbacks(reader: Reader, channels: Sequence[Channel], *, of: str = "", common: Collection[str] = ()) -> Iterable[Channel]:
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


def _storm(reader: Reader, node: Node | None) -> int | None:
    if reader.is_off(node):
        return 0
    return reader.count(node, 0, least=1) or None


def _rates(reader: Reader, node: Node | None) -> tuple[Rate, ...] | None:
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


def read_route(reader: Reader, node: Node, channels: Mapping[str, Channel], *, zone: ZoneInfo) -> Route:
    part = reader.mapping(node, "a route", known=("to", *_MATCHERS, "digest", "quiet_hours"), required=("to",))
    return _route_of(reader, part, to=channel_names(reader, part.get("to"), channels), zone=zone, place=node.place)


def _route_of(reader: Reader, part: Mapping[str, Node], *, to: tuple[str, ...], zone: ZoneInfo, place: Place) -> Route:
    reader.feeds += reader.texts(part.get("feed"))
    for item, _ in reader.texts(part.get("language")):
        reader.language(item)
    for key in ("rule", "watchlist", "term", "place", "tag"):
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


def _digest(reader: Reader, node: Node | None) -> timedelta | None:
    if node is None:
        return None
    every = reader.duration(node, timedelta(hours=1), least=timedelta(minutes=1))
    if every > timedelta(days=1) and every % timedelta(days=1):
        reader.fault(node, "a digest of more than a day comes after whole days: 2d, 7d")
    return every


def _quiet_hours(reader: Reader, node: Node | None, *, zone: ZoneInfo) -> QuietHours | None:
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
class Subscriber:
    """A person: channels of their own, and the one route that leads to them."""

    channels: tuple[Channel, ...]
    route: Route


def with_subscribers(routes: tuple[Route, ...], subscribers: Sequence[Subscriber], channels: Iterable[str]) -> tuple[Route, ...]:
    """Everybody's routes and those of subscribers; without the first every alert goes to every channel, but to no subscriber's."""
    if not subscribers:
        return routes
    return (*(routes or (Route(to=tuple(channels)),)), *(one.route for one in subscribers))


def read_subscribers(reader: Reader, node: Node | None, *, taken: Mapping[str, Channel], zone: ZoneInfo) -> Iterable[Subscriber]:
    names: dict[str, Place] = {name: channel.place for name, channel in taken.items()}
    in_folder = node is not None and node.value and isinstance(node.value, str)
    for item in reader.nodes_in(node) if node is not None and in_folder else reader.items(node, "subscribers"):
        yield _subscriber(reader, item, names, common=taken, zone=zone)


def _subscriber(reader: Reader, node: Node, names: dict[str, Place], *, common: Collection[str], zone: ZoneInfo) -> Subscriber:
    part = reader.mapping(
        node,
        "a subscriber",
        known=("name", "channels", "timezone", *_MATCHERS, "digest", "quiet_hours"),
        required=("name", "channels"),
    )
    name = reader.text(part.get("name"))
    if name and (not re.fullmatch(r"[^\s/.]{1,60}", name) or not name.isprintable()):
        reader.fault(part["name"], "a subscriber's name is up to 60 characters without spaces, slashes and dots")
    elif name and name in names:
        reader.fault(part["name"], f'"{name}" is named twice, first at {names[name]}')
    names.setdefault(name, node.place)
    timezone = reader.zone(part.get("timezone")) or zone
    wanted = part.get("channels")
    if wanted is not None and isinstance(wanted.value, str):
        channels = [_channel(reader, wanted, name, timezone=timezone)]
    else:
        channels = list(read_channels(reader, wanted, of=name, timezone=timezone))
        for channel in channels:
            if channel.name in names:
                reader.fault(channel.place, f'"{channel.name}" is named twice, first at {names[channel.name]}')
    channels = list(with_fallbacks(reader, channels, of=name, common=common))
    to = tuple(channel.name for channel in channels)
    return Subscriber(tuple(channels), _route_of(reader, part, to=to, zone=timezone, place=node.place))


def channel_names(reader: Reader, node: Node | None, channels: Mapping[str, Channel]) -> tuple[str, ...]:
    names = []
    for item, name in reader.texts(node):
        if name not in channels:
            reader.fault(item, f'no channel "{name}"{did_you_mean(name, channels)}')
        names.append(name)
    return tuple(dict.fromkeys(names))
