"""The place of the orthophoto in the wall's frame."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from ....backend.grotto.contract import Asset, bad_input

ARTEFACT_FILE = "artefact.json"  # description of a stage's folder


@dataclass(frozen=True)
class Placement:
    """Outer edges of the orthophoto, in units of the wall's frame."""

    x_min: float
    x_max: float
    z_min: float
    z_max: float


def read_placement(job: Path, orthophoto: Asset) -> Placement:
    """Read the place from the description beside the orthophoto. Raises ProblemError where it is missing."""
    described = (job / orthophoto.path).parent / ARTEFACT_FILE
    try:
        data = json.loads(described.read_text(encoding="utf-8"))
        x_min, z_max, pixel = float(data["x_min"]), float(data["z_max"]), float(data["pixel"])
        return Placement(x_min, x_min + data["width"] * pixel, z_max - data["height"] * pixel, z_max)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise bad_input(f"{described} does not say where the orthophoto is", "run the job again") from error
