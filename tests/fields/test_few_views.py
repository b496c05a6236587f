"""Fits to few pictures of a ball in two colours: what comes out, what is kept, and how a fit that was cut goes on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from grotto.contract import Cancelled, ProblemError, Silent
from grotto.contract.options import FieldOptions
from grotto.fields import RadianceField, choose_kind, density_grid, fit_field, load_field, render_field
from grotto.fields.few_views import carve
from grotto.fitting import Intervals
from grotto.formats import read_artefact, write_artefact
from grotto.scene import Camera, Lattice, Region, View, look_at

REGION = Region(lowest=(-1, -1, -1), highest=(1, 1, 1), bounded=True)
PX = 32


def ball(position: tuple[float, float, float], name: str = "") -> View:
    """A ball of radius 0.6 at the origin, red above and blue below, on nothing."""
    camera = Camera(
        camera_from_world=look_at(np.array(position), np.zeros(3)),
        focal_x=1.4 * PX, focal_y=1.4 * PX, centre_x=PX / 2, centre_y=PX / 2, width=PX, height=PX,
    )  # fmt: skip
    fine = camera.resized(4 * PX, 4 * PX)
    rays = fine.directions().astype(float).reshape(-1, 3)
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    middle = -(rays @ fine.position)
    inside = middle**2 - fine.position @ fine.position + 0.36
    hit = inside > 0
    points = fine.position + (middle - np.sqrt(np.maximum(inside, 0)))[:, None] * rays
    colour = np.where(points[:, 2:] > 0, [0.9, 0.2, 0.1], [0.1, 0.3, 0.8]) * hit[:, None]
    alpha = hit.astype(np.float32).reshape(PX, 4, PX, 4).mean((1, 3)).astype(np.float32)
    premultiplied = colour.reshape(PX, 4, PX, 4, 3).mean((1, 3))
    straight = (premultiplied / np.maximum(alpha, 1e-6)[..., None]).astype(np.float32)
    return View(name=name, camera=camera, colour=straight, alpha=alpha)


def six_views() -> list[View]:
    angles = np.radians([30, 90, 150, 210, 270, 330])
    return [
        ball((2.6 * np.cos(angle), 2.6 * np.sin(angle), 1.2 * (-1) ** number), f"{number}") for number, angle in enumerate(angles)
    ]


def held_out_psnr(artefact: RadianceField) -> float:
    field = load_field(artefact, torch.device("cpu"))
    errors = []
    for position in ((2.9, 0.1, 0.2), (-1.0, 2.6, 0.6)):
        view = ball(position)
        errors.append(np.square(render_field(field, view.camera).over(1.0) - view.over(1.0)).mean())
    return float(-10 * np.log10(np.mean(errors)))


@pytest.mark.parametrize(("kind", "steps", "least_db"), [("voxel", 60, 21.0), ("vm", 60, 21.0), ("zerorf", 80, 21.0)])
def test_each_field_shows_the_ball_from_where_nobody_looked(kind: str, steps: int, least_db: float, tmp_path: Path) -> None:
    options = FieldOptions(field=kind, field_steps=steps, field_resolution=24)
    artefact = fit_field(six_views(), REGION, options, tmp_path, Silent())
    assert (artefact.kind, artefact.steps, artefact.notes) == (kind, steps, ())
    assert held_out_psnr(artefact) > least_db
    write_artefact(artefact)
    again = read_artefact(RadianceField, tmp_path)
    assert again == artefact
    view = ball((2.9, 0.1, 0.2))
    first, second = (render_field(load_field(one, torch.device("cpu")), view.camera) for one in (artefact, again))
    np.testing.assert_array_equal(first.colour, second.colour)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> RadianceField:
    options = FieldOptions(field="voxel", field_steps=60, field_resolution=24)
    return fit_field(six_views(), REGION, options, tmp_path_factory.mktemp("field"), Silent())


def test_depth_is_along_the_view_and_at_the_ball(fitted: RadianceField) -> None:
    view = ball((2.9, 0.1, 0.2))
    made = render_field(load_field(fitted, torch.device("cpu")), view.camera)
    middle = made.depth[PX // 2, PX // 2]
    assert abs(middle - (np.linalg.norm(view.camera.position) - 0.6)) < 0.12
    assert made.depth_expected is not None
    assert abs(made.depth_expected[PX // 2, PX // 2] - middle) < 0.2
    assert (made.depth[made.opacity < 0.4] == 0).all()


def test_lattice_of_the_field_holds_the_ball(fitted: RadianceField) -> None:
    grid = density_grid(load_field(fitted, torch.device("cpu")), 40)
    axes = [grid.lowest[axis] + grid.step * np.arange(grid.values.shape[axis]) for axis in range(3)]
    away = np.linalg.norm(np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1), axis=-1)
    inside = grid.values > grid.level
    assert not inside[away > 0.75].any()
    assert inside[away < 0.5].mean() > 0.99


class Stopping(Silent):
    """Asks to stop once, at a step."""

    def __init__(self, resume: Path, at: float) -> None:
        self.resume_folder = resume
        self._at = at

    def __call__(self, fraction: float, message: str = "") -> None:
        if fraction >= self._at:
            raise Cancelled


def test_a_fit_that_was_stopped_goes_on_as_if_it_had_not_been(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grotto.fitting.loop.INTERVALS", Intervals(report=0, copy=0, copy_share=1e9, checkpoint=0))
    options = FieldOptions(field="zerorf", field_steps=30, field_resolution=16)
    folders = [tmp_path / name for name in ("whole", "cut", "resume")]
    for folder in folders:
        folder.mkdir()
    whole = fit_field(six_views(), REGION, options, folders[0], Silent())
    with pytest.raises(Cancelled):
        fit_field(six_views(), REGION, options, folders[1], Stopping(folders[2], 0.9))
    resumed = Silent()
    resumed.resume_folder = folders[2]
    cut = fit_field(six_views(), REGION, options, folders[1], resumed)
    one, other = (load_field(artefact, torch.device("cpu")).state_dict()["values"] for artefact in (whole, cut))
    torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-3)


def test_auto_goes_by_the_number_of_pictures() -> None:
    auto = FieldOptions()
    assert choose_kind(auto, 12, False)[0] == "zerorf"
    assert choose_kind(auto, 13, False)[0] == "voxel"
    assert choose_kind(auto, 13, True)[0] == "neus"  # the hash grid's level surface is not sound
    assert choose_kind(auto, 13, True, bounded=False)[0] == "voxel"  # no distance field has a model of a background
    assert {choose_kind(auto, views, True, bounded)[0] for views in range(2, 40) for bounded in (True, False)}.isdisjoint(
        {"hash", "nerf"}
    )
    assert choose_kind(FieldOptions(field="vm"), 100, True) == ("vm", "asked for")


def test_empty_masks_and_single_pictures_are_refused(tmp_path: Path) -> None:
    views = six_views()
    empty = [View(name=view.name, camera=view.camera, colour=view.colour, alpha=np.zeros((PX, PX), np.float32)) for view in views]
    options = FieldOptions(field="voxel", field_steps=5, field_resolution=16)
    with pytest.raises(ProblemError, match="masks leave nothing"):
        fit_field(empty, REGION, options, tmp_path, Silent())
    with pytest.raises(ProblemError, match="at least two pictures"):
        fit_field(views[:1], REGION, options, tmp_path, Silent())
    broken = views[0].camera.camera_from_world.copy()
    broken[0, 3] = np.nan
    lost = Camera(**{**vars(views[0].camera), "camera_from_world": broken})
    with pytest.raises(ProblemError, match="camera of 0 is not finite"):
        fit_field([View(**{**vars(views[0]), "camera": lost}), *views[1:]], REGION, options, tmp_path, Silent())


def test_outlines_that_disagree_are_widened() -> None:
    views = six_views()
    lattice = Lattice.over(REGION, 32)
    assert carve(views, lattice, PX)[1] == ()
    moved = views[2]
    alpha = np.roll(moved.alpha, 4, axis=1) if moved.alpha is not None else None
    views[2] = View(name=moved.name, camera=moved.camera, colour=moved.colour, alpha=alpha)
    live, notes = carve(views, lattice, PX)
    assert notes
    assert live.any()


def test_pictures_without_masks_are_fitted_too(tmp_path: Path) -> None:
    bare = [View(name=view.name, camera=view.camera, colour=view.over(0.7), alpha=None) for view in six_views()]
    options = FieldOptions(field="voxel", field_steps=60, field_resolution=16)
    artefact = fit_field(bare, REGION, options, tmp_path, Silent())
    assert any("no picture has a mask" in note for note in artefact.notes)
    view = ball((2.9, 0.1, 0.2))
    made = render_field(load_field(artefact, torch.device("cpu")), view.camera)
    assert np.square(made.over(0.7) - view.over(0.7)).mean() < 0.02
