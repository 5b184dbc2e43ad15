"""What never belongs together, and what does though the words say little; with the evidence of the shipped rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.matching import Rules
from alerts.stories import Reason, Stories, StorySettings
from tests.builders import article


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules.load(Path(__file__).parents[2] / "rules")


def joined(rules, one: str, other: str, *, minutes: float = 60, language: str = "en"):
    stories = Stories(StorySettings())
    for title, at, of in ((one, 0, "en"), (other, minutes, language)):
        report = article(title, id=title, feed=title[:5], minutes=at, language=of)
        found = stories.join(report, rules.evidence(report), kinds=rules.kinds)
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Barrel bombs on Kafr Zita kill 4, activists say", "Barrel bombs on Kafr Nabl kill 4, activists say"),
        ("Clashes in Tripoli, Lebanon, leave two dead", "Clashes in Tripoli, Libya, leave two dead"),
        ("Hamas claims attack on army post near the border", "Hezbollah claims attack on army post near the border"),
        ("Air strike hits hospital in Idlib", "Air strike hits school in Idlib"),
        ("Drone attack on depot in Port Sudan", "Drone attack on airport in Port Sudan"),
        ("Air raid hits Raqqa in the morning", "Second air raid hits Raqqa in the morning"),
        ("Siege of Aleppo: shells kill four in old town", "Ten years ago: siege of Aleppo old town remembered"),
        ("Ukraine war briefing: what we know on day 40", "Ukraine war briefing: what we know on day 41"),
    ],
)
def test_however_alike_the_words_these_are_two_events(rules, one, other):
    assert joined(rules, one, other).new
    assert joined(rules, other, one).new


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("Blast in Damascus kills five people", "انفجار في دمشق يقتل 5 أشخاص", "ar"),
        ("Missile strike on Kharkiv, 6 dead", "Харьков: ракетный удар, погибли 6 человек", "ru"),
        ("Kabul mosque bombing kills 30", "Kabul mosque bombing: death toll rises to 41", "en"),
        ("Damascus explosion kills five", "Damascus explosion kills nine", "en"),
        ("Car bomb in Baghdad market kills 11", "What we know about the Baghdad market car bomb", "en"),
        ("Explosion at Beirut port", "Huge explosion rocks port of Beirut", "en"),
    ],
)
def test_place_and_numbers_join_what_shares_few_words(rules, one, other, language):
    found = joined(rules, one, other, language=language)
    assert not found.new
    assert found.reason in {Reason.SAME_EVENT, Reason.SAME_FACTS}


def test_a_higher_toll_in_the_same_words_a_day_later_is_another_event(rules):
    assert joined(rules, "Damascus explosion kills five", "Damascus explosion kills nine", minutes=24 * 60).new


def test_as_many_dead_in_one_city_by_other_means_are_of_another_event(rules):
    assert joined(rules, "Shells fall in western Aleppo, 6 dead", "Explosion at a depot in Aleppo kills 6", minutes=300).new


def test_an_aside_about_years_past_does_not_set_a_report_apart(rules):
    one, other = "Actor Jane Roe marries boyfriend in Mexico", "Actor Jane Roe marries boyfriend in Mexico less than a year after split"
    assert not joined(rules, one, other).new
    assert not joined(rules, other, one).new


def test_another_toll_in_another_language_is_another_event(rules):
    assert joined(rules, "Missile strike on Kharkiv, 6 dead", "Харьков: ракетный удар, погибли 9 человек", language="ru").new
