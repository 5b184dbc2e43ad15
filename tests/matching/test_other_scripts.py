"""Names in running text of other scripts: with what is written onto them, and apart from ordinary words."""

from __future__ import annotations

import pytest

from alerts.matching import Rules
from alerts.records import Article, Kind
from alerts.rules import Condition, Name, Operator, Rule, RuleSet, Term, Watchlist


def found(term: Term, text: str, kind: Kind = Kind.PLACE) -> list[str]:
    """The words of a text that are the one term of a watchlist."""
    watchlist = Watchlist("w", kind, (term,))
    rules = Rules(RuleSet((watchlist,), (Rule("r", Condition(Operator.ALL, (Name("w"),))),)))
    return [one.matched for one in rules.evidence(Article(title=text))]


def test_a_name_that_is_listed_in_a_script_is_not_every_word_with_its_consonants() -> None:
    assert found(Term("Rubaya"), "في الربيا") == ["الربيا"]
    assert found(Term("Rubaya", aliases=("روبايا",)), "في الربيا") == []
    assert found(Term("Bakhmut", aliases=("باخموت",)), "معارك بخموت") == ["بخموت"]


def test_a_name_that_is_listed_in_cyrillic_is_not_every_word_that_sounds_like_it() -> None:
    assert found(Term("Kursk"), "Корсика ждёт") == ["Корсика"]
    assert found(Term("Kursk", aliases=("Курск",)), "Корсика ждёт") == []
    assert found(Term("Kobani", aliases=("Кобани",)), "бои за Кобане и в Кобани") == ["Кобани"]
    assert found(Term("Raqqa", aliases=("Rakka",)), "бои за Ракку") == ["Ракку"]


@pytest.mark.parametrize("native", ["0", "1"])
@pytest.mark.parametrize("listed", ["Ракка", "الرقة"])
def test_a_list_of_other_scripts_alone_is_found_in_latin(listed: str, native: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERTS_NATIVE", native)
    assert found(Term(listed), "shelling near Raqqa") == ["Raqqa"]


@pytest.mark.parametrize(
    ("listed", "text", "written"),
    [
        ("ים סוף", "ספינה הותקפה בים סוף", "בים סוף"),
        ("ود مدني", "قصف وود مدني أمس", "وود مدني"),
        ("الرقة", "نزحوا للرقة", "للرقة"),
        ("الرقة", "در رقه", "رقه"),
        ("ЧВК Вагнер", "бойцы ЧВК «Вагнер» ушли", "ЧВК «Вагнер"),
        ("Червоне море", "у Червоному морі", "Червоному морі"),
        ("Мандалай", "бои у Мандалая", "Мандалая"),
        ("Судан", "власти Судана", "Судана"),
        ("Белый дом", "у Белого дома", "Белого дома"),
        ("Миколаїв", "над Миколаєвом", "Миколаєвом"),
        ("Макіївка", "у Макіївці", "Макіївці"),
        ("Донецк", "в Донецкой области", "Донецкой"),
        ("Харківська область", "у Харківській області", "Харківській області"),
        ('שב"כ', 'ראש השב"כ התפטר', 'השב"כ'),
        ("الحشد الشعبي", "قائد للحشد الشعبي", "للحشد الشعبي"),
        ("الجيش السوري", "نقطة للجيش السوري", "للجيش السوري"),
    ],
)
def test_a_listed_name_is_found_as_running_text_has_it(listed: str, text: str, written: str) -> None:
    assert found(Term("Somewhere", aliases=(listed,)), text) == [written]


@pytest.mark.parametrize(
    ("listed", "text"),
    [
        ("الرقة", "صفحات بكل ورقة"),
        ("מצרים", "חלונות צרים"),
        ("Суми", "контрольну суму"),
        ("القاعدة", "سقطت على قاعدة جوية"),
        ('פת"ח', "הוא פתח"),
        ("קרים", "במקרים רבים ומקרים קשים"),
        ("اليمن", "كان فيمن حضر"),
        ("Сирія", "Сирий сир подорожчав"),
        ("Лівія", "Лівий берег затопило"),
        ("Миколаїв", "Микола приїхав"),
        ("Судан", "Суда не было"),
        ("Рівне", "рівне покриття"),
    ],
)
def test_an_ordinary_word_is_no_form_of_a_listed_name(listed: str, text: str) -> None:
    assert found(Term("Somewhere", aliases=(listed,)), text) == []


@pytest.mark.parametrize(
    ("listed", "text", "written"),
    [
        ("موشک", "انبار موشک‌های آنها", "موشک‌های"),
        ("پهپاد", "شلیک پهپادهایی", "پهپادهایی"),
        ("صاروخ", "أطلقت وصاروخين", "وصاروخين"),
        ("طائرة مسيرة", "بطائرتين مسيرتين", "بطائرتين مسيرتين"),
        ("טיל", "מטח של טילים", "טילים"),
        ("הפגזה", "אחרי ההפגזות", "ההפגזות"),
        ("тяжёлый танк", "двух тяжёлых танков", "тяжёлых танков"),
    ],
)
def test_a_weapon_is_found_in_the_plural_and_the_dual(listed: str, text: str, written: str) -> None:
    assert found(Term("weapon", aliases=(listed,)), text, Kind.WEAPON) == [written]


@pytest.mark.parametrize(
    ("listed", "text"),
    [("טיל", "הנשיא הטיל וטו"), ("טילים", "הם מטילים ספק"), ("ранены", "Ранее сообщалось иное"), ("поле", "полный зал")],
)
def test_an_ordinary_word_is_no_form_of_a_weapon_or_a_term(listed: str, text: str) -> None:
    assert found(Term("word", aliases=(listed,)), text, Kind.TERM) == []


def test_a_people_is_written_small_in_russian_and_a_town_is_not() -> None:
    assert found(Term("Tuareg", aliases=("Туареги",)), "пришли туареги", Kind.GROUP) == ["туареги"]
    assert found(Term("Sumy", aliases=("Суми",)), "великі суми") == []


@pytest.mark.parametrize(
    ("listed", "text"),
    [
        ("Pskov", "Песков заявил"),
        ("Belgorod", "Белград принял"),
        ("Paris", "Пресса пишет"),
        ("Toretsk", "Турецькі туристи"),
        ("Khost", "Гости фестиваля"),
        ("Sinjar", "فوز السنغال"),
        ("Sulaymaniyah", "قاسم سليماني"),
        ("Sangin", "سلاح سنگین"),
        ("Tikrit", "התקרית הסתיימה"),
        ("Mukalla", "במכללה הסמוכה"),
        ("Yaroun", "از خانه بیرون نروند"),
        ("Ilam", "آمار را اعلام کرد"),
        ("Metulla", "مطلع الشهر المقبل"),
        ("Redut", "فرضت عقوبات"),
        ("Kissufim", "ועדת הכספים"),
        ("Qusra", "שינה קצרה"),
        ("Argun", "פעיל ארגון"),
        ("Seradz", "Сердце болит"),
        ("Grossa", "Гроші скінчилися"),
    ],
)
def test_an_ordinary_word_or_another_name_that_sounds_like_a_listed_one_is_not_it(listed: str, text: str) -> None:
    assert found(Term(listed), text) == []


@pytest.mark.parametrize(
    ("listed", "text", "written"),
    [
        ("Mayadin", "وصلوا إلى الميادين", "الميادين"),
        ("Al-Qaim", "معبر القائم الحدودي", "القائم"),
        ("Silwad", "נעצרו בסילוואד", "בסילוואד"),
        ("Kawkaba", "אזעקה בכווכבא", "בכווכבא"),
        ("Nahal Oz", "חזרו לנחל עוז", "לנחל עוז"),
        ("Kurakhove", "бои за Курахово", "Курахово"),
        ("Yenakiieve", "пожар в Енакиево", "Енакиево"),
        ("Zmiiv", "обстріл Змієва", "Змієва"),
        ("Kamianske", "удар по Кам'янському", "Кам'янському"),
        ("Rubizhne", "під Рубіжним", "Рубіжним"),
        ("Liutyi", "сотня «Лютих»", "Лютих"),
    ],
)
@pytest.mark.parametrize("native", ["0", "1"])
def test_one_latin_spelling_is_found_as_running_text_has_it(
    listed: str, text: str, written: str, native: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALERTS_NATIVE", native)
    assert found(Term(listed), text) == [written]
