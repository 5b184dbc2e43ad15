"""When a feed is due next: pure arithmetic on what is known of it.

    came = arrivals(published, last=state.succeeded, now=now)                  when its new items came
    rhythm = learned(state.rhythm, came, now=now, entries=entries)             how often it brings news, and at what hours
    wait_s = interval_s(Want(rhythm, every_s=300), k=k, now=now)               often where news is to be expected, never slower than `every`
    due = next_due(state, now=now, every=every, wait_s=wait_s, jitter=chance)  with failures and servers' wishes
    k = adjusted(k, wants, per_s=budget, now=now)                              from time to time: all feeds together cost the budget

What it deliberately does not do: it reads no clock and rolls no dice; both are arguments. What a host allows is `feeds.hosts`'.
"""

from __future__ import annotations

from .due import Want, adjusted, first_due, interval_s, next_due, settled
from .rhythm import arrivals, learned, mean_gap_s, rate

__all__ = ["Want", "adjusted", "arrivals", "first_due", "interval_s", "learned", "mean_gap_s", "next_due", "rate", "settled"]
