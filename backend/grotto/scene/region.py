"""The region: the box of the world in which a fit looks for its subject."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Region:
    """An axis-aligned box in the world. Plain tuples, so that artefacts can hold it."""

    lowest: tuple[float, float, float]
    highest: tuple[float, float, float]
    bounded: bool  # the subject lies wholly inside and pictures have alpha; else the scene goes on outside

    @property
    def low(self) -> NDArray[np.float64]:
        """(3,)"""
        return np.asarray(self.lowest)

    @property
    def high(self) -> NDArray[np.float64]:
        """(3,)"""
        return np.asarray(self.highest)

    @property
    def centre(self) -> NDArray[np.float64]:
        """(3,)"""
        return 0.5 * (self.low + self.high)

    @property
    def size(self) -> NDArray[np.float64]:
        """(3,)"""
        return self.high - self.low

    @property
    def radius(self) -> float:
        """Half the longest side."""
        return float(0.5 * self.size.max())
