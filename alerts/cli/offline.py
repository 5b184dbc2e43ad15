"""`scan` and `stories`: articles in, lines out; no log, no network, no configuration."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from ..records import Article, RecordError, decode, encode
from .common import shipped
from .output import say

__all__ = ["scan", "stories"]

LINE_BYTES_MAX = 64_000_000


@click.command()
@click.argument("rules", type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
def scan(rules: Path, files: tuple[Path, ...]) -> None:
    """Print what RULES find in articles (JSON Lines from FILES or standard input), a line for each article and rule that fired."""
    from ..matching import Rules

    loaded = Rules.load(rules)
    articles = _Articles(files)
    write = sys.stdout.buffer.write
    for article in articles:
        for match in loaded.match(article):
            write(encode(match) + b"\n")
    sys.stdout.buffer.flush()
    sys.exit(1 if articles.broken else 0)


@click.command()
@click.option("--rules", type=click.Path(path_type=Path), help="The rules that give evidence.  [default: the shipped ones]")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
def stories(rules: Path | None, files: tuple[Path, ...]) -> None:
    """Print which story each article (JSON Lines in order of time) belongs to, decided at once and in order."""
    from ..matching import Rules
    from ..stories import Stories, StorySettings

    loaded = Rules.load(rules or shipped("rules"))
    known = Stories(StorySettings())
    articles = _Articles(files)
    for article in articles:
        joined = known.join(article, loaded.evidence(article))
        known.expire()
        line = msgspec.json.encode({"article": article.id, "story": joined.story, "new": joined.new})
        sys.stdout.buffer.write(line + b"\n")
        sys.stdout.buffer.flush()
    sys.exit(1 if articles.broken else 0)


class _Articles:
    """The articles of files in order; a broken line is said with its number and passed over."""

    def __init__(self, files: tuple[Path, ...]) -> None:
        self._files = files or (Path("-"),)
        self.broken = 0

    def __iter__(self) -> Iterator[Article]:
        for file in self._files:
            if str(file) == "-":
                yield from self._of(sys.stdin.buffer, "standard input")
                continue
            try:
                with file.open("rb") as stream:
                    yield from self._of(stream, str(file))
            except OSError as error:
                self._say(f"{file}: cannot be read: {error.strerror}")

    def _of(self, stream: BinaryIO, name: str) -> Iterator[Article]:
        number = 0
        while line := stream.readline(LINE_BYTES_MAX + 1):
            number += 1
            if len(line) > LINE_BYTES_MAX:
                self._say(f"{name}:{number}: longer than {LINE_BYTES_MAX // 1_000_000} MB")
                while line and not line.endswith(b"\n"):
                    line = stream.readline(LINE_BYTES_MAX)
                continue
            article = self._article(line.removeprefix(b"\xef\xbb\xbf").strip(), name, number)
            if article is not None:
                yield article

    def _article(self, line: bytes, name: str, number: int) -> Article | None:
        if not line:
            return None
        try:
            article = decode(line, Article)
        except RecordError as error:
            self._say(f"{name}:{number}: {error}")
            return None
        return article if article.id else msgspec.structs.replace(article, id=str(number))

    def _say(self, line: str) -> None:
        self.broken += 1
        say(line)
