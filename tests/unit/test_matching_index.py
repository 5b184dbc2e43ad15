"""The index of a long list: keys, the table, and what is found by it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.matching import Rules
from alerts.matching.index import Builder, Keys
from alerts.records import Article, How, Kind
from alerts.rules import Condition, Level, Name, Operator, Rule, RuleSet, Term, Watchlist

letters = st.text("abcdefgh", min_size=1, max_size=12)


def watching(*names: str, kind: Kind = Kind.PLACE, level: Level = Level.NORMAL) -> Rules:
    listed = Watchlist("w", kind, tuple(Term(name, level=level) for name in names))
    return Rules(RuleSet((listed,), (Rule("r", Condition(Operator.ALL, (Name("w"),))),)))


def found(rules: Rules, text: str) -> list[tuple[str, str]]:
    evidence = rules.evidence(Article(content=text))
    assert all(text[item.start : item.end] == item.matched for item in evidence)
    return [(item.term, item.matched) for item in evidence]


def without(text: str) -> set[str]:
    """A text without one of its letters behind the first."""
    return {text[:at] + text[at + 1 :] for at in range(1, len(text))}


@given(texts=st.lists(letters, min_size=1, max_size=6), depth=st.sampled_from([1, 2]))
@settings(deadline=None)
def test_a_text_less_a_letter_has_the_key_of_what_is_left(texts: list[str], depth: int) -> None:
    keys, rows = Keys(texts).worn(0, depth=depth)
    for row, text in enumerate(texts):
        left = without(text)
        if depth == 2:
            left |= {shorter for longer in left for shorter in without(longer)}
        expected = set(Keys([*left, text]).whole.tolist())
        assert set(keys[rows == row].tolist()) | {int(Keys([text]).whole[0])} == expected


def test_a_key_does_not_depend_on_what_else_is_asked() -> None:
    texts = ["a", "wraqqa", "w" + "x" * 100, "w" + "y" * 5000, "wالرقة", "w\ud800", ""]
    alone = [int(Keys([text]).whole[0]) for text in texts]
    assert Keys(texts).whole.tolist() == alone
    assert Keys([*texts * 200]).whole.tolist() == alone * 200
    assert len(set(alone)) == len(texts)


def test_a_table_gives_every_posting_of_a_key_in_order_and_nothing_else() -> None:
    builder = Builder()
    texts = [f"w{number % 50_000}" for number in range(300_000)]
    for begin in (100_000, 0, 200_000):
        part = texts[begin : begin + 100_000]
        builder.add(Keys(part).whole, np.arange(begin, begin + len(part), dtype=np.uint32))
    table = builder.table()
    asked = ["w7", "w50000", "w49999", "x7"]
    answers = {asked[place]: postings for place, postings in table.find(Keys(asked).whole)}
    assert answers == {"w7": list(range(7, 300_000, 50_000)), "w49999": list(range(49_999, 300_000, 50_000))}


def test_a_list_without_a_word_finds_nothing() -> None:
    assert found(watching("--"), "Raqqa -- and Homs") == []


def test_a_name_is_found_wherever_it_stands_in_a_long_text() -> None:
    rules = watching("Deir ez-Zor", "Raqqa", "Homs")
    filler = "Nothing happened on that day, they said. " * 50
    text = f"Dayr az-Zawr. {filler}It was in\nRakka , Homs.\n{filler}#DeirEzzor {filler}in Deir   al-\n Zour"
    assert found(rules, text) == [
        ("Deir ez-Zor", "Dayr az-Zawr"),
        ("Raqqa", "Rakka"),
        ("Homs", "Homs"),
        ("Deir ez-Zor", "DeirEzzor"),
        ("Deir ez-Zor", "Deir   al-\n Zour"),
    ]


def test_a_misspelt_name_that_stands_small_far_away_is_none() -> None:
    filler = "Nothing happened on that day, they said. " * 50
    assert found(watching("Marsala"), f"Marzala. {filler}") == [("Marsala", "Marzala")]
    assert found(watching("Marsala"), f"Marzala. {filler} a glass of marzala") == []


CROWD = [f"Deir {name}" for name in (
    "Hafir", "Sunbul", "Jamal", "Qanun", "Balaba", "Fardis", "Mimas", "Salib", "Shamil", "Ghazal", "Sawwan", "Khabiye", "Maqran", "Atiya",
    "Dama", "Qubil", "Awali", "Kanun", "ez-Zor", "al-Asafir", "Nakhkhas", "Ammar",
)]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "term"),
    [
        ("Deir Hafir", "Deir Hafir"),
        ("DEIR HAFIR", "Deir Hafir"),
        ("Deir Makran", "Deir Maqran"),
        ("Dayr Gazal", "Deir Ghazal"),
        ("Deir Ezzor", "Deir ez-Zor"),
        ("Deir al-Zour", "Deir ez-Zor"),
        ("Deir Asafir", "Deir al-Asafir"),
        ("DeirSunbul", "Deir Sunbul"),
    ],
)
def test_a_name_is_told_apart_in_a_crowd(written: str, term: str) -> None:
    assert found(watching(*CROWD), f"Shells fell on {written} again") == [(term, written)]


def test_a_crowd_answers_for_no_one_else() -> None:
    assert found(watching(*CROWD), "Deir Homs, Deir. Hafir, Deir\n\nJamal and Hafir of Deir") == []


def test_in_a_loose_list_two_errors_are_found_and_in_a_strict_one_none() -> None:
    assert found(watching("Slavyansk", level=Level.LOOSE), "in Slvyanzk today") == [("Slavyansk", "Slvyanzk")]
    assert found(watching("Slavyansk"), "in Slvyanzk today") == []
    assert found(watching("Slavyansk", level=Level.STRICT), "in Slavyanzk today") == []


def test_the_halves_of_a_word_are_found_whichever_tells_more() -> None:
    rules = watching("airstrike", "warplane", "Khanbazar", kind=Kind.TERM)
    text = "air strikes, war planes, khan bazar, a war over planes; strike air"
    assert found(rules, text) == [("airstrike", "air strikes"), ("warplane", "war planes"), ("Khanbazar", "khan bazar")]


def test_a_very_long_name_is_found_as_it_is_listed() -> None:
    name = "Krung" + "thepmahanakhon" * 20
    assert found(watching(name), f"in {name} today, not in {name}x") == [(name, name)]


@given(order=st.permutations(["Raqqa", "Rakka", "Deir ez-Zor", "Deir", "Zor", "الرقة", "Tu-22"]))
@settings(max_examples=20, deadline=None)
def test_the_order_of_terms_changes_nothing(order: list[str]) -> None:
    text = "Raqqah, Dayr az-Zor, Tu-22M3, في الرقة, Rakka and #DeirEzzor"
    first, second = watching("Raqqa", "Rakka", "Deir ez-Zor", "Deir", "Zor", "الرقة", "Tu-22"), watching(*order)
    assert sorted(found(first, text)) == sorted(found(second, text))


def test_an_alias_counts_as_such_beside_its_name() -> None:
    listed = Watchlist("w", Kind.PLACE, (Term("Raqqa", aliases=("Rakka",)),))
    rules = Rules(RuleSet((listed,), (Rule("r", Condition(Operator.ALL, (Name("w"),))),)))
    assert [item.how for item in rules.evidence(Article(title="Raqqa, Rakka, Raqqah"))] == [How.EXACT, How.ALIAS, How.VARIANT]
