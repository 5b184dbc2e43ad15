"""`alerts status` on Kafka, where the marks of transactions take offsets, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.log import Output, topics
from alerts.stages.health import health_of
from alerts.stages.service import utc_now
from alerts.stages.setup import set_up
from tests.e2e.places import furnish
from tests.kafka.helpers import fresh_url, next_batch, opened

pytestmark = pytest.mark.kafka


def test_what_waits_behind_the_mark_of_a_transaction_is_seen_with_its_time(kafka_servers: str, tmp_path: Path) -> None:
    furnish(tmp_path, feeds=["file:feed.xml"], channels={"console": "console:"})
    config = set_up(tmp_path / "alerts.yaml", environ={}, rules=False).config
    with opened(fresh_url(kafka_servers), topics=topics()) as log:
        with log.reader("matches", group="stories") as reader:
            log.append([Output("matches", "a", b"{}")])
            reader.commit(after=next_batch(reader))
        assert health_of(log, config, now=utc_now()).stages[1].oldest is None
        log.append([Output("matches", "b", b"{}")])
        stage = health_of(log, config, now=utc_now()).stages[1]
        assert stage.lag == 1
        assert stage.oldest is not None
