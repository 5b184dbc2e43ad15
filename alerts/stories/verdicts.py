"""What a story means for a destination, by what the destination has been told of it.

What it deliberately does not do: it does not decide what belongs to the story.
"""

from __future__ import annotations

from datetime import datetime

from ..records import Decision, Severity, Story, Told
from .values import Reason, StorySettings, Verdict

__all__ = ["merged", "remembered", "verdict"]


def verdict(story: Story, told: Told | None, severity: Severity, settings: StorySettings) -> Verdict:
    """New to who has not heard of it; a new fact is always told, a higher severity too, further sources a bounded number of times."""
    if told is None:
        return Verdict(Decision.NEW, Reason.NOT_HEARD)
    further = len(story.sources) - told.sources
    if story.facts > told.facts:
        return Verdict(Decision.UPDATE, Reason(story.fact_reason), further, story.fact)
    if severity > told.severity:
        return Verdict(Decision.UPDATE, Reason.HIGHER_SEVERITY, further)
    if further >= settings.updates > 0 and told.updates < settings.updates_max:
        return Verdict(Decision.UPDATE, Reason.MORE_SOURCES, further)
    return Verdict(Decision.REPEAT, Reason.TOLD, further)


def remembered(story: Story, told: Told | None, severity: Severity, reason: Reason, *, at: datetime, alert: str) -> Told:
    """What the destination has been told after this verdict; only updates for further sources count against their bound."""
    if told is None:
        return Told(severity=severity, sources=len(story.sources), facts=story.facts, alert=alert, at=at)
    return Told(
        severity=max(severity, told.severity),
        sources=len(story.sources),
        updates=told.updates + (reason is Reason.MORE_SOURCES),
        facts=story.facts,
        alert=told.alert,
        at=at,
    )


def merged(one: dict[str, Told], other: dict[str, Told], *, sources: int, facts: int) -> dict[str, Told]:
    """What destinations know when two stories turn out to be one: who heard of either has heard of all, so that fusing rings nobody."""
    both_told = {}
    for destination in sorted({*one, *other}):
        both = sorted((told[destination] for told in (one, other) if destination in told), key=lambda told: (told.at, told.alert))
        both_told[destination] = Told(
            severity=max(told.severity for told in both),
            sources=sources,
            updates=max(told.updates for told in both),
            facts=facts,
            alert=both[0].alert,
            at=both[-1].at,
        )
    return both_told
