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
_Terms = tuple[list[int], list[str], list[str]]
"""The numbers of lines, their texts, and the names that these begin with."""


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
        first = 1
        for lines in _blocks(data.removeprefix(b"\xef\xbb\xbf")):
            terms = _all_terms(lines, first) or self._terms(lines, first)
            self._keep(terms, shelves)
            first += len(lines)
        while shelves:
            shelves.pop()

    def _terms(self, lines: Sequence[bytes], first: int) -> _Terms:
        """The terms of lines, the first of which has that number; notes what is wrong with them."""
        numbers, texts, names = [], [], []
        for number, line in enumerate(lines, first):
            try:
                text = line.decode().strip(" ")
            except UnicodeDecodeError:
                self.faults.append(Fault(self._place(number), "not UTF-8; save the file as UTF-8"))
                continue
            name = text.partition("\t")[0].strip()
            if (name and name[0] != "#" and len(text) <= TERM_MAX) or self._is_term(text, number):
                numbers.append(number)
                texts.append(text)
                names.append(name)
        return numbers, texts, names

    def _keep(self, terms: _Terms, shelves: Sequence[dict[str, int]]) -> None:
        """Keep the terms that are new."""
        numbers, texts, names = terms
        firsts = [shelves[hash(name) % _SHELVES].setdefault(name, number) for number, name in zip(numbers, names, strict=True)]
        if firsts != numbers:
            for number, name, first in zip(numbers, names, firsts, strict=True):
                if first != number:
                    self.warnings.append(Fault(self._place(number), f'term "{name}" again, not used; first at {self._first(name, first)}'))
            texts = [text for number, text, first in zip(numbers, texts, firsts, strict=True) if first == number]
            numbers = [number for number, first in zip(numbers, firsts, strict=True) if first == number]
        if numbers:
            self._blocks.append("\n".join(texts).encode())
            self._numbers.extend(numbers)
            self._ends.append(len(self._numbers))

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
            lines = block.decode().split("\n")
            yield from map(_names, lines) if b"\t" in block else zip(map(str.strip, lines), strict=True)

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

    def _first(self, name: str, number: int) -> Place:
        return self._place(number) if number else next(term.place for term in self.written if term.name == name)

    def _place(self, number: int) -> Place:
        return Place(self._path, number, 1)


def _names(line: str) -> tuple[str, ...]:
    if "\t" not in line:
        return (line.strip(),)
    return tuple(filter(None, (part.strip() for part in line.split("\t"))))


def written(watchlist: Watchlist) -> Sequence[Term]:
    """The terms that stand in the rule file itself; only they have a level and a context of their own."""
    return watchlist.terms.written if isinstance(watchlist.terms, Listed) else watchlist.terms


def _blocks(data: bytes) -> Iterator[list[bytes]]:
    """The lines of a file, a few at a time."""
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + _CUT_BYTES) + 1 or len(data)
        lines = data[start:end].splitlines()
        for at in range(0, len(lines), _BLOCK):
            yield lines[at : at + _BLOCK]
        start = end


def _all_terms(lines: Sequence[bytes], first: int) -> _Terms | None:
    """The same as `Listed._terms` where every line is plainly a term, as almost all are; else None."""
    try:
        whole = b"\n".join(lines).decode()
    except UnicodeDecodeError:
        return None
    texts = [line.strip(" ") for line in whole.split("\n")]
    names = [text.partition("\t")[0].strip() for text in texts] if "\t" in whole else list(map(str.strip, texts))
    if "#" in whole or not all(names) or max(map(len, texts)) > TERM_MAX:
        return None
    return list(range(first, first + len(lines))), texts, names
