"""An element made for a wall comes to lie on it, wherever the artist has put the wall."""

from __future__ import annotations

import json
from pathlib import Path

import bpy
import made_job
import numpy as np
import pytest
from made_element import make_element
from mathutils import Matrix

PLACE = [[1.0, 0.0, 0.0, 0.25], [0.0, 1.0, 0.0, -0.03], [0.0, 0.0, 1.0, 0.5], [0.0, 0.0, 0.0, 1.0]]


@pytest.fixture
def lying(tmp_path: Path) -> Path:
    """A finished element that says its place on the wall `north`."""
    folder = make_element(tmp_path / "lying")
    told = json.loads((folder / "result.json").read_text())
    told["facts"] |= {"wall_from_element": PLACE, "wall": "north", "scale": "metric"}
    told["job"]["request"]["options"] = {"relief": {"wall": str(tmp_path / "north")}}
    (folder / "result.json").write_text(json.dumps(told))
    return folder


def brought_in(folder: Path, **settings: object) -> bpy.types.Object:
    before = set(bpy.context.scene.objects)
    assert bpy.ops.grotto.import_result(directory=str(folder), **settings) == {"FINISHED"}
    bpy.context.view_layer.update()
    return next(item for item in set(bpy.context.scene.objects) - before if item.type == "EMPTY")


def test_without_its_wall_it_stands_in_the_walls_frame_or_at_the_origin(empty: None, lying: Path) -> None:
    assert np.array(brought_in(lying).matrix_world) == pytest.approx(np.array(PLACE), abs=1e-6)
    assert np.array(brought_in(lying, on_wall=False).matrix_world) == pytest.approx(np.eye(4))


def test_it_follows_its_wall_to_where_that_was_put(empty: None, lying: Path, tmp_path: Path) -> None:
    other, wall = (brought_in(made_job.make_job(tmp_path / name)) for name in ("south", "north"))
    other.location = (9, 9, 9)
    wall.matrix_world = Matrix.Translation((3, 2, 1)) @ Matrix.Rotation(0.5, 4, "Z") @ Matrix.Scale(2, 4)
    found = brought_in(lying)
    assert np.array(found.matrix_world) == pytest.approx(np.array(wall.matrix_world) @ np.array(PLACE), abs=1e-5)
