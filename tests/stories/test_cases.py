"""What a subscriber hears of written events, with the evidence of the shipped rules: each case over scenes drawn at random."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.matching import Rules
from alerts.records import Decision, Severity
from alerts.stories import Stories, StorySettings
from tests.stories.cases.cases import CASES, Report, article_of
from tests.stories.cases.scenes import scene

SCENES = range(6)


@pytest.fixture(scope="session")
def rules() -> Rules:
    return Rules.load(Path(__file__).parents[2] / "rules")


@pytest.mark.parametrize("number", SCENES)
@pytest.mark.parametrize("full", [False, True], ids=["headlines", "texts"])
@pytest.mark.parametrize("name", CASES)
def test_a_subscriber_hears_of_each_event_once_and_of_what_is_new_in_it(name, full, number, rules):
    faults = faults_of(CASES[name](scene(number)), rules, full=full)
    assert not faults, "\n".join(faults)


def faults_of(reports: list[Report], rules: Rules, *, full: bool) -> list[str]:
    """What a subscriber would complain of, in order."""
    stories, known, faults = Stories(StorySettings()), {}, []
    for number, report in enumerate(reports):
        article = article_of(report, number, full=full)
        joined = stories.join(article, rules.evidence(article), kinds=rules.kinds)
        verdict = stories.tell(joined.story, {"desk": Severity.HIGH}, at=article.fetched)["desk"]
        stories.expire()
        known = {event: stories.resolve(story) for event, story in known.items()}
        found = fault(report, joined, verdict, known) if full or not report.in_text else ""
        if found:
            faults.append(f"{number}. {report.title!r} at {report.hours:g} h: {found} ({joined})")
        if report.event:
            known.setdefault(report.event, joined.story)
    return faults


def fault(report, joined, verdict, known) -> str:
    if report.event and report.event not in known:
        return "" if joined.new and verdict.decision is Decision.NEW else "a new event is swallowed"
    if report.event and joined.story != known[report.event]:
        if joined.story in known.values():
            return "it is taken for another event"
        return "" if report.doubt else "the same event is told again"
    if report.says and not (verdict.decision is Decision.UPDATE and any(word in verdict.fact.casefold() for word in report.says)):
        return f"the update does not say {' or '.join(report.says)}"
    if report.quiet and verdict.decision is Decision.UPDATE:
        return "there is nothing new to tell"
    return ""
