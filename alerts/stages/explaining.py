"""The whole account of one alert, read from the log: its story report by report, and what each destination was told and why.

    account_of(log, "85e68c59")                     # an alert's id, may be shortened
    account_of(log, "https://example.org/world/1")  # an article's id or link, or a story's id

What it deliberately does not do: nothing is decided anew. What the log says was decided is what is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from msgspec import Struct

from ..errors import AlertsError
from ..log import Log
from ..records import Alert, Article, Delivery, Matches, Receipt, RecordError, decode
from .deliveries import receipts

__all__ = ["Account", "Told", "account_of", "article_of", "matched"]

R = TypeVar("R", bound=Struct)

ID_CHARACTERS_MIN = 6
"""A shortened id has at least so many characters, so that no feed's "42" is taken for one."""


@dataclass(frozen=True, slots=True)
class Told:
    """A message to a destination, and what became of it so far."""

    delivery: Delivery
    receipt: Receipt | None


@dataclass(frozen=True, slots=True)
class Account:
    """An alert among all the reports of its story, in order of decision, and the messages that they led to."""

    alert: Alert
    story: str
    reports: tuple[Alert, ...]
    told: Mapping[tuple[str, str], Told]
    """By alert and destination."""


def account_of(source: Log, wanted: str) -> Account | None:
    """The account of the alert that `wanted` names, the latest of several of one article; None if there is no such alert."""
    into: dict[str, str] = {}
    exact: Alert | None = None
    begins: dict[str, Alert] = {}
    for alert in _alerts(source):
        into.update(dict.fromkeys(alert.absorbed, alert.story))
        if wanted in {alert.id, alert.article, alert.url, alert.story}:
            exact = alert
        elif len(wanted) >= ID_CHARACTERS_MIN and alert.id.startswith(wanted):
            begins[alert.id] = alert
    if exact is None and len(begins) > 1:
        raise AlertsError(f'{len(begins)} alerts begin with "{wanted}"; give more of the id')
    chosen = exact or next(iter(begins.values()), None)
    if chosen is None:
        return None
    story = _resolved(chosen.story, into)
    reports = tuple(alert for alert in _alerts(source) if _resolved(alert.story, into) == story)
    return Account(chosen, story, reports, _told(source, {alert.id for alert in reports}))


def article_of(source: Log, wanted: str) -> Article | None:
    """The last state of the article with this id or link that the log still holds."""
    found = None
    for partition in range(source.partitions("articles")):
        for record in source.read("articles", partition):
            article = _decoded(record.value, Article)
            if article and wanted in {article.id, article.url}:
                found = article
    return found


def matched(source: Log, article: str) -> bool:
    """Whether a rule fired on it: then the story step has it before it, or behind it as a dead letter."""
    matches = (_decoded(record.value, Matches) for record in source.read("matches", 0))
    return any(one is not None and one.article.id == article for one in matches)


def _alerts(source: Log) -> Iterator[Alert]:
    for record in source.read("alerts", 0):
        alert = _decoded(record.value, Alert)
        if alert:
            yield alert


def _resolved(story: str, into: Mapping[str, str]) -> str:
    """What a story turned out to be in the end; each step leads to an older one, so there is an end."""
    while story in into and into[story] != story:
        story = into[story]
    return story


def _told(source: Log, alerts: set[str]) -> dict[tuple[str, str], Told]:
    told = {}
    for partition in range(source.partitions("deliveries")):
        known = receipts(source, partition)
        for record in source.read("deliveries", partition):
            delivery = _decoded(record.value, Delivery)
            if delivery and delivery.alert and delivery.alert.id in alerts:
                told[delivery.alert.id, delivery.destination] = Told(delivery, known.get(delivery.id))
    return told


def _decoded(value: bytes | None, kind: type[R]) -> R | None:
    try:
        return decode(value, kind)
    except RecordError:
        return None  # the stage that read it has made a dead letter of it
