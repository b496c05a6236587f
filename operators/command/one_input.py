"""Make one input: create, import, save."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from ...addon.backend import session
from ...addon.recipes import RecipeEntry
from ...backend.grotto.contract import Kind


def create(recipe: RecipeEntry, source: Path, out: Path | None, quality: str, options: dict[str, Any]) -> bool:
    """Run one job and import its result; return False if it was cancelled. Raises RuntimeError with the reason of a failure."""
    operator = getattr(bpy.ops.grotto, f"create_{recipe.name}")
    folder = str(out.absolute()) if out else ""
    ended = operator(source=str(source.absolute()), out=folder, quality=quality.upper(), **options)
    return "FINISHED" in ended


def failure(error: RuntimeError) -> tuple[str, int]:
    """Return the reason of an operator's failure and its exit code."""
    problem = session.last_problem()
    if problem is None:
        return str(error).strip(), Kind.BUG.exit_code
    return problem.sentence(), problem.kind.exit_code


def save(path: Path) -> None:
    """Save the scene."""
    path.parent.mkdir(parents=True, exist_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(path), relative_remap=True)
