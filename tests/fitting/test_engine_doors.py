"""Every engine computes where its input is: run on a stand-in device, with the CPU's result, and without a hidden copy."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parent))  # stand_in_device

from stand_in_device import DEVICE, stand_in_device, values_of

from grotto.fields import Field
from grotto.fields.networks import build_hash, build_nerf, build_neus, build_volsdf
from grotto.render.mesh.differentiable import antialias, interpolate, mesh_edges, rasterise, sample_raster, texture_pyramid
from grotto.render.volume import OccupancyGrid, RayPool, composite, composite_packed
from grotto.scene import Camera, Region, View, look_at
from grotto.splats import Gaussians, photometric_loss
from grotto.splats.raster import splat

CPU = torch.device("cpu")
REGION = Region(lowest=(-1.0, -1.0, -1.0), highest=(1.0, 1.0, 1.0), bounded=True)
Door = Callable[[torch.device], dict[str, Tensor]]


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def camera() -> Camera:
    return Camera(
        camera_from_world=look_at(np.array([2.0, 1.5, 1.0]), np.zeros(3)),
        focal_x=25.0,
        focal_y=26.0,
        centre_x=12.2,
        centre_y=9.7,
        width=24,
        height=20,
    )


def view() -> View:
    colour = drawn(20, 24, 3, seed=1).numpy()
    return View(name="view", camera=camera(), colour=colour, alpha=(drawn(20, 24, seed=2) > 0.3).float().numpy())


def mesh(device: torch.device) -> tuple[Tensor, Tensor]:
    vertices = torch.tensor([[-0.6, -0.6, -0.4], [0.7, -0.5, -0.4], [0.0, 0.8, -0.4], [0.1, 0.0, 0.7]])
    faces = torch.tensor([[0, 2, 1], [0, 1, 3], [1, 2, 3], [2, 0, 3]])
    return vertices.to(device), faces.to(device)


def meshes(device: torch.device) -> dict[str, Tensor]:
    vertices, faces = mesh(device)
    vertices.requires_grad_()
    colours = drawn(4, 3).to(device)
    raster = rasterise(vertices, faces, camera())
    picture = interpolate(raster, faces, colours)
    smooth = antialias(picture, raster, vertices, faces, mesh_edges(faces), camera())
    smooth.square().sum().backward()
    return {"face": raster.face, "picture": picture, "smooth": smooth, "gradient": vertices.grad}


def textures(device: torch.device) -> dict[str, Tensor]:
    vertices, faces = mesh(device)
    texture = drawn(16, 16, 3).to(device).requires_grad_()
    colours = sample_raster(
        texture_pyramid(texture), rasterise(vertices, faces, camera()), faces, drawn(4, 2).to(device), camera()
    )
    colours.square().sum().backward()
    return {"colours": colours, "gradient": texture.grad}


def volumes(device: torch.device) -> dict[str, Tensor]:
    density, colour = drawn(5, 7).to(device).requires_grad_(), drawn(5, 7, 3).to(device)
    edges = torch.linspace(0.5, 2.0, 8).expand(5, 8).to(device)
    rays = composite(4 * density, colour, edges[:, :-1], edges[:, 1:])
    offsets = torch.tensor([0, 7, 7, 20, 35]).to(device)
    packed = composite_packed(4 * density.reshape(-1), colour.reshape(-1, 3), edges[:, 1:].reshape(-1), 0.2, offsets)
    (rays.colour.sum() + packed.colour.square().sum()).backward()
    return {"colour": rays.colour, "median": rays.distance_median, "packed": packed.colour, "gradient": density.grad}


def occupancy(device: torch.device) -> dict[str, Tensor]:
    grid = OccupancyGrid(REGION, 8, device)
    grid.update(lambda places: (places.norm(dim=1) < 0.7).float(), 0.5, torch.Generator().manual_seed(0))
    rays = RayPool([view()], device=device).draw(32, torch.Generator().manual_seed(1))
    near, far = torch.full((32,), 0.5, device=device), torch.full((32,), 4.0, device=device)
    packed = grid.march(rays.origins, rays.directions, near, far, (0.1, torch.full_like(near, 0.5)))
    return {"cells": grid.cells, "offsets": packed.offsets, "distances": packed.distances, "colour": rays.colour}


def gaussians(kind: str) -> Gaussians:
    random = torch.Generator().manual_seed(0)
    return Gaussians(
        kind=kind,
        means=0.4 * torch.randn(12, 3, generator=random),
        quaternions=torch.randn(12, 4, generator=random),
        log_scales=-2 + 0.3 * torch.randn(12, 3 if kind == "3d" else 2, generator=random),
        opacity_logits=torch.randn(12, generator=random),
        base=torch.randn(12, 3, generator=random),
        rest=0.3 * torch.randn(12, 3, 3, generator=random),
    )


def splats(kind: str) -> Door:
    def door(device: torch.device) -> dict[str, Tensor]:
        there = gaussians(kind).to(device)
        means = there.means.detach().requires_grad_()
        seen = splat(there.with_tensors(means=means), camera(), engine="torch" if device == CPU else "auto")
        assert seen.engine == "torch"
        colour = torch.from_numpy(view().colour).to(device)
        loss = photometric_loss(seen.colour, colour) if seen.distortion is None else seen.distortion.mean()
        (loss + seen.colour.square().sum()).backward()
        return {"colour": seen.colour, "opacity": seen.opacity, "gradient": means.grad}

    return door


def field(build: Callable[..., Field], **settings: float | int | str) -> Door:
    def door(device: torch.device) -> dict[str, Tensor]:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            made = build(REGION, settings)
        made = made.to(device)
        places, directions = (
            (drawn(40, 3) - 0.5).to(device),
            torch.nn.functional.normalize(drawn(40, 3, seed=3), dim=1).to(device),
        )
        sample = made(places, directions)
        sample.colour.sum().backward()
        rays = made.render_rays(torch.tensor([[2.0, 0.1, 0.2]], device=device), torch.tensor([[-1.0, 0.0, 0.0]], device=device))
        gradients = [parameter.grad for parameter in made.parameters() if parameter.grad is not None]
        return {"colour": sample.colour, "rays": rays.colour, "gradient": torch.cat([part.reshape(-1) for part in gradients])}

    return door


GRID = {"levels": 4, "finest": 16, "rows_log2": 8, "cells": 4}
DOORS: dict[str, Door] = {
    "meshes": meshes,
    "textures": textures,
    "volumes": volumes,
    "occupancy": occupancy,
    "ellipsoids": splats("3d"),
    "discs": splats("2d"),
    "hash": field(build_hash, **GRID, samples=16),
    "nerf": field(build_nerf, layers=2, width=8, coarse=8, fine=8, cells=4, octaves=3),
    "neus": field(build_neus, **GRID, coarse=8, fine=8),
    "volsdf": field(build_volsdf, **GRID, coarse=8, fine=8),
}


@pytest.mark.parametrize("name", DOORS)
def test_an_engine_computes_where_its_input_is(name: str) -> None:
    expected = DOORS[name](CPU)
    with stand_in_device() as (_, copies):
        found = DOORS[name](DEVICE)
        assert copies.large == []
        there = {key: values_of(value) for key, value in found.items()}
    for key, value in expected.items():
        assert there[key].dtype == value.dtype
        assert torch.allclose(there[key].double(), value.detach().double(), atol=1e-5), key


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (lambda tensor: tensor + torch.ones(3), "mixes"),
        (lambda tensor: tensor.index_add(0, torch.tensor([0]), tensor[:1]), "mixes"),
        (lambda tensor: torch.rand(3, generator=torch.Generator(), device=tensor.device), "generator"),
        (lambda tensor: tensor.detach().numpy(), "numpy"),
    ],
)
def test_a_planted_fault_is_found(fault: Callable[[Tensor], object], cause: str) -> None:
    with stand_in_device() as (move, _), pytest.raises((RuntimeError, TypeError), match=cause):
        fault(move(torch.arange(3.0)))


def test_a_planted_copy_is_counted() -> None:
    with stand_in_device() as (move, copies):
        there = move(torch.arange(100.0))
        float(there[0])
        assert copies.large == []
        there.cpu()
        assert copies.large == [100]
        with pytest.raises(AssertionError, match="not on the device"):
            values_of(torch.zeros(3))
