"""The wheel holds everything that an installation needs: rules, demo feed, word lists, and works away from a checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, check=True, capture_output=True
    )
    (built,) = folder.glob("conflict_alerts-*.whl")
    return built


def test_the_wheel_holds_rules_demo_and_types(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "alerts/_shipped/demo/feed.xml" in names
    assert "alerts/py.typed" in names
    shipped = {name.removeprefix("alerts/_shipped/") for name in names if name.startswith("alerts/_shipped/rules/")}
    assert {str(path.relative_to(ROOT)) for path in (ROOT / "rules").rglob("*.yaml")} <= shipped
    assert not any(name.startswith(("tests/", "rules/", "demo/")) for name in names)


def test_the_demo_runs_from_an_installed_wheel(wheel, tmp_path):
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    environ = {key: value for key, value in os.environ.items() if not key.startswith("ALERTS_")} | {"PYTHONPATH": str(site)}
    where = [sys.executable, "-c", "import alerts; print(alerts.__file__)"]
    assert subprocess.run(where, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True).stdout.startswith(str(site))
    done = subprocess.run([sys.executable, "-m", "alerts", "demo"], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Raqqa" in done.stdout
