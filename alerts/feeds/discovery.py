"""From the address of a site to its feeds: what its page advertises, and where feeds usually are.

What it deliberately does not do: it fetches nothing, and it takes no link for a feed because it looks like one; whoever asks fetches the
candidates and sees which of them parse.
"""

from __future__ import annotations

from urllib.parse import urljoin

from lxml import etree

from .addresses import is_web

__all__ = ["advertised", "usual"]

PAGE_BYTES_MAX = 1_000_000
"""Links to feeds stand in the head of a page."""
FEEDS_MAX = 10
ATTRIBUTE_CHARS_MAX = 2_000

_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "application/xml", "text/xml"}
)
_USUAL = ("feed", "rss", "feed.xml", "rss.xml", "atom.xml", "index.xml", "feed.json")
"""Where WordPress, Ghost, Jekyll, Hugo and their like put their feeds. A host is asked once a second, so it is a short list."""


def advertised(page: bytes, *, url: str) -> tuple[str, ...]:
    """The addresses of the feeds that an HTML page names in its `link rel="alternate"`, best first as the page has them."""
    links = _Links()
    parser = etree.HTMLParser(target=links, no_network=True)
    try:
        etree.HTML(page[:PAGE_BYTES_MAX], parser)
    except etree.XMLSyntaxError:  # nothing in it
        return ()
    base = _joined(url, links.base)
    found = dict.fromkeys(_joined(base, href) for href in links.feeds)
    return tuple(feed for feed in found if is_web(feed))[:FEEDS_MAX]


def usual(url: str) -> tuple[str, ...]:
    """Where the feed of a site usually is: beneath this address, and beneath its root."""
    plain = url.partition("?")[0].partition("#")[0]
    folder = plain if plain.endswith("/") else f"{plain}/"
    return tuple(dict.fromkeys(urljoin(base, path) for base in (folder, urljoin(url, "/")) for path in _USUAL))


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link.strip())
    except ValueError:
        return ""


class _Links:
    """What lxml tells of a page: its base and its links to feeds."""

    def __init__(self) -> None:
        self.base = ""
        self.feeds: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        href = attributes.get("href", "")
        if not href or len(href) > ATTRIBUTE_CHARS_MAX:
            return
        if tag == "base" and not self.base:
            self.base = href
        elif tag == "link" and "alternate" in attributes.get("rel", "").lower().split():
            kind = attributes.get("type", "").partition(";")[0].strip().lower()
            if kind in _TYPES:
                self.feeds.append(href)

    def close(self) -> None:
        """Part of lxml's protocol."""
