"""What holds for every text and every list of terms; `tests/properties/test_matching.py` has the rest."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import Article, Evidence, Rules
from alerts.records import Kind
from alerts.rules import Condition, Level, Name, Operator, Rule, RuleSet, Term, Watchlist, read
from alerts.text import fold, sentences
from tests.matching.corpus import WATCHLISTS
from tests.matching.corpus import sentences as written

LATIN = [
    "Raqqa", "Rakka", "ar-Raqqah", "Zor", "Ezzor", "Deir", "Aleppo", "Alepo", "Allepo", "#SaveAleppo", "Tu-22", "Tu-22M3", "Tu",
    "22", "F16", "airstrike", "shelled", "Kherson", "Damascus", "Damscus", "Dmascsu", "Hama", "Homs", "Kobani'de",
]  # fmt: skip
OTHERS = ["Херсоне", "Херсоні", "الرقة", "بالرقة", "حلب", "قندهار", "ביירות", "בביירות", "Βηρυτό", "မြစ်ကြီးနား"]
PIECES = [*LATIN, *OTHERS, "Deir ez-Zor", "Khan Younis", "air strikes", "خان يونس"]
SPACE = [" ", " ", " ", "-", "'", "’", ".", ". ", "\n", "\n\n", "#", ", "]
ODD = [
    "\u200b", "\u00ad", "\u202e", "\u200d", "\u0301", "\u0650", "\x00", "\ud800", "\udfff", "İ", "ß", "ﬁ", "Ａ", "½", "🚀", "拉",
    "0", "a", "al-",
]  # fmt: skip
NAMES = [
    "Raqqa", "Aleppo", "Tu-22", "airstrike", "shelling", "Kherson", "Beirut", "Kobani", "Kandahar", "حلب", "Damascus", "Hama",
    "Homs", "F-16", "Бердянск", "Myitkyina", "Херсон", "Zor",
]  # fmt: skip
NAMES += ["Deir ez-Zor", "Khan Younis"]

any_text = st.text(st.characters(exclude_categories=()), max_size=6)
texts = st.lists(st.sampled_from(PIECES) | st.sampled_from([*SPACE, *ODD]) | any_text, max_size=30).map("".join)
names = st.lists(st.sampled_from(NAMES), min_size=1, max_size=8, unique=True)


def watching(terms: Sequence[str], kind: Kind = Kind.PLACE, level: Level = Level.NORMAL) -> Rules:
    listed = Watchlist("w", kind, tuple(Term(term, level=level) for term in terms))
    return Rules(RuleSet((listed,), (Rule("r", Condition(Operator.ALL, (Name("w"),))),)))


def found(rules: Rules, text: str) -> list[Evidence]:
    return list(rules.evidence(Article(content=text)))


def places(found: Sequence[Evidence], *, from_: int = 0) -> set[tuple[str, int, int]]:
    return {(one.term, one.start + from_, one.end + from_) for one in found}


@given(title=texts, summary=texts, content=texts, terms=names, kind=st.sampled_from(Kind), level=st.sampled_from(Level))
@settings(max_examples=400, deadline=None)
def test_what_is_said_to_be_matched_stands_where_it_is_said_to_stand(
    title: str, summary: str, content: str, terms: list[str], kind: Kind, level: Level
) -> None:
    article = Article(title=title, summary=summary, content=content)
    for one in watching(terms, kind, level).evidence(article):
        assert getattr(article, one.field)[one.start : one.end] == one.matched != ""


@given(texts)
@settings(max_examples=400, deadline=None)
def test_folding_twice_changes_nothing_whatever_the_script(text: str) -> None:
    assert fold(fold(text).text).text == fold(text).text


@given(text=texts, terms=names, kind=st.sampled_from(Kind))
@settings(max_examples=300, deadline=None)
def test_a_looser_level_finds_all_that_a_stricter_one_finds(text: str, terms: list[str], kind: Kind) -> None:
    off, strict, normal, loose = (places(found(watching(terms, kind, level), text)) for level in Level)
    assert off <= strict <= normal <= loose


COMMON = watching([term.name for listed in read(WATCHLISTS).watchlists for term in listed.terms if not term.near and not term.exact])
TEXTS = [sentence.text for sentence in written() if sentence.text.endswith((".", "؟", "။"))]


@given(st.lists(st.sampled_from(TEXTS), min_size=2, max_size=6), st.sampled_from([" ", "\n", "\n\n", "  "]))
@settings(max_examples=200, deadline=None)
def test_cutting_a_text_between_two_sentences_changes_nothing_but_offsets(parts: list[str], between: str) -> None:
    text, alone, at = between.join(parts), set(), 0
    for part in parts:
        alone |= places(found(COMMON, part), from_=at)
        at += len(part) + len(between)
    assert places(found(COMMON, text)) == alone


@given(text=texts, terms=names)
@settings(max_examples=200, deadline=None)
def test_no_name_is_lost_where_a_text_is_cut_between_two_sentences(text: str, terms: list[str]) -> None:
    """In any text: what lies within one sentence of it is found when the text is cut before the sentence."""
    rules = watching(terms)
    whole = places(found(rules, text))
    for start, _ in sentences(text):
        before = places(found(rules, text[:start])) | places(found(rules, text[start:]), from_=start)
        assert {one for one in whole if one[2] <= start or one[1] >= start} <= before


@given(text=texts, terms=names, other=st.sampled_from(NAMES), kind=st.sampled_from(Kind))
@settings(max_examples=200, deadline=None)
def test_a_further_term_takes_no_exact_find_from_another_and_the_order_of_terms_is_nothing(
    text: str, terms: list[str], other: str, kind: Kind
) -> None:
    fewer, more = found(watching(terms, kind), text), found(watching([*dict.fromkeys([other, *terms])], kind), text)
    assert {one for one in fewer if one.how == "exact"} <= set(more)
    key = [(one.start, one.end, one.term, one.how, one.score) for one in fewer]
    assert sorted(key) == sorted((one.start, one.end, one.term, one.how, one.score) for one in found(watching(terms[::-1], kind), text))
