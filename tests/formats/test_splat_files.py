"""Splats in files: PLY as viewers read it, and SPZ."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
import trimesh

from grotto.contract import ProblemError
from grotto.formats import SplatCloud, read_splat_ply, read_spz, write_splat_ply, write_spz


def _cloud(degree: int, count: int = 50, seed: int = 0) -> SplatCloud:
    random = np.random.default_rng(seed)
    quaternions = random.normal(size=(count, 4)).astype(np.float32)
    return SplatCloud(
        means=random.normal(size=(count, 3)).astype(np.float32),
        quaternions=quaternions / np.linalg.norm(quaternions, axis=1, keepdims=True),
        log_scales=random.uniform(-6, -2, (count, 3)).astype(np.float32),
        opacity_logits=random.normal(size=count).astype(np.float32),
        harmonics=random.normal(0, 0.3, (count, (degree + 1) ** 2, 3)).clip(-0.7, 0.7).astype(np.float32),
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
        (b"ply\nformat ascii 1.0\nelement vertex 0\nend_header\n", "splats: x is missing"),
        (b"ply\nformat binary_little_endian 1.0\nelement vertex 0\nproperty float x\nend_header\n", "no Gaussian splats"),
        (b"ply\nformat binary_little_endian 1.0\nelement face 0\nend_header\n", "splats: x is missing"),
        (b"ply\nformat binary_little_endian 1.0\nelement vertex 1\nproperty uchar x\nend_header\n\0", "splats: y is missing"),
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


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_spz_round_trip_within_its_bits(tmp_path: Path, degree: int) -> None:
    cloud = _cloud(degree)
    write_spz(tmp_path / "a.spz", cloud)
    back = read_spz(tmp_path / "a.spz")
    assert np.abs(back.means - cloud.means).max() < 2.0**-18
    assert np.abs(back.log_scales - cloud.log_scales).max() <= 1 / 32 + 1e-6
    assert np.abs(_opacities(back) - _opacities(cloud)).max() <= 0.5 / 255 + 1e-6
    assert np.abs((back.quaternions * cloud.quaternions).sum(1)).min() > 0.999995  # the same turn, whatever the sign
    assert np.abs(back.harmonics[:, 0] - cloud.harmonics[:, 0]).max() < 0.5 / (255 * 0.15) + 1e-6
    if degree:  # rounding is of the turned terms: at most half a step of 16 levels in each, mixed by the turn
        error = back.harmonics[:, 1:] - cloud.harmonics[:, 1:]
        assert np.sqrt(np.mean(error**2)) < 16 / 128 / np.sqrt(12) * 1.1


def _opacities(cloud: SplatCloud) -> np.ndarray:
    return 1 / (1 + np.exp(-cloud.opacity_logits))


def test_spz_is_y_up_and_laid_out_as_the_reference_reads_it(tmp_path: Path) -> None:
    """One splat two units up, of known bytes."""
    cloud = SplatCloud(
        means=np.float32([[1.0, 3.0, 2.0]]), quaternions=np.float32([[1, 0, 0, 0]]), log_scales=np.float32([[-2, -3, -4]]),
        opacity_logits=np.float32([0.0]), harmonics=np.zeros((1, 4, 3), np.float32),
    )  # fmt: skip
    cloud.harmonics[0, 2, 1] = 0.5  # green brightens upwards: the function of degree 1 that is z
    write_spz(tmp_path / "a.spz", cloud)
    data = gzip.decompress((tmp_path / "a.spz").read_bytes())
    magic, version, count, degree, bits = struct.unpack_from("<4sIIBB", data)
    assert (magic, version, count, degree, bits) == (b"NGSP", 3, 1, 1, 18)
    places = [int.from_bytes(data[16 + 3 * axis : 19 + 3 * axis], "little", signed=True) / 2**18 for axis in range(3)]
    assert places == [1.0, 2.0, -3.0]
    assert data[25] in (127, 128)  # opacity one half
    assert list(data[29:32]) == [128, 112, 96]  # sizes
    assert int.from_bytes(data[32:36], "little") >> 30 in (0, 3)  # a quarter turn about x: x and w are alike large
    terms = np.frombuffer(data[36:], np.uint8).reshape(3, 3)
    assert terms[:, 1].tolist() == [64, 128, 128]  # -y is the first function: its coefficient is -0.5
    assert (terms[:, [0, 2]] == 128).all()


def test_spz_version_2_is_read(tmp_path: Path) -> None:
    """The older quaternions: x, y, z in 8 bits each, here a quarter turn about the file's y."""
    half = round((np.sqrt(0.5) + 1) * 127.5)
    body = bytes(9) + bytes([255]) + bytes([128, 128, 128]) + bytes([160, 160, 160]) + bytes([128, half, 128])
    (tmp_path / "a.spz").write_bytes(gzip.compress(struct.pack("<IIIBBBB", 0x5053474E, 2, 1, 0, 12, 0, 0) + body))
    back = read_spz(tmp_path / "a.spz")
    w, x, y, z = back.quaternions[0] / np.linalg.norm(back.quaternions[0])
    # Undone about x by a quarter, then turned about y by a quarter: the file's y axis is our z.
    third = np.array([2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)])
    assert third == pytest.approx([1.0, 0.0, 0.0], abs=0.02)


@pytest.mark.parametrize("spoil", [lambda data: data[:40], lambda _: b"no gzip", lambda _: gzip.compress(b"NGSP" + bytes(12))])
def test_what_is_no_spz_is_refused(tmp_path: Path, spoil) -> None:
    write_spz(tmp_path / "a.spz", _cloud(2))
    (tmp_path / "a.spz").write_bytes(spoil((tmp_path / "a.spz").read_bytes()))
    with pytest.raises(ProblemError, match=r"SPZ|cut short"):
        read_spz(tmp_path / "a.spz")
