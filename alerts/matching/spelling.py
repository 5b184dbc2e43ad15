"""What compiling a list asks of each of its words, of many words at once: in compiled code where that is installed and the words are Latin.

normal_forms(words)    as `text.spellings` has it
skeletons_of(words)    as `text.scripts` has it
are_common(words)      of each word what `text.is_common` says
filer()                what files plain names, where that is installed
tables()               what compiled code is told of Latin letters and words
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import TYPE_CHECKING

from ..text import common, is_common, scripts, spellings
from .likeness import KUNYAS
from .native import compiled

if TYPE_CHECKING:
    from .native._native import Filer, Lists, Speller

__all__ = ["are_common", "filer", "normal_forms", "skeletons_of", "tables"]


def normal_forms(words: Sequence[str]) -> list[str]:
    """The normal forms of many words."""
    speller = _speller()
    found = speller.forms(list(words)) if speller else None
    return spellings.normal_forms(words) if found is None else found


def skeletons_of(words: Sequence[str]) -> Sequence[Collection[str]]:
    """The keys that many words share with their writing in other scripts."""
    speller = _speller()
    found = speller.skeletons(list(words)) if speller else None
    return scripts.skeletons_of(words) if found is None else found


def are_common(words: Sequence[str]) -> Sequence[int]:
    """Of each word whether it is common."""
    speller = _speller()
    found = speller.common(list(words)) if speller else None
    return list(map(is_common, words)) if found is None else found


@cache
def _made() -> Speller | None:
    kind = compiled("Speller")
    return kind(tables()) if kind else None


def tables() -> dict[str, object]:
    """What compiled code is told of Latin letters and words."""
    return {**spellings.tables(), "orthographies": spellings.orthographies(), **scripts.tables(), "lists": _listed()}


@cache
def _listed() -> Lists | None:
    """The word lists as compiled code has them, made once."""
    kind = compiled("Lists")
    return kind({**common.lists(), "links": spellings.LINKS, "kunyas": KUNYAS}) if kind else None


def filer() -> Filer | None:
    """What `compiling` does with names of ASCII letters and spaces, in compiled code where that is installed."""
    return _made_filer() if compiled("Filer") else None


@cache
def _made_filer() -> Filer | None:
    from .index import OF_BYTE  # with numpy, which only compiling needs

    kind = compiled("Filer")
    return kind({**tables(), "of_byte": OF_BYTE}) if kind else None


def _speller() -> Speller | None:
    return _made() if compiled("Speller") else None
