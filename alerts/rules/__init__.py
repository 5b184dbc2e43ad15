"""Watchlists and rules: from YAML to checked values, or every fault with its place.

    read(path)   a file or a folder as a `RuleSet`; raises `RuleError` with all faults of all files at once
    schema()     JSON Schema of the rule files, for editors

`forms` says what may be written, `read` reads it, `references` checks what one document says of another and warns of what will
hardly be meant, `model` is what the rest of the package sees.

What it deliberately does not do: no includes, macros or inheritance between files. A rule says all of itself in one place; what rules
share are watchlists.
"""

from __future__ import annotations

from .listed import Listed, written
from .model import Condition, Level, Name, Operator, Present, Rule, RuleSet, RuleTest, Term, Unit, Watchlist, Within
from .read import read, schema

__all__ = [
    "Condition",
    "Level",
    "Listed",
    "Name",
    "Operator",
    "Present",
    "Rule",
    "RuleSet",
    "RuleTest",
    "Term",
    "Unit",
    "Watchlist",
    "Within",
    "read",
    "schema",
    "written",
]
