"""What is new in a feed: its entries against what was seen before.

What it deliberately does not do: it loses nothing for a date's sake. A date decides the `age` of an article, never whether there is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from ..records import Age, Article, FeedState, KnownEntry
from .documents import Document, Entry
from .identity import Identified, identify

__all__ = ["SEEN_MAX", "News", "articles_from"]

SEEN_MAX = 5_000
"""How many entries of a feed are remembered at most; as many as a document may hold."""
SEEN_MIN = 1_000
"""Up to this many are remembered, however few a document holds: what left it and comes back is no news."""
SEEN_DOCUMENTS = 4
"""Beyond that, as many documents' worth."""
KNOWN_MAX = 2_000
"""Of so many entries of a document more than the key is remembered: 300 kB of a state, which a record of the log can hold."""

FRAGMENT_DIGITS = 8

FUTURE_MAX = timedelta(days=1)
"""Clocks and time zones are wrong by up to a day; a date further ahead is no date."""


@dataclass(frozen=True, slots=True)
class News:
    """What a document brought: the new and changed entries as articles, oldest first, and the state to keep once they are committed.

    `dates` are those of the new entries, None where an entry has none that can be believed.
    """

    articles: tuple[Article, ...]
    state: FeedState
    dates: tuple[datetime | None, ...] = ()


def articles_from(
    document: Document,
    state: FeedState,
    *,
    feed: str,
    now: datetime,
    max_age: timedelta | None,
    first: bool,
) -> News:
    """What is new in the document, against the state that its last one left.

    `first` says that this feed was never read before; `max_age` None makes every article fresh.
    """
    identified = identify(document, state, feed=feed)
    articles, dates = [], []
    for entry, same in {same.key: (entry, same) for entry, same in reversed(identified.entries)}.values():  # one article a key
        known = state.seen.get(same.key)
        if known == entry.text_digest:
            continue
        published = _plausible(entry.published, now=now)
        age = _age(published, now=now, max_age=max_age, first=first, known=known is not None)
        articles.append(_article(entry, same, document, feed=feed, now=now, published=published, age=age))
        if known is None:
            dates.append(published)
    articles.sort(key=lambda article: article.published or now)
    return News(tuple(articles), _after(document, state, identified), tuple(dates))


def _article(
    entry: Entry, same: KnownEntry, document: Document, *, feed: str, now: datetime, published: datetime | None, age: Age
) -> Article:
    return Article(
        id=same.id,
        feed=feed,
        url=_own_url(entry.url, same) if same.shared else entry.url,
        title=entry.title,
        summary=entry.summary,
        content=entry.content,
        language=entry.language or document.language,
        published=published,
        fetched=now,
        age=age,
    )


def _own_url(url: str, same: KnownEntry) -> str:
    """The link of an entry that shares it with others: it opens the same page, but nobody takes two reports for one by it."""
    return f"{url}#{same.key[:FRAGMENT_DIGITS]}" if url and "#" not in url else url


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


def _after(document: Document, state: FeedState, identified: Identified) -> FeedState:
    current = {key: state.seen[key] for same in document.known for key in (same.guid, same.link, same.key) if key in state.seen}
    for entry, same in identified.entries:
        if same.key not in {same.guid, same.link} and not (state.reissued and identified.reissued):
            # What it will be known by once it has left the document, and its old name with it.
            current |= dict.fromkeys(filter(None, (same.guid, same.link)), entry.text_digest)
        current[same.key] = entry.text_digest
    entries = (*document.known, *(same for _, same in identified.entries)) or state.entries  # an empty document is an accident
    return msgspec.structs.replace(state, seen=_seen(current, state.seen), entries=entries[:KNOWN_MAX], reissued=identified.reissued)


def _seen(current: dict[str, str], before: dict[str, str]) -> dict[str, str]:
    """The entries of this document last, the longest unseen ones dropped first; never room for fewer than were remembered."""
    room = min(SEEN_MAX, max(SEEN_MIN, SEEN_DOCUMENTS * len(current), len(before)))
    earlier = [(key, text) for key, text in before.items() if key not in current]
    kept = earlier[len(earlier) - max(0, room - len(current)) :] if len(earlier) + len(current) > room else earlier
    return dict(kept) | current
