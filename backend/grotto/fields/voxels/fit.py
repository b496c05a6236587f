"""Fit the voxel field to many views: coarse to fine, random rays, Adam (after Sun 2022, "Direct voxel grid optimization").

Three lattices, each twice as fine. Masks carve the first one (visual hull). Before each finer one, nodes that stayed empty
are dropped, and nodes that no ray reaches become solid: the subject is one body, not a shell with a second surface inside.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numba
import numpy as np
import torch
from numpy.typing import NDArray

from ...contract import Progress, bad_input
from ...contract.options import FieldOptions
from ...fitting import State
from ...render.volume import RayPool
from ...scene import Lattice, Region, View, visual_hull
from ..artefact import Fitted
from ..field import Field
from ..field_fit import run_field_fit
from . import engine, update
from .field import SHIFT, STEP, SparseVoxels, rays_in_cells
from .grid import SOLID, SOLID_RAW, SparseGrid, grown, refined

RAYS = 8192  # per step
RESOLUTION = 224  # cells along the region's longest side, last level
STEPS = 1500
_PARTS = (0.2, 0.3, 0.5)  # of the steps, for each level
_RATES = (0.1, 0.05, 0.02)  # Adam's rates of density, colour and direction (Sun 2022 has 0.1 for all)
_FINAL_RATE = 0.1  # of the rates, at the end
_ALPHA_WEIGHT = 0.5  # relative to colour
_DISTORTION_WEIGHT = 0.01  # Barron 2022, section 4; 0 leaves fog
_VARIATION = (1e-9, 1e-9)  # of density and colour, for each node and step
_VARIATION_PART = 0.125  # of the rows, in turn at each step
_HIDDEN = 0.02  # greatest transmittance of any ray, below which a node is hidden
_THIN = 0.1  # optical depth of a cell, below which it is empty
_VISIBILITY_RAYS = 1 << 20
_MOST_LAYERS = 8
_MARGIN_CELLS = 3.0  # around a mask, of the first level: pixels there carve the rest of the hull


def fit_sparse_voxels(
    views: Sequence[View], region: Region, options: FieldOptions, device: torch.device, folder: Path, report: Progress
) -> Fitted:
    """Fit sparse voxels to many views, on random rays. The engine computes on the CPU, whatever the device.

    Views with alpha carve the region and are composited over nothing; behind views without, the background has one colour,
    which is fitted. Raises a bad-input problem where masks leave nothing of the region.
    """
    steps = options.field_steps or STEPS
    fitting = SparseVoxelFit(views, region, options.field_resolution or RESOLUTION, steps, options.field_seed, report)
    outcome = run_field_fit(fitting, steps, views, options, folder, report)
    fitting.fill_hidden()
    engine = f"numba {numba.__version__}, cpu"
    return Fitted(field=fitting.current(), steps=outcome.steps, engine=engine, notes=outcome.notes)


class SparseVoxelFit:
    """The fit in progress: a `FieldFit`."""

    def __init__(self, views: Sequence[View], region: Region, resolution: int, steps: int, seed: int, report: Progress) -> None:
        self._region, self._seed, self._report, self._rays, self._steps = region, seed, report, RAYS, steps
        self._resolutions = [max(8, resolution // 4), max(8, resolution // 2), resolution]
        self._starts = [0, round(_PARTS[0] * steps), round((_PARTS[0] + _PARTS[1]) * steps)]
        lattice = Lattice.over(region, self._resolutions[0] + 1)
        cell_px = _cell_px(views, region, lattice.step)
        self._pool = RayPool(views, margin_px=_MARGIN_CELLS * cell_px)
        report(0.0, "carving the region with the masks")
        live = visual_hull(views, lattice, dilation_px=0.5 * cell_px, spared=len(views) // 25)
        if not live.any():
            raise bad_input("the masks leave nothing of the region", "check that masks are white on the subject, and the cameras")
        self._level = 0
        self._background = np.zeros((3, 3))  # colour's logit, Adam's mean and square
        self._use(SparseGrid.of_nodes(lattice, live))

    def step(self, number: int) -> float:
        for level in range(self._level + 1, len(self._starts)):
            if number >= self._starts[level]:
                self._refine(level)
        rays = self._pool.draw(self._rays, torch.Generator().manual_seed(self._seed * 1_000_003 + number))
        targets = torch.cat([rays.premultiplied, rays.alpha[:, None]], dim=1).numpy()
        jitter = np.random.default_rng((self._seed, number)).random(self._rays, dtype=np.float32)
        grid, mean = self._grid, 1.0 / self._rays
        background = 1 / (1 + np.exp(-self._background[0]))
        progress = number / max(1, self._steps)
        sums = engine.fit_rays(
            rays_in_cells(grid.lattice, rays.origins, rays.directions),
            targets,
            jitter,
            self._marched(),
            engine.LossWeights(_ALPHA_WEIGHT, _DISTORTION_WEIGHT * min(1.0, 2 * progress), mean, *map(float, background)),
            self._gradient,
        ).sum(0)
        self._smooth(number)
        rate = _FINAL_RATE**progress
        rates = np.zeros(engine.CHANNELS, np.float32)
        rates[0], rates[1:4], rates[4:13] = (rate * value for value in _RATES)
        update.adam(grid.table, self._gradient, self._mean, self._square, rates, number + 1 - self._starts[self._level])
        self._step_background(sums[3:6] * background * (1 - background), 0.02 * rate, number + 1)
        return float((sums[0] + _ALPHA_WEIGHT * sums[1]) * mean)

    def state(self) -> State:
        lattice = self._grid.lattice
        return {
            "level": self._level,
            "rays": self._rays,
            "lattice": [*lattice.lowest, lattice.step],
            **{
                name: torch.from_numpy(array)
                for name, array in (
                    ("index", self._grid.index),
                    ("table", self._grid.table),
                    ("mean", self._mean),
                    ("square", self._square),
                    ("background", self._background),
                )
            },
        }

    def restore(self, state: State) -> None:
        index = state["index"].numpy().copy()
        x, y, z, step = state["lattice"]
        lattice = Lattice(lowest=(x, y, z), step=step, counts=index.shape)
        self._level, self._rays = state["level"], state["rays"]
        self._use(SparseGrid(lattice=lattice, index=index, table=state["table"].numpy().copy()))
        self._mean, self._square = state["mean"].numpy().copy(), state["square"].numpy().copy()
        self._background = state["background"].numpy().copy()

    def halve(self) -> str:
        self._rays = max(256, self._rays // 2)
        return f"{self._rays} rays per step"

    def size(self) -> str:
        return ""

    def current(self) -> Field:
        """The field, with densities per cell of the finest level."""
        grid = self._grid
        table = grid.table.copy()
        if self._unit != 1.0:
            optical_depth = self._unit * np.logaddexp(0, table[:, 0].astype(np.float64) + SHIFT)
            table[:, 0] = np.log(np.expm1(np.clip(optical_depth, 1e-12, SOLID_RAW))) - SHIFT
        return SparseVoxels(self._region, SparseGrid(lattice=grid.lattice, index=grid.index, table=table)).eval()

    def fill_hidden(self) -> None:
        """Fill nodes that no ray reaches as solid; surfaces keep their neighbouring nodes."""
        seen = self._transmittance() >= _HIDDEN
        self._grid.table[2:, 0] = np.where(seen[2:], self._grid.table[2:, 0], SOLID_RAW)

    def _use(self, grid: SparseGrid) -> None:
        """Continue with a grid, and with Adam's moments at zero."""
        self._grid, self._blocks, self._neighbours = grid, grid.blocks(), grid.neighbours()
        self._unit = self._resolutions[-1] / self._resolutions[self._level]  # cells of the last level in one of this
        layers = min(_MOST_LAYERS, numba.get_num_threads())
        self._gradient = np.zeros((layers, *grid.table.shape), np.float32)
        self._mean, self._square = np.zeros_like(grid.table), np.zeros_like(grid.table)

    def _marched(self) -> engine.Marched:
        grid = self._grid
        return engine.Marched(grid.table, grid.index, self._blocks, STEP, SHIFT, self._unit, self._level > 0, engine.THINNEST)

    def _refine(self, level: int) -> None:
        """Continue with a finer lattice."""
        grid = self._grid
        thick = self._unit * np.logaddexp(0, grid.dense(0) + SHIFT) > _THIN
        visible = (self._transmittance() >= _HIDDEN)[grid.index]
        visible |= grid.index == 0
        hidden = ~grown(visible, 2)
        self._level = level
        lattice = Lattice.over(self._region, self._resolutions[level] + 1)
        self._use(refined(grid, lattice, grown(thick, 1) & ~hidden, hidden))

    def _transmittance(self) -> NDArray[np.float32]:
        """(rows,) the greatest transmittance of any ray that passes each row."""
        grid = self._grid
        transmittance = np.zeros((len(self._gradient), len(grid.table)), np.float32)
        generator = torch.Generator().manual_seed(self._seed)
        for _ in range(_VISIBILITY_RAYS >> 15):
            self._report.check()
            rays = self._pool.draw(1 << 15, generator)
            within = rays_in_cells(grid.lattice, rays.origins, rays.directions)
            engine.greatest_transmittance(within, self._marched()._replace(thinnest=0.0), transmittance)
        transmittance[:, SOLID] = 0
        return transmittance.max(0)

    def _smooth(self, number: int) -> None:
        """Add the gradient of the total variation of some of the rows."""
        total = len(self._grid.table)
        parts = round(1 / _VARIATION_PART)
        first, last = number % parts * total // parts, (number % parts + 1) * total // parts
        weights = np.zeros(engine.CHANNELS, np.float32)
        weights[0], weights[1:13] = (2 * value * parts for value in _VARIATION)
        update.add_variation(self._grid.table, self._neighbours, weights, max(2, first), last, self._gradient[0])

    def _step_background(self, gradient: NDArray[np.float64], rate: float, count: int) -> None:
        """Adam's step for the one background colour."""
        logit, mean, square = self._background
        mean[:] = 0.9 * mean + 0.1 * gradient
        square[:] = 0.99 * square + 0.01 * gradient**2
        logit -= rate * (mean / (1 - 0.9**count)) / (np.sqrt(square / (1 - 0.99**count)) + 1e-12)


def _cell_px(views: Sequence[View], region: Region, step: float) -> float:
    """How many pixels a cell of `step` world units is wide in a typical view."""
    sizes = []
    for view in views:
        distance = float(np.linalg.norm(view.camera.position - region.centre))
        sizes.append(view.camera.focal_x * step / max(distance, 0.1 * region.radius))
    return max(1.0, float(np.median(sizes))) if math.isfinite(sum(sizes)) else 1.0
