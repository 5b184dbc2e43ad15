"""The `console:` channel: notifications as plain text on standard output."""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass

from ..records import Outcome
from ..rendering import Message
from .protocol import Earlier, Manner, Sent

__all__ = ["Console"]

_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Console:
    """Standard output; a message is one write, so that lines of several threads never mix."""

    id: str

    @property
    def manner(self) -> Manner:
        """Plain text, as fast as it comes."""
        return Manner()

    def send(self, message: Message, *, delivery: str, thread: Earlier | None = None, edits: Earlier | None = None) -> Sent:
        """Print the message with an empty line behind it. Only a closed standard output refuses it."""
        stdout = sys.stdout
        encoding = stdout.encoding or "utf-8"
        text = f"{message.title}\n{message.body}\n\n".encode(encoding, "replace").decode(encoding)
        try:
            with _one_at_a_time:
                stdout.write(text)
                stdout.flush()
        except (OSError, ValueError):  # a pipe whose reader is gone; a file object that is closed
            return Sent(Outcome.HALTED, reason="standard output is closed")
        return Sent(Outcome.DELIVERED)
