"""How a process that commits to the embedded log wakes those that wait for it: a datagram to the Unix socket of each.

A bell is a socket file beside the database, named in the rows of its process's members. To ring it carries no content: whoever hears
it looks into the database. A bell that nobody holds any more refuses the connection, which is how the death of a process shows at once.

What it deliberately does not do: no ring is sure to arrive. Where there are no Unix sockets (Windows, some network and container
mounts) there is no bell; a process looks for itself every 200 ms anyway.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path

__all__ = ["Bell", "refuses"]

ADDRESS_BYTES_MAX = 100
"""Unix socket addresses end at 104 bytes on macOS, at 108 on Linux: unix(4), unix(7)."""


class Bell:
    """This process's bell, and its hand for those of others.

    `name` is what others need to ring it: relative to the database's folder; "" before it hangs, and where there are none.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._stopped = threading.Event()
        self.name = ""
        self._ear: socket.socket | None = None
        self._hand: socket.socket | None = None
        if hasattr(socket, "AF_UNIX"):
            self._hand = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._hand.setblocking(False)

    def hang(self) -> None:
        """Be there to be rung from now on."""
        if not hasattr(socket, "AF_UNIX"):
            return
        _sweep(self._database)
        path = self._database.with_name(f"{self._database.name}-{secrets.token_hex(4)}.bell")
        near = len(os.fsencode(path)) <= ADDRESS_BYTES_MAX
        if not near:
            path = Path(tempfile.gettempdir()) / f"alerts-{secrets.token_hex(8)}.bell"
        ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            ear.bind(os.fspath(path))
        except OSError:
            ear.close()
            return
        self.name = path.name if near else os.fspath(path)
        self._ear = ear

    def ring(self, names: Iterable[str]) -> None:
        """Ring the bells `names` but our own, as far as they are there. Never waits: a full one has not been heard yet, and will be."""
        for name in names:
            if self._hand is not None and name not in {"", self.name}:
                with contextlib.suppress(OSError):
                    self._hand.sendto(b"", os.fspath(self._database.parent / name))

    def listen(self, timeout_s: float) -> bool:
        """Whether it rang within `timeout_s`; however often, it is heard once."""
        if self._ear is None:
            self._stopped.wait(timeout_s)
            return False
        try:
            self._ear.settimeout(timeout_s)
            self._ear.recv(1)
            self._ear.setblocking(False)
            while True:
                self._ear.recv(1)
        except TimeoutError:
            return False
        except BlockingIOError:
            return True

    def stop(self) -> None:
        """End a `listen` that waits, from any thread."""
        self._stopped.set()
        if self._hand is not None:
            with contextlib.suppress(OSError):
                self._hand.sendto(b"", os.fspath(self._database.parent / self.name))

    def close(self) -> None:
        """Be deaf from now on: who rings learns that this process is gone."""
        for end in (self._ear, self._hand):
            if end is not None:
                end.close()

    def remove(self) -> None:
        """Take the bell down."""
        if self.name:
            (self._database.parent / self.name).unlink(missing_ok=True)


def refuses(database: Path, name: str) -> bool:
    """Whether the process of this bell is dead for sure. Of one without a bell, or behind another mount, nothing is known."""
    if not name or not hasattr(socket, "AF_UNIX"):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as caller:
        try:
            # Connecting sends nothing, and so wakes nobody.
            caller.connect(os.fspath(database.parent / name))
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
    return False


def _sweep(database: Path) -> None:
    """Remove the bells that dead processes left beside this database, or far from theirs."""
    near = database.parent.glob(f"{_literal(database.name)}-????????.bell")
    for path in (*near, *Path(tempfile.gettempdir()).glob("alerts-????????????????.bell")):
        if refuses(database, os.fspath(path.absolute())):
            with contextlib.suppress(OSError):
                path.unlink()


def _literal(name: str) -> str:
    """`name` for a glob, in which it stands for itself."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
