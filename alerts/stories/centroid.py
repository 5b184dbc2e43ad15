"""What a story is about: the sum of its reports' vectors, what was reported a day ago counting half, in a form that fits a record.

    terms, weights, scale = packed({"aleppo": 0.7, "market": 0.2})     ("aleppo market", b"\\xffI", 0.0027)

A weight is a byte, in parts of the heaviest: three digits are all that a cosine of headlines can tell, and the record on the log is
the same that is computed with, so that nothing changes when it is read back.

What it deliberately does not do: it keeps no more than `TERMS_MAX` terms; the lightest are forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from ..records import Story

__all__ = ["TERMS_MAX", "centroid", "decay", "grown", "packed"]

TERMS_MAX = 150
HALF_LIFE = timedelta(hours=24)
_FULL = 255


def centroid(story: Story) -> dict[str, int]:
    """The terms of a story and their weights, in parts of its scale."""
    return dict(zip(story.terms.split(), story.weights, strict=True))


def decay(since: datetime, until: datetime) -> float:
    """What is left of a report's weight after a time; a late report takes nothing away."""
    return float(0.5 ** (max(until - since, timedelta()) / HALF_LIFE))


def grown(story: Story, vector: Mapping[str, float], left: float) -> tuple[str, bytes, float]:
    """The packed centroid with one more report, `left` being what time has left of the earlier ones."""
    factor = story.scale * left
    total = {term: weight * factor for term, weight in centroid(story).items()}
    for term, weight in vector.items():
        total[term] = total.get(term, 0.0) + weight
    return packed(total)


def packed(total: Mapping[str, float]) -> tuple[str, bytes, float]:
    """Terms, weights and scale of a vector; what is too light to be told from nothing is left out."""
    heaviest = sorted(total.items(), key=lambda item: (-item[1], item[0]))[:TERMS_MAX]
    if not heaviest or heaviest[0][1] <= 0.0:
        return "", b"", 0.0
    scale = heaviest[0][1] / _FULL
    kept = [(term, weight) for term, value in heaviest if (weight := round(value / scale)) > 0]
    return " ".join(term for term, _ in kept), bytes(weight for _, weight in kept), scale
