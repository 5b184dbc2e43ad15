"""Why each rule fired on an article or did not, as values and as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..records import Evidence, Severity
from ..rules import Condition, Name, Operator, Present, Rule, Unit
from .conditions import Found, Scene, fires

__all__ = ["Explanation", "SetAside", "Verdict", "verdict"]


@dataclass(frozen=True, slots=True)
class SetAside:
    """An occurrence that the term's own context (`near`, `not_near`) rules out."""

    evidence: Evidence
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule fired, and the reason as a clause: `all of its condition holds in one sentence`."""

    rule: str
    severity: Severity
    fired: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that was found in an article and what became of it. `rules` are in the order of their files."""

    evidence: tuple[Evidence, ...]
    set_aside: tuple[SetAside, ...]
    rules: tuple[Verdict, ...]

    def lines(self) -> list[str]:
        """The explanation as text."""
        return [*self._found(), "", *self._decided()]

    def _found(self) -> Iterator[str]:
        if not self.evidence:
            yield "No term of any watchlist was found."
        for item in self.evidence:
            yield _line(item)
        for aside in self.set_aside:
            yield f"{_line(aside.evidence)}: set aside, {aside.reason}"

    def _decided(self) -> Iterator[str]:
        for verdict in self.rules:
            yield f"{verdict.rule} ({verdict.severity}) {'fired' if verdict.fired else 'did not fire'}: {verdict.reason}"


def verdict(rule: Rule, scene: Scene) -> Verdict:
    """Whether a rule fires on what was found, and why."""
    fired = rule.enabled and fires(rule, scene)
    return Verdict(rule.name, rule.severity, fired, _why(rule, scene.found) if fired else _why_not(rule, scene.names))


def _why(rule: Rule, found: Sequence[Found]) -> str:
    watchlists = {name.watchlist for name in rule.when.names()}
    terms = dict.fromkeys(item.term for item in found if item.watchlist in watchlists)
    return f"{', '.join(terms)}, {_where(rule)}"


def _why_not(rule: Rule, names: Present) -> str:
    if not rule.enabled:
        return "it is not enabled"
    for name in rule.unless:
        if (name.watchlist, name.term) in names:
            return f"unless: {name} was found"
    return "; ".join(_lacking(rule.when, names)) or f"its parts were found, but not {_where(rule)}"


def _where(rule: Rule) -> str:
    return f"within {rule.within}" if rule.within.unit is Unit.WORDS else f"within one {rule.within}"


def _lacking(condition: Condition, names: Present) -> Iterator[str]:
    """What keeps a condition from holding in the article as a whole; nothing where only `within` does."""
    if condition.holds(names, names):
        return
    if condition.operator is Operator.ANY:
        yield f"none of {', '.join(map(_said, condition.parts))} was found"
        return
    for part in condition.parts:
        there = (part.watchlist, part.term) in names if isinstance(part, Name) else part.holds(names, names)
        if condition.operator is Operator.NONE and there:
            yield f"{_said(part)} was found"
        elif condition.operator is Operator.ALL and not there:
            yield from _lacking(part, names) if isinstance(part, Condition) else (f"{part} was not found",)


def _said(part: Condition | Name) -> str:
    return str(part) if isinstance(part, Name) else f"({part.operator} of {', '.join(map(_said, part.parts))})"


def _line(item: Evidence) -> str:
    matched = " ".join(item.matched.split())
    return f'{item.field} {item.start}-{item.end} "{matched}" is {item.term} ({item.watchlist}), {item.how}, {item.score:g}'
