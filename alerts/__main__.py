"""`python -m alerts` is the command `alerts`."""

from __future__ import annotations

from .cli import main

main()
