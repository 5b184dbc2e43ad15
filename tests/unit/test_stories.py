"""One event, one story; and what a report of it means for a destination."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.records import Article, Decision, Severity
from alerts.stories import ARTICLES_MAX, Reason, Stories, StorySettings
from tests.builders import NOON, article, evidence

RAQQA = "Russian cruise missiles hit Raqqa in night strikes, activists say"


@pytest.fixture
def stories() -> Stories:
    return Stories(StorySettings())


def join(stories: Stories, report: Article, *terms: str):
    return stories.join(report, [evidence(term) for term in terms])


def test_the_first_report_opens_a_story(stories):
    joined = join(stories, article())
    assert joined.new
    assert joined.reason is Reason.FIRST_REPORT


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (article("Other words entirely", id="a", feed="Daily", minutes=3), Reason.SAME_ARTICLE),
        (article("Other words entirely", id="b", url="https://example.org/x", minutes=3), Reason.SAME_LINK),
        (article("RUSSIAN cruise missiles hit Raqqa in night strikes — activists say", id="b", minutes=3), Reason.SAME_TITLE),
        (article("Russian cruise missiles hit Raqqa in night-time strikes, activists say", id="b", minutes=3), Reason.SAME_EVENT),
    ],
)
def test_a_second_report_of_a_strike_joins_its_story(stories, second, reason):
    first = join(stories, article(RAQQA, id="a", url="https://example.org/x"), "Raqqa")
    joined = join(stories, second, "Raqqa")
    assert (joined.story, joined.new, joined.reason) == (first.story, False, reason)


@pytest.mark.parametrize(
    "other",
    [
        "Russian cruise missiles hit Aleppo in night strikes, activists say",
        "Russian cruise missiles hit Tabqa in night strikes, activists say",  # on no watchlist: told by its capital
        "Hospital in Raqqa reopens",
    ],
)
def test_another_place_is_another_story(stories, other):
    join(stories, article(RAQQA), "Raqqa")
    assert join(stories, article(other, minutes=5), *(["Raqqa"] if "Raqqa" in other else ["Aleppo"] if "Aleppo" in other else [])).new


def test_a_name_in_another_spelling_is_the_same_name(stories):
    join(stories, article("Missiles hit Raqqa overnight", id="a"))
    joined = stories.join(article("Missiles hit Rakka overnight", id="b"), [evidence("Raqqa", matched="Rakka", start=13)])
    assert joined.reason is Reason.SAME_TITLE


def test_the_same_title_a_day_later_is_another_story(stories):
    join(stories, article("Live updates", id="a"))
    assert not join(stories, article("Live updates", id="b", minutes=60)).new
    assert join(stories, article("Live updates", id="c", minutes=60 * 26)).new


def test_a_story_leaves_when_its_window_has_passed(stories):
    first = join(stories, article(id="a"))
    join(stories, article("A wholly different thing", id="b", minutes=72 * 60 + 1))
    assert stories.expire() == (first.story,)
    assert len(stories) == 1
    assert join(stories, article(id="a", minutes=72 * 60 + 2)).new


def test_a_date_in_the_future_does_not_end_the_other_stories(stories):
    join(stories, article(id="a"))
    join(stories, article("From tomorrow's paper", id="b", published=NOON + timedelta(days=400), fetched=NOON))
    assert stories.expire() == ()


def test_a_story_remembers_a_bounded_number_of_reports(stories):
    for number in range(ARTICLES_MAX + 20):
        story = join(stories, article("Live updates", id=f"a{number}", feed=f"Feed {number}")).story
    assert len(stories[story].articles) == ARTICLES_MAX
    assert len(stories[story].sources) == ARTICLES_MAX + 20


def tell(stories, story, severity=Severity.HIGH, *, to="desk"):
    verdict = stories.tell(story, {to: severity}, at=NOON)[to]
    return verdict.decision, verdict.reason


def test_a_destination_hears_of_a_story_once(stories):
    story = join(stories, article()).story
    assert tell(stories, story) == (Decision.NEW, Reason.NOT_HEARD)
    assert tell(stories, story) == (Decision.REPEAT, Reason.TOLD)


def test_a_destination_that_has_not_heard_of_it_hears_of_it_as_new(stories):
    story = join(stories, article()).story
    tell(stories, story, to="desk")
    assert tell(stories, story, to="field") == (Decision.NEW, Reason.NOT_HEARD)


def test_a_higher_severity_is_an_update_and_a_lower_one_is_not(stories):
    story = join(stories, article()).story
    tell(stories, story, Severity.MEDIUM)
    assert tell(stories, story, Severity.CRITICAL) == (Decision.UPDATE, Reason.HIGHER_SEVERITY)
    assert tell(stories, story, Severity.HIGH) == (Decision.REPEAT, Reason.TOLD)


def test_three_further_sources_are_an_update_and_there_are_at_most_so_many():
    stories = Stories(StorySettings(updates=3, updates_max=2))
    decisions = []
    for number in range(12):
        story = join(stories, article("Live updates", id=f"a{number}", feed=f"Feed {number}")).story
        decisions.append(tell(stories, story)[0])
    assert decisions.count(Decision.NEW) == 1
    assert [index for index, one in enumerate(decisions) if one is Decision.UPDATE] == [3, 6]


def test_the_same_feed_again_is_no_further_source(stories):
    for number in range(6):
        story = join(stories, article("Live updates", id=f"a{number}", feed="Wire")).story
    assert stories[story].sources == ("Wire",)
