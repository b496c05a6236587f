"""Jobs of the recipe `element` for benches: run one in this process, and read its files."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...contract import JobRequest, bad_input, from_flat, to_flat
from ...contract.recipes import to_nested
from ...recipes import RECIPES
from ...runner import run_here


def relief_job(source: Path, values: Mapping[str, Any], out: Path) -> dict[str, Any]:
    """Run the relief route in `out`, quality standard with `values`; returns the manifest. Raises bad input where refused."""
    entry = RECIPES["element"]
    chosen = from_flat(entry.options, {**to_flat(entry.qualities["standard"]), "route": "relief", **values})
    request = JobRequest("element", str(source.absolute()), str(out.absolute()), to_nested(chosen))
    with Path(os.devnull).open("w") as quiet:
        end = run_here(entry.module, request, quiet)
    if end.problem is not None:
        raise bad_input(f"{source.name} became no element: {end.problem.cause}", end.problem.remedy)
    result: dict[str, Any] = json.loads((out / "result.json").read_text(encoding="utf-8"))
    return result


def asset(result: Mapping[str, Any], out: Path, kind: str) -> Path:
    """Return the path of the first asset of a kind."""
    return out / str(next(one["path"] for one in result["assets"] if one["kind"] == kind))


def job_mask(result: Mapping[str, Any], out: Path) -> NDArray[np.float32]:
    """Read the job's mask (h, w), 0 to 1."""
    with Image.open(asset(result, out, "mask")) as image:
        return np.asarray(image.convert("L"), np.float32) / np.float32(255)
