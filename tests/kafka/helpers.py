"""What the tests of the Kafka log share."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

from alerts.log import Batch, Output, Reader, Record, Topic
from alerts.log.kafka import KafkaLog

TOPICS = (Topic("in", partitions=4), Topic("out", partitions=2), Topic("state", compact=True))
DEADLINE_S = 30.0


def fresh_url(servers: str, *, options: str = "") -> str:
    """An address under which nobody has written yet."""
    return f"kafka://{servers}?prefix=t{uuid.uuid4().hex[:10]}-{options}"


def opened(url: str, instance: str = "one", *, topics: tuple[Topic, ...] = TOPICS) -> KafkaLog:
    """The log at `url`."""
    return KafkaLog.open(url, topics=topics, instance=instance, patience_s=DEADLINE_S)


def eventually(check: Callable[[], object], *, within_s: float = DEADLINE_S) -> None:
    """Return as soon as `check` holds; fail when it has not in time."""
    deadline = time.monotonic() + within_s
    while not check():
        assert time.monotonic() < deadline, "this did not come true in time"
        time.sleep(0.01)


def numbered(count: int, *, topic: str = "in", start: int = 0, partition: int | None = None) -> list[Output]:
    """Records that tell by key and value which they are."""
    return [Output(topic, f"k{number}", f"v{number}".encode(), partition) for number in range(start, start + count)]


def next_batch(reader: Reader) -> Batch:
    """The next poll that brings records."""
    deadline = time.monotonic() + DEADLINE_S
    while not (batch := reader.poll(0.5)).records:
        assert time.monotonic() < deadline, "no record came in time"
    return batch


def take(reader: Reader, count: int) -> list[Record]:
    """The next `count` records."""
    found: list[Record] = []
    while len(found) < count:
        found += next_batch(reader).records
    return found


def own_everything(reader: Reader, *, partitions: int = 4) -> None:
    """Poll until the reader owns all partitions."""

    def all_mine() -> bool:
        reader.poll(0.1)
        return len(reader.assigned) == partitions

    eventually(all_mine)


def all_keys(log: KafkaLog, topic: str) -> list[str]:
    """The keys of every committed record of a topic, in order of their numbers."""
    keys = [record.key for partition in range(log.partitions(topic)) for record in log.read(topic, partition)]
    return sorted(keys, key=lambda key: int(key[1:]))
