"""Build the extension's zip: copy an allow-list of files, then build and check with Blender's own script.

Run by any Python; `--blender PYTHON` names the interpreter that has bpy (default: .venv-blender's).
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COPY = ROOT / "build" / "extension" / "grotto_extension"
ZIP = ROOT / "build" / "grotto.zip"

SINGLE_FILES = ("__init__.py", "blender_manifest.toml", "LICENSE")
PYTHON_FOLDERS = ("addon", "operators", "backend/grotto/contract")
EMPTY_FILE = "backend/grotto/__init__.py"  # this one runs inside Blender, where the backend is not


def allowed_files(root: Path = ROOT) -> Iterator[str]:
    """Every name that the zip may hold, POSIX, relative to `root`: nothing else ever leaves the house."""
    yield from SINGLE_FILES
    yield EMPTY_FILE
    for folder in PYTHON_FOLDERS:
        yield from sorted(path.relative_to(root).as_posix() for path in (root / folder).rglob("*.py"))


def copy_allowed(root: Path = ROOT, copy: Path = COPY) -> Path:
    """Make `copy` anew: the extension as Blender gets it."""
    shutil.rmtree(copy, ignore_errors=True)
    for name in allowed_files(root):
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if name == EMPTY_FILE:
            target.touch()
        else:
            shutil.copyfile(root / name, target)
    return copy


def blender_python(named: str = "") -> str:
    """The interpreter that has bpy."""
    if named:
        return named
    inside = ROOT / ".venv-blender" / "bin" / "python"
    return str(inside) if inside.exists() else sys.executable


def official_script(python: str) -> str:
    """Blender's own blender_ext.py, found by asking the interpreter that has bpy."""
    code = "import bpy, sys; sys.stdout.write(bpy.utils.resource_path('LOCAL'))"
    asked = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True, timeout=120)
    return str(Path(asked.stdout.strip().splitlines()[-1]) / "scripts/addons_core/bl_pkg/cli/blender_ext.py")


def build(python: str, output: Path = ZIP) -> Path:
    """Copy, build, validate. Raises CalledProcessError where Blender's script finds a fault."""
    copy = copy_allowed()
    script = official_script(python)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.unlink(missing_ok=True)
    tool = [python, script]
    subprocess.run([*tool, "build", "--source-dir", str(copy), "--output-filepath", str(output)], check=True, timeout=120)
    subprocess.run([*tool, "validate", str(output)], check=True, timeout=120)
    return output


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blender", default="", metavar="PYTHON", help="interpreter that has bpy")
    parser.add_argument("--output", type=Path, default=ZIP)
    parser.add_argument("--copy-only", action="store_true", help="stop after the copy is made")
    arguments = parser.parse_args()
    if arguments.copy_only:
        made = copy_allowed()
    else:
        made = build(blender_python(arguments.blender), arguments.output)
    sys.stdout.write(f"{made}\n")


if __name__ == "__main__":
    main()
