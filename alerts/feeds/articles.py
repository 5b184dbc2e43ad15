"""What is new in a feed: its entries against what was seen before.

What it deliberately does not do: it loses nothing for a date's sake. A date decides the `age` of an article, never whether there is one.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from ..records import Age, Article, FeedState, digest
from .addresses import canonical, names_an_article
from .documents import Document, Entry

__all__ = ["SEEN_MAX", "articles_from"]

SEEN_MAX = 5_000
"""How many entries of a feed are remembered at most; as many as a document may hold."""
SEEN_MIN = 1_000
"""Up to this many are remembered, however few a document holds: what left it and comes back is no news."""
SEEN_DOCUMENTS = 4
"""Beyond that, as many documents' worth."""

FUTURE_MAX = timedelta(days=1)
"""Clocks and time zones are wrong by up to a day; a date further ahead is no date."""


def articles_from(
    document: Document,
    state: FeedState,
    *,
    feed: str,
    now: datetime,
    max_age: timedelta | None,
    first: bool,
) -> tuple[tuple[Article, ...], dict[str, str]]:
    """The new and changed entries as articles, oldest first, and the `seen` to keep once they are committed.

    `first` says that this feed was never read before; `max_age` None makes every article fresh. An article's `id` is the digest of its
    canonical link, so that one page in two feeds is one article; where the link cannot tell entries apart, of the feed and the entry's key.
    """
    links = Counter(canonical(entry.url) for entry in document.entries)
    articles = []
    for entry in document.entries:
        known = state.seen.get(entry.key)
        if known == entry.text_digest:
            continue
        published = _plausible(entry.published, now=now)
        articles.append(
            Article(
                id=_id(entry, feed=feed, links=links),
                feed=feed,
                url=entry.url,
                title=entry.title,
                summary=entry.summary,
                content=entry.content,
                language=entry.language or document.language,
                published=published,
                fetched=now,
                age=_age(published, now=now, max_age=max_age, first=first, known=known is not None),
            )
        )
    articles.reverse()  # newest first, by custom
    articles.sort(key=lambda article: article.published or now)
    return tuple(articles), _seen(document, state)


def _id(entry: Entry, *, feed: str, links: Counter[str]) -> str:
    link = canonical(entry.url)
    if names_an_article(link) and links[link] == 1:
        return digest("link", link)
    return digest("entry", feed, entry.key)


def _plausible(published: datetime | None, *, now: datetime) -> datetime | None:
    return published if published is not None and published <= now + FUTURE_MAX else None


def _age(published: datetime | None, *, now: datetime, max_age: timedelta | None, first: bool, known: bool) -> Age:
    if max_age is None:
        return Age.FRESH
    old = first if published is None else now - published > max_age
    if not old:
        return Age.FRESH
    # An old entry that was known and changed was not made late by an outage of ours: nobody need hear of it.
    return Age.BACKLOG if first or known else Age.LATE


def _seen(document: Document, state: FeedState) -> dict[str, str]:
    """The entries of this document last, the longest unseen ones dropped first; never room for fewer than were remembered."""
    current = {entry.key: entry.text_digest for entry in document.entries}
    room = min(SEEN_MAX, max(SEEN_MIN, SEEN_DOCUMENTS * len(current), len(state.seen)))
    earlier = [(key, text) for key, text in state.seen.items() if key not in current]
    kept = earlier[len(earlier) - max(0, room - len(current)) :] if len(earlier) + len(current) > room else earlier
    return dict(kept) | current
