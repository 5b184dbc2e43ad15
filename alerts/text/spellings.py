"""What different spellings of one word have in common.

    normal_form(word)    a name however it is carried into Latin letters: Raqqa, Rakka, Raqqah are `raka`; Deir and Dayr are `dir`
    normal_forms(words)  the same of many words at once
    evened(word)         a word without what differs in writing only; how much else differs says how far apart two spellings are
    undoubled(lines)     a word, or lines of them, with every letter once where it stands several times
    outline(form)        a normal form with every vowel alike, for the short vowels that Arabic does not write: Derna, Darnah
    consonants(form)     a normal form without vowels
    respaced(words)      a name with a word of it written as two, or two as one: Umm Durman, Abdulmalik al-Houthi, Nour al-Din
    carried(word)        a word that may be of German, Polish, French, Spanish, Somali or Kurdish, as English has it: Wladikawkas, Jartum
    bases(word)          what an inflected word may be a form of: drones, Ракке, بالرقة
    is_joined(word, to)  whether a word of Arabic or Hebrew is another with what is written onto it: בשכם, وبالرقة
    is_plural(word, of)  whether a word of Persian or Hebrew is another in the plural, one of Arabic in the dual: موشک‌های, טילים, صاروخين
    verb_stem(word)      what beheading, beheaded and beheads share
    extends(tail, word)  whether a designator's tail goes on with a suffix of the same type: 22, 22M3

All of them take and give folded words.

What it deliberately does not do: it never decides that two words are one name. It proposes; the matcher verifies.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple, Protocol

__all__ = [
    "LINKS",
    "bases",
    "carried",
    "consonants",
    "evened",
    "extends",
    "is_joined",
    "is_plural",
    "normal_form",
    "normal_forms",
    "orthographies",
    "outline",
    "respaced",
    "romanised",
    "tables",
    "undoubled",
    "unlinked",
    "verb_stem",
]

LINKS = frozenset(
    {
        "al", "el", "ul", "il", "ol", "ar", "er", "ur", "as", "es", "ash", "esh", "ush", "at", "et", "ut", "az", "ez", "uz", "ad", "ed",
        "ud", "an", "en", "e", "i",
        "аль", "эль", "ель", "ар", "эр", "ер", "ас", "эс", "ес", "аш", "эш", "еш", "ат", "эт", "ет", "аз", "эз", "ез", "ад", "эд", "ед",
        "ан", "эн", "ен", "אל", "א",
    }
)  # fmt: skip
"""Articles before Arabic names, assimilated or not, and the Persian link: they come, go and change from writer to writer. Arabic
itself writes the article onto the name."""

_CACHE = 1 << 16

# In this order: the letters and groups that writers choose between when they carry Arabic, Persian, Hebrew, Russian and Ukrainian names
# over. `S` stands for sh and ch. Plain replacement is several times faster than expressions, and every unseen word comes through here.
_GROUPS = (
    # Ukrainian and Russian of one name: Horlivka, Gorlovka; Luhansk, Lugansk; Ternopil, Ternopol; Kalynove, Kalinovo; Hlukhiv, Glukhov.
    ("ovka\n", "ivka\n"), ("ovo\n", "ove\n"), ("evo\n", "eve\n"), ("opil\n", "opol\n"), ("hirsk", "gorsk"), ("hrad\n", "grad\n"),
    ("horod", "gorod"), ("hansk\n", "gansk\n"), ("huiv\n", "guiv\n"), ("\nhl", "\ngl"),
    # The same in German: Donezk, Charkiw, Kiew, Charkow, Gorlowka, Kurachowe, Nowa, Noworossijsk.
    ("zk\n", "tsk\n"), ("iw\n", "iv\n"), ("ew\n", "ev\n"), ("kow\n", "kov\n"), ("owka\n", "ivka\n"), ("iwka\n", "ivka\n"),
    ("owe\n", "ove\n"), ("ewe\n", "eve\n"), ("owa\n", "ova\n"), ("ijsk\n", "iysk\n"),
    # French of North Africa: Zarqaoui, Zaouia; and its silent e: Eddine, Mourabitoune. Turkish: Haniyye. Somali and Kurdish letters.
    ("aoui", "awi"), ("aoua", "awa"), ("aoue", "awe"), ("dine\n", "din\n"), ("oune\n", "oun\n"), ("iye\n", "iya\n"), ("yye\n", "yya\n"),
    ("caa", "aa"), ("\nxa", "\nkha"), ("eraa\n", "araa\n"), ("ww", "w"), ("ahw", "ahv"),
    # First words of names: Jabal, Gebel; Kafr, Kfar; Hizbul, Hizb-ul, Hizb al, Hizb ut.
    ("jabal\n", "jebel\n"), ("gebel\n", "jebel\n"), ("hizbul\n", "hizb\n"), ("\nhizbut\n", "\nhizb\n"), ("ansarul\n", "ansar\n"),
    ("harkatul\n", "harkat\n"), ("jamaatul\n", "jamaat\n"), ("\nghazwatul\n", "\nghazwat\n"),
    ("\nkfar", "\nkafr"), ("\nkufr", "\nkafr"),
    # The feminine before another noun, and the Persian link: Wilayat, Wilayah; Katibat, Katiba; Hezbi Islami, Puli Khumri.
    ("\nwilayat\n", "\nwilaya\n"), ("\nkatibat\n", "\nkatiba\n"), ("\njabhat\n", "\njabha\n"), ("\nfirqat\n", "\nfirqa\n"),
    ("\nharakat\n", "\nharaka\n"), ("\nharkat\n", "\nharaka\n"), ("\nhezbi\n", "\nhizb\n"), ("\nhizbi\n", "\nhizb\n"),
    ("\npuli\n", "\npul\n"), ("\npoli\n", "\npul\n"),
    # Servant of, glory of: Abdul Malik, Abdel-Malik, Abd al-Malik; Nureddin, Nuruddin, Nouraldin.
    ("\nabdul\n", "\nabd\n"), ("\nabdel\n", "\nabd\n"), ("\nabdal\n", "\nabd\n"), ("\nabdol\n", "\nabd\n"), ("\nabdil\n", "\nabd\n"),
    ("\nabdel", "\nabdul"), ("\nabdal", "\nabdul"), ("\nabdol", "\nabdul"), ("\nabdil", "\nabdul"),
    ("eddin\n", "idin\n"), ("uddin\n", "idin\n"), ("addin\n", "idin\n"), ("oddin\n", "idin\n"), ("aldin\n", "idin\n"),
    ("eldin\n", "idin\n"), ("uldin\n", "idin\n"), ("ddeen\n", "din\n"),
    ("tsch", "S"), ("tch", "S"), ("sch", "S"), ("cz", "S"), ("ch", "S"), ("sh", "S"), ("dzh", "j"), ("dj", "j"), ("zh", "j"),
    ("kh", "k"), ("gh", "g"), ("dh", "d"), ("th", "t"), ("ph", "f"), ("ck", "k"), ("q", "k"), ("x", "ks"),
    ("ce", "se"), ("ci", "si"), ("cy", "sy"), ("c", "k"), ("tz", "ts"), ("y", "i"),
)  # fmt: skip
_EVEN = (
    ("dzh", "j"), ("dj", "j"), ("zh", "j"), ("oo", "u"), ("ou", "u"), ("ee", "i"), ("y", "i"), ("w", "u"), ("q", "k"), ("x", "ks"),
    ("ph", "f"),
)  # fmt: skip
_FOREIGN = {code: None for code in range(128) if chr(code) not in "abcdefghijklmnopqrstuvwxyz\n"}
_FINAL = (
    ("eh\n", "a\n"), ("allah\n", "ula\n"), ("ollah\n", "ula\n"), ("ullah\n", "ula\n"), ("alla\n", "ula\n"), ("olla\n", "ula\n"),
    ("ulla\n", "ula\n"), ("olah\n", "ula\n"), ("ulah\n", "ula\n"), ("ah\n", "a\n"), ("ih\n", "i\n"), ("oh\n", "o\n"), ("uh\n", "u\n"),
    ("yh\n", "y\n"),
)  # fmt: skip
_INITIAL_OU = (("\noua", "\nwa"), ("\noue", "\nwe"), ("\noui", "\nwi"))
# Russian and Ukrainian of one name: Kharkov, Kharkiv; Chernigov, Chernihiv; Krivoy, Kryvyi, Kryvyj.
_FINAL_RUSSIAN = (
    ("uv\n", "iv\n"), ("hiv\n", "giv\n"), ("vui\n", "vi\n"), ("kui\n", "ki\n"), ("nui\n", "ni\n"),
    ("vij\n", "vi\n"), ("kij\n", "ki\n"), ("nij\n", "ni\n"),
)  # fmt: skip


class _Orthography(NamedTuple):
    """How a language writes foreign names."""

    signs: tuple[str, ...]
    """A word that is not English and may be of this language has one of them."""
    pairs: tuple[tuple[str, str], ...]
    """What English writes instead, one after the other. Digits stand for what no later pair may change."""


_CONSONANTS = "bcdfghklmnpqrstvxz"
_J_OR_W = (
    "\nwo", "\nwi",
    *(f"j{letter}" for letter in f"{_CONSONANTS}w\n"), *(f"{letter}j" for letter in "bfglmprstvwz"),
    *(f"w{letter}" for letter in f"{_CONSONANTS}\n"), *(f"{letter}w" for letter in _CONSONANTS),
)  # fmt: skip
"""J and w where hardly any other language than German and Polish has them in names."""
_SLAVIC_J_AND_W = (("ch", "kh"), ("j", "y"), ("w", "v"))
_GERMAN = (("schtsch", "1"), ("tsch", "2"), ("dsch", "3"), ("sch", "4"), *_SLAVIC_J_AND_W, ("tz", "ts"), ("z", "ts"))
_GERMAN_VOICED = (("ss", "5"), ("sk", "5k"), ("st", "5t"), ("sp", "5p"), ("ts", "6"), ("s", "z"), ("6", "ts"), ("5", "s"))
_GERMAN_CH_AND_J = (("1", "shch"), ("2", "ch"), ("3", "j"))
_POLISH = (("szcz", "1"), ("sz", "2"), ("cz", "3"), *_SLAVIC_J_AND_W, ("c", "ts"), ("1", "shch"), ("2", "sh"), ("3", "ch"))
_ORTHOGRAPHIES = (
    # Trostjanez, Pandschgur, Achalgori; s and sch are z and zh as well: Wladikawkas, Wosnessensk, Nischyn, Schiras.
    _Orthography(("sch", "ch", "lz", "rz", *_J_OR_W), (*_GERMAN, *_GERMAN_CH_AND_J, ("4", "sh"))),
    _Orthography(("sch", *_J_OR_W), (*_GERMAN, *_GERMAN_VOICED, *_GERMAN_CH_AND_J, ("4", "zh"))),
    _Orthography(("sch",), (*_GERMAN, *_GERMAN_VOICED, *_GERMAN_CH_AND_J, ("4", "sh"))),
    # Polish: Grajworon, Szepetówka, Oczamczyra, Kamieniec.
    _Orthography(("sz", "cz", "iec\n", "ieck\n", "nica\n", *_J_OR_W), _POLISH),
    # Somali: Xarardheere, Gaalkacyo, Laascaanood.
    _Orthography(("\nx", "xaa", "aac", "caa", "cee", "kac"), (("x", "h"), ("c", ""))),
    # Azerbaijani and Kurdish: Xocalı, Axalkalaki.
    _Orthography(("x",), (("x", "kh"), ("c", "j"))),
    # Spanish: Járkov, Jersón, Jartum.
    _Orthography(("\nja", "\nje"), (("\nj", "\nkh"),)),
    # French has a silent e: Tebnine, Damazine. Persian and Lebanese names in -e: Zahleh.
    _Orthography(("ine\n", "ane\n", "ene\n", "oune\n"), (("ne\n", "n\n"),)),
    _Orthography(("eh\n",), (("eh\n", "e\n"),)),
)

_SIGNED = tuple((re.compile("|".join(one.signs)).search, one.pairs) for one in _ORTHOGRAPHIES)
_SIGNS = re.compile("|".join(sign for one in _ORTHOGRAPHIES for sign in one.signs))

# What is written onto the rest of a name, or apart from it, as its first word or its last: mother of, hill, monastery, house, village,
# spring, head, well, inn, sons of, mountain, valley, gate, servant of; king, town, God.
_WRITTEN_ON = re.compile(
    "(umm?|omm?|t[aeiu]ll?|d[ea][iy]?r|b[ea][iy]t|k[au]fr|kfar|[ae][iy]n|ras|bir|khan|dar|b[ae]ni|j[ae]bal|wadi|bab|abd[aeou]l)"
    "([bcdfghjkmnpqrstvwxyz][a-z]{3,})|([a-z]{3,}?)(shah|shahr|shehr|abad|[aou]llah)"
)
_OF_THE_FAITH = re.compile("([a-z]{3,}?)(?:[aeiou]l|[aeiou]?d)d(?:in|ine|een)")
_FAITHS = frozenset({"din", "dine", "deen"})
_SERVANTS = frozenset({"abd", "abdul", "abdel", "abdal", "abdol"})

_SILENT_W = re.compile("w(?<=[ou]w)(?=[aeiou])")
_VOWEL_W = re.compile(r"w(?:(?<=[aeiou]w)(?![aeiou])|(?<=[^aeiou\n]w))")
_VOWELS = re.compile("[aiu]+")
_LONG = 1000
"""From so many characters on numpy is faster than a search for each letter."""
_GLUED_ARTICLE = re.compile("(?:al|el)(?=[bcdfghjkmnpqrstvwyz])")
_GLUED_ASSIMILATED = re.compile(r"[ae]([zrsdtn])(?=\1)|[ae]sh(?=sh)")

_RUSSIAN = re.compile("[а-яіїєґў]")
_RUSSIAN_LETTERS = str.maketrans("іїєґ", "ииег")
_BARE_ENDING = re.compile("(?:ов?и|еви|[ое]м|[аяуюеи])$")
_BEFORE_Y = frozenset("аеоуэ")
_OF_IV = frozenset(("ов", "ев"))
_ARABIC = re.compile("[\u0620-\u06d3]")
_HEBREW = re.compile("[\u05d0-\u05ea]")
# and, so, in, to, like; each of them before the article as well.
_ARABIC_CLITICS = ("وبال", "وال", "بال", "فال", "كال", "ولل", "لل", "ال", "وب", "ول", "و", "ب", "ل", "ف", "ك")
_HEBREW_CLITICS = ("וב", "ול", "ומ", "וה", "שב", "מה", "ב", "ל", "מ", "ה", "ו", "ש", "כ")
_ARTICLE = "ال"
_REST_MIN = 3
_DOUBLED_L_MIN = 6
"""Short words end in two l themselves (shelled); longer ones double it (rebelled, patrolling)."""
_REST_MIN_HEBREW = 2
"""Abbreviations are cut at their mark: השב"כ is the article, שב and כ."""


class _Joined(NamedTuple):
    """What may be written onto words of a script, by its first letter, and how many letters must be left."""

    clitics: Mapping[str, Sequence[str]]
    rest_min: int


def _by_first(clitics: Sequence[str]) -> dict[str, list[str]]:
    return {first: [clitic for clitic in clitics if clitic[0] == first] for first in {clitic[0] for clitic in clitics}}


_ARABIC_JOINED = _Joined(_by_first(_ARABIC_CLITICS), _REST_MIN)
_HEBREW_JOINED = _Joined(_by_first(_HEBREW_CLITICS), _REST_MIN_HEBREW)
# The Persian plural, also with its link and of one of them; the Arabic dual, of words with -a and without.
_PLURALS = ("هاي", "هايي", "ها")
_DUALS = ("تان", "تين", "ان", "ين")
_PLURALS_AND_DUALS = _PLURALS + _DUALS
_FEMININE = "ه"
_HEBREW_PLURAL = "ימ"
# Of words in -a: the plural, and what stands before a noun.
_HEBREW_FEMININES = ("ות", "ת")
_HEBREW_FEMININE = "ה"

_SUFFIX_AFTER_DIGIT = re.compile(r"(?!(?:st|nd|rd|th)$)[a-z]{1,3}\d{0,2}[a-z]?|")
_SUFFIX_AFTER_LETTER = re.compile(r"\d{0,2}[a-z]{0,2}")


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...


@lru_cache(_CACHE)
def normal_form(word: str) -> str:
    """One name, however it is carried into Latin letters, in the letters `a i u` and consonants (`S` for sh and ch)."""
    return _normal_forms(romanised(word))


def normal_forms(words: Sequence[str]) -> list[str]:
    """The normal forms of many words, several times faster than one by one."""
    return _normal_forms("\n".join(map(romanised, words))).split("\n") if words else []


def _normal_forms(lines: str) -> str:
    """Of lines of one word each."""
    letters = lines.replace("\n", "")
    form = f"\n{lines if letters.islower() and letters.isalpha() else lines.translate(_FOREIGN)}\n"  # each word between line breaks
    if "h\n" in form or "lla\n" in form:
        form = _replaced(form, _FINAL)
    if "\nou" in form:
        form = _replaced(form, _INITIAL_OU)
    form = _replaced(form, _GROUPS)
    if "w" in form:
        form = _VOWEL_W.sub("u", _SILENT_W.sub("", form)).replace("w", "v")
    form = form.replace("e", "i").replace("o", "u")
    while "ai" in form or "au" in form:
        form = form.replace("ai", "i").replace("au", "u")
    form = undoubled(form)
    if "uv\n" in form or "ui\n" in form or "ij\n" in form or "hiv\n" in form:
        form = _replaced(form, _FINAL_RUSSIAN)
    return form[1:-1]


def _replaced(form: str, pairs: Sequence[tuple[str, str]]) -> str:
    for group, letters in pairs:
        if group in form:
            form = form.replace(group, letters)
    return form


def undoubled(lines: str) -> str:
    """Lines of ASCII with each letter once where it stands several times."""
    if len(lines) < _LONG:
        for letter in set(lines) - {"\n"}:
            while letter * 2 in lines:
                lines = lines.replace(letter * 2, letter)
        return lines
    import numpy as np

    letters = np.frombuffer(lines.encode(), np.uint8)
    again = (letters[1:] == letters[:-1]) & (letters[1:] != ord("\n"))
    return np.delete(letters, np.flatnonzero(again) + 1).tobytes().decode()


def tables() -> dict[str, Sequence[tuple[str, str]]]:
    """The replacements that make a normal form and an evened word, for whoever carries them out elsewhere."""
    return {"final": _FINAL, "initial": _INITIAL_OU, "groups": _GROUPS, "russian": _FINAL_RUSSIAN, "even": _EVEN}


def orthographies() -> Sequence[tuple[Sequence[tuple[str, str]], Sequence[tuple[str, str]]]]:
    """What `carried` goes by, for whoever does it elsewhere: the signs of each language, which stand for nothing, and its replacements."""
    return [([(sign, "") for sign in one.signs], one.pairs) for one in _ORTHOGRAPHIES]


@lru_cache(_CACHE)
def evened(word: str) -> str:
    """A word in Latin letters without what differs in writing only: doubled letters, oo and ou for u, y for i, q for k, dj for j, -h."""
    form = romanised(word)
    for group, letter in _EVEN:
        if group in form:
            form = form.replace(group, letter)
    for letter in set(form):
        while letter * 2 in form:
            form = form.replace(letter * 2, letter)
    return form[:-1] if form.endswith(("ah", "eh", "ih", "oh", "uh")) else form


@lru_cache(_CACHE)
def carried(word: str) -> tuple[str, ...]:
    """A word of ASCII letters as each of the languages that it may be written in would have it meant: sergej is sergey, or zergey. Most
    words have no sign of any of them.
    """
    line = f"\n{word}\n"
    if not _SIGNS.search(line):
        return ()
    return tuple(dict.fromkeys(_replaced(line, pairs)[1:-1] for has_sign, pairs in _SIGNED if has_sign(line)))


def respaced(words: Sequence[str]) -> list[list[str]]:
    """A name, given in its folded words, as it stands with a word of it cut in two or two written as one, in all the ways that Arabic and
    Persian names are. `normal_form` makes one of the rest: Nouraldin, Nureddin.
    """
    found = []
    for at, word in enumerate(words):
        before, behind = [*words[:at]], [*words[at + 1 :]]
        if cut := _WRITTEN_ON.fullmatch(word):
            found.append([*before, cut[1] or cut[3], cut[2] or cut[4], *behind])
        elif cut := _OF_THE_FAITH.fullmatch(word):
            found.append([*before, cut[1], "al", "din", *behind])
        rest = [*behind]
        while rest and rest[0] in LINKS:
            del rest[0]
        if word in _SERVANTS and rest:
            found.append([*before, "abdul" + rest[0], *rest[1:]])
        elif rest and rest[0] in _FAITHS and len(rest) < len(behind):
            found.append([*before, word + "aldin", *rest[1:]])
    return found


def outline(form: str) -> str:
    """A normal form, or lines of them, with all vowels alike."""
    even = form.replace("a", ".").replace("i", ".").replace("u", ".")
    while ".." in even:
        even = even.replace("..", ".")
    return even


def consonants(form: str) -> str:
    """A normal form without vowels."""
    return _VOWELS.sub("", form)


def unlinked(word: str, *, assimilated: bool) -> str:
    """A word without an article written onto it: `alraqqa`, `albab`, where assimilated also `ezzor`; else the word itself."""
    article = _GLUED_ARTICLE.match(word) or (assimilated and _GLUED_ASSIMILATED.match(word))
    rest = word[article.end() :] if article else word
    return rest if len(rest) >= _REST_MIN else word


def romanised(word: str) -> str:
    """The word in ASCII letters. Scripts that write no vowels give consonants only."""
    if word.isascii():
        return word
    from anyascii import anyascii

    return anyascii(word).lower().replace("'", "")


def bases(word: str) -> tuple[str, ...]:
    """The words that `word` may be an inflected form of, itself not among them."""
    return _singulars(word) if word.isascii() else _foreign_bases(word)


@lru_cache(_CACHE)
def _foreign_bases(word: str) -> tuple[str, ...]:
    if _RUSSIAN.search(word):
        return _cases(word)
    if _ARABIC.search(word):
        return _with_what_is_joined(word, _ARABIC_JOINED, _singulars_in_arabic(word))
    if _HEBREW.search(word):
        return _with_what_is_joined(word, _HEBREW_JOINED, _singulars_in_hebrew(word))
    return _singulars(word)


def is_joined(word: str, to: str) -> bool:
    """Whether a word of Arabic or Hebrew is another with conjunction, preposition or article written onto it, or an Arabic one without
    its article, as Persian has it. Unlike with `bases`, the other word may be short."""
    clitics = _HEBREW_CLITICS if _HEBREW.search(to) else _ARABIC_CLITICS
    if word.endswith(to):
        return word[: -len(to)] in clitics
    rest = to.removeprefix(_ARTICLE)
    return rest != to and word in (rest, "لل" + rest, "ولل" + rest)


def is_plural(word: str, of: str) -> bool:
    """Whether a word is a listed one of Persian or Hebrew in the plural, or of Arabic in the dual, with what may be written onto it."""
    ones = _singulars_in_hebrew(word) if _HEBREW.search(of) else _singulars_in_arabic(word)
    return any(one == of or is_joined(one, of) for one in ones)


def verb_stem(word: str) -> str:
    """What the forms of an English verb share, for comparison only: `behead`, `kidnap`, `hostag`."""
    for ending in ("ings", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= _REST_MIN and not word.endswith("ss"):
            word = word.removesuffix(ending)
            break
    if word.endswith("men"):
        return word[:-2] + "an"
    if len(word) > _REST_MIN and word[-1] == word[-2] and word[-1] not in "aeious" and (word[-1] != "l" or len(word) >= _DOUBLED_L_MIN):
        word = word[:-1]
    return word[:-1] + "i" if word[-1:] == "y" else word.removesuffix("e")


def extends(tail: str, word: str) -> bool:
    """Whether `word` is the last word of a designator, `tail`, with a suffix: 22M3 goes on from 22, 22M3 from 22M, 229 not from 22."""
    if not word.startswith(tail) or not tail:
        return False
    suffix = _SUFFIX_AFTER_DIGIT if tail[-1].isdigit() else _SUFFIX_AFTER_LETTER
    return suffix.fullmatch(word, len(tail)) is not None


def _singulars(word: str) -> tuple[str, ...]:
    if word[-1:] != "s" or word[-2:] == "ss" or len(word) <= _REST_MIN:
        return ()
    if word.endswith("ies"):
        return (word[:-3] + "y", word[:-1])
    if word.endswith(("ches", "shes", "sses", "xes", "zes", "oes")):
        return (word[:-2], word[:-1])
    return (word[:-1],)


def _singulars_in_arabic(word: str) -> tuple[str, ...]:
    if not word.endswith(_PLURALS_AND_DUALS):
        return ()
    cut = [word.removesuffix(ending) for ending in (*_PLURALS, *_DUALS[2:]) if word.endswith(ending)]
    cut += [word.removesuffix(ending) + _FEMININE for ending in _DUALS[:2] if word.endswith(ending)]
    return tuple(one for one in cut if len(one) >= _REST_MIN)


def _singulars_in_hebrew(word: str) -> tuple[str, ...]:
    cut = [word.removesuffix(_HEBREW_PLURAL)] if word.endswith(_HEBREW_PLURAL) else []
    cut += [word.removesuffix(ending) + _HEBREW_FEMININE for ending in _HEBREW_FEMININES if word.endswith(ending)]
    return tuple(one for one in cut if len(one) >= _REST_MIN)


def _with_what_is_joined(word: str, joined: _Joined, ones: tuple[str, ...]) -> tuple[str, ...]:
    return (*_without(word, joined), *ones, *(rest for one in ones for rest in _without(one, joined)))


@cache
def _russian() -> _Stemmer:
    import Stemmer

    stemmer: _Stemmer = Stemmer.Stemmer("russian")
    return stemmer


def _cases(word: str) -> tuple[str, ...]:
    """Snowball's Russian stem; Ukrainian endings in Russian letters are near enough for names. It cuts letters off some names in the
    nominative that it leaves there in other cases (Судан), or the other way round, so the name without a plain ending comes, too, and
    as it is in other cases: Мандалай, Львів, Авдіївк-.
    """
    plain = word.translate(_RUSSIAN_LETTERS)
    bare = _BARE_ENDING.sub("", plain)
    found = [_russian().stemWord(plain), bare]
    if bare[-1:] in _BEFORE_Y:
        found.append(bare + "й")
    elif bare[-2:] in _OF_IV:
        found.append(bare[:-2] + "ив")
    elif bare[-1:] == "ц":
        found.append(bare[:-1] + "к")
    return tuple(dict.fromkeys(one for one in found if len(one) >= _REST_MIN and one != word))


def _without(word: str, joined: _Joined) -> list[str]:
    clitics = joined.clitics.get(word[0], ())
    return [word[len(c) :] for c in clitics if word.startswith(c) and len(word) - len(c) >= joined.rest_min]
