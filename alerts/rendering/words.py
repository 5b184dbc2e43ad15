"""What every layout says in the same words: cleaned lines, links, times, counts; lengths in UTF-16 units, as Telegram counts them.

Everything in a message that comes from a feed is made one line of printable text and cut to its bound, so that no headline can forge
a line, reorder the text or call a channel's members.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from urllib.parse import quote

from ..records import Severity

__all__ = [
    "LINK_UNITS_MAX",
    "MARKERS",
    "clean",
    "clock",
    "counted",
    "cut",
    "is_link",
    "line",
    "link",
    "listed",
    "name_of_feed",
    "severity_of",
    "units",
    "zone_of",
]

LINK_UNITS_MAX = 900

MARKERS = {Severity.INFO: "⚪", Severity.LOW: "🔵", Severity.MEDIUM: "🟡", Severity.HIGH: "🟠", Severity.CRITICAL: "🔴"}
_JOINERS = "\u200c\u200d"  # Persian needs the one, emoji the other; every other invisible format character goes
_CALLS = re.compile(r"@(?=(?:everyone|here|channel|all)\b)", re.IGNORECASE)


def severity_of(severity: Severity) -> str:
    """`🔴 CRITICAL`."""
    return f"{MARKERS[severity]} {severity.value.upper()}"


def line(text: str) -> str:
    """One line of printable text."""
    return " ".join(clean(text).split())


def clean(text: str) -> str:
    """Without control, format and half characters; every kind of break a space; no call to all members of a channel."""
    shown = "".join(_shown(character) for character in text) if not (text.isascii() and text.isprintable()) else text
    return _CALLS.sub("＠", shown)


def link(url: str) -> str:
    """The address with everything escaped that is no part of one; nothing but http and https is shown as a link."""
    if not is_link(url):
        return "(the feed gives no web address)"
    shown = quote(url.encode("utf-8", "replace"), safe="%/:=&?~#+!$,;'@()*[]")
    return shown if len(shown) <= LINK_UNITS_MAX else "(the address is too long to show)"


def is_link(url: str) -> bool:
    """Whether an address is one that a reader may follow."""
    return re.match(r"https?://", url, re.IGNORECASE) is not None


def name_of_feed(name: str) -> str:
    """A feed's name; of an address only host and path, as user and query may be secrets."""
    if "://" in name:
        host, slash, path = re.split("[?#]", name.partition("://")[2])[0].partition("/")
        name = host.rpartition("@")[2] + slash + path
    return cut(line(name), 60) or "(unnamed feed)"


def clock(at: datetime, timezone: tzinfo) -> str:
    """`2015-11-17 21:30 UTC (23:30 Damascus)`; the date is repeated where it differs, the second time left out where it is UTC."""
    utc, local = at.astimezone(UTC), at.astimezone(timezone)
    shown = f"{utc:%Y-%m-%d %H:%M} UTC"
    if local.utcoffset() == utc.utcoffset():
        return shown
    return f"{shown} ({local:{'%H:%M' if local.date() == utc.date() else '%Y-%m-%d %H:%M'}} {zone_of(local)})"


def zone_of(local: datetime) -> str:
    """`Damascus`: where a clock shows this time."""
    if not local.utcoffset():
        return "UTC"
    return str(getattr(local.tzinfo, "key", "") or local.tzname() or "local").rpartition("/")[2].replace("_", " ")


def listed(items: Sequence[str], most: int) -> str:
    """`a, b and 3 more`."""
    more = len(items) - most
    return ", ".join(items[:most]) + (f" and {more} more" if more > 0 else "")


def counted(count: int, noun: str) -> str:
    """`1 source`, `2 sources`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def units(text: str) -> int:
    """The length in UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)


def cut(text: str, most: int) -> str:
    """At most so many UTF-16 units, an ellipsis in the place of what is cut."""
    if units(text) <= most:
        return text
    return text.encode("utf-16-le")[: 2 * (most - 1)].decode("utf-16-le", "ignore").rstrip() + "…"


def _shown(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    category = unicodedata.category(character)
    if category in {"Zs", "Zl", "Zp"} or character.isspace():
        return " "
    if category in {"Cc", "Cf"}:
        return ""
    # What Python's Unicode tables do not know yet may be a new emoji; halves of pairs and noncharacters never are.
    return character if category == "Cn" and "\u0378" <= character < "\U000e0000" and ord(character) & 0xFFFE != 0xFFFE else "\ufffd"
