"""The words of a headline as terms that can be compared: folded, stemmed, without those that tell nothing; and which of them are names.

What it deliberately does not do: no language is detected. Stemming is English; words of other languages stay as they are, and reports
in two languages meet by what the watchlists found in them.
"""

from __future__ import annotations

import pkgutil
from functools import cache, lru_cache
from typing import Protocol

from ..text import Words, fold, is_common

__all__ = ["TELLS_NOTHING", "commonness", "is_title_case", "name_like", "term"]

_WORDS = (
    "a about after against all also am amid an and any are as at be been before being between but by can could did do does down during for "
    "from had has have having he her here his how i if in into is it its just live may me might monday more most must my new no nor not of "
    "off on only or other our out over own per reuters said same saturday say says shall she should so some such sunday than that the "
    "their them then there these they this those thursday to too tuesday under up update updates us very via vs was we wednesday were what "
    "when where which while who whom whose why will with without would you your friday s t al ar el"
)
TELLS_NOTHING = frozenset(_WORDS.split())
"""Function words, weekdays (they are compared as dates), the wire's own words, and the Arabic article."""

EVERYDAY = 20
"""What an ordinary English word or a well-known name counts."""
REPORTED = 300
"""What a word counts that reports of conflict are full of, in `reported.txt`."""

_TITLE_CASE_SHARE = 0.7
_TITLE_CASE_WORD_MIN = 4
_TERMS_CACHED = 1 << 16


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...


@cache
def _stemmer() -> _Stemmer:
    import Stemmer

    stemmer: _Stemmer = Stemmer.Stemmer("english")
    return stemmer


@lru_cache(_TERMS_CACHED)
def term(word: str) -> str:
    """What the forms of a folded word have in common; "" for a word that tells nothing."""
    if word in TELLS_NOTHING:
        return ""
    if not word.isascii() or word.isdigit():
        return word
    return _stemmer().stemWord(word) if len(word) > 1 else ""


@lru_cache(_TERMS_CACHED)
def commonness(term: str) -> int:
    """How many open stories a term counts as having before any is open: in a young stream it tells less than its rarity suggests."""
    if term in _reported():
        return REPORTED
    return EVERYDAY if is_common(term) or is_common(term + "e") else 0


@cache
def _reported() -> frozenset[str]:
    data = pkgutil.get_data(__package__, "reported.txt") or b""
    lines = (line for line in data.decode().splitlines() if not line.startswith("#"))
    return frozenset(term(word) for line in lines for word in fold(line).text.split())


def is_title_case(words: Words) -> bool:
    """Whether a headline Begins Its Words With Capitals, so that these tell no names."""
    long = [word for word in (words.written(index) for index in range(1, len(words))) if len(word) >= _TITLE_CASE_WORD_MIN]
    return len(long) > 1 and sum(word[0].isupper() for word in long) >= _TITLE_CASE_SHARE * len(long)


def name_like(words: Words, index: int, *, title_case: bool) -> bool:
    """Whether a word looks like a name: a capital that neither the beginning nor the manner of the headline explains."""
    if not words.written(index)[0].isupper():
        return False
    return (index > 0 and not title_case) or not is_common(words.folded[index])
