"""The process that parses: `python -m alerts.feeds.worker`. Bodies come on standard input, documents go to standard output.

A request is two lengths (`REQUEST`), the address and headers as JSON, the body; a reply is a kind and a length (`REPLY`), then as JSON
a document, or the kind and text of a `FeedError`. One empty reply says that the worker is ready. It ends with its standard input, and so
with its parent; a timer of the kernel's ends it when it hangs over a document and nobody is left to kill it.

What it deliberately does not do: it does not trust itself. It has none of its parent's environment, and no more memory than it needs.
"""

from __future__ import annotations

import signal
import struct
import sys
from typing import BinaryIO

import msgspec

from ..errors import FeedError
from .addresses import shown
from .documents import Document

__all__ = ["DOCUMENT", "READY", "REFUSED", "REPLY", "REQUEST", "main"]

REQUEST = struct.Struct(">II")
REPLY = struct.Struct(">BI")
READY, DOCUMENT, REFUSED = range(3)

MEMORY_BYTES_MAX = 160 << 20
"""What it may allocate; a document that needs more is refused. One of 20 MiB, sound and full of text, needs half of it."""


def main(parse_s: int) -> None:
    """Parse until standard input ends. The parent ends a parse that takes too long; `parse_s` is when the kernel does in its place."""
    _confine()
    from .parsing import parse_body  # the slow import, within the bounds

    source, sink = sys.stdin.buffer, sys.stdout.buffer
    _reply(sink, READY, b"")
    while head := source.read(REQUEST.size):
        meta_size, body_size = REQUEST.unpack(head)
        meta = msgspec.json.decode(source.read(meta_size), type=tuple[str, dict[str, str]])
        body = source.read(body_size)
        _alarm(parse_s)
        try:
            kind, value = DOCUMENT, _encoded(parse_body(body, meta[1], url=meta[0]))
        except FeedError as error:
            kind, value = REFUSED, msgspec.json.encode((error.kind, str(error)))
        except Exception as error:  # noqa: BLE001 -- feedparser raises whatever a hostile document makes it; the next one is innocent
            cause = "it needs too much memory" if isinstance(error, MemoryError) else type(error).__name__
            reason = f"{shown(meta[0])}: not a feed that can be read ({cause})"
            kind, value = REFUSED, msgspec.json.encode(("parse", reason))
        _alarm(0)
        _reply(sink, kind, value)


def _encoded(document: Document) -> bytes:
    return msgspec.json.encode(document)


def _reply(sink: BinaryIO, kind: int, value: bytes) -> None:
    sink.write(REPLY.pack(kind, len(value)))
    sink.write(value)
    sink.flush()


def _alarm(seconds: int) -> None:
    # SIGALRM is left at its default, which ends the process even while C code holds the interpreter.
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


def _confine() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent decides
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main(int(sys.argv[1]))
