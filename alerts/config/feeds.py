"""`poll` and `feeds`."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..documents import Node
from ..errors import Fault, Place
from .reading import VARIABLE, Reader, raw, scheme
from .values import Feed, Poll

__all__ = ["read_feeds", "read_poll"]


def read_poll(reader: Reader, node: Node | None) -> Poll:
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


def _proxy(reader: Reader, node: Node | None) -> str:
    url = reader.address(node)
    if node and url and scheme(url) not in {"http", "https"}:
        reader.fault(node, "no address of a proxy; use http://HOST:PORT or https://HOST:PORT")
    return url


def read_feeds(reader: Reader, node: Node | None, poll: Poll) -> Iterable[Feed]:
    first: dict[str, Place] = {}
    for item in reader.items(node, "feeds"):
        feed = _feed(reader, item, poll)
        if feed.url in first:
            reader.warnings.append(Fault(feed.place, f"this feed is listed twice, first in line {first[feed.url].line}; it is polled once"))
            continue
        if feed.url:
            first[feed.url] = feed.place
        yield feed


def _feed(reader: Reader, node: Node, poll: Poll) -> Feed:
    part = reader.mapping(
        node,
        "a feed",
        known=("url", "name", "every", "language", "headers", "user", "password", "allow_private_addresses"),
        required=("url",),
        alone="url",
    )
    key = raw(part.get("url"))
    url = _feed_url(reader, part.get("url"))
    local = scheme(url) == "file"
    return Feed(
        key=key,
        url=url,
        name=reader.text(part.get("name")) or _feed_name(key),
        every=reader.duration(part.get("every"), poll.every),
        max_age=None if local else poll.max_age,
        language=reader.language(part.get("language")),
        headers=_headers(reader, part.get("headers")),
        user=reader.text(part.get("user")),
        password=reader.secret(part.get("password")),
        allow_private_addresses=reader.flag(part.get("allow_private_addresses"), default=poll.allow_private_addresses),
        place=node.place,
    )


def _feed_url(reader: Reader, node: Node | None) -> str:
    url = reader.address(node)
    good = _file_url(url, reader.base) if scheme(url) == "file" else _web_url(url)
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
    plain = VARIABLE.sub(lambda found: f"${{{found['name']}}}" if found["name"] else found[0], key)
    host, slash, path = re.split("[?#]", plain.partition("://")[2] or plain.partition(":")[2])[0].partition("/")
    return (host.rpartition("@")[2] + slash + path).rstrip("/") or "feed"


def _headers(reader: Reader, node: Node | None) -> dict[str, str]:
    headers = {}
    for name, value in reader.mapping(node, "headers").items():
        headers[name] = reader.secret(value, spelt_out=False)
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):  # RFC 9110, 5.6.2
            reader.fault(value, f'"{name}" is no name of an HTTP header')
        elif not headers[name].isprintable():
            reader.fault(value, f"the value of {name} holds a line break or a control character")
    return headers
