"""How much cheaper a changed feed is when only its new entries are parsed: `python -m benchmarks.feed_parsing`.

Documents of 30 to 50 entries with whole articles as HTML, as news sites publish them, RSS and Atom. For each: feedparser with its defaults
on the whole, against our parser on the same document when nothing in it is new, when one entry is, and when all are. CPU time of all
processes, pipes and the worker's plain text included; the worker's start is not.
"""

from __future__ import annotations

import asyncio
import io
import random
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape

import feedparser

from alerts.feeds import Answer, Parser, articles_from
from alerts.records import FeedState, KnownEntry

_TEXT = (
    "the of and to in a on for by with as at from after said its near over into during army officials reported strike missile convoy "
    "border town village governor ministry sources residents hospital forces troops ceasefire talks overnight district Raqqa Kharkiv Gaza"
)
WORDS = _TEXT.split()
START = datetime(2026, 3, 1, tzinfo=UTC)
ROUNDS = 3


def sentence(chance: random.Random) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(chance.randint(8, 24))).capitalize() + "."


def article(chance: random.Random) -> str:
    """An article's markup as a content management system leaves it: 2 to 9 kB."""
    paragraphs = [
        f'<p class="text-{chance.randint(1, 9)}">{" ".join(sentence(chance) for _ in range(chance.randint(2, 6)))} '
        f'<a href="/topic/{chance.randint(1, 999)}?from=text" rel="nofollow">{sentence(chance)}</a> &amp; <em>live</em>&nbsp;</p>'
        for _ in range(chance.randint(5, 16))
    ]
    image = f'<img src="https://media.example.org/{chance.random()}.jpg" width="800" alt="x"/>'
    picture = f"<figure>{image}<figcaption>{sentence(chance)}</figcaption></figure>"
    return "\n".join([picture, *paragraphs, '<div class="share"><a href="https://social.example/share">Share</a></div>'])


def rss(entries: Sequence[int], seed: int) -> bytes:
    items = "".join(_rss_item(number, random.Random(f"{seed} {number}")) for number in entries)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>World</title>'
        f"<link>https://example.org</link><lastBuildDate>{format_datetime(START + timedelta(minutes=max(entries)))}</lastBuildDate>"
        f"<language>en</language>{items}</channel></rss>"
    ).encode()


def _rss_item(number: int, chance: random.Random) -> str:
    link = f"https://example.org/{number}-{chance.randint(1, 10**9)}?utm_source=rss"
    date = format_datetime(START + timedelta(minutes=number))
    return (
        f'<item><title>{escape(sentence(chance))}</title><link>{escape(link)}</link><guid isPermaLink="false">{number}</guid>'
        f"<dc:creator><![CDATA[{chance.choice(WORDS)}]]></dc:creator><pubDate>{date}</pubDate>"
        f"<category>World</category><description><![CDATA[<p>{sentence(chance)} {sentence(chance)}</p>]]></description>"
        f"<content:encoded><![CDATA[{article(chance)}]]></content:encoded>"
        f'<media:content url="https://media.example.org/{number}.jpg"/></item>\n'
    )


def atom(entries: Sequence[int], seed: int) -> bytes:
    items = "".join(_atom_entry(number, random.Random(f"{seed} {number}")) for number in entries)
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>World</title><id>urn:x</id>'
        f"<updated>{(START + timedelta(minutes=max(entries))).isoformat()}</updated>{items}</feed>"
    ).encode()


def _atom_entry(number: int, chance: random.Random) -> str:
    return (
        f'<entry><id>urn:x:{number}</id><title>{escape(sentence(chance))}</title><link href="https://example.org/{number}"/>'
        f"<updated>{(START + timedelta(minutes=number)).isoformat()}</updated><author><name>Desk</name></author>"
        f'<summary type="html">{escape(f"<p>{sentence(chance)}</p>")}</summary>'
        f'<content type="html">{escape(article(chance))}</content></entry>\n'
    )


@dataclass(frozen=True)
class Feed:
    """A feed at two times: the later document has one entry more at its head, and one less at its end."""

    make: Callable[[Sequence[int], int], bytes]
    size: int
    seed: int

    def at(self, time: int) -> Answer:
        body = self.make(range(time + self.size, time, -1), self.seed)
        return Answer(status=200, url="https://example.org/feed", headers={"content-type": "text/xml"}, body=body, etag="", modified="")


FEEDS = [Feed(make, size, seed) for seed, size in enumerate((30, 36, 42, 50)) for make in (rss, atom)]


def plain() -> float:
    """CPU seconds of feedparser, with its defaults, for each document once."""
    bodies = [feed.at(1).body for feed in FEEDS]
    begin = time.process_time()
    for body in bodies:
        feedparser.parse(io.BytesIO(body))
    return time.process_time() - begin


def ours(*, later: int, known: bool) -> float:
    """CPU seconds of our parser for each document `later` entries later, when the earlier ones are `known` or not; of all processes."""
    return asyncio.run(_ours(later=later, known=known, documents=True)) - asyncio.run(_ours(later=later, known=known, documents=False))


async def _ours(*, later: int, known: bool, documents: bool) -> float:
    states = [await _known(feed) if known and documents else () for feed in FEEDS]
    answers = [feed.at(later) for feed in FEEDS]
    parser = Parser(workers_max=1)
    begin = _cpu_s()
    try:
        await parser.parse(answers[0])  # starts the worker
        for answer, state in zip(answers, states, strict=True) if documents else ():
            document = await parser.parse(answer, known=state)
            articles_from(document, FeedState(entries=tuple(state)), feed="World", now=START, max_age=None, first=False)
    finally:
        await parser.close()
    return _cpu_s() - begin


_states: dict[int, tuple[KnownEntry, ...]] = {}


async def _known(feed: Feed) -> tuple[KnownEntry, ...]:
    if id(feed) not in _states:
        parser = Parser(workers_max=1)
        try:
            document = await parser.parse(feed.at(0))
        finally:
            await parser.close()
        state = articles_from(document, FeedState(), feed="World", now=START, max_age=None, first=True).state
        _states[id(feed)] = state.entries
    return _states[id(feed)]


def _cpu_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def main() -> None:
    sizes = sum(len(feed.at(0).body) for feed in FEEDS)
    print(f"{len(FEEDS)} feeds, {sizes / len(FEEDS) / 1000:.0f} kB each; CPU milliseconds a document, best of {ROUNDS}")
    cases = {
        "feedparser, its defaults": plain,
        "all new": lambda: ours(later=0, known=False),
        "one entry new": lambda: ours(later=1, known=True),
        "nothing new": lambda: ours(later=0, known=True),
    }
    best = {name: min(case() for _ in range(ROUNDS)) / len(FEEDS) for name, case in cases.items()}
    base = best["feedparser, its defaults"]
    for name, seconds in best.items():
        print(f"{name:26}{seconds * 1000:8.2f} ms{base / seconds:8.1f} x")


if __name__ == "__main__":
    main()
