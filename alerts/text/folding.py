"""Words of a text, each folded, each a slice of the original."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, overload

__all__ = ["APOSTROPHES", "Folded", "Word", "Words", "fold", "fold_word", "is_one_by_one", "words"]

APOSTROPHES = "'’‘‛`´′＇׳"

# Marks that stand inside a word without being a letter: combining marks (Latin, Cyrillic, Hebrew points, Arabic vowels, Indic vowel
# signs, Thai), soft hyphen, zero-width and bidirectional marks, variation selectors.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4"
    "\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u0a01-\u0a03"
    "\u0a3c-\u0a51\u0a81-\u0a83\u0abc-\u0acd\u0b01-\u0b03\u0b3c-\u0b57\u0b82\u0bbe-\u0bcd\u0c00-\u0c04\u0c3e-\u0c56\u0c81-\u0c83\u0cbc-\u0cd6"
    "\u0d00-\u0d03\u0d3b-\u0d4d\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
    "\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
)
# Written without spaces: Kana, Han, and their compatibility and half-width forms.
_ONE_BY_ONE = "\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
_LETTER = rf"[^\W\d_{_ONE_BY_ONE}]"
_INSIDE = rf"(?:{_LETTER}|[{_MARKS}])"
_QUOTE = f"[{APOSTROPHES}]"


def _behind(quote: str, *, inside: str) -> str:
    """What stands behind an apostrophe and is not of the word: the possessive, and Turkish endings (Kobani'de, Musul'daki, Kerkük'e).

    No Turkish ending stands behind a short beginning nor, a mere vowel, behind a vowel: there it is of an Arabic name (Sa'da, Sana'a). The
    s of Ra's al-Ayn is Arabic, too.
    """
    after_four = rf"(?<={inside}{{4}}{quote})(?i:[dt][ae](?:n|ki)?|[ynl][aeıiuü]|s[ıiuü]|n[ıiuü]n)"
    after_five = rf"(?<={inside}{{4}}[^\W\d_aeıioöuüAEIİOÖUÜ]{quote})(?i:[ıiuü]n|[aeıiuü])"
    return rf"(?:(?i:(?<!\bra{quote})s)|{after_four}|{after_five})(?!{inside})"


_ENDED, _ASCII_ENDED = _behind(_QUOTE, inside=_INSIDE), _behind("['`]", inside="[A-Za-z]")

_WORD = re.compile(
    rf"([dlDL](?={_QUOTE}[aeiouhéèAEIOUHÉÈİ])"  # French: d'Alep, l'Iran
    rf"|{_LETTER}{_INSIDE}*+(?:{_QUOTE}(?!{_ENDED}){_LETTER}{_INSIDE}*+)*+"
    rf"|\d(?:\d|{_INSIDE})*+"
    rf"|[{_ONE_BY_ONE}][{_MARKS}]*+)"
    rf"(?:{_QUOTE}{_ENDED})?"
)
# The same where only ASCII can stand: several times faster, and after `_PLAIN` most text is.
_ASCII_WORD = re.compile(
    rf"([dlDL](?=['`][aeiouhAEIOUH])|[A-Za-z]++(?:['`](?!{_ASCII_ENDED})[A-Za-z]++)*+|\d[\dA-Za-z]*+)"
    rf"(?:['`]{_ASCII_ENDED})?"
)
_PLAIN = (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"'), ("–", "-"), ("—", "-"), ("…", "."), ("\xa0", " "))
_CAMEL = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][^\W\d_A-Z])")

# Letters that Unicode does not decompose, and letters that one language writes in two ways.
_LETTERS = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ə": "a", "ŋ": "n",
        "ς": "σ", "ё": "е", "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ٱ": "ا", "ہ": "ه", "ە": "ه",
        "ך": "כ", "ם": "מ", "ן": "נ", "ף": "פ", "ץ": "צ",
        "ـ": "", "ʼ": "", "ʻ": "", "ʽ": "", "ʾ": "", "ʿ": "", "ˈ": "", "ʹ": "", "ʺ": "",
    }
)  # fmt: skip
_KEPT = frozenset("йїўЙЇЎ")
"""Cyrillic letters in their own right, though Unicode decomposes them."""

_is_one_by_one = re.compile(f"[{_ONE_BY_ONE}]").match
_WORDS_KEPT_MAX = 1 << 16
_WORD_KEPT_MAX = 64


class Word(NamedTuple):
    """A word of a text: `text[start:end]`, and what is left of it after folding."""

    start: int
    end: int
    folded: str


class Words(Sequence[Word]):
    """The words of a text in order; letters and the number behind them (`AK47`) are two words.

    `folded` is there at once; where the words stand is worked out when first asked for, because most texts are not asked.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._plain = _plain(text)
        self._pattern = _ASCII_WORD if self._plain.isascii() else _WORD
        self.folded: list[str] = list(map(_FOLDED.__getitem__, self._pattern.findall(self._plain)))
        self._spans: list[tuple[int, int]] = []
        if "#" in text or "＃" in text or "" in self.folded:
            self._split_hashtags()

    @property
    def is_ascii(self) -> bool:
        """Whether nothing but ASCII stands in the text."""
        return self.text.isascii()

    def __len__(self) -> int:
        return len(self.folded)

    @overload
    def __getitem__(self, index: int) -> Word: ...
    @overload
    def __getitem__(self, index: slice) -> list[Word]: ...
    def __getitem__(self, index: int | slice) -> Word | list[Word]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        return Word(*self.spans[index], self.folded[index])

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Where each word begins and ends in the text."""
        if not self._spans:
            self._spans = [match.span(1) for match in self._pattern.finditer(self._plain)]
        return self._spans

    def written(self, index: int) -> str:
        """A word as it stands in the text."""
        start, end = self.spans[index]
        return self.text[start:end]

    def gap(self, index: int) -> str:
        """What stands between a word and the next."""
        return self.text[self.spans[index][1] : self.spans[index + 1][0]]

    def _split_hashtags(self) -> None:
        """In a hashtag a capital begins a word; marks that are no word at all are left out."""
        kept: list[Word] = []
        for start, end in self.spans:
            camel = _CAMEL.finditer(self.text[start:end]) if start and self.text[start - 1] in "#＃" else ()
            borders = [start, *(start + match.start() for match in camel), end]
            kept += (Word(first, last, fold_word(self.text[first:last])) for first, last in pairwise(borders))
        kept = [word for word in kept if word.folded]
        self.folded = [word.folded for word in kept]
        self._spans = [(word.start, word.end) for word in kept]


@dataclass(frozen=True, slots=True)
class Folded:
    """The words of a text, folded and joined by single spaces; `words` lead back to the original."""

    text: str
    words: Words

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original whose words hold `text[start:end]`; an empty span gives an empty one."""
        at = 0
        touched = []
        for word in self.words:
            if at < end and start < at + len(word.folded):
                touched.append(word)
            at += len(word.folded) + 1
        return (touched[0].start, touched[-1].end) if touched else (0, 0)


def fold(text: str) -> Folded:
    """The text with everything dropped that writers vary freely; folding it again changes nothing."""
    found = words(text)
    return Folded(" ".join(found.folded), found)


def words(text: str) -> Words:
    """The words of a text, folded, with their offsets."""
    return Words(text)


def fold_word(word: str) -> str:
    """One word folded: `Sana’a` is `sanaa`, `Kobanî` is `kobani`, `الرَّقّة` is `الرقه`."""
    return _FOLDED[word]


def is_one_by_one(char: str) -> bool:
    """Whether a character belongs to a script that is written without spaces and is taken character by character."""
    return _is_one_by_one(char) is not None


class _FoldedWords(dict[str, str]):
    """Words already folded. Forgets everything when full: names come back soon."""

    def __missing__(self, word: str) -> str:
        folded = word.lower().replace("'", "").replace("`", "") if word.isascii() else "".join(map(_fold_char, word))
        if len(word) <= _WORD_KEPT_MAX:
            if len(self) >= _WORDS_KEPT_MAX:
                self.clear()
            self[word] = folded
        return folded


_FOLDED = _FoldedWords()


def _plain(text: str) -> str:
    if text.isascii():
        return text
    for mark, plain in _PLAIN:  # one for one, so that offsets stay
        text = text.replace(mark, plain)
    return text


@lru_cache(1 << 14)
def _fold_char(char: str) -> str:
    if char in APOSTROPHES:
        return ""
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if char in _KEPT:
        return char.lower()
    folded = char
    for _ in range(3):  # a decomposition may hold capitals (ℂ), a lower-case letter may decompose (İ)
        decomposed = unicodedata.normalize("NFKD", folded).lower().translate(_LETTERS)
        folded = "".join(c for c in decomposed if c.isalnum() and not c.isdecimal())
    if is_one_by_one(char) != any(map(is_one_by_one, folded)) or (len(folded) > 1 and is_one_by_one(char)):
        return char
    return folded if folded or not char.isnumeric() else char
