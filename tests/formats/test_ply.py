import struct

import numpy as np
import pytest
import trimesh

from grotto.contract import ProblemError
from grotto.formats import read_points_ply, write_points_ply


@pytest.fixture
def cloud():
    random = np.random.default_rng(1)
    return random.normal(size=(50, 3)).astype(np.float32), random.integers(0, 256, (50, 3), dtype=np.uint8)


def test_round_trip(tmp_path, cloud):
    write_points_ply(tmp_path / "a.ply", *cloud)
    back = read_points_ply(tmp_path / "a.ply")
    np.testing.assert_array_equal(back.points, cloud[0])
    np.testing.assert_array_equal(back.colours, cloud[1])


def test_trimesh_reads_ours_and_we_read_trimesh(tmp_path, cloud):
    write_points_ply(tmp_path / "a.ply", *cloud)
    theirs = trimesh.load(tmp_path / "a.ply")
    np.testing.assert_allclose(theirs.vertices, cloud[0], rtol=1e-6)
    np.testing.assert_array_equal(theirs.colors[:, :3], cloud[1])
    trimesh.PointCloud(cloud[0], cloud[1]).export(tmp_path / "b.ply")
    np.testing.assert_allclose(read_points_ply(tmp_path / "b.ply").points, cloud[0], rtol=1e-5)


def test_text_and_big_endian(tmp_path):
    fields = "property float x\nproperty float y\nproperty float z\n"
    (tmp_path / "text.ply").write_text(f"ply\nformat ascii 1.0\nelement vertex 2\n{fields}end_header\n1 2 3\n4 5 6\n")
    header = f"ply\nformat binary_big_endian 1.0\nelement vertex 1\n{fields}end_header\n".encode()
    (tmp_path / "big.ply").write_bytes(header + struct.pack(">3f", 1, 2, 3))
    text = read_points_ply(tmp_path / "text.ply")
    assert text.points.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert text.colours.tolist() == [[255, 255, 255]] * 2
    assert read_points_ply(tmp_path / "big.ply").points.tolist() == [[1, 2, 3]]


def test_empty_cloud(tmp_path):
    write_points_ply(tmp_path / "a.ply", np.empty((0, 3)), np.empty((0, 3), np.uint8))
    assert len(read_points_ply(tmp_path / "a.ply").points) == 0


def test_cut_short_and_not_a_ply_are_named(tmp_path, cloud):
    write_points_ply(tmp_path / "a.ply", *cloud)
    (tmp_path / "short.ply").write_bytes((tmp_path / "a.ply").read_bytes()[:-7])
    (tmp_path / "other.ply").write_text("hello")
    with pytest.raises(ProblemError, match="cut short: 49 of 50"):
        read_points_ply(tmp_path / "short.ply")
    with pytest.raises(ProblemError, match="no PLY"):
        read_points_ply(tmp_path / "other.ply")
