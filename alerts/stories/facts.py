"""What a report adds to its story: another toll, a correction, that an earlier report was withdrawn.

What it deliberately does not do: other facts than these are not recognised; a further report without them is a further source.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..records import Story, StoryArticle
from .figures import Cue
from .values import Reason

__all__ = ["Fact", "fact"]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something new: of which kind, in words for people, and the toll that holds now (0: as before)."""

    reason: Reason
    text: str
    toll: int = 0


def fact(story: Story, report: StoryArticle) -> Fact | None:
    """What is new in a report that joins a story. What the story has been told already is not."""
    found = _withdrawal(report) or _correction(story, report) or _toll(story, report)
    return None if found is None or _known(story, found) else found


def _withdrawal(report: StoryArticle) -> Fact | None:
    return Fact(Reason.WITHDRAWN, "withdrawn") if Cue.WITHDRAWN in report.cues else None


def _correction(story: Story, report: StoryArticle) -> Fact | None:
    if Cue.CORRECTION not in report.cues:
        return None
    if report.toll and story.toll and report.toll != story.toll:
        return Fact(Reason.CORRECTION, f"correction: toll {story.toll} -> {report.toll}", report.toll)
    return Fact(Reason.CORRECTION, "correction")


def _toll(story: Story, report: StoryArticle) -> Fact | None:
    """A toll above every one that the story has reported; a lower or an earlier one is a slow paper's."""
    if not report.toll or not story.toll or report.toll <= max(story.toll, *(other.toll for other in story.articles)):
        return None
    return Fact(Reason.NEW_FACT, f"toll {story.toll} -> {report.toll}", report.toll)


def _known(story: Story, found: Fact) -> bool:
    if found.text == story.fact:
        return True
    return found.text == Reason.CORRECTION and story.fact.startswith(Reason.CORRECTION)
