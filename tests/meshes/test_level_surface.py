"""Every extractor of a grid's level surface, on a ball and on a cube."""

from __future__ import annotations

import typing

import numpy as np
import pytest

from grotto.contract.options import LEVEL_EXTRACTORS
from grotto.meshes.repair import mesh_facts
from grotto.meshes.surface import GRID_BYTES, Extractor, level_surface

LINE = np.linspace(-1, 1, 33)
STEP = float(LINE[1] - LINE[0])
GRID = np.stack(np.meshgrid(LINE, LINE, LINE, indexing="ij"), axis=-1)
LOWEST = np.full(3, -1.0)


def test_the_options_name_the_extractors() -> None:
    assert LEVEL_EXTRACTORS == typing.get_args(Extractor) == tuple(GRID_BYTES)


@pytest.mark.parametrize("extractor", typing.get_args(Extractor))
def test_a_ball_at_its_level(extractor: Extractor) -> None:
    values = (3 - np.linalg.norm(GRID, axis=-1)).astype(np.float32)
    mesh = level_surface(extractor, values, LOWEST, STEP, 2.4)
    assert np.linalg.norm(mesh.vertices, axis=1) == pytest.approx(0.6, abs=0.3 * STEP)
    facts = mesh_facts(mesh)
    assert facts.watertight and facts.islands == 1
    corners = mesh.vertices[mesh.faces].astype(np.float64)
    assert np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() > 0  # faces look outwards


def test_dual_contouring_of_a_field_in_32_bits_keeps_edges_sharp() -> None:
    def cube(points: np.ndarray) -> np.ndarray:
        return (0.613 - np.abs(points).max(axis=-1)).astype(np.float32)

    sharp = level_surface("dual_contouring", cube(GRID), LOWEST, STEP, 0.0, sample=cube)
    assert np.abs(np.abs(sharp.vertices).max(axis=1) - 0.613).max() < 0.01 * STEP
    corner = np.linalg.norm(sharp.vertices - 0.613, axis=1).min()
    rounded = level_surface("marching_cubes", cube(GRID), LOWEST, STEP, 0.0)
    assert corner < 0.05 * STEP < 0.3 * STEP < np.linalg.norm(rounded.vertices - 0.613, axis=1).min()
