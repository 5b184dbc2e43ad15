"""What every destination can do, and what comes of one attempt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ..records import Outcome
from ..rendering import Layout, Message
from ..routing import Rate

__all__ = ["Destination", "Earlier", "Manner", "Sent"]


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one attempt. `reason` is for people, one line without secrets; `retry_after_s` is the service's own wish."""

    outcome: Outcome
    message_id: str = ""
    retry_after_s: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A message that this destination got before: our id of its delivery, and the service's own, if it gave one."""

    delivery: str
    message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a service wants to be told.

    `rates` is how fast, `storm` how many alerts a minute people can read one by one (0: it is a machine that reads), `edits` whether what
    was sent can be changed. `chat` is a digest of where it leads: the same for every destination that the service counts as one, "" where
    it does not say.
    """

    layout: Layout = Layout.PLAIN
    rates: tuple[Rate, ...] = ()
    storm: int = 0
    edits: bool = False
    chat: str = ""


class Destination(Protocol):
    """One single target of a channel."""

    @property
    def id(self) -> str:
        """The channel's name if it has one target, else `name/` and 8 hexadecimal digits of the target's SHA-256."""
        ...

    @property
    def manner(self) -> Manner:
        """How it wants to be told."""
        ...

    def send(self, message: Message, *, delivery: str, thread: Earlier | None = None, edits: Earlier | None = None) -> Sent:
        """Try once to deliver `message`; blocks for half a minute at most while a service is slow. May be called from any thread.

        `delivery` is the same for every attempt at one delivery; services that can tell a repetition by it are given it. `thread` is the
        first message of its story, `edits` one to be changed in place; only a service whose `manner.edits` says so is given that.
        """
        ...
