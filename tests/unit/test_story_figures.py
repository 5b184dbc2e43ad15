"""What a headline says in figures and set phrases."""

from __future__ import annotations

import pytest

from alerts.stories.figures import Cue, cues, days, toll, without_wire
from alerts.text import words


def folded(title: str) -> list[str]:
    return list(words(title).folded)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Air strike on market kills 11, medics say", 11),
        ("Seven dead as jets hit Aleppo", 7),
        ("Death toll from the blast in Homs rises to 16", 16),
        ("Siege of hotel ends, death toll at 12", 12),
        ("Strike kills 20, including 4 children", 20),
        ("People, among them 4 children, killed in Gaza", 0),
        ("Frappe aérienne : neuf morts", 9),
        ("Ракетный удар, погибли 12 человек", 12),
        ("مقتل 13 شخصا في غارة", 13),
        ("غارة تقتل 11 شخصا", 11),
        ("Explosion wounds 10", 0),
        ("Raid on Tuesday: 5 arrested", 0),
        ("Mortar rounds hit 3 houses", 0),
        ("Siege of 2016 killed many", 0),
        ("Killed after 12 days", 0),
        ("Strike killed 5, not 9", 5),
        ("Raids leave 10 martyrs and injured", 0),
        ("Bombardment kills and wounds 60 people", 0),
        ("Blast kills 3 and wounds 12", 3),
    ],
)
def test_the_toll_is_the_number_beside_a_word_of_death(title, expected):
    assert toll(folded(title)) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Correction: strike killed 5, not 9", {Cue.CORRECTION}),
        ("CORRECTED-Strike kills 5", {Cue.CORRECTION}),
        ("WITHDRAWN: Strike kills 5", {Cue.WITHDRAWN}),
        ("Agency retracts report of strike", {Cue.WITHDRAWN}),
        ("Army withdraws from Aleppo", set()),
        ("A year after the siege, Aleppo rebuilds", {Cue.LOOKS_BACK}),
        ("Halabja marks anniversary of gas attack", {Cue.LOOKS_BACK}),
        ("Survivors in Halabja speak twenty years after the attack", {Cue.LOOKS_BACK}),
        ("Singer marries in Mexico, less than a year after split", set()),
        ("Exchange hit by 150 000 requests per second during attack", set()),
        ("Death toll in Homs rises to 12", {Cue.FOLLOWS_UP}),
        ("What we know about the Homs blast", {Cue.FOLLOWS_UP}),
        ("Two days after the blast, Homs buries its dead", {Cue.FOLLOWS_UP}),
        ("Second air raid of the day hits Raqqa", {Cue.ANOTHER}),
        ("Blast in Homs, a day after one in Hama", set()),
        ("Correct rules for shelters published", set()),
    ],
)
def test_set_phrases_are_seen_and_what_looks_like_them_is_not(title, expected):
    assert set(cues(title, folded(title))) - {Cue.DEATHS} == expected


@pytest.mark.parametrize(
    ("title", "dead"),
    [
        ("Car bomb kills 12 in Azaz", True),
        ("Massacre in Armanaz", True),
        ("انفجار في دمشق يقتل 5 أشخاص", True),
        ("Clashes continue in the vicinity of Homs", False),
        ("Mortar shells fall on Damascus on Tuesday", False),
    ],
)
def test_a_headline_tells_of_the_dead_or_does_not(title, dead):
    assert (Cue.DEATHS in cues(title, folded(title))) is dead


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("UPDATE 2-Strike on Aleppo market kills 5", "Strike on Aleppo market kills 5"),
        ("BREAKING: Strike on Aleppo market kills 5", "Strike on Aleppo market kills 5"),
        ("Strike on Aleppo market kills 5 - Daily Post", "Strike on Aleppo market kills 5"),
        ("Strike on Aleppo market kills 5 | Reuters", "Strike on Aleppo market kills 5"),
        ("WITHDRAWN: Strike on Aleppo market kills 5", "Strike on Aleppo market kills 5"),
        ("Live: Aleppo", "Aleppo"),
    ],
)
def test_what_the_wire_and_the_paper_put_around_a_headline_is_left_out(title, bare):
    assert without_wire(title) == bare


def test_weekdays_are_numbered_from_monday():
    assert days(folded("Sunday's strike and Monday's funeral")) == (0, 6)
