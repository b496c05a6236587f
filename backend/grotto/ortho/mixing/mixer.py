"""Which engine mixes photos: torch where there is CUDA, else OpenCV."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...contract import Progress
from ...fitting import choose_gpu, memory_shortage, release_cached_memory
from ..lattice import TileLattice
from ..photo_cache import PhotoCache
from . import opencv_mix
from .looks import Look

if TYPE_CHECKING:
    import torch

ON_CPU = "OpenCV, CPU"
Mix = Callable[[list[Look], TileLattice, PhotoCache, Progress], NDArray[np.uint8]]


class TileMixer:
    """Mixes what photos show of one tile after another."""

    def __init__(self, device: torch.device | None = None) -> None:
        """`device`: where torch is to compute; None for OpenCV on the CPU."""
        self._mix: Mix = opencv_mix.mix
        self._on_device = device is not None
        self.name = ON_CPU  # of the engines so far
        if device is not None:
            from .torch_mix import TorchMix  # here, as without a GPU no torch is loaded

            self._mix = TorchMix(device).mix
            self.name = f"torch, {device.type}"

    @classmethod
    def chosen(cls, report: Progress) -> TileMixer:
        """On CUDA where it can be used, else on the CPU; why a GPU is not used is noted."""
        return cls(choose_gpu(report))

    def mix(self, looks: list[Look], lattice: TileLattice, photos: PhotoCache, report: Progress) -> NDArray[np.uint8]:
        """sRGB (height, width, 3) of the tile's pixels. Where GPU memory is exhausted, OpenCV goes on, with a note."""
        if not self._on_device:
            return self._mix(looks, lattice, photos, report)
        import torch

        try:
            return self._mix(looks, lattice, photos, report)
        except torch.OutOfMemoryError as error:
            report.note(f"{memory_shortage(error)}: the orthophoto was drawn on the CPU from there on")
        self._mix, self._on_device, self.name = opencv_mix.mix, False, f"{self.name}, then {ON_CPU}"
        release_cached_memory()
        return self._mix(looks, lattice, photos, report)
