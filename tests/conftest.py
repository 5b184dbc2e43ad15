"""Fixtures that every folder of tests may use."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

from tests.kafka.broker import Broker, BrokerMissing, bootstrap_servers, jars


def pytest_configure(config: pytest.Config) -> None:
    # kafka-python 3.0.12 reads its schemas in a way that Python 3.11 and 3.12 deprecate, and 3.13 does not.
    config.addinivalue_line("filterwarnings", "ignore:(read|open)_text is deprecated:DeprecationWarning")


@pytest.fixture(scope="session")
def kafka_servers() -> str:
    """`host:port` of a real Kafka broker; skips where there is none, fails when `CI=true`."""
    try:
        return bootstrap_servers()
    except BrokerMissing as missing:
        _without(missing)


@pytest.fixture(scope="session")
def broker_of_its_own() -> type[Broker]:
    """For tests that kill and restart a broker; skips where none can be started, fails when `CI=true`."""
    try:
        jars()
    except BrokerMissing as missing:
        _without(missing)
    return Broker


def _without(missing: BrokerMissing) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(str(missing))
    pytest.skip(str(missing))
