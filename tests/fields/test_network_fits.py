"""Fits of fields that are networks: what they keep, what lies outside, and, slowly, that they show their subject."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from grotto.contract import Silent
from grotto.contract.options import FieldOptions
from grotto.fields import density_grid, fit_field, load_field, render_field
from grotto.scene import Region, View, camera_around

LEARNT = ["hash", "nerf", "volsdf", "neus"]
HALF = 0.75
REGION = Region(lowest=(-HALF,) * 3, highest=(HALF,) * 3, bounded=True)
RADIUS = 0.5


def ball(azimuth_deg: float, elevation_deg: float, px: int) -> View:
    """A ball at the origin, red above and blue below, on nothing; four by four rays a pixel."""
    camera = camera_around(azimuth_deg, elevation_deg, px)
    rays = camera.resized(4 * px, 4 * px).directions().astype(float).reshape(-1, 3)
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    along = -(rays @ camera.position)
    inside = along**2 - camera.position @ camera.position + RADIUS**2
    points = camera.position + (along - np.sqrt(np.maximum(inside, 0)))[:, None] * rays
    hit = (inside > 0)[:, None]
    colour = np.where(points[:, 2:] > 0, [0.9, 0.2, 0.1], [0.1, 0.3, 0.8]) * hit
    both = np.concatenate([colour, hit], 1).reshape(px, 4, px, 4, 4).mean((1, 3))
    straight = both[..., :3] / np.maximum(both[..., 3:], 1e-6)
    return View(name="", camera=camera, colour=straight.astype(np.float32), alpha=both[..., 3].astype(np.float32))


def views(px: int) -> list[View]:
    return [ball(30 * number, 35 * (-1) ** number, px) for number in range(12)]


@pytest.mark.parametrize("kind", ["hash", "nerf", "neus", pytest.param("volsdf", marks=pytest.mark.slow)])
def test_nothing_is_shown_where_no_ray_asked(kind: str, tmp_path: Path) -> None:
    """After two steps a network is still noise everywhere: what is drawn must lie within what the masks leave."""
    made = fit_field(views(24), REGION, FieldOptions(field=kind, field_steps=2), tmp_path, Silent())
    field = load_field(made, torch.device("cpu"))
    assert 0.1 < float(field.occupancy.cells.float().mean()) < 0.5
    beside = camera_around(75, 10, 32)
    seen = render_field(field, beside)
    rays = beside.directions().astype(float)
    rays /= np.linalg.norm(rays, axis=2, keepdims=True)
    nearest = np.linalg.norm(beside.position - (rays @ beside.position)[..., None] * rays, axis=2)
    assert seen.opacity[nearest > 1.5 * RADIUS].max() < 1e-4  # what a distance field shows of a surface that is far
    assert seen.opacity[nearest < 0.5 * RADIUS].min() > 0
    grid = density_grid(field, 24)
    places = np.stack(np.meshgrid(*[np.linspace(-HALF, HALF, 25)] * 3, indexing="ij"), -1)
    assert (grid.values[np.linalg.norm(places, axis=-1) > 1.5 * RADIUS] <= grid.level).all()


@pytest.mark.slow
@pytest.mark.parametrize("kind", LEARNT)
def test_a_ball_is_shown_from_where_nobody_looked(kind: str, tmp_path: Path) -> None:
    made = fit_field(views(48), REGION, FieldOptions(field=kind, field_steps=200), tmp_path, Silent())
    field, truth = load_field(made, torch.device("cpu")), ball(75, 5, 48)
    error = np.square(render_field(field, truth.camera).over(1.0) - truth.over(1.0)).mean()
    assert -10 * np.log10(error) > 24
    if kind in ("hash", "nerf"):
        return  # photos do not say how dense a plain ball is inside: only distances have an inside
    grid = density_grid(field, 48)
    volume = float((grid.values > grid.level).sum()) * grid.step**3
    assert volume == pytest.approx(4 / 3 * np.pi * RADIUS**3, rel=0.15)
