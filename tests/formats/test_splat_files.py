"""Splats in files: PLY as viewers read it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import trimesh

from grotto.contract import ProblemError
from grotto.formats import SplatCloud, read_splat_ply, write_splat_ply


def _cloud(degree: int, count: int = 50, seed: int = 0) -> SplatCloud:
    random = np.random.default_rng(seed)
    quaternions = random.normal(size=(count, 4)).astype(np.float32)
    return SplatCloud(
        means=random.normal(size=(count, 3)).astype(np.float32),
        quaternions=quaternions / np.linalg.norm(quaternions, axis=1, keepdims=True),
        log_scales=random.uniform(-6, -2, (count, 3)).astype(np.float32),
        opacity_logits=random.normal(size=count).astype(np.float32),
        harmonics=random.normal(0, 0.3, (count, (degree + 1) ** 2, 3)).astype(np.float32),
    )


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_ply_round_trip(tmp_path: Path, degree: int) -> None:
    cloud = _cloud(degree)
    write_splat_ply(tmp_path / "a.ply", cloud)
    back = read_splat_ply(tmp_path / "a.ply")
    for name in ("means", "quaternions", "log_scales", "opacity_logits", "harmonics"):
        assert np.array_equal(getattr(back, name), getattr(cloud, name)), name


def test_ply_has_the_columns_of_3dgs(tmp_path: Path) -> None:
    cloud = _cloud(1)
    write_splat_ply(tmp_path / "a.ply", cloud)
    with (tmp_path / "a.ply").open("rb") as file:
        raw = trimesh.exchange.ply.load_ply(file)["metadata"]["_ply_raw"]["vertex"]["data"]
    expected = ["x", "y", "z", "nx", "ny", "nz", "f_dc_0", "f_dc_1", "f_dc_2", *(f"f_rest_{i}" for i in range(9))]
    assert list(raw.dtype.names) == [*expected, "opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3"]
    # All terms of red come first: the second term of green (channel 1 of degree 1's second function) is number 3 + 1.
    assert np.array_equal(np.ravel(raw["f_rest_4"]), cloud.harmonics[:, 2, 1])
    assert np.array_equal(np.ravel(raw["rot_0"]), cloud.quaternions[:, 0])


def test_discs_of_others_have_two_scales(tmp_path: Path) -> None:
    names = ["x", "y", "z", "f_dc_0", "f_dc_1", "f_dc_2", "opacity", "scale_0", "scale_1", "rot_0", "rot_1", "rot_2", "rot_3"]
    header = "\n".join(
        ["ply", "format binary_little_endian 1.0", "element vertex 2", *(f"property float {n}" for n in names), "end_header", ""]
    )
    (tmp_path / "a.ply").write_bytes(header.encode() + np.arange(26, dtype="<f4").tobytes())
    back = read_splat_ply(tmp_path / "a.ply")
    assert back.log_scales[0].tolist() == [7.0, 8.0, -11.5]
    assert back.harmonics.shape == (2, 1, 3)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"solid", "no PLY"),
        (b"ply\nformat ascii 1.0\nelement vertex 0\nend_header\n", "binary"),
        (b"ply\nformat binary_little_endian 1.0\nelement vertex 0\nproperty float x\nend_header\n", "no Gaussian splats"),
        (b"ply\nformat binary_little_endian 1.0\nelement face 0\nend_header\n", "does not begin"),
        (b"ply\nformat binary_little_endian 1.0\nelement vertex 1\nproperty uchar x\nend_header\n\0", "other than float32"),
    ],
)
def test_what_is_no_file_of_splats_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "a.ply").write_bytes(content)
    with pytest.raises(ProblemError, match=words):
        read_splat_ply(tmp_path / "a.ply")


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    write_splat_ply(tmp_path / "a.ply", _cloud(2))
    (tmp_path / "a.ply").write_bytes((tmp_path / "a.ply").read_bytes()[:-5])
    with pytest.raises(ProblemError, match="cut short"):
        read_splat_ply(tmp_path / "a.ply")
