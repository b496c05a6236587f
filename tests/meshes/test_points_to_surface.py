from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from closed_fields import torus, volume
from numpy.typing import NDArray

from grotto.contract import ProblemError
from grotto.formats import Mesh, PointCloud
from grotto.meshes.repair import mesh_facts
from grotto.meshes.surface import point_normals, points_to_surface


def on_torus(count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points spread evenly over the torus of `closed_fields`, and their normals."""
    random = np.random.default_rng(5)
    places = np.zeros((0, 2))
    while len(places) < count:
        around, across, chance = random.uniform(0, 1, (3, 4 * count))
        fair = chance < (0.6 + 0.25 * np.cos(2 * np.pi * across)) / 0.85
        places = 2 * np.pi * np.stack([around, across], axis=1)[fair]
    turn, tilt = places[:count].T
    normal = np.stack([np.cos(turn) * np.cos(tilt), np.sin(turn) * np.cos(tilt), np.sin(tilt)], axis=1)
    ring = 0.6 * np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=1)
    return ring + 0.25 * normal, normal


def cloud(points: NDArray[np.floating]) -> PointCloud:
    return PointCloud(points.astype(np.float32), np.clip(127.5 * np.nan_to_num(points) + 127.5, 0, 255).astype(np.uint8))


@pytest.mark.parametrize(("method", "count", "resolution"), [("poisson", 3000, 32), ("mls", 4000, 40), ("rbf", 900, 14)])
def test_a_torus_from_points(method: Literal["poisson", "mls", "rbf"], count: int, resolution: int) -> None:
    points, normals = on_torus(count)
    mesh = points_to_surface(cloud(points), normals, method=method, resolution=resolution)
    facts = mesh_facts(mesh)
    assert facts.watertight and facts.euler == 0
    assert np.abs(torus(mesh.vertices.astype(np.float64))).max() < 0.03
    assert volume(mesh) == pytest.approx(2 * np.pi**2 * 0.6 * 0.25**2, rel=0.06)
    assert mesh.colours is not None and mesh.seen is not None and mesh.seen.mean() > 0.99
    assert np.abs(mesh.colours - (0.5 + 0.5 * mesh.vertices)).max() < 0.05


def test_normals_are_found_and_look_outwards() -> None:
    points, normals = on_torus(3000)
    agreeing = (point_normals(points) * normals).sum(axis=1)
    assert (agreeing > 0.9).all()
    half = normals[:, 2] > 0.3
    above = point_normals(points, np.array([0.0, 0.0, 9.0]))
    assert ((above * normals).sum(axis=1)[half] > 0.9).all()
    mesh = points_to_surface(cloud(points), method="mls", resolution=32)
    assert mesh_facts(mesh).euler == 0 and volume(mesh) > 0


def test_gaps_are_open_or_told() -> None:
    points, normals = on_torus(4000)
    kept = points[:, 0] < 0.5
    opened = points_to_surface(cloud(points[kept]), normals[kept], method="mls", resolution=40)
    assert not mesh_facts(opened).watertight and opened.vertices[:, 0].max() < 0.6
    whole = (np.abs(points[:, 1]) > 0.2) | (points[:, 0] < 0.4) | (points[:, 2] < 0.1)
    closed = points_to_surface(cloud(points[whole]), normals[whole], resolution=32)
    assert mesh_facts(closed).watertight and closed.seen is not None
    assert (closed.seen[closed.vertices[:, 0] < 0.3] == 1).all() and (closed.seen == 0).any()


@pytest.mark.parametrize("method", ["poisson", "mls", "rbf"])
def test_points_that_are_no_surface_are_a_problem(method: Literal["poisson", "mls", "rbf"]) -> None:
    line = np.linspace(0, 1, 100)[:, None] * np.ones(3)
    for points in (np.zeros((0, 3)), np.random.default_rng(1).normal(size=(10, 3)), np.full((99, 3), np.nan), line):
        with pytest.raises(ProblemError):
            points_to_surface(cloud(points), method=method)


def test_repeated_points_and_no_numbers_are_left_out() -> None:
    points, normals = on_torus(4000)
    bad = np.concatenate([points, points[:50], np.full((3, 3), np.nan)])
    mesh = points_to_surface(cloud(bad), np.concatenate([normals, normals[:50], normals[:3]]), method="mls", resolution=40)
    assert mesh_facts(mesh).watertight


def _open_edges(mesh: Mesh) -> list[tuple[int, int]]:
    sides = {(int(a), int(b)) for face in mesh.faces for a, b in zip(face, np.roll(face, -1), strict=True)}
    return [(a, b) for a, b in sides if (b, a) not in sides]
