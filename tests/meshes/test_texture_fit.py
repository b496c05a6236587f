"""The texture that re-renders closest to the views."""

from __future__ import annotations

import numpy as np
import torch

from grotto.contract import Silent
from grotto.meshes.appearance import Look, adjoint, fit_texture
from grotto.render.mesh.differentiable import rasterise, sample_raster, sample_texture, texture_pyramid
from grotto.scene import Camera, View, look_at

SQUARE = np.array([[-1, 0, 1], [1, 0, 1], [1, 0, -1], [-1, 0, -1]], np.float32)
FACES = np.array([[0, 2, 1], [0, 3, 2]], np.int32)
UV = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)


def view_of(texture: np.ndarray, position: tuple[float, float, float], alpha: bool = True) -> View:
    camera = Camera(
        camera_from_world=look_at(np.array(position), np.zeros(3)),
        focal_x=60,
        focal_y=60,
        centre_x=24,
        centre_y=24,
        width=48,
        height=48,
    )
    vertices, faces, uv = torch.from_numpy(SQUARE), torch.from_numpy(FACES.astype(np.int64)), torch.from_numpy(UV)
    raster = rasterise(vertices, faces, camera)
    seen = sample_raster(texture_pyramid(torch.from_numpy(texture)), raster, faces, uv, camera)
    opacity = raster.spread(torch.ones(len(raster.pixels), 1))[..., 0].numpy() if alpha else None
    return View(name=str(position), camera=camera, colour=raster.spread(seen).numpy(), alpha=opacity)


def test_the_adjoint_is_the_transpose() -> None:
    generator = torch.Generator().manual_seed(0)
    texture = torch.rand(9, 7, 3, generator=generator, dtype=torch.float64)
    look = Look(
        torch.rand(40, 2, generator=generator, dtype=torch.float64),
        3 * torch.rand(40, generator=generator, dtype=torch.float64),
        torch.zeros(40, 3),
    )
    value = torch.rand(40, 3, generator=generator, dtype=torch.float64)
    levels = texture_pyramid(texture)
    forth = (sample_texture(levels, look.uv, look.level) * value).sum()
    back = (adjoint([(look, value)], levels) * texture).sum()
    torch.testing.assert_close(forth, back)


def test_a_blurred_texture_becomes_the_one_in_the_views() -> None:
    generator = np.random.default_rng(0)
    truth = np.repeat(np.repeat(generator.uniform(0.1, 0.9, (8, 8, 3)), 4, 0), 4, 1).astype(np.float32)
    positions = [(0.0, -2.6, 0.0), (1.0, -2.4, 0.3), (-0.8, -2.5, -0.6), (0.3, -2.3, 0.9)]
    views = [view_of(truth, position) for position in positions]
    grey = np.full_like(truth, 0.5)
    fitted = fit_texture(SQUARE, FACES, UV, grey, views, 20, Silent())
    inner = (slice(3, -3), slice(3, -3))
    before, after = (float(np.sqrt(((found - truth)[inner] ** 2).mean())) for found in (grey, fitted))
    assert after < 0.2 * before
    shown, kept_out = view_of(fitted, (0.5, -2.5, 0.5)), view_of(truth, (0.5, -2.5, 0.5))
    assert float(((shown.colour - kept_out.colour) ** 2).mean()) < 1e-3


def test_what_no_view_shows_stays() -> None:
    truth = np.full((16, 16, 3), 0.9, np.float32)
    given = np.random.default_rng(1).uniform(0, 1, (16, 16, 3)).astype(np.float32)
    behind = view_of(truth, (0.0, -2.5, 0.0))
    half = np.concatenate([UV[:, :1] * 0.5, UV[:, 1:]], 1)  # the right half of the texture lies on no face
    fitted = fit_texture(SQUARE, FACES, half, given, [behind], 5, Silent())
    np.testing.assert_array_equal(fitted[:, 10:], given[:, 10:])
    assert np.abs(fitted[2:-2, 2:7] - 0.9).mean() < 0.2 * np.abs(given[2:-2, 2:7] - 0.9).mean()
    np.testing.assert_array_equal(fit_texture(SQUARE, FACES, half, given, [], 5, Silent()), given)
