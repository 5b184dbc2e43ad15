"""Additions to a configuration that people wrote: their comments, order and spacing stay to the byte.

    text = with_feeds(file.read_bytes(), [NewFeed(url="https://example.org/feed", name="Example")], name=str(file))
    replace_file(file, text, before=...)

Items are put into the text behind the last one of the list, in the list's own style; nothing is parsed and written anew.

What it deliberately does not do: it removes and changes nothing, and it writes no file that it could not read back.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from ..documents import read_text
from ..errors import AlertsError

__all__ = ["NewFeed", "replace_file", "with_feeds"]


class NewFeed(NamedTuple):
    """A feed to be written down."""

    url: str
    name: str = ""


def with_feeds(data: bytes, feeds: Sequence[NewFeed], *, name: str) -> bytes:
    """The configuration with these feeds behind those that it has. Raises `AlertsError` where it has no place for them."""
    read_text(data, name=name)  # says what is wrong with it, and where
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    text = data.decode("utf-8-sig")
    return mark + _inserted(text, feeds, name=name).encode()


def _written(feed: NewFeed, *, as_json: bool = False) -> str:
    """A feed in YAML's flow style, which may stand anywhere; a file that is JSON stays JSON."""
    if not feed.name:
        return _quoted(feed.url)
    url, name = ('"url"', '"name"') if as_json else ("url", "name")
    return f"{{{url}: {_quoted(feed.url)}, {name}: {_quoted(feed.name)}}}"


def _quoted(text: str) -> str:
    """In double quotes, dollar signs as dollar signs: an address from outside must not ask for our variables."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    return json.dumps(printable.replace("$", "$$") if "${" in text or "$$" in text else printable, ensure_ascii=False)


def _inserted(text: str, feeds: Sequence[NewFeed], *, name: str) -> str:
    root = yaml.compose(text, Loader=yaml.BaseLoader)
    if not isinstance(root, yaml.MappingNode):
        raise AlertsError(f"{name}: not a configuration: no mapping (key: value)")
    items = [_written(feed, as_json=bool(root.flow_style)) for feed in feeds]
    end_of_line = "\r\n" if "\r\n" in text else "\n"
    for key, value in root.value:
        if key.value == "feeds":
            return _into(text, key, value, items, end_of_line=end_of_line, name=name)
    if root.flow_style:
        raise AlertsError(f'{name}: no "feeds" in it; write "feeds": [] first')
    return _closed(text, end_of_line) + end_of_line.join(["feeds:", *(f"  - {item}" for item in items), ""])


def _into(text: str, key: yaml.Node, value: yaml.Node, items: list[str], *, end_of_line: str, name: str) -> str:
    """The text with the items at the end of the list that is the key's value."""
    if isinstance(value, yaml.ScalarNode) and value.value == "":
        indent = " " * (key.start_mark.column + 2)
        return _after_line(text, key.end_mark.index, [f"{indent}- {item}" for item in items], end_of_line)
    if not isinstance(value, yaml.SequenceNode):
        raise AlertsError(f"{name}:{value.start_mark.line + 1}:{value.start_mark.column + 1}: feeds is a list (- item)")
    if not value.flow_style:
        indent = " " * value.start_mark.column
        return _after_line(text, _end(value), [f"{indent}- {item}" for item in items], end_of_line)
    if not value.value:
        at = value.end_mark.index - 1
        return text[:at] + ", ".join(items) + text[at:]
    last = value.value[-1]
    on_lines = last.start_mark.line != value.start_mark.line
    between = "," + (end_of_line + " " * last.start_mark.column if on_lines else " ")
    at = _end(last)
    return text[:at] + between + between.join(items) + text[at:]


def _end(node: yaml.Node) -> int:
    """Where the last character of a node stands; PyYAML's own end of a block is the beginning of what comes next."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _after_line(text: str, position: int, lines: list[str], end_of_line: str) -> str:
    """The text with these lines behind the line of a position."""
    at = text.find("\n", position)
    if at < 0:
        text = _closed(text, end_of_line)
        at = len(text) - 1
    return text[: at + 1] + end_of_line.join([*lines, ""]) + text[at + 1 :]


def _closed(text: str, end_of_line: str) -> str:
    return text if text.endswith("\n") else text + end_of_line


def replace_file(file: Path, data: bytes, *, before: bytes) -> None:
    """Write `data` in place of `before`, whole or not at all: beside it, to the disk, then renamed over it.

    Mode and owner stay; a link stays one, and what it leads to is replaced. Raises `AlertsError` where somebody else has written to it.
    """
    target = Path(os.path.realpath(file))
    try:
        _replace(target, data, before=before)
    except OSError as error:
        raise AlertsError(f"{file}: cannot be written: {error.strerror or error}; nothing was changed") from error


def _replace(target: Path, data: bytes, *, before: bytes) -> None:
    there = target.stat()
    descriptor, beside = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fchmod(descriptor, stat.S_IMODE(there.st_mode))
            if (there.st_uid, there.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(descriptor, there.st_uid, there.st_gid)
            os.fsync(descriptor)
        _expect(target, before)
        os.replace(beside, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside)
        raise
    _sync(target.parent)


def _expect(target: Path, before: bytes) -> None:
    if target.read_bytes() != before:
        raise AlertsError(f"{target}: somebody else has just written to it; nothing was changed, try again")


def _sync(folder: Path) -> None:
    """Make a rename in this folder last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
