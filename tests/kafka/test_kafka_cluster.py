"""Three brokers: topics are copied, and the death of any one of them loses and repeats nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from alerts.log import Output
from tests.kafka.broker import Broker, Cluster
from tests.kafka.helpers import all_keys, fresh_url, numbered, opened, own_everything

pytestmark = pytest.mark.kafka


@pytest.fixture
def cluster(broker_of_its_own: type[Broker]) -> Iterator[Cluster]:
    with Cluster(3) as cluster:
        yield cluster


def test_the_death_of_a_broker_loses_nothing_and_repeats_nothing(cluster: Cluster) -> None:
    with opened(fresh_url(cluster.servers)) as log, log.reader("in", group="g") as reader:
        described = log._admin.describe_topics([log._prefix + "in"])[0]
        assert {len(partition["replica_nodes"]) for partition in described["partitions"]} == {3}
        own_everything(reader)
        done = 0
        for number in range(40):
            if number == 10:
                # The one that leads our group's transactions is as good as any; the first is also in the address that we asked.
                cluster.brokers[0].kill()
            log.append(numbered(1, start=number))
            batch = reader.poll(0.1)
            reader.commit([Output("out", record.key, record.value) for record in batch.records], after=batch)
            done += len(batch.records)
        while done < 40:
            batch = reader.poll(1.0)
            reader.commit([Output("out", record.key, record.value) for record in batch.records], after=batch)
            done += len(batch.records)
        assert all_keys(log, "out") == [f"k{number}" for number in range(40)]
