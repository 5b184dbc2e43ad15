"""An alert or a notice as a message that a tired person understands on a phone.

    excerpt(article, evidence)                    # the sentence that says most, kept with the alert
    render(delivery, timezone=ZoneInfo("Europe/London")).title

The most important stands first: severity, what is new if it is an update, and headline; what matched, the sentence with what matched
in «guillemets» (they survive every service's plain text, where stars and underscores turn into markup), why, who reports it and since
when, the link. An update that only tells of further sources is short.

Everything in a message that comes from a feed is made one line of printable text and cut to its bound, so that no headline can forge
a line, reorder the text or call a channel's members. Lengths are counted as Telegram counts them, in UTF-16 units.

What it deliberately does not do: no markup of any service. Layouts for Slack, Telegram and mail are built beside `render`, from the
same alert.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import groupby
from urllib.parse import quote

from .records import Alert, Article, Decision, Delivery, Evidence, Excerpt, Field, How, Kind, Notice, Severity, Source
from .text import sentences

__all__ = ["BODY_UNITS_MAX", "EXCERPT_MAX", "TITLE_UNITS_MAX", "Message", "excerpt", "render"]

TITLE_UNITS_MAX = 200
BODY_UNITS_MAX = 3_500  # with the title below Telegram's 4,096 and far below what Slack shows
EXCERPT_MAX = 400
LINE_UNITS_MAX = 300
REASON_UNITS_MAX = 100
LINK_UNITS_MAX = 900
TERMS_MAX = 6
SOURCES_MAX = 5

_MARKERS = {Severity.INFO: "⚪", Severity.LOW: "🔵", Severity.MEDIUM: "🟡", Severity.HIGH: "🟠", Severity.CRITICAL: "🔴"}
_HEADINGS = {Kind.PLACE: "Places", Kind.GROUP: "Groups", Kind.WEAPON: "Weapons", Kind.TERM: "Terms"}
_JOINERS = "\u200c\u200d"  # Persian needs the one, emoji the other; every other invisible format character goes
_CALLS = re.compile(r"@(?=(?:everyone|here|channel|all)\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Message:
    """What a destination is given: plain text, the title on one line, neither of them empty."""

    title: str
    body: str
    severity: Severity


def excerpt(article: Article, evidence: Sequence[Evidence]) -> Excerpt:
    """The sentence with most evidence: most different terms, then most occurrences; rather of the text than of the title."""
    best, weight = Excerpt(), (0, 0, False)
    for field, found in groupby(sorted(evidence, key=lambda one: (list(Field).index(one.field), one.start)), key=lambda one: one.field):
        text = getattr(article, field.value)
        for start, end, inside in _sentences_of(text, list(found), language=article.language):
            reached = (len({(one.watchlist, one.term) for one in inside}), len(inside), field is not Field.TITLE)
            if reached > weight:
                best, weight = _window(text, start, end, inside), reached
    return best


def render(delivery: Delivery, *, timezone: tzinfo) -> Message:
    """The message of a delivery, its times in UTC and in `timezone`."""
    if delivery.alert is not None:
        return _alert(delivery.alert, delivery, timezone)
    return _notice(delivery.notice or Notice(title=delivery.reason or "notice"))


def _alert(alert: Alert, delivery: Delivery, timezone: tzinfo) -> Message:
    headline = _line(alert.title) or "(no headline)"
    if delivery.decision is not Decision.UPDATE:
        heading, sections = headline, _whole(alert, timezone)
    else:
        heading = f"UPDATE ({_new(alert, delivery)}): {headline}"
        sections = [_update(alert, delivery), *(_further(alert) if delivery.edits else _whole(alert, timezone))]
    body = "\n\n".join("\n".join(lines) for lines in sections if lines)
    return Message(_cut(f"{_severity(alert.severity)} · {heading}", TITLE_UNITS_MAX), _cut(body, BODY_UNITS_MAX), alert.severity)


def _whole(alert: Alert, timezone: tzinfo) -> list[list[str]]:
    """What matched, the sentence, why, who and when, the link; each a section of lines."""
    return [
        [*_matched(alert), *_related(alert)],
        [_sentence(alert.excerpt)] if alert.excerpt.text else [],
        [_why(alert), *_reported(alert), *_times(alert, timezone)],
        [_link(alert.url)] if alert.url else [],
    ]


def _further(alert: Alert) -> list[list[str]]:
    """What an update needs that only tells of further sources."""
    return [list(_reported(alert)), [_link(alert.url)] if alert.url else []]


def _notice(notice: Notice) -> Message:
    title = f"{_severity(notice.severity)} · {_line(notice.title)}"
    shown: list[str] = []
    left = BODY_UNITS_MAX - len("… and 1,000,000,000 more")
    for line in (_cut(_line(line), LINE_UNITS_MAX) for line in notice.lines):
        left -= _units(line) + 1
        if left < 0:
            shown.append(f"… and {len(notice.lines) - len(shown):,} more")
            break
        shown.append(line)
    return Message(_cut(title, TITLE_UNITS_MAX), "\n".join(shown) or _cut(title, TITLE_UNITS_MAX), notice.severity)


def _severity(severity: Severity) -> str:
    return f"{_MARKERS[severity]} {severity.value.upper()}"


def _new(alert: Alert, delivery: Delivery) -> str:
    return _cut(_line(delivery.reason or alert.reason), REASON_UNITS_MAX) or "new report"


def _update(alert: Alert, delivery: Delivery) -> list[str]:
    """What is new, and of which story, since a service may show the message far from the first one."""
    lines = [f"UPDATE: {_new(alert, delivery)}, now {_counted(len(_names(alert)), 'source')}"]
    return [*lines, f"Began as: {_quoted(alert.began)}"] if alert.began else lines


def _related(alert: Alert) -> list[str]:
    """Doubt made it a story of its own: whoever knows the other one sees at once that this may be more of it."""
    return [f"Possibly related to {_quoted(alert.related_title)}"] if alert.related_title else []


def _quoted(headline: str) -> str:
    return f"“{_cut(_line(headline), LINE_UNITS_MAX)}”"


def _matched(alert: Alert) -> Iterator[str]:
    """A line for each kind: `Places: Raqqa ≈ "Rakka" (96), Mosul`."""
    by_kind: dict[Kind, dict[tuple[str, str], Evidence]] = {kind: {} for kind in _HEADINGS}
    for one in (one for fired in alert.fired for one in fired.evidence):
        terms = by_kind[alert.kinds.get(one.watchlist, Kind.TERM)]
        known = terms.setdefault((one.watchlist, one.term), one)
        if one.score > known.score:
            terms[one.watchlist, one.term] = one
    for kind, heading in _HEADINGS.items():
        if by_kind[kind]:
            yield f"{heading}: {_listed([_term(one) for one in by_kind[kind].values()], TERMS_MAX)}"


def _term(evidence: Evidence) -> str:
    """The term, and how the article writes it where that differs; a score only where the two were found alike, not equal."""
    name, written = _cut(_line(evidence.term), 60), _cut(_line(evidence.matched), 60)
    if evidence.how is How.EXACT or name.casefold() == written.casefold():
        return name
    if evidence.how is How.ALIAS:
        return f'{name} = "{written}"'
    return f'{name} ≈ "{written}" ({evidence.score:.0f})'


def _sentence(found: Excerpt) -> str:
    """The sentence in quotes, each mark in guillemets; pieces are cleaned one by one, so that the marks stay where they are."""
    pieces, position = [], 0
    for start, end in found.marks:
        if position <= start < end <= len(found.text):
            pieces += [found.text[position:start], "«", found.text[start:end], "»"]
            position = end
    pieces.append(found.text[position:])
    text = "".join(_clean(piece) for piece in pieces)
    return f"“{_cut(' '.join(text.split()), 2 * EXCERPT_MAX)}”"


def _why(alert: Alert) -> str:
    rules = [f"{_cut(_line(fired.title or fired.rule), 80)} ({fired.severity.value})" for fired in alert.fired]
    return f"Why: {_listed(rules, TERMS_MAX) or 'no rule named'}"


def _reported(alert: Alert) -> Iterator[str]:
    """How many sources there are, by name; then the reports beside the one that the message links to."""
    names = _names(alert)
    count = _counted(len(names), "source") + (", unconfirmed" if len(names) == 1 else "")
    yield f"{count}: {_listed(names, SOURCES_MAX)}"
    others = [source for source in alert.sources if source.url and source.url != alert.url]
    for source in others[:SOURCES_MAX]:
        yield _cut(f"– {_other(source)}", LINE_UNITS_MAX)
    if len(others) > SOURCES_MAX:
        yield f"– and {_counted(len(others) - SOURCES_MAX, 'more report')}"


def _other(source: Source) -> str:
    published = f", {source.published.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if source.published else ""
    link = _link(source.url)
    return f"{_feed(source.feed)}{published}: {link if _units(link) <= 200 else _line(source.title)}"


def _names(alert: Alert) -> list[str]:
    return list(dict.fromkeys(_feed(source.feed) for source in alert.sources)) or [_feed(alert.feed)]


def _feed(name: str) -> str:
    """A feed's name; of an address only host and path, as user and query may be secrets."""
    if "://" in name:
        host, slash, path = re.split("[?#]", name.partition("://")[2])[0].partition("/")
        name = host.rpartition("@")[2] + slash + path
    return _cut(_line(name), 60) or "(unnamed feed)"


def _times(alert: Alert, timezone: tzinfo) -> Iterator[str]:
    yield f"Published {_time(alert.published, timezone) if alert.published else 'at a time the feed does not state'}"
    if alert.fetched:
        yield f"First seen {_time(alert.fetched, timezone)}"
    yield f"Matched {_time(alert.matched, timezone)}"


def _time(at: datetime, timezone: tzinfo) -> str:
    """`2015-11-17 21:30 UTC (23:30 Damascus)`; the date is repeated where it differs, the second time left out where it is UTC."""
    utc, local = at.astimezone(UTC), at.astimezone(timezone)
    shown = f"{utc:%Y-%m-%d %H:%M} UTC"
    if local.utcoffset() == utc.utcoffset():
        return shown
    zone = str(getattr(timezone, "key", "") or local.tzname() or "local").rpartition("/")[2].replace("_", " ")
    return f"{shown} ({local:{'%H:%M' if local.date() == utc.date() else '%Y-%m-%d %H:%M'}} {zone})"


def _link(url: str) -> str:
    """The address with everything escaped that is no part of one; nothing but http and https is shown as a link."""
    if not re.match(r"https?://", url, re.IGNORECASE):
        return "(the feed gives no web address)"
    shown = quote(url.encode("utf-8", "replace"), safe="%/:=&?~#+!$,;'@()*[]")
    return shown if len(shown) <= LINK_UNITS_MAX else "(the address is too long to show)"


def _listed(items: Sequence[str], most: int) -> str:
    more = len(items) - most
    return ", ".join(items[:most]) + (f" and {more} more" if more > 0 else "")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _line(text: str) -> str:
    return " ".join(_clean(text).split())


def _clean(text: str) -> str:
    """Without control, format and half characters; every kind of break a space; no call to all members of a channel."""
    shown = "".join(_shown(character) for character in text) if not (text.isascii() and text.isprintable()) else text
    return _CALLS.sub("＠", shown)


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


def _units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def _cut(text: str, units: int) -> str:
    """At most so many UTF-16 units, an ellipsis in the place of what is cut."""
    if _units(text) <= units:
        return text
    return text.encode("utf-16-le")[: 2 * (units - 1)].decode("utf-16-le", "ignore").rstrip() + "…"


def _sentences_of(text: str, found: Sequence[Evidence], *, language: str) -> Iterator[tuple[int, int, Sequence[Evidence]]]:
    """The sentences that hold some of the evidence, which comes in order of start."""
    starts = [one.start for one in found]
    for first, last in sentences(text, language=language):
        inside = found[bisect_left(starts, first) : bisect_left(starts, last)]
        if inside:
            sentence = text[first:last]
            yield last - len(sentence.lstrip()), first + len(sentence.rstrip()), inside


def _window(text: str, start: int, end: int, inside: Sequence[Evidence]) -> Excerpt:
    """The sentence with its marks, or the stretch of a long one that holds most of them."""
    marks = _merged((one.start, min(one.end, end)) for one in inside)
    low, high = (start, end) if end - start <= EXCERPT_MAX else _stretch(text, start, end, marks)
    before, behind = "…" if low > start else "", "…" if high < end else ""
    offset = len(before) - low
    shown = tuple((max(a, low) + offset, min(b, high) + offset) for a, b in marks if a < high and b > low)
    return Excerpt(text=f"{before}{text[low:high]}{behind}", marks=shown)


def _stretch(text: str, start: int, end: int, marks: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """At most `EXCERPT_MAX` characters around as many marks as possible, cut between words."""
    room = EXCERPT_MAX - 2  # for the ellipses
    ends = [stop for _, stop in marks]
    held = [bisect_right(ends, first + room) - index for index, (first, _) in enumerate(marks)]
    index = held.index(max(held))
    first, last = marks[index][0], ends[index + max(held) - 1] if max(held) else marks[index][0] + room
    low = max(start, min(first - (room - (last - first)) // 2, end - room))
    high = low + room
    if low > start:
        low = max(low, text.find(" ", low, first) + 1)
    if high < end and (space := text.rfind(" ", last, high)) > 0:
        high = space
    return low, high


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Overlapping spans as one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
