"""The origin of a result as custom properties, which are saved with the scene."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bpy.types import ID

from ...backend.grotto.contract import Result, malformed_as_bad_input
from ...backend.grotto.contract.recipes import ElementOptions

RECIPE = "grotto_recipe"  # marks the root and the collection of a result
SCALE = "grotto_scale"
SCALE_POINTS = "grotto_scale_points"  # the two points of Set Scale, as JSON
FOLDER = "grotto_folder"
JOB = "grotto_job"
OUTDATED = "grotto_outdated"  # stages that another version of Grotto made
STROKES_OF = "grotto_strokes_of"  # on a canvas for strokes: the job folder


ELEMENT_DEFAULTS = ElementOptions()


def provenance(folder: Path, result: Result) -> dict[str, str]:
    """Return the custom properties by name; values other than strings become JSON."""
    shas = {asset.path: asset.sha256 for asset in result.assets if asset.sha256}
    with malformed_as_bad_input(f"the result in {folder} does not say how it was made", "run the job again"):
        request = result.job.get("request", {})
        request = {"input": request.get("input", ""), "options": request.get("options", {})}
        stages = result.job.get("stages", {})
        outdated = [name for name, stage in stages.items() if stage["made_by"] != stage["now"]]
    values: dict[str, Any] = {
        OUTDATED: outdated,
        JOB: result.job.get("id") or folder.name,
        "grotto_stamp": result.job.get("stamp", ""),
        RECIPE: result.recipe,
        "grotto_input": request["input"],
        "grotto_options": request["options"],
        "grotto_versions": result.versions,
        "grotto_engines": result.engines,
        "grotto_models": result.models,
        "grotto_facts": result.facts,
        "grotto_sha256": shas,
        "grotto_notes": result.notes,
        SCALE: scale_of(result),
        FOLDER: str(folder),
    }
    return {key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for key, value in values.items()}


def scale_of(result: Result) -> str:
    """Return "metric", "arbitrary" or another word of the recipe's. An element is metric where its height was given."""
    if "scale" in result.facts or "height_m" not in result.facts:
        return str(result.facts.get("scale", "arbitrary"))
    return "metric" if float(result.facts["height_m"]) != ELEMENT_DEFAULTS.relief.height_m else "arbitrary"


def set_properties(target: ID, values: dict[str, str]) -> None:
    """Set custom properties."""
    for key, value in values.items():
        target[key] = value
