"""What routes and silences ask of a rule that fired."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ..records import Fired, Kind

__all__ = ["language_is", "named"]


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
