"""How much of a scan's time its field may take where splats compete with it."""

from __future__ import annotations

import pytest

from grotto.contract import from_flat
from grotto.contract.recipes import ScanOptions
from grotto.recipes.scan import within_budget

TREE = 23 * 400 * 300  # pixels of 23 phone photos at draft quality
FOX = 43 * 400 * 225


def test_a_scene_of_few_pixels_gets_fewer_steps_and_a_large_one_all() -> None:
    steps = [within_budget(ScanOptions(), pixels, scene=True).field_steps for pixels in (100_000, TREE, FOX, 10 * FOX)]
    assert steps == sorted(steps)
    assert steps[0] >= 400  # three lattices need some each
    assert steps[1] <= 0.75 * steps[3]
    assert steps[2] == steps[3] == 1500


@pytest.mark.parametrize(
    "flat", [{"field_steps": 1400}, {"field": "voxel"}, {"via": "field"}, {"mesh_from": "field"}, {"via": "splats"}]
)
def test_what_is_named_or_has_no_rival_keeps_its_steps(flat: dict[str, object]) -> None:
    options = from_flat(ScanOptions, flat)
    assert within_budget(options, TREE, scene=True) == options.radiance


def test_objects_keep_their_steps() -> None:
    assert within_budget(ScanOptions(), 1000, scene=False) == ScanOptions().radiance
