"""Every option of make-wall does what it says."""

import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from grotto.contract import ProblemError, Silent
from grotto.contract.options import MakeWallOptions
from grotto.synthetic import WallTruth, make_surface, make_wall, rail_stations, read_truth

SMALL = {"photo_width": 120, "photo_height": 80, "focal_px": 130.0}
BASE = {"columns": 1, "rows": 1, "style": "thousand", **SMALL}  # one small photo in the style that is painted fastest


def made(folder: Path, **changes: object) -> WallTruth:
    make_wall(folder, MakeWallOptions(**{**BASE, **changes}), Silent())
    return read_truth(folder)


def first_photo(folder: Path) -> np.ndarray:
    return cv2.imread(str(folder / "photos/0001.jpg"), cv2.IMREAD_COLOR_RGB).astype(np.float64)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plain")
    made(folder)
    return folder


NARRATIVE = pytest.param({"style": "narrative"}, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    "changes",
    [{"style": "mixed"}, NARRATIVE, {"style": "faded"}, {"grain": 0.0}, {"fade": 0.9}, {"noise_levels": 0.0},
     {"vignetting": 0.0}, {"radial": -0.2}, {"bumps_mm": 0.0}, {"rotation_jitter_deg": 0.0}, {"jpeg_quality": 30}],
    ids=lambda changes: next(iter(changes)) + "=" + str(next(iter(changes.values()))),
)  # fmt: skip
def test_the_photos_differ(plain: Path, tmp_path: Path, changes: dict[str, object]) -> None:
    made(tmp_path, **changes)
    assert np.abs(first_photo(tmp_path) - first_photo(plain)).mean() > 0.3


def test_little_grain_leaves_little_fine_detail(tmp_path: Path) -> None:
    detail = []
    for grain in (0.0, 1.0):
        made(tmp_path / str(grain), grain=grain, noise_levels=0.0, photo_width=240, photo_height=160, focal_px=260.0)
        laplacian = cv2.Laplacian(first_photo(tmp_path / str(grain)).mean(-1), cv2.CV_64F)
        detail.append(np.median(np.abs(laplacian)))
    assert detail[0] < 0.7 * detail[1]


def test_fading_takes_contrast_and_colour(tmp_path: Path) -> None:
    spread = []
    for fade in (0.0, 1.0):
        made(tmp_path / str(fade), fade=fade, vignetting=0.0, noise_levels=0.0)
        photo = first_photo(tmp_path / str(fade))
        spread.append((photo[..., 0] - photo[..., 2]).std())
    assert spread[1] < 0.7 * spread[0]


def test_vignetting_darkens_the_corners_by_its_part(tmp_path: Path) -> None:
    for part in (0.0, 0.6):
        made(tmp_path / str(part), vignetting=part, noise_levels=0.0, jpeg_quality=100)
    ratio = (first_photo(tmp_path / "0.6") / 255 + 0.02) / (first_photo(tmp_path / "0.0") / 255 + 0.02)
    assert ratio[37:43, 57:63].mean() > 0.97
    assert 0.55 < ratio[:3, :3].mean() < 0.8  # 0.4 of the light, as sRGB levels


def test_exposure_walks_from_photo_to_photo(tmp_path: Path) -> None:
    for name, walk_ev in (("even", 0.0), ("walking", 0.5)):
        made(tmp_path / name, exposure_walk_ev=walk_ev, columns=2, rows=2)
    assert (tmp_path / "even/photos/0001.jpg").read_bytes() == (tmp_path / "walking/photos/0001.jpg").read_bytes()
    last = [cv2.imread(str(tmp_path / name / "photos/0004.jpg")).mean() for name in ("even", "walking")]
    assert abs(last[0] - last[1]) > 3


@pytest.mark.parametrize(("sag", "bumps"), [(0.0, 0.0), (60.0, 0.0), (0.0, 4.0)])
def test_the_wall_has_the_relief_asked_for(sag: float, bumps: float) -> None:
    options = MakeWallOptions(sag_mm=sag, undulation_mm=0.0, bumps_mm=bumps)
    y = make_surface((0.0, 2.0, 0.0, 1.0), options, np.random.default_rng(0)).y
    assert np.ptp(y) == pytest.approx(0.001 * sag, rel=0.02, abs=1e-6 if not bumps else 0.01)
    assert bumps == 0.0 or 4 * y.std() == pytest.approx(0.001 * bumps, rel=0.05)


def test_a_wall_too_steep_for_its_size_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="too steep"):
        made(tmp_path / "wall", sag_mm=150.0, columns=1, rows=1, camera_distance_m=0.2)
    assert not (tmp_path / "wall").exists()


class SmallMachine(Silent):
    """Progress of a run with 8 GB of free memory."""

    free_memory = 8_000_000_000


def test_a_wall_too_large_for_memory_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    large = {"columns": 20, "rows": 20, "photo_width": 12000, "photo_height": 12000, "focal_px": 12000.0}
    with pytest.raises(ProblemError, match="GB of memory"):
        make_wall(tmp_path / "wall", MakeWallOptions(**{**BASE, **large}), SmallMachine())
    assert not (tmp_path / "wall").exists()


def test_stations_stand_where_overlap_and_distance_put_them(tmp_path: Path) -> None:
    truth = made(
        tmp_path,
        position_jitter_mm=0.0,
        overlap_along=0.75,
        overlap_up=0.4,
        camera_distance_m=2.0,
        columns=3,
        rows=2,
        order="rows",
    )
    centres = {(photo.row, photo.column): photo.centre() for photo in truth.photos}
    np.testing.assert_allclose(centres[0, 1] - centres[0, 0], (2.0 * 120 / 130 * 0.25, 0, 0), atol=1e-12)
    np.testing.assert_allclose(centres[0, 0] - centres[1, 0], (0, 0, 2.0 * 80 / 130 * 0.6), atol=1e-12)
    assert [photo.column for photo in truth.photos] == [0, 1, 2, 0, 1, 2]


def test_jitter_has_the_spread_asked_for(tmp_path: Path) -> None:
    options = MakeWallOptions(position_jitter_mm=30.0, rotation_jitter_deg=2.0, order="rows")
    photos = rail_stations(options, 20, 20, np.random.default_rng(0))
    assert np.std([photo.centre()[1] for photo in photos]) == pytest.approx(0.03, rel=0.1)
    level = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
    angles = [math.degrees(math.acos((np.trace(photo.matrix()[:, :3] @ level.T) - 1) / 2)) for photo in photos]
    assert np.sqrt(np.mean(np.square(angles))) == pytest.approx(2.0 * math.sqrt(3), rel=0.1)


def test_exif_is_there_only_when_asked_for(plain: Path, tmp_path: Path) -> None:
    assert not dict(Image.open(plain / "photos/0001.jpg").getexif())
    made(tmp_path, exif=True, columns=2)
    exif = Image.open(tmp_path / "photos/0002.jpg").getexif()
    detail = exif.get_ifd(0x8769)
    assert detail[0xA405] == 39  # 130 px of 120 are 39 mm of 36
    assert float(detail[0x920A]) == pytest.approx(39.0)
    assert detail[0x9003] == "2024:05:04 09:00:10"


def test_options_out_of_range_are_refused() -> None:
    with pytest.raises(ProblemError, match="Grain"):
        MakeWallOptions(grain=1.5)
    with pytest.raises(ProblemError, match="choose one of"):
        MakeWallOptions(style="modern")


def test_two_walls_can_be_told_apart(tmp_path: Path) -> None:
    """Two seeds are two walls: nothing of one appears on the other, so that mixing them must give two models."""
    made(tmp_path / "a", seed=1)
    made(tmp_path / "b", seed=2)
    a, b = first_photo(tmp_path / "a").mean(-1), first_photo(tmp_path / "b").mean(-1)
    assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.7
