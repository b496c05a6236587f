"""Coloured point clouds as PLY."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...contract import bad_input, malformed_as_bad_input
from .colours import colours_of
from .tables import read_tables

_VERTEX = np.dtype([("xyz", "<f4", 3), ("rgb", "u1", 3)])


@dataclass(frozen=True)
class PointCloud:
    """Points (n, 3) float32 in the frame of their artefact, colours (n, 3) uint8 sRGB."""

    points: NDArray[np.float32]
    colours: NDArray[np.uint8]


def write_points_ply(path: Path, points: NDArray[np.floating], colours: NDArray[np.uint8]) -> None:
    """Write points (n, 3) and sRGB colours (n, 3) uint8 as binary PLY with float32 positions."""
    if points.shape != colours.shape or points.ndim != 2 or points.shape[1] != 3:
        raise ValueError(f"points {points.shape} and colours {colours.shape} must both be (n, 3)")
    rows = np.empty(len(points), _VERTEX)
    rows["xyz"] = points
    rows["rgb"] = colours
    names = [f"property float {axis}" for axis in "xyz"] + [f"property uchar {name}" for name in ("red", "green", "blue")]
    header = ["ply", "format binary_little_endian 1.0", f"element vertex {len(points)}", *names, "end_header", ""]
    with path.open("wb") as file:
        file.write("\n".join(header).encode("ascii"))
        file.write(rows.tobytes())


def read_points_ply(path: Path) -> PointCloud:
    """Read the vertices of a PLY, binary of either byte order or text; points without colour come out white.

    Raises a bad-input problem where the file is no PLY, holds no points, is cut short, or holds numbers that are not finite.
    """
    table = read_tables(path, ("vertex",)).get("vertex")
    missing = "the element vertex" if table is None else ", ".join(axis for axis in "xyz" if axis not in table.columns)
    if table is None or missing:
        raise bad_input(f"{path.name} holds no points: {missing} is missing", "choose a PLY that holds points")
    with malformed_as_bad_input(f"the points of {path.name} cannot be read", "make the file again"):
        points, colours = table.stacked("x", "y", "z"), colours_of(table)
    return PointCloud(points, np.full((table.count, 3), 255, np.uint8) if colours is None else colours)
