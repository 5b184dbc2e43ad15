"""Compile rules, match articles, explain.

    rules = Rules.load("rules/")        RuleError with every fault
    rules.match(article)                what fired, with its evidence
    rules.explain(article)              what was found, and for each rule why it fired or not
    rules.run_tests()                   the tests that stand in the rule files

    lexicon      terms, compiled: from a word to what it may be part of
    finder       where terms occur in an article
    conditions   whether a rule's condition holds there
    compiled     `Rules`: all of it together, and what a score means
    explanation  why, as values and as lines

What it deliberately does not do: nothing is learned from the articles, so the same article and rules always give the same matches;
what is remembered between articles are only answers about words. No language model and no gazetteer: a name in another script is
found where its letters can be carried over (Cyrillic, Greek), else by its aliases.
"""

from __future__ import annotations

from .compiled import Rules, TestFailure, TestResults
from .explanation import Explanation, Verdict

__all__ = ["Explanation", "Rules", "TestFailure", "TestResults", "Verdict"]
