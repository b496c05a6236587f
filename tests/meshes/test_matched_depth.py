from __future__ import annotations

import numpy as np
from exact_depths import RADIUS, around, camera_at, sphere_view
from numpy.typing import NDArray

from grotto.contract import Silent
from grotto.meshes.surface import fuse_depths, matched_views
from grotto.scene import Camera, Region, Rendered, View

BOX = Region(lowest=(-0.8, -0.8, -0.8), highest=(0.8, 0.8, 0.8), bounded=True)
CENTRE = np.zeros(3)


def _ring(count: int = 12, px: int = 96) -> list[Camera]:
    turns = 2 * np.pi * np.arange(count) / count / 3  # a third of a circle
    return [camera_at((2 * np.cos(turn), 2 * np.sin(turn), 0.5 - index % 2), px=px) for index, turn in enumerate(turns)]


def _photo(camera: Camera, contrast: float) -> tuple[View, NDArray[np.float32]]:
    """A sphere with a pattern on it, and its true depth."""
    seen = sphere_view(camera)
    points = camera.position + seen.depth[..., None] * camera.directions()
    waves = [np.sin(points @ np.array(wave)) for wave in ((31, 7, -5), (-9, 27, 13), (5, -17, 33), (23, 19, 21))]
    grey = (0.5 + contrast * np.mean(waves, axis=0)) * seen.opacity
    colour = np.repeat(grey[..., None], 3, axis=2).astype(np.float32)
    return View(name="", camera=camera, colour=colour, alpha=seen.opacity), seen.depth


def _wrong(depth: NDArray[np.float32]) -> NDArray[np.float32]:
    """Depths up to 4 % too far, more towards the right."""
    return (depth * (1 + 0.04 * np.linspace(0, 1, depth.shape[1], dtype=np.float32))).astype(np.float32)


def test_photos_correct_depths_and_confirm_them() -> None:
    pairs = [_photo(camera, 0.4) for camera in _ring()]
    views, true = [view for view, _ in pairs], [depth for _, depth in pairs]
    moved, confirmed = matched_views(views, [_wrong(depth) for depth in true], CENTRE, 0.06, 1.5, Silent())
    assert np.mean([sure[depth > 0].mean() for sure, depth in zip(confirmed, true, strict=True)]) > 0.6
    for new, sure, depth in zip(moved, confirmed, true, strict=True):
        before, after = np.abs(_wrong(depth) - depth)[sure].mean(), np.abs(new - depth)[sure].mean()
        assert after < 0.2 * before and after < 0.006
        assert (new[depth == 0] == 0).all() and not sure[depth == 0].any()


def test_plain_surfaces_confirm_nothing() -> None:
    pairs = [_photo(camera, 0.0) for camera in _ring(6)]
    _, confirmed = matched_views([view for view, _ in pairs], [_wrong(d) for _, d in pairs], CENTRE, 0.06, 1.5, Silent())
    inner = [sure[24:72, 24:72] for sure in confirmed]  # windows on the outline have a pattern
    assert np.mean(inner) < 0.05


def test_photos_without_another_of_the_same_side_confirm_nothing() -> None:
    pairs = [_photo(camera_at(place), 0.4) for place in ((2.0, 0.0, 0.0), (-2.0, 0.0, 0.0), (0.0, 2.0, 0.0))]
    given = [depth for _, depth in pairs]
    moved, confirmed = matched_views([view for view, _ in pairs], given, CENTRE, 0.06, 1.5, Silent())
    assert not np.any(confirmed)
    assert all((new == old).all() for new, old in zip(moved, given, strict=True))


def test_depths_of_little_trust_yield_to_others() -> None:
    cameras = around(20)
    exact = [sphere_view(camera) for camera in cameras]
    half = [index % 2 == 0 for index in range(20)]
    renders = [one if sure else _deeper(one) for one, sure in zip(exact, half, strict=True)]
    trust = [np.full(one.depth.shape, 1.0 if sure else 0.02, np.float32) for one, sure in zip(exact, half, strict=True)]
    plain, trusted = (fuse_depths(cameras, renders, BOX, 40, trust=given) for given in (None, trust))
    off = [np.abs(np.linalg.norm(mesh.vertices, axis=1) - RADIUS).mean() for mesh in (plain, trusted)]
    assert off[1] < 0.3 * off[0]


def _deeper(seen: Rendered) -> Rendered:
    return Rendered(
        colour=seen.colour, opacity=seen.opacity, depth=np.where(seen.depth > 0, seen.depth + 0.03, 0), normal=seen.normal
    )
