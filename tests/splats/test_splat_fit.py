"""Fits: pictures of known splats, going on after a stop, what goes wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from splat_scenes import random_splats, views_of

from grotto.contract import Cancelled, ProblemError, Silent
from grotto.contract.options import SplatOptions
from grotto.fitting import Intervals
from grotto.formats import PointCloud, read_artefact, write_artefact
from grotto.metrics import psnr
from grotto.scene import Region, View
from grotto.splats import SplatFit, Splats, fit_splats, initial_points, load_splats, render_splats, splats_at_points
from grotto.splats.strategies import Schedule
from grotto.splats.surface import surface_points

REGION = Region(lowest=(-0.8, -0.8, -0.8), highest=(0.8, 0.8, 0.8), bounded=True)
SLOW_PAIR = ("3d", "mcmc")  # each of its halves is in another pair
OPTIONS = SplatOptions(splat_steps=60, splats_most=300, sh_degree=1)


def _ball(count: int = 300) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    points = random.normal(size=(count, 3))
    points /= 2 * np.linalg.norm(points, axis=1, keepdims=True)
    return points.astype(np.float32), (0.5 + points).astype(np.float32)


@pytest.fixture(scope="module")
def views() -> list[View]:
    """A ball of coloured splats."""
    ball = splats_at_points(*_ball(), "3d", 0, 0)
    return views_of(ball.with_tensors(opacity_logits=torch.full((300,), 3.0)))


def _score(artefact: Splats, view: View) -> float:
    return psnr(render_splats(load_splats(artefact, torch.device("cpu")), view.camera).over(1.0), view.over(1.0))


class Stopped(Silent):
    """Cancels after so many steps."""

    def __init__(self, folder: Path, steps: int) -> None:
        self.resume_folder, self._left = folder, steps

    def __call__(self, fraction: float, message: str = "") -> None:
        self._left -= 1
        if self._left < 0:
            raise Cancelled


@pytest.mark.parametrize(
    ("kind", "densify"), [pytest.param(*SLOW_PAIR, marks=pytest.mark.slow), ("3d", "default"), ("2d", "mcmc")]
)
def test_a_view_that_was_kept_out_is_found(views: list[View], tmp_path: Path, kind: str, densify: str) -> None:
    options = replace(OPTIONS, splat_steps=80, splat_kind=kind, densify=densify)
    artefact = fit_splats(views[1:], REGION, None, options, tmp_path, Silent())
    empty = psnr(np.ones_like(views[0].colour), views[0].over(1.0))
    assert _score(artefact, views[0]) > empty + 6
    assert artefact.count <= 300
    assert artefact.steps == 80
    assert artefact.engine == "numba on cpu"
    assert (tmp_path / "preview_0.png").is_file()
    assert set(artefact.gains) == {view.name for view in views[1:]}
    write_artefact(artefact)
    assert read_artefact(Splats, tmp_path) == artefact


def test_points_that_were_given_stay_without_densification(views: list[View], tmp_path: Path) -> None:
    points, colours = _ball(200)
    cloud = PointCloud(points, (255 * colours).clip(0, 255).astype(np.uint8))
    artefact = fit_splats(views[1:], REGION, cloud, replace(OPTIONS, densify="none"), tmp_path, Silent())
    assert artefact.count == 200
    assert _score(artefact, views[0]) > 22


def test_masks_and_clouds_place_the_first_splats(views: list[View]) -> None:
    points, colours = initial_points(views, REGION, None, 500, 0)
    radius = np.linalg.norm(points, axis=1)
    assert len(points) == 500
    assert np.quantile(radius, 0.95) < 0.9  # the box's corners are 1.4 away
    assert colours.std() > 0.01
    cloud = PointCloud(np.zeros((10, 3), np.float32) + np.arange(10, dtype=np.float32)[:, None], np.full((10, 3), 51, np.uint8))
    points, colours = initial_points(views, REGION, cloud, 4, 0)
    assert len(points) == 4
    assert colours == pytest.approx(0.2)
    first = splats_at_points(np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0], [3, 0, 0]]), np.zeros((4, 3)), "3d", 2, 0)
    assert float(first.scales[0, 0]) == pytest.approx(np.sqrt((1 + 4 + 9) / 3))
    assert first.degree == 2


def test_a_stopped_fit_goes_on_exactly(views: list[View], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import numba

    monkeypatch.setattr("grotto.fitting.loop.INTERVALS", Intervals(report=0, copy=0, copy_share=1e9, checkpoint=0))
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    for name in ("whole", "parts", "kept"):
        (tmp_path / name).mkdir()
    options = replace(OPTIONS, splat_steps=40)
    whole = fit_splats(views, REGION, None, options, tmp_path / "whole", Silent())
    with pytest.raises(Cancelled):
        fit_splats(views, REGION, None, options, tmp_path / "parts", Stopped(tmp_path / "kept", 25))
    going_on = Stopped(tmp_path / "kept", 39)  # too few for all 40 steps: it must continue from a checkpoint
    parts = fit_splats(views, REGION, None, options, tmp_path / "parts", going_on)
    numba.set_num_threads(threads)
    assert np.abs(load_splats(whole, torch.device("cpu")).means - load_splats(parts, torch.device("cpu")).means).max() < 1e-5
    assert (whole.folder / whole.file).stat().st_size == (parts.folder / parts.file).stat().st_size


def test_divergence_keeps_the_last_good_splats(views: list[View], tmp_path: Path) -> None:
    spoilt = [replace(view, colour=np.full_like(view.colour, np.nan)) if view is views[3] else view for view in views]
    points, colours = _ball(200)
    cloud = PointCloud(points, (255 * colours).clip(0, 255).astype(np.uint8))
    artefact = fit_splats(spoilt, REGION, cloud, OPTIONS, tmp_path, Silent())
    assert artefact.steps < 60
    assert "diverged" in artefact.notes[0]
    found = load_splats(artefact, torch.device("cpu"))
    assert all(torch.isfinite(tensor).all() for tensor in found.tensors.values())


def test_exposure_explains_darker_photos(views: list[View], tmp_path: Path) -> None:
    dark = [replace(view, colour=0.6 * view.colour) if number % 2 else view for number, view in enumerate(views)]
    artefact = fit_splats(dark, REGION, None, replace(OPTIONS, splat_steps=100), tmp_path, Silent())
    gains = np.array([artefact.gains[view.name] for view in dark]).mean(1)
    assert gains[1::2].max() < gains[0::2].min()
    assert artefact.gains != {}
    none = SplatFit(dark, random_splats("3d", 5), Schedule(steps=1, degree=0, extent=1.0), replace(OPTIONS, exposure=False), {})
    assert none.gains() == {}


def test_pixels_without_confidence_teach_nothing(views: list[View], tmp_path: Path) -> None:
    """Each photo's left half is painted red, and not believed."""
    painted, confidence = [], {}
    for view in views:
        colour = view.colour.copy()
        colour[:, :24] = (1, 0, 0)
        painted.append(replace(view, colour=colour))
        confidence[view.name] = np.float32(np.tile(np.arange(48) >= 24, (40, 1)))
    options = replace(OPTIONS, exposure=False, splat_steps=80)
    scores = []
    for number, known in enumerate(({}, confidence)):
        folder = tmp_path / str(number)
        folder.mkdir()
        scores.append(_score(fit_splats(painted, REGION, None, options, folder, Silent(), known), views[0]))
    assert scores[1] > scores[0] + 2


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_pictures(views: list[View], tmp_path: Path, count: int) -> None:
    with pytest.raises(ProblemError, match="at least two"):
        fit_splats(views[:count], REGION, None, OPTIONS, tmp_path, Silent())


def test_cameras_that_cannot_be(views: list[View], tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="from one place"):
        fit_splats([views[0], views[0]], REGION, None, OPTIONS, tmp_path, Silent())
    matrix = views[1].camera.camera_from_world.copy()
    matrix[0, 3] = np.nan
    lost = replace(views[1], camera=replace(views[1].camera, camera_from_world=matrix))
    with pytest.raises(ProblemError, match="not finite"):
        fit_splats([views[0], lost], REGION, None, OPTIONS, tmp_path, Silent())


def test_lost_files_are_named(views: list[View], tmp_path: Path) -> None:
    artefact = fit_splats(views, REGION, None, replace(OPTIONS, splat_steps=10), tmp_path, Silent())
    (tmp_path / artefact.file).unlink()
    with pytest.raises(ProblemError, match="is missing"):
        load_splats(artefact, torch.device("cpu"))


@pytest.mark.parametrize("kind", ["3d", "2d"])
def test_surface_of_a_ball(views: list[View], kind: str) -> None:
    """Flat splats that cover a sphere: points within a tenth of its radius, normals outwards."""
    random = np.random.default_rng(1)
    axes = random.normal(size=(1500, 3))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    ball = splats_at_points(0.5 * axes, 0.5 + 0.4 * axes, kind, 0, 0)
    # Turn each one's third axis outwards: half-way between z and the axis, by half a turn.
    half = axes + np.array([0, 0, 1.0])
    half /= np.linalg.norm(half, axis=1, keepdims=True)
    quaternions = np.concatenate([np.zeros((1500, 1)), half], 1).astype(np.float32)
    sizes = torch.tensor([[-3.2, -3.2, -5.0]])[:, : 3 if kind == "3d" else 2].repeat(1500, 1)
    ball = ball.with_tensors(quaternions=torch.tensor(quaternions), log_scales=sizes, opacity_logits=torch.full((1500,), 3.0))
    found = surface_points(ball, [view.camera for view in views], region=REGION, most=2000)
    radius = np.linalg.norm(found.points, axis=1)
    assert 500 < len(found.points) <= 2008
    assert np.abs(radius - 0.5).mean() < 0.03
    assert (found.normals * found.points / radius[:, None]).sum(1).mean() > 0.93
    expected = 0.5 + 0.4 * found.points / radius[:, None]
    assert np.abs(found.colours - expected).mean() < 0.06


def test_no_surface_is_said(views: list[View]) -> None:
    faint = random_splats("3d", 20).with_tensors(opacity_logits=torch.full((20,), -9.0))
    with pytest.raises(ProblemError, match="no surface"):
        surface_points(faint, [views[0].camera])
