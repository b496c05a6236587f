"""From given cameras and pictures to views: nothing moves, masks are kept, held-out pictures are kept out."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scan_sets import MIDDLE, RADIUS, Noted, ball, ring, views_of, write_set

from grotto.contract import Kind, ProblemError


def test_given_cameras_and_pictures_stay_as_they_are(tmp_path: Path) -> None:
    cameras, report = ring(), Noted()
    views = views_of(write_set(tmp_path / "set", cameras), tmp_path / "out", report)
    loaded = views.load(0)
    assert [view.name for view in loaded] == [f"images/{number}.png" for number in range(6)]
    for view, camera in zip(loaded, cameras, strict=True):
        assert view.camera.camera_from_world == pytest.approx(camera.camera_from_world, abs=1e-9)
        assert view.camera.focal_x == pytest.approx(camera.focal_x, abs=1e-6)
        truth = ball(camera)
        assert view.alpha is not None
        assert (view.alpha == (truth[..., 3] > 0)).all()
        inside = truth[..., 3] > 0
        assert (np.round(view.colour[inside] * 255) == truth[inside][:, :3]).all()
    assert any("goes on without points" in note for note in report.notes)
    assert views.read_cloud() is None


def test_the_region_of_an_object_is_the_box_of_its_visual_cones(tmp_path: Path) -> None:
    views = views_of(write_set(tmp_path / "set", ring(16, 128)), tmp_path / "out", Noted())
    assert views.region.bounded
    assert views.region.centre == pytest.approx(MIDDLE, abs=0.1)
    assert (views.region.low < MIDDLE - RADIUS).all()
    assert (views.region.high > MIDDLE + RADIUS).all()
    assert (views.region.size < 1.6 * 2 * RADIUS).all()
    larger = views_of(tmp_path / "set", tmp_path / "larger", Noted(), region_size=2.0)
    assert larger.region.size == pytest.approx(2 * views.region.size)


def test_every_nth_present_photo_in_name_order_is_held_out(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", ring(12))
    (folder / "images" / "4.png").unlink()
    report = Noted()
    views = views_of(folder, tmp_path / "out", report, holdout=4)
    assert [file.name for file in views.files if file.heldout] == ["images/0.png", "images/5.png", "images/9.png"]
    assert [view.name for view in views.load(heldout=True)] == ["images/0.png", "images/5.png", "images/9.png"]
    assert views.count == len(views.load()) == 8
    assert any("1 of 12 frames have no photo" in note and "images/4" in note for note in report.notes)


def test_pictures_are_undistorted(tmp_path: Path) -> None:
    """A barrel lens pulls the rim inwards: a ball in the corner stands where a pinhole camera sees it."""
    camera = ring(1, 200)[0]
    aside = camera.resized(200, 200)
    k1, focal = -0.3, camera.focal_x
    # the distorted photo: for each of its pixels, where the straight ray hits
    column, row = np.meshgrid(np.arange(200) + 0.5, np.arange(200) + 0.5)
    x, y = (column - 100) / focal, (row - 100) / focal
    straight_x, straight_y = x.copy(), y.copy()
    for _ in range(50):
        bend = 1 + k1 * (straight_x**2 + straight_y**2)
        straight_x, straight_y = x / bend, y / bend
    marked = np.abs(straight_x - 0.22) + np.abs(straight_y - 0.18) < 0.02  # a square seen aside
    photo = np.where(marked[..., None], [255, 0, 0, 255], [40, 40, 40, 255]).astype(np.uint8)
    photo[0, 0, 3] = 0  # counts as a picture with alpha
    folder = write_set(tmp_path / "set", [aside, ring(2, 200)[1], ring(3, 200)[2]], k1=k1)
    Image.fromarray(photo).save(folder / "images" / "0.png")
    view = views_of(folder, tmp_path / "out", Noted(), background="scene").load(0)[0]
    red = (view.colour[..., 0] > 0.6) & (view.colour[..., 1] < 0.4)
    rows, columns = np.nonzero(red)
    expected = (0.22 * view.camera.focal_x + view.camera.centre_x, 0.18 * view.camera.focal_y + view.camera.centre_y)
    assert (columns.mean() + 0.5, rows.mean() + 0.5) == pytest.approx(expected, abs=0.6)


def test_masks_beside_the_photos_are_alpha(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", ring())
    (folder / "images" / "masks").mkdir()
    for path in sorted((folder / "images").glob("*.png")):
        whole = np.asarray(Image.open(path))
        Image.fromarray(whole[..., 3]).save(folder / "images" / "masks" / path.name)
        opaque = np.where(whole[..., 3:] > 0, whole[..., :3], 90).astype(np.uint8)
        Image.fromarray(opaque).save(path)
    views = views_of(folder, tmp_path / "out", Noted())
    assert views.region.bounded
    for view, camera in zip(views.load(0), ring(), strict=True):
        assert view.alpha is not None
        assert (view.alpha == (ball(camera)[..., 3] > 0)).all()


def test_a_scene_has_no_alpha(tmp_path: Path) -> None:
    report = Noted()
    views = views_of(write_set(tmp_path / "set", ring()), tmp_path / "out", report, background="scene")
    assert not views.region.bounded
    assert all(view.alpha is None for view in views.load())
    assert views.load(0)[0].colour[0, 0] == pytest.approx(1.0, abs=0.02)  # transparent becomes white
    assert any("alpha and masks are not used" in note for note in report.notes)


def test_views_are_reduced_with_their_cameras(tmp_path: Path) -> None:
    views = views_of(write_set(tmp_path / "set", ring(6, 128)), tmp_path / "out", Noted(), view_px=64)
    view = views.load()[0]
    assert view.colour.shape == (64, 64, 3)
    assert view.camera.focal_x == pytest.approx(1.6 * 64)


def refused(folder: Path, tmp_path: Path, **options: object) -> str:
    with pytest.raises(ProblemError) as caught:
        views_of(folder, tmp_path / "refused", Noted(), **options)
    assert caught.value.problem.kind is Kind.BAD_INPUT
    return str(caught.value)


def repaint(folder: Path, change: object) -> None:
    for path in (folder / "images").glob("*.png"):
        picture = np.asarray(Image.open(path)).copy()
        change(picture)
        Image.fromarray(picture).save(path)


def test_inverted_masks_are_refused(tmp_path: Path) -> None:
    def invert(picture: np.ndarray) -> None:
        picture[..., 3] = 255 - picture[..., 3]

    folder = write_set(tmp_path / "set", ring())
    repaint(folder, invert)
    assert "seem inverted" in refused(folder, tmp_path)


def test_empty_masks_are_refused(tmp_path: Path) -> None:
    def empty(picture: np.ndarray) -> None:
        picture[..., 3] = 0
        picture[:2, :2, 3] = 1

    folder = write_set(tmp_path / "set", ring())
    repaint(folder, empty)
    assert "are empty" in refused(folder, tmp_path)


def test_masks_that_show_different_things_are_refused(tmp_path: Path) -> None:
    def aside(picture: np.ndarray) -> None:
        picture[...] = 0
        picture[:6, :6] = 255

    def other(picture: np.ndarray) -> None:
        picture[...] = 0
        picture[-6:, -6:] = 255

    folder = write_set(tmp_path / "set", ring())
    for number, path in enumerate(sorted((folder / "images").glob("*.png"))):
        picture = np.asarray(Image.open(path)).copy()
        (aside if number % 2 else other)(picture)
        Image.fromarray(picture).save(path)
    assert "no common part in space" in refused(folder, tmp_path)


def test_an_object_from_one_side_is_refused_and_a_scene_is_told(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", ring(4, spread=0.3))
    assert "from one side only" in refused(folder, tmp_path)
    report = Noted()
    views_of(folder, tmp_path / "scene", report, background="scene")
    assert any("from one side only" in note for note in report.notes)


def test_a_single_empty_mask_is_named_and_left_out(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", ring(12))
    Image.fromarray(np.zeros((64, 64, 4), np.uint8) + np.array([9, 9, 9, 0], np.uint8)).save(folder / "images" / "7.png")
    report = Noted()
    views = views_of(folder, tmp_path / "out", report)
    assert views.count == 11
    assert any("images/7.png" in note and "left out" in note for note in report.notes)


def test_one_view_and_no_photo_are_refused(tmp_path: Path) -> None:
    one = write_set(tmp_path / "one", ring(1))
    assert "only one photo" in refused(one, tmp_path).lower()
    none = write_set(tmp_path / "none", ring())
    for path in (none / "images").glob("*.png"):
        path.unlink()
    with pytest.raises(ProblemError, match="None of the 6 photos"):
        views_of(none, tmp_path / "out", Noted())


def test_holding_out_all_but_one_is_refused(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", ring(2))
    assert "only 1 is left" in refused(folder, tmp_path, holdout=2)


def test_a_photo_of_another_shape_than_its_camera_is_refused(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", ring())
    Image.fromarray(np.full((64, 96, 4), 200, np.uint8)).save(folder / "images" / "3.png")
    assert "images/3" in refused(folder, tmp_path)


def test_nan_in_a_camera_names_the_frame(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", ring())
    document = json.loads((folder / "transforms.json").read_text())
    document["frames"][4]["transform_matrix"][1][3] = float("nan")
    (folder / "transforms.json").write_text(json.dumps(document))
    assert "images/4" in refused(folder, tmp_path)
