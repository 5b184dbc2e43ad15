"""Conflict news, the moment it is published, as alerts.

    import alerts
    rules = alerts.Rules.load("rules/")
    matches = rules.match(alerts.Article(id="1", title="Cruise missiles hit Rakka overnight"))

Names are loaded when first used, so `import alerts` costs next to nothing; everything else is for the command `alerts`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .errors import RuleError
    from .matching import Rules
    from .records import Article, Evidence, Match

__all__ = ["Article", "Evidence", "Match", "RuleError", "Rules"]


_ROOMS = {"Article": "records", "Evidence": "records", "Match": "records", "RuleError": "errors", "Rules": "matching"}


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_ROOMS[name]}", __name__), name)
