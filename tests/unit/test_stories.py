"""One event, one story; and what a report of it means for a destination."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.records import Article, Decision, Kind, Severity, encode
from alerts.stories import ARTICLES_MAX, Reason, Stories, StorySettings
from tests.builders import NOON, article, evidence

RAQQA = "Russian cruise missiles hit Raqqa in night strikes, activists say"


@pytest.fixture
def stories() -> Stories:
    return Stories(StorySettings())


def join(stories: Stories, report: Article, *terms: str):
    return stories.join(
        report, [evidence(term, start=max(0, report.title.find(term))) for term in terms], kinds={"places.syria": Kind.PLACE}
    )


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
        (article(RAQQA.replace("night", "night-time"), id="b", feed="Daily", minutes=3), Reason.SAME_EVENT),
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


class Sure:
    """A likelihood that says what the test says: all or nothing."""

    def __init__(self) -> None:
        self.same = False

    def __call__(self, signals: object) -> float:
        return 0.99 if self.same else 0.0


@pytest.fixture
def fused():
    """Two stories of one event that a third report showed to be one: the stories, the older's id, the younger's, what joined."""
    sure = Sure()
    stories = Stories(StorySettings(), likelihood=sure)
    older = join(stories, article("Blast heard in the old town of Raqqa", id="a", feed="Wire")).story
    younger = join(stories, article("Market in Raqqa hit by missiles", id="b", feed="Daily", minutes=10)).story
    stories.tell(older, {"desk": Severity.HIGH}, at=NOON, alert="first")
    stories.tell(younger, {"desk": Severity.HIGH, "field": Severity.LOW}, at=NOON, alert="second")
    sure.same = True
    joined = join(stories, article("Missiles hit market in the old town of Raqqa", id="c", feed="Wire", minutes=20))
    return stories, older, younger, joined


def test_two_stories_that_turn_out_to_be_one_are_fused_under_the_older_id(fused):
    stories, older, younger, joined = fused
    assert (joined.story, joined.new, joined.absorbed) == (older, False, (younger,))
    assert [report.id for report in stories[older].articles] == ["a", "b", "c"]
    assert stories[older].sources == ("Wire", "Daily")
    assert stories.resolve(younger) == older
    assert stories[younger].into == older


def test_a_fusion_rings_nobody(fused):
    stories, older, _, _ = fused
    verdicts = stories.tell(older, {"desk": Severity.HIGH, "field": Severity.LOW}, at=NOON)
    assert {verdict.decision for verdict in verdicts.values()} == {Decision.REPEAT}
    assert stories[older].told["desk"].alert == "first"


def test_an_alias_leaves_with_its_story_and_survives_a_restart(fused):
    stories, older, younger, _ = fused
    again = Stories(StorySettings(), kept=[stories[id] for id in stories])
    assert again.resolve(younger) == older
    join(again, article("A wholly different thing", id="z", minutes=72 * 60 + 21))
    assert set(again.expire()) == {older, younger}
    assert younger not in again
    assert again.resolve(younger) == younger


def test_in_doubt_a_report_is_told_and_names_the_story_it_may_belong_to():
    stories = Stories(StorySettings(), likelihood=lambda signals: 0.3)
    first = join(stories, article(RAQQA, id="a"))
    joined = join(stories, article("Missiles hit Raqqa again", id="b", minutes=5))
    assert (joined.new, joined.reason, joined.related) == (True, Reason.IN_DOUBT, first.story)


def test_a_report_without_any_date_is_of_the_newest_time_of_the_stream(stories):
    join(stories, article(id="a", minutes=90))
    story = join(stories, article("Undated", id="b", published=None, fetched=None)).story
    assert stories[story].last == NOON + timedelta(minutes=90)
    assert stories.expire() == ()


def test_a_late_report_neither_closes_nor_reopens_anything(stories):
    first = join(stories, article(id="a")).story
    late = join(stories, article("Report of last week", id="b", minutes=-7 * 24 * 60)).story
    assert stories.expire() == (late,)
    assert first in stories


def test_a_report_that_was_forgotten_is_known_when_it_is_delivered_again(stories):
    for number in range(ARTICLES_MAX + 5):
        story = join(stories, article("Live updates", id=f"a{number}", feed=f"Feed {number}")).story
    before = encode(stories[story])
    again = join(stories, article("Live updates", id="a0", feed="Feed 0"))
    assert (again.story, encode(stories[story])) == (story, before)


def test_the_record_of_a_story_fits_a_message_of_the_log(stories):
    for number in range(3 * ARTICLES_MAX):
        words = " ".join(f"Word{number}x{index}" for index in range(60))
        link = "https://example.org/" + "x" * 3000 + str(number)
        report = article("Live updates", id=link, feed=f"Feed {number}", content=words)
        story = join(stories, report).story
    assert len(encode(stories[story])) < 900_000


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
