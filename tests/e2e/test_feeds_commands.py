"""`alerts feeds`: list, check, import, export and add, as people type them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from alerts.config import load
from tests.e2e.places import furnish, strike
from tests.fakes import _Quiet, _served, alerts, rss, site

PAGE = b'<!DOCTYPE html><html><head><title>Wire</title><link rel="alternate" type="application/rss+xml" href="news.xml"></head></html>'
FEED = rss([strike(1), strike(2)])


@contextmanager
def website(pages: Mapping[str, bytes]) -> Iterator[str]:
    """A site of these pages, by path; its address."""

    class Handler(_Quiet):
        def do_GET(self) -> None:
            body = pages.get(self.path)
            self.answer(404 if body is None else 200, body or b"")

    with _served(Handler) as address:
        yield f"http://{address}"


CONFIGURATION = """\
# The desk's feeds. Ask Ana before you change anything.
poll: {{allow_private_addresses: true}}
feeds:
  # first the wire
  - {wire}/news.xml     # trusted

channels: {{c: "console:"}}   # one for now
"""
OPML = """\
<opml version="2.0"><head/><body><outline text="World"><outline text="Deeper">
<outline text="A &amp; B" type="rss" xmlUrl="https://a.example/feed?a=1&amp;b=2"/></outline></outline>
<outline title="Again" xmlUrl="{wire}/news.xml?utm_source=opml"/><outline title="Mine" xmlUrl="https://b.example/${{SLACK_TOKEN}}"/>
<outline title="Local" xmlUrl="file:///etc/passwd"/></body></opml>
"""


def test_check_says_how_each_feed_is_and_exits_1_when_one_is_broken(tmp_path):
    with website({"/news.xml": FEED, "/page": PAGE, "/text": b"hello"}) as wire:
        furnish(
            tmp_path,
            feeds=[
                {"url": f"{wire}/news.xml", "name": "Wire"},
                {"url": f"{wire}/gone?key=s3cr3t", "name": "Gone", "user": "me", "password": "p4ssw0rd"},
                {"url": f"{wire}/page", "name": "Page"},
                {"url": f"{wire}/text", "name": "Text"},
            ],
            channels={"c": "console:"},
        )
        done = alerts("feeds", "check", folder=tmp_path)
        good = alerts("feeds", "check", "Wire", "--json", folder=tmp_path)
    lines = done.stdout.split("\n")
    assert done.returncode == 1
    assert lines[0] == "Wire: ok, 2 entries, newest 2015-11-17 12:00 UTC"
    assert lines[1] == f"Gone: broken: {wire}/gone: 404 Not Found"
    assert lines[2:4] == [f"Page: broken: {wire}/page: HTML instead of a feed", f"  its feed: {wire}/news.xml  (Test)"]
    assert lines[4] == f"Text: broken: {wire}/text: not a feed"
    assert "s3cr3t" not in done.stdout + done.stderr
    assert "p4ssw0rd" not in done.stdout + done.stderr
    assert good.returncode == 0
    row = json.loads(good.stdout)
    assert (row["ok"], row["entries"], row["reason"]) == (True, 2, "")


def test_check_says_what_is_odd_about_a_feed_that_can_be_read(tmp_path):
    undated, empty = (f'<rss version="2.0"><channel>{items}</channel></rss>' for items in ("<item><title>a</title></item>", ""))
    with website({"/undated": undated.encode(), "/empty": empty.encode()}) as wire:
        furnish(tmp_path, feeds=[f"{wire}/undated", f"{wire}/empty"], channels={"c": "console:"})
        done = alerts("feeds", "check", folder=tmp_path)
    assert done.returncode == 0
    assert [line.partition(": ")[2] for line in done.stdout.splitlines()] == [
        "ok, 1 entry, gives no dates",
        "ok, 0 entries, has no entries",
    ]


def test_check_of_a_site_names_the_feed_that_it_advertises_or_that_is_in_the_usual_place(tmp_path):
    with website({"/": PAGE, "/news.xml": FEED, "/plain/": b"<html><p>Nothing here</html>", "/plain/feed.xml": FEED}) as wire:
        furnish(tmp_path, feeds=[f"{wire}/news.xml"], channels={"c": "console:"})
        advertising = alerts("feeds", "check", f"{wire}/", folder=tmp_path)
        usual = alerts("feeds", "check", f"{wire}/plain/", folder=tmp_path)
    assert (advertising.returncode, usual.returncode) == (0, 0)
    assert f"its feed: {wire}/news.xml  (Test)" in advertising.stdout
    assert f"its feed: {wire}/plain/feed.xml  (Test)" in usual.stdout


@pytest.mark.parametrize("address", ["foo bar", "javascript:alert(1)", "https://"])
def test_what_is_no_address_is_one_clear_line(tmp_path, address):
    furnish(tmp_path, feeds=["https://a.example/"], channels={"c": "console:"})
    for command in ("check", "add"):
        done = alerts("feeds", command, address, folder=tmp_path)
        assert done.returncode == 1
        assert done.stderr == f"alerts: {address}: no address of a feed and no feed's name; use https://HOST/PATH\n"


def test_import_adds_what_is_new_and_leaves_the_rest_of_the_file_to_the_byte(tmp_path):
    (tmp_path / "alerts.yaml").write_text(CONFIGURATION.format(wire="https://wire.example"), encoding="utf-8")
    (tmp_path / "feeds.opml").write_text(OPML.format(wire="https://wire.example"), encoding="utf-8")
    done = alerts("feeds", "import", "feeds.opml", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "alerts.yaml: 2 added, 1 there already\n")
    assert done.stderr == "left out: file:///etc/passwd: no http: or https: address\n"
    head, tail = CONFIGURATION.format(wire="https://wire.example").split("\n\n")
    added = (tmp_path / "alerts.yaml").read_text("utf-8").removeprefix(head + "\n").removesuffix("\n" + tail)
    assert added.split("\n") == [
        '  - {url: "https://a.example/feed?a=1&b=2", name: "A & B"}',
        '  - {url: "https://b.example/$${SLACK_TOKEN}", name: "Mine"}',
        "",
    ]
    config = load(tmp_path / "alerts.yaml", environ={"SLACK_TOKEN": "xoxb-secret"})
    assert [feed.url for feed in config.feeds][1:] == ["https://a.example/feed?a=1&b=2", "https://b.example/${SLACK_TOKEN}"]
    again = alerts("feeds", "import", "feeds.opml", folder=tmp_path)
    assert again.stdout == "alerts.yaml: 0 added, 3 there already\n"


def test_what_was_exported_can_be_imported_elsewhere(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    feeds = [{"url": "https://a.example/?x=1&y=<2>", "name": 'A "&" Ω'}, "https://b.example/feed$$x"]
    furnish(here, feeds=[*feeds, "file:feed.xml"], channels={"c": "console:"})
    furnish(there, feeds=[], channels={"c": "console:"})
    exported = alerts("feeds", "export", folder=here)
    assert exported.returncode == 0
    imported = alerts("feeds", "import", "-", folder=there, stdin=exported.stdout.encode())
    assert imported.stdout == "alerts.yaml: 2 added, 0 there already\n", imported.stderr
    ours, theirs = (load(folder / "alerts.yaml", environ={}).feeds for folder in (here, there))
    assert [(feed.url, feed.name) for feed in theirs] == [(feed.url, feed.name) for feed in ours[:2]]


def test_an_exported_list_holds_no_secret(tmp_path):
    furnish(tmp_path, feeds=[{"url": "https://a.example/?key=${KEY}", "user": "me", "password": "${KEY}"}], channels={"c": "console:"})
    done = alerts("feeds", "export", folder=tmp_path, environ={"KEY": "s3cr3t-token"})
    assert "https://a.example/?key=${KEY}" in done.stdout
    assert "s3cr3t" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"<opml><body><outline", "broken.opml:1:21: not XML, and so no OPML: "),
        (b'<opml><body><outline xmlUrl="http://a/?a&b"/></body></opml>', "broken.opml:1:43: not XML, and so no OPML: "),
        (b"<html/>", "broken.opml: not OPML: it begins with <html>"),
        (b"<opml><body/></opml>", "broken.opml: no feed in it: no outline has an xmlUrl"),
        (b"", "broken.opml:1:1: not XML, and so no OPML: "),
    ],
)
def test_an_import_of_what_is_no_list_of_feeds_is_one_clear_line(tmp_path, data, line):
    before = furnish(tmp_path, feeds=["https://a.example/"], channels={"c": "console:"}).read_bytes()
    (tmp_path / "broken.opml").write_bytes(data)
    done = alerts("feeds", "import", "broken.opml", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"alerts: {line}")
    assert done.stderr.count("\n") == 1
    assert (tmp_path / "alerts.yaml").read_bytes() == before


def test_add_finds_the_feed_of_a_site_and_adds_it_once(tmp_path):
    with website({"/": PAGE, "/news.xml": FEED}) as wire:
        furnish(tmp_path, feeds=["https://a.example/"], channels={"c": "console:"})
        added = alerts("feeds", "add", f"{wire}/", folder=tmp_path)
        again = alerts("feeds", "add", f"{wire}/news.xml", folder=tmp_path)
        nothing = alerts("feeds", "add", f"{wire}/nothing", folder=tmp_path)
    assert added.stdout == f"alerts.yaml: added: {wire}/news.xml\n"
    assert again.stdout == f"alerts.yaml: there already: {wire}/news.xml\n"
    assert (nothing.returncode, nothing.stderr) == (1, f"alerts: {wire}/nothing: 404 Not Found\n")
    feeds = load(tmp_path / "alerts.yaml", environ={}).feeds
    assert [(feed.name, feed.url) for feed in feeds][1:] == [("Test", f"{wire}/news.xml")]


def test_list_shows_what_became_of_each_feed(tmp_path):
    with site([strike(1), strike(2)]) as wire:
        furnish(
            tmp_path,
            feeds=[
                {"url": wire.url, "name": "Wire"},
                {"url": "http://127.0.0.1:9/x?key=${KEY}", "name": "Dead", "headers": {"X": "h3ader"}},
            ],
            channels={"c": "console:"},
        )
        before = alerts("feeds", "list", "--json", folder=tmp_path, environ={"KEY": "s3cr3t"})
        alerts("run", "--once", folder=tmp_path, environ={"KEY": "s3cr3t"})
    after = alerts("feeds", "list", "--json", folder=tmp_path, environ={"KEY": "s3cr3t"})
    shown = alerts("feeds", "list", folder=tmp_path, environ={"KEY": "s3cr3t"})
    assert [json.loads(line)["state"] for line in before.stdout.splitlines()] == ["not polled yet", "not polled yet"]
    wire_row, dead_row = (json.loads(line) for line in after.stdout.splitlines())
    assert (wire_row["articles"], wire_row["reason"], wire_row["failures"]) == (2, "", 0)
    assert wire_row["success"] < wire_row["next"]
    assert (wire_row["state"], dead_row["state"]) == ("ok", "failing")
    assert (dead_row["success"], dead_row["articles"], dead_row["failures"]) == (None, 0, 1)
    assert "no connection" in dead_row["reason"]
    for text in (after.stdout, shown.stdout):
        assert "http://127.0.0.1:9/x?key=${KEY}" in text
        assert "s3cr3t" not in text
        assert "h3ader" not in text
