"""YAML as nodes that know their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts import documents
from alerts.documents import Node, read_document, read_text
from alerts.errors import PlacedError


def faults(data: bytes) -> list[str]:
    with pytest.raises(PlacedError) as caught:
        read_text(data, name="f.yaml")
    return [str(fault) for fault in caught.value.faults]


def only(data: bytes) -> Node:
    (node,) = read_text(data, name="f.yaml")
    return node


def test_every_scalar_is_text() -> None:
    assert only(b"{a: NO, b: off, c: 1:30, d: 007, e: ~, f: '', g: 1e3}").plain() == {
        "a": "NO", "b": "off", "c": "1:30", "d": "007", "e": "~", "f": "", "g": "1e3",
    }  # fmt: skip


def test_nodes_know_line_and_column() -> None:
    node = only(b"rule: x\nwhen:\n  all: [a, bb]\n")
    assert str(node.at(("when", "all", 1))) == "f.yaml:3:12"
    assert str(node.key_at(("when", "all"))) == "f.yaml:3:3"
    assert str(node.at(("when", "none"))) == "f.yaml:3:3"
    assert str(node.at(("when", "all", 7))) == "f.yaml:3:8"
    assert str(node.key_at(())) == "f.yaml:1:1"
    assert str(node.key_at(("when", "all", 0))) == "f.yaml:3:9"


def test_several_documents_stand_in_one_file_and_empty_ones_are_left_out() -> None:
    assert [node.plain() for node in read_text(b"---\n---\na: 1\n---\n- b\n---\n", name="f")] == [{"a": "1"}, ["b"]]


def test_a_byte_order_mark_is_skipped() -> None:
    assert only(b"\xef\xbb\xbfa: 1").plain() == {"a": "1"}


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"a: &x 1\nb: *x", "f.yaml:1:4: YAML anchors and aliases"),
        (b"a: 1\nb: *x", "f.yaml:2:4: YAML anchors and aliases"),
        (b"a: 1\nb: 2\na: 3", 'f.yaml:3:1: "a" stands here twice; first in line 1'),
        (b"? [a, b]\n: 1", "f.yaml:1:3: a key must be text"),
        (b"a: [1, 2\n", "f.yaml:2:1: not YAML: did not find expected ',' or ']'"),
        (b"a: b: c", "f.yaml:1:5: not YAML: mapping values are not allowed"),
        (b"a: \xff", "f.yaml:1:4: not UTF-8"),
        ("ä: 1\nü: \x01".encode(), "f.yaml:2:4: a character that YAML does not allow"),
        (b"[" * 60 + b"]" * 60, "f.yaml:1:51: nested deeper than 50 levels"),
        (b"a:\n\t- b", "f.yaml:2:1: not YAML: found character that cannot start any token"),
    ],
)
def test_a_fault_names_its_place(data: bytes, fault: str) -> None:
    (found,) = faults(data)
    assert found.startswith(fault)


def test_a_million_levels_are_refused_at_once() -> None:
    (found,) = faults(b"[" * 1_000_000)
    assert found.startswith("f.yaml:1:")
    assert found.endswith(": nested deeper than 50 levels")


def test_fifty_levels_are_deep_enough() -> None:
    assert only(b"[" * 50 + b"]" * 50)


def test_a_file_that_is_not_there_is_one_fault(tmp_path: Path) -> None:
    with pytest.raises(PlacedError, match="cannot be read: No such file") as caught:
        read_document(tmp_path / "none.yaml", name="none.yaml")
    assert caught.value.file == "none.yaml"


def test_a_file_above_the_bound_is_refused_and_one_at_the_bound_is_not(tmp_path: Path) -> None:
    file = tmp_path / "big.yaml"
    with file.open("wb") as stream:
        stream.truncate(documents.BYTES_MAX + 1)
    with pytest.raises(PlacedError, match="larger than 50 MB"):
        read_document(file)
    file.write_bytes(b"a: 1")
    assert [node.plain() for node in read_document(file)] == [{"a": "1"}]
