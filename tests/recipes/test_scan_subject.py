"""A scan of a subject in its scene: its own mesh, a backdrop, and the share of the subject that the mesh covers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scan_jobs import scanned

from grotto.contract import Event, Note, ProblemError, Result, Silent
from grotto.formats import read_glb
from grotto.synthetic import make_court_set

BOX = "-0.45 -0.45 -0.02 0.45 0.45 1.05"
SMALL = {"via": "splats", "splat_steps": 60, "splats_most": 3000, "subject_box": BOX, "backdrop_faces": 500, "backdrop_px": 256}


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("court")
    make_court_set("teapot", 5.0, folder, Silent(), views=10, size=64, cells=32)
    return folder


@pytest.fixture(scope="module")
def both(court: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, list[Event], Path]:
    out = tmp_path_factory.mktemp("job")
    return (*scanned(court, out, **SMALL, holdout=5), out)


def test_subject_and_surroundings_are_meshes_of_their_own(both: tuple[Result, list[Event], Path]) -> None:
    result, _, out = both
    meshes = {asset.role: read_glb(out / asset.path) for asset in result.assets if asset.kind == "mesh"}
    low, high = np.array([-0.6, -0.6, -0.1]), np.array([0.6, 0.6, 1.2])  # a little more than the box
    main, backdrop = meshes[""].vertices, meshes["backdrop"]
    assert ((main > low) & (main < high)).all()
    middles = backdrop.vertices[backdrop.faces].mean(axis=1)
    assert not ((middles > low + 0.2) & (middles < high - 0.2)).all(axis=1).any()
    assert np.ptp(backdrop.vertices, axis=0).max() > 1.5
    assert result.facts["backdrop_faces"] == len(backdrop.faces) <= 500


def test_the_result_says_how_much_of_the_subject_the_mesh_covers(both: tuple[Result, list[Event], Path]) -> None:
    result, events, _ = both
    cover = result.facts["subject_cover"]
    assert 0 < cover <= 1
    doubts = [event.message for event in events if isinstance(event, Note) and "of the subject's pixels" in event.message]
    assert bool(doubts) == (cover < 0.9)
    assert set(result.facts["subject_psnr_db"]) == {"splats", "mesh"}
    assert result.facts["subject_box"] == [-0.45, -0.45, -0.02, 0.45, 0.45, 1.05]


@pytest.mark.slow
def test_a_scene_of_one_mesh_doubts_what_it_leaves_out(court: Path, tmp_path: Path) -> None:
    """The coarse grid of a whole scene loses the subject: the result must say so."""
    result, events = scanned(court, tmp_path, **SMALL, mesh_of="scene")
    assert [asset.role for asset in result.assets if asset.kind == "mesh"] == ["", "lod1"]
    assert "backdrop_faces" not in result.facts
    cover = result.facts["subject_cover"]
    doubts = [event.message for event in events if isinstance(event, Note) and "of the subject's pixels" in event.message]
    assert bool(doubts) == (cover < 0.9)


def test_a_subject_that_is_asked_for_and_not_there_is_refused(court: Path, tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="o subject was found"):
        scanned(court, tmp_path, via="splats", mesh_of="subject")
