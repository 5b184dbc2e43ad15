"""The matcher: which rules fire on an article. CPU-bound and stateless; any number of them share the articles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from ..log import Batch, Output, Reader, Record
from ..matching import Rules
from ..records import Article, Fired, Kind, Matches, RecordError, decode, encode
from .carrying import Forgetful
from .dead_letters import poison

__all__ = ["Matching", "bounded"]

EVIDENCE_MAX = 200
"""Occurrences that a rule carries on; `scan` and `explain` list them all."""


class Matching(Forgetful):
    """articles -> matches."""

    topic = "articles"
    group = "matcher"

    def __init__(self, rules: Callable[[], Rules], *, clock: Callable[[], datetime]) -> None:
        self._rules = rules
        self._clock = clock

    def take(self, batch: Batch, reader: Reader) -> Sequence[Output] | None:
        if not batch.records:
            return None
        rules, now = self._rules(), self._clock()
        return [output for record in batch.records for output in self._outputs(record, rules, now=now)]

    def _outputs(self, record: Record, rules: Rules, *, now: datetime) -> list[Output]:
        try:
            article = decode(record.value, Article)
            fired = rules.fired(article)
        except RecordError as error:
            return [poison(record, str(error))]
        except Exception as error:  # noqa: BLE001 -- one article must never stop the others: it becomes a dead letter
            return [poison(record, f"matching failed: {type(error).__name__}: {error}")]
        if not fired:
            return []
        matches = Matches(article=article, fired=tuple(map(bounded, fired)), kinds=_kinds(fired, rules), matched=now)
        return [Output("matches", article.id, encode(matches))]


def bounded(fired: Fired, most: int = EVIDENCE_MAX) -> Fired:
    """The rule with at most `most` occurrences, among them one of as many different terms as fit."""
    if len(fired.evidence) <= most:
        return fired
    first: dict[tuple[str, str], int] = {}
    for index, one in enumerate(fired.evidence):
        first.setdefault((one.watchlist, one.term), index)
    kept = sorted(first.values())[:most]
    chosen = set(kept)
    kept += [index for index in range(len(fired.evidence)) if index not in chosen][: most - len(kept)]
    return msgspec.structs.replace(fired, evidence=tuple(fired.evidence[index] for index in sorted(kept)))


def _kinds(fired: Sequence[Fired], rules: Rules) -> dict[str, Kind]:
    used = {one.watchlist for rule in fired for one in rule.evidence}
    return {watchlist: kind for watchlist, kind in rules.kinds.items() if watchlist in used}
