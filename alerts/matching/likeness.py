"""How near a word of a text is to a word of a name: respelt, misspelt, or in another script.

    errors(word, form, part)         errors of spelling between two words
    is_respelling(word, listed)      of two words with one normal form: whether few enough letters differ
    differs_in_vowels(word, ...)     of two words with one outline: whether few enough vowels differ
    likeness(part, word, ...)        all of it, for a word beside another that has been found
    carried_over(part, word)         the same name in two scripts

`native/likeness.c` has the first three for words of ASCII letters, `native/agreement.c` the last. Whoever changes one here changes it
there; a test holds them together.

What it deliberately does not do: nothing here looks at capitals, or at what stands between two words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz.distance import OSA

from ..rules import Level
from ..text import is_common
from ..text.common import is_everyday
from ..text.scripts import abjad, is_foreign
from ..text.spellings import bases, carried, consonants, evened, normal_form, outline, romanised, unlinked
from .crossing import agreement

# Scores; `Rules` documents them with examples.
SAME = 100.0
INFLECTED = 98.0
RESPELT = 96.0
REVOWELLED = 93.0
MISSPELT_MAX = 90.0

LETTERS_MIN_ERROR = 6
"""Shorter words have too many neighbours for an error of spelling; the level `loose` goes down to 4."""
LETTERS_MIN_LOOSE = 4
LETTERS_MIN_TWO_ERRORS = 8
LETTERS_MIN_EDGE = 8
"""The first and the last letter of shorter names must be there."""
LETTERS_MAX = 40
"""Longer words are never searched for misspelt ones."""
ERRORS_WRITTEN_MAX = 2
"""An error between two normal forms counts only where the words themselves differ by no more."""
CONSONANTS_MIN_VOWEL = 4
"""So many consonants tell a name whatever becomes of a vowel between them."""
VOWELS_WRITTEN_MAX = 3
"""By so many letters may two words differ of which one has a vowel less."""
LETTERS_CHANGED_MAX = (0, 1, 1, 1, 1, 1, 2, 2, 3)
VOWELS_CHANGED_MAX = (0, 0, 0, 1, 1, 1, 2, 2, 2, 3)
"""By the letters of a name, how many may differ in another transliteration: with the same normal form, with the same outline."""
KUNYAS = frozenset({"abu", "abou", "aboo", "abo", "abi", "aba", "bu", "bou", "bo", "albu", "albou"})

_AGREED_WELL = 97.0
_CONFUSED = ({"a", "e"}, {"e", "i"}, {"o", "u"})
_ALIKE = frozenset({"gk", "bv", "dt", "sz"})
"""Consonants that languages hear as one another: Sumqayit is Sumgait, Erigaabo Erigavo."""
_INITIALS = frozenset({"gq", "qg", "gk", "kg", "gh", "hg", "gj", "jg"})
"""Gaddafi is Qaddafi and Kadhafi, Horlivka is Gorlovka, Julani in Egypt Golani."""


class Part(NamedTuple):
    """A word of a name, with its normal form."""

    word: str
    form: str


def errors(word: str, form: str, part: Part) -> int:
    """Errors of spelling between a word and a part of a name.

    Many where one is a bare cut or extension of the other (Donets, Syrian) or begins otherwise (Samara, Asmara); a long name is known
    without its first or last letter.
    """
    listed = romanised(part.word)
    if len(word) == len(listed) and sorted(word) == sorted(listed):
        return OSA.distance(word, listed)
    if len(listed) < LETTERS_MIN_EDGE:
        if _begins_otherwise(word, listed) and sorted(word[:2]) != sorted(listed[:2]):
            return LETTERS_MAX
        if listed.startswith(word) or part.form.startswith(form):
            return LETTERS_MAX
    if word.startswith(listed) or form.startswith(part.form):
        return LETTERS_MAX
    if word[:1] != listed[:1] and form[1:] == part.form[1:] and not _begins_otherwise(word, listed):
        return 1
    edits = OSA.distance(word, listed)
    if edits > 1 and len(word) >= LETTERS_MIN_ERROR and word[:1] == listed[:1] and _differs_in_a_vowel(word, form, part, edits=edits):
        edits = 1
    if abs(len(word) - len(listed)) > ERRORS_WRITTEN_MAX:
        return edits
    if len(listed) < LETTERS_MIN_EDGE or _begins_otherwise(word, listed) or OSA.distance(evened(word), evened(listed)) > ERRORS_WRITTEN_MAX:
        return edits
    if form[-1] != part.form[-1] and {form[-1], part.form[-1]} <= set("aiu"):
        return edits
    return max(1, min(edits, OSA.distance(form, part.form)))


def _differs_in_a_vowel(word: str, form: str, part: Part, *, edits: int) -> bool:
    """Whether two words differ by a vowel, or by a consonant like another, and in writing: Toulkarem, Tulkarm. With four consonants and
    more, by a vowel that is dropped and in the writing of another: Rumaylan, Rmelan.
    """
    heard = consonants(form)
    if edits == 2 and OSA.distance(evened(word), evened(romanised(part.word))) == 1:
        return heard == consonants(part.form) or _differs_in_alike(form, part.form)
    if heard != consonants(part.form):
        return False
    is_dropped = len(form) != len(part.form)
    return is_dropped and edits <= VOWELS_WRITTEN_MAX and len(heard) >= CONSONANTS_MIN_VOWEL and OSA.distance(form, part.form) == 1


def _differs_in_alike(form: str, other: str) -> bool:
    """Whether two normal forms differ in one consonant for another that is heard for it."""
    if len(form) != len(other):
        return False
    pairs = ["".join(sorted(pair)) for pair in zip(form, other, strict=True) if pair[0] != pair[1]]
    return len(pairs) == 1 and pairs[0] in _ALIKE


def _begins_otherwise(word: str, listed: str) -> bool:
    """Whether two words begin with letters that no two writers choose between."""
    return word[:1] != listed[:1] and f"{word[:1]}{listed[:1]}" not in _INITIALS


def differs_in_vowels(word: str, form: str, part: Part, *, alone: bool) -> bool:
    """Of two words with the same outline: whether few enough vowels differ for their length; in short ones that stand alone, only those
    that writers confuse.

    The last vowel tells names apart (Palmyra, Palmieri), but for a final -e, which stands for -a as well as for -i.
    """
    if form[-1] != part.form[-1] and "e" not in {word[-1], part.word[-1]}:
        return False
    heard = len(consonants(part.form))
    if heard >= CONSONANTS_MIN_VOWEL and _confuses_vowels(word, part.word):
        return True
    if OSA.distance(form, part.form) > (heard + 1) // 2:
        return False
    if not _is_near(word, part.word, VOWELS_CHANGED_MAX):
        return False
    return not alone or _confuses_vowels(word, part.word, others=int(len(part.form) >= LETTERS_MIN_ERROR))


def is_respelling(word: str, listed: str) -> bool:
    """Of two words with the same normal form: whether few enough letters differ for their length. Rakka is Raqqa, Cathay is not Kati."""
    if len(word) < LETTERS_MIN_LOOSE and len(evened(word)) < len(evened(listed)):
        return False
    return _is_near(word, listed, LETTERS_CHANGED_MAX) or (len(listed) > LETTERS_MIN_LOOSE and _confuses_vowels(word, listed))


def _is_near(word: str, listed: str, changed_max: Sequence[int]) -> bool:
    allowed = changed_max[min(len(listed), len(changed_max) - 1)]
    return OSA.distance(evened(word), evened(listed), score_cutoff=allowed) <= allowed


def _confuses_vowels(word: str, listed: str, *, others: int = 0) -> bool:
    """Whether a and e, e and i, or o and u stand for each other, and no more than so many others differ."""
    word, listed = evened(word), evened(listed)
    if len(word) != len(listed):
        return bool(others) and OSA.distance(word, listed) <= others
    return sum({one, other} not in _CONFUSED for one, other in zip(word, listed, strict=True) if one != other) <= others


def edits_allowed(level: Level, letters: int) -> int:
    if level is Level.LOOSE:
        return 2 if letters >= LETTERS_MIN_TWO_ERRORS else int(letters >= LETTERS_MIN_LOOSE)
    return level.edits if letters >= LETTERS_MIN_ERROR else 0


def likeness(part: Part, word: str, *, small: bool, last: bool) -> tuple[float, int] | None:
    """How near a word is to a part of a name of which another part has been found: a score and errors of spelling.

    Tall Afar is Tel Afar; but an ordinary word that is written small is itself: `more than` is not More Town.
    """
    if word == part.word:
        return SAME, 0
    if word[0].isdigit():
        return None
    if last and part.word in bases(word):
        return INFLECTED, 0
    if (is_foreign(word) or is_foreign(part.word)) and (score := carried_over(part, word)):
        return score, 0
    form = normal_form(word)
    elsewhere = map(normal_form, carried(word) if word.isascii() and not is_everyday(word) else ())
    if part.form in {form, normal_form(unlinked(word, assimilated=True)), *elsewhere} or {word, part.word} <= KUNYAS:
        return RESPELT, 0
    if len(consonants(form)) > 1 and outline(form) == outline(part.form):
        return None if small and is_everyday(word) else (REVOWELLED, 0)
    if is_common(word):
        return None
    if len(part.word) >= LETTERS_MIN_LOOSE and errors(romanised(word), form, part) == 1:
        return MISSPELT_MAX, 1
    return None


def carried_over(part: Part, word: str, *, told: frozenset[str] = frozenset()) -> float:
    """A score where a word is a part of a name in another script, else 0."""
    agreed = agreement(part.word, word, told=abjad(word) in told)
    return 0.0 if not agreed else RESPELT if agreed > _AGREED_WELL else REVOWELLED
