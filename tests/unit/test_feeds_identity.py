"""Which entry is which, when guids and links are not what they should be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import pytest

from alerts.feeds import Document, articles_from, parse_body
from alerts.records import Article, FeedState
from tests.unit.test_feeds_articles import item

NOW = datetime(2015, 11, 2, 12, tzinfo=UTC)


def feed(*items: str) -> Document:
    return parse_body(f'<rss version="2.0"><channel>{"".join(items)}</channel></rss>'.encode(), {}, url="https://example.org/feed")


class Reader:
    """Reads one document after the other, as the poller does."""

    def __init__(self) -> None:
        self.state = FeedState()

    def reads(self, *items: str) -> list[Article]:
        news = articles_from(feed(*items), self.state, feed="World", now=NOW, max_age=timedelta(days=1), first=False)
        self.state = news.state
        return list(news.articles)

    def titles(self, *items: str) -> list[str]:
        return sorted(article.title for article in self.reads(*items))


def date(number: int) -> str:
    return f"Mon, 02 Nov 2015 11:{number:02}:00 GMT"


def page(number: int) -> str:
    return f"https://example.org/{number}"


Entries = Callable[[Iterable[int], int], list[str]]


def reissued_guids(numbers: Iterable[int], poll: int) -> list[str]:
    return [item(f"title {n}", guid=f"{poll}-{n}", link=page(n), text="Text") for n in numbers]


def reissued_guids_and_links(numbers: Iterable[int], poll: int) -> list[str]:
    return [item(f"title {n}", guid=f"{poll}-{n}", link=f"{page(n)}?session={poll}", date=date(n)) for n in numbers]


def reissued_guids_and_links_without_dates(numbers: Iterable[int], poll: int) -> list[str]:
    return [item(f"title {n}", guid=f"{poll}-{n}", link=f"{page(n)}?session={poll}") for n in numbers]


def numbered_from_the_top(numbers: Iterable[int], poll: int) -> list[str]:
    return [item(f"title {n}", guid=str(at), date=date(n)) for at, n in enumerate(numbers)]


@pytest.mark.parametrize(
    "entries", [reissued_guids, reissued_guids_and_links, reissued_guids_and_links_without_dates, numbered_from_the_top]
)
def test_guids_that_are_issued_anew_at_every_poll_bring_no_news_and_hide_none(entries: Entries) -> None:
    reader = Reader()
    assert len(reader.reads(*entries(range(5), 0))) == 5
    assert not reader.state.reissued
    assert reader.titles(*entries([5, *range(4)], 1)) == ["title 5"]
    assert reader.state.reissued
    assert reader.titles(*entries([5, *range(4)], 2)) == []
    assert reader.titles(*entries([7, 6, 5, *range(2)], 3)) == ["title 6", "title 7"]
    assert reader.state.reissued


def test_guids_that_are_stable_again_count_again() -> None:
    reader = Reader()
    for poll in (0, 1):
        reader.reads(*reissued_guids(range(5), poll))
    assert reader.state.reissued
    assert reader.reads(*reissued_guids(range(5), 1)) == []
    assert not reader.state.reissued
    assert reader.titles(*reissued_guids([5, *range(4)], 1)) == ["title 5"]


@pytest.mark.parametrize("dated", [True, False])
def test_a_feed_that_moves_to_new_software_is_no_flood(dated: bool) -> None:
    def entries(numbers: Iterable[int], place: str) -> list[str]:
        when = date if dated else lambda number: ""
        return [item(f"title {n}", guid=f"{place}{n}", link=f"https://{place}.example/{n}", date=when(n)) for n in numbers]

    reader = Reader()
    before = {article.title: article.id for article in reader.reads(*entries(range(8), "old"))}
    assert reader.reads(*entries(range(8), "new")) == []
    (changed,) = reader.reads(item("title 7", guid="new7", link="https://new.example/7", text="More", date=date(7) if dated else ""))
    assert changed.id == before["title 7"]
    assert reader.reads() == []
    assert reader.titles(*entries([8, *range(1, 7)], "new")) == ["title 8"]


def test_a_text_that_changes_comes_again_under_the_id_of_its_article() -> None:
    reader = Reader()
    (before,) = reader.reads(item("Strike near Raqqa", guid="1", link=page(1), date=date(1)))
    (longer,) = reader.reads(item("Strike near Raqqa", guid="1", link=page(1), date=date(1), text="Three were hurt"))
    (titled,) = reader.reads(item("Strikes near Raqqa", guid="1", link=page(1), date=date(2), text="Three were hurt"))
    (moved,) = reader.reads(item("Strikes near Raqqa", guid="1", link=page(1) + "-strikes", date=date(2), text="Four were hurt"))
    assert {before.id} == {longer.id, titled.id, moved.id}


def test_a_text_without_guid_and_link_that_changes_is_known_by_title_and_date() -> None:
    reader = Reader()
    (before,) = reader.reads(item("Strike", date=date(1), text="One"))
    (after,) = reader.reads(item("Strike", date=date(1), text="One and more"))
    assert before.id == after.id


@pytest.mark.parametrize("dated", [True, False])
def test_one_page_for_all_that_happens_hides_nothing(dated: bool) -> None:
    """A feed of one entry, whose link is always the same."""
    reader = Reader()
    ids = set()
    for number in range(4):
        (article,) = reader.reads(item(f"Alert {number}", guid=str(number), link=page(0), date=date(number) if dated else ""))
        ids.add(article.id)
        assert reader.reads(item(f"Alert {number}", guid=str(number), link=page(0), date=date(number) if dated else "")) == []
    assert len(ids) == 4


def test_a_guid_that_is_used_again_hides_nothing() -> None:
    reader = Reader()
    (first,) = reader.reads(item("Alert in Raqqa", guid="latest", date=date(1)))
    (second,) = reader.reads(item("All clear in Aleppo", guid="latest", date=date(2)))
    (third,) = reader.reads(item("Alert in Homs", guid="latest", link=page(3), date=date(3)))
    assert len({first.id, second.id, third.id}) == 3


def test_a_title_that_comes_again_is_news_again() -> None:
    reader = Reader()
    reader.reads(item("Air raid alert", guid="1", date=date(1)), item("All clear", guid="0", date=date(0)))
    assert reader.titles(item("All clear", guid="2", date=date(2)), item("Air raid alert", guid="1", date=date(1))) == ["All clear"]
    assert reader.titles(item("Air raid alert", guid="3"), item("All clear", guid="2", date=date(2))) == ["Air raid alert"]


def test_a_version_in_the_guid_of_a_page_is_no_other_article() -> None:
    """The guid is the link with a counter behind it, as the BBC has it."""
    reader = Reader()
    (one,) = reader.reads(item("Strike near Raqqa", guid=f"{page(1)}#0", link=page(1), date=date(1)))
    (two,) = reader.reads(item("Three hurt in strike", guid=f"{page(1)}#1", link=page(1), date=date(2)))
    assert one.id == two.id


def test_entries_that_are_the_same_in_everything_are_one() -> None:
    reader = Reader()
    same = item("a", guid="1", link=page(1))
    assert reader.titles(same, same, same) == ["a"]
    assert reader.reads(same) == []
    assert reader.reads(same, same) == []


def test_an_entry_that_comes_to_share_its_link_stays_what_it_was() -> None:
    reader = Reader()
    (one,) = reader.reads(item("one", guid="1", link=page(1)))
    (two,) = reader.reads(item("two", guid="2", link=page(1)), item("one", guid="1", link=page(1)))
    (changed,) = reader.reads(item("two", guid="2", link=page(1)), item("one", guid="1", link=page(1), text="More"))
    assert two.title == "two"
    assert changed.id == one.id != two.id


@pytest.mark.parametrize("link", ["https://example.org/", page(1)])
def test_a_link_that_entries_share_gets_a_fragment_of_its_own_for_each_and_one_that_they_do_not_stays(link: str) -> None:
    reader = Reader()
    shared = reader.reads(item("a", guid="1", link=link), item("b", guid="2", link=link), item("c", guid="3", link=page(3)))
    urls = {article.title: article.url for article in shared}
    assert urls["c"] == page(3)
    assert urls["a"] != urls["b"]
    assert {url.partition("#")[0] for title, url in urls.items() if title != "c"} == {link}
    (changed,) = reader.reads(item("a", guid="1", link=link, text="More"))
    assert changed.url == urls["a"]
    (anchored,) = Reader().reads(item("a", guid="1", link="https://example.org/#a"))
    assert anchored.url == "https://example.org/#a"
