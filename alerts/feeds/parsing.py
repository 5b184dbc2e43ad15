"""A body to a `Document`: RSS, Atom, RDF by feedparser, JSON Feed by hand. Pure, slow and exposed: `worker` runs it in a process apart.

A broken document gives what can be read of it; only one that has neither a feed's version nor an entry is refused.

feedparser opens files and addresses when it is handed text or bytes that name one (`/etc/passwd` as a body is enough), so it is only
ever given a stream; its sanitiser and its resolver of links in markup are off, because they take four fifths of its time for markup that
becomes plain text anyway.

What it deliberately does not do: it does not say what is new, nor which entry is which; `articles` and `identity` do.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import feedparser
from lxml import etree

from ..errors import FeedError
from .addresses import canonical, is_web, shown
from .documents import ENTRIES_MAX, Document, Entry, Wishes
from .identity import sign
from .plain import plain_line, plain_text

__all__ = ["parse_body"]

ENTRY_TEXT_BYTES_MAX = 200_000
"""How much text of one entry is kept, in UTF-8, title, summary and content together."""
TITLE_CHARS_MAX = 1_000
"""A longer title is text, too: it is cut in the title and kept whole at the head of the content."""
LINK_CHARS_MAX = 4_096
"""A longer link is none."""
YEAR_MIN = 1990
"""Before there was a web there was no article on it: 0000-00-00 and epoch seconds are read as such years."""

_PLAIN = "text/plain"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}")
_DECLARED = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_PLACE = re.compile(r"\{http://www\.(?:georss\.org|opengis\.net)/|(?:georss|gml):")
_JSON_FEED = "jsonfeed.org/version"
_NOWHERE = "x:"
"""The address that feedparser is told, against which nothing is resolved: against the true one, guids would be, like links. With none at
all, it goes on resolving with the last `xml:base` that it saw, beyond the end of the element that had it."""
_ROOT_BASE = re.compile(rb"""<(?:feed|rss|rdf:RDF)\b[^<>]*?\sxml:base\s*=\s*["']([^"'<>]*)["']""")
_INVISIBLE = "".join(map(chr, range(0x21)))
HEAD_BYTES_MAX = 65_536
"""Where a feed says when it wants to be read, that is said within this."""
_SKIPPED = re.compile(rb"<skip(Hours|Days)\b[^<>]*>(.{0,4000}?)</skip", re.IGNORECASE | re.DOTALL)
_SKIPPED_ONE = re.compile(rb"<(?:hour|day)\b[^<>]*>\s*(\w{1,9})\s*<", re.IGNORECASE)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """An entry as its document has it."""

    guid: str
    url: str
    title: str
    summary: str
    content: str
    language: str
    published: datetime | None


def parse_body(body: bytes, headers: Mapping[str, str], *, url: str) -> Document:
    """The feed in `body`, which came from `url` with these headers (lower-case names). Raises `FeedError`."""
    start = body[:2_000].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if not start:
        raise FeedError(f"{shown(url)}: an empty answer", kind="parse")
    if start.startswith((b"<!doctype html", b"<html")):
        raise FeedError(f"{shown(url)}: HTML instead of a feed", kind="html")
    if start.startswith(b"{"):
        return _json_feed(body, url=url)
    return _xml_feed(body, headers, url=url)


def _xml_feed(body: bytes, headers: Mapping[str, str], *, url: str) -> Document:
    try:
        parsed = _parsed(body, _content_type(body, headers))
    except Exception:  # noqa: BLE001 -- feedparser raises anything over a coordinate that is no number, or bytes that are no text
        parsed = _parsed(_mended(body), "application/xml; charset=utf-8")
    if not parsed.get("version") and not parsed.entries:
        if b"<html" in body[:2_000].lower():
            raise FeedError(f"{shown(url)}: HTML instead of a feed", kind="html")
        raise FeedError(f"{shown(url)}: not a feed", kind="parse")
    language = _language(parsed.feed.get("language"))
    base = _base(body, url=url)
    return Document(
        title=_title(plain_line(_text(parsed.feed.get("title")), markup=True)),
        language=language,
        entries=tuple(_entry(_xml_item(one, language=language, base=base), at) for at, one in enumerate(parsed.entries[:ENTRIES_MAX])),
        wishes=_wishes(parsed.feed, body[:HEAD_BYTES_MAX], base=base),
        size=len(parsed.entries),
        sound=not parsed.bozo,
    )


def _parsed(body: bytes, content_type: str) -> Any:
    return feedparser.parse(
        io.BytesIO(body),
        response_headers={"content-type": content_type, "content-location": _NOWHERE},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _base(body: bytes, *, url: str) -> str:
    """What links of the document are relative to: its address, or what its outermost tag makes of that."""
    found = _ROOT_BASE.search(body[:HEAD_BYTES_MAX])
    return _link(found[1].decode("utf-8", "replace").strip(), base=url) or url if found else url


def _mended(body: bytes) -> bytes:
    """The document as libxml2 understands it, without places on the map, over which feedparser stumbles."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    root = etree.fromstring(body, parser)
    if root is None:
        return b""
    places = [element for element in root.iter(etree.Element) if _PLACE.match(element.tag)]
    for element in places:
        if (parent := element.getparent()) is not None:
            parent.remove(element)
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))


def _wishes(feed: Any, head: bytes, *, base: str) -> Wishes:
    """What the feed says of its own rhythm: RSS 2.0's ttl, skipHours and skipDays, and RSS 1.0's module "syndication"."""
    skipped: dict[bytes, list[str]] = {b"hours": [], b"days": []}
    for what, values in _SKIPPED.findall(head):
        skipped[what.lower()] += [value.decode("ascii", "replace").lower() for value in _SKIPPED_ONE.findall(values)]
    links = {_text(link.get("rel")): _text(link.get("href")) for link in reversed(feed.get("links") or [])}
    return Wishes(
        every_s=max(60.0 * _number(feed.get("ttl")), _syndication_s(feed)),
        skip_hours=tuple(sorted({int(hour) % 24 for hour in skipped[b"hours"] if hour.isdecimal()})),  # RSS 0.91 has an hour 24
        skip_days=tuple(sorted({_DAYS.index(day) for day in skipped[b"days"] if day in _DAYS})),
        self_url=_link(links.get("self", ""), base=base),
        hub_url=_link(links.get("hub", ""), base=base),
    )


def _syndication_s(feed: Any) -> float:
    period = _PERIODS.get(_text(feed.get("sy_updateperiod")).lower(), 0)
    return period / (_number(feed.get("sy_updatefrequency")) or 1.0)


def _number(value: object) -> float:
    text = _text(value)
    return float(text) if text.isdecimal() and len(text) <= 9 else 0.0


def _content_type(body: bytes, headers: Mapping[str, str]) -> str:
    """A type that leaves the charset to what is known best of it; `text/xml` would stand for ASCII (RFC 3023, withdrawn by RFC 7303)."""
    charset = _charset(body, headers)
    return f"application/xml; charset={charset}" if charset else "application/xml"


def _charset(body: bytes, headers: Mapping[str, str]) -> str:
    """A byte order mark decides (RFC 7303 §3.3), then UTF-8 where the body is that, which no other text is by chance, then the header."""
    if body.startswith(_MARKS):
        return ""
    declared = _DECLARED.search(headers.get("content-type", ""))
    if not body.isascii():
        with contextlib.suppress(UnicodeDecodeError):
            body.decode("utf-8")
            return "utf-8"
    return declared[1] if declared and _is_charset(declared[1]) else ""


def _is_charset(name: str) -> bool:
    """Whether texts can be in it. A server's fault may name `undefined`, for which Python has a codec that refuses everything."""
    try:
        b"<>".decode(name)
    except UnicodeDecodeError:
        return True
    except (LookupError, UnicodeError):
        return False
    return True


def _xml_item(entry: Any, *, language: str, base: str) -> _Item:
    title = _detail(entry, "title")
    link = entry.get("feedburner_origlink") or entry.get("link")
    contents = (_block(part) for part in entry.get("content") or ())
    return _item(
        guid=_text(entry.get("id")),
        url=_link(_text(link), base="" if link == entry.get("id") else base),
        title=plain_line(_text(title.get("value")), markup=title.get("type") != _PLAIN),
        summary=_block(_detail(entry, "summary")),
        content="\n\n".join(dict.fromkeys(text for text in contents if text)),
        language=_language(title.get("language")) or language,
        published=_first_date(entry),
    )


def _detail(entry: Any, name: str) -> Any:
    return entry.get(f"{name}_detail") or {"value": entry.get(name), "type": "text/html"}


def _block(detail: Any) -> str:
    return plain_text(_text(detail.get("value")), markup=detail.get("type") != _PLAIN)


def _first_date(entry: Any) -> datetime | None:
    # Not entry.get(): feedparser answers a missing `updated` with `published`, and a DeprecationWarning.
    parsed = (dict.get(entry, f"{name}_parsed") for name in ("published", "updated", "created"))
    return next((date for date in map(_from_struct, parsed) if date is not None), None)


def _from_struct(parsed: time.struct_time | None) -> datetime | None:
    if parsed is None:
        return None
    try:
        return _believable(datetime(*parsed[:6], tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


def _believable(date: datetime) -> datetime | None:
    return date if date.year >= YEAR_MIN else None


def _json_feed(body: bytes, *, url: str) -> Document:
    """https://www.jsonfeed.org/version/1.1/, and what is missing or of the wrong type in it is simply not there."""
    try:
        feed = json.loads(body.decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError):
        raise FeedError(f"{shown(url)}: not a feed: JSON that cannot be read", kind="parse") from None
    if not isinstance(feed, dict) or _JSON_FEED not in _text(feed.get("version")):
        raise FeedError(f"{shown(url)}: not a feed: JSON, but not a JSON Feed", kind="parse")
    language = _language(feed.get("language"))
    listed = feed.get("items")
    found = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    hubs = [hub.get("url") for hub in feed.get("hubs") or () if isinstance(hub, dict)] if isinstance(feed.get("hubs"), list) else []
    return Document(
        title=_title(plain_line(_text(feed.get("title")), markup=False)),
        language=language,
        entries=tuple(_entry(_json_item(one, language=language, base=url), at) for at, one in enumerate(found[:ENTRIES_MAX])),
        wishes=Wishes(self_url=_link(_text(feed.get("feed_url")), base=url), hub_url=_link(_text(next(iter(hubs), "")), base=url)),
        size=len(found),
    )


def _json_item(item: dict[str, Any], *, language: str, base: str) -> _Item:
    markup = _text(item.get("content_html"))
    return _item(
        guid=_text(item.get("id")),
        url=_link(_text(item.get("url")) or _text(item.get("external_url")), base=base),
        title=plain_line(_text(item.get("title")), markup=False),
        summary=plain_text(_text(item.get("summary")), markup=False),
        content=plain_text(markup, markup=True) or plain_text(_text(item.get("content_text")), markup=False),
        language=_language(item.get("language")) or language,
        published=_from_rfc3339(_text(item.get("date_published"))) or _from_rfc3339(_text(item.get("date_modified"))),
    )


def _from_rfc3339(text: str) -> datetime | None:
    try:
        date = datetime.fromisoformat(text)
        return _believable(date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


def _item(*, guid: str, url: str, title: str, summary: str, content: str, language: str, published: datetime | None) -> _Item:
    """The item within its bounds, no text in it twice."""
    if summary == content:  # feedparser repeats the content where there is no summary
        summary = ""
    if len(title) > TITLE_CHARS_MAX:
        title, content = title[:TITLE_CHARS_MAX], f"{title}\n\n{content}".rstrip()
    summary = _cut(summary, ENTRY_TEXT_BYTES_MAX - _size(title))
    content = _cut(content, ENTRY_TEXT_BYTES_MAX - _size(title) - _size(summary))
    return _Item(guid=guid, url=url, title=title, summary=summary, content=content, language=language, published=published)


def _size(text: str) -> int:
    return len(text.encode())


def _cut(text: str, bytes_max: int) -> str:
    return text.encode()[:bytes_max].decode("utf-8", "ignore")


def _title(title: str) -> str:
    return title[:TITLE_CHARS_MAX]


def _entry(item: _Item, at: int) -> Entry:
    return Entry(
        guid=sign("guid", item.guid) if item.guid else "",
        url=item.url,
        title=item.title,
        summary=item.summary,
        content=item.content,
        language=item.language,
        published=item.published,
        text_digest=sign(item.title, item.summary, item.content),
        permalink=bool(item.url) and canonical(item.guid) == canonical(item.url),
        at=at,
    )


def _text(value: object) -> str:
    """A value as text: JSON feeds have numbers for ids, and anything else is nothing."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _link(link: str, *, base: str) -> str:
    """The absolute link, or "" where it is none that a reader could follow."""
    link = link.strip(_INVISIBLE)  # as browsers do (url.spec.whatwg.org, basic URL parser)
    try:
        absolute = urljoin(base, link) if link else ""
    except ValueError:
        return ""
    absolute = absolute.encode("utf-8", "replace").decode()  # half a surrogate pair, escaped in JSON
    return absolute if len(absolute) <= LINK_CHARS_MAX and is_web(absolute) else ""


def _language(value: object) -> str:
    """A language tag in lower case, or "" for what is none."""
    tag = _text(value).lower().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else ""
