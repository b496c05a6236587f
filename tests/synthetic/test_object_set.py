"""The folder that make-object writes, read again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from grotto.contract import ProblemError, Silent
from grotto.contract.options import MakeObjectOptions
from grotto.formats import read_mesh_ply, read_transforms
from grotto.synthetic import make_object_set


def test_photos_cameras_and_truth(tmp_path: Path) -> None:
    out = tmp_path / "set"
    make_object_set("deer", out, MakeObjectOptions(rig="orbit", views=7, size=48, samples=1), Silent())
    make_object_set("deer", out, MakeObjectOptions(rig="v1.1", size=48, samples=2, seed=1), Silent())
    assert sorted(path.name for path in (out / "photos").iterdir()) == [f"{index:03}.png" for index in range(6)]
    cameras = read_transforms(out / "transforms.json")
    truth = read_mesh_ply(out / "truth.ply")
    assert truth.colours is not None
    for camera in cameras:
        picture = np.asarray(Image.open(out / camera.file_path))
        assert picture.shape == (48, 48, 4) == (camera.height, camera.width, 4)
        camera_from_world = np.linalg.inv(camera.world_from_camera)
        local = truth.vertices @ camera_from_world[:3, :3].T + camera_from_world[:3, 3]
        pixels = np.floor(local[:, :2] / local[:, 2:] * camera.focal_x + [camera.centre_x, camera.centre_y]).astype(int)
        assert (picture[pixels[:, 1], pixels[:, 0], 3] > 0).mean() > 0.96  # all but rims thinner than a ray's gap
    document = json.loads((out / "transforms.json").read_text())
    assert {"w", "h", "fl_x", "transform_matrix"} <= set(document["frames"][0])
    assert json.loads((out / "object.json").read_text())["options"]["seed"] == 1


def test_what_cannot_be_made_is_refused(tmp_path: Path) -> None:
    options = MakeObjectOptions(size=16, samples=1)
    with pytest.raises(ProblemError, match="choose one of deer"):
        make_object_set("dragon", tmp_path / "a", options, Silent())
    assert not (tmp_path / "a").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("keep me")
    with pytest.raises(ProblemError, match="not empty"):
        make_object_set("deer", tmp_path / "full", options, Silent())
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]
    (tmp_path / "file").write_text("")
    with pytest.raises(ProblemError, match="is a file"):
        make_object_set("deer", tmp_path / "file", options, Silent())
