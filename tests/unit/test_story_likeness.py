"""What is told of the parts of a town, of weapons, of the dead and of the date speaks for one event or against it."""

from __future__ import annotations

import pytest

from alerts.stories import Stories, StorySettings
from alerts.stories.likeness import SIGNALS
from tests.builders import article


def figures(one: str, other: str, *, minutes: float = 60) -> dict[str, float]:
    """The signals between two headlines."""
    stories = Stories(StorySettings())
    stories.join(article(one, id="one"), ())
    (found,) = stories.near(article(other, id="other", minutes=minutes), ())
    return dict(zip(SIGNALS, found[1], strict=True))


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("Shells hit eastern Aleppo", "Shells hit western Aleppo", True),
        ("Shells hit the east of Aleppo", "Shells hit eastern Aleppo", False),
        ("Shells hit eastern and western Aleppo", "Shells hit western Aleppo", False),
        ("Shells hit Aleppo", "Shells hit western Aleppo", False),
    ],
)
def test_the_east_of_a_town_is_not_its_west(one, other, apart):
    assert figures(one, other)["other direction"] == float(apart)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("Warplanes kill 11 in Aleppo", "Shelling kills 11 in Aleppo", True),
        ("Warplanes kill 11 in Aleppo", "Air raids kill 11 in Aleppo", False),
        ("Attack kills 11 in Aleppo", "Shelling kills 11 in Aleppo", False),
    ],
)
def test_an_air_raid_is_not_a_shelling(one, other, apart):
    assert figures(one, other)["other weapon"] == float(apart)


def test_two_reports_of_the_dead_have_more_in_common_than_two_of_fighting_that_goes_on():
    dead = figures("Car bomb kills 12 in Azaz", "Azaz: death toll of car bomb is 15")
    fighting = figures("Clashes continue around Azaz", "Azaz: clashes and car bombs")
    assert dead["deaths"] == 1
    assert dead["cosine of deaths"] == dead["cosine"] > 0
    assert fighting["deaths"] == fighting["cosine of deaths"] == 0


@pytest.mark.parametrize(("minutes", "same"), [(0, True), (24 * 60, False)])
def test_reports_of_one_date_are_told_from_those_of_two(minutes, same):
    assert figures("Shells hit Aleppo", "Shells hit western Aleppo", minutes=minutes)["same date"] == float(same)
