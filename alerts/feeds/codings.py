"""Content-Encoding undone, bounded and complete: a bomb stops at the bound, a stream without its end is an error.

What it deliberately does not do: it never takes what came before a cut for the whole. The caller would keep the validators of a body
that lacks its last items.
"""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import Any

from ..errors import FeedError

__all__ = ["ACCEPTED", "TooLarge", "decoded"]

LAYERS_MAX = 2
"""How often a body may be encoded; some proxies compress what is compressed."""
PIECE_BYTES = 64 << 10
"""How much is taken in, and given out, at once."""
GZIP_MEMBERS_MAX = 64
"""How many gzip members or zstd frames may follow each other in one body."""
ZSTD_WINDOW_BYTES_MAX = 8 << 20
"""RFC 9659: a sender must not need a larger window in `Content-Encoding: zstd`."""
ZSTD_PIECE_BYTES = 128
"""How much is fed at once: each 4 bytes may become a block of 128 KiB, and the library takes no bound on its output."""


Pieces = Iterator[bytes]
Member = Generator[bytes, None, bytes]
"""The pieces of one member of a stream, and in the end what follows it."""


class TooLarge(FeedError):
    """The body goes on beyond the bound."""


def _optional(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


_brotli = _optional("brotli")
if not hasattr(getattr(_brotli, "Decompressor", None), "can_accept_more_data"):
    _brotli = None  # before 1.2 its output cannot be bounded
_zstandard = _optional("zstandard")


def decoded(body: bytes, coding: str, *, bytes_max: int) -> bytes:
    """`body` without the layers that a Content-Encoding header names. Raises `TooLarge`, or `FeedError` for what is not whole."""
    layers = [name for name in (part.strip().lower() for part in coding.split(",")) if name not in {"", "identity"}]
    if len(layers) > LAYERS_MAX:
        raise FeedError(f"the body is encoded {len(layers)} times over")
    for name in reversed(layers):
        decode = _DECODERS.get(name)
        if decode is None:
            raise FeedError("the body has a Content-Encoding that was not asked for")
        body = _collected(decode(body), bytes_max)
    return body


def _collected(pieces: Pieces, bytes_max: int) -> bytes:
    out, size = [], 0
    for piece in pieces:
        size += len(piece)
        if size > bytes_max:
            raise TooLarge(f"larger than {bytes_max:,} bytes when decompressed")
        out.append(piece)
    return b"".join(out)


def _gzip(body: bytes) -> Pieces:
    return _members(body, name="gzip", magic=b"\x1f\x8b", member=partial(_inflated, wbits=31, name="gzip"))


def _deflate(body: bytes) -> Pieces:
    # "deflate" is the zlib format (RFC 9110 §8.4.1.2), but some servers send the bare stream.
    is_zlib = len(body) > 1 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    yield from _inflated(body, wbits=15 if is_zlib else -15, name="deflate")


def _inflated(body: bytes, *, wbits: int, name: str) -> Member:
    stream = zlib.decompressobj(wbits)
    for start in range(0, len(body), PIECE_BYTES):
        end = start + PIECE_BYTES
        piece, full = body[start:end], False
        while piece or full:
            try:
                out = stream.decompress(piece, PIECE_BYTES)
            except zlib.error:
                raise _broken(name) from None
            yield out
            # All may be taken in and more still to come out.
            piece, full = stream.unconsumed_tail, len(out) == PIECE_BYTES and not stream.eof
        if stream.eof:
            return stream.unused_data + body[end:]
    raise _cut(name)


def _zstd(body: bytes) -> Pieces:
    return _members(body, name="zstd", magic=b"\x28\xb5\x2f\xfd", member=_zstd_frame)


def _zstd_frame(body: bytes) -> Member:
    stream = _zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES_MAX).decompressobj()
    for start in range(0, len(body), ZSTD_PIECE_BYTES):
        end = start + ZSTD_PIECE_BYTES
        try:
            yield stream.decompress(body[start:end])
        except _zstandard.ZstdError:
            raise _broken("zstd") from None
        if stream.eof:
            rest: bytes = stream.unused_data
            return rest + body[end:]
    raise _cut("zstd")


def _members(body: bytes, *, name: str, magic: bytes, member: Callable[[bytes], Member]) -> Pieces:
    """All members of a stream; what follows the last and does not begin another (padding, as a rule) is ignored."""
    for _ in range(GZIP_MEMBERS_MAX):
        body = yield from member(body)
        if not body.startswith(magic):
            return
    raise FeedError(f"the body's {name} has more than {GZIP_MEMBERS_MAX} parts")


def _br(body: bytes) -> Pieces:
    stream = _brotli.Decompressor()
    for start in range(0, len(body), PIECE_BYTES):
        piece = body[start : start + PIECE_BYTES]
        out = piece
        while out:  # it may take all in, say that it takes more, and still hold some back
            try:
                out = stream.process(piece, output_buffer_limit=PIECE_BYTES)
            except _brotli.error:
                raise _broken("br") from None
            yield out
            piece = b""
    if not stream.is_finished():
        raise _cut("br")


def _cut(name: str) -> FeedError:
    return FeedError(f"the body is incomplete: its {name} has no end")


def _broken(name: str) -> FeedError:
    return FeedError(f"the body is no sound {name}")


_DECODERS: dict[str, Callable[[bytes], Pieces]] = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate}
if _brotli is not None:
    _DECODERS["br"] = _br
if _zstandard is not None:
    _DECODERS["zstd"] = _zstd

ACCEPTED = ", ".join(name for name in _DECODERS if name != "x-gzip")
"""The value of Accept-Encoding: what can be undone here."""
