"""What an input is: photos, a video, a document of cameras or a COLMAP model."""

import struct
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pycolmap
import pytest
from PIL import Image
from scan_sets import Noted, ball, read_set, ring, write_set

from grotto.contract import ProblemError, Silent
from grotto.scene import Camera
from grotto.views import choose_frames, find_source, read_document, sharpest


def test_a_folder_of_photos(tmp_path: Path) -> None:
    source = find_source(tmp_path)
    assert (source.pictures, source.document, source.video) == (tmp_path, None, False)


def test_a_document_and_its_folder_are_the_same(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", ring())
    assert find_source(folder) == find_source(folder / "transforms.json")
    assert find_source(folder).pictures == folder / "images"


def test_training_cameras_of_nerfs_own_sets(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", ring())
    (folder / "transforms.json").rename(folder / "transforms_train.json")
    assert find_source(folder).document == folder / "transforms_train.json"


@pytest.mark.parametrize("place", ["sparse/0", "."])
def test_a_colmap_model_finds_its_photos(tmp_path: Path, place: str) -> None:
    cameras = ring(3)
    folder = write_set(tmp_path / "set", cameras)
    (folder / "transforms.json").unlink()
    model = pycolmap.Reconstruction()
    model.add_camera_with_trivial_rig(
        pycolmap.Camera(model="SIMPLE_PINHOLE", width=64, height=64, params=[102.4, 32, 32], camera_id=1)
    )
    for number, camera in enumerate(cameras, start=1):
        image = pycolmap.Image(name=f"{number - 1}.png")
        image.image_id, image.camera_id = number, 1
        model.add_image_with_trivial_frame(image, pycolmap.Rigid3d(camera.camera_from_world[:3]))
    (folder / place).mkdir(parents=True, exist_ok=True)
    model.write_binary(str(folder / place))
    for source in {folder, folder / place}:
        found = find_source(source)
        assert found.document == (folder / place).resolve()
        frames = read_document(found.document).frames
        assert [frame.file for frame in frames] == [folder / "images" / f"{number}.png" for number in range(3)]
    photos = read_set(folder, tmp_path / "out", Noted())
    assert [photo.name for photo in photos.photos] == ["0.png", "1.png", "2.png"]
    for placed, camera in zip(photos.cameras, cameras, strict=True):
        assert placed.matrix == pytest.approx(camera.camera_from_world)


def rig_model(folder: Path, cameras: list[Camera]) -> None:
    """A model of one rig: cam0 and cam1 take 0.png, 1.png ... at the same moments, with one step between them."""
    model, rig = pycolmap.Reconstruction(), pycolmap.Rig(rig_id=1)
    for number in (1, 2):
        numbers = {"model": "SIMPLE_PINHOLE", "width": 64, "height": 64, "params": [FOCALS[number - 1], 32, 32]}
        model.add_camera(pycolmap.Camera(camera_id=number, **numbers))
    sensors = [pycolmap.sensor_t(pycolmap.SensorType.CAMERA, number) for number in (1, 2)]
    step = cameras[1].camera_from_world @ cameras[0].world_from_camera
    rig.add_ref_sensor(sensors[0])
    rig.add_sensor(sensors[1], pycolmap.Rigid3d(step[:3]))
    model.add_rig(rig)
    for moment in range(len(cameras) // 2):
        frame = pycolmap.Frame(frame_id=moment + 1, rig_id=1)
        frame.rig_from_world = pycolmap.Rigid3d(cameras[2 * moment].camera_from_world[:3])
        for which, sensor in enumerate(sensors):
            frame.add_data_id(pycolmap.data_t(sensor, 2 * moment + which + 1))
        model.add_frame(frame)
        for which in (0, 1):
            image = pycolmap.Image(image_id=2 * moment + which + 1, camera_id=which + 1, name=f"cam{which}/{moment}.png")
            image.frame_id = moment + 1
            model.add_image(image)
        model.register_frame(moment + 1)
    (folder / "sparse/0").mkdir(parents=True)
    model.write(str(folder / "sparse/0"))


FOCALS = (0.8 * 64, 1.4 * 64)  # with the first, the ball is a small figure on an empty picture


@pytest.mark.parametrize("ground", [None, 0, 255], ids=["clear", "black", "white"])
def test_a_rigs_photos_of_one_name_are_photos_and_no_masks_of_each_other(tmp_path: Path, ground: int | None) -> None:
    cameras = [replace(camera, focal_x=FOCALS[n % 2], focal_y=FOCALS[n % 2]) for n, camera in enumerate(ring(6))]
    step = cameras[1].camera_from_world @ cameras[0].world_from_camera
    for n in range(1, 6, 2):
        cameras[n] = replace(cameras[n], camera_from_world=step @ cameras[n - 1].camera_from_world)
    for number, camera in enumerate(cameras):
        path = tmp_path / f"set/images/cam{number % 2}/{number // 2}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture = ball(camera)
        picture = picture if ground is None else np.where(picture[..., 3:] > 0, picture, ground)[..., :3].astype(np.uint8)
        Image.fromarray(picture).save(path)
    rig_model(tmp_path / "set", cameras)
    report = Noted()
    photos = read_set(tmp_path / "set", tmp_path / "out", report)
    names = [f"cam{which}/{moment}.png" for moment in range(3) for which in (0, 1)]
    placed = {photo.name: camera for photo, camera in zip(photos.photos, photos.cameras, strict=True)}
    assert sorted(placed) == sorted(names)
    for name, camera in zip(names, cameras, strict=True):
        assert placed[name].matrix == pytest.approx(camera.camera_from_world, abs=1e-9)
    assert all(not photo.mask for photo in photos.photos)
    assert not any("mask" in note for note in report.notes)


def test_equal_pictures_of_a_document_are_all_kept(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", ring())
    Image.fromarray(ball(ring()[0])).save(folder / "images" / "3.png")
    assert len(read_set(folder, tmp_path / "out", Noted()).photos) == 6


def test_broken_photos_of_a_document_are_named(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", ring())
    (folder / "images" / "3.png").write_bytes((folder / "images" / "3.png").read_bytes()[:200])
    report = Noted()
    assert len(read_set(folder, tmp_path / "out", report).photos) == 5
    assert any("images/3.png is left out" in note for note in report.notes)


@pytest.mark.parametrize("name", ["notes.txt", "model.blend"])
def test_other_files_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("hello")
    with pytest.raises(ProblemError, match=name):
        find_source(tmp_path / name)


def video(path: Path, frames: list[np.ndarray]) -> Path:
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 10.0, (width, height))
    for frame in frames:
        writer.write(frame)
    writer.release()
    return path


def test_the_sharp_frames_of_a_video_are_taken(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    frames = []
    for number in range(24):
        noise = cv2.resize(rng.integers(0, 255, (24, 32, 3), np.uint8), (128, 96), interpolation=cv2.INTER_NEAREST)
        frames.append(noise if number % 4 == 2 else cv2.GaussianBlur(noise, (0, 0), 4))
    path = video(tmp_path / "walk.avi", frames)
    assert find_source(path).video
    (tmp_path / "out").mkdir()
    made = choose_frames(path, 6, tmp_path / "out", Silent())
    assert made.chosen == (2, 6, 10, 14, 18, 22)
    assert made.total == 24
    pictures = sorted((tmp_path / "out" / made.photos).iterdir())
    assert [picture.name for picture in pictures] == [f"frame_{number:06d}.jpg" for number in made.chosen]
    read = np.asarray(Image.open(pictures[0]), np.float32)[..., ::-1]  # as OpenCV has it
    gaps = [np.abs(read - frame).mean() for frame in frames]
    assert int(np.argmin(gaps)) == 2


def test_a_video_that_ends_early_says_so(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    path = video(tmp_path / "walk.avi", [rng.integers(0, 255, (96, 128, 3), np.uint8) for _ in range(24)])
    (tmp_path / "whole").mkdir()
    report = Noted()
    choose_frames(path, 6, tmp_path / "whole", report)
    assert not any("cut off" in note for note in report.notes)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    (tmp_path / "half").mkdir()
    made = choose_frames(path, 6, tmp_path / "half", report)
    assert 8 < made.total < 14
    assert any("walk.avi can be read up to frame" in note and "of the 24" in note for note in report.notes)


def test_sharpest_of_few_frames_are_all() -> None:
    assert sharpest(np.array([3.0, 1.0, 2.0]), 5) == [0, 1, 2]
    assert sharpest(np.array([3.0, 1.0, 2.0, 4.0]), 2) == [0, 3]


def turned_video(path: Path, upright: np.ndarray, turn: int) -> Path:
    """A video of one upright picture (h, w, 3), stored turned anticlockwise, with the display matrix that turns it back."""
    stored = np.ascontiguousarray(np.rot90(upright, turn // 90))
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 10, stored.shape[1::-1])
    for _ in range(6):
        writer.write(stored)
    writer.release()
    data, one = bytearray(path.read_bytes()), 1 << 16
    cosine, sine = {90: (0, one), 180: (-one, 0), 270: (0, -one)}[turn]
    struct.pack_into(">5i", data, data.find(b"tkhd") + 44, cosine, sine, 0, -sine, cosine)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(("name", "turn"), [("upright.mp4", 90), ("on its head.MOV", 180), ("walk 100%d \u795e.mp4", 270)])
def test_videos_of_turned_phones_are_upright_whatever_their_name(tmp_path: Path, name: str, turn: int) -> None:
    upright = np.full((96, 64, 3), 40, np.uint8)
    upright[:32, 32:] = (40, 40, 220)  # red, above on the right
    path = turned_video(tmp_path / name, upright, turn)
    (tmp_path / "out").mkdir()
    chosen = choose_frames(path, 2, tmp_path / "out", Silent())
    for frame in sorted((tmp_path / "out" / chosen.photos).iterdir()):
        picture = np.asarray(Image.open(frame)).astype(int)
        assert picture.shape == (96, 64, 3)
        red = picture[..., 0] - picture[..., 2] > 90
        assert (red == (upright[..., 2] > 100)).mean() > 0.97


@pytest.mark.parametrize("part", [0, 0.5])
def test_videos_that_are_cut_off_are_refused(tmp_path: Path, part: float) -> None:
    path = turned_video(tmp_path / "walk.mp4", np.full((96, 64, 3), 40, np.uint8), 90)
    data = path.read_bytes()
    path.write_bytes(data[: int(part * len(data))])
    (tmp_path / "out").mkdir()
    with pytest.raises(ProblemError, match=r"walk.mp4"):
        choose_frames(path, 2, tmp_path / "out", Silent())


def test_a_file_that_is_only_named_like_a_video_is_refused(tmp_path: Path) -> None:
    (tmp_path / "walk.mp4").write_bytes(b"\0" * 100)
    (tmp_path / "out").mkdir()
    with pytest.raises(ProblemError, match=r"walk\.mp4 holds no frames"):
        choose_frames(tmp_path / "walk.mp4", 6, tmp_path / "out", Silent())
