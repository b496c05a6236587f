"""Pictures of a fit in progress."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..contract import Progress

if TYPE_CHECKING:
    from ..scene import View

Picture = NDArray[np.float32]  # (h, w, 3) sRGB values, 0 to 1


class FitPreview:
    """Writes pictures of a fit and shows them through its progress."""

    def __init__(self, draw: Callable[[], Picture], folder: Path, report: Progress) -> None:
        """draw: renders the fit as it is now. folder: gets `preview_0.png` and `preview_1.png`, in turn."""
        self._draw, self._folder, self._report = draw, folder, report
        self._shown, self._count = time.monotonic(), 0

    def show_after(self, seconds: float) -> None:
        """Show a picture if the last one is older than this."""
        if time.monotonic() - self._shown >= seconds:
            self.show()

    def show(self) -> None:
        """Draw, write and show a picture. Names alternate, so that a picture on display is not overwritten."""
        from ..scene import write_picture

        path = self._folder / f"preview_{self._count % 2}.png"
        write_picture(path, self._draw())
        self._report.preview(path)
        self._shown, self._count = time.monotonic(), self._count + 1


def next_to(view: View, rendered: Picture, background: Picture | float = 1.0) -> Picture:
    """A view over a background, and to its right the rendered picture (h, w, 3) of the same camera."""
    return np.concatenate([view.over(background), rendered], axis=1)
