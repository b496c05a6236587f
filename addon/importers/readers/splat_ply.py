"""Read Gaussian splats from PLY files in parts, with numpy only.

Layout of 3D Gaussian Splatting (Kerbl et al. 2023, the reference implementation's point_cloud.ply): x y z, f_dc_0..2 (first
coefficient of the colour's spherical harmonics), opacity (before the sigmoid), scale_0..2 (logarithms), rot_0..3 (a
quaternion w x y z, not yet of length one). Discs (2D Gaussian splatting) have no scale_2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....backend.grotto.contract import bad_input
from .ply import HEADER_BYTES, ORDERS, read_header

SPLATS_A_PART = 50_000

# The constant basis function of the spherical harmonics, 1 / (2 sqrt(pi)).
BASIS_0 = 0.28209479177387814
NEEDED = (*"xyz", "f_dc_0", "f_dc_1", "f_dc_2", "opacity", "scale_0", "scale_1", "rot_0", "rot_1", "rot_2", "rot_3")


@dataclass(frozen=True)
class SplatPart:
    """A run of a file's splats, in the file's frame."""

    positions: NDArray[np.float32]  # (n, 3)
    colours: NDArray[np.float32]  # (n, 4) sRGB, 0 to 1, alpha 1: without view dependence
    opacities: NDArray[np.float32]  # (n,) 0 to 1
    scales: NDArray[np.float32]  # (n, 3) standard deviations along the splat's own axes; 0 is a disc
    rotations: NDArray[np.float32]  # (n, 4) world_from_splat as w x y z, of length 1


class SplatFile:
    """A file of splats. Opening reads the header only; raises ProblemError naming what is missing."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        with path.open("rb") as stream:
            form, self.count, properties, body = read_header(stream.read(HEADER_BYTES), path.name)
        missing = [name for name in NEEDED if name not in dict(properties)]
        if missing:
            raise bad_input(f"{path.name} has no splats: {', '.join(missing)} is missing", "choose a PLY of Gaussian splats")
        if form == "ascii":
            raise bad_input(f"{path.name} holds its splats as text", "save it as binary PLY")
        kind: np.dtype[Any] = np.dtype([(name, ORDERS[form] + code) for name, code in properties])
        if path.stat().st_size - body < self.count * kind.itemsize:
            raise bad_input(f"{path.name} ends before its {self.count} splats do", "make it again")
        self._has_third_scale = "scale_2" in dict(properties)
        self._rows: Any = np.memmap(path, kind, "r", body, (self.count,)) if self.count else np.empty(0, kind)

    def parts(self) -> Iterator[SplatPart]:
        """Yield all splats in the order of the file."""
        for start in range(0, self.count, SPLATS_A_PART):
            yield self._part(np.asarray(self._rows[start : start + SPLATS_A_PART]))

    def _part(self, rows: Any) -> SplatPart:
        def columns(*names: str) -> NDArray[np.float32]:
            return np.stack([rows[name] for name in names], axis=1).astype(np.float32)

        numbers = np.concatenate([columns(*NEEDED), columns("scale_2") if self._has_third_scale else columns("scale_1")], axis=1)
        if not np.isfinite(numbers).all():
            raise bad_input(f"{self.name} has splats that are not numbers", "make it again")
        scales = np.zeros((len(rows), 3), np.float32)
        axes = ("scale_0", "scale_1", "scale_2")[: 3 if self._has_third_scale else 2]
        scales[:, : len(axes)] = np.exp(np.clip(columns(*axes), -60.0, 60.0))
        rotations = columns("rot_0", "rot_1", "rot_2", "rot_3")
        length = np.linalg.norm(rotations, axis=1, keepdims=True)
        turned = length > 0
        rotations = np.where(turned, rotations / np.where(turned, length, 1.0), np.array([1.0, 0.0, 0.0, 0.0]))
        colours = np.ones((len(rows), 4), np.float32)
        colours[:, :3] = np.clip(0.5 + BASIS_0 * columns("f_dc_0", "f_dc_1", "f_dc_2"), 0.0, 1.0)
        return SplatPart(
            positions=columns("x", "y", "z"),
            colours=colours,
            opacities=(1.0 / (1.0 + np.exp(-np.clip(columns("opacity")[:, 0], -60.0, 60.0)))).astype(np.float32),
            scales=scales,
            rotations=rotations.astype(np.float32),
        )
