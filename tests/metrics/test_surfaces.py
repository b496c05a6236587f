"""Distances of surfaces against closed forms and scipy's own Hausdorff distance."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from scipy.spatial.distance import directed_hausdorff

from grotto.formats import Mesh
from grotto.metrics import chamfer, compare_surfaces, f_score, hausdorff_of_points, sample_surface


def sheet(z: float, side: float = 1.0) -> Mesh:
    vertices = np.array([[0, 0, z], [side, 0, z], [side, side, z], [0, side, z]], np.float32)
    return Mesh(vertices=vertices, faces=np.array([[0, 1, 2], [0, 2, 3]], np.int32))


def sphere(radius: float) -> Mesh:
    made = trimesh.creation.icosphere(4, radius)
    return Mesh(vertices=made.vertices.astype(np.float32), faces=made.faces.astype(np.int32))


def test_points_by_hand() -> None:
    a, b = np.array([[0.0, 0, 0], [1, 0, 0]]), np.array([[0.0, 0, 0], [1, 0, 0], [1, 2, 0]])
    assert chamfer(a, b) == pytest.approx(0.5 * (0 + 2 / 3))
    assert hausdorff_of_points(a, b) == 2.0
    assert f_score(a, b, 0.1) == pytest.approx(2 * 1 * (2 / 3) / (5 / 3))
    assert f_score(a, a + 9.0, 0.1) == 0.0


def test_hausdorff_is_scipys() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.random((40, 3)), rng.random((50, 3)) + 0.2
    assert hausdorff_of_points(a, b) == pytest.approx(max(directed_hausdorff(a, b)[0], directed_hausdorff(b, a)[0]))


def test_concentric_spheres_lie_their_radii_apart() -> None:
    score = compare_surfaces(sphere(1.1), sphere(1.0), samples=20_000, threshold=0.05)
    assert score.chamfer == pytest.approx(0.1, abs=0.005)
    assert score.hausdorff == pytest.approx(0.1, abs=0.01)
    assert (score.precision, score.recall, score.f_score) == (0.0, 0.0, 0.0)
    assert score.normal_consistency > 0.995
    assert compare_surfaces(sphere(1.1), sphere(1.0), samples=5000, threshold=0.2).f_score == 1.0


def test_half_a_sheet_has_half_the_recall() -> None:
    half = Mesh(vertices=sheet(0.0).vertices * np.float32([0.5, 1, 1]), faces=sheet(0.0).faces)
    score = compare_surfaces(half, sheet(0.0), samples=8000, threshold=0.02)
    assert score.precision > 0.999
    assert score.recall == pytest.approx(0.52, abs=0.01)  # the half, and a strip as wide as the threshold
    assert score.hausdorff == pytest.approx(0.5, abs=0.01)


def test_crossed_sheets_disagree_in_normals() -> None:
    tilted = Mesh(vertices=sheet(0.0).vertices[:, [0, 2, 1]], faces=sheet(0.0).faces)
    assert compare_surfaces(tilted, sheet(0.0), samples=500).normal_consistency == pytest.approx(0.0, abs=1e-6)
    flipped = Mesh(vertices=sheet(0.0).vertices, faces=sheet(0.0).faces[:, ::-1])
    assert compare_surfaces(flipped, sheet(0.0), samples=500).normal_consistency == pytest.approx(1.0)


def test_samples_are_even_and_repeat() -> None:
    points, normals = sample_surface(sheet(2.0), 4000, 3)
    assert np.histogram2d(points[:, 0], points[:, 1], bins=4)[0].std() < 20
    assert np.allclose(normals, [0, 0, 1]) and np.allclose(points[:, 2], 2)
    assert np.array_equal(points, sample_surface(sheet(2.0), 4000, 3)[0])


def test_no_area_is_refused() -> None:
    with pytest.raises(ValueError, match="area"):
        sample_surface(Mesh(vertices=np.zeros((3, 3), np.float32), faces=np.array([[0, 1, 2]], np.int32)), 10, 0)
    with pytest.raises(ValueError, match="points"):
        chamfer(np.zeros((0, 3)), np.zeros((4, 3)))
