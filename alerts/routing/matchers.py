"""What routes and silences ask of a rule that fired."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from ..records import Article, Fired, Kind

__all__ = ["Asked", "holds", "language_is", "named"]


class Asked(Protocol):
    """What a route and a silence ask for alike; what is empty asks for nothing."""

    @property
    def rule(self) -> Collection[str]: ...
    @property
    def tag(self) -> Collection[str]: ...
    @property
    def watchlist(self) -> Collection[str]: ...
    @property
    def term(self) -> Collection[str]: ...
    @property
    def place(self) -> Collection[str]: ...
    @property
    def language(self) -> Collection[str]: ...
    @property
    def feed(self) -> Collection[str]: ...


def holds(asked: Asked, fired: Fired, article: Article, kinds: Mapping[str, Kind]) -> bool:
    """Whether a rule that fired on an article is all that is asked for, but for its severity."""
    return (
        (not asked.rule or fired.rule in asked.rule)
        and (not asked.tag or any(tag in asked.tag for tag in fired.tags))
        and (not asked.watchlist or any(one.watchlist in asked.watchlist for one in fired.evidence))
        and (not asked.term or named(fired, asked.term))
        and (not asked.place or named(fired, asked.place, kinds=kinds))
        and (not asked.language or language_is(article.language, asked.language))
        and (not asked.feed or article.feed in asked.feed)
    )


def named(fired: Fired, terms: Collection[str], *, kinds: Mapping[str, Kind] | None = None) -> bool:
    """Whether one of these terms was found, written as its watchlist has it but for case; with `kinds` only places count."""
    wanted = {term.casefold() for term in terms}
    return any(one.term.casefold() in wanted and (kinds is None or kinds.get(one.watchlist) is Kind.PLACE) for one in fired.evidence)


def language_is(language: str, wanted: Collection[str]) -> bool:
    """Whether a language tag is one of these or a regional form of one."""
    return _primary(language) in {_primary(one) for one in wanted}


def _primary(language: str) -> str:
    """The first subtag of a language tag: `en-GB` is `en` (RFC 5646)."""
    return language.replace("_", "-").partition("-")[0].casefold()
