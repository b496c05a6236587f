"""Photos that no point holds any more are taken out of a model; no model loses its last two."""

from __future__ import annotations

import pycolmap
import pytest

from grotto.sfm.cameras import drop_loose_photos


def model_of(count: int) -> pycolmap.Reconstruction:
    settings = pycolmap.SyntheticDatasetOptions(num_rigs=count, num_cameras_per_rig=1, num_frames_per_rig=1, num_points3D=60)
    return pycolmap.synthesize_dataset(settings)


def keep(model: pycolmap.Reconstruction, image_id: int, count: int) -> None:
    """Leave an image this many points."""
    seen = [index for index, point in enumerate(model.images[image_id].points2D) if point.has_point3D()]
    for index in seen[count:]:
        model.delete_observation(image_id, index)


@pytest.mark.parametrize(("left", "stays"), [(0, False), (5, False), (30, True)])
def test_a_photo_without_points_no_longer_counts_as_placed(left: int, stays: bool) -> None:
    model = model_of(5)
    assert model.num_reg_images() == 5
    loose = min(model.reg_image_ids())
    keep(model, loose, left)
    drop_loose_photos(model)
    assert (loose in model.reg_image_ids()) == stays
    assert model.num_reg_images() == 4 + stays
    assert model.num_points3D() > 50


def test_two_photos_stay_however_few_points_they_have() -> None:
    model = model_of(2)
    for image_id in list(model.reg_image_ids()):
        keep(model, image_id, 8)
    drop_loose_photos(model)
    assert model.num_reg_images() == 2
