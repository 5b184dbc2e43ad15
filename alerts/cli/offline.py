"""`scan` and `stories`: articles in, lines out; no log, no network, no configuration."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from .common import rules_at, shipped
from .output import say
from .scanning import articles, blocks, cores, scanned

__all__ = ["scan", "stories"]

JOBS_MAX = 256


@click.command()
@click.option("--jobs", type=click.IntRange(1, JOBS_MAX), help="Processes that match a long input.  [default: one for each core]")
@click.argument("rules", type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
def scan(rules: Path, files: tuple[Path, ...], jobs: int | None) -> None:
    """Print what RULES find in articles (JSON Lines from FILES or standard input), a line for each article and rule that fired."""
    out, broken = sys.stdout.buffer, False
    for found in scanned(rules, _sources(files), jobs=jobs or cores()):
        if found is None:
            out.flush()
            continue
        out.write(found.lines)
        for fault in found.faults:
            broken = True
            say(fault)
    out.flush()
    sys.exit(1 if broken else 0)


@click.command()
@click.option("--rules", type=click.Path(path_type=Path), help="The rules that give evidence.  [default: the shipped ones]")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
def stories(rules: Path | None, files: tuple[Path, ...]) -> None:
    """Print which story each article (JSON Lines in order of time) belongs to, decided at once and in order."""
    from ..stories import Stories, StorySettings

    loaded = rules_at(rules or shipped("rules"))
    known, broken = Stories(StorySettings()), False
    for article in (one for block in blocks(_sources(files)) if block for one in articles(block)):
        if isinstance(article, str):
            broken = True
            say(article)
            continue
        joined = known.join(article, loaded.evidence(article), kinds=loaded.kinds)
        known.expire()
        line = msgspec.json.encode({"article": article.id, "story": joined.story, "new": joined.new})
        sys.stdout.buffer.write(line + b"\n")
        sys.stdout.buffer.flush()
    sys.exit(1 if broken else 0)


def _sources(files: tuple[Path, ...]) -> tuple[Path, ...]:
    return files or (Path("-"),)
