"""Topics on Kafka are made when missing, as configured, and brought in line when they differ."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from alerts.errors import LogError
from alerts.log import Topic, partition_of
from tests.kafka.helpers import all_keys, fresh_url, numbered, opened

pytestmark = pytest.mark.kafka
WEEK = Topic("week", partitions=3, keep=timedelta(days=7))
STATE = Topic("state", compact=True)
BOTH = Topic("both", compact=True, keep=timedelta(hours=1))


@pytest.fixture
def admin(kafka_servers: str) -> Iterator[Any]:
    from kafka import KafkaAdminClient

    client = KafkaAdminClient(bootstrap_servers=kafka_servers)
    yield client
    client.close()


def configured(admin: Any, topic: str) -> dict[str, str]:
    from kafka.admin import ConfigResource, ConfigResourceType

    found = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)], config_filter="all")["topic"][topic]
    return {name: entry["value"] for name, entry in found.items()}


def prefix_of(url: str) -> str:
    return url.partition("prefix=")[2].partition("&")[0]


def test_missing_topics_are_made_with_their_cleanup_and_retention(kafka_servers: str, admin: Any) -> None:
    url = fresh_url(kafka_servers)
    with opened(url, topics=(WEEK, STATE, BOTH)) as log:
        assert [log.partitions(topic) for topic in ("week", "state", "both")] == [3, 1, 1]
    week, state, both = (configured(admin, prefix_of(url) + topic) for topic in ("week", "state", "both"))
    assert (week["cleanup.policy"], week["retention.ms"]) == ("delete", str(7 * 24 * 3600 * 1000))
    assert (state["cleanup.policy"], state["retention.ms"]) == ("compact", "-1")
    assert (both["cleanup.policy"], both["retention.ms"]) == ("compact,delete", "3600000")
    assert {topic["message.timestamp.type"] for topic in (week, state, both)} == {"LogAppendTime"}


def test_a_changed_retention_reaches_an_existing_topic_whose_partitions_stand(kafka_servers: str, admin: Any) -> None:
    url = fresh_url(kafka_servers)
    opened(url, topics=(WEEK,)).close()
    with opened(url, topics=(Topic("week", partitions=9, keep=timedelta(days=30)),)) as log:
        assert log.partitions("week") == 3
    assert configured(admin, prefix_of(url) + "week")["retention.ms"] == str(30 * 24 * 3600 * 1000)


def test_the_option_partitions_applies_to_topics_whose_work_is_shared(kafka_servers: str) -> None:
    with opened(fresh_url(kafka_servers, options="&partitions=6"), topics=(WEEK, STATE)) as log:
        assert (log.partitions("week"), log.partitions("state")) == (6, 1)
        log.append(numbered(12, topic="week"))
        assert all(record.partition == partition_of(record.key, 6) for number in range(6) for record in log.read("week", number))


def test_more_copies_than_brokers_is_one_clear_line(kafka_servers: str) -> None:
    with pytest.raises(LogError, match="fewer than 99 brokers; lower the option replication"):
        opened(fresh_url(kafka_servers, options="&replication=99"))


def test_two_processes_may_make_the_topics_at_once(kafka_servers: str) -> None:
    url = fresh_url(kafka_servers)
    with opened(url, "one") as first, opened(url, "two") as second:
        first.append(numbered(2))
        second.append(numbered(2, start=2))
        assert all_keys(first, "in") == ["k0", "k1", "k2", "k3"]
