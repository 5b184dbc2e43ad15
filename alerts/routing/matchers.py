"""What routes and silences ask of a rule that fired."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Protocol

from ..records import Article, Fired, Kind

__all__ = ["Asked", "holds", "is_language", "language_is", "named"]

# ISO 639-1, with the withdrawn codes that feeds still use; what has none there is written in three letters (ckb, prs), too many to list.
_CODES = """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff
    fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik in io is it iu iw ja ji jv jw ka kg ki kj kk kl km kn ko
    kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl
    ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz
    ve vi vo wa wo xh yi yo za zh zu
"""
_LANGUAGES = frozenset(_CODES.split())


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


def is_language(tag: str) -> bool:
    """Whether a tag can be one of a language: `ua` is a country's, `arabic` is none."""
    primary, *rest = tag.replace("_", "-").casefold().split("-")
    known = primary in _LANGUAGES if len(primary) == 2 else re.fullmatch("[a-z]{3}", primary) is not None
    return known and all(re.fullmatch("[a-z0-9]{1,8}", part) for part in rest)


def language_is(language: str, wanted: Collection[str]) -> bool:
    """Whether a language tag is one of these or a regional form of one."""
    return _primary(language) in {_primary(one) for one in wanted}


def _primary(language: str) -> str:
    """The first subtag of a language tag: `en-GB` is `en` (RFC 5646)."""
    return language.replace("_", "-").partition("-")[0].casefold()
