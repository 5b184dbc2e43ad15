"""The compiling of a large list in a process of its own, so that a service that matches goes on matching.

The process (`python -m alerts.matching RULES CACHE`) is started afresh, never forked: an open log must not be. It steps back behind
everything else on its machine. What it leaves in the cache is opened in an instant.

What it deliberately does not do: it does not wait, and it is not tried again by itself: the next edit is.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

__all__ = ["Compiling"]

NICE = 5
SAID_BYTES_MAX = 100_000


class Compiling:
    """One such process. `done()` is asked until it says so, then `faults` has what stands against the rules; else `close` ends it."""

    def __init__(self, rules: Path, cache: Path) -> None:
        self._rules = rules
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 -- open as long as the process runs; a pipe could fill and hold it up
        self._process = subprocess.Popen(  # noqa: S603 -- ourselves
            [sys.executable, "-P", "-m", "alerts.matching", str(rules), str(cache)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            process_group=0,
        )
        with suppress(OSError):  # it has ended already, or the system has no such notion
            os.setpriority(os.PRIO_PROCESS, self._process.pid, NICE)
        self.faults: tuple[str, ...] = ()

    def done(self) -> bool:
        """Whether it has ended."""
        code = self._process.poll()
        if code is None:
            return False
        self.faults = self._lines(code)
        self._said.close()
        return True

    def close(self) -> None:
        """End it, at once."""
        self._process.kill()
        self._process.wait()
        self._said.close()

    def _lines(self, code: int) -> tuple[str, ...]:
        if code == 0:
            return ()
        self._said.seek(0)
        said = tuple(self._said.read(SAID_BYTES_MAX).decode("utf-8", "replace").splitlines())
        if code == 1 and said and not said[0].startswith("Traceback"):
            return said
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else said[-1] if said else f"ended with {code}"
        return (f"{self._rules}: the process that compiles the rules {how}; it is tried again with the next change",)
