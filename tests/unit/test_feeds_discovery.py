"""From a page to its feeds."""

from __future__ import annotations

import pytest

from alerts.feeds.discovery import FEEDS_MAX, advertised, usual

URL = "https://example.org/news/today"


def links(*tags: str, base: str = "") -> tuple[str, ...]:
    return advertised(f"<!DOCTYPE html><html><head>{base}{''.join(tags)}</head><body>x</body></html>".encode(), url=URL)


def test_the_feeds_of_a_page_are_named_whole_and_once() -> None:
    assert links(
        '<link rel="stylesheet" href="a.css"><link rel="alternate" type="text/html" hreflang="fr" href="/fr">',
        '<link rel="alternate" type="application/rss+xml" href="/rss">',
        "<LINK REL='Home ALTERNATE' TYPE='application/atom+xml; charset=utf-8' HREF=' atom.xml '>",
        '<link rel="alternate" type="application/feed+json" href="https://other.example/feed.json">',
        '<link rel="alternate" type="application/rss+xml" href="/rss">',
    ) == ("https://example.org/rss", "https://example.org/news/atom.xml", "https://other.example/feed.json")


def test_the_base_of_a_page_counts() -> None:
    tag = '<link rel="alternate" type="application/rss+xml" href="rss">'
    assert links(tag, base='<base href="/there/">') == ("https://example.org/there/rss",)


@pytest.mark.parametrize("href", ["javascript:alert(1)", "file:///etc/passwd", "", "http://[::1", "x" * 3_000])
def test_what_is_no_address_is_no_feed(href: str) -> None:
    assert links(f'<link rel="alternate" type="application/rss+xml" href="{href}">') == ()


def test_so_many_feeds_and_not_one_more() -> None:
    tags = [f'<link rel="alternate" type="application/rss+xml" href="/{number}">' for number in range(FEEDS_MAX + 1)]
    assert len(links(*tags)) == FEEDS_MAX


@pytest.mark.parametrize("page", [b"", b"<", b"\xff\x00" * 100, b"<div>" * 300_000, b"<link " * 300_000])
def test_a_page_of_nonsense_leads_nowhere(page: bytes) -> None:
    assert advertised(page, url=URL) == ()


def test_feeds_are_looked_for_beneath_the_address_and_beneath_the_root() -> None:
    places = usual("https://example.org/news?page=2#top")
    assert places[0] == "https://example.org/news/feed"
    assert "https://example.org/rss.xml" in places
    assert len(places) == len(set(places)) <= 20
