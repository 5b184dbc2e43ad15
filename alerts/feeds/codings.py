"""Content-Encoding undone, bounded and complete: a bomb stops at the bound, a stream without its end is an error.

What it deliberately does not do: it never takes what came before a cut for the whole. The caller would keep the validators of a body
that lacks its last items.
"""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable
from typing import Any

from ..errors import FeedError

__all__ = ["ACCEPTED", "TooLarge", "decoded"]

LAYERS_MAX = 2
"""How often a body may be encoded; some proxies compress what is compressed."""
GZIP_MEMBERS_MAX = 64
"""How many gzip members or zstd frames may follow each other in one body."""
ZSTD_WINDOW_BYTES_MAX = 8 << 20
"""RFC 9659: a sender must not need a larger window in `Content-Encoding: zstd`."""
ZSTD_PIECE_BYTES = 512
"""How much is fed at once: each 4 bytes may become a block of 128 KiB, and the library takes no bound on its output."""


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
    """`body` without the layers that a Content-Encoding header names. Raises `FeedError`."""
    layers = [name for name in (part.strip().lower() for part in coding.split(",")) if name not in {"", "identity"}]
    if len(layers) > LAYERS_MAX:
        raise FeedError(f"the body is encoded {len(layers)} times over")
    for name in reversed(layers):
        decode = _DECODERS.get(name)
        if decode is None:
            raise FeedError("the body has a Content-Encoding that was not asked for")
        body = decode(body, bytes_max)
    return body


def _gzip(body: bytes, bytes_max: int) -> bytes:
    return _members(body, bytes_max, name="gzip", magic=b"\x1f\x8b", member=_gzip_member)


def _gzip_member(body: bytes, room: int) -> tuple[bytes, bytes]:
    return _inflated(body, room, wbits=31, name="gzip")


def _deflate(body: bytes, bytes_max: int) -> bytes:
    # "deflate" is the zlib format (RFC 9110 §8.4.1.2), but some servers send the bare stream.
    is_zlib = len(body) > 1 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    out, _ = _inflated(body, bytes_max + 1, wbits=15 if is_zlib else -15, name="deflate")
    return _within(out, bytes_max)


def _inflated(body: bytes, room: int, *, wbits: int, name: str) -> tuple[bytes, bytes]:
    stream = zlib.decompressobj(wbits)
    try:
        out = stream.decompress(body, room)
    except zlib.error:
        raise _broken(name) from None
    if not stream.eof and len(out) < room:
        raise _cut(name)
    return out, stream.unused_data


def _zstd(body: bytes, bytes_max: int) -> bytes:
    return _members(body, bytes_max, name="zstd", magic=b"\x28\xb5\x2f\xfd", member=_zstd_frame)


def _zstd_frame(body: bytes, room: int) -> tuple[bytes, bytes]:
    stream = _zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES_MAX).decompressobj()
    out = bytearray()
    for start in range(0, len(body), ZSTD_PIECE_BYTES):
        end = start + ZSTD_PIECE_BYTES
        try:
            out += stream.decompress(body[start:end])
        except _zstandard.ZstdError:
            raise _broken("zstd") from None
        if stream.eof:
            return bytes(out), stream.unused_data + body[end:]
        if len(out) >= room:
            return bytes(out), b""
    raise _cut("zstd")


def _members(body: bytes, bytes_max: int, *, name: str, magic: bytes, member: Callable[[bytes, int], tuple[bytes, bytes]]) -> bytes:
    """All members of a stream; what follows the last and does not begin another (padding, as a rule) is ignored."""
    out = b""
    for _ in range(GZIP_MEMBERS_MAX):
        more, body = member(body, bytes_max + 1 - len(out))
        out = _within(out + more, bytes_max)
        if not body.startswith(magic):
            return out
    raise FeedError(f"the body's {name} has more than {GZIP_MEMBERS_MAX} parts")


def _br(body: bytes, bytes_max: int) -> bytes:
    stream = _brotli.Decompressor()
    try:
        out: bytes = stream.process(body, output_buffer_limit=bytes_max + 1)
    except _brotli.error:
        raise _broken("br") from None
    if not stream.is_finished() and len(out) <= bytes_max:
        raise _cut("br")
    return _within(out, bytes_max)


def _within(out: bytes, bytes_max: int) -> bytes:
    if len(out) > bytes_max:
        raise TooLarge(f"larger than {bytes_max:,} bytes when decompressed")
    return out


def _cut(name: str) -> FeedError:
    return FeedError(f"the body is incomplete: its {name} has no end")


def _broken(name: str) -> FeedError:
    return FeedError(f"the body is no sound {name}")


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate}
if _brotli is not None:
    _DECODERS["br"] = _br
if _zstandard is not None:
    _DECODERS["zstd"] = _zstd

ACCEPTED = ", ".join(name for name in _DECODERS if name != "x-gzip")
"""The value of Accept-Encoding: what can be undone here."""
