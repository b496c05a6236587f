"""Gaussian splats as PLY in the layout of 3D Gaussian Splatting, which viewers open.

Vertex properties, all float32: x y z, nx ny nz (zero), f_dc_0..2, f_rest_0.. (all of red, then green, then blue), opacity
(logit), scale_0..2 (log), rot_0..3 (w x y z). Source: scene/gaussian_model.py of graphdeco-inria/gaussian-splatting.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...contract import bad_input, malformed_as_bad_input
from .tables import read_tables

Array32 = NDArray[np.float32]

_PLACES = ("x", "y", "z")
_SHAPE = ("opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3")
_BASE = ("f_dc_0", "f_dc_1", "f_dc_2")
_FLAT = -11.5  # log of the thickness that a disc is given
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
    """Read splats, binary of either byte order or text. Two scales (2D Gaussian Splatting) become three.

    Raises a bad-input problem that names what is missing where the file holds no splats, and where a number is not finite.
    """
    table = read_tables(path, ("vertex",)).get("vertex")
    names = () if table is None else tuple(table.columns)
    disc = "scale_2" not in names and "scale_1" in names
    shape = [name for name in _SHAPE if not (disc and name == "scale_2")]
    missing = [name for name in (*_PLACES, *_BASE, *shape) if name not in names]
    if table is None or missing:
        raise bad_input(f"{path.name} holds no Gaussian splats: {missing[0]} is missing", "choose a PLY of splats")
    rest = sum(name.startswith("f_rest_") for name in names)
    if rest % 3 or rest // 3 not in _COUNTS:
        raise bad_input(f"{path.name} has {rest} colour terms, which is no degree", "choose a PLY of splats")
    with malformed_as_bad_input(f"the splats of {path.name} cannot be read", "make the file again"):
        higher = table.stacked(*(f"f_rest_{i}" for i in range(rest))).reshape(table.count, 3, rest // 3)
        scales = table.stacked(*(name for name in shape if name.startswith("scale_")))
        return SplatCloud(
            means=table.stacked(*_PLACES),
            quaternions=table.stacked(*(f"rot_{i}" for i in range(4))),
            log_scales=np.pad(scales, ((0, 0), (0, 1)), constant_values=_FLAT) if disc else scales,
            opacity_logits=table.stacked("opacity")[:, 0],
            harmonics=np.concatenate([table.stacked(*_BASE)[:, None], higher.transpose(0, 2, 1)], 1),
        )
