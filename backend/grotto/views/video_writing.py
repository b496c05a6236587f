"""Write frames as an MP4 video."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import cv2
import numpy as np
from numpy.typing import NDArray

from ..contract import missing_resource


class VideoWriter:
    """An open MP4 file; use it as a context. Encoders accept even sides only: an odd row or column is cut off."""

    def __init__(self, path: Path, width: int, height: int, frames_per_second: float) -> None:
        """Raises a missing-resource problem where no encoder is installed."""
        self._size = width - width % 2, height - height % 2
        self._file = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), frames_per_second, self._size)
        if not self._file.isOpened():
            raise missing_resource(
                "no encoder for MP4 was found", "set the number of frames of the orbit to 0, or install OpenCV's own build"
            )

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.release()

    def write(self, picture: NDArray[np.floating]) -> None:
        """Append a frame (h, w, 3) of sRGB values 0 to 1."""
        width, height = self._size
        blue_first = np.ascontiguousarray((np.clip(picture, 0, 1)[..., ::-1] * 255 + 0.5).astype(np.uint8))
        self._file.write(blue_first[:height, :width])
