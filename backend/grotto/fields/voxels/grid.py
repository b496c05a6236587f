"""A sparse voxel grid: only nodes near surfaces have records of their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, map_coordinates

from ...scene import Lattice
from .engine import BLOCK, CHANNELS

EMPTY, SOLID = 0, 1  # rows shared by all nodes that are not fitted
EMPTY_RAW, SOLID_RAW = -10.0, 12.0  # raw densities: farther apart, interpolation would shift surfaces between them


@dataclass(frozen=True, kw_only=True)
class SparseGrid:
    """Records at nodes of a lattice. Layout of a record: see `engine`."""

    lattice: Lattice
    index: NDArray[np.int32]  # (nx, ny, nz) row of each node
    table: NDArray[np.float32]  # (rows, 16)

    @classmethod
    def of_nodes(cls, lattice: Lattice, live: NDArray[np.bool_], hidden: NDArray[np.bool_] | None = None) -> SparseGrid:
        """Zero records at live nodes (nx, ny, nz); hidden nodes that are not live are solid, all others empty."""
        index = np.zeros(live.shape, np.int32)
        if hidden is not None:
            index[hidden] = SOLID
        count = int(live.sum())
        index[live] = np.arange(2, count + 2, dtype=np.int32)
        table = np.zeros((count + 2, CHANNELS), np.float32)
        table[EMPTY, 0], table[SOLID, 0] = EMPTY_RAW, SOLID_RAW
        return cls(lattice=lattice, index=index, table=table)

    def blocks(self) -> NDArray[np.uint8]:
        """(bx, by, bz): whether any node of a block of cells, its far faces included, is not empty."""
        cells = np.asarray(self.index.shape) - 1
        counts = -(-cells // BLOCK)
        full = np.zeros(counts * BLOCK + 1, bool)
        nx, ny, nz = self.index.shape
        full[:nx, :ny, :nz] = self.index != EMPTY
        for axis in range(3):  # a node belongs to the cells on both its sides
            full = full.take(range(full.shape[axis] - 1), axis) | full.take(range(1, full.shape[axis]), axis)
        bx, by, bz = counts
        return np.asarray(full.reshape(bx, BLOCK, by, BLOCK, bz, BLOCK).any(axis=(1, 3, 5)), np.uint8)

    def neighbours(self) -> NDArray[np.int32]:
        """(rows, 3): the row of the next node along x, y and z; 0 where there is none of its own."""
        found = np.zeros((len(self.table), 3), np.int32)
        for axis in range(3):
            here = np.moveaxis(self.index, axis, 0)
            both = (here[:-1] > SOLID) & (here[1:] > SOLID)
            found[here[:-1][both], axis] = here[1:][both]
        return found

    def dense(self, channel: int) -> NDArray[np.float32]:
        """(nx, ny, nz) one channel at all nodes."""
        return self.table[:, channel][self.index]


def refined(grid: SparseGrid, lattice: Lattice, wanted: NDArray[np.bool_], hidden: NDArray[np.bool_]) -> SparseGrid:
    """The same records on a finer lattice: live near the old grid's `wanted` nodes, solid amid its `hidden` ones.

    wanted, hidden: (nx, ny, nz) of the old grid. Values are interpolated. The constant density of empty and hidden corners
    would bias the interpolation: they take the mean of their neighbours first.
    """
    coordinates = _old_coordinates(grid.lattice, lattice)
    live = _any_corner(wanted, coordinates)
    solid = _all_corners(hidden, coordinates) & ~live
    made = SparseGrid.of_nodes(lattice, live, solid)
    places = np.argwhere(live)
    at = np.stack([coordinates[axis][places[:, axis]] for axis in range(3)])
    own = grid.index > SOLID
    for channel in range(1 + 3 + 9):
        values = _extrapolated(grid.dense(channel), own)
        made.table[2:, channel] = map_coordinates(values, at, order=1, mode="nearest")
    return made


def grown(nodes: NDArray[np.bool_], steps: int) -> NDArray[np.bool_]:
    """Nodes (nx, ny, nz), and all within `steps` of them along every axis."""
    return np.asarray(binary_dilation(nodes, np.ones((2 * steps + 1,) * 3, bool)), np.bool_)


def _old_coordinates(old: Lattice, new: Lattice) -> list[NDArray[np.float64]]:
    """Coordinates of the new lattice's nodes in steps of the old one, per axis."""
    found = []
    for axis in range(3):
        world = new.lowest[axis] + new.step * np.arange(new.counts[axis])
        found.append(np.clip((world - old.lowest[axis]) / old.step, 0, old.counts[axis] - 1))
    return found


def _any_corner(nodes: NDArray[np.bool_], coordinates: list[NDArray[np.float64]]) -> NDArray[np.bool_]:
    """Whether any of the old nodes round a new one is true."""
    for axis in range(3):
        low = np.floor(coordinates[axis]).astype(int)
        high = np.ceil(coordinates[axis]).astype(int)
        nodes = nodes.take(low, axis) | nodes.take(high, axis)
    return nodes


def _all_corners(nodes: NDArray[np.bool_], coordinates: list[NDArray[np.float64]]) -> NDArray[np.bool_]:
    return ~_any_corner(~nodes, coordinates)


def _extrapolated(values: NDArray[np.float32], own: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Values, with nodes that have no record set to the mean of their neighbours (26) that have one."""
    from scipy.ndimage import uniform_filter

    weight = uniform_filter(own.astype(np.float32), 3, mode="nearest")
    mean = uniform_filter(np.where(own, values, 0).astype(np.float32), 3, mode="nearest") / np.maximum(weight, 1e-6)
    return np.where(own, values, np.where(weight > 1e-3, mean, values)).astype(np.float32)
