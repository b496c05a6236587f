"""What the fit of live voxels optimises: a network that gives the raw values of live nodes."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn


class NodeValues(nn.Module, ABC):
    """Raw values (n, 4) of live nodes: density, colour."""

    @abstractmethod
    def forward(self, wanted: Tensor | None = None) -> Tensor:
        """Raw values of all live nodes, or of some, by their numbers (k,)."""

    @abstractmethod
    def penalty(self) -> Tensor | float:
        """The regulariser, which is added to the loss."""
