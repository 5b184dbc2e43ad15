"""The terms of a text file: one a line, a million is fine.

They are kept as the text they came as and made into a `Term` when one is asked for, so that a long list costs its bytes and little more.

What it deliberately does not do: no line says more than a name and its aliases. A term with a level or a context of its own stands in
the rule file.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import islice
from typing import overload

from ..errors import Fault, Place
from .model import Level, Term, Watchlist

__all__ = ["Listed", "written"]

TERM_MAX = 500
_BLOCK = 32
"""Lines that are kept as one piece: what is read for one of them, and what is saved by not being an object."""
_SHELVES = 256
"""Names seen so far stand in so many small dictionaries: while a large one grows or goes, no other thread runs."""
_CUT_BYTES = 1_000_000
"""Cut into lines at once: while a long file is cut, no other thread runs."""


class Listed(Sequence[Term]):
    """`written`, the terms of the rule file, and after them those of a text file; none of them twice."""

    def __init__(self, written: Sequence[Term], *, path: str, level: Level) -> None:
        self.written = tuple(written)
        self.level = level
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self._path = path
        self._blocks: list[bytes] = []
        self._ends = array("L")
        self._numbers = array("L")

    def read(self, data: bytes) -> None:
        """Take the lines of a file, once; what is wrong with them is in `faults` and `warnings`."""
        shelves: list[dict[str, int]] = [{} for _ in range(_SHELVES)]
        for term in self.written:
            shelves[hash(term.name) % _SHELVES][term.name] = 0
        lines = enumerate(_lines(data.removeprefix(b"\xef\xbb\xbf")), 1)
        while block := list(islice(lines, _BLOCK)):
            kept = []
            for number, line in block:
                try:
                    text = line.decode().strip(" ")
                except UnicodeDecodeError:
                    self.faults.append(Fault(self._place(number), "not UTF-8; save the file as UTF-8"))
                    continue
                name = text.partition("\t")[0].strip()
                if (not name or name[0] == "#" or len(text) > TERM_MAX) and not self._is_term(text, number):
                    continue
                first = shelves[hash(name) % _SHELVES]
                if first.setdefault(name, number) != number:
                    self.warnings.append(Fault(self._place(number), f'term "{name}" again, not used; first at {self._first(name, first)}'))
                    continue
                kept.append(text)
                self._numbers.append(number)
            if kept:
                self._blocks.append("\n".join(kept).encode())
                self._ends.append(len(self._numbers))
        while shelves:
            shelves.pop()

    @property
    def digest(self) -> bytes:
        """The same for the same lines."""
        digest = blake2b(self.level.encode(), digest_size=32)
        for block in self._blocks:
            digest.update(block + b"\n")
        return digest.digest()

    def lines(self) -> Iterator[tuple[str, ...]]:
        """The name and the aliases of each term of the text file, in order."""
        for block in self._blocks:
            yield from map(_names, block.decode().split("\n"))

    def __len__(self) -> int:
        return len(self.written) + len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> Term: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Term, ...]: ...
    def __getitem__(self, index: int | slice) -> Term | tuple[Term, ...]:
        if isinstance(index, slice):
            return tuple(self[at] for at in range(*index.indices(len(self))))
        at = range(len(self))[index] - len(self.written)
        if at < 0:
            return self.written[at]
        block = bisect_right(self._ends, at)
        begin = self._ends[block - 1] if block else 0
        name, *aliases = _names(self._blocks[block].decode().split("\n")[at - begin])
        return Term(name, tuple(aliases), level=self.level, place=self._place(self._numbers[at]))

    def _is_term(self, text: str, number: int) -> bool:
        """Whether a doubtful line is a term; notes what is wrong with it."""
        texts = [part.strip() for part in text.split("\t")]
        if texts[0].startswith("#") or not any(texts):
            return False
        if not texts[0]:
            self.faults.append(Fault(self._place(number), "an alias without a name: the line begins with a tab"))
        elif max(map(len, texts)) > TERM_MAX:
            self.faults.append(Fault(self._place(number), f"a term of more than {TERM_MAX} characters"))
        else:
            return True
        return False

    def _first(self, name: str, first: dict[str, int]) -> Place:
        return self._place(first[name]) if first[name] else next(term.place for term in self.written if term.name == name)

    def _place(self, number: int) -> Place:
        return Place(self._path, number, 1)


def _names(line: str) -> tuple[str, ...]:
    if "\t" not in line:
        return (line.strip(),)
    return tuple(filter(None, (part.strip() for part in line.split("\t"))))


def written(watchlist: Watchlist) -> Sequence[Term]:
    """The terms that stand in the rule file itself; only they have a level and a context of their own."""
    return watchlist.terms.written if isinstance(watchlist.terms, Listed) else watchlist.terms


def _lines(data: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + _CUT_BYTES) + 1 or len(data)
        yield from data[start:end].splitlines()
        start = end
