"""The compiled form of a large list: kept on disk by what it was compiled from, and shared by all processes that have it open.

    lexicon(targets, cache=folder)    from the folder where it is there and whole, else compiled, and left there for the next one

A file goes by a digest of all terms and of the code that compiles them, so that it is never out of date and never has to be told so.
Only the last few are kept.

What it deliberately does not do: nothing fails for want of a cache. A folder that cannot be written costs the time of compiling.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Mapping
from contextlib import suppress
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from .index import open_arrays, save
from .lexicon import Lexicon
from .targets import Targets

__all__ = ["LARGE", "lexicon"]

LARGE = 20_000
"""Terms from which on opening a file is worth the disk; fewer are compiled in a second."""
KEPT_MAX = 4
_SUFFIX = ".index"
_FORMAT = b"3"


def lexicon(targets: Targets, *, cache: Path | None) -> Lexicon:
    """The lexicon of these terms."""
    if cache is None or len(targets) < LARGE:
        return Lexicon.of(targets.entries(), terms=len(targets))
    path = cache / (_name(targets) + _SUFFIX)
    arrays = open_arrays(path) or _compiled(targets, path)
    with suppress(OSError):  # another process may tidy up at the same time, and a folder may be read-only
        os.utime(path)
        _tidy(cache)
    gc.collect()  # what reading and compiling left is looked through now, not in the middle of an article
    return Lexicon(arrays)


def _compiled(targets: Targets, path: Path) -> Mapping[str, NDArray[Any]]:
    """The arrays, compiled, and mapped where they can be kept: then the compiled ones go first, which are as large."""
    arrays = Lexicon.of(targets.entries(), terms=len(targets)).arrays
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save(path, arrays)
    except OSError:
        return arrays
    del arrays
    return open_arrays(path) or Lexicon.of(targets.entries(), terms=len(targets)).arrays


def _name(targets: Targets) -> str:
    digest = blake2b(_FORMAT, digest_size=16)
    for room in ("alerts.text", "alerts.matching", "alerts.matching.native"):
        for file in sorted(files(room).iterdir(), key=lambda file: file.name):
            if file.is_file():
                digest.update(file.name.encode() + b"\0" + file.read_bytes())
    for part in targets.content():
        digest.update(part)
    return digest.hexdigest()


def _tidy(cache: Path) -> None:
    """Remove all but the files used last; those that are open stay readable."""
    known = sorted(cache.glob(f"*{_SUFFIX}"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    for file in known[KEPT_MAX:]:
        file.unlink()
