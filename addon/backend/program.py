"""Find the backend's program, and prepare its environment."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from ...backend.grotto.contract import Action, missing_resource

NAME = "grotto.exe" if sys.platform == "win32" else "grotto"

# They would make the backend's Python load Blender's libraries.
BLENDER_VARIABLES = (
    "PYTHONHOME",
    "PYTHONPATH",
    "LD_LIBRARY_PATH",
    "MATERIALX_SEARCH_PATH",
    "PXR_MTLX_STDLIB_SEARCH_PATHS",
)


def programs_below(folder: Path) -> Iterator[Path]:
    """Yield the places of the program in a folder that a user chose: its own, a virtual environment, or a checkout."""
    for inside in ("", "bin", "Scripts", ".venv/bin", ".venv/Scripts"):
        yield folder / inside / NAME


def locate(named: str) -> Path:
    """Return the program that the preference names, directly or by its folder. Raises ProblemError."""
    if not named.strip():
        raise missing_resource(
            "no backend is set", "choose its folder in the preferences, or press Find", Action.OPEN_PREFERENCES
        )
    path = Path(named).expanduser()
    found = path if path.is_file() else next((item for item in programs_below(path) if item.is_file()), None)
    if found is None:
        raise missing_resource(
            f"{path} holds no program named {NAME}",
            "choose the folder where the backend was installed",
            Action.OPEN_PREFERENCES,
        )
    if not os.access(found, os.X_OK):
        raise missing_resource(f"{found} is not executable", "choose the folder of the backend", Action.OPEN_PREFERENCES)
    return found.absolute()


def find() -> Path | None:
    """Find a backend on this machine: in GROTTO_BACKEND, on the search path, in the default folders."""
    named = os.environ.get("GROTTO_BACKEND", "")
    places = [Path(named)] if named else []
    on_path = shutil.which(NAME)
    places += [Path(on_path)] if on_path else []
    places += [Path.home() / "grotto", Path.home() / ".local" / "share" / "grotto", Path("/opt/grotto")]
    for place in places:
        if place.is_file():
            return place.absolute()
        for item in programs_below(place):
            if item.is_file():
                return item.absolute()
    return None


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without the variables that Blender sets."""
    return {name: value for name, value in environment.items() if name not in BLENDER_VARIABLES}
