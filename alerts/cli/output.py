"""What commands print: results as lines or JSON on standard output, talk on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence

import click

__all__ = ["as_json", "json_option", "result", "say", "table"]

json_option = click.option("--json", "as_json_lines", is_flag=True, help="One JSON object a line.")


def say(line: str) -> None:
    """A line for the person at the terminal."""
    click.echo(_printable(line), err=True)


def result(line: str) -> None:
    """A line of the result."""
    click.echo(_printable(line))


def as_json(row: Mapping[str, object]) -> None:
    """An object of the result, as one line of JSON."""
    sys.stdout.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")


def table(rows: Sequence[Mapping[str, object]], *, as_json_lines: bool) -> None:
    """Rows of the same keys, as aligned columns or as JSON Lines."""
    if as_json_lines:
        for row in rows:
            as_json(row)
        return
    if not rows:
        return
    texts = [{key: _cell(value) for key, value in row.items()} for row in rows]
    widths = {key: max(len(key), *(len(text[key]) for text in texts)) for key in texts[0]}
    result("  ".join(key.upper().ljust(width) for key, width in widths.items()).rstrip())
    for text in texts:
        result("  ".join(text[key].ljust(width) for key, width in widths.items()).rstrip())


def _cell(value: object) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one) for one in value) or "-"
    return str(value).replace("\n", " ")


def _printable(line: str) -> str:
    """The line without what a terminal cannot show or would obey."""
    return "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in line)
