"""Is this report news, an update of what was told, or a repeat?

    stories = Stories(window=timedelta(hours=72), updates=3, updates_max=5, kept=stories_from_the_log)
    joined = stories.join(article, evidence)            # the story this report belongs to, and why
    verdicts = stories.tell(joined.story, {"desk": Severity.HIGH}, at=now)   # what it means for each destination

A report joins an open story when it is the same article, has the same link, the same folded title within a day with equal numbers,
or a near-identical title in which no name, number or word stands for another; otherwise it opens a story. In doubt it opens one: a missed
event is worse than a duplicate. What a destination has not heard of is new to it; a rule of higher severity is an update, and so are
`updates` further sources, at most `updates_max` times.

Deterministic: the same reports in the same order give the same stories, however the stream is cut; time is that of the reports, never
a clock's. Bounded: a story leaves, whole, when the stream is `window` past its last report; a story remembers its newest
`ARTICLES_MAX` reports.

What it deliberately does not do: no text is understood here beyond its title, and nothing is sent.
"""

from __future__ import annotations

from .growth import ARTICLES_MAX
from .joining import Stories
from .values import Joined, Reason, StorySettings, Verdict

__all__ = ["ARTICLES_MAX", "Joined", "Reason", "Stories", "StorySettings", "Verdict"]
