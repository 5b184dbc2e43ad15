"""Folding, words, sentences and spellings: what is the same for a reader is the same for the matcher."""

from __future__ import annotations

import pytest

from alerts.text import fold, is_ambiguous, is_common, paragraphs, sentences, words
from alerts.text.common import is_everyday
from alerts.text.spellings import (
    bases,
    carried,
    evened,
    extends,
    normal_form,
    normal_forms,
    outline,
    respaced,
    romanised,
    unlinked,
    verb_stem,
)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("RAQQA", "raqqa"),
        ("Kobanî", "kobani"),
        ("Sana’a, Ta'izz", "sanaa taizz"),
        ("Raqqa's and Syria’s", "raqqa and syria"),
        ("Deir\n  ez-Zor", "deir ez zor"),
        ("Deir‑ez–Zor", "deir ez zor"),
        ("Ra\u200bq\u00adqa", "raqqa"),
        ("\u202eMosul\u202c", "mosul"),
        ("ＲＡＱＱＡ", "raqqa"),
        ("Kobani'de, Kerkük’e, Afrin'in, HALEP'TEN, Musul'daki", "kobani kerkuk afrin halep musul"),
        ("Sa'da, Dera'a, Shari'a, Luk'yaniv", "sada deraa sharia lukyaniv"),
        ("#DeirEzzor #SaveAleppo", "deir ezzor save aleppo"),
        ("#ISIS #USAirstrikes", "isis us airstrikes"),
        ("AK47 and Tu-22M3", "ak 47 and tu 22m3"),
        ("l'Iran et d'Alep, L'viv", "l iran et d alep lviv"),
        ("الرَّقّة", "الرقه"),
        ("Киёв", "киев"),
        ("الأنبار", "الانبار"),
        ("٣٥", "35"),
        ("拉卡", "拉 卡"),
        ("½ ², ㍿", "½ ²"),
        ("straße Łódź ℂ", "strasse lodz c"),
        ("a\ud800b\0c", "a b c"),
        ("\u0301 -- !", ""),
    ],
)
def test_what_writers_vary_is_folded_away(written: str, folded: str) -> None:
    assert fold(written).text == folded


def test_every_word_leads_back_to_the_original() -> None:
    text = "In “Ra\u200bqqa’s” old town, #DeirEzzor"
    assert [text[word.start : word.end] for word in words(text)] == ["In", "Ra\u200bqqa", "old", "town", "Deir", "Ezzor"]


def test_a_span_of_the_folded_text_leads_back_to_the_original() -> None:
    folded = fold("Strikes on Deir\n ez-Zor’s east")
    start = folded.text.index("deir")
    assert folded.span(start, start + len("deir ez zor")) == (11, 23)
    assert folded.span(0, 0) == (0, 0)


def test_words_can_be_sliced_like_any_sequence() -> None:
    found = words("one two three")
    assert [word.folded for word in found[1:]] == ["two", "three"]
    assert found[-1].folded == "three"
    assert found.gap(0) == " "
    assert found.written(1) == "two"


def test_abbreviations_end_no_sentence_and_arabic_question_marks_do() -> None:
    text = "Gen. Smith spoke in Raqqa. He left.\n\nهل قصفت الرقة؟ نعم."
    assert [text[start:end].strip() for start, end in sentences(text)] == [
        "Gen. Smith spoke in Raqqa.",
        "He left.",
        "هل قصفت الرقة؟",
        "نعم.",
    ]


def test_sentences_of_an_unknown_language_and_with_lone_surrogates_are_cut_all_the_same() -> None:
    text = "Eins \ud800 hier. Zwei da."
    assert [text[start:end].strip() for start, end in sentences(text, language="xx-YY")] == ["Eins \ud800 hier.", "Zwei da."]


def test_a_blank_line_ends_a_paragraph_and_a_line_break_does_not() -> None:
    text = "one\ntwo\n \n\nthree\u2029four\n\n"
    assert [text[start:end] for start, end in paragraphs(text)] == ["one\ntwo", "three", "four"]


@pytest.mark.parametrize(
    "spellings",
    [
        ["Raqqa", "Rakka", "Raqqah", "Raqa", "Raqqeh"],
        ["Hezbollah", "Hizballah", "Hizbullah", "Hezbolla"],
        ["Qaeda", "Qaida", "Qa'ida", "Kaida"],
        ["Zor", "Zour", "Zawr"],
        ["Sheikhoun", "Shaykhun", "Sheikhun", "Cheikhoun"],
        ["Fallujah", "Faluja", "Falluja"],
        ["Kinzhal", "Kinjal"],
        ["Kweiris", "Kuwayris", "Kwiries"],
        ["Izium", "Izyum"],
        ["Nineveh", "Ninewa"],
        ["Ракка", "Rakka"],
        ["Lviv", "Lvov"],
        ["Chernihiv", "Chernigov"],
        ["Kryvyi", "Krivoy", "Kryvyj"],
        ["Ouahigouya", "Wahigouya"],
        ["Luhansk", "Lugansk"],
        ["Ternopil", "Ternopol"],
        ["Sviatohirsk", "Svyatogorsk"],
        ["Uzhhorod", "Uzhgorod"],
        ["Hlukhiv", "Glukhov"],
        ["Selydove", "Selidovo"],
        ["Petrivka", "Petrovka", "Petrowka", "Petriwka"],
        ["Donetsk", "Donezk"],
        ["Zarqawi", "Zarqaoui"],
        ["Mayadin", "Mayadine"],
        ["Haniyeh", "Haniyye"],
        ["Daraa", "Deraa", "Dera'a"],
        ["Khankendi", "Xankendi"],
        ["Jebel", "Jabal", "Djebel", "Gebel"],
        ["Hizb", "Hizbul"],
        ["Jawad", "Jawwad"],
        ["Ahvaz", "Ahwaz"],
    ],
)
def test_one_name_has_one_normal_form(spellings: list[str]) -> None:
    assert len({normal_form(fold(spelling).text) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("homs", "homes"), ("iraq", "iran"), ("hama", "hamas"), ("throne", "drone"), ("sumy", "summer"), ("basij", "basi")]
)
def test_other_words_have_other_normal_forms(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Trostjanez", "trostyanets"),
        ("Pandschgur", "panjgur"),
        ("Nowoschachtinsk", "novoshakhtinsk"),
        ("Wladikawkas", "vladikavkaz"),
        ("Wosnessensk", "voznesensk"),
        ("Nischyn", "nizhyn"),
        ("Schiras", "shiraz"),
        ("Debalzewe", "debaltseve"),
        ("Klischtschijiwka", "klishchiyivka"),
        ("Szepetówka", "shepetovka"),
        ("Oczamczyra", "ochamchyra"),
        ("Chamenei", "khamenei"),
        ("Kamieniec", "kamieniets"),
        ("Xarardheere", "harardheere"),
        ("Gaalkacyo", "gaalkayo"),
        ("Xocalı", "khojali"),
        ("Járkov", "kharkov"),
        ("Tebnine", "tebnin"),
        ("Zahleh", "zahle"),
    ],
)
def test_a_name_is_carried_over_from_the_language_that_it_has_signs_of(written: str, meant: str) -> None:
    assert meant in carried(fold(written).text)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Omdurman", "om durman"),
        ("Tulkarm", "tul karm"),
        ("Miranshah", "miran shah"),
        ("Hezbollah", "hezb ollah"),
        ("Abdul-Malik al-Houthi", "abdulmalik al houthi"),
        ("Abdelhamid Dbeibah", "abdel hamid dbeibah"),
        ("Nour al-Din al-Zenki", "nouraldin al zenki"),
        ("Noureddine al-Zenki", "nour al din al zenki"),
    ],
)
def test_a_name_may_have_other_spaces(name: str, other: str) -> None:
    assert [" ".join(one) for one in respaced(words(name).folded)] == [other]


def test_a_name_that_only_begins_like_another_has_no_other_spaces() -> None:
    assert [name for name in ("tallinn", "darfur", "dernah", "ras isa", "london", "birao", "omaha") if respaced(name.split())] == []


def test_a_word_without_the_signs_of_a_language_is_taken_as_it_stands() -> None:
    assert [word for word in ("juba", "tajik", "djibo", "washington", "tadjoura", "zinder", "marcos") if carried(word)] == []


def test_many_words_have_the_normal_forms_that_they_have_alone() -> None:
    several = ["jabal", "jabal", "hrad", "hrad", "xan", "xan", "ovka"]
    several += ["waqqas", "deir", "raqqah", "hezbollah", "swaw", "ракка", "22m3", "aa", "wwa", "naïve"]
    assert normal_forms(several) == list(map(normal_form, several))
    assert normal_forms([]) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("raqqa", "rakkah", True), ("houthi", "huthi", True), ("najaf", "nadjaf", True), ("homs", "hums", False), ("kati", "cathay", False)],
)
def test_evened_words_differ_only_where_writers_do_not(one: str, other: str, same: bool) -> None:
    assert (evened(one) == evened(other)) is same


def test_short_vowels_do_not_change_an_outline() -> None:
    assert outline(normal_form("derna")) == outline(normal_form("darnah"))


def test_an_article_written_onto_a_name_comes_off() -> None:
    assert unlinked("alraqqa", assimilated=False) == "raqqa"
    assert unlinked("ezzor", assimilated=True) == "zor"
    assert unlinked("ezzor", assimilated=False) == "ezzor"
    assert unlinked("also", assimilated=True) == "also"
    assert unlinked("mosul", assimilated=True) == "mosul"


@pytest.mark.parametrize(
    ("word", "base"),
    [
        ("drones", "drone"),
        ("ambushes", "ambush"),
        ("armies", "army"),
        ("ракке", "ракк"),
        ("بالرقه", "رقه"),
        ("בחלב", "חלב"),
        ("şehirs", "şehir"),
    ],
)
def test_an_inflected_word_leads_to_its_base(word: str, base: str) -> None:
    assert base in bases(word)


@pytest.mark.parametrize("word", ["mosul", "pass", "gas", "рак", "из"])
def test_a_word_without_an_ending_has_no_other_base(word: str) -> None:
    assert bases(word) == ()


def test_forms_of_a_verb_share_a_stem() -> None:
    assert {verb_stem(word) for word in ("kidnap", "kidnaps", "kidnapped", "kidnapping", "kidnappings")} == {"kidnap"}
    assert verb_stem("shelling") == verb_stem("shelled") == "shell"
    assert {verb_stem(word) for word in ("rebel", "rebels", "rebelled", "rebelling")} == {"rebel"}
    assert {verb_stem(word) for word in ("mutiny", "mutinies", "mutinied", "mutinying")} == {"mutini"}
    assert verb_stem("gunman") == verb_stem("gunmen")
    assert verb_stem("pass") == "pass"


@pytest.mark.parametrize(
    ("tail", "word", "same"),
    [
        ("22", "22m3", True),
        ("22m", "22m3", True),
        ("300", "300pmu2", True),
        ("16", "16s", True),
        ("22", "22", True),
        ("22", "223", False),
        ("22", "2", False),
        ("22m3", "22m1", False),
        ("15", "15th", False),
        ("", "22", False),
    ],
)
def test_a_designator_goes_on_with_a_suffix_but_not_with_a_digit(tail: str, word: str, same: bool) -> None:
    assert extends(tail, word) is same


def test_ordinary_words_and_their_forms_are_common_and_names_are_not() -> None:
    assert all(
        map(is_common, ["homes", "died", "hitting", "carried", "iranian", "happiness", "larger", "vicinity", "hernandez", "melbourne"])
    )
    assert all(map(is_common, ["weve", "doesnt", "kremlin", "buddhist", "einstein", "nobel"]))
    assert not any(map(is_common, ["homs", "raqqa", "kyiv", "rakka", "ing"]))


def test_an_ordinary_word_of_any_language_is_a_word_and_a_name_is_none() -> None:
    assert all(map(is_everyday, ["factor", "banco"]))
    assert not any(map(is_everyday, ["fasher", "harold", "raqqa", "dakota"]))


def test_a_name_that_is_also_a_forename_or_word_is_ambiguous() -> None:
    assert is_ambiguous("chad")
    assert is_ambiguous("grade")
    assert not is_ambiguous("nigeria")


def test_scripts_without_vowels_give_consonants() -> None:
    assert romanised("пешмерга") == "peshmerga"
    assert romanised("raqqa") == "raqqa"


def test_a_french_article_before_a_turkish_capital_is_cut_off_as_before_a_small_letter() -> None:
    assert fold("l'İdlib").text == fold("l'idlib").text == "l idlib"
