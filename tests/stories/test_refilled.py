"""One sentence with its blanks filled otherwise is another event, however many there are of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.records import Kind
from alerts.stories import Stories, StorySettings
from tests.builders import article, evidence
from tests.e2e.places import strike


def events(*titles: str, minutes: float = 7) -> int:
    """How many stories a stream of headlines makes."""
    stories, new = Stories(StorySettings(window=timedelta(hours=72))), 0
    for number, title in enumerate(titles):
        found = [evidence("Raqqa", start=title.index("Raqqa"))] if "Raqqa" in title else []
        new += stories.join(article(title, id=str(number), minutes=number * minutes), found, kinds={"places.syria": Kind.PLACE}).new
    return new


@pytest.mark.parametrize("minutes", [0, 1, 60])
def test_two_hundred_strikes_in_the_same_words_are_two_hundred_events(minutes):
    titles = [strike(number)[1] for number in range(200)]
    assert events(*titles, minutes=minutes) == 200
    assert events(*titles[::-1], minutes=minutes) == 200


def test_another_number_that_is_no_toll_is_another_event():
    assert events("Shell lands in district 4 of Raqqa", "Shell lands in district 9 of Raqqa") == 2


def test_a_toll_that_rises_is_news_of_the_same_event():
    assert events("Airstrike in Raqqa kills 5", "Airstrike in Raqqa kills 8") == 1


def test_a_name_and_a_number_that_both_differ_are_another_event():
    assert events("Missile 3 hits Bashir quarter of Raqqa", "Missile 4 hits Castello quarter of Raqqa") == 2
