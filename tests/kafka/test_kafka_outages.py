"""The broker away, restarted, damaged: nothing hangs, nothing is lost, one line says so."""

from __future__ import annotations

import logging
import math
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from alerts.errors import LogUnavailable
from alerts.log import Output
from alerts.log._kafka_address import address_of
from alerts.log._kafka_clients import COMMON, Clients, _Client
from alerts.log._kafka_transactions import STUCK_EXIT, Transactions, Written
from alerts.log.kafka import KafkaLog
from tests.kafka.broker import Broker, free_ports
from tests.kafka.helpers import TOPICS, all_keys, eventually, fresh_url, next_batch, numbered, opened, own_everything, take

pytestmark = pytest.mark.kafka
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def broker(broker_of_its_own: type[Broker]) -> Iterator[Broker]:
    with broker_of_its_own() as broker:
        yield broker


@pytest.fixture
def url(broker: Broker) -> str:
    return fresh_url(broker.servers)


def test_an_address_where_nobody_answers_is_one_clear_line_in_time() -> None:
    (port,) = free_ports(1)
    with pytest.raises(LogUnavailable) as missing:
        KafkaLog.open(f"kafka://127.0.0.1:{port}", topics=TOPICS, instance="one", patience_s=1.0)
    assert str(missing.value) == f"kafka://127.0.0.1:{port} does not answer: connection refused"


def test_endless_patience_waits_for_the_broker_with_a_warning_a_minute(
    broker_of_its_own: type[Broker], caplog: pytest.LogCaptureFixture
) -> None:
    late = broker_of_its_own()
    try:
        with caplog.at_level(logging.WARNING), ThreadPoolExecutor() as pool:
            opening = pool.submit(KafkaLog.open, f"kafka://{late.servers}", topics=TOPICS, instance="one", patience_s=math.inf)
            eventually(lambda: "log unavailable, waiting for it" in caplog.messages)
            late.start()
            with opening.result(timeout=30) as log:
                log.append(numbered(1))
                assert all_keys(log, "in") == ["k0"]
        assert caplog.messages == ["log unavailable, waiting for it"]
    finally:
        late.close()


def test_restarts_of_the_broker_lose_nothing_and_repeat_nothing(broker: Broker, url: str) -> None:
    hops, stop = 0, threading.Event()
    with opened(url) as log, log.reader("in", group="g") as reader, ThreadPoolExecutor() as pool:
        own_everything(reader)

        def hop() -> int:
            done = 0
            while not (stop.is_set() and done == hops):
                batch = reader.poll(0.2)
                if batch.records:
                    reader.commit([Output("out", record.key, record.value) for record in batch.records], after=batch)
                    done += len(batch.records)
            return done

        hopping = pool.submit(hop)
        for _ in range(2):
            for _ in range(10):
                log.append(numbered(1, start=hops))
                hops += 1
            restarting = pool.submit(lambda: (broker.kill(), broker.start()))
            log.append(numbered(10, start=hops))
            hops += 10
            restarting.result()
        stop.set()
        assert hopping.result(timeout=60) == hops
        assert all_keys(log, "out") == [f"k{number}" for number in range(hops)] == all_keys(log, "in")


def test_while_the_broker_is_away_polls_are_empty_and_one_warning_says_so(
    broker: Broker, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(url) as log, log.reader("in", group="g") as reader:
        own_everything(reader)
        broker.kill()
        with caplog.at_level(logging.WARNING):
            eventually(lambda: not reader.poll(0.2) and "log unavailable, waiting for it" in caplog.messages)
            broker.start()
            log.append(numbered(3))
            assert len(take(reader, 3)) == 3
            reader.commit(numbered(1, topic="out"))
        assert caplog.messages.count("log unavailable, waiting for it") <= 2  # the reader and the log warn apart


def test_a_client_without_its_broker_says_so_instead_of_raising(broker: Broker) -> None:
    """When it raised, the sender of a transaction dropped the request in hand, and waited for its answer for ever."""
    client = _Client(**COMMON, bootstrap_servers=broker.servers)
    client.get_broker_version(timeout_ms=10_000)
    (node,) = (each.node_id for each in client.cluster.brokers())
    assert client.await_ready(node, timeout_ms=5_000)
    broker.kill()

    def gone() -> bool:
        client.poll(timeout_ms=20)
        return not client.await_ready(node, timeout_ms=100)

    eventually(gone)
    assert not client.await_ready(node + 1, timeout_ms=100)
    client.close()
    broker.start()


def test_a_log_without_its_broker_can_be_closed(broker: Broker, url: str) -> None:
    log = opened(url)
    reader = log.reader("in", group="g")
    own_everything(reader)
    log.append(numbered(1))
    broker.kill()
    log.close()
    broker.start()


def test_nothing_is_begun_while_no_broker_can_be_reached(broker: Broker, url: str) -> None:
    """A transaction that begins in an outage would wait for its end."""
    with opened(url) as log:
        log.append(numbered(1))
        broker.kill()
        eventually(
            lambda: not any(log._transactions._client.connected(each.node_id) for each in log._transactions._client.cluster.brokers())
        )
        with pytest.raises(LogUnavailable, match="connection refused"):
            log.append(numbered(1, start=1))
        broker.start()
        eventually(lambda: _appended(log))
        assert all_keys(log, "in") == ["k0", "k1"]


def _appended(log: KafkaLog) -> bool:
    try:
        log.append(numbered(1, start=1))
    except LogUnavailable:
        return False
    return True


def test_a_transaction_that_blocks_too_long_calls_for_the_end(broker: Broker, url: str) -> None:
    with opened(url):
        pass
    stuck: list[str] = []
    address = address_of(url)
    transactions = Transactions(
        Clients(address, instance="one"), f"{address.prefix}stuck", stuck_s=1.0, on_stuck=lambda why: (stuck.append(why), broker.thaw())
    )
    transactions.prepare()
    broker.freeze()
    transactions.run([Written(f"{address.prefix}out", 0, b"k", b"v")])
    assert stuck == [f"{address}: a transaction took over 1 s"]
    transactions.close()


def test_a_process_whose_transaction_is_stuck_ends_with_one_line_and_a_status_of_its_own(broker: Broker, url: str) -> None:
    address = address_of(url)
    with opened(url):
        program = f"""
import logging, sys
from alerts.log._kafka_address import address_of
from alerts.log._kafka_clients import COMMON, Clients, _Client
from alerts.log._kafka_transactions import Transactions, Written
logging.basicConfig(format="%(message)s %(reason)s")
transactions = Transactions(Clients(address_of({url!r}), instance="one"), "{address.prefix}stuck", stuck_s=1.0)
transactions.prepare()
print("ready", flush=True)
sys.stdin.readline()
transactions.run([Written("{address.prefix}out", 0, b"k", b"v")])
"""
        process = subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        broker.freeze()
        _, talk = process.communicate("go\n", timeout=30)
        broker.thaw()
    assert process.returncode == STUCK_EXIT
    assert talk == f"transaction stuck, ending the process {address}: a transaction took over 1 s\n"


def test_a_damaged_batch_on_the_brokers_disk_is_skipped_loudly(broker: Broker, url: str, caplog: pytest.LogCaptureFixture) -> None:
    prefix = address_of(url).prefix
    with opened(url) as log:
        log.append(numbered(2, partition=0))
        log.append([Output("in", f"k{number}", b"damaged" * 9, partition=0) for number in (2, 3, 4)])
        log.append(numbered(2, start=5, partition=0))
        broker.stop()
        (segment,) = (broker.data / f"{prefix}in-0").glob("*.log")
        _flip(segment, batch=2)
        broker.start()
        with log.reader("in", group="g") as reader:
            assert [record.key for record in take(reader, 4)] == ["k0", "k1", "k5", "k6"]
            reader.commit(after=next_batch_after_more(log, reader))
        assert [record.key for record in log.read("in", 0)] == ["k0", "k1", "k5", "k6", "k7"]
        assert log.lag("in", group="g") == 0
    assert "damaged record skipped" in caplog.messages


def next_batch_after_more(log: KafkaLog, reader: object) -> object:
    log.append(numbered(1, start=7, partition=0))
    return next_batch(reader)


def _flip(segment: Path, *, batch: int) -> None:
    """Flip a bit near the end of the n-th batch of records, counting marks of transactions."""
    raw = bytearray(segment.read_bytes())
    start = 0
    for _ in range(batch):
        start += 12 + int.from_bytes(raw[start + 8 : start + 12], "big")  # base offset, length, the rest: Kafka's RecordBatch
    end = start + 12 + int.from_bytes(raw[start + 8 : start + 12], "big")
    raw[end - 3] ^= 1
    segment.write_bytes(raw)
