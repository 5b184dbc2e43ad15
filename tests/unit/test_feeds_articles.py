"""What is new in a feed, what it is called and how old it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.feeds import Document, articles_from, canonical, parse_body, shown
from alerts.feeds.articles import SEEN_MAX
from alerts.records import Age, Article, FeedState

NOW = datetime(2015, 11, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def item(title: str, *, link: str = "", guid: str = "", text: str = "", date: str = "") -> str:
    parts = {"title": title, "link": link.replace("&", "&amp;"), "description": text, "pubDate": date}
    tags = "".join(f"<{name}>{value}</{name}>" for name, value in parts.items() if value)
    named = f'<guid isPermaLink="false">{guid}</guid>' if guid else ""
    return f"<item>{tags}{named}</item>"


def feed(*items: str) -> Document:
    body = f'<rss version="2.0"><channel><title>World</title><language>en</language>{"".join(items)}</channel></rss>'
    return parse_body(body.encode(), {}, url="https://example.org/feed.xml")


def news(document: Document, state: FeedState | None = None, *, first: bool = False, max_age: timedelta | None = DAY) -> list[Article]:
    return list(articles_from(document, state or FeedState(), feed="World", now=NOW, max_age=max_age, first=first).articles)


def seen_after(*documents: Document, seen: dict[str, str] | None = None) -> FeedState:
    """The state of a feed that had these documents, one after the other, and these entries before."""
    state = FeedState(seen=seen or {})
    for document in documents:
        state = articles_from(document, state, feed="World", now=NOW, max_age=DAY, first=False).state
    return state


def titles(articles: list[Article]) -> list[str]:
    return [article.title for article in articles]


def test_an_entry_becomes_an_article_with_all_it_has() -> None:
    date = "Mon, 02 Nov 2015 11:00:00 GMT"
    (article,) = news(feed(item("Strike", link="https://example.org/1?utm_source=rss", guid="1", text="Near Raqqa", date=date)))
    assert (article.feed, article.title, article.summary, article.content) == ("World", "Strike", "Near Raqqa", "")
    assert (article.url, article.language) == ("https://example.org/1?utm_source=rss", "en")
    assert (article.published, article.fetched, article.age) == (datetime(2015, 11, 2, 11, tzinfo=UTC), NOW, Age.FRESH)


def test_what_was_seen_is_no_news() -> None:
    document = feed(item("a", guid="1"), item("b", guid="2"))
    assert titles(news(document, seen_after(document))) == []


def test_a_new_entry_is_news_and_a_changed_one_comes_again_under_its_id() -> None:
    before = feed(item("a", guid="1", link="https://example.org/1"), item("b", guid="2", link="https://example.org/2"))
    after = feed(
        item("c", guid="3"),
        item("a", guid="1", link="https://example.org/1", text="Corrected"),
        item("b", guid="2", link="https://example.org/2"),
    )
    articles = news(after, seen_after(before))
    assert sorted(titles(articles)) == ["a", "c"]
    assert {article.id for article in articles if article.title == "a"} == {article.id for article in news(before) if article.title == "a"}


def test_articles_come_oldest_first() -> None:
    dates = [f"Mon, 02 Nov 2015 0{hour}:00:00 GMT" for hour in (5, 7, 6)]
    document = feed(*(item(date[17:19], guid=date, date=date) for date in dates), item("x", guid="x"), item("y", guid="y"))
    assert titles(news(document)) == ["05", "06", "07", "y", "x"]


def test_an_entry_that_leaves_and_comes_back_is_no_news() -> None:
    full, other = feed(*(item(str(number), guid=str(number)) for number in range(900))), feed(item("other", guid="o"))
    assert news(full, seen_after(full, other)) == []


def test_a_feed_that_is_empty_for_once_is_not_all_news_afterwards() -> None:
    full = feed(*(item(str(number), guid=str(number)) for number in range(SEEN_MAX)))
    assert news(full, seen_after(full, feed())) == []


def test_what_is_remembered_is_bounded_and_the_oldest_goes_first() -> None:
    seen = {f"old {number}": "x" for number in range(SEEN_MAX)}
    after = seen_after(feed(item("a", guid="1"), item("b", guid="2")), seen=seen).seen
    assert len(after) == SEEN_MAX
    assert next(iter(after)) == "old 2"
    assert len(seen_after(feed(item("a", guid="1")), seen={f"old {number}": "x" for number in range(999)}).seen) == 1_000
    assert len(seen_after(feed(item("a", guid="1")), seen={f"old {number}": "x" for number in range(1_000)}).seen) == 1_000


def test_one_article_in_two_feeds_has_one_id() -> None:
    (one,) = news(feed(item("a", guid="1", link="https://Example.org:443/a?id=1&utm_source=x#top")))
    (other,) = news(feed(item("A", guid="z", link="http://example.org/a?fbclid=1&id=1")))
    assert one.id == other.id


@pytest.mark.parametrize(
    "shared", [{"guid": "same"}, {"link": "https://example.org/"}, {"link": "https://example.org/live", "guid": "same"}, {}]
)
def test_entries_that_share_guid_or_link_are_all_there(shared: dict[str, str]) -> None:
    document = feed(*(item(f"title {number}", **shared) for number in range(3)))
    articles = news(document)
    assert len(articles) == len({article.id for article in articles}) == 3
    assert news(document, seen_after(document)) == []


def test_a_front_page_as_link_of_the_only_entry_does_not_stand_for_the_next() -> None:
    (one,) = news(feed(item("a", guid="1", link="https://example.org/")))
    (two,) = news(feed(item("b", guid="2", link="https://example.org")))
    assert one.id != two.id


def test_the_same_guid_in_two_feeds_is_two_articles() -> None:
    document = feed(item("a", guid="1"))
    one = articles_from(document, FeedState(), feed="One", now=NOW, max_age=None, first=True)
    two = articles_from(document, FeedState(), feed="Two", now=NOW, max_age=None, first=True)
    assert one.articles[0].id != two.articles[0].id


OLD, EDGE, FRESH = "Sun, 01 Nov 2015 11:59:59 GMT", "Sun, 01 Nov 2015 12:00:00 GMT", "Mon, 02 Nov 2015 11:00:00 GMT"


@pytest.mark.parametrize(
    ("date", "at_first", "later"),
    [(OLD, Age.BACKLOG, Age.LATE), (EDGE, Age.FRESH, Age.FRESH), (FRESH, Age.FRESH, Age.FRESH)]
    + [(no_date, Age.BACKLOG, Age.FRESH) for no_date in ("", "0000-00-00", "soon", "1446458400", "Fri, 01 Jan 1971 00:00:00 GMT")]
    + [("Tue, 03 Nov 2015 12:00:01 GMT", Age.BACKLOG, Age.FRESH), ("Tue, 03 Nov 2015 12:00:00 GMT", Age.FRESH, Age.FRESH)],
)  # fmt: skip
def test_a_date_decides_the_age_and_never_whether_there_is_an_article(date: str, at_first: Age, later: Age) -> None:
    document = feed(item("a", guid="1", date=date))
    assert [article.age for article in news(document, first=True)] == [at_first]
    assert [article.age for article in news(document)] == [later]
    assert [article.age for article in news(document, first=True, max_age=None)] == [Age.FRESH]


def test_a_date_that_is_not_believed_is_not_shown() -> None:
    assert news(feed(item("a", guid="1", date="Tue, 03 Nov 2099 12:00:01 GMT")))[0].published is None


def test_an_old_article_that_was_known_and_changes_is_not_blamed_on_an_outage() -> None:
    seen = seen_after(feed(item("a", guid="1", date=OLD)))
    assert [article.age for article in news(feed(item("a", guid="1", date=OLD, text="more")), seen)] == [Age.BACKLOG]


@pytest.mark.parametrize(
    ("link", "one"),
    [
        ("HTTP://Example.ORG:80/A?b=1&a=2#x", "https://example.org/A?b=1&a=2"),
        ("https://example.org", "https://example.org/"),
        ("https://example.org./a?UTM_Medium=x&gclid=1", "https://example.org/a"),
        ("https://example.org/a?at_medium=RSS&at_campaign=KARANGA&CMP=share&mtm_source=x&xtor=RSS-1&id=7", "https://example.org/a?id=7"),
        ("https://example.org/a?partner=rss&emc=rss&ref=rss&ref=top&source=desk&from=RSS", "https://example.org/a?ref=top&source=desk"),
        ("http://example.org:8080/", "https://example.org:8080/"),
        ("http://u:p@example.org/a", "https://example.org/a"),
        ("http://[2001:DB8::1]/a", "https://[2001:db8::1]/a"),
        ("mailto:a@example.org", ""),
        ("http://[::1", ""),
        ("http://example.org:x/", ""),
        ("", ""),
    ],
)
def test_links_to_one_page_are_one(link: str, one: str) -> None:
    assert canonical(link) == one
    assert canonical(one) == one


@pytest.mark.parametrize(
    ("url", "people_see"),
    [
        ("https://u:p@example.org:8443/feed?key=1#x", "https://example.org:8443/feed"),
        ("file:/home/feed.xml", "file:/home/feed.xml"),
        ("slack://TOKEN/#alerts", "slack:..."),
        ("http://[::1", "an address that cannot be read"),
    ],
)
def test_an_address_is_shown_without_what_may_be_secret(url: str, people_see: str) -> None:
    assert shown(url) == people_see
