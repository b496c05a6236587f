"""The options of a job that was too large, made smaller."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...backend.grotto.contract import Action, JobRequest, bad_input, from_flat, leaves, to_flat
from ...backend.grotto.contract.recipes import from_nested, to_nested
from ..recipes import RECIPES, RecipeEntry
from .options import quality_values


def smaller_options(recipe: str, folder: Path) -> dict[str, Any]:
    """Return the nested options of a job one step smaller. Raises ProblemError where it has no qualities or no request."""
    entry = RECIPES.get(recipe)
    if entry is None:
        raise bad_input(f"jobs of the recipe {recipe} have no lower quality", "choose smaller pictures", Action.NONE)
    try:
        request = JobRequest.read(folder)
    except (OSError, ValueError, TypeError) as error:
        raise bad_input(f"the request of the job in {folder} can not be read ({error})", "create the job again") from error
    flat = to_flat(from_nested(entry.options, request.options))
    return to_nested(from_flat(entry.options, smaller_values(entry, flat)))


def smaller_values(entry: RecipeEntry, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return flat options whose sizes are those of the next lower quality; below the lowest, half as large."""
    presets = quality_values(entry.qualities)
    for preset in reversed(list(presets.values())):  # from high to draft
        lower = {name: min(values[name], most) for name, most in preset.items() if isinstance(most, int | float)}
        if any(lower[name] < values[name] for name in lower):
            return {**values, **lower}
    least = {leaf.name: leaf.metadata.get("ge", 0) for leaf in leaves(entry.options)}
    sizes = [
        name
        for name, most in next(iter(presets.values())).items()
        if isinstance(most, int | float) and not isinstance(most, bool)
    ]
    return {**values, **{name: max(type(values[name])(least[name]), values[name] // 2) for name in sizes}}
