"""How likely a report belongs to an open story, by its signals.

A small network, fitted to labelled streams by `benchmarks/fit_stories.py`, which prints the numbers below.

What it deliberately does not do: it knows no exceptions; what must never join, whatever the figures say, is in `guards`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul

from .fitted import HIDDEN, OUTPUT
from .likeness import Signals

__all__ = ["FUSE_FROM", "JOIN_FROM", "RELATED_FROM", "likelihood"]

JOIN_FROM = 0.68
"""In doubt a report is an event of its own: a missed event is worse than a duplicate."""
FUSE_FROM = 0.9
"""So sure of two stories at once, a report shows them to be one."""
RELATED_FROM = 0.1
"""From here on a new story names the one that it may belong to."""


def likelihood(signals: Signals, *, hidden: Sequence[Sequence[float]] = HIDDEN, output: Sequence[float] = OUTPUT) -> float:
    """0 to 1. A row of `hidden` weighs the signals and a bias; `output` weighs what the rows give, then the signals, then a bias."""
    given = (*signals, 1.0)
    bent = [math.tanh(sum(map(mul, row, given))) for row in hidden]
    score = sum(map(mul, output, (*bent, *given)))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))
