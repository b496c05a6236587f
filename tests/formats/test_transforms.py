import json

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from grotto.contract import ProblemError
from grotto.formats import SHIFT_FILE, PhotoCamera, read_transforms, write_shift, write_transforms


def _camera(name, world_from_camera):
    return PhotoCamera(
        file_path=f"photos/{name}", photo_name=f"día 1/{name}", width=600, height=400, focal_x=700.5, focal_y=700.5,
        centre_x=300.0, centre_y=200.0, world_from_camera=world_from_camera,
    )  # fmt: skip


def test_round_trip(tmp_path):
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.random(random_state=4).as_matrix()
    matrix[:3, 3] = 1, 2, 3
    write_transforms(tmp_path / "transforms.json", [_camera("a.jpg", matrix), _camera("b.jpg", np.eye(4))])
    back = read_transforms(tmp_path / "transforms.json")
    assert [camera.photo_name for camera in back] == ["día 1/a.jpg", "día 1/b.jpg"]
    np.testing.assert_allclose(back[0].world_from_camera, matrix, atol=1e-15)
    assert (back[0].focal_x, back[0].centre_y, back[0].width) == (700.5, 200.0, 600)


def test_axes_on_disk_are_opengl(tmp_path):
    """A camera that looks at the wall: OpenCV z forward is world +y, so OpenGL z on disk is world -y, and its y is up."""
    world_from_camera = np.eye(4)
    world_from_camera[:3, :3] = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])  # columns: x right, y down = -z, z forward = +y
    write_transforms(tmp_path / "transforms.json", [_camera("a.jpg", world_from_camera)])
    frame = json.loads((tmp_path / "transforms.json").read_text())["frames"][0]
    stored = np.array(frame["transform_matrix"])
    np.testing.assert_allclose(stored[:3, 1], [0, 0, 1])
    np.testing.assert_allclose(stored[:3, 2], [0, -1, 0])


def test_intrinsics_at_the_top_of_the_document(tmp_path):
    shared = {
        "fl_x": 500,
        "cx": 50,
        "cy": 40,
        "w": 100,
        "h": 80,
        "frames": [{"file_path": "a.png", "transform_matrix": np.eye(4).tolist()}],
    }
    (tmp_path / "transforms.json").write_text(json.dumps(shared))
    camera = read_transforms(tmp_path / "transforms.json")[0]
    assert (camera.focal_x, camera.focal_y, camera.photo_name) == (500, 500, "a.png")


def test_broken_document_is_named(tmp_path):
    (tmp_path / "transforms.json").write_text('{"frames": [{"file_path": "a"}]}')
    with pytest.raises(ProblemError, match="pinhole"):
        read_transforms(tmp_path / "transforms.json")


def test_a_shift_stands_in_the_document_and_beside_results(tmp_path):
    shift = (448260.0, 5411930.0, 510.0)
    write_transforms(tmp_path / "transforms.json", [_camera("a.jpg", np.eye(4))], shift)
    applied = np.array(json.loads((tmp_path / "transforms.json").read_text())["applied_transform"])
    np.testing.assert_allclose(applied @ [*shift, 1.0], 0)
    write_shift(tmp_path, shift)
    assert json.loads((tmp_path / SHIFT_FILE).read_text())["world_shift"] == list(shift)
    (tmp_path / "near").mkdir()
    write_shift(tmp_path / "near", (0.0, 0.0, 0.0))
    assert not list((tmp_path / "near").iterdir())
