"""The topics of the system: which there are, in how many partitions, and how long their records stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

__all__ = ["Topic", "topics"]


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic. With `compact` the last record of each key stays and a tombstone removes its key; `keep` drops records of that age.

    Both together is Kafka's `compact,delete`.
    """

    name: str
    partitions: int = 1
    compact: bool = False
    keep: timedelta | None = None


def topics(
    *,
    keep: timedelta = timedelta(days=30),
    give_up: timedelta = timedelta(days=7),
    partitions: int = 8,
) -> tuple[Topic, ...]:
    """Every topic of the system, for a log that keeps articles for `keep` and whose deliveries wait for at most `give_up`."""
    pending = max(keep, give_up + timedelta(days=7))
    return (
        Topic("articles", partitions=partitions, keep=keep),
        Topic("matches", keep=keep),
        Topic("stories", compact=True),
        Topic("alerts", keep=keep),
        Topic("deliveries", partitions=partitions, keep=pending),
        Topic("receipts", partitions=partitions, compact=True, keep=pending),
        Topic("feeds", partitions=partitions, compact=True),
        Topic("silences", compact=True),
        Topic("notices", keep=keep),
        Topic("dead-letters", keep=max(keep, timedelta(days=365))),
    )
