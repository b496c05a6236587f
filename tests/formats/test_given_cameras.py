"""Cameras of others: what transforms.json and COLMAP models may hold, and what is refused with the frame's name."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pycolmap
import pytest

from grotto.contract import ProblemError
from grotto.formats import (
    GivenCamera,
    GivenLens,
    is_colmap_model,
    read_colmap_cameras,
    read_foreign_transforms,
    remarks_on_transforms,
    turn_of,
)

WORLD_FROM_OPENGL = np.array([[1.0, 0, 0, 2], [0, 0, -1, -3], [0, 1, 0, 4], [0, 0, 0, 1]])  # stands at (2, -3, 4), looks along +y


def written(folder: Path, frames: list[dict], **top: object) -> Path:
    path = folder / "transforms.json"
    path.write_text(json.dumps({**top, "frames": frames}))
    return path


def frame(name: str = "a.png", matrix: np.ndarray = WORLD_FROM_OPENGL, **more: object) -> dict:
    return {"file_path": name, "transform_matrix": matrix.tolist(), **more}


def only(path: Path) -> GivenCamera:
    return read_foreign_transforms(path)[0]


def test_axes_are_turned_to_opencvs(tmp_path: Path) -> None:
    camera = only(written(tmp_path, [frame()], camera_angle_x=1.0)).camera_from_world
    ahead, above = np.array([2.0, 7, 4, 1]), np.array([2.0, -3, 5, 1])
    assert (camera @ ahead)[:3] == pytest.approx([0, 0, 10])
    assert (camera @ above)[:3] == pytest.approx([0, -1, 0])  # y is down


def test_a_field_of_view_becomes_a_focal_length_of_the_photos_width(tmp_path: Path) -> None:
    camera = only(written(tmp_path, [frame("train/r_0")], camera_angle_x=0.6911112070083618))
    assert camera.photo == "train/r_0"
    assert camera.lens_of(800, 600) == GivenLens(
        model="SIMPLE_PINHOLE", width=800, height=600, params=(pytest.approx(1111.111, abs=1e-3), 400.0, 300.0)
    )


def test_a_frames_own_numbers_win_over_the_documents(tmp_path: Path) -> None:
    top = {"w": 40, "h": 30, "fl_x": 50.0, "cx": 20.0, "cy": 15.0}
    path = written(tmp_path, [frame(), frame("b.png", fl_x=60.0, fl_y=61.0)], **top)
    first, second = read_foreign_transforms(path)
    assert first.lens == GivenLens(model="PINHOLE", width=40, height=30, params=(50.0, 50.0, 20.0, 15.0))
    assert second.lens == GivenLens(model="PINHOLE", width=40, height=30, params=(60.0, 61.0, 20.0, 15.0))


@pytest.mark.parametrize(
    ("more", "model", "rest"),
    [
        ({"k1": 0.1, "k2": -0.2, "p1": 0.3, "p2": 0.4}, "OPENCV", (0.1, -0.2, 0.3, 0.4)),
        ({"k1": 0.1, "k3": 0.5}, "FULL_OPENCV", (0.1, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0)),
        ({"k1": 0.1, "k4": 0.5, "camera_model": "OPENCV_FISHEYE"}, "OPENCV_FISHEYE", (0.1, 0.0, 0.0, 0.5)),
        ({"k1": 0.0}, "PINHOLE", ()),
    ],
)
def test_distortion_is_read_in_colmaps_words(tmp_path: Path, more: dict, model: str, rest: tuple[float, ...]) -> None:
    lens = only(written(tmp_path, [frame()], w=40, h=30, fl_x=50, fl_y=51, cx=20, cy=15, **more)).lens
    assert lens == GivenLens(model=model, width=40, height=30, params=(50.0, 51.0, 20.0, 15.0, *rest))


def test_photos_of_another_size_and_the_same_shape_scale_the_lens() -> None:
    lens = GivenLens(model="OPENCV", width=1080, height=1920, params=(1375.52, 1374.49, 554.558, 965.268, 0.1, 0.2, 0.3, 0.4))
    camera = GivenCamera(photo="a.jpg", lens=lens, camera_from_world=np.eye(4))
    half = camera.lens_of(540, 960)
    assert half.params == pytest.approx((687.76, 687.245, 277.279, 482.634, 0.1, 0.2, 0.3, 0.4))
    point = np.array([[0.1, -0.2, 1.0]])
    full = pycolmap.Camera(model=lens.model, width=1080, height=1920, params=list(lens.params)).img_from_cam(point)
    small = pycolmap.Camera(model=half.model, width=540, height=960, params=list(half.params)).img_from_cam(point)
    assert np.asarray(small) == pytest.approx(np.asarray(full) / 2)
    with pytest.raises(ProblemError, match=r"The photo a.jpg has 960 x 540 pixels"):
        camera.lens_of(960, 540)


def broken(row: int, column: int, value: float) -> np.ndarray:
    matrix = WORLD_FROM_OPENGL.copy()
    matrix[row, column] = value
    return matrix


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (frame("photos/7.jpg", broken(0, 3, math.nan)), "photos/7.jpg.*NaN"),
        (frame("photos/7.jpg", broken(1, 1, math.inf)), "photos/7.jpg.*not finite"),
        (frame("photos/7.jpg", WORLD_FROM_OPENGL @ np.diag([1.0, 1, -1, 1])), "photos/7.jpg is mirrored"),
        (frame("photos/7.jpg", WORLD_FROM_OPENGL @ np.diag([2.0, 2, 2, 1])), "photos/7.jpg is .*scaled"),
        (frame("photos/7.jpg", np.eye(2)), "photos/7.jpg is no 4 x 4"),
        (frame("photos/7.jpg", WORLD_FROM_OPENGL.T), "photos/7.jpg ends with the row .*row by row"),
        (frame("photos/7.jpg", broken(3, 3, 2.0)), "photos/7.jpg ends with the row 0, 0, 0, 2"),
        (frame("photos/7.jpg", w=4, h=4, fl_x=math.nan), "photos/7.jpg"),
        (frame("photos/7.jpg", w=4, h=4, fl_x=-5), "photos/7.jpg has no focal length"),
        (frame("photos/7.jpg", camera_angle_x=4.0), "photos/7.jpg"),
        ({"file_path": "photos/7.jpg"}, "photos/7.jpg"),
        ({"transform_matrix": WORLD_FROM_OPENGL.tolist()}, "Frame 2 names no photo"),
    ],
)
def test_what_is_no_camera_is_refused_with_the_frames_name(tmp_path: Path, bad: dict, words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        read_foreign_transforms(written(tmp_path, [frame(), bad], camera_angle_x=1.0))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"frames": []}', '{"frames": 3}', '{"frames": [3]}', "not json"])
def test_what_is_no_document_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "transforms.json").write_text(text)
    with pytest.raises(ProblemError, match=r"transforms\.json"):
        read_foreign_transforms(tmp_path / "transforms.json")


def colmap_model(folder: Path, text: bool) -> pycolmap.Reconstruction:
    """Two photos with lenses of their own, written by COLMAP itself; one has points."""
    model = pycolmap.Reconstruction()
    lenses = [("OPENCV", [50.0, 51, 20, 15, 0.1, 0.2, 0.3, 0.4]), ("SIMPLE_RADIAL", [60.0, 20, 15, 0.05])]
    turn = pycolmap.Rotation3d(np.array([0.3, -0.5, 0.1, 0.8]) / np.linalg.norm([0.3, -0.5, 0.1, 0.8]))
    for number, (lens, params) in enumerate(lenses, start=1):
        model.add_camera_with_trivial_rig(pycolmap.Camera(model=lens, width=40, height=30, params=params, camera_id=number))
        points = pycolmap.Point2DList([pycolmap.Point2D([1.0, 2.0])] * (number - 1))
        image = pycolmap.Image(name=f"day 1/photo {number}.jpg", points2D=points)
        image.image_id, image.camera_id = number, number
        model.add_image_with_trivial_frame(image, pycolmap.Rigid3d(turn, np.array([1.0, 2.0, number])))
    folder.mkdir()
    (model.write_text if text else model.write_binary)(str(folder))
    return model


@pytest.mark.parametrize("text", [True, False])
def test_colmaps_own_models_are_read(tmp_path: Path, text: bool) -> None:
    model = colmap_model(tmp_path / "model", text)
    assert is_colmap_model(tmp_path / "model")
    read = {camera.photo: camera for camera in read_colmap_cameras(tmp_path / "model")}
    assert set(read) == {"day 1/photo 1.jpg", "day 1/photo 2.jpg"}
    for image in model.images.values():
        camera = read[image.name]
        assert camera.camera_from_world[:3] == pytest.approx(image.cam_from_world().matrix())
        assert camera.lens is not None
        assert camera.lens.params == pytest.approx(tuple(model.cameras[image.camera_id].params))
        assert camera.lens.model == model.cameras[image.camera_id].model.name


def test_colmap_models_that_are_cut_short_are_refused(tmp_path: Path) -> None:
    colmap_model(tmp_path / "model", text=False)
    images = tmp_path / "model" / "images.bin"
    whole = images.read_bytes()
    for length in (0, 9, 70, len(whole) - 1):
        images.write_bytes(whole[:length])
        with pytest.raises(ProblemError, match="cannot be read"):
            read_colmap_cameras(tmp_path / "model")


def test_nan_in_a_colmap_model_is_named(tmp_path: Path) -> None:
    colmap_model(tmp_path / "model", text=True)
    path = tmp_path / "model" / "images.txt"
    lines = path.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if line.endswith("photo 2.jpg"))
    words = lines[at].split(maxsplit=9)
    words[5] = "nan"
    path.write_text("\n".join([*lines[:at], " ".join(words), *lines[at + 1 :], ""]))
    with pytest.raises(ProblemError, match=r"day 1/photo 2\.jpg"):
        read_colmap_cameras(tmp_path / "model")


OFF_CENTRE = {"fl_x": 310.0, "cx": 146.2, "cy": 153.1}


@pytest.mark.parametrize(
    ("more", "model", "params"),
    [
        (OFF_CENTRE, "PINHOLE", (310.0, 310.0, 146.2, 153.1)),
        ({"fl_x": 310.0}, "PINHOLE", (310.0, 310.0, 150.0, 150.0)),
        ({"fl_y": 310.0}, "PINHOLE", (310.0, 310.0, 150.0, 150.0)),
        ({**OFF_CENTRE, "k1": -0.3, "k2": 0.05}, "OPENCV", (310.0, 310.0, 146.2, 153.1, -0.3, 0.05, 0.0, 0.0)),
        ({"camera_angle_x": 2 * math.atan(0.5), "k1": -0.3}, "OPENCV", (300.0, 300.0, 150.0, 150.0, -0.3, 0.0, 0.0, 0.0)),
        ({"camera_angle_y": 2 * math.atan(0.5)}, "PINHOLE", (300.0, 300.0, 150.0, 150.0)),
        ({"camera_angle_x": 2 * math.atan(0.5), "k1": 1, "w": 600, "h": 600}, "OPENCV", (300, 300, 150, 150, 1, 0, 0, 0)),
        ({"fl_x": 620.0, "cx": 290.0, "cy": 306.0}, "PINHOLE", (310.0, 310.0, 145.0, 153.0)),  # of photos twice as large
        ({"w": 150, "h": 150, **OFF_CENTRE}, "PINHOLE", (310.0, 310.0, 146.2, 153.1)),  # w and h are those of images_2
    ],
)  # fmt: skip
def test_the_photo_gives_the_size_that_the_document_leaves_out(
    tmp_path: Path, more: dict, model: str, params: tuple[float, ...]
) -> None:
    lens = only(written(tmp_path, [frame()], **more)).lens_of(300, 300)
    assert (lens.model, lens.width, lens.height) == (model, 300, 300)
    assert lens.params == pytest.approx(params)


def test_a_principal_point_far_from_the_middle_is_refused_without_a_size(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="principal point at 420, 60"):
        only(written(tmp_path, [frame()], fl_x=300.0, cx=420.0, cy=60.0)).lens_of(300, 300)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"camera_model": "EQUIRECTANGULAR"}, "a.png .*EQUIRECTANGULAR"),
        ({"ftheta_p0": 0.1}, "a.png .*ftheta_p0"),
        ({"is_fisheye": True, "p1": 0.1}, "a.png .*p1"),
    ],
)
def test_lenses_of_other_kinds_are_refused_by_name(tmp_path: Path, more: dict, words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        read_foreign_transforms(written(tmp_path, [frame()], w=40, h=30, fl_x=50, **more))


def test_what_a_document_holds_and_is_not_used_is_named(tmp_path: Path) -> None:
    path = written(
        tmp_path, [frame(depth_file_path="depth/a.png"), frame("b.png", w=20, h=15)], fl_x=50, cx=20, cy=15, aabb_scale=4
    )
    first, second = remarks_on_transforms(path)
    assert "aabb_scale, depth_file_path" in first
    assert "1 frames" in second
    assert "b.png" in second
    assert remarks_on_transforms(written(tmp_path, [frame(mask_path="m/a.png")], fl_x=50)) == []


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_lens_turned_with_its_photo_sees_the_same(orientation: int) -> None:
    lens = GivenLens(model="FULL_OPENCV", width=40, height=30, params=(50, 52, 21, 14, 0.1, -0.2, 0.03, -0.04, 0.1, 0.2, 0, 0))
    turned = lens.turned(orientation)
    points = np.random.default_rng(1).uniform([-0.3, -0.2, 1], [0.3, 0.2, 2], (20, 3))
    stored = np.asarray(pycolmap.Camera(model=lens.model, width=40, height=30, params=list(lens.params)).img_from_cam(points))
    size = {"width": turned.width, "height": turned.height}
    upright = pycolmap.Camera(model=turned.model, **size, params=list(turned.params)).img_from_cam(
        points @ turn_of(orientation)[:3, :3].T
    )
    x, y = stored.T  # Exif: 6 is to be turned clockwise to be upright, 8 anticlockwise
    expected = {3: (40 - x, 30 - y), 6: (30 - y, x), 8: (y, 40 - x)}[orientation]
    assert np.asarray(upright) == pytest.approx(np.column_stack(expected), abs=1e-9)


LINES = "1 1 0 0 0 0 0 4 1 {}.png|3.5 4.5 -1 8.0 9.5 12"


@pytest.mark.parametrize(
    ("change", "first"),
    [
        (lambda text: text, "1"),
        (lambda text: "\ufeff# list\n\n" + text, "1"),
        (lambda text: text.replace("|3.5 4.5 -1 8.0 9.5 12", ""), "1"),  # no lines of points at all
        (lambda text: text.replace("|3.5 4.5 -1 8.0 9.5 12", "|"), "1"),
        (lambda text: text.replace("|", "|\n"), "1"),
        (lambda text: text.replace("\n", "\n  # between\n\n"), "1"),
        (lambda text: text.replace(" ", "\t"), "1"),
        (lambda text: text.replace("1.png", " site A (1).png"), " site A (1)"),
        (lambda text: text.replace("\n", "\r\n"), "1"),
    ],
)
def test_text_models_of_other_programs_keep_every_photo(tmp_path: Path, change: Callable[[str], str], first: str) -> None:
    text = change("\n".join(LINES.format(number) for number in (1, 2, 3, 4)) + "\n").replace("|", "\n")
    (tmp_path / "cameras.txt").write_bytes(b"\xef\xbb\xbf1 PINHOLE 40 30 50 50 20 15\r\n")
    (tmp_path / "images.txt").write_bytes(text.encode())
    assert [camera.photo for camera in read_colmap_cameras(tmp_path)] == [f"{name}.png" for name in (first, 2, 3, 4)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("2 1 0 0 0 0,5 0 4 1 b.png", "line 2 of images.txt .*decimals have commas"),
        ("2 1 0.5 0 0 0 0 4 1", "line 2 of images.txt"),
        ("1.0 2.0", "line 2 of images.txt"),
    ],
)
def test_lines_that_are_no_photo_are_refused_with_their_number(tmp_path: Path, line: str, words: str) -> None:
    (tmp_path / "cameras.txt").write_text("1 PINHOLE 40 30 50 50 20 15\n")
    (tmp_path / "images.txt").write_text(f"1 1 0 0 0 0 0 4 1 a.png\n{line}\n")
    with pytest.raises(ProblemError, match=words):
        read_colmap_cameras(tmp_path)
