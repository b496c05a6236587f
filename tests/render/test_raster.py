"""The z-buffer and what is interpolated over it: closed forms, and every engine against the torch twin."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
import torch
import trimesh
from torch import Tensor

from grotto.contract import ProblemError
from grotto.formats import Mesh
from grotto.render.mesh.differentiable import antialias, interpolate, mesh_edges, rasterise, render_mesh
from grotto.scene import Camera, look_at


def camera(width: int = 64, height: int = 48, position: tuple[float, float, float] = (0.0, -4.0, 0.0)) -> Camera:
    focal = 1.2 * width
    return Camera(
        camera_from_world=look_at(np.array(position), np.zeros(3)),
        focal_x=focal,
        focal_y=focal,
        centre_x=width / 2,
        centre_y=height / 2,
        width=width,
        height=height,
    )


def tensors(mesh: trimesh.Trimesh) -> tuple[Tensor, Tensor]:
    return torch.tensor(mesh.vertices, dtype=torch.float32), torch.tensor(mesh.faces, dtype=torch.int64)


def tilted_square() -> tuple[Tensor, Tensor]:
    """In the plane y = 0.5 z, larger than the picture."""
    corners = [[-9, -4.5, -9], [9, -4.5, -9], [9, 4.5, 9], [-9, 4.5, 9]]
    return torch.tensor(corners, dtype=torch.float64), torch.tensor([[0, 1, 2], [0, 2, 3]])


CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA here")
WARP = pytest.mark.skipif(importlib.util.find_spec("warp") is None, reason="warp-lang is not installed")
FAST = [  # each against torch on the CPU, the twin
    ("numba", "cpu"),
    pytest.param("warp", "cpu", marks=WARP),
    pytest.param("torch", "cuda", marks=CUDA),
    pytest.param("warp", "cuda", marks=[CUDA, WARP]),
]
ENGINES = pytest.mark.parametrize(("engine", "device"), [("torch", "cpu"), *FAST])


@ENGINES
def test_depth_and_position_of_a_plane_are_exact(engine: str, device: str) -> None:
    view = camera()
    vertices, faces = (tensor.to(device) for tensor in tilted_square())
    raster = rasterise(vertices, faces, view, engine=engine)
    assert raster.engine == engine
    # Ray: position + t * direction with z = 1 in the camera; meets y = z / 2 at t.
    rays = view.directions().astype(np.float64)
    depth = -(view.position[1] - 0.5 * view.position[2]) / (rays[..., 1] - 0.5 * rays[..., 2])
    assert bool((raster.face >= 0).all())
    np.testing.assert_allclose(raster.depth.cpu().numpy(), depth, rtol=1e-6)
    where = interpolate(raster, faces, vertices).cpu().numpy()
    np.testing.assert_allclose(where, view.position + depth[..., None] * rays, atol=1e-5)
    np.testing.assert_allclose(raster.barycentric.sum(-1).cpu().numpy(), 1, atol=1e-9)


@ENGINES
def test_a_floor_that_runs_behind_the_camera_is_drawn_to_the_horizon(engine: str, device: str) -> None:
    view = camera(position=(0.0, -4.0, 0.0))
    floor = torch.tensor([[-1e3, -1e3, -1.0], [1e3, -1e3, -1.0], [0.0, 2e3, -1.0]], dtype=torch.float64, device=device)
    raster = rasterise(floor, torch.tensor([[0, 1, 2]], device=device), view, engine=engine)
    covered = (raster.face >= 0).cpu().numpy()
    assert covered[view.height // 2 + 2 :].all()
    assert not covered[: view.height // 2].any()
    nearest_row = (view.height - 0.5 - view.centre_y) / view.focal_y
    np.testing.assert_allclose(raster.depth.cpu().numpy()[-1], 1 / nearest_row, rtol=1e-6)


@pytest.mark.parametrize(("engine", "device"), FAST)
@pytest.mark.parametrize("inside", [False, True])
def test_engines_agree_with_the_twin(engine: str, device: str, inside: bool) -> None:
    """Faces, depths, and the gradient of what is drawn."""
    sphere = trimesh.creation.icosphere(subdivisions=3)
    inner = trimesh.creation.torus(0.8, 0.3)
    vertices, faces = tensors(trimesh.util.concatenate([sphere, inner]))
    view = camera(position=(0.3, -0.6, 0.2) if inside else (1.0, -3.0, 0.8))
    rasters, slopes = [], []
    for name, where in ((engine, device), ("torch", "cpu")):
        moved, there = vertices.to(where).requires_grad_(), faces.to(where)
        rasters.append(rasterise(moved, there, view, engine=name))
        drawn = antialias(interpolate(rasters[-1], there, moved), rasters[-1], moved, there, mesh_edges(there), view)
        weights = torch.linspace(-1, 1, drawn.numel(), device=where).reshape(drawn.shape)
        slopes.append(torch.autograd.grad((drawn * weights).sum(), moved)[0].cpu())
    fast, twin = rasters
    assert len(twin.pixels) > 500
    assert float((fast.face.cpu() == twin.face).double().mean()) > 0.999  # but for ties
    np.testing.assert_allclose(fast.depth.detach().cpu().numpy(), twin.depth.detach().numpy(), atol=1e-5)
    assert float((slopes[0] - slopes[1]).norm() / slopes[1].norm()) < 0.01  # a tie may fall to either side


def test_gradients_of_what_is_seen_agree_with_finite_differences() -> None:
    generator = torch.Generator().manual_seed(3)
    vertices, faces = torch.tensor([[-9.0, -4, -9], [12, -3, -8], [1, 4, 15]], dtype=torch.float64), torch.tensor([[0, 1, 2]])
    colours = torch.rand(3, 3, generator=generator, dtype=torch.float64)
    weights = torch.rand(48, 64, 4, generator=generator, dtype=torch.float64)

    def measure(positions: Tensor) -> Tensor:
        raster = rasterise(positions, faces, camera(), engine="torch")
        shown = torch.cat([interpolate(raster, faces, colours), raster.depth[..., None]], -1)
        return (shown * weights).sum()

    vertices.requires_grad_()
    (gradient,) = torch.autograd.grad(measure(vertices), vertices)
    step = 1e-5
    for vertex in range(3):
        for axis in range(3):
            shift = torch.zeros_like(vertices)
            shift[vertex, axis] = step
            with torch.no_grad():
                difference = (measure(vertices + shift) - measure(vertices - shift)) / (2 * step)
            assert float(gradient[vertex, axis]) == pytest.approx(float(difference), rel=1e-5, abs=1e-5)


def test_front_is_the_counter_clockwise_side() -> None:
    vertices, faces = tensors(trimesh.creation.icosphere(subdivisions=2))
    raster = rasterise(vertices, faces, camera())
    assert bool(raster.front[raster.faces_seen].all())
    assert not bool(rasterise(vertices, faces.flip(1), camera()).front[raster.faces_seen].any())


def test_broken_meshes_are_refused() -> None:
    vertices, faces = tilted_square()
    with pytest.raises(ProblemError, match="not there"):
        rasterise(vertices, faces + 9, camera())
    with pytest.raises(ProblemError, match="not a number"):
        rasterise(vertices * float("nan"), faces, camera())
    with pytest.raises(ProblemError, match="engine"):
        rasterise(vertices, faces, camera(), engine="crayon")


@ENGINES
def test_an_empty_mesh_shows_nothing(engine: str, device: str) -> None:
    raster = rasterise(
        torch.zeros(0, 3, device=device), torch.zeros(0, 3, dtype=torch.int64, device=device), camera(), engine=engine
    )
    assert len(raster.pixels) == 0
    assert float(raster.depth.abs().sum()) == 0


def test_picture_of_a_sphere_has_its_area_depth_and_normals() -> None:
    ball = trimesh.creation.icosphere(subdivisions=4)
    view = camera()
    mesh = Mesh(
        vertices=ball.vertices.astype(np.float32),
        faces=ball.faces.astype(np.int32),
        colours=np.full((len(ball.vertices), 3), (0.2, 0.4, 0.6), np.float32),
    )
    shown = render_mesh(mesh, view, samples=3)
    radius_px = view.focal_x * np.tan(np.arcsin(1 / 4))
    assert shown.opacity.sum() == pytest.approx(np.pi * radius_px**2, rel=0.01)
    middle = shown.depth[23:25, 31:33]
    np.testing.assert_allclose(middle, 3, atol=0.01)
    np.testing.assert_allclose(shown.normal[23:25, 31:33], np.broadcast_to((0, -1, 0), (2, 2, 3)), atol=0.1)
    np.testing.assert_allclose(shown.colour, shown.opacity[..., None] * np.array([0.2, 0.4, 0.6]), atol=1e-5)
    np.testing.assert_allclose(shown.over(1.0)[0, 0], 1)
