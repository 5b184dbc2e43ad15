"""What a message about an alert says, before any layout: every text cleaned, cut and in the order in which it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, tzinfo

from ..records import Alert, Decision, Delivery, Evidence, Excerpt, How, Kind, Severity, Source
from .words import clean, clock, counted, cut, is_link, line, link, listed, name_of_feed, severity_of

__all__ = ["LINE_UNITS_MAX", "TITLE_UNITS_MAX", "Content", "Report", "content", "in_place"]

TITLE_UNITS_MAX = 200
LINE_UNITS_MAX = 300
REASON_UNITS_MAX = 100
TERMS_MAX = 6
SOURCES_MAX = 5

_HEADINGS = {Kind.PLACE: "Places", Kind.GROUP: "Groups", Kind.WEAPON: "Weapons", Kind.TERM: "Terms"}


@dataclass(frozen=True, slots=True)
class Report:
    """Another report of the story: by whom and when, its headline, its address (which may be too long to show)."""

    source: str
    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """An alert in words.

    `notes` stand first in the text; `matched` are headings with what was found; `sentence` comes in pieces, some of them marked; `more`
    counts the reports that are not among `others`; `url` is "" where there is none to follow. What only tells of further sources has no
    `matched`, `sentence`, `why` and `times`.
    """

    severity: Severity
    title: str
    notes: tuple[str, ...]
    matched: tuple[tuple[str, str], ...]
    sentence: tuple[tuple[str, bool], ...]
    why: str
    reported: str
    others: tuple[Report, ...]
    more: str
    times: tuple[str, ...]
    url: str
    link: str
    """The address as text, or why there is none."""


def content(alert: Alert, delivery: Delivery, *, timezone: tzinfo, edit: bool = False) -> Content:
    """What is told of an alert by this delivery, its times in UTC and in `timezone`.

    With `edit` it takes the place of the first message of the story, and keeps the headline of that.
    """
    update = delivery.decision is Decision.UPDATE
    short = update and bool(delivery.edits) and not edit
    others = [source for source in alert.sources if source.url and source.url != alert.url]
    shown = link(alert.url)
    return Content(
        severity=alert.severity,
        title=cut(f"{severity_of(alert.severity)} · {_headline(alert, delivery, edit=edit)}", TITLE_UNITS_MAX),
        notes=tuple(_notes(alert, delivery, edit=edit)),
        matched=() if short else tuple(_matched(alert)),
        sentence=() if short else _sentence(alert.excerpt),
        why="" if short else _why(alert),
        reported=_reported(alert),
        others=tuple(map(_report, others[:SOURCES_MAX])),
        more=f"and {counted(len(others) - SOURCES_MAX, 'more report')}" if len(others) > SOURCES_MAX else "",
        times=() if short else tuple(_times(alert, timezone)),
        url=shown if is_link(shown) else "",
        link=shown if alert.url else "",
    )


def _headline(alert: Alert, delivery: Delivery, *, edit: bool) -> str:
    headline = line((alert.began if edit else "") or alert.title) or "(no headline)"
    return f"UPDATE ({_new(alert, delivery)}): {headline}" if delivery.decision is Decision.UPDATE and not edit else headline


def _new(alert: Alert, delivery: Delivery) -> str:
    return cut(line(delivery.reason or alert.reason), REASON_UNITS_MAX) or "new report"


def _notes(alert: Alert, delivery: Delivery, *, edit: bool) -> Iterator[str]:
    """What is new, and of which story, since a service may show the message far from the first one."""
    if delivery.stands_in_for:
        yield in_place(delivery)
    if delivery.decision is Decision.UPDATE:
        yield f"UPDATE: {_new(alert, delivery)}, now {counted(len(_names(alert)), 'source')}"
        if alert.began:
            yield f"Latest report: {_quoted(alert.title)}" if edit else f"Began as: {_quoted(alert.began)}"
    if alert.related_title:
        yield f"Possibly related to {_quoted(alert.related_title)}"  # whoever knows the other one sees at once that this may be more of it


def in_place(delivery: Delivery) -> str:
    """Why a message comes where it comes, if that is in another's place."""
    return f"Sent here because {line(delivery.stands_in_for)} could not be reached." if delivery.stands_in_for else ""


def _quoted(headline: str) -> str:
    return f"“{cut(line(headline), LINE_UNITS_MAX)}”"


def _matched(alert: Alert) -> Iterator[tuple[str, str]]:
    """For each kind: `Places`, `Raqqa ≈ "Rakka" (96), Mosul`."""
    by_kind: dict[Kind, dict[tuple[str, str], Evidence]] = {kind: {} for kind in _HEADINGS}
    for one in (one for fired in alert.fired for one in fired.evidence):
        terms = by_kind[alert.kinds.get(one.watchlist, Kind.TERM)]
        known = terms.setdefault((one.watchlist, one.term), one)
        if one.score > known.score:
            terms[one.watchlist, one.term] = one
    for kind, heading in _HEADINGS.items():
        if by_kind[kind]:
            yield heading, listed([_term(one) for one in by_kind[kind].values()], TERMS_MAX)


def _term(evidence: Evidence) -> str:
    """The term, and how the article writes it where that differs; a score only where the two were found alike, not equal."""
    name, written = cut(line(evidence.term), 60), cut(line(evidence.matched), 60)
    if evidence.how is How.EXACT or name.casefold() == written.casefold():
        return name
    if evidence.how is How.ALIAS:
        return f'{name} = "{written}"'
    return f'{name} ≈ "{written}" ({evidence.score:.0f})'


def _sentence(found: Excerpt) -> tuple[tuple[str, bool], ...]:
    """The sentence in pieces, each mark one; they are cleaned one by one, so that the marks stay where they are."""
    pieces: list[tuple[str, bool]] = []
    position = 0
    for start, end in found.marks:
        if position <= start < end <= len(found.text):
            pieces += [(found.text[position:start], False), (found.text[start:end], True)]
            position = end
    pieces.append((found.text[position:], False))
    return tuple((shown, marked) for text, marked in pieces if (shown := _joined(clean(text))))


def _joined(text: str) -> str:
    """Every run of spaces as one; at the ends it stays, since another piece goes on there."""
    return f"{' ' if text[:1].isspace() else ''}{' '.join(text.split())}{' ' if text[-1:].isspace() and text.strip() else ''}"


def _why(alert: Alert) -> str:
    rules = [f"{cut(line(fired.title or fired.rule), 80)} ({fired.severity.value})" for fired in alert.fired]
    return f"Why: {listed(rules, TERMS_MAX) or 'no rule named'}"


def _reported(alert: Alert) -> str:
    """How many sources there are, by name."""
    names = _names(alert)
    count = counted(len(names), "source") + (", unconfirmed" if len(names) == 1 else "")
    return f"{count}: {listed(names, SOURCES_MAX)}"


def _report(source: Source) -> Report:
    published = f", {source.published.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if source.published else ""
    return Report(f"{name_of_feed(source.feed)}{published}", cut(line(source.title), LINE_UNITS_MAX), source.url)


def _names(alert: Alert) -> list[str]:
    return list(dict.fromkeys(name_of_feed(source.feed) for source in alert.sources)) or [name_of_feed(alert.feed)]


def _times(alert: Alert, timezone: tzinfo) -> Iterator[str]:
    yield f"Published {clock(alert.published, timezone) if alert.published else 'at a time the feed does not state'}"
    if alert.fetched:
        yield f"First seen {clock(alert.fetched, timezone)}"
    yield f"Matched {clock(alert.matched, timezone)}"
