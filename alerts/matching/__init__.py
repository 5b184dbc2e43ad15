"""Compile rules, match articles, explain.

    rules = Rules.load("rules/")        RuleError with every fault; cache=FOLDER keeps the compiled form of large lists
    rules.match(article)                what fired, with its evidence
    rules.explain(article)              what was found, and for each rule why it fired or not
    rules.run_tests()                   the tests that stand in the rule files
    cache_folder(os.environ)            where compiled forms are kept
    is_large(path)                      whether rules are worth compiling in a process of their own: python -m alerts.matching RULES CACHE

    targets      the terms, each by a number
    filing       under which keys a spelling is filed, and by which keys a word asks
    spelling     what compiling asks of many words at once
    compiling    every spelling under its keys, as arrays
    index        a table from keys to numbers, in memory or mapped from a file
    postings     which spellings a word may belong to, by those keys
    lexicon      terms, compiled: from a word to what it may be part of
    likeness     how near two words are
    crossing     the same of two words in different scripts, in compiled code where it can be
    senses       what a word may be part of, and how an occurrence is verified
    crowds       many senses of one word, told apart by the words beside it
    cache        the compiled form of a large list, on disk
    reading      a text in chunks, and what is remembered of them
    finder       where terms occur in an article
    native       the first steps of all this in compiled code, where it could be compiled
    conditions   whether a rule's condition holds there
    compiled     `Rules`: all of it together, and what a score means
    explanation  why, as values and as lines

What it deliberately does not do: nothing is learned from the articles, so the same article and rules always give the same matches;
what is remembered between articles are only answers about words. No language model and no gazetteer: a name in another script is
found by its sounds, a translated one (Egypt, مصر) by its aliases.
"""

from __future__ import annotations

from .compiled import Rules, TestFailure, TestResults, is_large
from .explanation import Explanation, Verdict
from .folder import cache_folder

__all__ = ["Explanation", "Rules", "TestFailure", "TestResults", "Verdict", "cache_folder", "is_large"]
