"""Texture look-ups: exact on ramps, the right level, averages that keep the mean, gradients."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from grotto.contract import ProblemError
from grotto.formats import TexturedMesh
from grotto.render.mesh import render_textured, texture_values
from grotto.render.mesh.differentiable import rasterise, sample_raster, sample_texture, texture_level, texture_pyramid
from grotto.scene import Camera


def straight_on(size: int, distance: float) -> Camera:
    """Looks along z at the unit square in the plane z = distance; one texture side is size / distance pixels."""
    return Camera(
        camera_from_world=np.eye(4), focal_x=float(size), focal_y=float(size), centre_x=0.0, centre_y=0.0, width=size, height=size
    )


def square(distance: float) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    uv = torch.tensor([[0.0, 0.0], [1, 0], [1, 1], [0, 1]], dtype=torch.float64)
    corners = torch.cat([uv, torch.full((4, 1), distance, dtype=torch.float64)], 1)
    return corners, torch.tensor([[0, 1, 2], [0, 2, 3]]), uv


def test_a_ramp_is_looked_up_exactly() -> None:
    columns = (torch.arange(8, dtype=torch.float64) + 0.5) / 8
    texture = torch.stack([columns.expand(8, 8), columns[:, None].expand(8, 8)], 2)
    uv = torch.rand(50, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 0.87 + 0.065
    found = sample_texture([texture], uv, torch.zeros(50, dtype=torch.float64))
    torch.testing.assert_close(found, uv)


@pytest.mark.parametrize(("distance", "level"), [(1.0, 1.0), (2.0, 2.0), (0.25, 0.0)])
def test_the_level_is_the_logarithm_of_texels_per_pixel(distance: float, level: float) -> None:
    vertices, faces, uv = square(distance)
    view = straight_on(32, distance)
    raster = rasterise(vertices, faces, view)
    found = texture_level(raster, faces, uv, view, (64, 64))
    np.testing.assert_allclose(found.numpy(), level, atol=1e-9)


def test_far_away_a_checker_is_its_mean() -> None:
    checker = (torch.arange(64)[:, None] + torch.arange(64)[None]) % 2
    texture = checker[..., None].double().expand(64, 64, 3).contiguous()
    vertices, faces, uv = square(4.0)
    view = straight_on(32, 4.0)
    raster = rasterise(vertices, faces, view)
    shown = sample_raster(texture_pyramid(texture), raster, faces, uv, view)
    np.testing.assert_allclose(shown.numpy(), 0.5, atol=1e-9)
    aliased = sample_raster([texture], raster, faces, uv, view)
    assert float(aliased.std()) < 1e-9 or float(aliased.std()) > 0.1


def test_odd_sizes_keep_their_last_row() -> None:
    texture = torch.zeros(5, 3, 1)
    texture[4] = 1.0
    sizes = [tuple(level.shape[:2]) for level in texture_pyramid(texture)]
    assert sizes == [(5, 3), (3, 2), (2, 1), (1, 1)]
    assert float(texture_pyramid(texture)[1][2, 0]) == 1


def test_gradients_agree_with_finite_differences() -> None:
    generator = torch.Generator().manual_seed(1)
    texture = torch.rand(6, 5, 2, generator=generator, dtype=torch.float64, requires_grad=True)
    uv = (torch.rand(7, 2, generator=generator, dtype=torch.float64)).requires_grad_()
    level = torch.rand(7, generator=generator, dtype=torch.float64) * 2.5

    def measure(values: torch.Tensor, where: torch.Tensor) -> torch.Tensor:
        return sample_texture(texture_pyramid(values), where, level)

    assert torch.autograd.gradcheck(measure, (texture, uv), eps=1e-6, atol=1e-6)


def test_a_textured_square_shows_its_picture() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    vertices, faces, uv = square(1.0)
    mesh = TexturedMesh(
        vertices=vertices.float().numpy(),
        faces=faces.numpy().astype(np.uint32),
        uv=uv.float().numpy(),
        normals=np.tile(np.array([0, 0, -1], np.float32), (4, 1)),
        texture=file.getvalue(),
    )
    view = straight_on(16, 1.0)
    shown = render_textured(mesh, view, samples=1)
    np.testing.assert_allclose(shown.colour, pixels / 255, atol=1e-4)
    with pytest.raises(ProblemError, match="texture cannot be read"):
        texture_values(b"not a picture")
