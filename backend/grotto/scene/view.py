"""A picture with its camera, as the fits see it, and what a renderer gives back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from .camera import Camera


@dataclass(frozen=True, kw_only=True)
class View:
    """One picture without lens distortion. Colours are sRGB's values, 0 to 1, as the fits of all our sources use them."""

    name: str  # the user's name for the photo
    camera: Camera
    colour: NDArray[np.float32]  # (height, width, 3), straight (not multiplied with alpha)
    alpha: NDArray[np.float32] | None  # (height, width), 0 is not the subject; None: the whole picture belongs to the scene

    def over(self, background: float | NDArray[np.floating]) -> NDArray[np.float32]:
        """(height, width, 3): the picture over a background."""
        if self.alpha is None:
            return self.colour
        alpha = self.alpha[..., None]
        return (self.colour * alpha + np.asarray(background, np.float32) * (1 - alpha)).astype(np.float32)

    def fitted(self, longest_px: int) -> View:
        """The view with its longer side at most `longest_px`; areas are averaged, edges with their alpha."""
        camera = self.camera.fitted(longest_px)
        if camera is self.camera:
            return self
        size = (camera.width, camera.height)
        if self.alpha is None:
            reduced = np.asarray(cv2.resize(self.colour, size, interpolation=cv2.INTER_AREA), np.float32)
            return View(name=self.name, camera=camera, colour=reduced, alpha=None)
        alpha = cv2.resize(self.alpha, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        premultiplied = cv2.resize(self.colour * self.alpha[..., None], size, interpolation=cv2.INTER_AREA)
        colour = premultiplied / np.maximum(alpha, 1e-6)[..., None]
        return View(name=self.name, camera=camera, colour=np.clip(colour, 0, 1).astype(np.float32), alpha=alpha)


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """What a field, splats or a mesh look like through a camera. Colours are premultiplied: no background in them."""

    colour: NDArray[np.float32]  # (height, width, 3), sRGB's values times opacity
    opacity: NDArray[np.float32]  # (height, width)
    depth: NDArray[np.float32]  # (height, width) along the view (z of the camera), at the median; 0 where nothing is
    depth_expected: NDArray[np.float32] | None = None  # the same at the mean
    normal: NDArray[np.float32] | None = None  # (height, width, 3) in the world, unit where there is a surface

    def over(self, background: float | NDArray[np.floating]) -> NDArray[np.float32]:
        """(height, width, 3): the picture over a background."""
        return (self.colour + np.asarray(background, np.float32) * (1 - self.opacity[..., None])).astype(np.float32)


def write_picture(path: Path, colour: NDArray[np.floating]) -> None:
    """Write (height, width, 3) or (height, width, 4) values 0 to 1 as 8-bit PNG or JPEG, by the path's ending."""
    from PIL import Image

    values = np.clip(np.nan_to_num(colour) * 255 + 0.5, 0, 255).astype(np.uint8)
    Image.fromarray(values).save(path)
