"""What every destination can do, and what comes of one attempt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ..records import Outcome
from ..rendering import Message

__all__ = ["Destination", "Sent"]


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one attempt. `reason` is for people, one line without secrets; `retry_after_s` is the service's own wish."""

    outcome: Outcome
    message_id: str = ""
    retry_after_s: float | None = None
    reason: str = ""


class Destination(Protocol):
    """One single target of a channel."""

    @property
    def id(self) -> str:
        """The channel's name if it has one target, else `name/` and 8 hexadecimal digits of the target's SHA-256."""
        ...

    def send(self, message: Message, *, delivery: str) -> Sent:
        """Try once to deliver `message`; blocks for half a minute at most while a service is slow. May be called from any thread.

        `delivery` is the same for every attempt at one delivery; services that can tell a repetition by it are given it.
        """
        ...
