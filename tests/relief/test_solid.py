"""Closed bodies from outlines: closed in truth, of the size that was asked for, and of the right shape."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from grotto.formats import Mesh
from grotto.meshes.repair import mesh_facts
from grotto.relief.body import Heights, Solid, inflate, inflated_solid, slab_solid, standee_solid
from grotto.relief.outline import trace_outline, triangulate_evenly
from grotto.scene import RayCaster


def figure(seed: int = 0, size: int = 300) -> np.ndarray:
    """A body with a hole, a ribbon of two pixels, and an island beside it."""
    y, x = np.mgrid[:size, :size] + 0.5
    wobble = 70 + 12 * np.sin(5 * np.arctan2(y - 150, x - 150) + seed)
    body = np.clip(wobble - np.hypot(x - 150, y - 150) + 0.5, 0, 1)
    hole = np.clip(np.hypot(x - 130, y - 160) - 15 + 0.5, 0, 1)
    ribbon = np.clip(2.0 - np.abs(y - 150 - 30 * np.sin(x / 25)), 0, 1) * (x > 20) * (x < 280)
    island = np.clip(12 - np.hypot(x - 260, y - 40) + 0.5, 0, 1)
    return np.maximum(np.maximum(body * hole, ribbon * hole), island).astype(np.float32)


def relief(alpha: np.ndarray) -> tuple[tuple[np.ndarray, ...], Heights]:
    curves = trace_outline(alpha)
    dense = triangulate_evenly(curves, 1.5)
    return curves, Heights(over=dense, values=inflate(dense))


def padded(alpha: np.ndarray, faces: int) -> tuple[Solid, Heights]:
    curves, heights = relief(alpha)
    return inflated_solid(curves, heights, lambda places: 0.6 * heights.at(places), 1.0, faces, 0.8), heights


def as_mesh(solid: Solid) -> Mesh:
    return Mesh(vertices=solid.vertices.astype(np.float32), faces=solid.faces.astype(np.int32))


@pytest.mark.parametrize("faces", [900, 6000, 12000])
def test_padded_figures_are_closed_and_keep_to_their_faces(faces: int) -> None:
    solid, _ = padded(figure(), faces)
    facts = mesh_facts(as_mesh(solid))
    assert facts.watertight
    assert facts.islands == 2
    assert facts.degenerate_faces == facts.nonmanifold_edges == 0
    assert 0.5 * faces < facts.faces <= 1.05 * faces
    assert trimesh.Trimesh(solid.vertices, solid.faces, process=False).volume > 0


def test_the_front_keeps_to_the_dense_relief_and_the_body_is_thick() -> None:
    solid, heights = padded(figure(), 20_000)
    rim_free = heights.over.points[~heights.over.on_rim][::7]
    start = np.column_stack([rim_free * [1, -1], np.full(len(rim_free), 500.0)])
    hits = RayCaster(solid.vertices, solid.faces[solid.front]).first(start, np.tile([0.0, 0.0, -1.0], (len(start), 1)))
    on = hits.face >= 0  # steep rims are no part of the front
    found = 500.0 - hits.distance[on] - 1.0  # the rim stands off by one
    error = np.abs(found - heights.at(rim_free[on]))
    assert on.mean() > 0.8
    assert np.percentile(error, 95) < 0.01 * heights.values.max()
    assert np.ptp(solid.vertices[:, 2]) > 0.1 * np.ptp(solid.vertices[:, 0])


def test_fronts_face_the_viewer_and_nothing_steep_shows_the_picture() -> None:
    solid, _ = padded(figure(), 6000)
    corners = solid.vertices[solid.faces[solid.front]]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (normal[:, 2] / np.linalg.norm(normal, axis=1)).min() > 0.25
    assert solid.front.any()
    assert not solid.front.all()


def test_standees_are_flat_and_slabs_are_plates() -> None:
    curves, heights = relief(figure())
    standee = standee_solid(curves, 5.0, 2000, 0.8)
    assert mesh_facts(as_mesh(standee)).watertight
    assert set(np.unique(standee.vertices[:, 2])) == {-5.0, 5.0}
    low = Heights(over=heights.over, values=0.25 * heights.values)
    slab = slab_solid(curves, low, 10.0, 6.0, 4000, 0.8)
    assert mesh_facts(as_mesh(slab)).watertight
    assert mesh_facts(as_mesh(slab)).islands == 1
    assert slab.vertices[:, 2].min() == -6.0
    assert slab.vertices[:, 2].max() == pytest.approx(6.0 + low.values.max(), rel=0.05)
