"""The log: topics of records in partitions, read by groups, written in transactions. One protocol, two backends.

    with open_log("sqlite:var/alerts.db", topics=topics(), instance="host-1") as log:
        with log.reader("articles", group="matcher") as reader:
            while not stopped():
                batch = reader.poll(timeout_s=1.0)
                reader.commit(outputs_of(batch.records), after=batch)   # outputs and position: one transaction

`sqlite:PATH` is the embedded log, shared by any number of processes of one machine; `kafka://host:port,...` and `kafka+ssl://...` are
Apache Kafka. The rest of the code cannot tell them apart: `tests/log/` holds both to the same contract.

What it deliberately does not do: it knows no record's meaning, retries nothing that could succeed twice, and offers no write outside
a transaction.
"""

from __future__ import annotations

from .opening import open_log
from .protocol import Batch, Log, Output, Reader, Record, partition_of
from .topics import Topic, topics

__all__ = ["Batch", "Log", "Output", "Reader", "Record", "Topic", "open_log", "partition_of", "topics"]
