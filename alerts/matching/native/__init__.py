"""The first look at a text, the first question about a word and the spelling of many words, compiled.

    compiled("Lists")      the word lists of `text.common` as one table, which the last two are given
    compiled("Scripts")    what `text.scripts` does, for words that are all of one script
    compiled("Memory")     what `reading.Memory` does
    compiled("Asker")      what `filing.Ask`, `index.Table` and the comparisons of `likeness` do, for words of ASCII letters, and
                           for those that are all of one other script
    compiled("Speller")    what `text.spellings`, `text.common` and `text.scripts` do, for a list of such words

Each is None where no compiler was there when the package was installed, and where `ALERTS_NATIVE=0` says so: then the Python that it
stands for does the work, several times slower. A test holds one against the other, whatever the text and the terms.

What it deliberately does not do: nothing is decided here. A chunk is known or not, a spelling may be meant or not; what is found is
verified by the senses, in Python, wherever it came from. Words of other letters than these go the long way.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Literal, overload

if TYPE_CHECKING:
    from ._native import Asker, Lists, Memory, Scripts, Speller

__all__ = ["compiled"]

_OFF = "0"


@overload
def compiled(name: Literal["Lists"]) -> type[Lists] | None: ...
@overload
def compiled(name: Literal["Scripts"]) -> type[Scripts] | None: ...
@overload
def compiled(name: Literal["Memory"]) -> type[Memory] | None: ...
@overload
def compiled(name: Literal["Asker"]) -> type[Asker] | None: ...
@overload
def compiled(name: Literal["Speller"]) -> type[Speller] | None: ...
def compiled(name: str) -> type[Lists] | type[Scripts] | type[Memory] | type[Asker] | type[Speller] | None:
    """A compiled type, where it is there and wanted."""
    return None if os.environ.get("ALERTS_NATIVE") == _OFF else _kinds().get(name)


@cache
def _kinds() -> dict[str, type[Lists] | type[Scripts] | type[Memory] | type[Asker] | type[Speller]]:
    """The compiled types by name; none where there is no compiled file."""
    try:
        from . import _native
    except ImportError:
        return {}
    return {kind.__name__: kind for kind in (_native.Lists, _native.Scripts, _native.Memory, _native.Asker, _native.Speller)}
