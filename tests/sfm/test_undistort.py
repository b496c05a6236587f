"""Pinhole photos: the map against COLMAP's own lens, and no gaps."""

import numpy as np
import pycolmap
import pytest

from grotto.sfm.wall import pinhole_of, undistortion_map


def lens(radial: float) -> pycolmap.Camera:
    return pycolmap.Camera(model="SIMPLE_RADIAL", width=600, height=400, params=[650.0, 300.0, 200.0, radial])


@pytest.mark.parametrize("radial", [-0.2, -0.03, 0.0, 0.1])
def test_every_pixel_looks_where_the_lens_saw_it(radial: float) -> None:
    camera = lens(radial)
    straight = pinhole_of(camera, 0)
    column, row = undistortion_map(camera, straight)
    assert column.shape == (400, 600)
    for x, y in [(0, 0), (599, 0), (300, 200), (17, 380)]:
        ray = [(x + 0.5 - 300) / straight.focal_px, (y + 0.5 - 200) / straight.focal_px, 1.0]
        assert np.allclose([column[y, x] + 0.5, row[y, x] + 0.5], camera.img_from_cam(np.array(ray)), atol=1e-3)


@pytest.mark.parametrize("radial", [-0.2, -0.03, 0.1])
def test_the_frame_has_no_gaps_and_wastes_little(radial: float) -> None:
    camera = lens(radial)
    column, row = undistortion_map(camera, pinhole_of(camera, 0))
    assert column.min() > -1 and column.max() < 600
    assert row.min() > -1 and row.max() < 400
    assert min(column.min(), 599 - column.max(), row.min(), 399 - row.max()) < 3


def test_a_smaller_copy_keeps_the_view() -> None:
    camera = lens(-0.03)
    full, half = pinhole_of(camera, 0), pinhole_of(camera, 300)
    assert (half.width, half.height) == (300, 200)
    assert half.focal_px == pytest.approx(full.focal_px / 2)
