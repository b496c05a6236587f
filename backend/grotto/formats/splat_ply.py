"""Gaussian splats as PLY in the layout of 3D Gaussian Splatting, which viewers open.

Vertex properties, all float32: x y z, nx ny nz (zero), f_dc_0..2, f_rest_0.. (all of red, then green, then blue), opacity
(logit), scale_0..2 (log), rot_0..3 (w x y z). Source: scene/gaussian_model.py of graphdeco-inria/gaussian-splatting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..contract import bad_input

Array32 = NDArray[np.float32]

_HEADER_LIMIT = 65536  # bytes
_PLACES = ("x", "y", "z")
_SHAPE = ("opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3")
_COUNTS = (0, 3, 8, 15)  # coefficients per channel above degree 0


@dataclass(frozen=True, kw_only=True)
class SplatCloud:
    """n Gaussian splats as arrays."""

    means: Array32  # (n, 3) world
    quaternions: Array32  # (n, 4) w x y z, unit; world from splat
    log_scales: Array32  # (n, 3) log of standard deviations, world units
    opacity_logits: Array32  # (n,)
    harmonics: Array32  # (n, k, 3), k = 1, 4, 9 or 16: coefficients of red, green, blue by degree

    def __len__(self) -> int:
        return len(self.means)


def write_splat_ply(path: Path, cloud: SplatCloud) -> None:
    """Write splats as binary PLY, little endian."""
    rest = cloud.harmonics.shape[1] - 1
    names = [*_PLACES, "nx", "ny", "nz", *(f"f_dc_{i}" for i in range(3)), *(f"f_rest_{i}" for i in range(3 * rest)), *_SHAPE]
    columns = [
        cloud.means,
        np.zeros((len(cloud), 3), np.float32),
        cloud.harmonics[:, 0],
        cloud.harmonics[:, 1:].transpose(0, 2, 1).reshape(len(cloud), -1),
        cloud.opacity_logits[:, None],
        cloud.log_scales,
        cloud.quaternions,
    ]
    properties = [f"property float {name}" for name in names]
    header = ["ply", "format binary_little_endian 1.0", f"element vertex {len(cloud)}", *properties, "end_header", ""]
    with path.open("wb") as file:
        file.write("\n".join(header).encode("ascii"))
        file.write(np.concatenate(columns, 1).astype("<f4").tobytes())


def read_splat_ply(path: Path) -> SplatCloud:
    """Read splats. Two scales (2D Gaussian Splatting) become three. Raises a bad-input problem where it is no such file."""
    with path.open("rb") as file:
        start = file.read(_HEADER_LIMIT)
        count, names, length = _header(path, start)
        file.seek(length)
        body = file.read(count * len(names) * 4)
    if len(body) != count * len(names) * 4:
        raise bad_input(f"{path.name} is cut short", "copy or make the file again")
    rows = np.frombuffer(body, "<f4")
    table = dict(zip(names, rows.reshape(count, len(names)).T.astype(np.float32), strict=True))
    if "scale_2" not in table and "scale_1" in table:
        table["scale_2"] = np.full(count, -11.5, np.float32)
    missing = [name for name in (*_PLACES, "f_dc_0", "f_dc_1", "f_dc_2", *_SHAPE) if name not in table]
    if missing:
        raise bad_input(f"{path.name} holds no Gaussian splats: {missing[0]} is missing", "choose a PLY of splats")
    rest = sum(name.startswith("f_rest_") for name in names)
    if rest % 3 or rest // 3 not in _COUNTS:
        raise bad_input(f"{path.name} has {rest} colour terms, which is no degree", "choose a PLY of splats")
    higher = np.stack([table[f"f_rest_{i}"] for i in range(rest)], 1) if rest else np.zeros((count, 0), np.float32)
    base = np.stack([table[f"f_dc_{i}"] for i in range(3)], 1)
    return SplatCloud(
        means=np.stack([table[name] for name in _PLACES], 1),
        quaternions=np.stack([table[f"rot_{i}"] for i in range(4)], 1),
        log_scales=np.stack([table[f"scale_{i}"] for i in range(3)], 1),
        opacity_logits=table["opacity"],
        harmonics=np.concatenate([base[:, None], higher.reshape(count, 3, rest // 3).transpose(0, 2, 1)], 1),
    )


def _header(path: Path, start: bytes) -> tuple[int, list[str], int]:
    """Number of splats, names of their properties, length of the header in bytes."""
    end = start.find(b"end_header\n")
    if not start.startswith(b"ply") or end < 0:
        raise bad_input(f"{path.name} is no PLY file", "choose a PLY of splats")
    text = start[:end].decode("ascii", errors="replace")
    if "format binary_little_endian" not in text:
        raise bad_input(f"{path.name} is not a binary little-endian PLY", "save it again as binary")
    elements = re.findall(r"^element (\w+) (\d+)", text, re.MULTILINE)
    if not elements or elements[0][0] != "vertex":
        raise bad_input(f"{path.name} does not begin with its splats", "choose a PLY of splats")
    body = text.split("element vertex", 1)[1].split("\nelement ")[0]
    properties = re.findall(r"^property (\w+) (\w+)", body, re.MULTILINE)
    if any(kind not in ("float", "float32") for kind, _ in properties):
        raise bad_input(f"{path.name} holds numbers other than float32", "choose a PLY of splats that is not compressed")
    return int(elements[0][1]), [name for _, name in properties], end + len(b"end_header\n")
