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
    assert {key: again[key] for key in golden["value"]} == golden["value"]


@pytest.mark.parametrize("golden", GOLDEN, ids=[golden["kind"] for golden in GOLDEN])
def test_what_a_later_version_adds_is_ignored(golden):
    kind = getattr(records, golden["kind"])
    assert decode(json.dumps(golden["value"] | {"from_the_future": [1, {}]}), kind) == decode(json.dumps(golden["value"]), kind)
