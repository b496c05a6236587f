"""The place of the orthophoto in the wall's frame."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from ....backend.grotto.contract import MALFORMED, Asset, bad_input, parse_json
from ..job_files import place_in_job

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
    described = place_in_job(job, orthophoto.path).parent / ARTEFACT_FILE
    try:
        data = parse_json(described.read_bytes())
        x_min, z_max, pixel = float(data["x_min"]), float(data["z_max"]), float(data["pixel"])
        edges = x_min, x_min + data["width"] * pixel, z_max - data["height"] * pixel, z_max
        if not all(map(math.isfinite, edges)):
            raise ValueError("an edge that is not finite")
        return Placement(*edges)
    except (OSError, *MALFORMED) as error:
        raise bad_input(f"{described} does not say where the orthophoto is", "run the job again") from error
