"""Which entry is which: the same one as before under a new guid, or another one behind the same link?

An entry is known by its guid where that is unique in the document and stable between documents, else by its canonical link where that
names one entry of the document, else by its title and text. What it was known by once stays its key while the feed lists it, so a
feed that moves to new software and gives every entry a new guid brings no news by that. Its article's id is the digest of its canonical
link, so that one page in two feeds is one article, else of the feed and the key; it stays the same while text, link or date change.

In doubt two entries are two: the story step makes one alert of two reports, and nobody makes two of one that was dropped. So a link
that a second guid with another title and date comes with is a page on which several things appear, and a guid whose title, link and
date all change at once is a number that is used again.

What it deliberately does not do: it compares two documents in a row, no more. Older entries are known by their keys alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

import msgspec

from ..records import FeedState, KnownEntry, digest
from .addresses import canonical, names_an_article
from .documents import Document, Entry

__all__ = ["Identified", "identify", "sign"]

REISSUED_MIN = 3
"""So many known entries with another guid show that a feed re-issues them; of fewer each could be a new entry."""
_DIGITS = 16
"""64 bits tell the entries of one feed apart, and thousands of them fit into its state."""


def sign(*parts: str) -> str:
    """A short digest, for telling apart the entries of one feed."""
    return digest(*parts)[:_DIGITS]


class Identified(NamedTuple):
    """The entries that were read, each with what is to be remembered of it; whether the feed re-issues its guids."""

    entries: tuple[tuple[Entry, KnownEntry], ...]
    reissued: bool


def identify(document: Document, state: FeedState, *, feed: str) -> Identified:
    """Tell which entries are which; `state` holds those of the last document."""
    marks = [_marks(entry) for entry in document.entries]
    comparison = _Comparison(tuple(dict.fromkeys(marks)), document.known, state)
    known = comparison.known(feed)
    pairs = zip(document.entries, marks, strict=True)
    return Identified(tuple((entry, msgspec.structs.replace(known[one], raw=entry.raw)) for entry, one in pairs), comparison.reissued)


class _Marks(NamedTuple):
    """What an entry may be recognised by. Entries that are the same in all of it are one."""

    guid: str
    link: str
    title: str
    published: datetime | None
    text: str
    page: str
    """Its canonical link, where that can stand for an article."""
    permalink: bool


def _marks(entry: Entry) -> _Marks:
    page = canonical(entry.url)
    page = page if names_an_article(page) else ""
    return _Marks(
        guid=entry.guid,
        link=sign("link", page) if page else "",
        title=sign("title", entry.title or entry.summary or entry.content),
        published=entry.published,
        text=entry.text_digest,
        page=page,
        permalink=entry.permalink,
    )


T = TypeVar("T", bound=_Marks | KnownEntry)


class _Index(Generic[T]):
    """Entries of one document by those marks that no other of its entries has."""

    def __init__(self, entries: Iterable[T]) -> None:
        entries = tuple(entries)
        self.guids = _unique((entry.guid, entry) for entry in entries)
        self.links = _unique((entry.link, entry) for entry in entries)
        self.titles = _unique((entry.title, entry) for entry in entries)


def _unique(pairs: Iterable[tuple[str, T]]) -> dict[str, T]:
    pairs = [pair for pair in pairs if pair[0]]
    counts = Counter(mark for mark, _ in pairs)
    return {mark: entry for mark, entry in pairs if counts[mark] == 1}


class _Comparison:
    """The entries that were read of this document, beside those of the last one."""

    def __init__(self, entries: tuple[_Marks, ...], untouched: tuple[KnownEntry, ...], state: FeedState) -> None:
        self._entries = entries
        self._here: _Index[_Marks | KnownEntry] = _Index([*entries, *untouched])
        self._past = _Index(state.entries)
        self._pages = frozenset(entry.link for entry in state.entries)
        self._renewed = not untouched and self._is_renewed()
        self.reissued = self._reissues(untouched, before=state.reissued)

    def known(self, feed: str) -> dict[_Marks, KnownEntry]:
        """What is to be remembered of each entry, whose key and id are those of the entry that it is again."""
        found: dict[_Marks, KnownEntry] = {}
        taken: set[str] = set()
        for recognise in (self._by_guid, self._by_link, self._by_name):
            for entry in self._entries:
                same = recognise(entry) if entry not in found else None
                if same is not None and same.key not in taken:
                    found[entry] = same
                    taken.add(same.key)
        return {entry: self._again(entry, found[entry], feed) if entry in found else self._new(entry, feed) for entry in self._entries}

    def _by_guid(self, entry: _Marks) -> KnownEntry | None:
        return self._same_guid(entry) if not self.reissued else None

    def _by_link(self, entry: _Marks) -> KnownEntry | None:
        same = self._same_link(entry)
        return None if same is None or self._shares_page(entry, same) else same

    def _by_name(self, entry: _Marks) -> KnownEntry | None:
        """By title and date; a guid or link of its own that is not known says that it is another, unless the feed's guids say nothing."""
        return self._same_name(entry) if self.reissued or not (entry.guid or entry.link) else None

    def _same_guid(self, entry: _Marks) -> KnownEntry | None:
        return self._past.guids.get(entry.guid) if entry.guid in self._here.guids else None

    def _same_link(self, entry: _Marks) -> KnownEntry | None:
        return self._past.links.get(entry.link) if entry.link in self._here.links else None

    def _same_title(self, entry: _Marks) -> KnownEntry | None:
        return self._past.titles.get(entry.title) if entry.title in self._here.titles else None

    def _same_name(self, entry: _Marks) -> KnownEntry | None:
        same = self._same_title(entry)
        return same if same is not None and (self._renewed or _same_date(entry, same)) else None

    def _shares_page(self, entry: _Marks, same: KnownEntry) -> bool:
        """Whether an entry behind a known link is another one than the one before: nothing but the page is the same."""
        if self.reissued or entry.permalink or not entry.guid or not same.guid or entry.guid == same.guid:
            return False
        return entry.title != same.title and not _same_date(entry, same)

    def _is_renewed(self) -> bool:
        """Whether the whole feed has come again under new guids and links: nothing is known by these, most by their titles."""
        if any(self._same_guid(entry) or self._same_link(entry) for entry in self._entries):
            return False
        count = sum(self._same_title(entry) is not None for entry in self._entries)
        return count >= max(REISSUED_MIN, len(self._entries) / 2)

    def _reissues(self, untouched: tuple[KnownEntry, ...], *, before: bool) -> bool:
        """Whether entries known by link or name mostly have another guid than they had; as before where too few are."""
        again = [(entry, self._same_link(entry) or self._same_name(entry)) for entry in self._entries if entry.guid]
        changed = sum(same is not None and same.guid not in {"", entry.guid} for entry, same in again)
        kept = sum(same is not None and same.guid == entry.guid for entry, same in again) + sum(bool(one.guid) for one in untouched)
        return changed > kept if max(changed, kept) >= REISSUED_MIN else before

    def _again(self, entry: _Marks, same: KnownEntry, feed: str) -> KnownEntry:
        reused = entry.title != same.title and not (entry.link and entry.link == same.link) and _other_date(entry, same)
        if reused:
            return self._named(entry, same.key, feed, same.key, entry.title)
        return _remembered(entry, key=same.key, id=same.id, shared=same.shared)

    def _new(self, entry: _Marks, feed: str) -> KnownEntry:
        guid = entry.guid if entry.guid in self._here.guids and not self.reissued else ""
        link = entry.link if entry.link in self._here.links else ""
        key = guid or link or sign("text", entry.text)
        return self._named(entry, key, feed, key)

    def _named(self, entry: _Marks, key: str, *parts: str) -> KnownEntry:
        """With the id of its page, where it is the only one on it, now and before, else with one of these parts."""
        alone = entry.link in self._here.links and entry.link not in self._pages
        id = digest("link", entry.page) if alone else digest("entry", *parts)
        return _remembered(entry, key=key, id=id, shared=not alone)


def _same_date(entry: _Marks, same: KnownEntry) -> bool:
    return entry.published is not None and entry.published == same.published


def _other_date(entry: _Marks, same: KnownEntry) -> bool:
    return entry.published is not None and same.published is not None and entry.published != same.published


def _remembered(entry: _Marks, *, key: str, id: str, shared: bool) -> KnownEntry:
    return KnownEntry("", key, id, entry.guid, entry.link, entry.title, entry.published, shared)
