"""The written cases through the story step on a log: whoever takes over, and whenever, tells the same."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest

from alerts.log import Log, Output
from alerts.matching import Rules
from alerts.records import Alert, Decision, Delivery, Fired, Matches, Severity, Story, decode, encode
from alerts.rendering import render
from alerts.stages.telling import Telling
from alerts.stories import ARTICLES_MAX
from tests.builders import article, matches
from tests.stages.conftest import put
from tests.stories.cases.cases import CASES, article_of
from tests.stories.cases.scenes import scene


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules.load(Path(__file__).parents[2] / "rules")


def stream(name: str, rules: Rules) -> list[bytes]:
    """The matches of a case, as the matcher writes them."""
    found = []
    for number, report in enumerate(CASES[name](scene(3))):
        article = article_of(report, number, full=True)
        evidence = rules.evidence(article)
        fired = (Fired(rule="any", title="Any", severity=Severity.HIGH, evidence=evidence),)
        found.append(encode(Matches(article=article, fired=fired, kinds=rules.kinds, matched=article.fetched)))
    return found


def decisions(log: Log, *, since: int) -> list[Alert]:
    return [decode(record.value, Alert) for record in log.read("alerts", 0, start=since)]


def messages(log: Log) -> dict[str, Delivery]:
    found = (decode(record.value, Delivery) for partition in range(2) for record in log.read("deliveries", partition))
    return {one.id: one for one in found}


def told(log, setup, clock, turning, values: list[bytes], *, at_once: int) -> list[Alert]:
    """What is decided when another member takes over after every `at_once` records."""
    since = log.ends("alerts")[0]
    for start in range(0, len(values), at_once):
        put(log, "matches", *values[start : start + at_once])
        turn = turning(Telling(log, lambda: setup, clock=clock))
        turn()
        turn.reader.close()
    return decisions(log, since=since)


@pytest.mark.parametrize("name", CASES)
def test_it_matters_to_nobody_who_decides(name, log, setup, clock, turning, rules):
    values = stream(name, rules)
    alone = told(log, setup, clock, turning, values, at_once=len(values))
    stories = {record.key for record in log.read("stories", 0)}
    log.append([Output("stories", key, None) for key in stories])
    assert told(log, setup, clock, turning, values, at_once=1) == alone


@pytest.mark.parametrize("name", CASES)
def test_every_update_names_a_message_that_was_sent(name, log, setup, clock, turning, rules):
    told(log, setup, clock, turning, stream(name, rules), at_once=3)
    sent = messages(log)
    for one in sent.values():
        if one.decision is Decision.UPDATE:
            assert sent[one.thread].decision is Decision.NEW
            assert one.edits in {"", one.thread}


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("a_rising_toll_within_hours_is_an_update_that_says_it", "UPDATE (toll 8 -> 15): Death toll from"),
        ("a_corrected_toll_is_an_update_that_says_correction", "UPDATE (correction: toll 8 -> 6): Correction: "),
        ("a_withdrawn_report_is_an_update_that_says_so", "UPDATE (withdrawn): WITHDRAWN: "),
    ],
)
def test_a_new_fact_is_a_message_in_the_thread_and_says_what_is_new(name, heading, log, setup, clock, turning, rules):
    told(log, setup, clock, turning, stream(name, rules), at_once=1)
    first = next(one for one in messages(log).values() if one.decision is Decision.NEW)
    (update,) = [one for one in messages(log).values() if one.decision is Decision.UPDATE]
    assert (update.thread, update.edits) == (first.id, "")  # an edit rings no phone
    shown = render(update, timezone=UTC)
    assert heading in shown.title
    assert first.alert is not None
    assert f"Began as: “{first.alert.title}”" in shown.body


def test_what_the_log_remembers_of_a_story_is_bounded(log, setup, clock, turning):
    count = 3 * ARTICLES_MAX
    values = [encode(matches(article("Missiles hit Raqqa", id=f"a{number}", feed=f"Feed {number}"))) for number in range(count)]
    assert len(told(log, setup, clock, turning, values, at_once=count)) == count
    (story,) = [decode(record.value, Story) for record in log.read("stories", 0)]
    assert len(story.articles) <= ARTICLES_MAX
    assert story.told.keys() == {"desk"}
