from dataclasses import replace

import cv2
import numpy as np
import pytest

from grotto.contract import Cancelled, ProblemError, Silent
from grotto.contract.options import HeightOptions, OrthoOptions
from grotto.formats import read_artefact, read_count_tiff, read_ortho_window, write_artefact
from grotto.ortho import Orthophoto, PhotoCache, forecast_orthophoto, make_height_map, make_orthophoto, orthophoto


def _srgb(light):
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def _light(levels):
    part = levels / 255.0
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def _draw(scene, folder, report=None, **options):
    (folder / "height").mkdir(parents=True)
    (folder / "ortho").mkdir()
    height = make_height_map(scene.frame, HeightOptions(), folder / "height", Silent())
    return make_orthophoto(scene.frame, height, scene.photos, OrthoOptions(**options), folder / "ortho", report or Silent())


def _pixels(made):
    return read_ortho_window(made.folder / made.file, 0, 0, made.width, made.height)


def _truth(scene, made):
    x, z = np.meshgrid(made.grid.x_centres(), made.grid.z_centres())
    return scene.painting(x, z), (x > -0.1) & (x < 1.25) & (z > -0.1) & (z < 0.65)


def test_pixels_are_those_of_the_painting(scene, tmp_path):
    made = _draw(scene, tmp_path)
    rgba = _pixels(made)
    truth, inner = _truth(scene, made)
    error = rgba[inner][:, :3].astype(float) - _srgb(truth[inner])
    assert np.sqrt((error**2).mean()) < 1.6
    shift, _ = cv2.phaseCorrelate(
        _srgb(truth[..., 1])[100:280, 150:430].astype(np.float64), rgba[100:280, 150:430, 1].astype(np.float64)
    )
    assert np.hypot(*shift) < 0.05  # px, of 3 mm
    assert rgba[inner][:, 3].min() == 255
    assert made.coverage == pytest.approx((rgba[..., 3] > 0).mean())


def test_pixel_size_place_preview_and_coverage(scene, tmp_path):
    made = _draw(scene, tmp_path)
    assert made.pixel == pytest.approx(0.003)  # 1 m / 325 px = 3.08 mm, rounded down to two digits
    assert made.x_min / made.pixel == pytest.approx(round(made.x_min / made.pixel))
    preview = cv2.imread(str(made.folder / made.preview), cv2.IMREAD_UNCHANGED)
    assert preview.shape == (made.height, made.width, 4)
    np.testing.assert_array_equal(preview[..., [2, 1, 0, 3]], _pixels(made))
    _, counts = read_count_tiff(made.folder / made.coverage_file)
    assert counts.max() >= 4
    write_artefact(made)
    assert read_artefact(Orthophoto, made.folder) == made
    assert {file.name for file in made.folder.iterdir()} == {
        "orthophoto.tif", "orthophoto.png", "coverage.tif", "artefact.json",
    }  # fmt: skip


def test_uneven_exposure_and_falloff_leave_no_cells(build_scene, tmp_path):
    gains = np.exp(np.random.default_rng(5).normal(0, 0.15, (12, 1))) * np.ones((12, 3))
    scene = build_scene(gains=gains, vignetting=0.25)
    truth, inner = None, None
    spread = {}
    for balance in (True, False):
        made = _draw(scene, tmp_path / str(balance), balance_exposure=balance)
        truth, inner = _truth(scene, made)
        ratio = np.where(inner[..., None], _light(_pixels(made)[..., :3].astype(float)) / truth, 1.0)
        broad = cv2.GaussianBlur(np.log(np.maximum(ratio, 1e-3)), (0, 0), 12)[inner]
        spread[balance] = (broad - np.median(broad, axis=0)).std()
    assert spread[True] < 0.012  # of the light
    assert spread[False] > 5 * spread[True]


def test_small_memory_draws_the_same_and_rereads_photos(scene, tmp_path, monkeypatch):
    monkeypatch.setattr(orthophoto, "_tile_side", lambda options: 128)
    whole = _draw(scene, tmp_path / "whole", mm_per_pixel=4.0)
    one_photo = 3 * 300 * 200
    monkeypatch.setattr(orthophoto, "PhotoCache", lambda photos, longest, budget: PhotoCache(photos, longest, 2 * one_photo))
    little = _draw(scene, tmp_path / "little", mm_per_pixel=4.0)
    np.testing.assert_array_equal(_pixels(whole), _pixels(little))


def test_tiles_meet_without_a_seam(scene, tmp_path, monkeypatch):
    whole = _pixels(_draw(scene, tmp_path / "whole"))
    monkeypatch.setattr(orthophoto, "_tile_side", lambda options: 128)
    tiles = _pixels(_draw(scene, tmp_path / "tiles"))
    assert np.abs(whole.astype(int) - tiles).max() <= 2
    assert (whole[..., 3] != tiles[..., 3]).mean() < 1e-3


def test_a_coarse_orthophoto_averages_and_does_not_alias(scene, tmp_path):
    made = _draw(scene, tmp_path, mm_per_pixel=70.0)
    truth, inner = _truth(scene, made)
    x, z = np.meshgrid(made.grid.x_centres(), made.grid.z_centres())
    fine = [
        scene.painting(x + a * made.pixel, z + b * made.pixel)
        for a in np.linspace(-0.45, 0.45, 8)
        for b in np.linspace(-0.45, 0.45, 8)
    ]
    averaged = _srgb(np.mean(fine, axis=0))
    aliased = _srgb(truth)
    pixels = _pixels(made)[..., :3].astype(float)
    assert np.abs(pixels - averaged)[inner].mean() < 0.5 * np.abs(pixels - aliased)[inner].mean()


def test_what_masks_leave_out_is_not_drawn(scene, tmp_path):
    """A red stripe stands on the same photo columns of two photos; masks name it, other photos fill in."""
    photos = []
    for number, photo in enumerate(scene.photos.photos):
        if number in (5, 6):
            picture = cv2.imread(photo.path)
            picture[:, 120:160] = (0, 0, 255)
            path, mask = tmp_path / photo.name, tmp_path / f"mask_{photo.name}"
            cv2.imwrite(str(path), picture)
            keep = np.full((200, 300), 255, np.uint8)
            keep[:, 118:162] = 0
            cv2.imwrite(str(mask), keep)
            photo = replace(photo, path=str(path), mask=str(mask))
        photos.append(photo)
    made = _draw(scene.with_photos(photos), tmp_path / "out")
    truth, inner = _truth(scene, made)
    rgba = _pixels(made)
    error = np.abs(rgba[..., :3].astype(float) - _srgb(truth))[inner]
    assert rgba[inner][:, 3].min() == 255
    assert np.percentile(error, 99.5) < 12
    assert error.max() < 60


def test_a_missing_photo_leaves_the_rest(scene, tmp_path):
    made = _draw(scene.with_photos(scene.photos.photos[:8]), tmp_path)
    rgba = _pixels(made)
    assert 0.5 < made.coverage <= 1.0
    assert (rgba[rgba[..., 3] == 0] == 0).all()


def test_no_photo_with_a_camera_is_said_plainly(scene, tmp_path):
    strangers = [replace(photo, name=f"other {photo.name}") for photo in scene.photos.photos]
    with pytest.raises(ProblemError, match=r"(?i)no photo of the folder has a camera"):
        _draw(scene.with_photos(strangers), tmp_path)


def test_a_pixel_too_small_for_any_file_is_refused(scene, tmp_path):
    with pytest.raises(ProblemError, match="larger mm_per_pixel"):
        _draw(scene, tmp_path, mm_per_pixel=1e-4)


def test_cancelling_stops_within_a_tile_and_cleans_up(scene, tmp_path):
    class Impatient(Silent):
        checks = 0

        def check(self):
            self.checks += 1
            if self.checks > 40:
                raise Cancelled

    with pytest.raises(Cancelled):
        _draw(scene, tmp_path, report=Impatient())
    assert not (tmp_path / "ortho" / "thumbnails.npy").exists()


def test_forecast_follows_the_memory_granted(scene, tmp_path):
    height = make_height_map(scene.frame, HeightOptions(), tmp_path, Silent())
    small = forecast_orthophoto(scene.frame, height, scene.photos, OrthoOptions(ortho_memory_mb=256))
    large = forecast_orthophoto(scene.frame, height, scene.photos, OrthoOptions(ortho_memory_mb=1256))
    assert large - small == 1_000_000_000
