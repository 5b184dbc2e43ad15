"""The command `alerts`: results on standard output, talk on standard error, exit 0, 1 (it failed; one line says why), 2 (wrong usage).

One file a group of commands; what they need is imported when they run, so that `alerts scan` loads neither Kafka nor Apprise.

What it deliberately does not do: it decides nothing. It reads arguments, calls the rooms below, and words what comes back.
"""

from __future__ import annotations

from .main import main

__all__ = ["main"]
