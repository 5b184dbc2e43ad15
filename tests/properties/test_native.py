"""The compiled first look and the Python that it stands for say the same, whatever the text and the terms."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.matching import Rules, crossing, spelling
from alerts.matching.index import Builder
from alerts.matching.lexicon import Lexicon
from alerts.matching.native import compiled as native
from alerts.matching.reading import ANCHOR, DULL, EMPTY, ODD, Memory, Remembered, new_memory
from alerts.matching.targets import Entry
from alerts.records import Article, Evidence, Kind
from alerts.rules import Condition, Level, Name, Operator, Rule, RuleSet, Term, Watchlist, read
from alerts.text import is_common, scripts
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


SHIPPED = [(watchlist.kind, term) for watchlist in read(ROOT / "rules").watchlists for term in watchlist.terms]
ENDINGS = ["", "", "", "", "s", "es", "ed", "ing", "er", "’s", "'s", "m2", "M3", "k"]


@given(
    chosen=st.lists(st.sampled_from(SHIPPED), min_size=1, max_size=20),
    kind=st.sampled_from(Kind),
    exact=st.booleans(),
    seed=st.integers(0, 99),
)
@settings(max_examples=150, deadline=None)
def test_both_find_the_same_of_the_lists_that_ship(chosen: list[tuple[Kind, Term]], kind: Kind, exact: bool, seed: int) -> None:
    chance = Random(seed)
    terms = {term.name: replace(term, exact=term.exact or exact, near=(), not_near=()) for _, term in chosen}
    listed = Watchlist("w", kind, tuple(terms.values()))
    ruleset = RuleSet((listed,), (Rule("r", Condition(Operator.ALL, (Name("w"),))),))
    compiled = Rules(ruleset)
    with in_python():
        plain = Rules(ruleset)
    spelt = [name for term in terms.values() for name in (term.name, *term.aliases)]
    parts = [*spelt, *(part for name in spelt for part in name.replace("-", " ").split()), "the", "a", "is", "of"]
    words = [chance.choice((str, str.lower, str.upper))(chance.choice(parts)) + chance.choice(ENDINGS) for _ in range(80)]
    text = "".join(word + chance.choice((" ", " ", " ", "-", ", ", "\n", " #", "/")) for word in words)
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


@given(
    keys=st.lists(st.integers(0, 2**64 - 1) | st.sampled_from([0, 1, 2**60, 2**60 + 1, 2**64 - 1]), max_size=60),
    times=st.sampled_from([1, 2, 40]),
    seed=st.integers(0, 9),
)
@settings(max_examples=200, deadline=None)
def test_both_put_keys_in_the_same_order(keys: list[int], times: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    many = chance.permutation(np.array(keys * times, np.uint64))
    postings = chance.integers(0, 1 + len(many) // 2, len(many), np.uint32)
    tables = []
    for making in (nullcontext, in_python):
        with making():
            builder = Builder()
            for half in (slice(None, None, 2), slice(1, None, 2)):
                builder.add(many[half], postings[half])
            tables.append(builder.table().arrays)
    for name in ("keys", "postings", "bits"):
        assert np.array_equal(tables[0][name], tables[1][name])
    assert tables[0]["keys"].tolist() == sorted(many.tolist())


LISTED = ["Abu al-Zor", "abu kamal", "Umm", "RAQQA", "S", "al", "al el", "New York", "great Lakes", "El Control", "Hong Kong", "airstrike",
          "shelling", "running man", "cruise missiles", "Abou Deir Zor", "bu  Zor", " Kafr Nabl ", "x" * 92, "x" * 93, "Sharqiyya Ouest",
          "Wawa", "a b c d e f", "Chad", "Bob Grade", "levies"]  # fmt: skip
listed = st.sampled_from([*NAMES, *LISTED]) | st.lists(st.text(LETTERS, min_size=1, max_size=9), min_size=1, max_size=3).map(" ".join)


@given(
    several=st.lists(
        st.builds(
            Entry,
            st.lists(listed, min_size=1, max_size=3).map(tuple),
            st.sampled_from(Kind),
            st.sampled_from(Level),
            st.booleans(),
        ),
        min_size=1,
        max_size=20,
    ),
    terms=st.sampled_from([1, 20_000, 200_000]),
)
@settings(max_examples=600, deadline=None)
def test_both_compile_a_list_alike(several: list[Entry], terms: int) -> None:
    compiled = Lexicon.of(several, terms=terms).arrays
    with in_python():
        plain = Lexicon.of(several, terms=terms).arrays
    assert compiled.keys() == plain.keys()
    for name, array in compiled.items():
        assert array.dtype == plain[name].dtype
        assert np.array_equal(array, plain[name]), name


def test_what_is_no_plain_name_is_left_to_python() -> None:
    filer = spelling.filer()
    assert filer
    numbers = np.zeros(1, np.uint32)
    assert filer.file(["Raqqa"], numbers, 2, 0)
    for text in ("", "Tu-22", "é", "\ud800", "x" * 93, "x " * 93, "a\0b"):
        assert filer.file([text], numbers, 2, 0) is None
    with pytest.raises(ValueError, match="a number for each text"):
        filer.file(["Raqqa"], np.zeros(2, np.uint32), 2, 0)


def test_what_does_not_belong_together_is_not_sorted() -> None:
    sorter = native("Sorter")
    assert sorter
    keys, postings = np.array([1, 1 << 63], np.uint64), np.zeros(2, np.uint32)
    with pytest.raises(ValueError, match="several parts"):
        sorter.sort(keys, postings, keys.copy(), postings.copy())
    with pytest.raises(ValueError, match="one length"):
        sorter.part(keys, postings[1:], keys.copy(), postings.copy())
    with pytest.raises(ValueError, match="bits"):
        sorter.mark(np.zeros(4, np.uint8), keys, 20)


FOREIGN = [
    "بالرقة", "الرقه", "والرقه", "للرقه", "سوريه", "السوريه", "السوري", "ديرالزور", "الحوثيين", "موشكهاي", "مباراتين", "قذايف", "عرب",
    "Ракке".lower(), "ракка", "киевом", "сумах", "авдіївці", "запоріжжя", "шуша", "грозного", "баштанка", "приказ", "ранее",
    "רקה", "ברקה", "והרקה", "שבישראל", "כשהגיעו", "חותימ", "מנביג", "ווגנר", "σαναα", "ρακα", "χαρκοβο", "κανταχαρ", "ђевђелија",
]  # fmt: skip
SCRIPTS = {
    "arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهويءپچژگڤۆێڕڵھ",
    "hebrew": "אבגדהוזחטיכלמנסעפצקרשת",
    "cyrillic": "абвгдежзийклмнопрстуфхцчшщыьэюяіїєґ",
    "greek": "αβγδεζηθικλμνξοπρστυφχψω",
}
foreign = st.sampled_from(FOREIGN) | st.one_of(*(st.text(letters, min_size=1, max_size=9) for letters in SCRIPTS.values()))


def carried_over(word: str, chance: Random) -> str:
    """A Latin spelling of a word of another script, by the letters of one of its readings, some of them changed."""
    stem, endings, _ = chance.choice(scripts._readings(word) or (("", None, 0.0),))
    found, at = "", 0
    while at < len(stem):
        size, letter = chance.choice(scripts._letters_at(stem, at) or ((1, None),))
        found += chance.choice(letter.spellings[: 1 + chance.randrange(4)])[0] if letter else ""
        found += chance.choice("aeiouyhw") if chance.random() < 0.2 else ""
        at += size
    return found + chance.choice(endings or ("",))


@given(word=foreign, other=foreign | st.text("abcdeghikoqrstuwxyz1", max_size=12) | st.text(max_size=4), seed=st.integers(0, 1 << 32))
@settings(max_examples=3_000, deadline=None)
def test_both_carry_a_name_into_another_script_alike(word: str, other: str, seed: int) -> None:
    assert crossing.skeletons(word) == scripts.skeletons(word)
    for listed in (other, carried_over(word, Random(seed))):
        for told in (False, True):
            assert crossing.agreement(listed, word, told=told) == scripts.agreement(listed, word, told=told)
            assert crossing.agreement(word, listed, told=told) == scripts.agreement(word, listed, told=told)


@given(several=st.lists(foreign, min_size=1, max_size=6), seed=st.integers(0, 1 << 32), level=st.sampled_from(Level))
@settings(max_examples=300, deadline=None)
def test_both_find_the_same_in_another_script(several: list[str], seed: int, level: Level) -> None:
    chance = Random(seed)
    chosen = [chance.choices(several, k=chance.choice((1, 1, 2, 3))) for _ in range(6)]
    terms = [" ".join(carried_over(word, chance).title() for word in words) for words in chosen]
    terms = [*filter(str.strip, terms), *chance.choices(NAMES, k=3), *chance.choices(several, k=chance.choice((0, 2)))]
    compiled = watching(list(dict.fromkeys(terms)), Kind.PLACE, level)
    with in_python():
        plain = watching(list(dict.fromkeys(terms)), Kind.PLACE, level)
    text = " ".join([*several, "".join(several), *map(str.title, several)])
    assert found(compiled, text) == found(plain, text)


def test_letters_that_are_no_table_are_refused() -> None:
    whole = scripts.letters()
    wrong: list[dict[str, object]] = [
        {"scripts": b"\0"},
        {"scripts": b"\7" * 0x700},
        {"letters": [("b", ("B",), (("b", 0.0),)), ("a", ("A",), (("a", 0.0),))]},
        {"letters": [("a", ("A",), ())]},
        {"letters": [("aaaa", ("A",), (("a", 0.0),))]},
        {"letters": [("a", ("A",), (("a" * 9, 0.0),))]},
        {"letters": [("漢", ("A",), (("a", 0.0),))]},
        {"cases": [("абвгд", ())]},
        {"articles": []},
        {"limits": [0.0]},
    ]
    kind = native("Scripts")
    assert kind is not None
    for change in wrong:
        with pytest.raises(ValueError, match=r"\w"):
            kind({**whole, **change})
    with pytest.raises(TypeError):
        kind({**whole, "ordinary": ["word"]})


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
        (Kind.PLACE, "Abu Kamal", "في البوكمال وابوكمال"),
        (Kind.PLACE, "Deir ez-Zor", "بديرالزور, Дейрэззор, Дейрзор и Дейр-эз-Зор"),
        (Kind.PLACE, "al-Ilal", "إلالعلال, алилал"),
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
