"""The wall's frame: which side is up, the option that turns the wall, and when a camera distance gives a scale."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pycolmap
import pytest

from grotto.contract import Silent
from grotto.contract.options import FrameOptions
from grotto.photos import Photo, PhotoSet
from grotto.sfm.cameras import CameraGroup, Reconstruction
from grotto.sfm.wall import WallFrame, set_wall_frame

LEVEL = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])


class Notes(Silent):
    """Keeps what the user is told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, message: str) -> None:
        self.said.append(message)


def lens(**changes: object) -> CameraGroup:
    fields: dict[str, object] = {
        "name": "camera", "photos": 6, "width": 600, "height": 400, "focal_px": 650.0, "focal_interval_px": (645.0, 655.0),
        "focal_from": "photos", "radial": 0.0,
    }  # fmt: skip
    return CameraGroup(**{**fields, **changes})  # type: ignore[arg-type]


def framed(
    folder: Path, rolls_deg: list[float], options: FrameOptions, known_up: bool = False, group: CameraGroup | None = None
) -> tuple[WallFrame, list[str]]:
    """Six photos 1 m before a wall 3 m long and 1.2 m high, each rolled about its axis."""
    model = pycolmap.Reconstruction()
    camera = pycolmap.Camera(model="SIMPLE_RADIAL", width=600, height=400, params=[650, 300, 200, 0], camera_id=1)
    model.add_camera_with_trivial_rig(camera)
    wall = np.array([(x, 0.01 * np.sin(4 * x), z) for x in np.linspace(0, 3, 31) for z in np.linspace(0, 1.2, 13)])
    tracks = [pycolmap.Track() for _ in wall]
    for number, roll in enumerate(rolls_deg, 1):
        angle = np.radians(roll)
        turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
        rotation = turn @ LEVEL
        centre = np.array([0.5 * number - 0.25, -1.0, 0.6])
        camera_from_wall = np.column_stack([rotation, -rotation @ centre])
        seen = wall @ rotation.T + camera_from_wall[:, 3]
        pixels = 650 * seen[:, :2] / seen[:, 2:] + (300, 200)
        image = pycolmap.Image(name=f"{number}.jpg", points2D=pycolmap.Point2DList(list(map(pycolmap.Point2D, pixels))))
        image.image_id, image.camera_id = number, 1
        model.add_image_with_trivial_frame(image, pycolmap.Rigid3d(camera_from_wall))
        for index, track in enumerate(tracks):
            track.add_element(number, index)
    for point, track in zip(wall, tracks, strict=True):
        model.add_point3D(point, track)
    (folder / "model").mkdir(parents=True)
    model.write_binary(str(folder / "model"))
    photos = tuple(
        Photo(
            name=f"{number}.jpg", path="", sha256="", width=600, height=400, group="camera", focal_px=0.0, focal_source="",
            gravity_known=known_up, sharpness=1.0, mask="",
        )
        for number in range(1, len(rolls_deg) + 1)
    )  # fmt: skip
    found = Reconstruction(
        folder=folder, model="model", registered=tuple(photo.name for photo in photos), unregistered=(), models_found=1,
        groups=(group or lens(),), reprojection_px=0.1, focal_observable=True, weakest_link="",
    )  # fmt: skip
    photo_set = PhotoSet(folder=folder, source=str(folder), photos=photos, skipped=(), warnings=())
    (folder / "frame").mkdir()
    notes = Notes()
    return set_wall_frame(photo_set, found, options, folder / "frame", notes), notes.said


def is_upright(frame: WallFrame) -> bool:
    """Whether the wall, longer than high, lies along x."""
    return frame.x_max - frame.x_min > 2 * (frame.z_max - frame.z_min)


def test_a_wall_of_photos_on_their_side_says_so_and_is_turned_by_the_option(tmp_path: Path) -> None:
    lying, said = framed(tmp_path / "a", [90] * 6, FrameOptions())
    assert not is_upright(lying)
    assert not lying.up_known
    assert any("--turn-wall" in note for note in said)
    for degrees, upright in (("90", True), ("180", False), ("270", True)):
        frame, said = framed(tmp_path / degrees, [90] * 6, FrameOptions(turn_wall=degrees))
        assert is_upright(frame) is upright
        assert not any("--turn-wall" in note for note in said)


def test_photos_upside_down_are_turned_by_180_degrees(tmp_path: Path) -> None:
    frame, _ = framed(tmp_path / "a", [180] * 6, FrameOptions(turn_wall="180"))
    for image in frame.read_model().images.values():
        assert image.cam_from_world().rotation.matrix()[1] @ [0, 0, 1] > 0.99  # the photo's down is the wall's up


def test_the_wall_stands_as_most_photos_do_and_the_others_are_counted(tmp_path: Path) -> None:
    frame, said = framed(tmp_path / "a", [0, 90, 0, 90, 0, 1], FrameOptions())
    assert is_upright(frame)
    assert any("2 of 6 photos stand turned" in note for note in said)


def test_a_known_up_needs_no_note(tmp_path: Path) -> None:
    frame, said = framed(tmp_path / "a", [0] * 6, FrameOptions(), known_up=True)
    assert frame.up_known
    assert not any("--turn-wall" in note for note in said)


@pytest.mark.parametrize(
    ("group", "metric"),
    [
        (lens(), True),
        (lens(focal_interval_px=(600.0, 700.0)), False),
        (lens(focal_interval_px=(0.0, 0.0), focal_from="guessed"), False),
        (lens(focal_interval_px=(0.0, 0.0), focal_from="given"), True),
        (lens(focal_interval_px=(0.0, 0.0), focal_from="EXIF"), True),
        (lens(doubt="no camera has this field of view"), False),
    ],
    ids=["certain", "uncertain", "guessed", "given", "exif", "doubted"],
)
def test_a_camera_distance_gives_a_scale_only_with_a_known_focal_length(tmp_path: Path, group: CameraGroup, metric: bool) -> None:
    frame, said = framed(tmp_path / "a", [0] * 6, FrameOptions(camera_distance_m=2.0), group=group)
    assert frame.metric is metric
    assert frame.camera_distance == pytest.approx(2.0 if metric else 1.0)
    assert any("focal length is not known well enough" in note for note in said) is not metric


def test_a_known_length_gives_a_scale_whatever_the_focal_length(tmp_path: Path) -> None:
    # 65 px of 650 at 1 m: points 10 cm apart, which are said to be 1 m
    options = FrameOptions(known_points="1.jpg:300,200 1.jpg:365,200", known_length_m=1.0)
    frame, _ = framed(tmp_path / "a", [0] * 6, options, group=lens(doubt="no camera has this field of view"))
    assert frame.metric
    assert frame.camera_distance == pytest.approx(10.0, rel=0.02)
    assert frame.relief_uncertainty == -1.0
