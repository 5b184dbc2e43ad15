"""What different spellings of one word have in common.

    normal_form(word)    a name however it is carried into Latin letters: Raqqa, Rakka, Raqqah are `raka`; Deir and Dayr are `dir`
    normal_forms(words)  the same of many words at once
    evened(word)         a word without what differs in writing only; how much else differs says how far apart two spellings are
    outline(form)        a normal form with every vowel alike, for the short vowels that Arabic does not write: Derna, Darnah
    consonants(form)     a normal form without vowels
    bases(word)          what an inflected word may be a form of: drones, Ракке, بالرقة
    verb_stem(word)      what beheading, beheaded and beheads share
    extends(tail, word)  whether a designator's tail goes on with a suffix of the same type: 22, 22M3

All of them take and give folded words.

What it deliberately does not do: it never decides that two words are one name. It proposes; the matcher verifies.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Protocol

__all__ = [
    "LINKS",
    "bases",
    "consonants",
    "evened",
    "extends",
    "normal_form",
    "normal_forms",
    "outline",
    "romanised",
    "unlinked",
    "verb_stem",
]

LINKS = frozenset(
    {
        "al", "el", "ul", "il", "ol", "ar", "er", "as", "es", "ash", "esh", "at", "et", "az", "ez", "ad", "ed", "an", "en", "e", "i",
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
    ("tsch", "S"), ("tch", "S"), ("sch", "S"), ("cz", "S"), ("ch", "S"), ("sh", "S"), ("dzh", "j"), ("dj", "j"), ("zh", "j"),
    ("kh", "k"), ("gh", "g"), ("dh", "d"), ("th", "t"), ("ph", "f"), ("ck", "k"), ("q", "k"), ("x", "ks"),
    ("ce", "se"), ("ci", "si"), ("cy", "sy"), ("c", "k"), ("tz", "ts"), ("y", "i"),
)  # fmt: skip
_EVEN = (("dzh", "j"), ("dj", "j"), ("zh", "j"), ("oo", "u"), ("ou", "u"), ("ee", "i"), ("y", "i"), ("w", "u"), ("q", "k"), ("ph", "f"))
_FOREIGN = re.compile("[^a-z\n]+")
_FINAL_EH = re.compile("eh$", re.MULTILINE)
_ALLAH = re.compile("(?:[aou]llah?|[ou]lah)$", re.MULTILINE)
_FINAL_H = re.compile("h(?<=[aiouy]h)$", re.MULTILINE)
_INITIAL_OU = re.compile("^ou(?=[aei])", re.MULTILINE)
# Russian and Ukrainian of one name: Kharkov, Kharkiv; Chernigov, Chernihiv; Krivoy, Kryvyi, Kryvyj.
_FINAL_OV = re.compile("uv$", re.MULTILINE)
_FINAL_HIV = re.compile("hiv$", re.MULTILINE)
_FINAL_OY = re.compile("(?<=[vkn])ui$|ij$", re.MULTILINE)
_SILENT_W = re.compile("w(?<=[ou]w)(?=[aeiou])")
_VOWEL_W = re.compile(r"w(?:(?<=[aeiou]w)(?![aeiou])|(?<=[^aeiou\n]w))")
_DOUBLED = tuple((letter * 2, letter) for letter in "abdfghijklmnprstuvzS")
_VOWELS = re.compile("[aiu]+")
_GLUED_ARTICLE = re.compile("(?:al|el)(?=[bcdfghjkmnpqrstvwyz])")
_GLUED_ASSIMILATED = re.compile(r"[ae]([zrsdtn])(?=\1)|[ae]sh(?=sh)")

_RUSSIAN = re.compile("[а-яіїєґў]")
_ARABIC = re.compile("[\u0620-\u06d3]")
_HEBREW = re.compile("[\u05d0-\u05ea]")
# and, so, in, to, like; each of them before the article as well.
_ARABIC_CLITICS = ("وبال", "وال", "بال", "فال", "كال", "ولل", "لل", "ال", "وب", "ول", "و", "ب", "ل", "ف", "ك")
_HEBREW_CLITICS = ("וב", "ול", "ומ", "וה", "שב", "מה", "ב", "ל", "מ", "ה", "ו", "ש", "כ")
_REST_MIN = 3

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


def _normal_forms(form: str) -> str:
    """Of lines of one word each."""
    form = _ALLAH.sub("ula", _FINAL_EH.sub("a", _FOREIGN.sub("", form)))
    form = _FINAL_H.sub("", form)
    if "ou" in form:
        form = _INITIAL_OU.sub("w", form)
    for group, letter in _GROUPS:
        if group in form:
            form = form.replace(group, letter)
    if "w" in form:
        form = _VOWEL_W.sub("u", _SILENT_W.sub("", form)).replace("w", "v")
    form = form.replace("e", "i").replace("o", "u")
    while "ai" in form or "au" in form:
        form = form.replace("ai", "i").replace("au", "u")
    for double, letter in _DOUBLED:
        while double in form:
            form = form.replace(double, letter)
    if "uv" in form or "hiv" in form:
        form = _FINAL_HIV.sub("giv", _FINAL_OV.sub("iv", form))
    if "ui" in form or "ij" in form:
        form = _FINAL_OY.sub("i", form)
    return form


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


def outline(form: str) -> str:
    """A normal form, or lines of them, with all vowels alike."""
    return _VOWELS.sub(".", form)


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
    if word.isascii():
        return _singulars(word)
    if _RUSSIAN.search(word):
        return _cases(word)
    if _ARABIC.search(word):
        return _without(word, _ARABIC_CLITICS)
    if _HEBREW.search(word):
        return _without(word, _HEBREW_CLITICS)
    return _singulars(word)


def verb_stem(word: str) -> str:
    """What the forms of an English verb share, for comparison only: `behead`, `kidnap`, `hostag`."""
    for ending in ("ings", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= _REST_MIN and not word.endswith("ss"):
            word = word.removesuffix(ending)
            break
    if len(word) > _REST_MIN and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word.removesuffix("e")


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


@cache
def _russian() -> _Stemmer:
    import snowballstemmer

    stemmer: _Stemmer = snowballstemmer.stemmer("russian")
    return stemmer


def _cases(word: str) -> tuple[str, ...]:
    """Snowball's Russian stem; Ukrainian case endings are near enough for names."""
    stem = _russian().stemWord(word)
    return (stem,) if stem != word and len(stem) >= _REST_MIN else ()


def _without(word: str, clitics: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word[len(c) :] for c in clitics if word.startswith(c) and len(word) - len(c) >= _REST_MIN)
