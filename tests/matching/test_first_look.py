"""The first look leaves out what the second would not find, and nothing else."""

from __future__ import annotations

import pytest

from alerts import Article, Evidence, Rules
from alerts.text.common import is_common, uncommon
from tests.matching.corpus import WATCHLISTS, sentences


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules.load(WATCHLISTS)


def _found(rules: Rules, text: str) -> tuple[Evidence, ...]:
    return rules.evidence(Article(title=text))


def test_a_hashtag_elsewhere_has_every_word_looked_at_and_finds_no_more(rules: Rules) -> None:
    for one in sentences():
        assert _found(rules, f"{one.text}\n\n#notice") == _found(rules, one.text), one.text


def test_a_long_run_of_letters_elsewhere_changes_nothing(rules: Rules) -> None:
    long = "ы" * 500
    for one in sentences()[::5]:
        assert _found(rules, f"{one.text}\n\n{long}") == _found(rules, one.text), one.text


def test_marks_that_stand_alone_around_a_name_hide_nothing(rules: Rules) -> None:
    for text in ("' ` ' Deir Ezzor ' ` '", "• Deir Ezzor •", "\u200b Deir Ezzor \u200b"):
        assert [one.matched for one in _found(rules, text)] == ["Deir Ezzor"], text


def test_many_words_are_as_common_as_each_is() -> None:
    words = ["running", "raqqa", "happiest", "sheikhs", "wives", "kobani", "школы", "stopped", "x", "geolocated"]
    assert uncommon(words) == [word for word in words if not is_common(word)]
