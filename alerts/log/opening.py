"""The door to the backends: only the one that is asked for is imported."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..errors import LogError
from .protocol import Log
from .topics import Topic

__all__ = ["open_log"]


def open_log(url: str, *, topics: Iterable[Topic], instance: str, base: Path | None = None, patience_s: float = 30.0) -> Log:
    """Open the log at `url`, creating what is missing.

    `instance` names this process among the members of the groups. Relative paths are relative to `base`.
    Raises `LogError` for an address that is none, `LogUnavailable` when it cannot be opened within `patience_s` seconds.
    """
    scheme = url.partition(":")[0]
    if scheme == "sqlite":
        from .sqlite import SqliteLog

        return SqliteLog.open(url, topics=topics, instance=instance, base=base)
    if scheme in {"kafka", "kafka+ssl"}:
        from .kafka import KafkaLog

        return KafkaLog.open(url, topics=topics, instance=instance, patience_s=patience_s, base=base)
    raise LogError(f'no log of kind "{scheme}:"; use sqlite:PATH, kafka://HOST:PORT or kafka+ssl://HOST:PORT')
