"""Is this report news, an update of what was told, or a repeat?

    stories = Stories(window=timedelta(hours=72), updates=3, updates_max=5, kept=stories_from_the_log)
    joined = stories.join(article, evidence)            # the story this report belongs to, and why
    verdicts = stories.tell(joined.story, {"desk": Severity.HIGH}, at=now)   # what it means for each destination

A report joins an open story when it is the same article, has the same link, or the same folded title within a day; when a small network,
fitted to labelled streams, finds it likely by words, names, places, tolls and days (`likeness`, `likelihood`) and no guard objects; or
when place and numbers agree though the language differs (`guards`). Otherwise it opens a story, and names the one it may belong to. Two
stories that one report shows to be the same are fused: the younger's id becomes an alias of the older's, and nobody is rung for it. What
a destination has not heard of is new to it; a new toll, a correction or a withdrawal is always an update, a higher severity too, and
`updates` further sources at most `updates_max` times.

Deterministic: the same reports in the same order give the same stories, however the stream is cut; time is that of the reports, never
a clock's. The record of a story is its whole state, and how much a word tells is counted over the open stories, so there are no other
statistics to keep. Bounded: a story leaves, whole, when the stream is `window` past its last report; it keeps its newest
`ARTICLES_MAX` reports, digests of older ones and its heaviest terms.

What it deliberately does not do: no sentence is parsed, no language detected, and nothing is sent.
"""

from __future__ import annotations

from .growth import ARTICLES_MAX
from .joining import Stories
from .values import Joined, Reason, StorySettings, Verdict

__all__ = ["ARTICLES_MAX", "Joined", "Reason", "Stories", "StorySettings", "Verdict"]
