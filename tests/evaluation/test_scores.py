"""Scores of a wall: nothing for the truth itself, and the right number for a fault of known size."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pycolmap
import pytest
from scipy.spatial.transform import Rotation

from grotto.contract import Asset, ProblemError, Result, Silent
from grotto.contract.options import MakeWallOptions
from grotto.evaluation import tables_in
from grotto.evaluation.scores import score_model
from grotto.evaluation.wall import bars, markdown, score_wall
from grotto.formats import RasterGrid, write_artefact, write_float_tiff, write_ortho_tiff
from grotto.ortho import HeightMap, Orthophoto
from grotto.synthetic import WallTruth, make_wall, read_truth

SCALE = 0.5  # units of the job in a metre
SHIFT = np.array([0.3, 0.0, -0.2])  # of the job's origin, metres


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> WallTruth:
    folder = tmp_path_factory.mktemp("truth")
    options = MakeWallOptions(columns=4, rows=3, photo_width=300, photo_height=200, focal_px=325.0, grain=1.0)
    make_wall(folder, options, Silent())
    return read_truth(folder)


def model_of(truth: WallTruth, move=lambda centre: centre, turn: np.ndarray | None = None) -> pycolmap.Reconstruction:
    """The true cameras as a COLMAP model, their centres moved, in a frame that is scaled, shifted and turned."""
    model = pycolmap.Reconstruction()
    lens = truth.cameras[0]
    model.add_camera_with_trivial_rig(
        pycolmap.Camera(
            camera_id=1,
            model=lens.model,
            width=lens.width,
            height=lens.height,
            params=[lens.focal_px, lens.cx, lens.cy, lens.radial],
        )
    )
    frame = np.eye(3) if turn is None else turn
    for number, photo in enumerate(truth.photos, start=1):
        rotation = photo.matrix()[:, :3] @ frame.T
        centre = SCALE * frame @ (move(photo.centre()) + SHIFT)
        matrix = np.column_stack([rotation, -rotation @ centre])
        image = pycolmap.Image(name=photo.name, camera_id=1, image_id=number)
        model.add_image_with_trivial_frame(image, pycolmap.Rigid3d(matrix))
    return model


def write_job(folder: Path, truth: WallTruth, fault_mm: float = 0.0, ortho_shift_mm: float = 0.0, gain: float = 1.0) -> Path:
    """The truth as a finished job in units of its own: heights wrong by +fault and -fault in turn, the orthophoto aside."""
    (folder / "frame/model").mkdir(parents=True)
    (folder / "height").mkdir()
    (folder / "orthophoto").mkdir()
    model_of(truth).write_binary(str(folder / "frame/model"))

    x, z, y = truth.read_wall()
    heights = -1000 * SCALE * y[::-1]
    heights = heights + SCALE * fault_mm * np.where(np.add.outer(*map(np.arange, heights.shape)) % 2, 1, -1)
    step = x[1] - x[0]
    grid = RasterGrid(
        x_min=SCALE * (x[0] - step / 2 + SHIFT[0]),
        z_max=SCALE * (z[-1] + step / 2 + SHIFT[2]),
        pixel=SCALE * step,
        width=len(x),
        height=len(z),
    )
    write_float_tiff(folder / "height/height.tif", grid, heights.astype(np.float32))
    height = HeightMap(
        folder=folder / "height",
        file="height.tif",
        x_min=grid.x_min,
        z_max=grid.z_max,
        step=grid.pixel,
        width=grid.width,
        height=grid.height,
        metric=False,
    )
    write_artefact(height)

    rgb = truth.read_orthophoto()
    rgba = np.dstack([np.clip(gain * rgb.astype(float), 0, 255).astype(np.uint8), np.full(rgb.shape[:2], 255, np.uint8)])
    at = truth.orthophoto
    grid = RasterGrid(
        x_min=SCALE * (at.x_min + SHIFT[0] + ortho_shift_mm / 1000),
        z_max=SCALE * (at.z_max + SHIFT[2]),
        pixel=SCALE * at.pixel,
        width=at.width,
        height=at.height,
    )
    with write_ortho_tiff(folder / "orthophoto/orthophoto.tif", grid) as writer:
        writer.write(0, 0, rgba)
    fields = {field.name for field in dataclasses.fields(Orthophoto)}
    values = {
        "folder": folder / "orthophoto",
        "file": "orthophoto.tif",
        "preview": "",
        "coverage_file": "",
        "x_min": grid.x_min,
        "z_max": grid.z_max,
        "pixel": grid.pixel,
        "width": grid.width,
        "height": grid.height,
        "coverage": 1.0,
        "metric": False,
    }
    write_artefact(Orthophoto(**{name: value for name, value in values.items() if name in fields}))
    assets = (
        Asset(kind="orthophoto", path="orthophoto/orthophoto.tif"),
        Asset(kind="height_map", path="height/height.tif"),
        Asset(kind="colmap_model", path="frame/model"),
    )
    Result(recipe="wall", assets=assets, facts={"models_found": 1}).write(folder)
    return folder


def test_the_truth_itself_scores_nothing(truth: WallTruth, tmp_path: Path) -> None:
    score = score_wall(write_job(tmp_path / "job", truth), truth.folder)
    assert (score.models_found, score.cameras.registered, score.cameras.total, score.cameras.cameras) == (1, 12, 12, 1)
    assert score.cameras.scale == pytest.approx(1 / SCALE)
    assert score.cameras.centre_rmse_mm < 1e-6
    assert score.cameras.out_of_plane_rmse_mm < 1e-6
    assert score.cameras.rotation_deg < 1e-4
    assert score.cameras.focal_error < 1e-9
    assert score.height.rmse_mm < 1e-3
    assert score.height.offset_mm == pytest.approx(0, abs=1e-3)
    assert score.orthophoto.shift_median_mm < 0.01
    assert score.orthophoto.lost_patches == 0
    assert score.orthophoto.psnr_db > 45
    assert all(bar.held for bar in bars(score))


def test_a_turned_and_scaled_model_scores_nothing(truth: WallTruth) -> None:
    score = score_model(model_of(truth, turn=Rotation.from_rotvec([0.4, 1.0, -2.0]).as_matrix()), truth)
    assert score.centre_rmse_mm < 1e-6
    assert score.rotation_deg < 1e-4


def test_a_bent_block_is_out_of_plane_by_its_bend(truth: WallTruth) -> None:
    """y moved by b x^2: what no similarity takes away is the spread of b x^2 about its best plane."""
    middle = np.mean([photo.centre() for photo in truth.photos], axis=0)
    bend = 0.02

    def bent(centre: np.ndarray) -> np.ndarray:
        return np.array([centre[0], centre[1] + bend * (centre[0] - middle[0]) ** 2, centre[2]])

    score = score_model(model_of(truth, move=bent), truth)
    centres = np.array([photo.centre() - middle for photo in truth.photos])
    moved = bend * centres[:, 0] ** 2
    plane = np.column_stack([centres[:, [0, 2]], np.ones(len(centres))])
    expected = 1000 * np.sqrt(np.mean((moved - plane @ np.linalg.lstsq(plane, moved, rcond=None)[0]) ** 2))
    assert score.out_of_plane_rmse_mm == pytest.approx(expected, rel=0.05)
    assert score.centre_rmse_mm >= score.out_of_plane_rmse_mm
    assert score.reprojection_px == 0.0  # and a bent block may well say so


def test_wrong_focal_lengths_are_told(truth: WallTruth) -> None:
    model = model_of(truth)
    model.cameras[1].focal_length = 1.1 * truth.cameras[0].focal_px
    score = score_model(model, truth)
    assert score.focal_error == pytest.approx(0.1)
    assert score.focal_most_px == pytest.approx(1.1 * truth.cameras[0].focal_px)


def test_missing_photos_are_counted_and_strangers_are_refused(truth: WallTruth) -> None:
    model = model_of(truth)
    for number in (1, 2, 3):
        model.deregister_frame(number)
    assert score_model(model, truth).registered == 9
    for number in range(4, 11):
        model.deregister_frame(number)
    with pytest.raises(ProblemError, match="2 of the truth's photos"):
        score_model(model, truth)


def test_faults_of_height_and_orthophoto_are_measured(truth: WallTruth, tmp_path: Path) -> None:
    score = score_wall(write_job(tmp_path / "job", truth, fault_mm=2.0, ortho_shift_mm=1.5, gain=0.7), truth.folder)
    assert score.height.median_mm == pytest.approx(2.0, rel=0.02)
    assert score.height.rmse_mm == pytest.approx(2.0, rel=0.02)
    assert score.orthophoto.shift_median_mm == pytest.approx(1.5, abs=0.05)
    assert score.cameras.centre_rmse_mm < 1e-6
    assert not all(bar.held for bar in bars(score))


def test_brightness_alone_is_no_fault_of_the_orthophoto(truth: WallTruth, tmp_path: Path) -> None:
    score = score_wall(write_job(tmp_path / "job", truth, gain=0.7), truth.folder)
    assert score.orthophoto.shift_median_mm < 0.02
    assert score.orthophoto.psnr_db > 40


def test_a_folder_that_is_no_job_and_one_without_cameras_are_refused(truth: WallTruth, tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="no finished job"):
        score_wall(tmp_path, truth.folder)
    Result(recipe="wall", assets=(), facts={}).write(tmp_path)
    with pytest.raises(ProblemError, match="made no cameras"):
        score_wall(tmp_path, truth.folder)
    with pytest.raises(ProblemError, match="no truth"):
        score_wall(tmp_path, tmp_path)


def test_the_page_says_held_and_missed(truth: WallTruth, tmp_path: Path) -> None:
    score = score_wall(write_job(tmp_path / "job", truth, ortho_shift_mm=1.5), truth.folder)
    bars_of, cameras = tables_in(markdown(score, None, 0, {"job_s": 12.0, "defaults_mapping_s": 3.0}))
    held = {row[0]: row[-1] for row in bars_of.rows}
    assert [name for name, found in held.items() if found == "missed"] == ["orthophoto's shift, median"]
    assert {row[2] for row in cameras.rows[:-2]} == {"no model"}
    assert math.isfinite(score.orthophoto.psnr_db)
