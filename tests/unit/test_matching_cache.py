"""The compiled form of a large list, kept on disk."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import islice, product
from pathlib import Path

import numpy as np
import pytest

from alerts.matching import Rules, is_large
from alerts.matching.cache import KEPT_MAX, LARGE
from alerts.matching.compiled import LARGE_BYTES
from alerts.matching.index import open_arrays, save
from alerts.records import Article

TEXT = "From Rakka to Dayr az-Zawr, by Badik Gokiran and الرقة"


def names(count: int) -> list[str]:
    """Names that stand in no text."""
    found = product("bdgklmpr", repeat=5)
    return [f"{a}a{b}i{c} {d}o{e}iran".title() for a, b, c, d, e in islice(found, count)]


def folder(path: Path, *, count: int = LARGE) -> Path:
    path.mkdir()
    (path / "towns.txt").write_text("\n".join(["Raqqa", "Deir ez-Zor\tDayr az-Zawr", *names(count)]))
    (path / "rules.yaml").write_text("watchlist: towns\nkind: place\nterms_from: towns.txt\n---\nrule: r\nwhen: {all: [towns]}\n")
    return path


def found(rules: Rules) -> list[tuple[str, str, float]]:
    return [(item.term, item.matched, item.score) for item in rules.evidence(Article(title=TEXT))]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder(tmp_path_factory.mktemp("large") / "rules")


@pytest.fixture
def cache(large: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the compiled form; compiled once for all tests, copied for each."""
    kept = large.parent / "kept"
    if not kept.exists():
        Rules.load(large, cache=kept)
    copy = tmp_path_factory.mktemp("cache")
    for file in kept.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    return copy


def only_file(cache: Path) -> Path:
    (file,) = cache.iterdir()
    return file


def test_a_large_list_is_compiled_once_and_opened_the_next_time(large: Path, cache: Path) -> None:
    before = only_file(cache).stat().st_ino
    assert found(Rules.load(large, cache=cache)) == [
        ("Raqqa", "Rakka", 96.0),
        ("Deir ez-Zor", "Dayr az-Zawr", 100.0),
        ("Badik Gokiran", "Badik Gokiran", 100.0),
        ("Raqqa", "الرقة", 93.0),
    ]
    assert only_file(cache).stat().st_ino == before


def test_opened_or_compiled_it_finds_the_same(large: Path, cache: Path) -> None:
    assert found(Rules.load(large, cache=cache)) == found(Rules.load(large))


@pytest.mark.parametrize("fault", ["cut", "damaged", "foreign", "empty", "another layout", "missing"])
def test_a_file_that_is_not_what_was_written_is_not_opened(tmp_path: Path, fault: str) -> None:
    file = tmp_path / "arrays"
    save(file, {"a": np.arange(1000, dtype=np.uint64), "none": np.empty(0, np.uint8), "b": np.arange(7, dtype=np.uint32)})
    arrays = open_arrays(file)
    assert arrays is not None
    assert {name: len(array) for name, array in arrays.items()} == {"a": 1000, "none": 0, "b": 7}
    assert arrays["b"].tolist() == list(range(7))
    data = file.read_bytes()
    last = data.rindex(b"\x06")
    damaged = data[:last] + b"\x07" + data[last + 1 :]
    layout = data.replace(b'"<u8"', b'"<i8"', 1)
    foreign = b"PK\3\4" * 9999
    file.unlink()
    if fault != "missing":
        file.write_bytes({"cut": data[:-64], "damaged": damaged, "foreign": foreign, "empty": b"", "another layout": layout}[fault])
    assert open_arrays(file) is None


def test_a_damaged_file_is_written_anew(large: Path, cache: Path) -> None:
    file = only_file(cache)
    data = file.read_bytes()
    file.write_bytes(data[:-1000])
    assert len(found(Rules.load(large, cache=cache))) == 4
    assert file.read_bytes() == data


def test_a_small_list_leaves_nothing(tmp_path: Path) -> None:
    Rules.load(folder(tmp_path / "rules", count=100), cache=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_only_the_files_used_last_are_kept(large: Path, cache: Path) -> None:
    used = only_file(cache)
    for number in range(KEPT_MAX + 2):
        (cache / f"{number}.index").write_bytes(b"old")
        os.utime(cache / f"{number}.index", (number, number))
    Rules.load(large, cache=cache)
    assert sorted(cache.iterdir()) == sorted([used, *(cache / f"{number}.index" for number in range(3, KEPT_MAX + 2))])


def test_a_folder_that_cannot_be_written_is_done_without(large: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert len(found(Rules.load(large, cache=tmp_path / "file" / "cache"))) == 4


def test_a_process_of_its_own_compiles_and_says_what_is_wrong(large: Path, tmp_path: Path) -> None:
    def run(*arguments: Path) -> tuple[int, str]:
        done = subprocess.run([sys.executable, "-m", "alerts.matching", *map(str, arguments)], capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    assert run(large, tmp_path / "cache") == (0, "")
    assert only_file(tmp_path / "cache").stat().st_size > 1_000_000
    (tmp_path / "bad.yaml").write_text("rule: r\nwhen: {all: [nothing]}\nseverity: hihg")
    code, said = run(tmp_path / "bad.yaml", tmp_path / "cache")
    assert (code, said.count("bad.yaml:")) == (1, 2)
    assert run(large) == (2, "usage: python -m alerts.matching RULES CACHE\n")


def test_rules_with_a_long_list_are_large(tmp_path: Path) -> None:
    rules = folder(tmp_path / "rules", count=100)
    assert (is_large(rules), is_large(rules / "rules.yaml")) == (False, False)
    with (rules / "towns.txt").open("ab") as stream:
        stream.truncate(LARGE_BYTES)
    assert (is_large(rules), is_large(rules / "rules.yaml")) == (True, False)
