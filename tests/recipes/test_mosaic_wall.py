"""A wall's mosaic through the doors of its stages: a small made archive, and pictures that do not belong."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from wall_jobs import done

from grotto.contract import ProblemError, Silent
from grotto.contract.options import FeatureOptions, FrameOptions, MosaicOptions, PhotoOptions
from grotto.contract.recipes import WallOptions
from grotto.evaluation.wall import measure_archive, overlapping
from grotto.formats import read_glb
from grotto.photos import PhotoSet, read_photos
from grotto.sfm.mosaic import (
    Mosaic,
    MosaicFrame,
    extract_mosaic_features,
    find_mosaic,
    match_mosaic_pairs,
    set_mosaic_frame,
)
from grotto.synthetic import ArchivePicture, ArchiveSet, make_archive

SMALL = ArchiveSet(seed=3, wide=2, details=2, painting=(1700, 1000), wide_px=(420, 480), detail_px=(300, 380), most_ratio=3.0)
FEW = FeatureOptions(features_per_photo=1200)


class Notes(Silent):
    """Keeps what a user would read."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


Archive = tuple[Path, list[ArchivePicture]]
Joined = tuple[PhotoSet, Mosaic, Notes]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    folder = tmp_path_factory.mktemp("archive")
    return folder, make_archive(folder, SMALL, [], Silent())


def found(pictures: Path, out: Path, notes: Notes) -> tuple[PhotoSet, Mosaic]:
    places = [out / name for name in ("photos", "features", "pairs", "mosaic")]
    for place in places:
        place.mkdir(parents=True)
    photos = read_photos(pictures, PhotoOptions(), places[0], notes)
    features = extract_mosaic_features(photos, FEW, places[1], notes)
    pairs = match_mosaic_pairs(photos, features, WallOptions().matches, places[2], notes)
    return photos, find_mosaic(photos, features, pairs, places[3], notes)


def framed(photos: PhotoSet, mosaic: Mosaic, out: Path, **values: object) -> MosaicFrame:
    out.mkdir()
    own = {name: value for name, value in values.items() if name == "wall_corners"}
    rest = {name: value for name, value in values.items() if name not in own}
    return set_mosaic_frame(photos, mosaic, MosaicOptions(**own), FrameOptions(**rest), out, Silent())  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def joined(archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> tuple[PhotoSet, Mosaic, Notes]:
    """The archive with two strangers: a detail in a mirror, and a picture of something else."""
    folder = tmp_path_factory.mktemp("strangers")
    for file in (archive[0] / "pictures").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    detail = cv2.imread(str(archive[0] / "pictures" / "detail_01.jpg"))
    assert detail is not None
    cv2.imwrite(str(folder / "mirrored.png"), cv2.flip(detail, 1))
    random = np.random.default_rng(0)
    other = np.zeros((300, 400, 3), np.uint8)
    for _ in range(400):
        x, y, r = (int(value) for value in random.integers((0, 0, 3), (400, 300, 30)))
        cv2.circle(other, (x, y), r, tuple(int(c) for c in random.integers(0, 255, 3)), -1)
    cv2.imwrite(str(folder / "stranger.png"), other)
    notes = Notes()
    photos, mosaic = found(folder, tmp_path_factory.mktemp("job"), notes)
    return photos, mosaic, notes


def test_every_picture_is_placed_within_a_pixel(archive: Archive) -> None:
    outcome = measure_archive("small", archive[0], archive[1], draw=False)
    assert len(overlapping(archive[1])) == 4
    assert outcome.placed == 4
    assert outcome.error_px < 1.0
    assert outcome.refused == ""


def test_strangers_are_named_and_a_mirrored_picture_is_recognised(joined: Joined) -> None:
    _, mosaic, notes = joined
    assert {picture.name for picture in mosaic.pictures} == {"plate_1.jpg", "plate_2.jpg", "detail_01.jpg", "detail_02.jpg"}
    assert {one.name: one.reason for one in mosaic.left_out} == {
        "mirrored.png": "it is mirrored",
        "stranger.png": "no other picture shows the same place",
    }
    assert any("mirrored.png is mirrored" in note for note in notes.notes)


def test_a_flat_wall_is_told_from_relief(joined: Joined) -> None:
    assert joined[1].flat_share > 0.85


def test_a_known_length_makes_the_mosaic_metric(joined: Joined, tmp_path: Path) -> None:
    photos, mosaic, _ = joined
    arbitrary = framed(photos, mosaic, tmp_path / "a")
    assert not arbitrary.metric
    assert arbitrary.x_max - arbitrary.x_min == pytest.approx(1.0)
    ends = "plate_1.jpg:50,100 plate_1.jpg:250,100"
    metric = framed(photos, mosaic, tmp_path / "m", known_points=ends, known_length_m=0.5)
    pixel = {picture.name: picture.pixel for picture in metric.pictures}
    assert metric.metric
    assert 200 * pixel["plate_1.jpg"] == pytest.approx(0.5, rel=0.1)


def test_a_turned_mosaic_exchanges_its_sides(joined: Joined, tmp_path: Path) -> None:
    photos, mosaic, _ = joined
    upright, turned = framed(photos, mosaic, tmp_path / "u"), framed(photos, mosaic, tmp_path / "t", turn_wall="90")
    assert turned.z_max == pytest.approx(1 / upright.z_max, rel=1e-6)


def test_points_that_cannot_be_used_are_refused(joined: Joined, tmp_path: Path) -> None:
    photos, mosaic, _ = joined
    outside = "plate_1.jpg:1,1 " * 3 + "plate_1.jpg:9000,1"
    unknown = "a.jpg:1,1 a.jpg:2,1 a.jpg:2,2 a.jpg:1,2"
    for number, text in enumerate(("plate_1.jpg:5,5", unknown, outside)):
        with pytest.raises(ProblemError):
            framed(photos, mosaic, tmp_path / str(number), wall_corners=text)


def test_a_job_ends_with_an_orthophoto_and_a_flat_mesh(archive: Archive, tmp_path: Path) -> None:
    job = tmp_path / "job"
    result = done(archive[0] / "pictures", job, "--quality", "draft", "--features-per-photo", "1200", "--mosaic-mp", "0.3")
    assert [asset.kind for asset in result.assets] == ["mesh", "orthophoto", "orthophoto_preview"]
    assert result.facts["shape"] == "mosaic"
    assert result.facts["registered_photos"] == 4
    assert result.facts["scale"] == "arbitrary"
    assert any("no height map" in note for note in result.notes)
    mesh = read_glb(job / result.assets[0].path)
    assert np.abs(mesh.vertices[:, 1]).max() == 0.0
    assert np.ptp(mesh.vertices[:, 0]) == pytest.approx(1.0, abs=0.02)
