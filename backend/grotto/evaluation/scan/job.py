"""Jobs of the recipe `scan` for benches."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...contract import JobRequest, bad_input, from_flat, to_flat
from ...contract.recipes import to_nested
from ...recipes import RECIPES
from ...runner import run_here


def scan_job(source: Path, values: Mapping[str, Any], out: Path) -> dict[str, Any]:
    """Run a scan in `out`, quality draft with `values`; returns the manifest. Raises bad input where it ended with a problem."""
    entry = RECIPES["scan"]
    chosen = from_flat(entry.options, {**to_flat(entry.qualities["draft"]), **values})
    request = JobRequest("scan", str(source.absolute()), str(out.absolute()), to_nested(chosen))
    out.mkdir(parents=True, exist_ok=True)
    with Path(os.devnull).open("w") as quiet:
        end = run_here(entry.module, request, quiet)
    if end.problem is not None:
        raise bad_input(f"{source.name} became no scan: {end.problem.cause}", end.problem.remedy)
    result: dict[str, Any] = json.loads((out / "result.json").read_text(encoding="utf-8"))
    return result


def asset_paths(result: Mapping[str, Any], kind: str, roles: Sequence[str]) -> list[str]:
    """The paths of a kind's assets with these roles, relative to the job, in the order of the roles."""
    return [one["path"] for role in roles for one in result["assets"] if one["kind"] == kind and one["role"] == role]
