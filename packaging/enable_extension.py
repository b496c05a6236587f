"""The extension of this checkout in Blender as a Python module, for one run; the user's own Blender is not touched."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[1]
MODULE = "bl_ext.user_default.grotto"
_temporary = ""


def enable_extension() -> str:
    """Make sure that bpy has the extension, and return its module's name.

    Inside a Blender that runs already there is nothing to do: the user has installed it. As a Python module, Blender
    gets a temporary folder for preferences and extensions, which must be named before bpy is imported.
    """
    global _temporary
    if "bpy" not in sys.modules:
        _temporary = tempfile.mkdtemp(prefix="grotto-")
        os.environ["BLENDER_USER_RESOURCES"] = _temporary
        _install()
    return MODULE


def leave(code: int) -> NoReturn:
    """End the process with a code. Some versions of the bpy module hang or crash at Python's usual end."""
    sys.stdout.flush()
    sys.stderr.flush()
    if _temporary:
        shutil.rmtree(_temporary, ignore_errors=True)
    os._exit(code)


def _install() -> None:
    import bpy

    made = Path(os.environ["BLENDER_USER_RESOURCES"]) / "grotto.zip"
    build = [sys.executable, str(ROOT / "packaging" / "build_extension.py"), "--blender", sys.executable]
    subprocess.run([*build, "--output", str(made)], check=True, stdout=subprocess.DEVNULL, timeout=120)
    bpy.ops.extensions.package_install_files(filepath=str(made), repo="user_default", enable_on_install=True)
    if MODULE not in bpy.context.preferences.addons:  # Blender ends with FINISHED where it could not install
        raise RuntimeError(f"Blender did not enable {made}")
    backend = ROOT / ".venv" / "bin" / "grotto"
    if backend.is_file():
        bpy.context.preferences.addons[MODULE].preferences.backend = str(backend)
