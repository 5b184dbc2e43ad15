"""Folding and words, whatever the text."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from alerts.text import fold, fold_word, sentences, words

TEXTS = st.text(st.characters(), max_size=60) | st.text("aA'’#-. \n1RaqAL\u0301\u200b½²İßﬁｶﾞ拉ال", max_size=30)


@given(TEXTS)
@example("²a ½a ℂ İ ﬁ ß ｶﾞ 拉㍿ #aB2c")
@example("a's's l'a'a")
@settings(max_examples=600, deadline=None)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text).text).text == fold(text).text


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_each_word_is_a_slice_of_the_text_and_none_overlap(text: str) -> None:
    end = 0
    for word in words(text):
        assert end <= word.start < word.end <= len(text)
        assert fold_word(text[word.start : word.end]) == word.folded
        assert word.folded
        end = word.end


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_lower_case_changes_no_word_outside_hashtags(text: str) -> None:
    plain = text.replace("#", " ").replace("＃", " ")
    small = "".join("i" if char == "İ" else char.lower() for char in plain)  # as Turkish has it: Python makes two characters of it
    assert fold(small).text == fold(plain).text


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_sentences_lie_in_order_inside_the_text(text: str) -> None:
    end = 0
    for start, stop in sentences(text):
        assert end <= start < stop <= len(text)
        end = stop
