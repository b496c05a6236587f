"""Levels of detail: half the faces each, farther from the full mesh each."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import trimesh

from grotto.formats import Mesh
from grotto.meshes.remesh import lod_chain, surface_distance


def ball(radius: float = 1.0, subdivisions: int = 4) -> Mesh:
    made = trimesh.creation.icosphere(subdivisions, radius)
    colours = np.clip(made.vertices * 0.5 + 0.5, 0, 1).astype(np.float32)
    return Mesh(vertices=made.vertices.astype(np.float32), faces=made.faces.astype(np.int32), colours=colours)


def test_each_level_halves() -> None:
    full = ball()
    levels = lod_chain(full, 3)
    counts = [len(full.faces), *(len(level.mesh.faces) for level in levels)]
    assert all(0.45 * before <= after <= 0.55 * before for before, after in itertools.pairwise(counts))
    assert [level.hausdorff for level in levels] == sorted(level.hausdorff for level in levels)
    assert 0 < levels[0].hausdorff < 0.02 and levels[-1].hausdorff < 0.06
    assert levels[0].mesh.colours is not None
    assert np.abs(levels[-1].mesh.colours - (levels[-1].mesh.vertices * 0.5 + 0.5)).max() < 0.05  # type: ignore[operator]


def test_the_chain_ends_before_nothing_is_left() -> None:
    assert len(lod_chain(ball(subdivisions=2), 6)) == 2  # 320, 160, 80
    assert lod_chain(ball(), 0) == []


def test_distance_of_concentric_balls() -> None:
    assert surface_distance(ball(1.1), ball(1.0), 3000) == pytest.approx(0.1, abs=0.005)
