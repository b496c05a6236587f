"""The focal length of a block: found from any start, with an interval that holds the truth; unknown on a flat wall."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from rail_bundles import FOCAL, rail_bundle

from grotto.sfm.lenses import enumerate_focal, linearise, stretched

ONE_LENS = np.zeros(9, bool)


@pytest.mark.parametrize("begin", [0.5, 1.0, 2.5])
def test_the_focal_length_is_found_from_any_start(begin: float) -> None:
    curve = enumerate_focal(stretched(rail_bundle(ONE_LENS, 1.0, seed=2), float(np.log(FOCAL * begin))), known=False)
    assert curve is not None
    assert curve.observable
    assert abs(np.log(curve.best_px / FOCAL)) < 3 * curve.standard_error
    assert curve.standard_error < 0.01
    best = int(np.argmin(curve.cost))
    assert (np.diff(curve.cost[: best + 1]) <= 0).all()  # one valley: it falls towards the least cost
    assert curve.cost[0] > curve.cost[best] + 10


def test_a_focal_length_that_is_known_is_sought_near_by() -> None:
    curve = enumerate_focal(stretched(rail_bundle(ONE_LENS, 1.0, seed=4), float(np.log(1.05 * FOCAL))), known=True)
    assert curve is not None
    assert np.ptp(np.log(curve.focal_px)) < 0.4
    assert abs(np.log(curve.best_px / FOCAL)) < 3 * curve.standard_error


def test_photos_of_a_flat_wall_from_a_rail_do_not_tell_the_focal_length() -> None:
    """Nothing but noise is left where the wall has no relief: the curve is flat, and says so."""
    told = enumerate_focal(rail_bundle(ONE_LENS, 1.0, seed=1, relief_m=0.02, noise_px=0.5), known=False)
    flat = enumerate_focal(rail_bundle(ONE_LENS, 1.0, seed=1, relief_m=0.0, noise_px=0.5), known=False)
    assert told is not None and flat is not None
    assert flat.standard_error > 5 * told.standard_error
    assert told.observable and not flat.observable


def test_stretching_hardly_moves_the_pictures_of_a_wall() -> None:
    """The start at another focal length is a good one: residuals stay far below those of the unstretched bundle."""
    bundle = rail_bundle(ONE_LENS, 1.0, seed=3)
    moved = np.abs(linearise(stretched(bundle, float(np.log(1.3 * FOCAL)))).residuals)
    alone = stretched(bundle, float(np.log(FOCAL)))
    assert np.allclose(linearise(alone).residuals, linearise(bundle).residuals, atol=1e-6)
    assert np.median(moved) < 0.02 * FOCAL
