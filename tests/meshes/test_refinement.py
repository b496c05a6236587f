"""Refinement of meshes: its parts by closed forms, and the whole on a painted ball seen from all sides."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import trimesh

from grotto.contract import Cancelled, ProblemError, Silent
from grotto.contract.options import RefineOptions
from grotto.fitting import CHECKPOINT_FILE, Intervals
from grotto.formats import Mesh
from grotto.meshes.refine import LargeSteps, RefinementSetting, UniformAdam, fit_vertex_colours, laplacian, refine_mesh
from grotto.meshes.remesh import collapse_edges, flip_edges, remesh, split_edges
from grotto.render.mesh.differentiable import render_mesh
from grotto.scene import Camera, View, look_at

FACES = 400
OPTIONS = RefineOptions(refine_steps=60)


def paint(points: np.ndarray) -> np.ndarray:
    return (0.5 + 0.35 * np.sin(3 * points + np.array([0.0, 1.0, 2.0]))).astype(np.float32)


def ball(subdivisions: int, factor: tuple[float, float, float] = (1, 1, 1)) -> Mesh:
    made = trimesh.creation.icosphere(subdivisions=subdivisions)
    places = (made.vertices * factor).astype(np.float32)
    return Mesh(vertices=places, faces=made.faces.astype(np.int32), colours=paint(places))


def photographs(mesh: Mesh, count: int, seed: int, scene: bool = False) -> list[View]:
    generator = np.random.default_rng(seed)
    views = []
    for index in range(count):
        around, height = 2 * np.pi * (index + generator.uniform(0, 0.5)) / count, generator.uniform(-0.6, 0.8)
        across = np.sqrt(1 - height**2)
        position = 4 * np.array([across * np.cos(around), across * np.sin(around), height])
        camera = Camera(
            camera_from_world=look_at(position, np.zeros(3)),
            focal_x=80,
            focal_y=80,
            centre_x=32,
            centre_y=32,
            width=64,
            height=64,
        )
        shown = render_mesh(mesh, camera, samples=3)
        colour = shown.over(0.2) if scene else shown.colour / np.maximum(shown.opacity, 1e-6)[..., None]
        views.append(View(name=f"{index}", camera=camera, colour=colour, alpha=None if scene else shown.opacity))
    return views


@pytest.fixture(scope="module")
def views() -> list[View]:
    return photographs(ball(4), 10, 0)


@pytest.fixture(scope="module")
def validation_views() -> list[View]:
    return photographs(ball(4), 3, 1)


def test_large_steps_solve_their_system_and_pass_gradients() -> None:
    mesh = ball(2)
    large = LargeSteps(mesh.vertices, mesh.faces, smoothing=7.0)
    dense = np.eye(len(mesh.vertices)) + 7.0 * laplacian(mesh.faces, len(mesh.vertices)).toarray()
    values = torch.rand(len(mesh.vertices), 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    np.testing.assert_allclose(large.solve(values).numpy(), np.linalg.solve(dense, values.numpy()), atol=1e-12)
    variable = large.variable(torch.from_numpy(mesh.vertices).double()).requires_grad_()
    vertices = large.vertices(variable)
    np.testing.assert_allclose(vertices.detach().numpy(), mesh.vertices, atol=1e-12)
    (gradient,) = torch.autograd.grad((vertices * values).sum(), variable)
    np.testing.assert_allclose(gradient.numpy(), np.linalg.solve(dense, values.numpy()), atol=1e-12)


def test_uniform_adam_keeps_the_gradients_direction() -> None:
    start = torch.zeros(4, 3)
    gradient = torch.tensor([[1.0, 0, 0], [0, 10, 0], [0, 0, 0.1], [3, 4, 0]])
    moved = UniformAdam.like(start).step(start, gradient, 0.5)
    torch.testing.assert_close(moved, -0.5 * gradient / 10)


@pytest.mark.parametrize("sides", [0, 1, 2, 3])
def test_split_faces_leave_no_gap(sides: int) -> None:
    mesh = ball(2)
    chosen = np.zeros(mesh.faces.shape, bool)
    chosen[::3, :sides] = True
    split = split_edges(mesh.vertices, mesh.faces, chosen)
    vertices = split.carry(mesh.vertices.astype(np.float64))
    finer = trimesh.Trimesh(vertices, split.faces, process=False)
    coarse = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
    assert finer.is_watertight
    assert finer.is_winding_consistent
    assert finer.volume == pytest.approx(coarse.volume, rel=1e-6)
    np.testing.assert_allclose(np.bincount(split.source, finer.area_faces), coarse.area_faces, rtol=1e-5)
    assert len(split.parents) == len(np.unique(np.sort(split.parents, 1), axis=0)) == len(finer.vertices) - len(coarse.vertices)


def test_collapse_keeps_a_closed_surface_and_what_is_not_loose() -> None:
    mesh = ball(3)
    loose = mesh.vertices[mesh.faces].mean(1)[:, 2] > 0
    made = collapse_edges(mesh.vertices, mesh.faces, loose, 900, farthest=1.0)
    coarser = trimesh.Trimesh(made.vertices, made.faces, process=False)
    assert len(made.faces) <= 900
    assert coarser.is_watertight
    assert coarser.is_winding_consistent
    assert coarser.volume == pytest.approx(4 / 3 * np.pi, rel=0.03)
    below = {tuple(np.round(place, 6)) for place in mesh.vertices[mesh.vertices[:, 2] < -0.1]}
    assert below <= {tuple(np.round(place.astype(np.float32), 6)) for place in made.vertices}
    assert len(np.unique(made.source)) == len(made.faces)
    np.testing.assert_allclose(np.asarray(made.origin.sum(1)), 1)


def test_collapse_stops_where_the_surface_would_move_too_far() -> None:
    mesh = ball(3)
    everywhere = np.ones(len(mesh.faces), bool)
    assert len(collapse_edges(mesh.vertices, mesh.faces, everywhere, 100, farthest=1e-9).faces) == len(mesh.faces)
    some = collapse_edges(mesh.vertices, mesh.faces, everywhere, 100, farthest=0.005)
    assert 100 < len(some.faces) < len(mesh.faces)
    assert np.abs(np.linalg.norm(some.vertices, axis=1) - 1).max() < 0.02


def test_flips_make_delaunay_triangles_of_a_flat_sheet() -> None:
    generator = np.random.default_rng(0)
    side = 12
    grid = np.stack(np.meshgrid(np.arange(side), np.arange(side), indexing="ij"), -1).reshape(-1, 2).astype(np.float64)
    grid += generator.uniform(-0.3, 0.3, grid.shape)
    corner = (np.arange(side - 1)[:, None] * side + np.arange(side - 1)).reshape(-1)
    faces = np.concatenate(
        [np.stack([corner, corner + side, corner + 1], 1), np.stack([corner + 1, corner + side, corner + side + 1], 1)]
    )
    flat = np.concatenate([grid, np.zeros((len(grid), 1))], 1)
    flipped = trimesh.Trimesh(flat, flip_edges(flat, faces), process=False)
    assert flipped.area == pytest.approx(trimesh.Trimesh(flat, faces, process=False).area)
    opposite = 0.0
    for pair, edge in zip(flipped.face_adjacency, flipped.face_adjacency_edges, strict=True):
        angles = [flipped.face_angles[face][~np.isin(flipped.faces[face], edge)][0] for face in pair]
        opposite = max(opposite, sum(angles))
    assert opposite < np.pi + 2e-3


def test_faces_with_large_errors_are_split_and_those_with_small_ones_merged() -> None:
    mesh = ball(3)
    error = mesh.vertices[mesh.faces].mean(1)[:, 0].astype(np.float64)
    made = remesh(mesh.vertices, mesh.faces, mesh.vertices, error, most_faces=len(mesh.faces), shortest=0.0, farthest=0.02)
    assert len(made.faces) <= len(mesh.faces)
    assert made.split > 50
    assert made.merged > 100
    sizes = trimesh.Trimesh(made.vertices, made.faces, process=False)
    where = sizes.triangles_center[:, 0]
    assert sizes.is_watertight
    assert sizes.area_faces[where > 0.9].mean() < 0.5 * sizes.area_faces[where < -0.3].mean()
    np.testing.assert_allclose(made.colours, made.vertices, atol=0.1)
    unseen = remesh(
        mesh.vertices, mesh.faces, mesh.vertices, np.full(len(mesh.faces), np.nan), most_faces=9, shortest=0, farthest=9
    )
    assert len(unseen.faces) == len(mesh.faces)


def test_vertex_colours_are_found_again(views: list[View]) -> None:
    mesh = ball(3)
    vertices, faces = torch.from_numpy(mesh.vertices), torch.from_numpy(mesh.faces.astype(np.int64))
    colours = fit_vertex_colours(vertices, faces, views).numpy()
    assert np.abs(colours - mesh.colours).mean() < 0.02


def test_a_wrong_shape_comes_nearer_to_the_truth(views: list[View], validation_views: list[View]) -> None:
    given = ball(2, (0.8, 1.1, 0.9))
    refined = refine_mesh(given, views, validation_views, FACES, OPTIONS, Silent())
    assert refined.kept == "refined"
    assert refined.psnr_after_db > refined.psnr_before_db + 6
    assert refined.held_out
    assert len(refined.mesh.faces) <= 400
    radius = np.linalg.norm(refined.mesh.vertices, axis=1)
    before = np.linalg.norm(given.vertices, axis=1)
    assert np.abs(radius - 1).mean() < 0.35 * np.abs(before - 1).mean()
    assert trimesh.Trimesh(refined.mesh.vertices, refined.mesh.faces, process=False).is_watertight


def test_a_scene_without_alpha_is_refined_too() -> None:
    seen, kept_out = (photographs(ball(4), count, seed, scene=True) for count, seed in ((8, 0), (2, 1)))
    refined = refine_mesh(ball(2, (0.85, 0.9, 1.1)), seen, kept_out, FACES, OPTIONS, Silent())
    assert refined.psnr_after_db > refined.psnr_before_db + 3


def test_the_worse_mesh_is_never_returned(views: list[View], validation_views: list[View]) -> None:
    wild = RefinementSetting(shape_rate=3.0, rounds=())
    refined = refine_mesh(ball(2), views, validation_views, FACES, RefineOptions(refine_steps=12), Silent(), wild)
    assert refined.psnr_after_db < refined.psnr_before_db
    assert refined.kept == "given"
    np.testing.assert_array_equal(refined.mesh.vertices, ball(2).vertices)


class Stopped(Silent):
    """Cancels after some calls, as a user does; keeps a folder that outlives it."""

    def __init__(self, folder: Path, calls: int) -> None:
        self.resume_folder, self.calls = folder, calls

    def __call__(self, fraction: float, message: str = "") -> None:
        self.calls -= "step" in message
        if self.calls < 0:
            raise Cancelled


def test_a_stopped_refinement_goes_on_to_the_same_mesh(
    views: list[View], validation_views: list[View], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grotto.fitting.loop.INTERVALS", Intervals(report=0, copy=0, copy_share=1e9, checkpoint=0))
    given, options = ball(2, (0.9, 1, 1)), RefineOptions(refine_steps=32)
    whole = refine_mesh(given, views, validation_views, FACES, options, Silent())
    with pytest.raises(Cancelled):
        refine_mesh(given, views, validation_views, FACES, options, Stopped(tmp_path, 24))
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT_FILE]
    resumed = refine_mesh(given, views, validation_views, FACES, options, Stopped(tmp_path, 31))  # fewer than all 32 steps
    np.testing.assert_allclose(resumed.mesh.vertices, whole.mesh.vertices, atol=1e-6)
    assert resumed.psnr_after_db == pytest.approx(whole.psnr_after_db, abs=1e-3)


class Listening(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


def test_a_fit_that_diverges_ends_at_its_last_good_state(views: list[View], validation_views: list[View]) -> None:
    report = Listening()
    broken = RefinementSetting(shape_rate=1e36, rounds=())
    refined = refine_mesh(ball(2), views, validation_views, FACES, RefineOptions(refine_steps=30), report, broken)
    assert any("diverged" in note for note in report.notes)
    assert refined.steps < 30
    assert np.isfinite(refined.mesh.vertices).all()


def test_no_view_is_refused() -> None:
    with pytest.raises(ProblemError, match="no view"):
        refine_mesh(ball(1), [], [], FACES, OPTIONS, Silent())
