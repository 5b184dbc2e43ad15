"""YAML documents as nodes that know their file, line and column.

Every scalar is text (`NO`, `off` and `1:30` mean themselves). Bounds are checked on the stream of events, before a tree is built, so a
bomb costs no more than its own length. Anchors and aliases are refused.

What it deliberately does not do: it gives no meaning to a key; `rules.read` and `config.load` do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import yaml

from .errors import Fault, Place, PlacedError

__all__ = ["BYTES_MAX", "DEPTH_MAX", "Node", "read_document", "read_text"]

BYTES_MAX = 50_000_000
DEPTH_MAX = 50
_TOO_DEEP = f"nested deeper than {DEPTH_MAX} levels"


class _Mark(Protocol):
    """What PyYAML's two kinds of marks have in common; both count from 0."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Node:
    """A scalar (`str`), a sequence (`list`) or a mapping (`dict`) with its place; `keys` are the places of a mapping's keys."""

    value: str | list[Node] | dict[str, Node]
    place: Place
    keys: dict[str, Place]

    def plain(self) -> object:
        """The same without places: text, lists and dicts."""
        if isinstance(self.value, str):
            return self.value
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return {key: node.plain() for key, node in self.value.items()}

    def at(self, path: tuple[int | str, ...]) -> Place:
        """The place that a path of keys and indexes leads to, or of the last part of it that exists.

        A path that ends in a key leads to the value of that key.
        """
        node: Node | None = self
        place = self.place
        for step in path:
            node = node._child(step) if node else None
            if node is None:
                break
            place = node.place
        return place

    def key_at(self, path: tuple[int | str, ...]) -> Place:
        """The place of the last key of a path; of the value where it ends in an index."""
        node: Node | None = self
        for step in path[:-1]:
            node = node._child(step) if node else None
        last = path[-1] if path else ""
        if node and isinstance(last, str) and last in node.keys:
            return node.keys[last]
        return self.at(path)

    def _child(self, step: int | str) -> Node | None:
        if isinstance(self.value, list) and isinstance(step, int):
            return self.value[step] if 0 <= step < len(self.value) else None
        if isinstance(self.value, dict) and isinstance(step, str):
            return self.value.get(step)
        return None


def read_document(file: Path, *, name: str | None = None) -> list[Node]:
    """The YAML documents of a file, empty ones left out; `name` is what faults call it. Raises `PlacedError`."""
    name = name or str(file)
    try:
        with file.open("rb") as stream:
            data = stream.read(BYTES_MAX + 1)
    except OSError as error:
        raise PlacedError([Fault(Place(name), f"cannot be read: {error.strerror or error}")]) from error
    if len(data) > BYTES_MAX:
        raise PlacedError(
            [
                Fault(
                    Place(name),
                    f"larger than {BYTES_MAX // 1_000_000} MB; split it, or move its terms to a terms_from file",
                )
            ]
        )
    return read_text(data, name=name)


def read_text(data: bytes, *, name: str) -> list[Node]:
    """The YAML documents in `data` (UTF-8, a byte order mark is skipped). Raises `PlacedError`."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8-sig", "replace")
        raise PlacedError([Fault(_place_behind(good, name), "not UTF-8; save the file as UTF-8")]) from error
    try:
        _check_events(text, name)
        nodes = [_node(node, name) for node in yaml.compose_all(text, Loader=yaml.CBaseLoader)]
    except yaml.MarkedYAMLError as error:
        place = _place(error.problem_mark or error.context_mark, name)
        said = error.problem or error.context or ""
        # libyaml of PyYAML 6.0.4 counts levels itself, up to 1,000, and it reads ahead: then no event has come this far.
        raise PlacedError([Fault(place, _TOO_DEEP if "nesting depth" in said else f"not YAML: {said}")]) from error
    except yaml.reader.ReaderError as error:
        good = text.encode()[: error.position].decode(errors="ignore")  # libyaml counts bytes
        raise PlacedError([Fault(_place_behind(good, name), f"a character that YAML does not allow: {error.reason}")]) from error
    return [node for node in nodes if node.value != ""]


def _check_events(text: str, name: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CBaseLoader):
        place = _place(event.start_mark, name)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise PlacedError(
                [
                    Fault(
                        place,
                        "YAML anchors and aliases (& and *) are not supported; quote a text that starts so, or write it out",
                    )
                ]
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH_MAX:
                raise PlacedError([Fault(place, _TOO_DEEP)])
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _node(node: yaml.Node, name: str) -> Node:
    place = _place(node.start_mark, name)
    if isinstance(node, yaml.ScalarNode):
        return Node(str(node.value), place, {})
    if isinstance(node, yaml.SequenceNode):
        return Node([_node(item, name) for item in node.value], place, {})
    mapping: dict[str, Node] = {}
    keys: dict[str, Place] = {}
    faults = []
    for key, value in node.value:
        where = _place(key.start_mark, name)
        if not isinstance(key, yaml.ScalarNode):
            faults.append(Fault(where, "a key must be text"))
        elif key.value in mapping:
            faults.append(Fault(where, f'"{key.value}" stands here twice; first in line {keys[key.value].line}'))
        else:
            mapping[str(key.value)] = _node(value, name)
            keys[str(key.value)] = where
    if faults:
        raise PlacedError(faults)
    return Node(mapping, place, keys)


def _place(mark: _Mark | None, name: str) -> Place:
    return Place(name, mark.line + 1, mark.column + 1) if mark else Place(name)


def _place_behind(text: str, name: str) -> Place:
    return Place(name, text.count("\n") + 1, len(text.rpartition("\n")[2]) + 1)
