"""The project is tidy: linted, formatted, typed, and every room imports only rooms below it."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",), ("lint-imports", "--no-cache")],
    ids=lambda command: " ".join(command),
)
def test_tidy(command):
    done = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_changelog_begins_with_the_version_of_the_package():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    found = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert found is not None
    assert found.group(1) == version


def test_import_alerts_loads_nothing_heavy():
    heavy = ["kafka", "apprise", "aiohttp", "requests", "feedparser", "lxml", "sqlite3"]
    script = f"import sys, alerts; alerts.Rules; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("alerts.log", ["kafka", "sqlite3"]),
        ("alerts.cli.main", ["kafka", "apprise", "aiohttp", "structlog.dev"]),
        ("alerts.stages.service", ["kafka", "apprise", "aiohttp", "lxml"]),
    ],
)
def test_a_room_loads_what_is_heavy_only_when_it_is_used(module, absent):
    script = f"import sys, {module}; print([name for name in {absent} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
