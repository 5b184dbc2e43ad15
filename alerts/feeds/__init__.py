"""Feeds: fetched with manners and bounds, parsed out of harm's way, turned into articles.

    async with Fetcher(contact="https://example.org/about") as fetcher:
        async with fetcher.fetched(manners.request(feed, state)) as answer:
            if answer.status == 200:
                document = await parser.parse(answer, known=state.entries)
                news = articles_from(document, state, feed=name, now=now, max_age=max_age, first=first)
        state = manners.after_answer(state, answer, url=feed.url, now=now)

`addresses` knows which hosts may be reached, how a link is shown and when two links are one; `codings` undoes Content-Encoding;
`fetch` speaks HTTP, in each host's turn (`hosts`), within `limits`, along `redirects`, to addresses that `names` looks up; `manners` says
what a poll leaves behind; `documents` is what a feed says; `skimming` finds what of it is known already, `parsing` reads the rest, in
the process of `worker`, which `parser` starts and kills; `plain` makes text of HTML; `identity` tells which entry is which, `articles`
what is new. `health` judges how a feed does. For people there are `checking`, which looks at an address once, `discovery`, which leads
from a site to its feeds, and `opml`.

What it deliberately does not do: it keeps no state (the caller has the `FeedState` on the log), never retries (the schedule knows the
next attempt's time) and reads no page behind a link.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .addresses import canonical, is_public, shown
from .articles import News, articles_from
from .documents import Answer, Document, Entry, Request, Wishes

if TYPE_CHECKING:
    from .fetch import Fetcher
    from .parser import Parser
    from .parsing import parse_body

__all__ = [
    "Answer",
    "Document",
    "Entry",
    "Fetcher",
    "News",
    "Parser",
    "Request",
    "Wishes",
    "articles_from",
    "canonical",
    "is_public",
    "parse_body",
    "shown",
]


def __getattr__(name: str) -> Any:
    """Load what is heavy when it is first asked for: aiohttp stays out of the worker, feedparser and lxml out of the poller."""
    if name == "Fetcher":
        from .fetch import Fetcher

        return Fetcher
    if name == "Parser":
        from .parser import Parser

        return Parser
    if name == "parse_body":
        from .parsing import parse_body

        return parse_body
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
