"""Unwrapping: islands that do not overlap, one scale, padding kept."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import trimesh

from grotto.contract import Kind, ProblemError
from grotto.formats import Mesh
from grotto.meshes.remesh import decimate
from grotto.meshes.texture import unwrap, without_folds
from grotto.synthetic.objects import make_object


def box() -> Mesh:
    made = trimesh.creation.box((1.0, 2.0, 3.0))
    return Mesh(vertices=made.vertices.astype(np.float32), faces=made.faces.astype(np.int32))


def islands(uv: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """(m,) the island of each face."""
    graph = trimesh.graph.connected_component_labels(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]]]), node_count=len(uv))
    return np.asarray(graph[faces[:, 0]])


@pytest.mark.parametrize(("side", "padding"), [(256, 3), (2048, 7)])
def test_a_statue_is_laid_out_without_overlap(side: int, padding: int) -> None:
    mesh = decimate(make_object("deer", cells=72).mesh, 2500)
    laid = unwrap(mesh, side, padding)
    assert np.array_equal(laid.vertices, mesh.vertices[laid.source_vertex])
    assert np.array_equal(laid.source_vertex[laid.faces], mesh.faces)
    assert laid.uv.min() >= 0 and laid.uv.max() <= 1
    assert laid.report.overlap == 0
    assert laid.report.utilisation > (0.2 if side == 256 else 0.4)
    assert 1 <= laid.report.density_spread < 2

    # Islands keep their distance: each is drawn as it is and grown by half the padding; none may meet another.
    texels = laid.texels()
    owner = np.where(texels.face >= 0, islands(laid.uv, laid.faces)[texels.face], -1)
    number = np.unique(owner[owner >= 0])
    grown = np.zeros((side, side), np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (padding // 2 * 2 - 1, padding // 2 * 2 - 1))
    for island in number:
        grown += cv2.dilate((owner == island).astype(np.uint8), disc)
    assert grown.max() == 1
    assert laid.report.islands >= len(number)


def test_density_is_that_of_the_world() -> None:
    laid = unwrap(box(), 512, 4)
    assert laid.report.density_spread == pytest.approx(1.0, abs=0.01)
    edges = laid.faces[:, [0, 1]]
    texels = np.linalg.norm((laid.uv[edges[:, 0]] - laid.uv[edges[:, 1]]) * 512, axis=1)
    lengths = np.linalg.norm(laid.vertices[edges[:, 0]] - laid.vertices[edges[:, 1]], axis=1)
    assert np.allclose(texels / lengths, laid.report.texels_per_unit, rtol=0.01)


def test_weights_of_texels_give_back_their_place() -> None:
    laid = unwrap(box(), 64, 2)
    texels = laid.texels()
    covered = texels.covered()
    weights = texels.weights(covered, laid.uv, laid.faces)
    corners = laid.uv[laid.faces[texels.face.reshape(-1)[covered]]]
    places = np.einsum("nk,nkc->nc", weights, corners) * 64
    assert np.allclose(places, np.stack([covered % 64, covered // 64], 1) + 0.5, atol=0.02)
    expected = np.einsum("nk,nkc->nc", weights, laid.vertices[laid.faces[texels.face.reshape(-1)[covered]]])
    assert np.allclose(texels.interpolated(covered, laid.uv, laid.faces, laid.vertices), expected, atol=1e-5)


def test_a_fold_becomes_an_island() -> None:
    flat = np.array([[0, 0], [1, 0], [0, 1], [0.9, 0.9]], np.float32)
    faces = np.array([[0, 1, 2], [1, 2, 0]], np.int32)  # the same triangle twice
    source, mended, places = without_folds(np.arange(4), faces, flat, 100.0)
    assert len(places) == 7 and np.array_equal(source[mended], faces)
    assert places[mended[1]].min(0)[1] > 1.0  # beside all others


@pytest.mark.parametrize(("count", "side", "padding"), [(300, 256, 4), (700, 512, 4), (700, 1024, 8)])
def test_many_small_islands_fill_the_texture(count: int, side: int, padding: int) -> None:
    """Padding takes most of the room, so what islands take does not grow as their scale does."""
    rng = np.random.default_rng(count)
    corners = np.stack([np.arange(count) % 30, np.arange(count) // 30, np.zeros(count)], axis=1)[:, None] * 3.0
    shape = rng.uniform(0.3, 1.0, (count, 1, 2)) * np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    vertices = (corners + np.concatenate([shape, np.zeros((count, 4, 1))], axis=2)).reshape(-1, 3)
    faces = (4 * np.arange(count)[:, None, None] + np.array([[0, 1, 2], [0, 2, 3]])).reshape(-1, 3)
    made = unwrap(Mesh(vertices=vertices.astype(np.float32), faces=faces.astype(np.int32)), side, padding)
    assert made.report.overlap == 0
    assert made.report.islands == count
    assert np.ptp(made.uv, axis=0).max() > 0.94


def test_what_cannot_be_unwrapped_is_refused() -> None:
    with pytest.raises(ProblemError, match="do not fit") as caught:
        unwrap(make_object("deer", cells=48).mesh, 32, 8)
    assert caught.value.problem.kind is Kind.BAD_INPUT
    flat = Mesh(vertices=np.zeros((3, 3), np.float32), faces=np.array([[0, 1, 2]], np.int32))
    with pytest.raises(ProblemError, match="no area"):
        unwrap(flat, 64, 2)
