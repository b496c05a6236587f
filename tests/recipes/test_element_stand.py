"""A picture laid onto a mesh that views gave: found by its outline, painted where it is seen, stood up in the element's frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from grotto.contract import Silent
from grotto.formats import Mesh, PhotoCamera, TexturedMesh, write_llff
from grotto.meshes.remesh import decimate
from grotto.meshes.texture import as_png, overlaid_texture, textured, unwrap
from grotto.metrics import camera_errors, psnr
from grotto.recipes.element.from_views import ELEMENT_FROM_RIG
from grotto.render.mesh import render_textured
from grotto.scene import View, camera_around, orbit_like
from grotto.synthetic import photograph
from grotto.synthetic.objects import make_object
from grotto.views import register_picture

_DISTANCE = 4.0


@pytest.fixture(scope="module")
def deer() -> TexturedMesh:
    """The deer's true shape with few faces, all grey."""
    made = make_object("deer", 0).mesh
    unwrapped = unwrap(decimate(Mesh(vertices=made.vertices, faces=made.faces), 3000), 512, 2)
    return textured(unwrapped, np.full((512, 512, 3), 0.5, np.float32))


@pytest.fixture(scope="module")
def picture() -> View:
    return photograph(make_object("deer", 0), [camera_around(5.0, 12.0, 160)], samples=2)[0]


def test_a_picture_finds_its_place_and_is_laid_onto_what_it_sees(deer: TexturedMesh, picture: View) -> None:
    shape = Mesh(vertices=deer.vertices, faces=deer.faces.astype(np.int32))
    assert picture.alpha is not None
    found = register_picture(shape, picture.alpha, _DISTANCE, Silent())
    assert found.iou > 0.9
    assert found.elevation_deg == pytest.approx(12.0, abs=6.0)
    assert found.azimuth_deg == pytest.approx(5.0, abs=6.0)
    texture, part = overlaid_texture(deer, picture.colour, picture.alpha, picture.camera)
    assert 0.05 < part < 0.5  # not the back, nor what turns away
    painted = TexturedMesh(**{**vars(deer), "texture": as_png(texture)})
    before, after = (
        psnr(np.clip(render_textured(mesh, picture.camera).over(1.0), 0, 1), picture.over(1.0)) for mesh in (deer, painted)
    )
    assert after > before + 3
    behind = camera_around(185.0, 0.0, 96)
    same = np.abs(render_textured(painted, behind).over(1.0) - render_textured(deer, behind).over(1.0))
    assert np.percentile(same, 95) < 0.03


def test_another_thing_s_outline_does_not_agree(deer: TexturedMesh) -> None:
    y, x = np.mgrid[:80, :80]
    bar = ((np.abs(y - 40) < 6) & (np.abs(x - 40) < 38)).astype(np.float32)
    shape = Mesh(vertices=deer.vertices, faces=deer.faces.astype(np.int32))
    assert register_picture(shape, bar, _DISTANCE, Silent()).iou < 0.75


def test_the_rig_s_front_becomes_the_element_s_front() -> None:
    assert pytest.approx([0, -1, 0]) == ELEMENT_FROM_RIG @ [1, 0, 0]
    assert np.linalg.det(ELEMENT_FROM_RIG) == pytest.approx(1)


def frames(count: int = 12) -> dict[str, PhotoCamera]:
    made = {}
    for number, camera in enumerate(orbit_like(camera_around(0, 20, 320), count, 64)):
        world = np.linalg.inv(camera.camera_from_world)
        made[f"{number:03}"] = PhotoCamera(
            file_path=f"photos/{number:03}.png", photo_name=f"{number:03}.png", width=64, height=64, focal_x=camera.focal_x,
            focal_y=camera.focal_y, centre_x=32, centre_y=32, world_from_camera=world,
        )  # fmt: skip
    return made


def test_an_orbit_looks_at_the_middle_from_the_rig_s_distance() -> None:
    for camera in orbit_like(camera_around(0, 20, 320), 7, 64):
        pixel, depth = camera.project(np.zeros((1, 3)))
        assert pixel[0] == pytest.approx([32, 32])
        assert depth[0] == pytest.approx(4.0)


def test_camera_errors_are_those_that_were_put_in() -> None:
    truth = frames()
    turn = np.eye(4)
    turn[:3, :3] = [[0, -1, 0], [1, 0, 0], [0, 0, 1]]
    placed = {}
    rock = np.deg2rad(2.0)
    tilt = np.eye(4)
    tilt[:2, :2] = [[np.cos(rock), -np.sin(rock)], [np.sin(rock), np.cos(rock)]]
    for name, camera in truth.items():
        world = turn @ camera.world_from_camera @ tilt  # each camera rolls by two degrees
        world[:3, 3] = 3 * world[:3, 3] + [1, 2, 3]
        placed[name] = world
    expected = np.stack([camera.world_from_camera for camera in truth.values()])
    position, rotation_deg = camera_errors(np.stack(list(placed.values())), expected)
    assert position < 1e-9
    assert rotation_deg == pytest.approx(2.0, abs=1e-6)


def test_llff_rows_hold_axes_sizes_and_bounds(tmp_path: Path) -> None:
    camera = frames(4)["001"]
    write_llff(tmp_path, [camera], np.array([[1.5, 6.0]]))
    row = np.load(tmp_path / "poses_bounds.npy")[0]
    block = row[:15].reshape(3, 5)
    down, right, back = camera.world_from_camera[:3, 1], camera.world_from_camera[:3, 0], -camera.world_from_camera[:3, 2]
    assert block[:, :3] == pytest.approx(np.stack([down, right, back], axis=1))
    assert block[:, 3] == pytest.approx(camera.world_from_camera[:3, 3])
    assert block[:, 4] == pytest.approx([64, 64, camera.focal_x])
    assert row[15:] == pytest.approx([1.5, 6.0])
