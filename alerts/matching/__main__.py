"""Compile rules in a process of its own: `python -m alerts.matching RULES CACHE` leaves the compiled form of a large list in CACHE."""

from __future__ import annotations

import sys
from pathlib import Path

from ..errors import AlertsError
from .compiled import Rules


def main() -> int:
    """0 where the rules are sound, 1 with every fault on standard error, 2 for a wrong call."""
    if len(sys.argv) != 3:
        sys.stderr.write("usage: python -m alerts.matching RULES CACHE\n")
        return 2
    try:
        Rules.load(sys.argv[1], cache=Path(sys.argv[2]))
    except AlertsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
