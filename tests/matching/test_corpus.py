"""What the matcher finds in written sentences, held against what they hold."""

from __future__ import annotations

import pytest

from alerts import Article
from tests.matching.corpus import SHIPPED, WRITTEN, Corpus, Outcome, Reader, Sentence, f1, misses, sentences

F1_MIN = 0.97
RECALL_MIN = 0.97
LANGUAGES = ("Arabic", "Hebrew", "Persian", "Russian", "Ukrainian")

Read = list[tuple[Sentence, Outcome]]


def reading(corpus: Corpus) -> Read:
    reader = Reader(corpus)
    return [(sentence, reader.outcome(sentence)) for sentence in sentences(corpus)]


@pytest.fixture(scope="module")
def written() -> Read:
    return reading(WRITTEN)


@pytest.fixture(scope="module")
def shipped() -> Read:
    return reading(SHIPPED)


def report(read: Read) -> str:
    return "\n".join(line for sentence, outcome in read for line in misses(sentence, outcome))


def test_nearly_every_name_of_the_written_sentences_is_found_and_little_else(written: Read) -> None:
    score = f1(outcome for _, outcome in written)
    assert score >= F1_MIN, f"F1 {score:.4f}\n{report(written)}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_rules_find_nearly_every_name_of_news_in_another_script_and_little_else(shipped: Read, language: str) -> None:
    read = [(sentence, outcome) for sentence, outcome in shipped if sentence.about.startswith(language)]
    assert len(read) == 66
    score = f1(outcome for _, outcome in read)
    assert score >= F1_MIN, f"F1 {score:.4f}\n{report(read)}"


def test_the_shipped_rules_know_the_ordinary_words_of_a_fight_in_other_scripts() -> None:
    reader = Reader(SHIPPED)
    found = [known for sentence in sentences(SHIPPED) for known in reader.things(sentence)]
    assert len(found) >= 170
    assert sum(found) / len(found) >= RECALL_MIN


def test_the_shipped_rules_do_not_alert_on_news_of_other_things_in_other_scripts() -> None:
    rules = Reader(SHIPPED).rules
    general = [sentence.text for sentence in sentences(SHIPPED) if not sentence.spans]
    assert len(general) >= 55
    assert [text for text in general if rules.match(Article(title=text))] == []


@pytest.mark.parametrize("corpus", [WRITTEN, SHIPPED], ids=["written", "shipped"])
def test_what_is_missed_is_known_and_what_is_known_is_still_missed(corpus: Corpus, request: pytest.FixtureRequest) -> None:
    read: Read = request.getfixturevalue("written" if corpus is WRITTEN else "shipped")
    wrong = set(report(read).splitlines())
    known = set(corpus.known.read_text("utf-8").splitlines())
    new, mended = sorted(wrong - known), sorted(known - wrong)
    assert not new, f"not known yet (a line of {corpus.known.name} each, should they stand):\n" + "\n".join(new)
    assert not mended, f"no miss any longer (to be taken off {corpus.known.name}):\n" + "\n".join(mended)


def test_the_sentences_are_many_different_and_often_without_a_name() -> None:
    every = sentences()
    assert len({sentence.text for sentence in every}) == len(every) >= 420
    assert sum(not sentence.spans for sentence in every) > len(every) / 3
