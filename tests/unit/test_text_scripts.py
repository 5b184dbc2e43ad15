"""One name in two scripts: found however the other script writes it, and kept apart from its look-alikes."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.text import fold_word
from alerts.text.cases import is_case
from alerts.text.scripts import LETTERS_MAX, agreement, is_foreign, is_word, skeletons, skeletons_of


def same(one: str, other: str) -> bool:
    """Whether two words share a key and agree, as the matcher asks."""
    one, other = fold_word(one), fold_word(other)
    return bool(skeletons(one) & skeletons(other)) and agreement(one, other) > 0


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Raqqa", "الرقة رقة بالرقة والرقة للرقة Ракка Ракке Раккой Ракку רקה ברקה Ράκα"),
        ("Manbij", "منبج Манбидж Манбиджем Мънбідж מנביג'"),
        ("Khartoum", "الخرطوم خارطوم Хартум Хартуме חרטום לחרטום"),
        ("Afrin", "عفرين وعفرين Африн Африна עפרין"),
        ("Sweida", "السويداء Сувейда"),
        ("Timbuktu", "تمبكتو Тимбукту טימבוקטו"),
        ("Zaporizhzhia", "زابوريجيا Запорожье Запоріжжя"),
        ("Kyiv", "كييف Киев Киеве Киеву Київ Києва Києвом"),
        ("Kharkiv", "خاركيف Харків Харкова"),
        ("Luhansk", "لوغانسك Луганск Луганську"),
        ("Sumy", "Сумы Сумах Суми"),
        ("Syria", "سوريا سورية Сирия Сирии Сирией"),
        ("Tehran", "تهران طهران Тегеран"),
        ("Mogadishu", "مقديشو Могадишу"),
        ("Parwan", "پروان Парван"),
        ("Juárez", "خواريز Хуарес"),
        ("Houthi", "الحوثي الحوثيين الحوثيون"),
        ("Shusha", "Шуша Шуше شوشا"),
        ("Grozny", "Грозный Грозном Грозного"),
        ("Avdiivka", "Авдіївка Авдіївці Авдеевку"),
        ("Sanandaj", "سنندج Санандадж"),
        ("Israel", "إسرائيل اسرائیل ישראל שבישראל Израиле"),
        ("Taiz", "تعز Таиз"),
        ("Nabatieh", "النبطية"),
        ("Kandahar", "قندهار Кандагар Κανταχάρ"),
        ("Quneitra", "القنيطرة Кунейтра קוניטרה"),
    ],
)
def test_a_name_is_known_in_other_scripts_with_articles_prepositions_and_cases(name: str, written: str) -> None:
    assert [word for word in written.split() if not same(name, word)] == []


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("Iran", "العراق Ирак תיראנה Тирана إيراني иранский"),
        ("Hama", "حماس حمص Хамас Хомс חמאס"),
        ("Mali", "مالاوي Малави"),
        ("Kivu", "Киев Киеву Киеве Київ كييف"),
        ("Baalbek", "Бельбек Бельбеком"),
        ("Syria", "Ассирия السوري سوري"),
        ("Libya", "لبنان Ливан"),
        ("Niger", "نيجيريا Нигерия Нигерии"),
        ("Nigeria", "النيجر Нигер Нигере"),
        ("Sudan", "Седан سيدان"),
        ("Lebanon", "لبناني"),
        ("Luhansk", "луганской луганский"),
        ("Gaza", "القضاء جزء قصة"),
        ("Goma", "جمعة كما جامعة"),
        ("Homs", "خمس"),
        ("Somalia", "الشمالية"),
    ],
)
def test_look_alikes_in_other_scripts_stay_apart(name: str, others: str) -> None:
    assert [word for word in others.split() if same(name, word)] == []


def test_it_does_not_matter_which_of_the_two_is_listed() -> None:
    for latin, other in (("raqqa", "ракке"), ("manbij", "منبج")):
        assert agreement(latin, other) == agreement(other, latin) > 0


def test_names_agree_between_two_scripts_that_are_not_latin() -> None:
    assert same("Манбидж", "منبج")
    assert not same("Хама", "حماس")


def test_one_script_and_words_without_sounds_or_too_long_never_agree() -> None:
    assert agreement("raqqa", "rakka") == 0
    assert agreement("拉", "ракка") == 0
    assert agreement("r" * (LETTERS_MAX + 1), "р") == 0
    assert skeletons("ا" * (LETTERS_MAX + 1)) == skeletons("o") == skeletons("拉") == frozenset()


def test_many_words_have_the_keys_that_they_have_alone() -> None:
    words = ["raqqa", "ракка", "juarez", "chernihiv", "rafah", "o", "w", "الرقه", "", "wagner", "mexico", "r" * 99]
    assert skeletons_of(words) == list(map(skeletons, words))
    assert skeletons_of([]) == []


@pytest.mark.parametrize(
    "words", ["قبل مثل كيف وكيف بما للبيع الجمعة غارات", "شده هزار گروه", "כבר לקבל מידע בעיניים", "хоть готов музее", "خانه"]
)
def test_ordinary_words_are_no_names(words: str) -> None:
    assert [word for word in words.split() if skeletons(fold_word(word))] == []


def test_a_surer_spelling_agrees_more() -> None:
    assert agreement("manbij", "манбидж") == 100
    assert 0 < agreement("zaporizhzhia", "запорожье") < 100


LETTERS = st.text("abchjqsvwxyzабвгжиціьяابتجحعقلهويאבהוילמשαγκμντου$", max_size=LETTERS_MAX + 3)


@given(LETTERS, LETTERS)
def test_any_letters_have_few_keys_and_agree_both_ways(one: str, other: str) -> None:
    assert len(skeletons(one)) < 200
    assert 0 <= agreement(one, other) <= 100
    if is_foreign(one) != is_foreign(other):
        assert agreement(one, other) == agreement(other, one)


def test_latin_words_are_not_foreign() -> None:
    assert is_foreign("ракка")
    assert not is_foreign("raqqa")


@pytest.mark.parametrize(
    ("name", "cases"),
    [
        ("Киев", "Киева Киеву Киевом Киеве"),
        ("Харків", "Харкова Харкову Харковом Харкові"),
        ("Миколаїв", "Миколаєва Миколаєвом"),
        ("Казань", "Казани Казанью"),
        ("Севастополь", "Севастополя Севастополю Севастополем Севастополе"),
        ("Синай", "Синая Синаю Синаем Синае"),
        ("Авдіївка", "Авдіївки Авдіївку Авдіївкою Авдіївці"),
        ("Лозова", "Лозової Лозовій Лозову Лозовою"),
        ("Сирія", "Сирії Сирію Сирією Сирии Сирией"),
        ("Косово", "Косова Косову Косовом"),
        ("Запорожье", "Запорожья Запорожью Запорожьем"),
        ("Запоріжжя", "Запоріжжю Запоріжжі Запоріжжям"),
        ("Сумы", "Сум Сумам Сумами Сумах"),
        ("Грозный", "Грозного Грозному Грозным Грозном"),
        ("Червоне", "Червоного Червоному"),
        ("Красная", "Красной Красную"),
        ("Донецьк", "Донецька Донецьку Донецьком Донецька Донецькій Донецьких"),
    ],
)
def test_a_russian_or_ukrainian_name_is_known_in_its_cases(name: str, cases: str) -> None:
    assert [word for word in cases.split() if not is_case(fold_word(word), fold_word(name))] == []


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("Сирия", "сирий сирена сир"),
        ("Лівія", "лівий лівого"),
        ("Миколаїв", "микола миколай"),
        ("Судан", "суда суды"),
        ("Иран", "ира"),
        ("Россия", "рос роса"),
        ("Сана", "сан"),
        ("Киев", "киевский киевляне"),
        ("Мали", "малый"),
    ],
)
def test_other_words_with_the_same_stem_are_no_cases_of_a_name(name: str, others: str) -> None:
    assert [word for word in others.split() if is_case(word, fold_word(name))] == []


def test_ordinary_words_are_listed_once_and_folded() -> None:
    """Whoever adds a word writes it as folding leaves it: the list is only split when it is read."""
    lines = (files("alerts.text") / "ordinary.txt").read_text(encoding="utf-8").splitlines()
    listed = [word for line in lines if not line.startswith("#") for word in line.split()]
    assert [word for word in listed if fold_word(word) != word] == []
    assert [word for word, count in Counter(listed).items() if count > 1] == []


def test_a_word_is_ordinary_as_it_stands_or_behind_a_conjunction() -> None:
    assert all(map(is_word, ("מקרימ", "ומקרימ", "فيمن", "وفيمن")))
    assert not is_word("וקרימ")
    assert not is_word("והרוגימ", but="הרוגימ")
