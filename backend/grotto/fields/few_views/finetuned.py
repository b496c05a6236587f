"""ZeroRF on a coarse lattice, then voxels finetuned from it on the full one.

After a few hundred steps the generator still blurs patterns that its pictures show. On a coarse lattice it converges sooner.
Voxels that start from its values, with total variation on their change alone, restore the patterns without the floaters of
voxels that start from nothing. ZeroRF itself has one lattice and 10,000 steps; docs/benchmarks/core.md has both.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ...fitting import State
from .live_fit import LiveVoxelFit
from .live_voxels import LiveVoxels
from .voxel import VoxelValues

COARSER = 2 / 3  # of the nodes per side, while the generator is fitted
FEWER_RAYS = 3 / 4  # of the pictures' sides, likewise
FINETUNED_PART = 0.2  # of the steps
LEARNING_RATE = 0.02
CHANGE_TV_WEIGHT = 1e-2


class FinetunedValues(VoxelValues):
    """Raw values (n, 4) of live nodes that start from those of a generator."""

    def __init__(self, triples: Tensor, counts: tuple[int, int, int], start: Tensor) -> None:
        """triples (n, 3): the live nodes of a lattice with these counts. start (n, 4): where their values begin."""
        super().__init__(triples, counts)
        self.register_buffer("start", start.clone())
        with torch.no_grad():
            self.values.copy_(start)

    def penalty(self) -> Tensor:
        """Total variation of the change since the start, so that edges of the generator stay sharp."""
        return self.total_variation(self.values - self.get_buffer("start")) * CHANGE_TV_WEIGHT


class GeneratedThenFinetuned:
    """Both fits as one: a `FieldFit`."""

    def __init__(self, generated: LiveVoxelFit, finetune: Callable[[LiveVoxels], LiveVoxelFit], steps: int) -> None:
        """generated: the coarse fit. finetune: makes the fine one from its field. steps: of both."""
        self._generated, self._finetune = generated, finetune
        self._crossing = steps - round(FINETUNED_PART * steps)
        self._finetuned: LiveVoxelFit | None = None

    def step(self, number: int) -> float:
        if number < self._crossing:
            return self._generated.step(number)
        if self._finetuned is None:
            self._finetuned = self._begin()
        return self._finetuned.step(number - self._crossing)

    def state(self) -> State:
        return {"generated": self._generated.state(), "finetuned": None if self._finetuned is None else self._finetuned.state()}

    def restore(self, state: State) -> None:
        self._generated.restore(state["generated"])
        self._finetuned = None
        if state["finetuned"] is not None:
            self._finetuned = self._begin()
            self._finetuned.restore(state["finetuned"])

    def halve(self) -> str:
        return self._latest().halve()

    def size(self) -> str:
        return ""

    def current(self) -> LiveVoxels:
        return self._latest().current()

    def result(self) -> LiveVoxels:
        """The field at the end: the coarse one where the fit ended early."""
        return self._latest().result()

    def _begin(self) -> LiveVoxelFit:
        finetuned = self._finetune(self._generated.current())
        finetuned.take_over(self._generated)
        return finetuned

    def _latest(self) -> LiveVoxelFit:
        return self._generated if self._finetuned is None else self._finetuned
