"""Two stories that turn out to be one are told as one from then on, and nobody is rung for it; two that may be one name each other."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest

from alerts.matching import Rules
from alerts.records import Alert, Article, Decision, Delivery, Fired, Matches, Severity, Story, decode, encode
from alerts.rendering import render
from alerts.stages.explaining import account_of
from alerts.stages.telling import Telling
from tests.builders import article
from tests.stages.conftest import put

EXPLOSIONS = article(
    "Explosions heard in Corniche of Kharkiv",
    id="explosions",
    feed="Radio",
    summary="Residents of Kharkiv heard explosions at breakfast time. Olena Bondar saw smoke over the bakery.",
)
DEAD = article(
    "10 dead at Kharkiv bakery, medics say",
    id="dead",
    feed="Wire",
    minutes=20,
    summary="Medics counted 10 bodies at the bakery and dozens of wounded.",
)
BOTH = article(
    "Explosions heard in Corniche of Kharkiv, 10 dead at Kharkiv bakery, medics say",
    id="both",
    feed="Daily",
    minutes=40,
    summary="Residents of Kharkiv heard explosions at breakfast time. Olena Bondar saw smoke over the bakery.",
)
COPY = article("10 dead at Kharkiv bakery, medics say", id="copy", feed="Post", minutes=60)


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules.load(Path(__file__).parents[2] / "rules")


def match(report: Article, rules: Rules) -> bytes:
    fired = Fired(rule="any", title="Any", severity=Severity.HIGH, evidence=rules.evidence(report))
    return encode(Matches(article=report, fired=(fired,), kinds=rules.kinds, matched=report.fetched))


def decided(log) -> list[Alert]:
    return [decode(record.value, Alert) for record in log.read("alerts", 0)]


def sent(log) -> list[Delivery]:
    found = (decode(record.value, Delivery) for partition in range(2) for record in log.read("deliveries", partition))
    return sorted(found, key=lambda one: one.alert.matched)


def remembered(log) -> dict[str, Story | None]:
    return {record.key: record.value and decode(record.value, Story) for record in log.read("stories", 0)}


@pytest.fixture(params=["one member", "a take-over after each record"])
def tell(request, log, setup, clock, turning, rules):
    """Have the step decide reports."""
    turn = turning(Telling(log, lambda: setup, clock=clock))

    def told(*reports: Article) -> None:
        nonlocal turn
        for report in reports:
            put(log, "matches", match(report, rules))
            turn()
            if request.param != "one member":
                turn.reader.close()
                turn = turning(Telling(log, lambda: setup, clock=clock))

    return told


def test_the_report_that_shows_it_rings_nobody(log, tell):
    tell(EXPLOSIONS, DEAD, BOTH)
    older, younger, both = decided(log)
    assert [one.decision for one in (older, younger, both)] == [Decision.NEW, Decision.NEW, Decision.REPEAT]
    assert (both.story, both.absorbed) == (older.story, (younger.story,))
    assert len(sent(log)) == 2


def test_later_reports_of_either_carry_the_older_id(log, tell):
    tell(EXPLOSIONS, DEAD, BOTH, COPY)
    first, *_, copy = decided(log)
    assert (copy.story, copy.decision) == (first.story, Decision.REPEAT)


def test_an_update_is_in_the_thread_of_the_first_message(log, tell):
    rises = article("Death toll at Kharkiv bakery rises to 14", id="rises", feed="Desk", minutes=90)
    tell(EXPLOSIONS, DEAD, BOTH, rises)
    first, _, update = sent(log)
    assert (update.decision, update.reason, update.thread) == (Decision.UPDATE, "toll 10 -> 14", first.id)


def test_the_younger_id_is_an_alias_until_the_story_leaves(log, tell):
    tell(EXPLOSIONS, DEAD, BOTH)
    older, younger, _ = decided(log)
    alias = remembered(log)[younger.story]
    assert alias is not None
    assert alias.into == older.story
    assert not alias.articles
    tell(article("A wholly other thing happens in Goma, Congo", id="other", minutes=80 * 60))
    kept = remembered(log)
    assert kept[older.story] is None
    assert kept[younger.story] is None


def test_both_are_explained_as_one(log, tell):
    tell(EXPLOSIONS, DEAD, BOTH)
    account = account_of(log, "dead")
    assert account is not None
    assert [report.article for report in account.reports] == ["explosions", "dead", "both"]


def test_what_doubt_makes_an_alert_of_its_own_names_the_other_story(log, tell):
    first = article("US strikes Houthi targets in Yemen", id="first")
    again = article("US strikes Houthi targets in Yemen again", id="again", feed="Post", minutes=40 * 60)
    tell(first, again)
    _, doubtful = sent(log)
    assert doubtful.decision is Decision.NEW
    assert doubtful.alert is not None
    assert doubtful.alert.related == decided(log)[0].story
    assert 0 < doubtful.alert.score < 1
    assert "Possibly related to “US strikes Houthi targets in Yemen”\n" in render(doubtful, timezone=UTC).body
