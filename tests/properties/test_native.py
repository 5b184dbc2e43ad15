"""The compiled first look and the Python that it stands for say the same, whatever the text and the terms."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.matching import Rules, spelling
from alerts.matching.lexicon import Lexicon
from alerts.matching.reading import ANCHOR, DULL, EMPTY, ODD, Memory, Remembered, new_memory
from alerts.matching.targets import Entry
from alerts.records import Article, Evidence, Kind
from alerts.rules import Condition, Level, Name, Operator, Rule, RuleSet, Term, Watchlist
from alerts.text import is_common
from alerts.text.scripts import skeletons_of
from alerts.text.spellings import bases, carried, evened, normal_form, normal_forms, outline, unlinked, verb_stem
from hatch_build import digest
from tests.matching.corpus import WATCHLISTS, sentences
from tests.native import needs_native

pytestmark = needs_native

ROOT = Path(__file__).parent.parent.parent

NAMES = [
    "Raqqa", "Deir ez-Zor", "al-Bab", "Al-Shaddadi", "Hezbollah", "Abu Kamal", "Tell Abyad", "Tel Rifaat", "Kafr Nabl", "Khan Sheikhoun",
    "Khan Younis", "Saraqib", "Umm al-Fahm", "New York", "Great Lakes", "El Control", "More Town", "Lo-an", "Hong Kong", "Sana'a", "Sirte",
    "People's Park", "A1V 0A9", "Number 6", "airstrike", "cruise missile", "car bomb", "Tu-22", "F-16", "S-300", "T-72", "2S19", "kidnap",
    "shelling", "IS", "Mariupol", "Dnipro", "Zaporizhzhia", "Ouagadougou", "Ракка", "الرقة", "Bab al-Hawa", "Beit Lahia", "Houthi rebels",
    "Jabhat Fatah al-Sham", "Gaddafi", "Horlivka", "Tulkarm",
]  # fmt: skip
WRITTEN = [
    *NAMES, "Rakka", "ar-Raqqah", "Dayr az-Zawr", "DeirEzzor", "#DeirEzzor", "#SaveAleppoNow", "#Deir_Ezzor", "#KobanîNow", "＃KhanYounis",
    "Tall Abyadh", "Khan Shaykhun", "Khan Yunis", "Khan Younus", "Kafranbel", "lower than", "more than", "the control", "loans", "F 16",
    "air strikes", "air-strike", "missiles", "tu-22M3", "F16s", "T-72B3", "shelled", "kidnapped", "Mariupl", "Mariupool", "RAQQA",
    "al Bab", "Bab", "Abou Kamal", "AbuKamal", "beitlahia", "Beit", "Deir", "zor", "great", "new", "umm", "abu", "al", "ez", "the", "a",
    "Ракке", "بالرقة", "•", "Oua", "Wagadugu", "22", "2s19m2", "Houthi rebel", "gunmen", "Qaddafi", "Kadhafi", "Gorlovka", "Toulkarem",
    "Raqqa's", "patrolling", "mutinied", "Hurlivka",
]  # fmt: skip
GLUE = [
    " ",
    " ",
    " ",
    "-",
    "\n",
    "\n\n",
    "’",
    "'",
    "'s ",
    "\u200b",
    "\u0301",
    "#",
    ". ",
    "_",
    "\0",
    "İ",
    " “",
    "” ",
    "—",
    "، ",
    "\xa0",
    ", ",
]
LETTERS = "abcdefghiklmnoqrstuwxyz"

words = st.sampled_from(WRITTEN) | st.text(LETTERS, min_size=1, max_size=10) | st.sampled_from(GLUE) | st.text(max_size=3)
texts = st.lists(words | st.just(" "), max_size=30).map("".join) | st.lists(st.sampled_from(WRITTEN), max_size=12).map(" ".join)
names = st.lists(st.sampled_from(NAMES) | st.text(LETTERS, min_size=2, max_size=9).map(str.title), min_size=1, max_size=20, unique=True)


@contextmanager
def in_python() -> Iterator[None]:
    """Everything made in here is of Python."""
    before = os.environ.get("ALERTS_NATIVE")
    os.environ["ALERTS_NATIVE"] = "0"
    try:
        yield
    finally:
        os.environ.pop("ALERTS_NATIVE")
        if before is not None:
            os.environ["ALERTS_NATIVE"] = before


def watching(terms: list[str], kind: Kind, level: Level) -> Rules:
    listed = Watchlist("w", kind, tuple(Term(term, level=level) for term in terms))
    return Rules(RuleSet((listed,), (Rule("r", Condition(Operator.ALL, (Name("w"),))),)))


def found(rules: Rules, text: str) -> list[Evidence]:
    return sorted(rules.evidence(Article(content=text)), key=lambda item: (item.start, item.end, item.term, item.how))


@given(several=st.lists(texts, min_size=1, max_size=3), terms=names, kind=st.sampled_from(Kind), level=st.sampled_from(Level))
@settings(max_examples=400, deadline=None)
def test_both_find_the_same(several: list[str], terms: list[str], kind: Kind, level: Level) -> None:
    compiled = watching(terms, kind, level)
    with in_python():
        plain = watching(terms, kind, level)
    for text in [*several, *several]:  # when all words are new, and when all are known
        assert found(compiled, text) == found(plain, text)


CROWD = [
    f"{word} {other}"
    for word in ("Deir", "Tell", "Khan")
    for other in [*NAMES, "Locos", "Wuxi", "Marea", "Balah", "Saba", "Tuba", "Hafir", "Sheikh"]
]


@given(several=st.lists(texts, min_size=1, max_size=3), more=names)
@settings(max_examples=60, deadline=None)
def test_both_find_the_same_among_many_names_that_share_a_word(several: list[str], more: list[str]) -> None:
    terms = list(dict.fromkeys([*CROWD, *more]))
    compiled = watching(terms, Kind.PLACE, Level.NORMAL)
    with in_python():
        plain = watching(terms, Kind.PLACE, Level.NORMAL)
    for text in several:
        around = " Khan Shaykhun. Deir Lucos, deir wuxi; TELL MARYEH and Dayr Balah, Tall Sabah Deir ez-Zor Khan Marca "
        assert found(compiled, text + around) == found(plain, text + around)


@given(text=texts | st.text(max_size=200), marked=st.lists(st.integers(0, 3), min_size=1, max_size=8), reach=st.integers(0, 6))
@settings(max_examples=500, deadline=None)
def test_both_cut_a_text_alike(text: str, marked: list[int], reach: int) -> None:
    memories: list[Remembered] = [new_memory(), Memory()]
    assert not isinstance(memories[0], Memory)
    first, other = (memory.read(text) for memory in memories)
    if first is None or other is None:
        assert any("\ud800" <= char <= "\udfff" for char in text)
        return
    assert (first.plain, first.odd) == (other.plain, other.odd)
    assert first.unsure == other.unsure
    chunks = sorted([*first.odd, *(word.encode() for word in first.plain)])
    told = [(DULL, ANCHOR, ODD | ANCHOR, ODD | EMPTY)[marked[at % len(marked)]] for at in range(len(chunks))]
    states = [state if chunk.isalpha() or chunk.isdigit() else state | ODD for chunk, state in zip(chunks, told, strict=True)]
    odd = {chunk: ("x", "y") if state & ANCHOR else () for chunk, state in zip(chunks, states, strict=True) if state & ODD}
    for memory in memories:
        for chunk, state in zip(chunks, states, strict=True):
            memory.mark([chunk], state)
    assert len(memories[0]) == len(memories[1])
    first, other = (memory.read(text) for memory in memories)
    assert first is not None
    assert other is not None
    assert first.unsure or not (first.plain or first.odd)
    assert first.anchors() == other.anchors()
    if not first.unsure:
        for anchor in first.anchors():
            assert first.sketch(anchor, reach, odd) == other.sketch(anchor, reach, odd)
            assert first.window(anchor, reach) == other.window(anchor, reach)


@given(word=st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=24) | st.sampled_from(WRITTEN).map(str.lower))
@settings(max_examples=3_000, deadline=None)
def test_both_spell_a_word_alike(word: str) -> None:
    if not (word.isascii() and word.isalpha()):
        return
    form = normal_form(word)
    expected = (
        form, outline(form), evened(word), verb_stem(word), list(bases(word)),
        unlinked(word, assimilated=False), unlinked(word, assimilated=True), is_common(word),
        list(carried(word)),
    )  # fmt: skip
    asker = Lexicon.of([Entry(("Raqqa",), Kind.PLACE, Level.NORMAL)], terms=1).asker
    assert asker is not None
    assert asker.spelt(word) == expected


@given(
    several=st.lists(
        st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=24) | st.text(min_size=1, max_size=4).filter(str.isalpha), max_size=12
    )
)
@settings(max_examples=1_000, deadline=None)
def test_both_spell_many_words_alike(several: list[str]) -> None:
    for listed in (several, [word for word in several if word.isascii() and word.isalpha() and word.islower()]):
        assert spelling.normal_forms(listed) == normal_forms(listed)
        assert [*map(set, spelling.skeletons_of(listed))] == [*map(set, skeletons_of(listed))]
        assert [*map(bool, spelling.are_common(listed))] == [*map(is_common, listed)]


def test_what_is_compiled_is_compiled_from_these_sources() -> None:
    """Else: install the package again."""
    from alerts.matching.native import _native

    assert digest(ROOT / "alerts/matching/native") == _native.SOURCES


@pytest.mark.parametrize(
    ("kind", "term", "text"),
    [
        (Kind.TERM, "airstrike", "\u200bair strikes” were heard"),
        (Kind.TERM, "airstrike", "air's strike"),
        (Kind.PLACE, "Abu Kamal", "near aAbu Kamal, Bou Kamal and Albou-Kamal"),
        (Kind.GROUP, "Houthi rebels", "a Houthi rebel"),
    ],
)
def test_both_find_the_same_beside_what_is_no_plain_word(kind: Kind, term: str, text: str) -> None:
    compiled = watching([term], kind, Level.NORMAL)
    with in_python():
        plain = watching([term], kind, Level.NORMAL)
    assert found(compiled, text) == found(plain, text)


def test_both_find_the_same_in_every_written_sentence() -> None:
    compiled = Rules.load(WATCHLISTS)
    with in_python():
        plain = Rules.load(WATCHLISTS)
    for one in sentences():
        assert found(compiled, one.text) == found(plain, one.text), one.text


def test_arrays_that_do_not_belong_together_are_refused() -> None:
    arrays = Lexicon.of([Entry(("Raqqa", "Deir ez-Zor"), Kind.PLACE, Level.NORMAL)], terms=1).arrays
    far = np.full(len(arrays["postings"]), 0xFFFFFFF0, np.uint32)
    wrong = [
        {"postings": arrays["postings"][1:]},
        {"postings": far},
        {"manners": np.full(len(arrays["manners"]), 255, np.uint8), "anchor_of": arrays["anchor_of"][:1]},
        {"anchor_of": arrays["anchor_of"] + np.uint32(1_000_000)},
        {"anchor_ends": arrays["anchor_ends"][::-1].copy()},
        {"ends": arrays["ends"] + np.uint64(1_000_000)},
        {"fold_of": arrays["fold_of"] + np.uint32(1_000_000)},
        {"bits": arrays["bits"][:-1]},
        {"keys": arrays["keys"].view(np.uint8)[:-1]},
    ]
    for change in wrong:
        with pytest.raises(ValueError, match=r"one lexicon|no numbers"):
            Lexicon({**arrays, **change})
