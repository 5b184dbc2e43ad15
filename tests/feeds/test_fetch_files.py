"""Local files are feeds, too."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from alerts.errors import FeedError
from alerts.feeds import Answer, Fetcher, Request
from tests.feeds.server import RSS


def read(url: str, *, bounds: dict[str, Any] | None = None, etag: str = "") -> Answer:
    async def scenario() -> Answer:
        async with Fetcher(contact="", **(bounds or {})) as fetcher:
            return await fetcher.fetch(Request(url=url, etag=etag))

    return asyncio.run(scenario())


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    path = tmp_path / "a feed.xml"
    path.write_bytes(RSS)
    return path


def test_a_file_is_read(feed: Path) -> None:
    answer = read(f"file:{feed}")
    assert (answer.status, answer.body, answer.modified) == (200, RSS, "")


def test_a_file_may_be_written_as_an_address(feed: Path) -> None:
    assert read(feed.as_uri()).body == RSS
    assert read(feed.as_uri().replace("///", "//localhost/")).body == RSS


def test_an_unchanged_file_is_not_read_again(feed: Path) -> None:
    first = read(f"file:{feed}")
    again = read(f"file:{feed}", etag=first.etag)
    assert (again.status, again.body, again.etag) == (304, b"", first.etag)


def test_a_changed_file_is_read_again(feed: Path) -> None:
    first = read(f"file:{feed}")
    feed.write_bytes(RSS + b"\n")
    assert read(f"file:{feed}", etag=first.etag).body == RSS + b"\n"


def test_a_file_may_fill_its_bound_and_not_a_byte_more(feed: Path) -> None:
    assert read(f"file:{feed}", bounds={"body_bytes_max": len(RSS)}).body == RSS
    with pytest.raises(FeedError, match="larger than"):
        read(f"file:{feed}", bounds={"body_bytes_max": len(RSS) - 1})


def test_a_missing_file_is_one_clear_line(feed: Path) -> None:
    feed.unlink()
    with pytest.raises(FeedError, match=r"a feed\.xml: No such file or directory"):
        read(f"file:{feed}")


@pytest.mark.parametrize("path", ["/dev/zero", "/tmp", "/with\0nul"])
def test_what_is_no_file_is_refused(path: str) -> None:
    with pytest.raises(FeedError):
        read(f"file:{path}")


def test_a_pipe_that_nobody_writes_to_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FeedError, match="not a file"):
        read(f"file:{tmp_path / 'pipe'}")
