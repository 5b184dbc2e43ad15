"""The first look at a text, the first question about a word, and most of what compiling a long list takes, in compiled code.

    compiled("Lists")      the word lists of `text.common` as one table, which others are given
    compiled("Scripts")    what `text.scripts` does, for words that are all of one script
    compiled("Memory")     what `reading.Memory` does
    compiled("Asker")      what `filing.Ask`, `index.Table` and the comparisons of `likeness` do, for words of ASCII letters, and
                           for those that are all of one other script
    compiled("Speller")    what `text.spellings`, `text.common` and `text.scripts` do, for a list of such words
    compiled("Filer")      what `compiling` does with a name of ASCII letters and spaces
    compiled("Sorter")     what `index.Builder` does with keys and their postings

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
    from ._native import Asker, Filer, Lists, Memory, Scripts, Sorter, Speller

    _Kind = type[Lists] | type[Scripts] | type[Memory] | type[Asker] | type[Speller] | type[Filer] | type[Sorter]

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
@overload
def compiled(name: Literal["Filer"]) -> type[Filer] | None: ...
@overload
def compiled(name: Literal["Sorter"]) -> type[Sorter] | None: ...
def compiled(name: str) -> _Kind | None:
    """A compiled type, where it is there and wanted."""
    return None if os.environ.get("ALERTS_NATIVE") == _OFF else _kinds().get(name)


@cache
def _kinds() -> dict[str, _Kind]:
    """The compiled types by name; none where there is no compiled file."""
    try:
        from . import _native
    except ImportError:
        return {}
    kinds = (_native.Lists, _native.Scripts, _native.Memory, _native.Asker, _native.Speller, _native.Filer, _native.Sorter)
    return {kind.__name__: kind for kind in kinds}
