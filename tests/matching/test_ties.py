"""What is found is the same in every run, where two spellings of a term are equally good, too."""

from __future__ import annotations

from alerts import Article, Rules
from alerts.records import How, Kind
from alerts.rules import Condition, Name, Operator, Rule, RuleSet, Term, Watchlist

NAMES = ("Sanaa", "Taiz", "Marib", "Saada", "Derna", "Sirte", "Raqqa", "Mosul", "Hodeidah", "Aleppo", "Idlib", "Homs")


def test_a_name_is_found_as_itself_though_an_alias_folds_to_the_same() -> None:
    terms = tuple(Term(name, aliases=(f"{name[:-1]}'{name[-1]}", name.upper())) for name in NAMES)
    rules = Rules(RuleSet((Watchlist("w", Kind.PLACE, terms),), (Rule("r", Condition(Operator.ALL, (Name("w"),))),)))
    found = rules.evidence(Article(title=", ".join(NAMES)))
    assert [(one.term, one.how) for one in found] == [(name, How.EXACT) for name in NAMES]
