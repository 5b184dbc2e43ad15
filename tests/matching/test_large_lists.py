"""Lists of names of many megabytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts import Article, RuleError, Rules

RULES = "watchlist: towns\nkind: place\nterms_from: towns.txt\n---\nrule: towns\nwhen: {any: [towns]}\n"


def folder(at: Path, *lines: str, ends: str = "\n") -> Path:
    (at / "towns.yaml").write_text(RULES, encoding="utf-8")
    (at / "towns.txt").write_bytes("".join(line + ends for line in lines).encode())
    return at


REMARK = "# " + "a remark of a careful editor " * 30


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_a_fault_far_down_a_long_list_is_named_by_its_line(tmp_path: Path, ends: str) -> None:
    with pytest.raises(RuleError) as raised:
        Rules.load(folder(tmp_path, *[REMARK] * 3_000, "Raqqa", "\tan alias alone", *[REMARK] * 3_000, "\tanother", ends=ends))
    assert [fault.place.line for fault in raised.value.faults] == [3_002, 6_003]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_the_names_between_many_remarks_are_all_found(tmp_path: Path, ends: str) -> None:
    names = ["Raqqa", "Mosul", "Aleppo", "Sirte"]
    rules = Rules.load(folder(tmp_path, *(line for name in names for line in [*[REMARK] * 1_500, name]), ends=ends))
    assert [one.term for one in rules.evidence(Article(title=", ".join(names)))] == names
