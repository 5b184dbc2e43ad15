"""Whether a word of Russian or Ukrainian is a name in another case.

    is_case(word, of)    Киеве is of Киев, Авдіївці of Авдіївка, Львова of Львів, Донецкой of Донецк; Микола is not of Миколаїв

A stemmer cuts Сирия and сирий (raw) down to the same stem. Here a name is declined as its ending in the nominative lets it, so that
what is left must be the same to the letter. Takes folded words.

What it deliberately does not do: other vowels that come and go with the case (Орёл, в Орле) are for spellings in the list.
"""

from __future__ import annotations

__all__ = ["is_case"]

STEM_MIN = 2
ADJECTIVE_MIN = 5
"""Letters of a feminine name in -a that may be an adjective: Лозова, у Лозовій."""

# Ukrainian endings in Russian letters, as the words are read below.
_SAME = str.maketrans("іїєґ", "ииег")
_HARD = "а у ом ем е и ови еви"
_SOFT = "я ю ем е и еви"
_FEMININE = "и ью ю"
_ADJECTIVE = "ого его ому ему ым им ом ем"
_PLURAL = "ов ев ив ей ам ям ами ями ах ях их ых им ым ими ыми"
_DECLENSIONS = {
    "": f"{_HARD} {_FEMININE}",
    "ь": f"{_SOFT} {_FEMININE}",
    "й": _SOFT,
    "а": "ы и е у ой ою ей",
    "я": "и е ю ей ею ям",
    "о": "а у ом е и",
    "е": f"а я у ю и {_ADJECTIVE}",
    "ы": f"- {_PLURAL}",
    "и": f"- {_PLURAL}",
    "ый": _ADJECTIVE,
    "ий": _ADJECTIVE,
    "ой": _ADJECTIVE,
    "ая": "ой ую ою",
    "яя": "ей юю ею",
    "ое": _ADJECTIVE,
    "ее": _ADJECTIVE,
    "ые": "ых ым ыми",
    "ие": "их им ими",
}
_ENDINGS = {ending: frozenset(others.replace("-", "").split(" ")) for ending, others in _DECLENSIONS.items()}
_FEMININE_ADJECTIVE = frozenset(("ои", "ий", "ою", "у"))
_OF_TOWNS = ("ск", "ськ", "цк", "цьк")
_TOWNS_ADJECTIVE = frozenset(f"а ая е ое и ий ие ие ои ой ою у ую их ими {_ADJECTIVE}".split())
_VOWELS = frozenset("аеиоуыэюя")
# Львів, Львова; Київ, Києва.
_OF_IV = frozenset(stem + ending for stem in ("ов", "ев") for ending in ("а", "у", "ом", "им", "и", "ови"))
_IV = "ив"
# Before the -i of Ukrainian: Авдіївка, в Авдіївці.
_CHANGED = {"к": "ц", "г": "з", "х": "с"}


def is_case(word: str, of: str) -> bool:
    """Whether `word` is the name `of`, as it is listed, or another case of it."""
    word, of = word.translate(_SAME), of.translate(_SAME)
    if word == of or (of.endswith(_IV) and word[: len(of) - 2] == of[:-2] and word[len(of) - 2 :] in _OF_IV):
        return True
    return any(_declined(word, of[: len(of) - size], of[len(of) - size :]) for size in range(3)) or _is_adjective(word, of)


def _declined(word: str, stem: str, ending: str) -> bool:
    others = _ENDINGS.get(ending)
    if others is None or len(stem) < STEM_MIN or (not ending and stem[-1] in _VOWELS):
        return False
    if word.startswith(stem):
        rest = word[len(stem) :]
        return rest in others or (ending == "а" and len(stem) >= ADJECTIVE_MIN - 1 and rest in _FEMININE_ADJECTIVE)
    return ending in {"", "а"} and word == stem[:-1] + _CHANGED.get(stem[-1], "-") + "и"


def _is_adjective(word: str, of: str) -> bool:
    """Whether a word is what belongs to a town in -sk: в Донецкой области."""
    return of.endswith(_OF_TOWNS) and word.startswith(of) and word[len(of) :] in _TOWNS_ADJECTIVE
