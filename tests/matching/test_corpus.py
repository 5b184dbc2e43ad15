"""What the matcher finds in written sentences, held against what they hold."""

from __future__ import annotations

import pytest

from tests.matching.corpus import KNOWN, Outcome, Reader, Sentence, f1, misses, sentences

F1_MIN = 0.97


@pytest.fixture(scope="module")
def read() -> list[tuple[Sentence, Outcome]]:
    reader = Reader()
    return [(sentence, reader.outcome(sentence)) for sentence in sentences()]


def test_nearly_every_name_of_the_written_sentences_is_found_and_little_else(read: list[tuple[Sentence, Outcome]]) -> None:
    score = f1(outcome for _, outcome in read)
    wrong = [line for sentence, outcome in read for line in misses(sentence, outcome)]
    assert score >= F1_MIN, f"F1 {score:.4f}\n" + "\n".join(wrong)


def test_what_is_missed_is_known_and_what_is_known_is_still_missed(read: list[tuple[Sentence, Outcome]]) -> None:
    wrong = {line for sentence, outcome in read for line in misses(sentence, outcome)}
    known = set(KNOWN.read_text("utf-8").splitlines())
    new, mended = sorted(wrong - known), sorted(known - wrong)
    assert not new, "not known yet (a line of known-misses.txt each, should they stand):\n" + "\n".join(new)
    assert not mended, "no miss any longer (to be taken off known-misses.txt):\n" + "\n".join(mended)


def test_the_sentences_are_many_different_and_often_without_a_name() -> None:
    every = sentences()
    assert len({sentence.text for sentence in every}) == len(every) >= 420
    assert sum(not sentence.spans for sentence in every) > len(every) / 3
