"""Meshes between stages: the round trip, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import trimesh

from grotto.contract import ProblemError
from grotto.formats import Mesh, read_mesh_ply, write_mesh_ply

VERTICES = np.array([[0, 0, 0], [1, 0, 0.25], [0, 1, 0], [1, 1, -2.5]], np.float32)
FACES = np.array([[0, 1, 2], [2, 1, 3]], np.int32)


def test_all_that_a_mesh_holds_comes_back(tmp_path: Path) -> None:
    colours = np.array([[0, 0, 0], [1, 0, 0], [0.2, 0.4, 0.6], [1, 1, 1]], np.float32)
    mesh = Mesh(vertices=VERTICES, faces=FACES, colours=colours, seen=np.array([1, 0, 1, 0], np.float32))
    write_mesh_ply(tmp_path / "mesh.ply", mesh)
    back = read_mesh_ply(tmp_path / "mesh.ply")
    assert np.array_equal(back.vertices, VERTICES)
    assert np.array_equal(back.faces, FACES)
    assert back.colours is not None
    assert np.abs(back.colours - colours).max() <= 0.5 / 255 + 1e-6
    assert back.seen is not None
    assert back.seen.tolist() == [1, 0, 1, 0]
    theirs = trimesh.load_mesh(tmp_path / "mesh.ply", process=False)  # as another program reads it
    assert np.array_equal(theirs.vertices, VERTICES)
    assert np.array_equal(theirs.faces, FACES)
    assert theirs.visual.vertex_colors.tolist() == [[0, 0, 0, 255], [255, 0, 0, 255], [51, 102, 153, 255], [255, 255, 255, 255]]


def test_a_mesh_without_colours_comes_back_without(tmp_path: Path) -> None:
    write_mesh_ply(tmp_path / "mesh.ply", Mesh(vertices=VERTICES, faces=FACES))
    back = read_mesh_ply(tmp_path / "mesh.ply")
    assert back.colours is None
    assert back.seen is None


def test_a_file_without_triangles_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mesh.ply").write_bytes(b"no mesh at all")
    with pytest.raises(ProblemError, match="is no PLY file"):
        read_mesh_ply(tmp_path / "mesh.ply")
