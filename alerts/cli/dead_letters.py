"""`dead-letters`: what could not be processed or delivered, listed, retried, dropped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from ..errors import AlertsError
from .common import config_of, open_the_log
from .output import json_option, result, table

if TYPE_CHECKING:
    from ..records import DeadLetter

__all__ = ["dead_letters"]

IDS = click.argument("ids", nargs=-1)
ALL = click.option("--all", "every", is_flag=True, help="All of them.")


@click.group()
def dead_letters() -> None:
    """See to what could not be processed or delivered."""


@dead_letters.command("list")
@json_option
@click.pass_context
def list_(ctx: click.Context, as_json_lines: bool) -> None:
    """List the dead letters that nobody has seen to."""
    from ..stages import dead_letters as letters_of

    with open_the_log(config_of(ctx)) as source:
        letters = letters_of(source)
    shown = 32 if as_json_lines else 12
    table([_row(letter, shown) for letter in letters], as_json_lines=as_json_lines)


@dead_letters.command()
@IDS
@ALL
@click.pass_context
def retry(ctx: click.Context, ids: tuple[str, ...], every: bool) -> None:
    """Put them back where they came from, to be processed or delivered again. IDS may be shortened."""
    from ..stages import dead_letters as letters_of
    from ..stages import retry as put_back

    with open_the_log(config_of(ctx)) as source:
        chosen = _chosen(letters_of(source), ids, every=every)
        for letter in chosen:
            put_back(source, letter, now=datetime.now(UTC))
    result(f"retried {len(chosen)}")


@dead_letters.command()
@IDS
@ALL
@click.pass_context
def drop(ctx: click.Context, ids: tuple[str, ...], every: bool) -> None:
    """Mark them as seen to. IDS may be shortened."""
    from ..stages import dead_letters as letters_of
    from ..stages import drop as mark

    with open_the_log(config_of(ctx)) as source:
        chosen = _chosen(letters_of(source), ids, every=every)
        mark(source, chosen, now=datetime.now(UTC))
    result(f"dropped {len(chosen)}")


def _row(letter: DeadLetter, shown: int) -> dict[str, object]:
    return {
        "id": letter.id[:shown],
        "at": letter.at.isoformat(timespec="seconds"),
        "from": letter.destination or f"{letter.topic}/{letter.partition}/{letter.offset}",
        "reason": letter.reason[:200],
        "value": letter.value[:60],
    }


def _chosen(letters: Sequence[DeadLetter], ids: tuple[str, ...], *, every: bool) -> list[DeadLetter]:
    if every == bool(ids):
        raise click.UsageError("name dead letters by id, or say --all")
    for id in ids:
        count = sum(letter.id.startswith(id) for letter in letters)
        if count != 1:
            found = f"{count} dead letters begin" if count else "no dead letter begins"
            raise AlertsError(f'{found} with "{id}"; see `alerts dead-letters list`')
    return [letter for letter in letters if every or letter.id.startswith(ids)]
