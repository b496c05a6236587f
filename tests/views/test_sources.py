"""What an input is: photos, a video, a document of cameras or a COLMAP model."""

from pathlib import Path

import cv2
import numpy as np
import pycolmap
import pytest
from PIL import Image
from scan_sets import Noted, ball, read_set, ring, write_set

from grotto.contract import ProblemError, Silent
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


def test_sharpest_of_few_frames_are_all() -> None:
    assert sharpest(np.array([3.0, 1.0, 2.0]), 5) == [0, 1, 2]
    assert sharpest(np.array([3.0, 1.0, 2.0, 4.0]), 2) == [0, 3]


def test_a_file_that_is_only_named_like_a_video_is_refused(tmp_path: Path) -> None:
    (tmp_path / "walk.mp4").write_bytes(b"\0" * 100)
    (tmp_path / "out").mkdir()
    with pytest.raises(ProblemError, match=r"walk\.mp4 holds no frames"):
        choose_frames(tmp_path / "walk.mp4", 6, tmp_path / "out", Silent())
