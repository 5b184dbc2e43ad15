"""Compiles `alerts.matching.native` while the package is built, where a C compiler and Python's headers are there.

Without them, or with `ALERTS_NATIVE=0`, the package is built all the same and matches in Python. The compiled file takes Python's stable
ABI, so that one wheel serves every version from 3.11 on.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = Path("alerts", "matching", "native")
ABI = "0x030B0000"


class NativeBuildHook(BuildHookInterface[Any]):
    """hatchling calls `initialize` before it collects the files of a wheel, an editable one as well."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and tell hatchling of what came of it. `version` is `standard` or `editable`."""
        if self.target_name != "wheel" or os.environ.get("ALERTS_NATIVE") == "0":
            return
        built = self._compiled()
        if built is None:
            self.app.display_warning("alerts: no C compiler, so matching will run in Python, several times slower")
            return
        build_data["artifacts"].append(built.as_posix())
        build_data["pure_python"] = False
        build_data["tag"] = f"cp311-abi3-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"

    def _compiled(self) -> Path | None:
        """The compiled file, relative to the project; None where it cannot be made."""
        try:
            from setuptools import Distribution, Extension, errors
            from setuptools.command.build_ext import build_ext
        except ImportError:
            return None
        folder = Path(self.root, PACKAGE)
        sources = sorted(map(str, folder.glob("*.c")))
        extension = Extension(
            ".".join((*PACKAGE.parts, "_native")),
            sources,
            define_macros=[("Py_LIMITED_API", ABI), ("ALERTS_SOURCES", f'"{digest(folder)}"')],
            py_limited_api=True,
        )
        with tempfile.TemporaryDirectory() as temporary:
            command = build_ext(Distribution({"name": "alerts", "ext_modules": [extension]}))
            command.build_lib = command.build_temp = temporary
            command.ensure_finalized()
            try:
                command.run()
            except (errors.BaseError, OSError) as error:
                sys.stderr.write(f"alerts: {error}\n")
                return None
            (output,) = command.get_outputs()
            built = folder / Path(output).name
            shutil.copy(output, built.with_suffix(".new"))
            os.replace(built.with_suffix(".new"), built)  # whoever runs with the old file keeps it
        return PACKAGE / built.name


def digest(folder: Path) -> str:
    """What tells a compiled file of these sources from one of others."""
    found = sha256()
    for file in sorted([*folder.glob("*.c"), *folder.glob("*.h")]):
        found.update(file.name.encode() + b"\0" + file.read_bytes())
    return found.hexdigest()
