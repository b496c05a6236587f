"""Features: places as COLMAP counts them, the same points and descriptors as COLMAP's own extractor, the largest of too many."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pycolmap
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy.spatial import cKDTree

from grotto.contract import Silent
from grotto.contract.options import FeatureOptions, PhotoOptions
from grotto.photos import read_photos
from grotto.sfm.features import extract_features

Floats = NDArray[np.float64]


def paint(seed: int, width: int = 360, height: int = 280) -> NDArray[np.uint8]:
    """Blotches of all sizes, grey."""
    random = np.random.default_rng(seed)
    layers = [cv2.resize(random.random((height // size, width // size)), (width, height)) for size in (2, 5, 12, 30)]
    return np.asarray(255 * np.clip(sum(layers) / 2 - 0.5, 0, 1), np.uint8)


def blob(x: float, y: float, size: int = 200) -> NDArray[np.uint8]:
    """A bright spot of 6 px about a place, counted from the corner of the first pixel."""
    rows, columns = np.mgrid[:size, :size] + 0.5
    return np.asarray(20 + 200 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 72), np.uint8)


def found(
    pictures: list[NDArray[np.uint8]], folder: Path, most: int = 2000, reduced_to: int = 3200
) -> list[tuple[Floats, Floats]]:
    """Keypoints (n, 6) and descriptors (n, 128) of each picture."""
    photos = folder / "photos"
    photos.mkdir(parents=True)
    for number, picture in enumerate(pictures):
        Image.fromarray(picture).save(photos / f"{number}.png")
    read = read_photos(photos, PhotoOptions(), folder / "read", Silent())
    (folder / "features").mkdir()
    options = FeatureOptions(features_per_photo=most, max_photo_px=reduced_to)
    made = extract_features(read, options, folder / "features", Silent())
    with pycolmap.Database.open(str(made.folder / made.database)) as database:
        rows = [(database.read_keypoints(n + 1), database.read_descriptors(n + 1)) for n in range(len(pictures))]
    return [(np.asarray(places, np.float64), np.asarray(values.data, np.float64)) for places, values in rows]


@pytest.mark.parametrize("reduced_to", [3200, 400])
def test_a_spot_is_found_where_it_is(tmp_path: Path, reduced_to: int) -> None:
    """Also where the photo is reduced: places are pixels of the full photo."""
    picture = paint(1, 800, 600)
    picture[200:400, 300:500] = blob(91.25, 103.7)
    places = found([picture, paint(2, 800, 600)], tmp_path, reduced_to=reduced_to)[0][0]
    miss = np.linalg.norm(places[:, :2] - [391.25, 303.7], axis=1)
    spot = places[np.argmin(miss)]
    assert miss.min() < 0.1 * (800 / min(reduced_to, 800))
    assert 4 < np.hypot(spot[2], spot[4]) < 9, "its size is near the spot's"


def test_points_and_descriptors_are_those_of_colmaps_extractor(tmp_path: Path) -> None:
    picture = paint(3)
    places, values = found([picture, paint(4)], tmp_path)[0]
    scratch = tmp_path / "colmap.db"
    (tmp_path / "alone").mkdir()
    Image.fromarray(picture).save(tmp_path / "alone" / "0.png")
    pycolmap.extract_features(scratch, tmp_path / "alone", ["0.png"], device=pycolmap.Device.cpu)
    with pycolmap.Database.open(str(scratch)) as database:
        image = database.read_image_with_name("0.png")
        theirs = np.asarray(database.read_keypoints(image.image_id), np.float64)
        their_values = np.asarray(database.read_descriptors(image.image_id).data, np.float64)
    away, near = cKDTree(theirs).query(places, distance_upper_bound=0.5)
    same = away < 0.5
    likeness = (values[same] * their_values[near[same]]).sum(1)
    likeness /= np.linalg.norm(values[same], axis=1) * np.linalg.norm(their_values[near[same]], axis=1)
    assert same.mean() > 0.6, "place, size and angle of most points agree within half a pixel"
    assert np.median(likeness) > 0.99
    assert np.abs((places[same, :2] - theirs[near[same], :2]).mean(0)).max() < 0.03


def test_of_too_many_the_largest_are_kept_and_equal_input_gives_equal_points(tmp_path: Path) -> None:
    pictures = [paint(5), paint(6), paint(7)]
    every = found(pictures, tmp_path / "every")
    few, again = found(pictures, tmp_path / "few", most=256), found(pictures, tmp_path / "again", most=256)
    for (places, _), (chosen, values), (once_more, values_again) in zip(every, few, again, strict=True):
        sizes = np.sort(np.hypot(places[:, 2], places[:, 4]))[::-1]
        assert len(chosen) == 256 and np.hypot(chosen[:, 2], chosen[:, 4]).min() >= sizes[256] - 1e-3
        assert np.array_equal(chosen, once_more) and np.array_equal(values, values_again)
