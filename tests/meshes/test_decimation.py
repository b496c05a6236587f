from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from closed_fields import CLOSED, blobs, meshed, sphere, torus, volume

from grotto.contract import ProblemError
from grotto.formats import Mesh
from grotto.meshes.remesh import decimate, nearest_on_mesh
from grotto.meshes.repair import is_manifold, mesh_facts
from grotto.meshes.surface import surface_of_grid


@pytest.mark.parametrize("name", CLOSED)
def test_fewer_faces_keep_the_shape(name: str) -> None:
    field, euler, truth = CLOSED[name]
    mesh = decimate(meshed(field, 40), 900)
    facts = mesh_facts(mesh)
    assert facts.watertight and facts.euler == euler and 800 < facts.faces <= 900
    assert volume(mesh) == pytest.approx(truth, rel=0.04)


def test_place_and_size_do_not_matter() -> None:
    mesh = meshed(torus)
    far = replace(mesh, vertices=mesh.vertices * np.float32(300) + np.float32(1000))
    near, moved = decimate(mesh, 400), decimate(far, 400)
    assert len(near.faces) == pytest.approx(len(moved.faces), abs=4) and is_manifold(moved)
    assert volume(replace(moved, vertices=(moved.vertices - 1000) / 300)) == pytest.approx(volume(near), rel=0.01)


def test_colours_and_seen_are_those_of_the_place() -> None:
    mesh = meshed(sphere, 40)
    mesh = replace(mesh, colours=mesh.vertices * 0.5 + 0.5, seen=(mesh.vertices[:, 2] > 0).astype(np.float32))
    small = decimate(mesh, 500)
    assert small.colours is not None and small.seen is not None
    assert np.abs(small.colours - (small.vertices * 0.5 + 0.5)).max() < 0.01  # half of how far vertices leave the surface
    clear = np.abs(small.vertices[:, 2]) > 0.06
    assert np.array_equal(small.seen[clear], (small.vertices[clear, 2] > 0).astype(np.float32))


def test_hard_cases_stay_closed() -> None:
    for seed in range(4):
        noise = np.random.default_rng(seed).normal(size=(8, 8, 8))
        mesh = surface_of_grid(noise, np.zeros(3), 1.0, 0.0)
        small = decimate(mesh, len(mesh.faces) // 5)
        assert is_manifold(mesh) and is_manifold(small)


def test_a_closed_surface_gets_more_faces_than_asked_for_where_fewer_are_none() -> None:
    ring = decimate(meshed(torus, 16), 4)
    assert is_manifold(ring) and 4 <= len(ring.faces) <= 16
    both = decimate(meshed(blobs, 16), 4)
    assert is_manifold(both) and 4 <= len(both.faces) <= 16


def test_few_enough_faces_are_left_alone_and_nonsense_is_a_problem() -> None:
    mesh = meshed(sphere, 10)
    assert decimate(mesh, len(mesh.faces)) is mesh
    with pytest.raises(ProblemError):
        decimate(mesh, 3)
    with pytest.raises(ProblemError):
        decimate(Mesh(vertices=np.zeros((0, 3), np.float32), faces=np.zeros((0, 3), np.int32)), 100)


def test_the_nearest_place_is_that_of_a_full_search() -> None:
    mesh = meshed(torus, 14)
    points = np.random.default_rng(3).uniform(-1, 1, (200, 3))
    found = nearest_on_mesh(mesh, points)
    places = found.interpolated(mesh.faces, mesh.vertices)
    assert np.linalg.norm(places - points, axis=1) == pytest.approx(found.distance, abs=1e-6)
    assert found.barycentric.min() >= 0 and found.barycentric.sum(axis=1) == pytest.approx(1)
    weights = np.random.default_rng(4).dirichlet([0.5, 0.5, 0.5], 400)
    samples = np.einsum("sc,fcd->fsd", weights, mesh.vertices[mesh.faces]).reshape(-1, 3)
    from scipy.spatial import cKDTree

    brute = cKDTree(samples).query(points)[0]
    assert (found.distance <= brute + 1e-6).all() and np.abs(found.distance - brute).max() < 0.03


def test_faces_without_area_do_not_disturb() -> None:
    """Needles, doubled corners and points among good faces: photographs' meshes have them."""
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0.5, 0, 0], [0.25, 0, 0], [0, 0, 0]], np.float32)
    faces = np.array([[0, 1, 2], [0, 1, 3], [4, 3, 0], [0, 5, 2], [1, 1, 2], [2, 2, 2]], np.int32)
    places = np.random.default_rng(0).uniform(-0.5, 1.5, (400, 3)) * [1, 1, 0.3]
    places = np.concatenate([places, corners.astype(float), [[0.5, 0, 0], [0.3, 0, 0.1], [0.6, -0.2, 0]]])
    good = Mesh(vertices=corners, faces=faces[:1])
    found = nearest_on_mesh(Mesh(vertices=corners, faces=faces), places)
    assert np.isfinite(found.barycentric).all()
    assert found.distance == pytest.approx(nearest_on_mesh(good, places).distance, abs=1e-9)
