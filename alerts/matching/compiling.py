"""Compiling: every spelling of every term filed under its keys, which `filing` describes, many spellings at a time.

A block of spellings goes through as columns: the distinct words once each, and arrays that say which of them stands where. What keys a
word has is worked out once for all the names that share it, and spread over their postings. Plain spellings, of ASCII letters and spaces,
go one by one through compiled code where that is installed (`native`), which gives the same.

What it deliberately does not do: nothing here reads a table. `lexicon` asks, with the same keys.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, combinations, islice, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..records import Kind
from ..rules import Level
from ..text import is_ambiguous, words
from ..text.scripts import ABJADS, abjad, is_foreign
from ..text.spellings import LINKS, bases, outline, respaced, romanised, verb_stem
from .filing import LETTERS_MIN_TYPE, WAY_BITS, Way, closed_spellings, half_min, is_nameable, is_number, is_respellable, may_be_name
from .index import Builder, Keys, keys_of
from .likeness import KUNYAS, LETTERS_MAX, LETTERS_MIN_ERROR, LETTERS_MIN_LOOSE
from .senses import SPLIT_MIN, Manner, is_verb
from .spelling import are_common, filer, normal_forms, skeletons_of
from .targets import Entry

__all__ = ["MANNERS", "compiled"]

Flags = NDArray[np.bool_]
Places = NDArray[np.intp]
Postings = NDArray[np.uint32]
TextsOf = Callable[[Sequence[str]], Sequence[Collection[str]]]

_NOWHERE: frozenset[str] = frozenset()
_TOLD = tuple(frozenset(scripts) for size in range(len(ABJADS) + 1) for scripts in combinations(ABJADS, size))
MANNERS = tuple(Manner(*each) for each in product(Kind, Level, (False, True), (False, True), _TOLD))
"""Every manner, by number."""
_LEVELS = (Level.OFF, Level.STRICT, Level.NORMAL, Level.LOOSE)
_NATIVE = [_LEVELS.index(manner.level) | 4 * manner.is_word | 8 * manner.exact | 16 * (manner.kind is Kind.WEAPON) for manner in MANNERS]
"""The manners as the compiled code counts them."""
BLOCK = 1 << 15
"""Spellings that are compiled at once: enough that most of their words recur, few enough that a block is soon done."""
SKELETONS_CROWDED = 2
"""Where errors need so many letters more, names of up to five letters share their sounds with too many others to be told by them."""
_FIRST = 1 << 32
_THEN = 1 << 31
"""What outweighs the length of any word."""
COUNTED_MAX = 255


def compiled(entries: Iterable[Entry], *, letters_more: int) -> dict[str, NDArray[Any]]:
    """The terms as arrays; each goes by its place among `entries`. `letters_more`: by how much longer than usual a word must be that
    may have an error.
    """
    growing = _Compiled(letters_more)
    spellings = _spellings(entries)
    with _without_collecting():
        while block := list(islice(spellings, BLOCK)):
            growing.add(*zip(*block, strict=True))
            if not letters_more and (other := list(_respaced(block))):
                growing.add(*zip(*other, strict=True), as_names=True)
        return growing.arrays()


def _spellings(entries: Iterable[Entry]) -> Iterator[tuple[int, int, str]]:
    """The spellings of all terms: the number of the term, that of the manner, and the text."""
    numbers: dict[tuple[object, ...], int] = {manner: number for number, manner in enumerate(MANNERS)}
    known: tuple[object, ...] = ()
    own = other = 0
    for term, (names, kind, level, exact) in enumerate(entries):
        alike = kind, level, exact, _told(names) if len(names) > 1 else _NOWHERE
        if alike != known:
            known = alike
            own, other = numbers[*alike[:3], False, alike[3]], numbers[*alike[:3], True, alike[3]]
        yield term, own, names[0]
        for text in names[1:]:
            yield term, other, text


def _respaced(spellings: Iterable[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Names of these as they stand with other spaces in them."""
    for term, manner, text in spellings:
        if text.isascii() and MANNERS[manner].kind in {Kind.PLACE, Kind.GROUP} and may_be_name(MANNERS[manner]):
            for other in respaced(words(text).folded):
                yield term, manner, " ".join(other)


def _told(names: Sequence[str]) -> frozenset[str]:
    """The scripts without vowels in which these names of one term stand."""
    return frozenset(script for name in names if not name.isascii() and (script := abjad(name)))


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Compiling makes millions of short-lived containers and no circles of them; looking for circles is a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Compiled:
    """The arrays of a lexicon while they grow."""

    def __init__(self, letters_more: int) -> None:
        self._letters_more = letters_more
        self._letters_min = LETTERS_MAX
        self._depth = 0
        self._longest = 1
        self._kinds: set[str] = set()
        self._builder = Builder()
        self._texts: list[bytes] = []
        self._lengths: list[NDArray[np.uint64]] = [np.zeros(1, np.uint64)]
        self._terms: list[NDArray[np.uint32]] = [np.empty(0, np.uint32)]
        self._manners: list[NDArray[np.uint8]] = [np.empty(0, np.uint8)]
        self._cores: list[NDArray[np.uint8]] = [np.empty(0, np.uint8)]
        self._anchor_of: list[NDArray[np.uint32]] = [np.empty(0, np.uint32)]
        self._anchors: list[str] = [""]
        self._fold_of: list[NDArray[np.uint32]] = [np.empty(0, np.uint32)]
        self._folds: list[str] = [""]
        self._count = 0

    def add(self, terms: Sequence[int], manners: Sequence[int], texts: Sequence[str], *, as_names: bool = False) -> None:
        """File spellings: of each the number of its term and of its manner, and its text. `as_names`: not by their very letters."""
        cores, (anchor_of, fold_of) = np.zeros(len(texts), np.uint8), np.zeros((2, len(texts)), np.uint32)
        for manner, plain, places in _alike(manners, texts):
            postings = places.astype(np.uint32) + np.uint32(self._count) << np.uint32(WAY_BITS)
            chosen = [texts[place] for place in places.tolist()]
            found = self._filed(manner, chosen, postings, plain=plain, as_names=as_names)
            self._take(found)
            named = places[found.named]
            cores[named] = np.minimum(found.cores, COUNTED_MAX)
            anchor_of[named] = found.anchor_of + len(self._anchors)
            self._anchors += found.anchors
            if not plain:
                fold_of[places] = np.arange(len(self._folds), len(self._folds) + len(places))
                self._folds += found.folds
        self._cores.append(cores)
        self._anchor_of.append(anchor_of)
        self._fold_of.append(fold_of)
        self._count += len(texts)
        encoded, lengths = _encoded(texts)
        self._texts.append(encoded)
        self._lengths.append(lengths)
        self._terms.append(np.array(terms, np.uint32))
        self._manners.append(np.array(manners, np.uint8))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything added, as arrays."""
        return {
            "texts": np.frombuffer(b"".join(self._texts), np.uint8),
            "ends": np.cumsum(np.concatenate(self._lengths)),
            "terms": np.concatenate(self._terms),
            "manners": np.concatenate(self._manners),
            "cores": np.concatenate(self._cores),
            "anchor_of": np.concatenate(self._anchor_of),
            **_strung("anchor", self._anchors),
            "fold_of": np.concatenate(self._fold_of),
            **_strung("fold", self._folds),
            "bounds": np.array([self._depth, self._letters_min, self._longest]),
            "kinds": np.frombuffer("".join(sorted(self._kinds)).encode(), np.uint8),
            **self._builder.table().arrays,
        }

    def _filed(self, manner: int, texts: list[str], postings: Postings, *, plain: bool, as_names: bool) -> _Filed:
        found = _filed_plain(manner, texts, postings, self._letters_more) if plain and not as_names else None
        return found or _Filing(MANNERS[manner], texts, postings, plain=plain, letters_more=self._letters_more, as_names=as_names)

    def _take(self, filed: _Filed) -> None:
        for keys, postings in filed.columns:
            self._builder.add(keys, postings)
        self._kinds |= filed.kinds
        self._letters_min = min(self._letters_min, filed.letters_min)
        self._depth = max(self._depth, filed.depth)
        self._longest = max(self._longest, filed.longest)


def _alike(manners: Sequence[int], texts: Sequence[str]) -> Iterator[tuple[int, bool, Places]]:
    """The places of the texts of each manner, and whether they are plain: of ASCII letters and spaces. What is cut into words faster goes
    apart.
    """
    is_ascii = np.fromiter(map(str.isascii, texts), np.bool_, len(texts))
    plain = is_ascii & np.fromiter((text.isalpha() or text.replace(" ", "").isalpha() for text in texts), np.bool_, len(texts))
    codes = np.array(manners) * 4 + is_ascii * 2 + plain
    distinct, firsts = np.unique(codes, return_index=True)
    for code in distinct[np.argsort(firsts)].tolist():
        yield code >> 2, bool(code & 1), np.flatnonzero(codes == code)


def _strung(name: str, texts: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Texts as two arrays: one after the other, and where each ends."""
    encoded, lengths = _encoded(texts)
    return {
        f"{name}_texts": np.frombuffer(encoded, np.uint8),
        f"{name}_ends": np.concatenate((np.zeros(1, np.uint64), np.cumsum(lengths, dtype=np.uint64))),
    }


def _encoded(texts: Sequence[str]) -> tuple[bytes, NDArray[np.uint64]]:
    """Texts one after the other, and how long each is."""
    whole = "".join(texts)
    if whole.isascii():
        return whole.encode(), np.fromiter(map(len, texts), np.uint64, len(texts))
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    return b"".join(encoded), np.fromiter(map(len, encoded), np.uint64, len(encoded))


class _Words:
    """The folded words of texts: the distinct ones once each, and of every place of a word which of them stands there."""

    def __init__(self, texts: Sequence[str], *, plain: bool) -> None:
        """`plain` texts are ASCII letters and spaces."""
        self.size, self._plain = len(texts), plain
        self.folded, counts = _cut(texts) if plain else _folded(texts)
        numbers = {word: number for number, word in enumerate(dict.fromkeys(self.folded))}
        self.distinct = list(numbers)
        self.at = np.fromiter(map(numbers.__getitem__, self.folded), np.intp, len(self.folded))
        self.texts = np.flatnonzero(counts)
        """The texts that have words; everything below is of these."""
        self.counts, self.begins = counts[self.texts], (np.cumsum(counts) - counts)[self.texts]
        self.owners = np.repeat(np.arange(len(self.texts)), self.counts)
        """Of every place the text it is in."""

    def told(self, test: Callable[[str], bool], *, plain: bool | None = None) -> Flags:
        """Of every distinct word what a test says; `plain` is what it says of every word of ASCII letters."""
        if plain is not None and self._plain:
            return np.full(len(self.distinct), plain)
        return np.fromiter(map(test, self.distinct), np.bool_, len(self.distinct))

    def common(self, among: Places) -> Flags:
        """Of every distinct word whether it is common, where it stands at one of these places; else no."""
        chosen, _ = self.once(self.at[among])
        flags = np.zeros(len(self.distinct), np.bool_)
        flags[chosen] = np.frombuffer(bytes(are_common([self.distinct[number] for number in chosen.tolist()])), np.bool_)
        return flags

    def once(self, numbers: Places) -> tuple[Places, Places]:
        """Numbers of distinct words, each once and in order, and where among them each of `numbers` is."""
        used = np.zeros(len(self.distinct), np.bool_)
        used[numbers] = True
        return np.flatnonzero(used), (np.cumsum(used) - 1)[numbers]

    def every(self, flags: Flags) -> Flags:
        """Of every text whether all of its places are flagged."""
        return np.logical_and.reduceat(flags, self.begins)

    def best(self, scores: NDArray[np.int64]) -> Places:
        """Of every text the first of the places that score highest."""
        highest = np.maximum.reduceat(scores, self.begins)
        places = np.flatnonzero(scores == highest[self.owners])
        return places[np.flatnonzero(np.diff(self.owners[places], prepend=-1))]


def _cut(texts: Sequence[str]) -> tuple[list[str], Places]:
    """The words of plain texts, and how many each has."""
    cut = [text.split() for text in "\n".join(texts).lower().split("\n")]
    return list(chain.from_iterable(cut)), np.fromiter(map(len, cut), np.intp, len(cut))


def _folded(texts: Sequence[str]) -> tuple[list[str], Places]:
    """The folded words of texts, and how many each has. All are cut at once: a line break is part of no word."""
    found = words("\n".join(texts))
    starts = np.fromiter((start for start, _ in found.spans), np.intp, len(found))
    begins = np.cumsum([0, *(len(text) + 1 for text in texts)])
    return found.folded, np.diff(np.searchsorted(starts, begins))


class _Filed:
    """Keys of spellings of one manner, with their postings."""

    def __init__(self) -> None:
        self.columns: list[tuple[NDArray[np.uint64], Postings]] = []
        self.letters_min = LETTERS_MAX
        """The letters of the shortest word that may be one of these misspelt."""
        self.kinds: set[str] = set()
        """The first letters of all keys."""
        self.depth = 0
        """How many letters are left out of those that may be misspelt."""
        self.named = self.anchor_of = np.empty(0, np.intp)
        """The texts that are names, and of each which of `anchors` it is filed under."""
        self.anchors: list[str] = []
        self.cores = np.empty(0, np.intp)
        """How many words each name has without its links."""
        self.longest = 0
        """The words of the longest spelling."""
        self.folds: list[str] = []
        """Each text folded, its words with spaces between, unless they are plain."""


def _filed_plain(manner: int, texts: list[str], postings: Postings, letters_more: int) -> _Filed | None:
    """What comes of plain spellings, where the compiled code is installed and none is too long for it."""
    native = filer()
    answer = native.file(texts, postings, _NATIVE[manner], letters_more) if native else None
    if answer is None:
        return None
    filed = _Filed()
    keys, ways, anchor_of, cores, filed.anchors, kinds, filed.letters_min, filed.depth, filed.longest = answer
    filed.columns.append((np.frombuffer(keys, np.uint64), np.frombuffer(ways, np.uint32)))
    filed.kinds.update(kinds)
    anchors = np.frombuffer(anchor_of, np.uint32)
    filed.named = np.flatnonzero(anchors)
    filed.anchor_of = anchors[filed.named].astype(np.intp) - 1
    filed.cores = np.frombuffer(cores, np.uint8)[filed.named].astype(np.intp)
    return filed


class _Filing(_Filed):
    """The same, found out here."""

    def __init__(self, manner: Manner, texts: Sequence[str], postings: Postings, *, plain: bool, letters_more: int, as_names: bool) -> None:
        super().__init__()
        self._manner = manner
        self._letters_more = letters_more
        self._words = _Words(texts, plain=plain)
        self._postings = postings[self._words.texts]
        self.folds = [] if plain else self._folded()
        self.longest = int(self._words.counts.max(initial=0))
        if not self.longest:
            return
        self._several = self._words.counts > 1
        self._is_common = self._words.common(np.flatnonzero(self._several[self._words.owners]))
        self._is_ascii, self._is_foreign = self._words.told(str.isascii, plain=True), self._words.told(is_foreign, plain=False)
        self._are_numbers = self._words.told(is_number, plain=False)
        self._lengths = np.fromiter(map(len, self._words.distinct), np.int64, len(self._words.distinct))
        if not as_names:
            self._add_words()
        if may_be_name(manner):
            self._add_names([texts[number] for number in self._words.texts.tolist()])

    def _folded(self) -> list[str]:
        found = self._words
        folded = [""] * found.size
        for number, begin, count in zip(found.texts.tolist(), found.begins.tolist(), found.counts.tolist(), strict=True):
            folded[number] = " ".join(found.folded[begin : begin + count])
        return folded

    def _add_words(self) -> None:
        found, manner = self._words, self._manner
        tells = self._lengths + np.where(self._are_numbers, 0, _FIRST) + np.where(self._is_common, 0, _THEN)
        places = found.best(tells[found.at])
        anchors, last = found.at[places], places == found.begins + found.counts - 1
        if manner.exact:
            self._file("w", Way.PHRASE, self._several | True, anchors, _itself)
            return
        fixed = ~last & self._is_ascii[anchors]
        self._file("w", Way.PHRASE, fixed, anchors, _itself)
        self._file("w", Way.INFLECTED, ~fixed, anchors, _itself)
        self._file("w", Way.INFLECTED, ~fixed & (manner.is_word | ~self._is_ascii[anchors]), anchors, _bases)
        if manner.is_word:
            verbs = last & found.told(lambda word: is_verb(manner.kind, word))[anchors]
            self._file("v", Way.VERB, verbs, anchors, lambda chosen: [(verb_stem(word),) for word in chosen])
        rows = np.flatnonzero(self._several)
        self._file_lists("w", Way.JOINED, rows, [(text,) for text in self._joined(rows)])
        least = half_min(manner.kind)
        whole = ~self._several & found.told(str.isalpha, plain=True)[anchors]
        self._file("w", Way.HALF, whole, anchors, lambda chosen: [_halves(word, least) for word in chosen])
        if least > SPLIT_MIN and not self._letters_more:
            self._file("w", Way.HALF, whole, anchors, lambda chosen: [_beside_short_halves(word) for word in chosen])

    def _add_names(self, texts: Sequence[str]) -> None:
        found = self._words
        core = ~found.told(LINKS.__contains__)[found.at]
        core |= ~np.logical_or.reduceat(core, found.begins)[found.owners]
        names = self._are_names(texts)
        distinct, _ = found.once(found.at[core & names[found.owners]])
        if not len(distinct):
            return
        chosen = [found.distinct[number] for number in distinct.tolist()]
        form_of = dict(zip(chosen, normal_forms(chosen), strict=True))
        letters = np.zeros(len(found.distinct), np.int64)
        letters[distinct] = [len(form) for form in form_of.values()]
        tells = letters + np.where(self._is_common, 0, _FIRST) + np.where(self._are_numbers, 2 * _FIRST, 0)
        anchors = found.at[found.best(np.where(core, tells[found.at], -1))]
        numbered = self._are_numbers[anchors]
        names &= np.where(numbered, self._are_long_types(), ~self._are_short(letters[anchors]))
        if self._manner.alias:  # what another script writes before a number is found there, and is guessed from nowhere else
            names &= ~numbered | found.every(~self._is_foreign[found.at])
        cores = np.add.reduceat(core, found.begins, dtype=np.intp)
        self._name(names, anchors, cores)
        common = self._several & (self._is_common[anchors] | numbered)
        self._file("w", Way.COMMON, names & common, anchors, _itself)
        names &= ~numbered
        self._add_skeletons(names & ~(self._is_foreign[anchors] & self._manner.alias), anchors)
        names &= found.every(~core | found.told(_is_in_latin, plain=True)[found.at])
        self._file("f", Way.FORM, names, anchors, lambda chosen: [(form_of[word],) for word in chosen])
        self._add_outlines(names, anchors, form_of, several=cores > 1)
        self._add_closed(np.flatnonzero(names & self._several), core, cores)
        if self._manner.level.edits:
            self._add_worn(names, anchors, form_of)

    def _name(self, names: Flags, anchors: Places, cores: Places) -> None:
        distinct, which = self._words.once(anchors[names])
        self.named, self.anchor_of, self.cores = self._words.texts[names], which, cores[names]
        self.anchors = [self._words.distinct[number] for number in distinct.tolist()]

    def _are_names(self, texts: Sequence[str]) -> Flags:
        """Which spellings are names, as `filing.name_of` tells them from digits, acronyms and ordinary words."""
        found, manner = self._words, self._manner
        nameable = found.told(is_nameable, plain=True)[found.at]
        names = found.every(nameable)
        if manner.kind is Kind.WEAPON:
            names = ~found.every(~nameable) & found.every(nameable | self._are_numbers[found.at])
        singles = np.flatnonzero(names & ~self._several)
        names[singles] = [not (text.isupper() and text.isascii()) for text in map(texts.__getitem__, singles.tolist())]
        if manner.kind is Kind.WEAPON and manner.level is not Level.LOOSE:
            names &= np.array([text[0].isupper() for text in texts])
        return names

    def _are_long_types(self) -> Flags:
        """Which designators have a word long enough to be respelt before their number."""
        longest = np.maximum.reduceat(np.where(self._are_numbers, 0, self._lengths)[self._words.at], self._words.begins)
        flags: Flags = longest >= LETTERS_MIN_TYPE
        return flags

    def _are_short(self, letters: NDArray[np.int64]) -> Flags:
        """Which are too short to be respelt; scripts without vowels write the same name with fewer letters."""
        firsts = self._words.at[self._words.begins]
        short = SPLIT_MIN - self._is_foreign[firsts]
        flags: Flags = (letters < short) | (~self._several & (self._lengths[firsts] <= short))
        return flags

    def _add_skeletons(self, chosen: Flags, anchors: Places) -> None:
        self._file("x", Way.SCRIPT, chosen & self._is_foreign[anchors], anchors, skeletons_of)
        if self._letters_more >= SKELETONS_CROWDED:
            chosen = chosen & ((self._lengths[anchors] >= LETTERS_MIN_ERROR) | ~self._is_ascii[anchors])
        self._file("k", Way.SCRIPT, chosen, anchors, skeletons_of)

    def _add_outlines(self, names: Flags, anchors: Places, form_of: Mapping[str, str], *, several: Flags) -> None:
        """Only those that tell enough: with too few consonants, every other word is like them."""
        distinct, _ = self._words.once(anchors[names])
        forms = [form_of[self._words.distinct[number]] for number in distinct.tolist()]
        outline_of = dict(zip(forms, outline("\n".join(forms)).split("\n"), strict=False))
        letters, told = np.zeros((2, len(self._words.distinct)), np.int64)
        letters[distinct] = [len(form) for form in forms]
        told[distinct] = [len(outline_of[form]) - outline_of[form].count(".") for form in forms]
        names = names & np.where(several, told[anchors] >= SPLIT_MIN - 1, (told[anchors] >= SPLIT_MIN) & (letters[anchors] > SPLIT_MIN))
        self._file("o", Way.OUTLINE, names, anchors, lambda chosen: [(outline_of[form_of[word]],) for word in chosen])

    def _add_closed(self, rows: Places, core: Flags, cores: Places) -> None:
        """Names of several words, written as one: some with words left out."""
        found = self._words
        closed: list[Collection[str]] = [(text,) for text in self._joined(rows)]
        firsts = found.at[found.best(core.astype(np.int64))]
        varied = (cores < found.counts) | ((cores > 1) & found.told(KUNYAS.__contains__)[firsts])
        for place, row in zip(np.flatnonzero(varied[rows]).tolist(), rows[varied[rows]].tolist(), strict=True):
            begin, end = found.begins[row], found.begins[row] + found.counts[row]
            listed = found.folded[begin:end]
            closed[place] = closed_spellings(listed, [word for word, kept in zip(listed, core[begin:end], strict=True) if kept])
        forms = iter(normal_forms(list(chain.from_iterable(closed))))
        self._file_lists("f", Way.CLOSED, rows, [tuple(islice(forms, len(texts))) for texts in closed])
        if not self._letters_more:
            texts = list(chain.from_iterable(closed))
            owners, keys = np.repeat(rows, [len(texts) for texts in closed]), skeletons_of(texts)
            self._file_lists("k", Way.SCRIPT, owners, keys)
            other = np.flatnonzero([is_foreign(text) for text in texts])
            self._file_lists("x", Way.SCRIPT, owners[other], [keys[place] for place in other.tolist()])

    def _add_worn(self, names: Flags, anchors: Places, form_of: Mapping[str, str]) -> None:
        """The words that may be misspelt, as they are and without a letter or two."""
        level = self._manner.level
        shortest = LETTERS_MIN_LOOSE if level is Level.LOOSE else LETTERS_MIN_ERROR
        names = names & (self._lengths[anchors] >= shortest + self._letters_more)
        if not names.any():
            return
        self.letters_min = min(self.letters_min, int(self._lengths[anchors[names]].min()) - level.edits)
        self.depth = level.edits

        def texts_of(chosen: Sequence[str]) -> list[tuple[str, ...]]:
            pairs = [(word if word.isascii() else romanised(word), form_of[word]) for word in chosen]
            return [(roman, form) if len(form) >= shortest and form != roman else (roman,) for roman, form in pairs]

        self._file("d", Way.WORN, names, anchors, texts_of, depth=level.edits)

    def _joined(self, rows: Places) -> list[str]:
        """The words of spellings, written as one."""
        begins, folded = self._words.begins[rows], self._words.folded
        ends = begins + self._words.counts[rows]
        return ["".join(folded[begin:end]) for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]

    def _file(self, kind: str, way: Way, chosen: Flags, anchors: Places, texts_of: TextsOf, *, depth: int = 0) -> None:
        """File the chosen spellings under texts of their anchors, and under what is left of these without `depth` letters."""
        rows = np.flatnonzero(chosen)
        distinct, which = self._words.once(anchors[rows])
        texts = texts_of([self._words.distinct[number] for number in distinct.tolist()]) if len(rows) else []
        self._file_lists(kind, way, rows, texts, which, depth=depth)

    def _file_lists(
        self, kind: str, way: Way, rows: Places, texts: Sequence[Collection[str]], which: Places | None = None, *, depth: int = 0
    ) -> None:
        """File spellings, each under one of the lists of texts: its own, or which is said."""
        flat = list(chain.from_iterable(texts))
        if not flat:
            return
        self.kinds.add(kind)
        owners = np.repeat(np.arange(len(texts)), [len(each) for each in texts])
        if depth:
            keys = Keys([kind + text for text in flat])
            every, (worn, of) = keys.whole, keys.worn(0, depth=depth)
            every, owners = np.concatenate((every, worn)), np.concatenate((owners, owners[of]))
            order = np.argsort(owners, kind="stable")
            every, owners = every[order], owners[order]
        else:
            every = keys_of(kind, flat)
        postings = self._postings[rows] | np.uint32(way)
        if which is None:
            self.columns.append((every, postings[owners]))
            return
        counts = np.bincount(owners, minlength=len(texts))
        size = counts[which]
        shift = np.cumsum(counts)[which] - np.cumsum(size)  # from a place in what is filed to one in `every`, but for a row's length
        self.columns.append((every[np.repeat(shift, size) + np.arange(size.sum())], np.repeat(postings, size)))


def _itself(chosen: Sequence[str]) -> list[tuple[str, ...]]:
    return [(word,) for word in chosen]


def _bases(chosen: Sequence[str]) -> list[tuple[str, ...]]:
    return [bases(word) for word in chosen]


def _is_in_latin(word: str) -> bool:
    return word.isascii() or is_respellable(word)


def _halves(word: str, letters_min: int) -> list[str]:
    """Of each way to write a word as two the half that tells most: the longer one, unless it is an ordinary word and the other is not."""
    middle = (len(word) + 1) // 2
    cuts = range(letters_min, len(word) - letters_min + 1)
    longer = [word[cut:] if cut < middle else word[:cut] for cut in cuts]
    for at, half in enumerate(longer):
        if is_ambiguous(half):
            shorter = word[: cuts[at]] if cuts[at] < middle else word[cuts[at] :]
            if not is_ambiguous(shorter):
                longer[at] = shorter
    return longer


def _beside_short_halves(word: str) -> list[str]:
    """What is left of a name without as few letters at either end as may stand apart, where that tells enough: Kyauk Taw, Hpa Kant."""
    if len(word) <= 2 * SPLIT_MIN:
        return []
    return [half for half in (word[SPLIT_MIN:], word[:-SPLIT_MIN]) if not is_ambiguous(half)]
