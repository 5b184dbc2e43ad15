"""A large table from texts to numbers, as sorted arrays: in memory, or mapped from a file that processes share.

    builder.add(keys, postings)      in any order; `builder.table()` sorts them, by key and those of one key by posting
    table.find(keys)                 the postings of those keys that are there
    save(path, arrays)               one file, written whole or not at all
    open_arrays(path)                the arrays again, without reading them; None where the file is not what was written

A key is 64 bits of hash of a text, the same in every process and on every machine: the sum of a number for each byte, weighed by its
place. So the key of a text without one of its letters follows from two sums (`Keys.worn`), and a batch of texts costs a few passes
over arrays, not a loop. A table of bits in front says of most keys that are not there that they are not.

What it deliberately does not do: two texts may share a key (once in some 10^12 questions at a million names), so whoever asks compares
the text itself. Nothing is unpickled: a file is bytes with a digest, and a file that fails it is as good as none.
"""

from __future__ import annotations

import json
import mmap
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .native import compiled

__all__ = ["OF_BYTE", "Builder", "Keys", "Table", "keys_of", "open_arrays", "save"]

Numbers = NDArray[np.uint64]
Postings = NDArray[np.uint32]

_BITS_A_KEY = 16
"""At least so many bits a key in the table in front: one question in sixteen or fewer goes on for nothing."""
_PART_BITS = 4
_PARTS = 1 << _PART_BITS
"""The keys are sorted part by part, so that sorting needs little more memory than the keys."""
_ROOM = 1 << 18
_MAGIC = b"alerts index\n"
_STRETCH_BYTES = 8192
_HEADER_BYTES = 8192
_LAYOUT_BYTES = 4096
_DIGEST_BYTES = 32


def _mixed(numbers: Numbers) -> Numbers:
    """Evenly spread bits from consecutive numbers (the finalizer of SplitMix64)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


_BYTES_MAX = 4096
"""Longer texts share the key of their beginning."""
_BASE = 0x9E3779B97F4A7C15
_UNBASE = np.uint64(pow(_BASE, -1, 1 << 64))
OF_BYTE: Numbers = _mixed(np.arange(1, 257, dtype=np.uint64) * np.uint64(_BASE))
OF_BYTE[0] = 0  # what fills up shorter texts
_OF_PLACE: Numbers = np.cumprod(np.full(_BYTES_MAX, _BASE, np.uint64), dtype=np.uint64) * _UNBASE
_NARROW = 32
"""Texts of up to so many bytes are summed up in one piece, however many there are."""
_FEW = 512


def keys_of(kind: str, texts: Sequence[str]) -> Numbers:
    """The keys of many texts, each behind the letter that says what kind of key it is."""
    encoded = (kind + f"\n{kind}".join(texts)).encode("utf-8", "surrogatepass").split(b"\n") if texts else []
    keys = np.empty(len(encoded), np.uint64)
    for begin in range(0, len(encoded), _FEW):  # so few that all of it stays near the processor
        few = encoded[begin : begin + _FEW]
        letters = np.array(few, f"S{min(_BYTES_MAX, max(map(len, few)))}").view(np.uint8).reshape(len(few), -1)
        np.add.reduce(OF_BYTE.take(letters) * _OF_PLACE[: letters.shape[1]], axis=1, out=keys[begin : begin + len(few)])
    return keys


class Keys:
    """The keys of a batch of texts: a row of running sums for each, over its bytes."""

    def __init__(self, texts: Sequence[str]) -> None:
        encoded = "\n".join(texts).encode("utf-8", "surrogatepass").split(b"\n")
        self._sums = list(_running(encoded))
        self.whole: Numbers = self._sums[0][1][:, -1]
        if len(self._sums) > 1:
            self.whole = np.empty(len(texts), np.uint64)
            for rows, sums in self._sums:
                self.whole[rows] = sums[:, -1]

    def worn(self, first: int, *, depth: int) -> tuple[Numbers, NDArray[np.intp]]:
        """The keys of the texts from `first` on without one byte, or two where depth is 2, and the text each is of.

        The first byte of a text stays: it says what kind of key it is.
        """
        found = []
        for rows, every in self._sums:
            begin = int(rows.searchsorted(first))
            sums = every[begin:]
            if not len(sums):
                continue
            width = sums.shape[1] - 1
            whole, numbers = sums[:, -1:], rows[begin:]
            less = sums[:, 1:-1] + (whole - sums[:, 2:]) * _UNBASE
            within = sums[:, 1:-1] != sums[:, 2:]  # what fills up shorter texts cannot be left out
            found.append((less[within], np.repeat(numbers, within.sum(axis=1))))
            if depth > 1:
                one, two = np.triu_indices(width - 1, 1)
                middle = (sums[:, two + 1] - sums[:, one + 2]) * _UNBASE
                less = sums[:, one + 1] + middle + (whole - sums[:, two + 2]) * _UNBASE * _UNBASE
                within = sums[:, two + 1] != sums[:, two + 2]
                found.append((less[within], np.repeat(numbers, within.sum(axis=1))))
        return np.concatenate([keys for keys, _ in found]), np.concatenate([rows for _, rows in found])


def _running(encoded: Sequence[bytes]) -> Iterator[tuple[NDArray[np.intp], Numbers]]:
    """Of texts of similar length at a time: which they are, in order, and their running sums."""
    rows = np.arange(len(encoded))
    longest = max(map(len, encoded))
    if longest > _BYTES_MAX:
        encoded = [text[:_BYTES_MAX] for text in encoded]
        longest = _BYTES_MAX
    if longest <= _NARROW or len(encoded) <= _FEW:
        yield rows, _sums(encoded, longest)
        return
    lengths = np.fromiter(map(len, encoded), np.intp, len(encoded))
    widths = 1 << np.maximum(3, np.ceil(np.log2(np.maximum(lengths, 1))).astype(np.intp))
    for width in np.unique(widths).tolist():
        chosen = rows[widths == width]
        yield chosen, _sums([encoded[row] for row in chosen.tolist()], width)


def _sums(encoded: Sequence[bytes], width: int) -> Numbers:
    """A row for each text: nothing, its first byte, its first two bytes, and so on up to the width."""
    letters = np.array(encoded, f"S{max(width, 1)}").view(np.uint8).reshape(len(encoded), -1)
    sums = np.zeros((len(encoded), letters.shape[1] + 1), np.uint64)
    np.add.accumulate(OF_BYTE.take(letters) * _OF_PLACE[: letters.shape[1]], axis=1, out=sums[:, 1:])
    return sums


class Table:
    """Postings by key. Made of three arrays, which may be mapped from a file."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self.arrays = arrays
        self._keys, self._postings, self._bits = arrays["keys"], arrays["postings"], arrays["bits"]
        self.shift = np.uint64(64 - int(len(self._bits) * 8).bit_length() + 1)

    def find(self, keys: Numbers) -> list[tuple[int, list[int]]]:
        """Of these keys those that are there: the place among `keys`, and the postings."""
        at = (keys >> self.shift).view(np.int64)
        (asked,) = (self._bits.take(at >> 3) & _BIT.take(at & 7)).nonzero()
        if not len(asked):
            return []
        wanted = keys.take(asked)
        firsts, lasts = self._keys.searchsorted(wanted), self._keys.searchsorted(wanted, "right")
        return [
            (place, self._postings[first:last].tolist())
            for place, first, last in zip(asked.tolist(), firsts.tolist(), lasts.tolist(), strict=True)
            if first < last
        ]


_BIT = np.array([1, 2, 4, 8, 16, 32, 64, 128], np.uint8)


class Builder:
    """Collects keys with their postings, part by part as they will be sorted."""

    def __init__(self) -> None:
        self._parts: list[list[tuple[Numbers, Postings]]] = [[] for _ in range(_PARTS)]
        self._used = [0] * _PARTS

    def add(self, keys: Numbers, postings: Postings) -> None:
        """Keys and, of the same length, what to find under them."""
        keys, postings, ends = _parted(keys, postings)
        for part, (begin, end) in enumerate(pairwise((0, *ends))):
            while begin < end:
                used = self._used[part] % _ROOM
                if not used:
                    self._parts[part].append((_room(_ROOM, np.uint64), _room(_ROOM, np.uint32)))
                count = min(end - begin, _ROOM - used)
                rooms = self._parts[part][-1]
                rooms[0][used : used + count] = keys[begin : begin + count]
                rooms[1][used : used + count] = postings[begin : begin + count]
                self._used[part] += count
                begin += count

    def table(self) -> Table:
        """Everything added, sorted. The builder is empty afterwards."""
        count = sum(self._used)
        keys, postings = _room(count, np.uint64), _room(count, np.uint32)
        end = 0
        for part, used in zip(self._parts, self._used, strict=True):
            begin, end = end, end + used
            if part:
                unsorted = _joined([room for room, _ in part], used), _joined([room for _, room in part], used)
                part.clear()
                _sort(*unsorted, keys[begin:end], postings[begin:end])
                del unsorted
        return Table({"keys": keys, "postings": postings, "bits": _bits(keys)})


def _parted(keys: Numbers, postings: Postings) -> tuple[Numbers, Postings, list[int]]:
    """Keys and postings part by part, and where each part ends."""
    if sorter := compiled("Sorter"):
        into = np.empty(len(keys), np.uint64), np.empty(len(keys), np.uint32)
        ends = sorter.part(np.ascontiguousarray(keys), np.ascontiguousarray(postings), *into)
        return *into, ends
    part_of = (keys >> np.uint64(64 - _PART_BITS)).astype(np.uint8)
    order = np.argsort(part_of, kind="stable")
    return keys[order], postings[order], np.cumsum(np.bincount(part_of, minlength=_PARTS)).tolist()


def _sort(keys: Numbers, postings: Postings, keys_into: Numbers, postings_into: Postings) -> None:
    """Write the keys of one part in order, and those that are the same in order of their postings."""
    if sorter := compiled("Sorter"):
        sorter.sort(keys, postings, keys_into, postings_into)
        return
    order = np.argsort(keys)
    np.take(keys, order, out=keys_into)
    np.take(postings, order, out=postings_into)
    same = np.append(keys_into[1:] == keys_into[:-1], False)
    several = np.flatnonzero(same | np.roll(same, 1))
    postings_into[several] = postings_into[several[np.lexsort((postings_into[several], keys_into[several]))]]


def _joined(rooms: Sequence[NDArray[Any]], used: int) -> NDArray[Any]:
    """What is used of rooms, as one array; of a single room no page is touched that was never used."""
    return rooms[0][:used] if len(rooms) == 1 else np.concatenate(rooms)[:used]


def _room(count: int, kind: type[Any]) -> NDArray[Any]:
    """An empty array in pages of its own, which go back to the system with it; the pages that are never used cost nothing."""
    size = count * np.dtype(kind).itemsize
    return np.frombuffer(mmap.mmap(-1, max(size, 1)), kind, count)


def _bits(keys: Numbers) -> NDArray[np.uint8]:
    """The table in front: a bit for each of the first bits that a key begins with."""
    size = max(10, (len(keys) * _BITS_A_KEY - 1).bit_length())
    bits = np.zeros(1 << (size - 3), np.uint8)
    if sorter := compiled("Sorter"):
        sorter.mark(bits, keys, size)
        return bits
    for begin in range(0, len(keys), 1 << 20):
        at = keys[begin : begin + (1 << 20)] >> np.uint64(64 - size)
        np.bitwise_or.at(bits, at >> np.uint64(3), _BIT[at & np.uint64(7)])
    return bits


def save(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays as one file, which appears whole or not at all: a line of digest, a line of layout, and the arrays."""
    layout, at = [], 0
    for name, array in arrays.items():
        layout.append((name, array.dtype.str, len(array), at))
        at += array.nbytes + len(_filler(array))
    described = json.dumps(layout).encode().ljust(_LAYOUT_BYTES - 1) + b"\n"
    digest = blake2b(described, digest_size=_DIGEST_BYTES)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".new")
    try:
        with os.fdopen(handle, "wb") as file:
            file.seek(_HEADER_BYTES - len(described))
            file.write(described)
            for array in arrays.values():
                data = np.ascontiguousarray(array).view(np.uint8)
                whole = len(data) - len(data) % _STRETCH_BYTES
                for stretches in (data[:whole], np.append(data[whole:], np.frombuffer(_filler(array), np.uint8))):
                    digest.update(_sums_of(stretches))
                    file.write(stretches.data)
            file.seek(0)
            file.write(_MAGIC + digest.hexdigest().encode())
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _filler(array: NDArray[Any]) -> bytes:
    return bytes(-array.nbytes % _STRETCH_BYTES)


def _sums_of(stretches: NDArray[np.uint8]) -> bytes:
    """A sum of each stretch: what is digested instead of the stretches, as fast as memory is read. It tells a cut or damaged file from a
    whole one; who could forge a file could forge the digest of it, too.
    """
    sums: Numbers = np.add.reduce(stretches.view(np.uint64).reshape(-1, _STRETCH_BYTES // 8), axis=1)
    return sums.tobytes()


def open_arrays(path: Path) -> dict[str, NDArray[Any]] | None:
    """The arrays of a file, mapped; None where it is missing, cut, damaged or another program's."""
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if mapped[: len(_MAGIC) + 2 * _DIGEST_BYTES] != _MAGIC + _digest(mapped):
            return None
        layout = json.loads(mapped[_HEADER_BYTES - _LAYOUT_BYTES : _HEADER_BYTES])
        return {name: np.frombuffer(mapped, np.dtype(kind), count, _HEADER_BYTES + at) for name, kind, count, at in layout}
    except (OSError, ValueError):
        return None


def _digest(mapped: mmap.mmap) -> bytes:
    described = mapped[_HEADER_BYTES - _LAYOUT_BYTES : _HEADER_BYTES]
    return (
        blake2b(described + _sums_of(np.frombuffer(mapped, np.uint8, offset=_HEADER_BYTES)), digest_size=_DIGEST_BYTES).hexdigest().encode()
    )
