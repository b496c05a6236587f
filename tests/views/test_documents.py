"""Documents of cameras as other programs and other computers leave them: photos, masks, turns and origins."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scan_sets import MIDDLE, OPENGL, RADIUS, Noted, ball, read_set, ring, views_of, write_set

from grotto.contract import ProblemError
from grotto.formats import SHIFT_FILE, read_artefact, read_transforms, write_artefact
from grotto.photos import ScanPhotos, read_mask
from grotto.scene import Camera
from grotto.views import find_source, read_document


def change(folder: Path, each: Any) -> dict:
    """Change the frames of a set's transforms.json."""
    path = folder / "transforms.json"
    document = json.loads(path.read_text())
    for number, frame in enumerate(document["frames"]):
        each(number, frame)
    path.write_text(json.dumps(document))
    return document


def opaque(folder: Path, masks: str) -> Path:
    """The pictures without alpha, and their masks in another folder, named by mask_path."""
    (folder / masks).mkdir()
    for path in (folder / "images").glob("*.png"):
        picture = np.asarray(Image.open(path))
        Image.fromarray(picture[..., 3]).save(folder / masks / path.name)
        Image.fromarray(np.where(picture[..., 3:] > 0, picture[..., :3], 90).astype(np.uint8)).save(path)
    return folder


@pytest.mark.parametrize("root", ["", "D:\\scans\\ball\\", "/home/someone/ball/"])
def test_masks_that_the_document_names_are_used(tmp_path: Path, root: str) -> None:
    folder = opaque(write_set(tmp_path / "set", ring()), "cut")
    change(
        folder, lambda number, frame: frame.update(mask_path=f"{root}cut/{number}.png", file_path=f"{root}images/{number}.png")
    )
    report = Noted()
    views = views_of(folder, tmp_path / "out", report)
    assert views.region.bounded
    for view, camera in zip(views.load(0), ring(), strict=True):
        assert view.alpha is not None
        assert (view.alpha == (ball(camera)[..., 3] > 0)).all()
    assert any("6 masks are not where the document says" in note for note in report.notes) == bool(root)


def test_masks_that_are_not_there_are_named(tmp_path: Path) -> None:
    folder = opaque(write_set(tmp_path / "set", ring()), "cut")
    change(folder, lambda number, frame: frame.update(mask_path=f"cut/{number if number < 4 else 'lost'}.png"))
    report = Noted()
    photos = read_set(folder, tmp_path / "out", report)
    assert [bool(photo.mask) for photo in photos.photos] == [True] * 4 + [False] * 2
    assert any("2 masks that transforms.json names are not there" in note for note in report.notes)


def test_a_mask_of_half_the_size_fits(tmp_path: Path) -> None:
    folder = opaque(write_set(tmp_path / "set", ring()), "cut_2")
    for path in (folder / "cut_2").iterdir():
        Image.open(path).resize((32, 32), Image.Resampling.BOX).save(path)
    change(folder, lambda number, frame: frame.update(mask_path=f"cut_2/{number}.png"))
    keep = read_mask(read_set(folder, tmp_path / "out", Noted()).photos[0])
    assert keep is not None
    assert keep.shape == (64, 64)
    assert (keep == (ball(ring()[0])[..., 3] > 0)).mean() > 0.97


@pytest.mark.parametrize(
    "root", ["D:\\scans\\ball\\images\\", "/home/someone/ball/images/", "\\\\server\\scans\\images\\", "frames/"]
)
@pytest.mark.parametrize("place", ["images", "pictures/day 1"])
def test_photos_of_another_computer_are_found_by_name(tmp_path: Path, root: str, place: str) -> None:
    folder = write_set(tmp_path / "set", ring())
    change(folder, lambda number, frame: frame.update(file_path=f"{root}{number}.png"))
    (folder / place).parent.mkdir(exist_ok=True)
    (folder / "images").rename(folder / place)
    (folder / "images_2").mkdir()
    for path in (folder / place).iterdir():  # reduced copies are no better match
        Image.open(path).resize((32, 32)).save(folder / "images_2" / path.name)
    assert find_source(folder).pictures == folder / place
    report = Noted()
    photos = read_set(folder, tmp_path / "out", report)
    assert [photo.name for photo in photos.photos] == [f"{place}/{number}.png" for number in range(6)]
    assert any("6 photos are not where the document says" in note and str(folder / place) in note for note in report.notes)


def test_a_document_in_a_folder_of_its_own(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", ring())
    (folder / "export").mkdir()
    (folder / "transforms.json").rename(folder / "export/transforms.json")
    assert find_source(folder / "export").pictures == folder / "images"
    report = Noted()
    read_set(folder / "export", tmp_path / "out", report)
    assert any("6 photos are not where the document says" in note for note in report.notes)
    assert not any("behind a link" in note for note in report.notes)
    (folder / "images").rename(tmp_path / "disk")
    (folder / "images").symlink_to(tmp_path / "disk")
    read_set(folder / "export", tmp_path / "again", report)
    assert any("behind a link" in note and str(tmp_path / "disk") in note for note in report.notes)


@pytest.mark.parametrize(
    "named", ["../outside/private.png", "images/../../outside/private", "{outside}/private.png", "..\\outside\\private.png"]
)
def test_a_document_does_not_reach_out_of_its_folder(tmp_path: Path, named: str) -> None:
    folder = write_set(tmp_path / "set", ring())
    (tmp_path / "outside").mkdir()
    Image.open(folder / "images/5.png").save(tmp_path / "outside/private.png")
    os.mkfifo(tmp_path / "pipe")
    photo = named.format(outside=tmp_path / "outside")
    change(folder, lambda number, frame: frame.update(file_path=photo, mask_path=photo) if number == 5 else None)
    report = Noted()
    photos = read_set(folder, tmp_path / "out", report)
    assert [photo.name for photo in photos.photos] == [f"images/{number}.png" for number in range(5)]
    assert photos.source == str(folder / "images")
    assert "private" in photos.skipped[0].name
    assert photos.skipped[0].reason == "it lies outside of the folder of its document"
    for what in ("photos", "masks"):
        assert any(f"1 {what} that transforms.json names lie outside of {folder}" in note for note in report.notes)


def test_a_document_of_nothing_inside_is_refused(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", ring())
    (folder / "images").rename(tmp_path / "elsewhere")
    change(folder, lambda number, frame: frame.update(file_path=f"../elsewhere/{number}.png"))
    with pytest.raises(ProblemError, match="6 of them lead out of it, which is not followed"):
        find_source(folder)


@pytest.mark.parametrize("name", ["..", "/", "x" * 5000, "a\0b", "\ud800"])
def test_names_that_no_file_has_are_refused_in_words(tmp_path: Path, name: str) -> None:
    folder = write_set(tmp_path / "set", ring())
    change(folder, lambda number, frame: frame.update(file_path=name) if number == 5 else None)
    with pytest.raises(ProblemError, match=r"The camera of .* cannot be read"):
        read_document(find_source(folder).document)


def test_photos_behind_a_link_in_the_folder_are_read_and_their_place_is_said(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", ring())
    (folder / "images").rename(tmp_path / "store")
    (folder / "images").symlink_to(tmp_path / "store", target_is_directory=True)
    report = Noted()
    photos = read_set(folder, tmp_path / "out", report)
    assert [photo.path for photo in photos.photos] == [str(folder / f"images/{number}.png") for number in range(6)]
    assert any(f"6 pictures lie outside of {folder}" in note and str(tmp_path / "store") in note for note in report.notes)


def test_a_document_that_is_a_link_counts_where_it_lies(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", ring())
    (tmp_path / "blobs").mkdir()
    (folder / "transforms.json").rename(tmp_path / "blobs/abc")
    (folder / "transforms.json").symlink_to(tmp_path / "blobs/abc")
    for source in (folder, folder / "transforms.json"):
        assert find_source(source).pictures == folder / "images"


def test_only_folders_of_listed_photos_are_looked_into(tmp_path: Path) -> None:
    """Photos in two folders, and between them a folder that must not be entered; masks of both are found."""
    folder = opaque(write_set(tmp_path / "set", ring()), "masks")
    (folder / "more").mkdir()
    (folder / "images/5.png").rename(folder / "more/5.png")
    (folder / "private").mkdir()
    os.mkfifo(folder / "private/9.png")
    os.mkfifo(folder / "images/pipe.png")
    change(folder, lambda number, frame: frame.update(file_path=f"{'more' if number == 5 else 'images'}/{number}.png"))
    report = Noted()
    photos = read_set(folder, tmp_path / "out", report)
    assert [bool(photo.mask) for photo in photos.photos] == [True] * 6
    assert not any("private" in note or "pipe" in note for note in report.notes)


def test_a_listed_photo_that_is_a_pipe_is_named(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", ring())
    (folder / "images/5.png").unlink()
    os.mkfifo(folder / "images/5.png")
    report = Noted()
    assert len(read_set(folder, tmp_path / "out", report).photos) == 5
    assert any("images/5.png is left out: it is a pipe and no file" in note for note in report.notes)


def test_a_name_that_two_photos_have_is_not_guessed(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", ring())
    (folder / "again").mkdir()
    Image.open(folder / "images/3.png").save(folder / "again/3.png")
    change(folder, lambda number, frame: frame.update(file_path=f"C:/{number}.png"))
    read = read_document(folder / "transforms.json")
    assert [frame.file is None for frame in read.frames] == [False] * 3 + [True] + [False] * 2
    assert any("C:/3.png" in remark and "not clear which file" in remark for remark in read.remarks)


def test_a_photo_that_was_taken_out_is_not_replaced_by_its_copy(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", ring())
    (folder / "images_2").mkdir()
    (folder / "images/3.png").rename(folder / "images_2/3.png")
    assert [frame.file is None for frame in read_document(folder / "transforms.json").frames] == [False] * 3 + [True] + [
        False
    ] * 2


def test_further_cameras_are_named(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", ring())
    (folder / "transforms_test.json").write_text("{}")
    change(folder, lambda number, frame: frame.update(file_path="images/0") if number == 5 else None)
    remarks = " ".join(read_document(folder / "transforms.json").remarks)
    assert "transforms_test.json" in remarks
    assert "1 photos are listed more than once" in remarks
    report = Noted()
    (folder / "transforms.json").rename(folder / "bundle.out")
    read_set(folder, tmp_path / "out", report)
    assert any("bundle.out (Bundler) holds cameras in a form that is not read" in note for note in report.notes)


STORE = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}


SIDE, CUT = 96, 6


def sideways(folder: Path, turns: list[int]) -> list[Camera]:
    """A set whose upright photos, CUT rows smaller above and below, are stored turned, with cameras of the stored pixels."""
    cameras = ring(len(turns), SIDE)
    write_set(folder, cameras)
    frames = []
    for number, (camera, turn) in enumerate(zip(cameras, turns, strict=True)):
        picture = Image.open(folder / f"images/{number}.png").crop((0, CUT, SIDE, SIDE - CUT))
        exif = Image.Exif()
        exif[0x0112] = turn
        stored = picture.transpose(STORE[turn]) if turn > 1 else picture
        stored.save(folder / f"images/{number}.png", exif=exif)
        angle = {1: 0, 3: np.pi, 6: -np.pi / 2, 8: np.pi / 2}[turn]
        roll = np.eye(4)
        roll[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        matrix = np.linalg.inv(roll @ camera.camera_from_world) @ OPENGL
        size = {"w": stored.width, "h": stored.height, "cx": stored.width / 2, "cy": stored.height / 2}
        frames.append({"file_path": f"images/{number}.png", "transform_matrix": matrix.tolist(), "fl_x": 1.6 * SIDE, **size})
    (folder / "transforms.json").write_text(json.dumps({"frames": frames}))
    return cameras


@pytest.mark.parametrize("turns", [[6] * 6, [8] * 6, [1, 6, 8, 6, 8, 1], [3, 6, 3, 8, 1, 3]])
def test_cameras_of_stored_pixels_are_turned_with_the_photos(tmp_path: Path, turns: list[int]) -> None:
    cameras = sideways(tmp_path / "set", turns)
    report = Noted()
    views = views_of(tmp_path / "set", tmp_path / "out", report)
    for view, camera in zip(views.load(0), cameras, strict=True):
        assert view.camera.camera_from_world == pytest.approx(camera.camera_from_world, abs=1e-9)
        assert view.alpha is not None
        assert (view.alpha == (ball(camera)[CUT:-CUT, :, 3] > 0)).all()
    assert views.region.centre == pytest.approx(MIDDLE, abs=0.2)
    stored = sum(turn in (6, 8) for turn in turns)
    assert any(f"cameras of {stored} photos are of the pixels as stored" in note for note in report.notes)


def test_cameras_of_upright_photos_stay(tmp_path: Path) -> None:
    cameras = sideways(tmp_path / "set", [6] * 6)
    document = json.loads((tmp_path / "set/transforms.json").read_text())
    for frame, camera in zip(document["frames"], cameras, strict=True):
        upright = (camera.world_from_camera @ OPENGL).tolist()
        frame.update(w=96, h=84, cx=48, cy=42, transform_matrix=upright)
    (tmp_path / "set/transforms.json").write_text(json.dumps(document))
    photos = read_set(tmp_path / "set", tmp_path / "out", Noted())
    for placed, camera in zip(photos.cameras, cameras, strict=True):
        assert placed.matrix == pytest.approx(camera.camera_from_world, abs=1e-9)
        assert placed.other is None


def test_a_turn_that_the_shape_does_not_show_is_left_to_the_matches(tmp_path: Path) -> None:
    cameras = sideways(tmp_path / "set", [3] * 6)
    report = Noted()
    photos = read_set(tmp_path / "set", tmp_path / "out", report)
    for placed, camera in zip(photos.cameras, cameras, strict=True):
        assert placed.other is not None
        assert placed.other.matrix == pytest.approx(camera.camera_from_world, abs=1e-9)
    assert any("6 photos have an EXIF turn that their shape does not show" in note for note in report.notes)
    write_artefact(photos)
    assert read_artefact(ScanPhotos, photos.folder) == photos


def test_a_mirrored_photo_with_cameras_of_stored_pixels_is_refused(tmp_path: Path) -> None:
    sideways(tmp_path / "set", [6] * 6)
    picture = Image.open(tmp_path / "set/images/2.png")
    exif = picture.getexif()
    exif[0x0112] = 5
    picture.save(tmp_path / "set/images/2.png", exif=exif)
    with pytest.raises(ProblemError, match=r"images/2\.png is mirrored"):
        read_set(tmp_path / "set", tmp_path / "out", Noted())


UTM, ECEF = np.array([448262.25, 5411933.5, 512.0]), np.array([4200952.1, 168512.7, 4780155.4])


@pytest.mark.parametrize(("shift", "unit"), [(UTM, 1.0), (ECEF, 1.0), (1000 * UTM, 1000.0), (np.array([0.0, 2000, 0]), 1.0)])
def test_far_origins_become_a_local_frame(tmp_path: Path, shift: np.ndarray, unit: float) -> None:
    """Map and geocentric metres, map coordinates in millimetres, and two kilometres only."""
    folder, report = write_set(tmp_path / "set", ring()), Noted()

    def move(number: int, frame: dict) -> None:
        matrix = np.array(frame["transform_matrix"])
        matrix[:3, 3] = unit * matrix[:3, 3] + shift
        frame["transform_matrix"] = matrix.tolist()

    change(folder, move)
    views = views_of(folder, tmp_path / "out", report)
    back = np.array(views.world_shift)
    assert np.abs(back - shift).max() < 5 * unit
    assert (views.region.centre + back - shift) / unit == pytest.approx(MIDDLE, abs=0.2)
    assert (views.region.size / unit < 3 * 2 * RADIUS).all()
    for camera, placed in zip(ring(), read_transforms(views.folder / "transforms.json"), strict=True):
        assert (placed.world_from_camera[:3, 3] + back - shift) / unit == pytest.approx(camera.position, abs=1e-6)
        assert np.abs(placed.world_from_camera[:3, 3]).max() < 10 * unit
    assert json.loads((views.folder / SHIFT_FILE).read_text())["world_shift"] == list(views.world_shift)
    assert any("far from their origin" in note for note in report.notes)


@pytest.mark.parametrize("unit", [1.0, 1000.0, 0.001])
def test_near_origins_stay_whatever_the_unit(tmp_path: Path, unit: float) -> None:
    folder, report = write_set(tmp_path / "set", ring()), Noted()

    def scale(number: int, frame: dict) -> None:
        matrix = np.array(frame["transform_matrix"])
        matrix[:3, 3] *= unit
        frame["transform_matrix"] = matrix.tolist()

    change(folder, scale)
    views = views_of(folder, tmp_path / "out", report)
    assert views.world_shift == (0.0, 0.0, 0.0)
    assert views.region.centre / unit == pytest.approx(MIDDLE, abs=0.2)
    assert not (views.folder / SHIFT_FILE).exists()


def test_photos_without_a_camera_are_named(tmp_path: Path) -> None:
    folder, report = write_set(tmp_path / "set", ring()), Noted()
    Image.open(folder / "images/3.png").save(folder / "images/late.png")
    assert len(read_set(folder, tmp_path / "out", report).photos) == 6
    assert any("1 pictures in images have no camera" in note and "late.png" in note for note in report.notes)
