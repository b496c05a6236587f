"""Plates on walls: closed, their backs on the wall, their fronts as high above it as the figure is; holes carried over."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from grotto.formats import Mesh
from grotto.meshes.repair import mesh_facts
from grotto.relief.body import Heights, Solid, inflate, inpaint_heights, relief_on_wall, wall_slab_solid
from grotto.relief.outline import trace_outline, triangulate_evenly
from grotto.scene import RayCaster

PLATE = (20.0, 20.0, 180.0, 150.0)


def bulging(places: np.ndarray) -> np.ndarray:
    """A wall that leans and bulges, px towards the viewer."""
    x, y = places.T
    return 0.1 * x + 8 * np.sin(x / 25) * np.cos(y / 30)


def blob() -> tuple[tuple[np.ndarray, ...], Heights]:
    y, x = np.mgrid[:170, :200] + 0.5
    wobble = 44 + 1.5 * np.sin(5 * np.arctan2(y - 85, x - 100) + 0.4)
    curves = trace_outline(np.clip(wobble - np.hypot(x - 100.2, y - 85.3) + 0.5, 0, 1).astype(np.float32))
    dense = triangulate_evenly(curves, 3.0)
    return curves, Heights(over=dense, values=0.25 * inflate(dense))


def slab(faces: int) -> tuple[Solid, Heights]:
    curves, figure = blob()
    relief = relief_on_wall(figure, bulging, PLATE)
    return wall_slab_solid(curves, relief, PLATE, 6.0, faces, 0.8), figure


def met(solid: Solid, places: np.ndarray, sense: float) -> np.ndarray:
    """z where rays from before (1) or behind (-1) meet the body at places (n, 2), x right and y down."""
    start = np.column_stack([places * [1, -1], np.full(len(places), 500.0 * sense)])
    hits = RayCaster(solid.vertices, solid.faces).first(start, np.tile([0.0, 0.0, -sense], (len(start), 1)))
    assert (hits.face >= 0).all()
    return sense * (500.0 - hits.distance)


@pytest.mark.parametrize(("faces", "off_px"), [(700, 1.2), (3000, 0.3)])
def test_the_back_lies_on_the_wall_and_the_front_stands_off_it_by_plate_and_figure(faces: int, off_px: float) -> None:
    solid, figure = slab(faces)
    facts = mesh_facts(Mesh(vertices=solid.vertices.astype(np.float32), faces=solid.faces.astype(np.int32)))
    assert facts.watertight
    assert facts.islands == 1
    assert facts.degenerate_faces == facts.nonmanifold_edges == 0
    assert 0.5 * faces < facts.faces <= 1.05 * faces
    assert trimesh.Trimesh(solid.vertices, solid.faces, process=False).volume > 0
    places = np.random.default_rng(0).uniform([21, 21], [179, 149], (800, 2))
    wall = bulging(places)
    inner = np.hypot(places[:, 0] - 100, places[:, 1] - 85) < 40
    assert np.percentile(np.abs(met(solid, places, -1) - wall), 95) < off_px
    plain = np.hypot(places[:, 0] - 100, places[:, 1] - 85) > 50
    front = met(solid, places, 1) - wall - 6.0
    assert np.percentile(np.abs(front[inner] - figure.at(places[inner])), 95) < 2 * off_px
    assert np.percentile(np.abs(front[plain]), 95) < 2 * off_px
    assert met(solid, places, 1).min() > 0
    assert (met(solid, places, 1) - met(solid, places, -1)).min() > 2.0


def test_on_a_flat_wall_it_is_a_plain_plate() -> None:
    curves, figure = blob()
    relief = relief_on_wall(figure, lambda places: np.full(len(places), 3.0), PLATE)
    solid = wall_slab_solid(curves, relief, PLATE, 6.0, 3000, 0.8)
    assert solid.vertices[:, 2].min() == pytest.approx(3.0)
    assert solid.vertices[:, 2].max() == pytest.approx(9.0 + figure.values.max(), rel=0.02)
    assert solid.vertices[:, :2].min(0) == pytest.approx([20, -150])
    assert solid.vertices[:, :2].max(0) == pytest.approx([180, -20])
    assert (solid.vertices[:, 2] == 3.0).sum() == 4


def test_holes_are_carried_over_smoothly_and_what_is_known_stays() -> None:
    y, x = np.mgrid[:60, :90].astype(np.float32)
    truth = (0.5 * x - 0.2 * y).astype(np.float32)
    holed = truth.copy()
    holed[20:40, 30:60] = np.nan
    made = inpaint_heights(holed)
    known = np.isfinite(holed)
    np.testing.assert_array_equal(made[known], truth[known])
    assert np.abs(made - truth).max() < 0.5  # of 45: a plane is harmonic
    assert np.abs(np.diff(made, axis=1)).max() < 1.0
    assert not np.isnan(inpaint_heights(np.full((5, 7), np.nan, np.float32))).any()
