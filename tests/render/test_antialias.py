"""Antialiasing: areas, and the gradient of silhouettes against finite differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import trimesh
from torch import Tensor

from grotto.render.mesh.differentiable import Edges, antialias, mesh_edges, rasterise
from grotto.scene import Camera, look_at


def camera(size: int) -> Camera:
    return Camera(
        camera_from_world=look_at(np.array([0.0, -3.5, 0.6]), np.zeros(3)),
        focal_x=1.1 * size,
        focal_y=1.1 * size,
        centre_x=size / 2,
        centre_y=size / 2,
        width=size,
        height=size,
    )


def silhouette(vertices: Tensor, faces: Tensor, edges: Edges, view: Camera) -> Tensor:
    raster = rasterise(vertices, faces, view)
    covered = raster.spread(torch.ones(len(raster.pixels), 1, dtype=vertices.dtype))
    return antialias(covered, raster, vertices, faces, edges, view)[..., 0]


def ramp(size: int) -> Tensor:
    """Weights of the pixels, so that moving sideways changes the sum as well as growing."""
    steps = torch.arange(size, dtype=torch.float64) / size
    return 1 + 0.5 * steps[None, :] + 0.3 * steps[:, None]


@pytest.mark.parametrize("subdivisions", [2, 3, 4, 5])  # 320, 1280, 5120, 20480 faces
def test_the_silhouettes_gradient_agrees_with_finite_differences(subdivisions: int) -> None:
    size = 512
    ball = trimesh.creation.icosphere(subdivisions=subdivisions)
    vertices = torch.tensor(ball.vertices, dtype=torch.float32)
    faces = torch.tensor(ball.faces, dtype=torch.int64)
    edges, view, weights = mesh_edges(faces), camera(size), ramp(size)

    def measure(scale: Tensor, shift: Tensor) -> Tensor:
        return (silhouette(vertices * scale + shift, faces, edges, view).double() * weights).sum()

    scale, shift = torch.tensor(1.0, requires_grad=True), torch.zeros(3, requires_grad=True)
    by_scale, by_shift = torch.autograd.grad(measure(scale, shift), (scale, shift))
    with torch.no_grad():
        step = 0.02
        growth = (measure(scale + step, shift) - measure(scale - step, shift)) / (2 * step)
        moves = [
            (measure(scale, shift + step * axis) - measure(scale, shift - step * axis)) / (2 * step) for axis in torch.eye(3)
        ]
    assert float(by_scale) == pytest.approx(float(growth), rel=0.02)
    for axis in range(3):
        assert float(by_shift[axis]) == pytest.approx(float(moves[axis]), abs=0.02 * float(torch.stack(moves).abs().max()))


def test_a_square_covers_its_area_wherever_its_sides_lie() -> None:
    view = Camera(camera_from_world=np.eye(4), focal_x=10.0, focal_y=10.0, centre_x=8.0, centre_y=8.0, width=16, height=16)
    faces = torch.tensor([[0, 1, 2], [0, 2, 3]])
    for offset in (0.0, 0.13, 0.31, 0.51, 0.77):
        corners = torch.tensor([[-3, -3, 10], [3, -3, 10], [3, 3, 10], [-3, 3, 10]], dtype=torch.float64)
        moved = corners + torch.tensor([offset, 0.0, 0.0])
        covered = silhouette(moved, faces, mesh_edges(faces), view)
        assert float(covered.sum()) == pytest.approx(36, abs=1e-9)
        row = covered[8].numpy()
        exact = np.clip(np.minimum(np.arange(16) + 1, 11 + offset) - np.maximum(np.arange(16), 5 + offset), 0, 1)
        np.testing.assert_allclose(row, exact, atol=1e-9)


def test_a_hidden_edge_changes_nothing() -> None:
    """A small square wholly behind a large one of the same colour, and of another: its edges are not seen."""
    view = Camera(camera_from_world=np.eye(4), focal_x=10.0, focal_y=10.0, centre_x=8.0, centre_y=8.0, width=16, height=16)
    square = torch.tensor([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], dtype=torch.float64)
    near = square * 4 + torch.tensor([0.0, 0.0, 10.0])
    far = square * 2.2 + torch.tensor([0.1, 0.2, 12.0])
    one = torch.tensor([[0, 1, 2], [0, 2, 3]])
    both = torch.cat([one, one + 4])
    hidden = torch.cat([near, far]).requires_grad_()
    shown = silhouette(hidden, both, mesh_edges(both), view)
    assert torch.equal(shown.detach(), silhouette(near, one, mesh_edges(one), view))
    (gradient,) = torch.autograd.grad((shown * ramp(16)).sum(), hidden)
    assert float(gradient[4:].abs().max()) == 0
    assert float(gradient[:4].abs().max()) > 0


def test_edges_are_listed_once_with_their_faces() -> None:
    ball = trimesh.creation.icosphere(subdivisions=2)
    edges = mesh_edges(torch.tensor(ball.faces, dtype=torch.int64))
    assert len(edges.vertices) == len(ball.edges_unique)
    assert not bool(edges.open.any())
    known = {tuple(sorted(pair)) for pair in ball.face_adjacency.tolist()}
    assert {tuple(sorted(pair)) for pair in edges.faces.tolist()} == known
    fin = torch.tensor([[0, 1, 2], [0, 1, 3], [1, 0, 4]])  # three faces on one edge
    assert int(mesh_edges(fin).open.sum()) == 7
