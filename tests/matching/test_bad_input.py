"""Texts that no editor wrote: the right finds, at the right places, and soon."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from types import FrameType

import pytest

from alerts import Article, Rules
from tests.matching.corpus import WATCHLISTS

CPU_S_MAX = 10


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules.load(WATCHLISTS)


@pytest.fixture(autouse=True)
def _guarded() -> Iterator[None]:
    """A text that takes longer than the bound (of this process's own time) fails instead of hanging."""

    def stop(signum: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"more than {CPU_S_MAX} s for one text")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, CPU_S_MAX)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)


def finds(rules: Rules, text: str) -> list[tuple[str, str]]:
    """Term and words, each held against the text."""
    found = rules.evidence(Article(title=text))
    assert all(text[one.start : one.end] == one.matched for one in found)
    return [(one.term, one.matched) for one in found]


def test_lone_surrogates_part_words_and_shift_nothing(rules: Rules) -> None:
    assert finds(rules, "\ud800Raqqa\udfff and \udc00 Mosul\ud83d") == [("Raqqa", "Raqqa"), ("Mosul", "Mosul")]


def test_a_nul_is_no_letter(rules: Rules) -> None:
    assert ("Aleppo", "Aleppo") in finds(rules, "\x00\x00In Aleppo\x00 nothing moved")


def test_letters_beyond_the_basic_plane_shift_nothing(rules: Rules) -> None:
    assert finds(rules, "🚀🚀 𝕏 said 🇸🇾 Raqqa 👩‍👩‍👧 and Mosul") == [("Raqqa", "Raqqa"), ("Mosul", "Mosul")]


def test_combining_marks_without_a_base_belong_to_nothing(rules: Rules) -> None:
    assert ("Aleppo", "Aleppo") in finds(rules, "\u0301\u0308\u064b Aleppo \u0301\u0301")
    assert finds(rules, "\u0301" * 200_000) == []


def test_a_pile_of_marks_on_one_letter_ends(rules: Rules) -> None:
    assert [term for term, _ in finds(rules, "Mosul and A" + "\u0316\u0301" * 100_000 + " Raqqa")] == ["Mosul", "Raqqa"]


def test_marks_of_direction_are_no_letters(rules: Rules) -> None:
    mixed = "\u202bانفجار قرب Raqqa\u202c ثم \u2067Khan Younis\u2069 \u202eunfinished"
    assert {"Raqqa", "Khan Younis"} <= {term for term, _ in finds(rules, mixed)}


def test_ten_megabytes_in_one_title_are_read_to_the_end(rules: Rules) -> None:
    text = "The council met again on Monday to talk of roads. " * 200_000 + "Shells fell on Raqqa."
    assert len(text) > 10_000_000
    assert finds(rules, text) == [("Raqqa", "Raqqa")]


def test_ten_megabytes_of_one_word_end(rules: Rules) -> None:
    assert finds(rules, "a" * 10_000_000) == []


@pytest.mark.parametrize("joint", ["-", ".", "/", "\u200b", "'", "_", "\u00a0", "·"])
def test_a_hundred_thousand_words_without_a_space_end(rules: Rules, joint: str) -> None:
    found = finds(rules, joint.join(["abcdef", "council"] * 50_000))
    assert found == []


def test_forty_thousand_names_without_a_space_are_all_found(rules: Rules) -> None:
    assert finds(rules, "/".join(["Raqqa", "Mosul"] * 20_000)) == [("Raqqa", "Raqqa"), ("Mosul", "Mosul")] * 20_000


def test_a_hashtag_of_a_hundred_thousand_words_ends(rules: Rules) -> None:
    assert set(finds(rules, "#" + "SaveAleppo" * 50_000)) <= {("Aleppo", "Aleppo")}


def test_a_hundred_thousand_letters_of_a_script_without_spaces_end(rules: Rules) -> None:
    assert finds(rules, "拉卡の市で" * 20_000) == []


def test_every_letter_and_sign_in_turn_ends(rules: Rules) -> None:
    """The first three planes: all living scripts, lone surrogates, ideographs, symbols."""
    finds(rules, " ".join(map(chr, range(0x30000))))
