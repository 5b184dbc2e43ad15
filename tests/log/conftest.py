"""The backends as fixtures: a test that asks for `backend` runs on both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.log.backends import Backend, Kafka, Sqlite, Worker


@pytest.fixture(params=["sqlite", pytest.param("kafka", marks=pytest.mark.kafka)])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    """An empty log of each kind."""
    chosen: Backend = Sqlite(tmp_path) if request.param == "sqlite" else Kafka(request.getfixturevalue("kafka_servers"))
    yield chosen
    chosen.close()


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Sqlite]:
    """An empty embedded log, for what only this one promises."""
    chosen = Sqlite(tmp_path)
    yield chosen
    chosen.close()


@pytest.fixture
def start() -> Iterator[Callable[..., Worker]]:
    """Starts workers, and ends them with the test."""
    workers: list[Worker] = []

    def one(backend: Backend, *, instance: str = "worker") -> Worker:
        workers.append(Worker(backend, instance=instance))
        return workers[-1]

    yield one
    for worker in workers:
        worker.end()
