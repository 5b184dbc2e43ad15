"""Matching, whatever the text and the terms."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.matching import Rules
from alerts.records import Article, Evidence, How, Kind
from alerts.rules import Condition, Level, Name, Operator, Rule, RuleSet, Term, Watchlist

NAMES = [
    "Raqqa",
    "Deir ez-Zor",
    "al-Bab",
    "Hezbollah",
    "Tu-22",
    "missile",
    "cruise missile",
    "Ракка",
    "الرقة",
    "拉卡",
    "Abu Kamal",
    "Damascus",
]
PIECES = [
    *NAMES,
    "Rakka",
    "Dayr az-Zawr",
    "#DeirEzzor",
    "tu-22M3",
    "missiles",
    "Damscus",
    "بالرقة",
    "al",
    "ez",
    "Zor",
    "Deir",
    "the",
    "Ракке",
]
GLUE = ["", " ", "-", "\n", "\n\n", "’", "'s ", "\u200b", "\u0301", "#", ". ", "_", "\ud800", "\0", "İ", "ß", "\u202e", "ﬁ", "½"]

texts = st.lists(st.sampled_from(PIECES) | st.sampled_from(GLUE) | st.text(max_size=4), max_size=24).map("".join)
names = st.lists(st.sampled_from(PIECES) | st.text(min_size=1, max_size=12), min_size=1, max_size=6, unique=True)


def watching(terms: list[str], kind: Kind = Kind.PLACE, level: Level = Level.NORMAL) -> Rules:
    listed = Watchlist("w", kind, tuple(Term(term, level=level) for term in terms))
    return Rules(RuleSet((listed,), (Rule("r", Condition(Operator.ALL, (Name("w"),))),)))


def exact(rules: Rules, article: Article) -> set[tuple[str, str, int, int]]:
    return {(item.term, item.field, item.start, item.end) for item in rules.evidence(article) if item.how is How.EXACT}


@given(title=texts, content=texts, terms=names, kind=st.sampled_from(Kind), level=st.sampled_from(Level))
@settings(max_examples=300, deadline=None)
def test_offsets_are_always_right_and_in_order(title: str, content: str, terms: list[str], kind: Kind, level: Level) -> None:
    article = Article(title=title, content=content)
    found = watching(terms, kind, level).evidence(article)
    for item in found:
        assert getattr(article, item.field)[item.start : item.end] == item.matched
        assert item.matched
        assert 0 < item.score <= 100
    assert list(found) == sorted(found, key=lambda item: (["title", "summary", "content"].index(item.field), item.start, item.end))


@given(text=texts, terms=names, other=st.sampled_from(PIECES))
@settings(max_examples=150, deadline=None)
def test_a_further_term_takes_no_exact_hit_from_another(text: str, terms: list[str], other: str) -> None:
    article = Article(content=text)
    assert exact(watching(terms), article) <= exact(watching([*dict.fromkeys([*terms, other])]), article)


@given(text=texts, terms=names)
@settings(max_examples=150, deadline=None)
def test_the_order_of_terms_does_not_matter(text: str, terms: list[str]) -> None:
    def found(terms: list[str]) -> list[Evidence]:
        return sorted(watching(terms).evidence(Article(content=text)), key=lambda item: (item.start, item.end, item.term))

    assert found(terms) == found(terms[::-1])


@given(parts=st.lists(texts, min_size=2, max_size=5), terms=names)
@settings(max_examples=150, deadline=None)
def test_what_was_read_before_does_not_change_what_is_found(parts: list[str], terms: list[str]) -> None:
    used = watching(terms)
    for part in parts:
        assert used.evidence(Article(content=part)) == watching(terms).evidence(Article(content=part))


@given(name=st.sampled_from(NAMES), level=st.sampled_from(Level), kind=st.sampled_from(Kind))
@settings(max_examples=100, deadline=None)
def test_a_name_is_found_as_it_is_listed(name: str, level: Level, kind: Kind) -> None:
    (item,) = watching([name], kind, level).evidence(Article(summary=f"one, {name}! two"))
    assert (item.term, item.matched, item.how, item.score) == (name, name, How.EXACT, 100.0)
