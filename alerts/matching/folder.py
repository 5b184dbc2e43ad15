"""Where the compiled form of large lists is kept between runs: what a folder holds is only ever a copy, and may be deleted."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

__all__ = ["cache_folder"]


def cache_folder(environ: Mapping[str, str]) -> Path | None:
    """`ALERTS_CACHE`, else the user's folder for such things; None where neither can be written. Nothing is made here."""
    if named := environ.get("ALERTS_CACHE"):
        return _writable(Path(named))
    if shared := environ.get("XDG_CACHE_HOME"):
        return _writable(Path(shared) / "alerts")
    if home := environ.get("HOME"):
        return _writable(Path(home) / ".cache" / "alerts")
    return None


def _writable(folder: Path) -> Path | None:
    """The folder where it can be written, or made."""
    absolute = folder.absolute()
    there = next(path for path in (absolute, *absolute.parents) if path.exists())
    return absolute if there.is_dir() and os.access(there, os.W_OK) else None
