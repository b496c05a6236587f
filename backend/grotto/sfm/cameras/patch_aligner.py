"""Photos opened for alignment, and the engine that aligns them: torch where there is CUDA, else OpenCV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...contract import Progress
from ...fitting import choose_gpu, memory_shortage, release_cached_memory
from ...photos import Photo, read_image
from .alignment import AlignmentEngine, OpenCVAlignment, align_patches

if TYPE_CHECKING:
    import torch

OPEN_BYTES = 1_200_000_000  # of flat photos held at once
ON_CPU = "OpenCV, CPU"
Side = tuple[Photo, float]  # a photo, and how many times larger than the other it shows things


class PatchAligner:
    """Aligns pairs of photos one after the other, and keeps the last photos open."""

    def __init__(self, device: torch.device | None = None) -> None:
        """`device`: where torch is to compute; None for OpenCV on the CPU."""
        self.engine: AlignmentEngine[Any] = OpenCVAlignment()
        self._on_device = device is not None
        self.name = ON_CPU  # of the engine that aligned last
        self._open: dict[tuple[str, float], Any] = {}
        if device is not None:
            from .alignment_torch import TorchAlignment  # here, as without a GPU no torch is loaded

            self.engine = TorchAlignment(device)
            self.name = f"torch, {device.type}"

    @classmethod
    def chosen(cls, report: Progress) -> PatchAligner:
        """On CUDA where it can be used, else on the CPU; why a GPU is not used is noted."""
        return cls(choose_gpu(report))

    def align(
        self, sides: tuple[Side, Side], start: NDArray[np.float64], goal: NDArray[np.float64], report: Progress
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """`align_patches` of the second photo to the first. Where GPU memory is exhausted, OpenCV goes on, with a note."""
        if not self._on_device:
            return self._align(sides, start, goal)
        import torch

        try:
            return self._align(sides, start, goal)
        except torch.OutOfMemoryError as error:
            report.note(f"{memory_shortage(error)}: patches were aligned on the CPU from there on")
        self.close()
        self.engine, self._on_device, self.name = OpenCVAlignment(), False, f"{self.name}, then {ON_CPU}"
        release_cached_memory()
        return self._align(sides, start, goal)

    def close(self) -> None:
        """Give the open photos up."""
        self._open.clear()

    def _align(
        self, sides: tuple[Side, Side], start: NDArray[np.float64], goal: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        reference, other = (self._flat(*side) for side in sides)
        return align_patches(reference, other, start, goal, self.engine)

    def _flat(self, photo: Photo, finer: float) -> Any:
        key = photo.name, finer
        if key not in self._open:
            while len(self._open) > 2 and sum(flat.nbytes for flat in self._open.values()) > OPEN_BYTES:
                self._open.pop(next(iter(self._open)))
            self._open[key] = self.engine.flatten(read_image(photo), finer)
        return self._open[key]
