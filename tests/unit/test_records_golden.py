"""What an earlier version wrote stays readable, and says the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from alerts import records
from alerts.records import decode, encode

FOLDER = Path(__file__).parents[1] / "golden"
GOLDEN = [json.loads(line) for file in sorted(FOLDER.glob("records-*.jsonl")) for line in file.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("golden", GOLDEN, ids=[golden["kind"] for golden in GOLDEN])
def test_a_record_of_an_earlier_version_reads_and_writes_the_same(golden):
    kind = getattr(records, golden["kind"])
    again = json.loads(encode(decode(json.dumps(golden["value"]), kind)))
    assert _holds(again, golden["value"])


@pytest.mark.parametrize("golden", GOLDEN, ids=[golden["kind"] for golden in GOLDEN])
def test_what_a_later_version_adds_is_ignored(golden):
    kind = getattr(records, golden["kind"])
    assert decode(json.dumps(golden["value"] | {"from_the_future": [1, {}]}), kind) == decode(json.dumps(golden["value"]), kind)


def _holds(new: object, old: object) -> bool:
    """Whether everything that was written is written again, in records within records too; what was added since is no matter."""
    if isinstance(old, dict):
        return isinstance(new, dict) and all(key in new and _holds(new[key], value) for key, value in old.items())
    if isinstance(old, list):
        return isinstance(new, list) and len(new) == len(old) and all(map(_holds, new, old))
    return new == old
