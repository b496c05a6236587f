"""ZeroRF on a coarse lattice, then its values set free on the full one.

A generator of a few hundred steps leaves patterns blurred that its six pictures show. Coarse, it converges sooner; and free
values that begin where it ended, and whose change alone is held smooth, bring the patterns back without the phantoms that
free values make from nothing. ZeroRF itself has one lattice and 10,000 steps; docs/benchmarks/core.md has both ways.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..loop import State
from .live_fit import LiveFitting
from .live_voxels import LiveVoxels
from .voxel import VoxelValues

COARSER = 2 / 3  # of the nodes a side, while the generator is fitted
FEWER_RAYS = 3 / 4  # of the pictures' sides, likewise
FREED_PART = 0.2  # of the steps
LEARNING_RATE = 0.02
CHANGE_TV_WEIGHT = 1e-2  # 3e-2 is blunter on the knot, 1e-3 no sharper; 1e-1 for densities costs thin parts .8 dB


class FreedValues(VoxelValues):
    """Raw values (n, 4) of live nodes that go on from what a generator found."""

    def __init__(self, triples: Tensor, counts: tuple[int, int, int], start: Tensor) -> None:
        """triples (n, 3): the live nodes of a lattice with these counts. start (n, 4): where their values begin."""
        super().__init__(triples, counts)
        self.register_buffer("start", start.clone())
        with torch.no_grad():
            self.values.copy_(start)

    def penalty(self) -> Tensor:
        """Mean squared difference of neighbours' changes along each axis: what the generator made sharp may stay so."""
        return self.total_variation(self.values - self.get_buffer("start")) * CHANGE_TV_WEIGHT


class GeneratedThenFree:
    """Both fits as one in progress: see `loop.Fitting`."""

    def __init__(self, generated: LiveFitting, free: Callable[[LiveVoxels], LiveFitting], steps: int) -> None:
        """generated: the coarse fit. free: makes the fine one from its field. steps: of both."""
        self._generated, self._free = generated, free
        self._crossing = steps - round(FREED_PART * steps)
        self._freed: LiveFitting | None = None

    def step(self, number: int) -> float:
        if number < self._crossing:
            return self._generated.step(number)
        if self._freed is None:
            self._freed = self._begin()
        return self._freed.step(number - self._crossing)

    def state(self) -> State:
        return {"generated": self._generated.state(), "freed": None if self._freed is None else self._freed.state()}

    def restore(self, state: State) -> None:
        self._generated.restore(state["generated"])
        self._freed = None
        if state["freed"] is not None:
            self._freed = self._begin()
            self._freed.restore(state["freed"])

    def halve(self) -> int:
        return self._latest().halve()

    def current(self) -> LiveVoxels:
        return self._latest().current()

    def finished(self) -> LiveVoxels:
        """The field at the end; a coarse one where the fit ended before its values were freed."""
        return self._latest().finished()

    def _begin(self) -> LiveFitting:
        freed = self._free(self._generated.current())
        freed.go_on_from(self._generated)
        return freed

    def _latest(self) -> LiveFitting:
        return self._generated if self._freed is None else self._freed
