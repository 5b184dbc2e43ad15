"""What is compiled is tested where it was compiled: always in CI, elsewhere where there is a compiler."""

from __future__ import annotations

import os

import pytest

from alerts.matching.native import compiled

needs_native = pytest.mark.skipif(
    compiled("Memory") is None and not os.environ.get("CI"),
    reason="alerts.matching.native is not compiled: install a C compiler, then the package again",
)
