"""The terms that are looked for, each by a number: those of the watchlists, and the words that only `near` and `not_near` name."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, repeat
from typing import NamedTuple, overload

from ..records import Kind
from ..rules import Level, Listed, RuleSet, Term, Watchlist, written

__all__ = ["Entry", "Target", "Targets"]

_KNOWN_MAX = 1 << 16


class Entry(NamedTuple):
    """What the lexicon must know of one term."""

    names: tuple[str, ...]
    kind: Kind
    level: Level
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A term with its watchlist; a word that only `near` or `not_near` names has no watchlist."""

    watchlist: str
    term: Term


class Targets(Sequence[Target]):
    """All targets in order. A term of a long list becomes an object when it is asked for."""

    def __init__(self, ruleset: RuleSet) -> None:
        context = {name: None for watchlist in ruleset.watchlists for term in written(watchlist) for name in (*term.near, *term.not_near)}
        lists = {watchlist.name for watchlist in ruleset.watchlists}
        words = tuple(Term(name, level=Level.OFF) for name in context if name not in lists)
        self._lists = (*ruleset.watchlists, Watchlist("", Kind.TERM, words))
        self._ends = list(accumulate(len(watchlist.terms) for watchlist in self._lists))
        self._known: dict[int, Target] = {}
        self.contextual = bool(context)

    @overload
    def __getitem__(self, index: int) -> Target: ...
    @overload
    def __getitem__(self, index: slice) -> list[Target]: ...
    def __getitem__(self, index: int | slice) -> Target | list[Target]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        target = self._known.get(index)
        if target is None:
            if len(self._known) >= _KNOWN_MAX:
                self._known.clear()
            at = bisect_right(self._ends, index)
            watchlist = self._lists[at]
            target = self._known[index] = Target(watchlist.name, watchlist.terms[index - self._ends[at] + len(watchlist.terms)])
        return target

    def __len__(self) -> int:
        return self._ends[-1]

    def entries(self) -> Iterator[Entry]:
        """What the lexicon must know of each, in order."""
        for watchlist in self._lists:
            kind = watchlist.kind
            for term in written(watchlist):
                yield Entry((term.name, *term.aliases), kind, term.level, term.exact)
            if isinstance(watchlist.terms, Listed):
                level = watchlist.terms.level
                yield from map(Entry, watchlist.terms.lines(), repeat(kind), repeat(level))

    def content(self) -> Iterator[bytes]:
        """Bytes that are the same where the entries are the same, whatever else the rules say."""
        for watchlist in self._lists:
            own = [(term.name, term.aliases, term.level.value, term.exact) for term in written(watchlist)]
            yield repr((watchlist.kind.value, own)).encode("utf-8", "surrogatepass")
            if isinstance(watchlist.terms, Listed):
                yield watchlist.terms.digest
