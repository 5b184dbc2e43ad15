"""The log on Apache Kafka, through kafka-python.

    kafka://HOST:PORT,HOST:PORT?OPTION=VALUE&OPTION=VALUE
    kafka+ssl://USER:PASSWORD@HOST:PORT,...?OPTION=VALUE

| option | meaning | default |
| --- | --- | --- |
| `replication` | how many brokers keep a copy of a record; from 3 on a commit waits for two | 3, or the number of brokers |
| `partitions` | how many partitions the topics get whose work is shared | 8 |
| `prefix` | what the names of topics, groups and transactions begin with | none |
| `sasl` | how USER and PASSWORD log in: SCRAM-SHA-512, SCRAM-SHA-256, PLAIN | SCRAM-SHA-512 |
| `ca` | file of the certificates to trust, relative to the configuration | the system's |
| `cert`, `key` | files of our own certificate and its unencrypted key | none |

A port left out is 9092. `kafka+ssl` is TLS; with `kafka` everything, PLAIN's password too, is readable on the way. Percent-encode what is
special in USER and PASSWORD. Topics that are missing are made; of those that exist the partitions and copies stand, cleanup and
retention are brought in line. The brokers should be told `auto.create.topics.enable=false`.

    KafkaLog ── Clients          every client, made safe; errors translated     _kafka_clients (the address: _kafka_address)
        │    ── Transactions     one for `append`                               _kafka_transactions
        └─ KafkaReader           one member of a group, with Transactions       _kafka_reader

What it deliberately does not do: no record is ever written outside a transaction (kafka-python's plain idempotent producer is dead after
an outage of two minutes), `claim` refuses nobody, and `maintain` does nothing: the cluster maintains itself.
"""

from __future__ import annotations

import re
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import kafka.errors
from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec

from ..errors import Fenced, LogError, LogUnavailable, RecordTooLarge
from ._kafka_address import Address, address_of
from ._kafka_clients import CONNECT_S, RETRY_S, TRANSACTION_S, Clients, log
from ._kafka_reader import KafkaReader, Share, record_of, skipped
from ._kafka_transactions import Transactions, Written
from .protocol import KEY_BYTES_MAX, RECORD_BYTES_MAX, Output, Record, partition_of
from .topics import Topic

__all__ = ["KafkaLog", "KafkaReader"]

REPLICATION = 3
SEGMENT_BYTES = 16 * 1024 * 1024
"""Kafka compacts only closed segments; with its own 1 GiB a fold would read everything that a week brought."""
READ_S = 30.0
"""How long a read may make no progress."""
COUNT_MAX = 1000
"""Up to this distance the lag is counted record by record: offsets are also spent on the marks of transactions."""
IDLE_CONSUMERS_MAX = 4

_names_lock = threading.Lock()
_names: dict[tuple[str, ...], set[int]] = {}
"""Which members of a group this process is, so that two of its readers never take each other's name."""


class KafkaLog:
    """`alerts.log.Log` on an Apache Kafka cluster."""

    def __init__(self, clients: Clients, admin: Any, partitions: dict[str, int], *, instance: str) -> None:
        self._clients = clients
        self._admin = admin
        self._prefix = clients.address.prefix
        self._partitions = partitions
        self._instance = _name(instance)
        # Its name is random: nobody's partitions hang on it, and processes that share an instance's name must not fence each other.
        self._transactions = Transactions(clients, f"{self._prefix}{self._instance}.append.{uuid.uuid4().hex}")
        self._readers: list[KafkaReader] = []
        self._idle: list[Any] = []
        self._lock = threading.Lock()
        self._closed = False

    @classmethod
    def open(cls, url: str, *, topics: Iterable[Topic], instance: str, patience_s: float, base: Path | None = None) -> Self:
        """Open the log at `url`, making the topics that are missing; files that it names are relative to `base`.

        Raises `LogError` for an address that is none, `LogUnavailable` when no broker answers within `patience_s`; infinity waits,
        with a warning a minute.
        """
        address = address_of(url, base=base)
        clients = Clients(address, instance=_name(instance), connect_s=max(0.1, min(CONNECT_S, patience_s)))
        topics = tuple(topics)

        admin, partitions = clients.patiently(lambda: _connected(clients, topics), patience_s=patience_s)
        return cls(clients, admin, partitions, instance=instance)

    def reader(
        self,
        topic: str,
        *,
        group: str,
        fetch: bool = True,
        on_revoke: Callable[[frozenset[int]], None] | None = None,
    ) -> KafkaReader:
        """Join `group` as a member named after this log's instance. With `fetch=False` it gets partitions, no records."""
        self.partitions(topic)
        full = self._group(topic, group)
        name, give_back = _own_name(",".join(self._clients.address.servers), full, self._instance)
        share = Share(topic=self._prefix + topic, plain_topic=topic, group=full, name=name)

        def closed(reader: KafkaReader) -> None:
            self._readers.remove(reader)
            give_back()

        reader = KafkaReader(
            self._clients,
            share,
            admin=self._admin,
            transactions=Transactions(self._clients, f"{full}.{name}"),
            written=self._written,
            closed=closed,
            fetch=fetch,
            on_revoke=on_revoke,
        )
        self._readers.append(reader)
        return reader

    def append(self, outputs: Iterable[Output]) -> None:
        """Append `outputs` in one transaction; durable on return. Raises `RecordTooLarge` or `LogUnavailable`."""
        records = self._written(outputs)
        if not records:
            return
        try:
            self._transactions.run(records)
        except Fenced as error:  # by the cluster, after this process was stopped for too long: nobody else has the name
            raise LogUnavailable(str(error)) from error

    def _written(self, outputs: Iterable[Output]) -> list[Written]:
        return [self._one_written(output) for output in outputs]

    def _one_written(self, output: Output) -> Written:
        partitions, key = self.partitions(output.topic), _key(output.key)
        if len(output.value or b"") > RECORD_BYTES_MAX or len(key) > KEY_BYTES_MAX:
            raise RecordTooLarge(
                f"a record for {output.topic} has {len(output.value or b'')} bytes under a key of {len(key)};"
                f" at most {RECORD_BYTES_MAX} and {KEY_BYTES_MAX} fit: nothing was committed"
            )
        partition = partition_of(output.key, partitions) if output.partition is None else output.partition
        if not 0 <= partition < partitions:
            raise LogError(f"{output.topic} has no partition {partition}")
        return Written(self._prefix + output.topic, partition, key, output.value)

    def read(self, topic: str, partition: int, *, start: int = 0, end: int | None = None) -> Iterator[Record]:
        """The committed records with `start <= offset < end`, as far as they are kept; `end` None is the end at the time of the call."""
        if not 0 <= partition < self.partitions(topic):
            raise LogError(f"{topic} has no partition {partition}")
        last = self._stable(topic)[partition]
        return self._read(topic, partition, start=start, end=last if end is None else min(end, last))

    def _read(self, topic: str, partition: int, *, start: int, end: int) -> Iterator[Record]:
        if start >= end:
            return
        wanted = TopicPartition(self._prefix + topic, partition)
        with self._consumer() as consumer:
            consumer.assign([wanted])
            consumer.seek(wanted, start)
            deadline = time.monotonic() + READ_S
            while (position := consumer.position(wanted, timeout_ms=int(READ_S * 1000)) or 0) < end:
                found = self._poll(consumer).get(wanted, [])
                for each in found:
                    if each.offset >= end:
                        return
                    yield record_of(each, topic)
                if found or consumer.position(wanted) != position:
                    deadline = time.monotonic() + READ_S
                elif time.monotonic() > deadline:
                    raise LogUnavailable(f"{self._clients.address} gave nothing of {topic} for {READ_S:g} s")

    def _poll(self, consumer: Any) -> dict[Any, list[Any]]:
        try:
            return dict(consumer.poll(timeout_ms=int(RETRY_S * 1000)))
        except kafka.errors.CorruptRecordError as error:
            skipped(consumer, error)
            return {}

    @contextmanager
    def _consumer(self) -> Iterator[Any]:
        """A consumer that belongs to no group; they are kept, because making one takes longer than reading a little."""
        self._check()
        with self._lock:
            consumer = self._idle.pop() if self._idle else None
        if consumer is None:
            consumer, _ = self._clients.consumer(group_id=None)
        try:
            yield consumer
        except BaseException:
            consumer.close()
            raise
        with self._lock:
            if not self._closed and len(self._idle) < IDLE_CONSUMERS_MAX:
                self._idle.append(consumer)
                return
        consumer.close()

    def _stable(self, topic: str) -> dict[int, int]:
        """For each partition an end behind everything committed before the call.

        A commit returns before its mark stands in every partition; until then it is hidden there, so this waits until the readable
        end has come to where the log ended at the call. A dead process's open transaction holds that up until the cluster aborts it.
        """
        ends = self._offsets(topic, OffsetSpec.LATEST, "read_uncommitted")
        deadline = time.monotonic() + TRANSACTION_S + RETRY_S
        pause_s = 0.002
        while True:
            stable = self._offsets(topic, OffsetSpec.LATEST, "read_committed")
            if all(stable[number] >= end for number, end in ends.items()) or time.monotonic() > deadline:
                return stable
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, 0.1)

    def _offsets(self, topic: str, which: OffsetSpec, isolation: str) -> dict[int, int]:
        self._check()
        wanted = {TopicPartition(self._prefix + topic, number): which for number in range(self.partitions(topic))}
        found = self._clients.ask(lambda: self._admin.list_partition_offsets(wanted, isolation_level=isolation))
        return {tp.partition: each.offset for tp, each in sorted(found.items())}

    def ends(self, topic: str) -> dict[int, int]:
        """For each partition the offset behind its last committed record."""
        first = self._offsets(topic, OffsetSpec.EARLIEST, "read_committed")
        return {number: self._end(topic, number, first[number], end) for number, end in self._stable(topic).items()}

    def _end(self, topic: str, partition: int, first: int, stable: int) -> int:
        # The last offset is a transaction's mark, as a rule, so its last record is one before; compaction and aborts can leave wide gaps.
        step = 2
        while stable > first:
            offsets = [record.offset for record in self._read(topic, partition, start=max(first, stable - step), end=stable)]
            if offsets:
                return offsets[-1] + 1
            if stable - step <= first:
                break
            step *= 16
        return first

    def positions(self, topic: str, *, group: str) -> dict[int, int]:
        """For each partition the offset that `group` reads next."""
        first = self._offsets(topic, OffsetSpec.EARLIEST, "read_committed")
        full, wanted = self._group(topic, group), [TopicPartition(self._prefix + topic, number) for number in first]
        found = self._clients.ask(lambda: self._admin.list_group_offsets({full: wanted}))[full]
        return {tp.partition: max(first[tp.partition], found[tp].offset) for tp in wanted}

    def lag(self, topic: str, *, group: str) -> int:
        """How many records of `topic` the group has still to process; beyond 1,000 a partition marks of transactions are counted, too."""
        positions, ends = self.positions(topic, group=group), self.ends(topic)
        return sum(self._count(topic, number, positions[number], end) for number, end in ends.items())

    def _count(self, topic: str, partition: int, start: int, end: int) -> int:
        if end - start > COUNT_MAX:
            return end - start
        return sum(1 for _ in self._read(topic, partition, start=start, end=end))

    def members(self, topic: str, *, group: str) -> tuple[str, ...]:
        """The names of the group's live members."""
        self._check()
        full = self._group(topic, group)
        described = self._clients.ask(lambda: self._admin.describe_groups([full]))[full]
        return tuple(sorted(member["group_instance_id"] or member["client_id"] for member in described["members"]))

    def partitions(self, topic: str) -> int:
        """How many partitions the topic has."""
        self._check()
        if topic not in self._partitions:
            raise LogError(f'the log has no topic "{topic}"')
        return self._partitions[topic]

    def maintain(self) -> None:
        """Nothing: Kafka does it by itself."""

    def claim(self, name: str) -> bool:
        """True: on Kafka every process may do what groups and transactions let it."""
        return True

    def _group(self, topic: str, group: str) -> str:
        # Members of one Kafka group should read the same topics, so each topic has a group of its own.
        return f"{self._prefix}{group}.{topic}"

    def _check(self) -> None:
        if self._closed:
            raise LogError(f"{self._clients.address}: the log is closed")

    def close(self) -> None:
        """Close every reader and the log."""
        if self._closed:
            return
        for reader in tuple(self._readers):
            reader.close()
        self._release()

    def _release(self) -> None:
        """Let go of threads and connections, without a word to the groups: what a death does."""
        for reader in tuple(self._readers):
            reader.release()
        with self._lock:
            if self._closed:
                return
            self._closed = True
            idle, self._idle = self._idle, []
        self._transactions.close()
        for consumer in idle:
            consumer.close()
        self._admin.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _key(key: str) -> bytes:
    try:
        return key.encode("utf-8", "surrogateescape")  # the inverse of reading
    except UnicodeEncodeError:
        return key.encode("utf-8", "surrogatepass")


def _name(instance: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", instance)[:100] or "_"


def _own_name(servers: str, group: str, instance: str) -> tuple[str, Callable[[], None]]:
    """A name that no other reader of this process has in the group, and how to give it back."""
    key = (servers, group, instance)
    with _names_lock:
        taken = _names.setdefault(key, set())
        number = next(number for number in range(1, len(taken) + 2) if number not in taken)
        taken.add(number)

    def give_back() -> None:
        with _names_lock:
            taken.discard(number)

    return (instance if number == 1 else f"{instance}-{number}"), give_back


def _connected(clients: Clients, topics: tuple[Topic, ...]) -> tuple[Any, dict[str, int]]:
    admin = clients.admin()
    try:
        return admin, clients.ask(lambda: _prepared(admin, clients.address, topics))
    except BaseException:
        admin.close()
        raise


def _prepared(admin: Any, address: Address, topics: tuple[Topic, ...]) -> dict[str, int]:
    """How many partitions each topic has, after making those that are missing and mending those that differ."""
    replication = address.replication or min(REPLICATION, len(admin.describe_cluster()["brokers"]))
    names = {address.prefix + topic.name: topic.name for topic in topics}
    there = {names[each["name"]] for each in admin.describe_topics(list(names)) if not each["error_code"]}
    missing = [topic for topic in topics if topic.name not in there]
    if missing:
        _create(admin, address, missing, replication)
    _mend(admin, address, [topic for topic in topics if topic not in missing])
    admin.wait_for_topics(list(names))
    return {names[each["name"]]: len(each["partitions"]) for each in admin.describe_topics(list(names))}


def _create(admin: Any, address: Address, topics: Iterable[Topic], replication: int) -> None:
    asked = {
        address.prefix + topic.name: {
            "num_partitions": (address.partitions or topic.partitions) if topic.partitions > 1 else 1,
            "replication_factor": replication,
            "configs": _configuration(topic) | {"min.insync.replicas": "2" if replication >= REPLICATION else "1"},
        }
        for topic in topics
    }
    for answer in admin.create_topics(asked, raise_errors=False)["topics"]:
        error = kafka.errors.for_code(answer["error_code"])
        if error is kafka.errors.InvalidReplicationFactorError:
            raise LogError(f"{address} has fewer than {replication} brokers; lower the option replication")
        if error not in {kafka.errors.NoError, kafka.errors.TopicAlreadyExistsError}:
            raise error(answer["error_message"])


def _mend(admin: Any, address: Address, topics: Iterable[Topic]) -> None:
    wanted = {address.prefix + topic.name: _configuration(topic) for topic in topics}
    if not wanted:
        return
    names = [ConfigResource(ConfigResourceType.TOPIC, name, list(configuration)) for name, configuration in wanted.items()]
    found = admin.describe_configs(names, config_filter="all")["topic"]
    differing = {
        name: changed
        for name, configuration in wanted.items()
        if (changed := {key: value for key, value in configuration.items() if found[name][key]["value"] != value})
    }
    if differing:
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, changed) for name, changed in differing.items()])
        log.info("topics brought in line", extra={"log": str(address), "topics": sorted(differing)})


def _configuration(topic: Topic) -> dict[str, str]:
    cleanup = [word for word, asked in (("compact", topic.compact), ("delete", topic.keep is not None)) if asked]
    configuration = {
        "cleanup.policy": ",".join(cleanup) or "delete",
        "retention.ms": str(int(topic.keep.total_seconds() * 1000)) if topic.keep is not None else "-1",
        # The writer's clock may be wrong; retention goes by the broker's.
        "message.timestamp.type": "LogAppendTime",
    }
    if topic.compact:
        configuration |= {"segment.bytes": str(SEGMENT_BYTES), "segment.ms": "3600000", "min.cleanable.dirty.ratio": "0.2"}
    return configuration
