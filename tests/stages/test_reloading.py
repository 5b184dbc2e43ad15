"""An edit of a large list while the service runs: compiled beside it, taken when it is done, and never in parts."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from alerts.matching import is_large
from alerts.records import Article, Notice
from alerts.stages import Live, Setup, set_up
from tests.e2e.places import furnish
from tests.fakes import until

RULES = """\
watchlist: towns
kind: place
terms_from: towns.txt
---
rule: towns
when: {any: [towns]}
"""
SYLLABLES = ("bar", "dol", "fen", "gim", "hux", "jor", "kel", "lun", "mav", "nop", "pir", "qas", "rog", "sut", "tev", "vux", "wim", "zeb")
NAMES = ["".join(parts).capitalize() + "opolis" for parts in product(SYLLABLES, repeat=4)][:32_000]


class Service:
    """What a service has of its setup: the one in force, and what ops were told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[Notice] = []
        self.file = furnish(folder, feeds=["file:none.xml"], channels={"console": "console:"}, rules=RULES)
        self.list(*NAMES)
        self.live = Live(self._read(), self._read, cache=folder / "cache")
        self.live.tell = self.told.append

    def list(self, *names: str) -> None:
        (self.folder / "rules" / "towns.txt").write_text("\n".join(names), encoding="utf-8")

    def finds(self, name: str) -> bool:
        rules = self.live().rules
        assert rules
        return bool(rules.match(Article(title=f"Shells fell on {name} at noon")))

    def _read(self) -> Setup:
        return set_up(self.file, environ={"ALERTS_CACHE": str(self.folder / "cache")})


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path)
    yield service
    service.live.close()


def compiler() -> int:
    """The process that compiles for us, 0 for none."""
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return next((int(pid) for pid in children if "alerts.matching" in Path(f"/proc/{pid}/cmdline").read_text()), 0)


def test_a_large_list_is_compiled_beside_the_service_and_then_in_force(service: Service) -> None:
    assert is_large(service.folder / "rules")
    service.list(*NAMES, "Raqqa")
    until(lambda: service.live.refresh() or compiler())
    assert service.finds(NAMES[7])
    assert not service.finds("Raqqa")
    until(service.live.refresh, within_s=60)
    assert service.finds("Rakka")
    assert service.finds(NAMES[7])
    assert service.live.reloads == 1
    assert not service.told


def test_a_large_list_with_a_fault_keeps_the_last_good_one_and_tells_ops_the_line(service: Service) -> None:
    service.list(*NAMES, "Raqqa", "\tno name")
    until(lambda: service.live.refresh() or service.told, within_s=60)
    (notice,) = service.told
    assert "towns.txt:32002" in notice.lines[0]
    assert service.finds(NAMES[7])
    assert not service.finds("Raqqa")
    service.list(*NAMES, "Mosul")
    until(service.live.refresh, within_s=60)
    assert service.finds("Mosul")


def test_a_compiling_process_that_is_killed_is_one_line_and_the_next_change_is_taken(service: Service) -> None:
    service.list(*NAMES, "Raqqa")
    until(lambda: service.live.refresh() or compiler())
    os.kill(compiler(), signal.SIGKILL)
    until(lambda: service.live.refresh() or service.told)
    (notice,) = service.told
    (line,) = notice.lines
    assert "was ended by SIGKILL; it is tried again with the next change" in line
    assert service.finds(NAMES[7])
    service.list(*NAMES, "Mosul")
    until(service.live.refresh, within_s=60)
    assert service.finds("Mosul")


def test_what_was_edited_again_while_it_was_compiled_is_never_in_force(service: Service) -> None:
    service.list(*NAMES, "Raqqa")
    until(lambda: service.live.refresh() or compiler())
    service.list(*NAMES, "Mosul")
    until(service.live.refresh, within_s=60)
    assert service.finds("Mosul")
    assert not service.finds("Raqqa")
    assert service.live.reloads == 1


def test_a_service_that_ends_ends_the_compiling(service: Service) -> None:
    service.list(*NAMES, "Raqqa")
    until(lambda: service.live.refresh() or compiler())
    service.live.close()
    assert not compiler()


def test_a_small_list_is_read_at_once(service: Service) -> None:
    service.list("Raqqa")
    until(lambda: service.live.refresh() or compiler())
    assert service.finds("Rakka")
