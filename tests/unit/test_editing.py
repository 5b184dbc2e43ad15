"""Feeds are added to a configuration as a person would: at the end of the list, in its style, and nothing else changes."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
import yaml

from alerts.cli.editing import NewFeed, replace_file, with_feeds
from alerts.errors import AlertsError

NEW = NewFeed("https://new.example/feed", "New: #1")
ITEM = '{url: "https://new.example/feed", name: "New: #1"}'


def edited(text: str, *feeds: NewFeed) -> str:
    return with_feeds(text.encode(), feeds or [NEW], name="alerts.yaml").decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("feeds:\n- a  # the first\n", f"feeds:\n- a  # the first\n- {ITEM}\n"),
        ("feeds:\n  - a\n\n# next\nkeep: 1d\n", f"feeds:\n  - a\n  - {ITEM}\n\n# next\nkeep: 1d\n"),
        ("feeds:\n  - a", f"feeds:\n  - a\n  - {ITEM}\n"),
        ("feeds:\r\n  - a\r\nkeep: 1d\r\n", f"feeds:\r\n  - a\r\n  - {ITEM}\r\nkeep: 1d\r\n"),
        (
            "feeds:\n    - url: a\n      headers:\n        X: y   # key\n      every: 1m\n# end\n",
            f"feeds:\n    - url: a\n      headers:\n        X: y   # key\n      every: 1m\n    - {ITEM}\n# end\n",
        ),
        ("feeds: [a, b]  # two\nkeep: 1d\n", f"feeds: [a, b, {ITEM}]  # two\nkeep: 1d\n"),
        ("feeds: [\n  a,  # one\n  b,  # two\n]\n", f"feeds: [\n  a,  # one\n  b,\n  {ITEM},  # two\n]\n"),
        ("feeds: []\n", f"feeds: [{ITEM}]\n"),
        ("feeds:   # none yet\nkeep: 1d\n", f"feeds:   # none yet\n  - {ITEM}\nkeep: 1d\n"),
        ("keep: 1d\n# end", f"keep: 1d\n# end\nfeeds:\n  - {ITEM}\n"),
        ("\ufefffeeds: [a]\n", f"\ufefffeeds: [a, {ITEM}]\n"),
        ("feeds:\n  - \"a: #b\"\n  - 'c'\n", f"feeds:\n  - \"a: #b\"\n  - 'c'\n  - {ITEM}\n"),
    ],
)
def test_a_feed_goes_to_the_end_of_the_list_and_all_else_stays(before: str, after: str) -> None:
    assert edited(before) == after
    assert yaml.safe_load(after.removeprefix("\ufeff"))["feeds"][-1] == {"url": NEW.url, "name": NEW.name}


@pytest.mark.parametrize("indent", [None, 1, 4])
def test_a_configuration_in_json_stays_json(indent: int | None) -> None:
    before = json.dumps({"feeds": ["a", {"url": "b"}], "keep": "1d"}, indent=indent)
    assert json.loads(edited(before, NEW, NewFeed("c"))) == {"feeds": ["a", {"url": "b"}, NEW._asdict(), "c"], "keep": "1d"}


@pytest.mark.parametrize("name", ['quo"te', "back\\slash", "line\nbreak", "${SECRET}", "a $$ b", "عربي", "\x00\x85\u2028", "- x: y"])
def test_a_name_from_outside_cannot_say_anything_but_a_name(name: str) -> None:
    written = yaml.safe_load(edited("feeds: [a]", NewFeed("https://b.example/", name)))["feeds"][-1]["name"]
    meant = "".join(char if char.isprintable() else " " for char in name)
    assert written.replace("$$", "$") == meant
    assert "${" not in written.replace("$$", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("feeds: {a: b}", "alerts.yaml:1:8: feeds is a list (- item)"),
        ("- a", "alerts.yaml: not a configuration: no mapping (key: value)"),
        ('{"keep": "1d"}', 'alerts.yaml: no "feeds" in it; write "feeds": [] first'),
        ("feeds: [a\n", "alerts.yaml:2:1: not YAML: did not find expected ',' or ']'"),
        ("", "alerts.yaml: not a configuration: no mapping (key: value)"),
    ],
)
def test_what_cannot_be_added_to_is_refused_in_one_line(text: str, said: str) -> None:
    with pytest.raises(AlertsError) as caught:
        edited(text)
    assert str(caught.value) == said


@pytest.fixture
def file(tmp_path: Path) -> Path:
    it = tmp_path / "alerts.yaml"
    it.write_bytes(b"before")
    return it


def test_a_file_is_replaced_whole_and_keeps_its_mode(file: Path) -> None:
    file.chmod(0o640)
    replace_file(file, b"after", before=b"before")
    assert file.read_bytes() == b"after"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert os.listdir(file.parent) == ["alerts.yaml"]


def test_a_link_stays_a_link(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    link = folder / "linked.yaml"
    link.symlink_to("../alerts.yaml")
    replace_file(link, b"after", before=b"before")
    assert link.is_symlink()
    assert file.read_bytes() == b"after"


def test_what_somebody_else_has_written_meanwhile_is_not_lost(file: Path) -> None:
    file.write_bytes(b"theirs")
    with pytest.raises(AlertsError, match="somebody else"):
        replace_file(file, b"after", before=b"before")
    assert file.read_bytes() == b"theirs"
    assert os.listdir(file.parent) == ["alerts.yaml"]


def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(AlertsError, match=r"none\.yaml: cannot be written: No such file or directory; nothing was changed"):
        replace_file(tmp_path / "none.yaml", b"after", before=b"before")
