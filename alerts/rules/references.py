"""What documents say of one another, and what will hardly be meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from ..errors import Fault
from ..records import Kind
from ..text import fold, is_ambiguous
from .listed import Listed, written
from .model import Condition, Name, Operator, Rule, Term, Watchlist

__all__ = ["faults_between", "warnings_of"]

_SHORT_MAX = 2


def faults_between(watchlists: Sequence[Watchlist], rules: Sequence[Rule], *, broken: frozenset[str]) -> Iterator[Fault]:
    """Names used twice, and names that nothing has. `broken` watchlists exist, but their terms are not known."""
    yield from _twice("watchlist", watchlists)
    yield from _twice("rule", rules)
    asked = {name.watchlist for rule in rules for name in (*rule.when.names(), *rule.unless) if name.term}
    terms = {watchlist.name: _names(watchlist) if watchlist.name in asked else frozenset() for watchlist in watchlists}
    for rule in rules:
        for name in (*rule.when.names(), *rule.unless):
            yield from _unknown(name, terms, broken)
        if rule.when.holds(frozenset(), frozenset()):
            yield Fault(rule.place, f'rule "{rule.name}" would fire without a single word found; name something under all or any')
    for watchlist in watchlists:
        for term in written(watchlist):
            yield from _unknown_context(term, [*terms, *broken])


def _names(watchlist: Watchlist) -> AbstractSet[str]:
    names = {term.name for term in written(watchlist)}
    if isinstance(watchlist.terms, Listed):
        names.update(name for name, *_ in watchlist.terms.lines())
    return names


def warnings_of(watchlists: Sequence[Watchlist], rules: Sequence[Rule]) -> Iterator[Fault]:
    """What is allowed, but will hardly be meant."""
    used = {name.watchlist for rule in rules for name in (*rule.when.names(), *rule.unless)}
    used |= {name for watchlist in watchlists for term in written(watchlist) for name in (*term.near, *term.not_near)}
    for watchlist in watchlists:
        if watchlist.name not in used:
            yield Fault(watchlist.place, f'no rule uses watchlist "{watchlist.name}"')
        yield from _doubtful_terms(watchlist)
    for rule in rules:
        if not rule.enabled:
            yield Fault(rule.place, f'rule "{rule.name}" is not enabled')
        elif not _can_fire(rule):
            yield Fault(rule.place, f'rule "{rule.name}" can never fire: what it needs is what it excludes')


def _twice(what: str, named: Iterable[Watchlist | Rule]) -> Iterator[Fault]:
    first: dict[str, Watchlist | Rule] = {}
    for item in named:
        earlier = first.setdefault(item.name, item)
        if earlier is not item:
            yield Fault(item.place, f'a second {what} "{item.name}"; the first is at {earlier.place}')


def _unknown(name: Name, terms: Mapping[str, AbstractSet[str]], broken: frozenset[str]) -> Iterator[Fault]:
    from .forms import did_you_mean

    if name.watchlist in broken:
        return
    if name.watchlist not in terms:
        hint = did_you_mean(name.watchlist, [*terms, *broken])
        yield Fault(name.place, f'no watchlist "{name.watchlist}"{hint}')
    elif name.term and name.term not in terms[name.watchlist]:
        hint = did_you_mean(name.term, list(terms[name.watchlist]))
        yield Fault(name.place, f'no term "{name.term}" in watchlist "{name.watchlist}"{hint}')


def _unknown_context(term: Term, watchlists: list[str]) -> Iterator[Fault]:
    """A dotted name in `near` or `not_near` is meant as a watchlist; anything else may be a word."""
    from .forms import did_you_mean

    for name in (*term.near, *term.not_near):
        if "." in name.strip(".") and " " not in name and name not in watchlists:
            yield Fault(term.place, f'no watchlist "{name}"{did_you_mean(name, watchlists)}')


def _doubtful_terms(watchlist: Watchlist) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for number, term in enumerate(watchlist.terms):
        for text in (term.name, *term.aliases):
            folded = fold(text).text
            if not folded:
                yield Fault(term.place, f'term "{text}" holds no letter or digit and is never found')
                continue
            at = first.setdefault(folded, number)
            if at != number and not (term.exact or (earlier := watchlist.terms[at]).exact):
                yield Fault(term.place, f'"{text}" is also found by term "{earlier.name}" at {earlier.place}')
            if term.exact or term.near or term.not_near:
                continue
            if len(folded) <= _SHORT_MAX and folded.isascii():
                yield Fault(term.place, f'"{text}" is very short; "exact: true" finds it only in this spelling')
            elif watchlist.kind in {Kind.PLACE, Kind.GROUP} and is_ambiguous(folded):
                yield Fault(
                    term.place,
                    f'"{text}" is also a word or forename; exact, near or not_near tell them apart',
                )


def _can_fire(rule: Rule) -> bool:
    """False where one name is both needed by itself and excluded; what needs more thought counts as possible."""
    excluded = {*rule.unless, *_direct(rule.when, Operator.NONE)}
    needed = set(_direct(rule.when, Operator.ALL))
    return not any(name in excluded or Name(name.watchlist) in excluded for name in needed)


def _direct(condition: Condition, operator: Operator) -> Iterator[Name]:
    if condition.operator is operator:
        yield from (part for part in condition.parts if isinstance(part, Name))
    if condition.operator is Operator.ALL:
        for part in condition.parts:
            if isinstance(part, Condition):
                yield from _direct(part, operator)
