"""What words are filed under, one by one or many at once, whatever the words."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.matching.index import Keys, keys_of
from alerts.text.scripts import skeletons, skeletons_of
from alerts.text.spellings import normal_form, normal_forms, outline, undoubled

LETTERS = st.text("aeiouylhkwvszcjtqn", min_size=1, max_size=9)
WORDS = LETTERS | st.builds(str.__add__, LETTERS, st.sampled_from(["eh", "allah", "ullah", "ah", "uv", "hiv", "nui", "ij", "ovo", "sch"]))
MANY = 400
"""So many words are put through as a long text is."""


@given(st.lists(WORDS | st.text("raqклالقه1é", min_size=1, max_size=8), max_size=8))
@settings(max_examples=300, deadline=None)
def test_many_words_have_what_each_has_alone(words: list[str]) -> None:
    forms, keys = [normal_form(word) for word in words], [skeletons(word) for word in words]
    for times in (1, MANY):
        assert normal_forms(words * times) == forms * times
        assert skeletons_of(words * times) == keys * times
        if words:
            assert outline("\n".join(forms * times)).split("\n") == [outline(form) for form in forms] * times


@given(st.lists(st.text("abS", max_size=6), min_size=1, max_size=6))
@settings(deadline=None)
def test_no_letter_stands_twice_and_no_line_is_lost(lines: list[str]) -> None:
    once = ["".join(letter for at, letter in enumerate(line) if line[at - 1 : at] != letter) for line in lines]
    for times in (1, MANY):
        assert undoubled("\n".join(lines * times)).split("\n") == once * times


@given(st.lists(st.text(st.characters(exclude_characters="\n\0"), max_size=40), min_size=1, max_size=6), st.integers(1, 300))
@settings(deadline=None)
def test_many_texts_have_the_keys_that_are_asked_for(texts: list[str], times: int) -> None:
    assert keys_of("w", texts * times).tolist() == Keys(["w" + text for text in texts]).whole.tolist() * times
