"""Two-view geometry of a pair: scenes of known shape, false matches among them, and COLMAP's own estimate of all matches."""

from __future__ import annotations

import numpy as np
import pycolmap
import pytest
from numpy.typing import NDArray

from grotto.sfm.pairs import two_view_geometry

KIND = pycolmap.TwoViewGeometryConfiguration
Places = tuple[NDArray[np.float64], NDArray[np.float64]]


def camera(known: bool) -> pycolmap.Camera:
    params = [1300.0, 600.0, 400.0, -0.03]
    return pycolmap.Camera(model="SIMPLE_RADIAL", width=1200, height=800, params=params, has_prior_focal_length=known)


def seen(depth: float, count: int, false: int, seed: int = 0) -> Places:
    """Points of a wall whose relief is `depth` of the distance, seen from two places, then `false` random matches."""
    random = np.random.default_rng(seed)
    lens = camera(known=True)
    points = np.column_stack([random.uniform(-0.25, 0.35, count), random.uniform(-0.25, 0.25, count), np.ones(count)])
    points[:, 2] += depth * random.uniform(-1, 1, count)
    turned = pycolmap.Rotation3d(np.array([0.02, -0.03, 0.01])).matrix()
    first = lens.img_from_cam(points)
    second = lens.img_from_cam(points @ turned.T + [-0.2, 0.01, 0.0])
    noise = random.normal(0, 0.3, (2, count, 2))
    wrong = random.uniform([0, 0], [1200, 800], (2, false, 2))
    return np.concatenate([first + noise[0], wrong[0]]), np.concatenate([second + noise[1], wrong[1]])


@pytest.mark.parametrize("count", [60, 300, 3000])
@pytest.mark.parametrize(
    ("depth", "known", "kind"),
    [
        (0.0, False, KIND.PLANAR_OR_PANORAMIC),
        (0.0, True, KIND.PLANAR_OR_PANORAMIC),
        (0.3, False, KIND.UNCALIBRATED),
        (0.3, True, KIND.CALIBRATED),
    ],
)
def test_true_matches_are_kept_and_false_ones_are_not(count: int, depth: float, known: bool, kind: object) -> None:
    places = seen(depth, count, count // 2)
    found = two_view_geometry(places, (camera(known), camera(known)), 30)
    rows = np.asarray(found.inlier_matches)[:, 0]
    assert found.config == kind
    assert (rows < count).sum() > 0.98 * count
    assert (rows >= count).sum() <= 0.1 * count  # by chance near a line of the other photo


@pytest.mark.parametrize("depth", [0.0, 0.3])
@pytest.mark.parametrize("known", [False, True])
def test_a_sample_finds_what_all_matches_find(depth: float, known: bool) -> None:
    places = seen(depth, 4000, 800, seed=3)
    cameras = camera(known), camera(known)
    rows = np.arange(len(places[0]), dtype=np.uint32)
    options = pycolmap.TwoViewGeometryOptions()
    options.ransac.random_seed = 0
    whole = pycolmap.estimate_two_view_geometry(
        cameras[0], places[0], cameras[1], places[1], np.column_stack([rows, rows]), options
    )
    found = two_view_geometry(places, cameras, 30)
    ours, theirs = (set(np.asarray(each.inlier_matches)[:, 0].tolist()) for each in (found, whole))
    assert found.config == whole.config
    assert len(ours & theirs) > 0.98 * len(theirs)
    assert len(ours - theirs) < 0.02 * len(theirs)


def test_equal_matches_give_an_equal_geometry() -> None:
    places = seen(0.3, 2000, 400)
    one, other = (two_view_geometry(places, (camera(False), camera(False)), 30, seed=5) for _ in range(2))
    assert np.array_equal(one.F, other.F)
    assert np.array_equal(one.inlier_matches, other.inlier_matches)


@pytest.mark.parametrize("count", [0, 5, 29, 200])
def test_matches_by_chance_have_no_geometry(count: int) -> None:
    found = two_view_geometry(seen(0.0, 0, count), (camera(False), camera(False)), 30)
    assert found.config == KIND.DEGENERATE
    assert len(found.inlier_matches) == 0
