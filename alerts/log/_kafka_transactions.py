"""Transactions on Kafka: records and positions become visible together, or not at all.

What it deliberately does not do: it never uses a producer again after anything went wrong with it. kafka-python 3.0.12 keeps the
positions of a failed transaction and would send them with the next one; and after an indefinite error only a new producer's
`init_transactions` settles what became of the transaction.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import kafka.errors
from kafka import TopicPartition
from kafka.structs import OffsetAndMetadata

from ..errors import LogUnavailable
from ._kafka_clients import Clients, log, translated

__all__ = ["STUCK_EXIT", "STUCK_S", "Positions", "Transactions", "Written", "end_process"]

STUCK_S = 60.0
"""How long one step of a transaction may block. kafka-python's have no time-out of their own."""
STUCK_EXIT = 70
CLOSE_S = 5.0
CAUSE_S = 1.0


@dataclass(frozen=True, slots=True)
class Written:
    """One record, ready to be sent. `topic` is the cluster's name of it."""

    topic: str
    partition: int
    key: bytes
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Positions:
    """What a member commits: for each partition of `topic` the next offset, under its membership."""

    topic: str
    offsets: Mapping[int, int]
    member: Any


def end_process(why: str) -> None:
    """End this process, with one line: its supervisor starts it anew, and the log settles what it left."""
    log.critical("transaction stuck, ending the process", extra={"reason": why})
    os._exit(STUCK_EXIT)


class Transactions:
    """One transactional producer, made when needed. Any thread may use it, one at a time."""

    def __init__(self, clients: Clients, name: str, *, stuck_s: float = STUCK_S, on_stuck: Callable[[str], None] = end_process) -> None:
        self._clients = clients
        self._name = name
        self._stuck_s = stuck_s
        self._on_stuck = on_stuck
        self._producer: Any = None
        self._client: Any = None
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Have a producer ready, and what a dead one of the same name left open aborted."""
        with self._lock, translated(self._clients.address):
            self._ready()

    def run(self, records: Iterable[Written], positions: Positions | None = None) -> None:
        """Commit `records` and `positions` in one transaction; raises an error of the log when nothing was committed."""
        with self._lock, translated(self._clients.address):
            producer = self._ready()
            self._refuse_an_outage()
            try:
                with self._watched("a transaction"):
                    _transact(producer, records, positions)
            except BaseException as error:
                self._discard(abort=isinstance(error, kafka.errors.CommitFailedError | kafka.errors.FencedInstanceIdError))
                raise

    def _ready(self) -> Any:
        if self._producer is None:
            producer, client = self._clients.producer(self._name)
            try:
                producer.init_transactions()
            except BaseException:
                _close(producer)
                raise
            self._producer, self._client = producer, client
        return self._producer

    def _refuse_an_outage(self) -> None:
        """Begin nothing while no broker can be reached: it would wait for the end of the outage, and the watchdog not as long."""
        if not any(self._client.connected(broker.node_id) for broker in self._client.cluster.brokers()) and (
            why := self._clients.refused()
        ):
            raise LogUnavailable(f"{self._clients.address} does not answer: {why}")

    def _discard(self, *, abort: bool) -> None:
        producer, self._producer = self._producer, None
        if abort:
            # Else the records of the open transaction would hide later ones from readers until it times out.
            with suppress(kafka.errors.KafkaError), self._watched("an abort"):
                producer.abort_transaction()
        _close(producer)

    def rename(self, name: str) -> None:
        """Use `name` for the producers to come."""
        self._name = name

    @contextmanager
    def _watched(self, step: str) -> Iterator[None]:
        timer = threading.Timer(self._stuck_s, self._on_stuck, [f"{self._clients.address}: {step} took over {self._stuck_s:g} s"])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def close(self) -> None:
        """Close the producer, if there is one."""
        with self._lock:
            if self._producer is not None:
                self._discard(abort=False)


def _transact(producer: Any, records: Iterable[Written], positions: Positions | None) -> None:
    producer.begin_transaction()
    sent: list[Any] = []
    try:
        for record in records:
            sent.append(producer.send(record.topic, key=record.key, value=record.value, partition=record.partition))
        if positions is not None:
            producer.send_offsets_to_transaction(_offsets(positions), positions.member)
        producer.commit_transaction()
    except kafka.errors.KafkaError as error:
        raise _cause(sent, error) from error
    # When the cluster has timed the transaction out, kafka-python 3.0.12 takes a new epoch by itself and then reports success for a
    # transaction that was aborted; the records know better.
    for future in sent:
        future.get(timeout=0)


def _cause(sent: Iterable[Any], error: Exception) -> Exception:
    """The error that spoilt the transaction, where `error` says only that it is spoilt."""
    if type(error) is not kafka.errors.KafkaError:
        return error
    for future in sent:
        try:
            future.get(timeout=CAUSE_S)
        except kafka.errors.KafkaTimeoutError:
            break
        except kafka.errors.KafkaError as cause:
            return cause
    return error


def _offsets(positions: Positions) -> dict[TopicPartition, OffsetAndMetadata]:
    # -1 for "no leader epoch": with None the encoder fails in its thread, and the call waits for ever.
    return {TopicPartition(positions.topic, number): OffsetAndMetadata(offset, "", -1) for number, offset in positions.offsets.items()}


def _close(producer: Any) -> None:
    # close() flushes first, raises when that takes too long, and leaves its thread behind: what is not sent by now is not wanted.
    producer._sender.force_close()
    with suppress(kafka.errors.KafkaError):
        producer.close(timeout=CLOSE_S)
