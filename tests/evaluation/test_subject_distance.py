"""The distance of a subject's mesh to its truth: surroundings in the mesh do not count, what is missing does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from grotto.evaluation.scan import subject_chamfer
from grotto.formats import Mesh
from grotto.synthetic import Court, court_cameras, make_court

CAMERAS = court_cameras(6, 100)


@pytest.fixture(scope="module")
def court() -> Court:
    return make_court("teapot", 5.0, cells=32)


def distance(mesh: Mesh, court: Court) -> float:
    return subject_chamfer(mesh, court.subject, court.surroundings, CAMERAS, samples=4000)


def test_the_truth_is_at_no_distance_with_its_surroundings_or_without(court: Court) -> None:
    assert distance(court.subject, court) < 1e-3
    assert distance(court.whole(), court) < 2e-3


def test_a_swollen_subject_is_as_far_as_it_swelled(court: Court) -> None:
    tall = replace(court.subject, vertices=(court.subject.vertices * np.array([1, 1, 1.04])).astype(np.float32))
    assert 0.005 < distance(tall, court) < 0.03


def test_a_mesh_that_leaves_the_subject_out_is_far_away(court: Court) -> None:
    assert distance(court.surroundings, court) > 0.1
