"""Requests of earlier releases: options that were renamed or grouped otherwise are still understood, others are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grotto.contract import JobRequest, ProblemError
from grotto.contract.recipes import ELEMENT_QUALITIES, ElementOptions, ScanOptions, WallOptions, from_nested, to_nested

SCAN: dict[str, Any] = {
    "via": "field",
    "source": {"holdout": 8, "video_frames": 60, "scan_pairing": "sequence"},
    "surface": {"mesh_from": "field", "mesh_resolution": 128, "scan_faces": 7000, "refine_steps": 50},
    "bake": {"bake_px": 1024, "bake_padding": 8, "texture_steps": 12, "highlights": False, "lods": 1},
    "memory_limit_mb": 900,
}
ELEMENT: dict[str, Any] = {
    "route": "relief",
    "relief": {"shape": "slab", "element_faces": 900, "relief_lods": 0, "wall": "/jobs/wall", "wall_box": "1,2,3,4"},
    "orbit": {"orbit_frames": 10, "orbit_px": 64, "via_sfm": True, "front_picture": False},
    "generator": {"generator": "triposr", "generator_turn_deg": 90.0},
    "surface": {"mesh_from": "auto", "mesh_resolution": 128, "scan_faces": 7000, "refine_steps": 50},
    "bake": {"bake_px": 1024, "lods": 1},
}


def test_a_scan_of_an_earlier_release() -> None:
    options = from_nested(ScanOptions, SCAN)
    assert (options.via, options.mesh_from, options.memory_limit_mb) == ("field", "field", 900)
    assert (options.budget.faces, options.budget.lods) == (7000, 1)
    assert (options.source.pairing, options.source.holdout) == ("sequence", 8)
    assert (options.surface.mesh_resolution, options.refine.refine_steps) == (128, 50)


@pytest.mark.parametrize(
    ("route", "budget"), [("relief", (900, 0)), ("model", (900, 0)), ("views", (7000, 1)), ("sheet", (7000, 1))]
)
def test_an_element_of_an_earlier_release_keeps_its_routes_budget(route: str, budget: tuple[int, int]) -> None:
    options = from_nested(ElementOptions, {**ELEMENT, "route": route})
    assert (options.budget.faces, options.budget.lods) == budget
    assert (options.on_wall.wall, options.on_wall.wall_box) == ("/jobs/wall", "1,2,3,4")
    assert options.from_views.via_sfm and not options.from_views.front_picture
    assert options.generated.generator_turn_deg == 90.0
    assert (options.surface.mesh_resolution, options.refine.refine_steps) == (128, 50)


def test_the_request_of_a_job_folder(tmp_path: Path) -> None:
    (tmp_path / "request.json").write_text(json.dumps({"recipe": "scan", "input": "/a", "out": "/b", "options": SCAN}))
    assert from_nested(ScanOptions, JobRequest.read(tmp_path).options).budget.faces == 7000


def test_todays_requests_come_back() -> None:
    for options in ELEMENT_QUALITIES.values():
        assert from_nested(ElementOptions, json.loads(json.dumps(to_nested(options)))) == options
    only = from_nested(ElementOptions, {"budget": {"lods": 0}})
    assert (only.budget.faces, only.budget.lods) == (ElementOptions().budget.faces, 0)


@pytest.mark.parametrize(
    ("values", "named"),
    [({"surface": {"scan_colour": 3}}, "scan_colour"), ({"surface": 3}, "surface"), ({"splat": 3}, "splat")],
)
def test_what_no_release_had_is_refused_by_name(values: dict[str, Any], named: str) -> None:
    for recipe in (ScanOptions, WallOptions):
        with pytest.raises(ProblemError, match=named):
            from_nested(recipe, values)
