from __future__ import annotations

import numpy as np
import pytest
from closed_fields import CLOSED, LOWEST, grid_points, meshed, sphere, volume

from grotto.contract import ProblemError
from grotto.meshes.repair import is_manifold, mesh_facts
from grotto.meshes.surface import surface_of_grid


@pytest.mark.parametrize("name", CLOSED)
def test_a_closed_field_gives_a_closed_surface_in_its_place(name: str) -> None:
    field, euler, truth = CLOSED[name]
    mesh = meshed(field, 40)
    facts = mesh_facts(mesh)
    assert facts.watertight and facts.euler == euler
    assert volume(mesh) == pytest.approx(truth, rel=0.03)  # positive: the faces look outwards
    # linear interpolation between samples: second order in the step, but for edges
    assert np.abs(field(mesh.vertices.astype(np.float64))).max() < (0.03 if name == "cube" else 0.003)


def test_the_surface_is_in_world_coordinates() -> None:
    values = sphere(grid_points(30))
    mesh = surface_of_grid(values, np.array([5.0, 6.0, 7.0]), 0.1, 0.0)
    centre = np.array([5.0, 6.0, 7.0]) + 0.1 * 14.5
    assert np.linalg.norm(mesh.vertices - centre, axis=1) == pytest.approx(0.7 * 1.45, abs=0.02)


def test_what_is_cut_by_the_border_is_closed_half_a_step_outside() -> None:
    mesh = surface_of_grid(np.ones((4, 5, 6)), np.zeros(3), 1.0, 0.5)
    assert is_manifold(mesh)
    assert mesh.vertices.min(axis=0) == pytest.approx([-0.5] * 3)
    assert mesh.vertices.max(axis=0) == pytest.approx([3.5, 4.5, 5.5])
    opened = surface_of_grid(sphere(grid_points(20) * 0.5), LOWEST, 2 / 19, 0.0, closed=False)
    assert mesh_facts(opened).open_edges > 0


def test_noise_gives_closed_surfaces_too() -> None:
    for seed in range(5):
        noise = np.random.default_rng(seed).normal(size=(9, 9, 9))
        assert is_manifold(surface_of_grid(noise, np.zeros(3), 1.0, 0.0))


def test_values_at_the_level_do_not_pinch_the_surface() -> None:
    steps = (np.abs(grid_points(16)).max(axis=-1) < 0.6).astype(np.float64)
    facts = mesh_facts(surface_of_grid(steps, LOWEST, 2 / 15, 0.0))
    assert facts.watertight and facts.euler == 2 and facts.degenerate_faces == 0


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_no_surface_is_a_problem(value: float) -> None:
    values = np.full((4, 4, 4), -1.0)
    values[2, 2, 2] = value
    with pytest.raises(ProblemError):
        surface_of_grid(values, np.zeros(3), 1.0, 0.0)
