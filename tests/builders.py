"""Values for tests, in the words of the subject. Each builder takes what the test is about and fills in the rest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from alerts.records import Age, Article, Evidence, Field, Fired, How, Kind, Matches, Severity

NOON = datetime(2015, 11, 17, 12, 0, tzinfo=UTC)


def article(
    title: str = "Cruise missiles hit Raqqa overnight", *, id: str = "", feed: str = "Wire", minutes: float = 0, **more: object
) -> Article:
    """An article reported `minutes` after noon."""
    at = NOON + timedelta(minutes=minutes)
    values: dict[str, object] = {
        "id": id or f"https://example.org/{feed}/{title}".replace(" ", "-"),
        "feed": feed,
        "title": title,
        "url": "",
        "published": at,
        "fetched": at + timedelta(seconds=5),
        "age": Age.FRESH,
    }
    return Article(**(values | more))  # type: ignore[arg-type]  # the builder's whole point


def evidence(
    term: str = "Raqqa", *, watchlist: str = "places.syria", matched: str = "", start: int = 0, field: Field = Field.TITLE
) -> Evidence:
    """An occurrence of a term."""
    matched = matched or term
    return Evidence(
        watchlist=watchlist, term=term, matched=matched, field=field, start=start, end=start + len(matched), how=How.EXACT, score=100.0
    )


def fired(
    rule: str = "strikes-in-syria", *, severity: Severity = Severity.HIGH, tags: Sequence[str] = (), found: Sequence[Evidence] = ()
) -> Fired:
    """A rule that fired."""
    return Fired(
        rule=rule, title=rule.replace("-", " ").capitalize(), severity=severity, tags=tuple(tags), evidence=tuple(found or [evidence()])
    )


def matches(of: Article | None = None, *rules: Fired) -> Matches:
    """All rules that fired on an article."""
    of = of or article()
    rules = rules or (fired(),)
    kinds = {one.watchlist: Kind.PLACE for rule in rules for one in rule.evidence}
    return Matches(article=of, fired=tuple(rules), kinds=kinds, matched=of.fetched or NOON)
