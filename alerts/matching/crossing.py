"""Names across scripts, in compiled code where that is installed: what `text.scripts` does there, for words that are all of one script.

agreement(listed, word)    as `text.scripts` has it
skeletons(word)            as `text.scripts` has it
scripts()                  the compiled tables of letters, for what else is compiled
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from functools import cache
from typing import TYPE_CHECKING

from ..text import scripts as text_scripts
from .native import compiled

if TYPE_CHECKING:
    from .native._native import Scripts

__all__ = ["agreement", "scripts", "skeletons"]


def agreement(listed: str, word: str, *, told: bool = False) -> float:
    """How well a listed word and a word of a text, in two different scripts, are the same name: 0 to 100, 0 is no."""
    found = scripts()
    cost = found.cost(listed, word, told) if found else None
    return text_scripts.agreement(listed, word, told=told) if cost is None else text_scripts.score(cost)


def skeletons(word: str) -> AbstractSet[str]:
    """The keys that a word shares with its writing in other scripts."""
    found = scripts()
    keys = found.skeletons(word) if found else None
    return text_scripts.skeletons(word) if keys is None else keys


def scripts() -> Scripts | None:
    """The letters of other scripts as compiled code has them."""
    return _made() if compiled("Scripts") else None


@cache
def _made() -> Scripts | None:
    kind = compiled("Scripts")
    return kind(text_scripts.letters()) if kind else None
