"""Which pixels of a rendered view show what lies in a box."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..scene import Camera, Region, Rendered


def inside_box(box: Region, points: NDArray[np.floating]) -> NDArray[np.bool_]:
    """(...) whether points (..., 3) lie in the box."""
    return np.asarray(((points >= box.low) & (points <= box.high)).all(axis=-1), np.bool_)


def surface_in_box(box: Region, camera: Camera, seen: Rendered) -> NDArray[np.uint8]:
    """(h, w) 1 where what is rendered has its surface in the box."""
    points = camera.position + seen.depth[..., None] * camera.directions()
    return np.asarray(inside_box(box, points) & (seen.depth > 0), np.uint8)


def box_mask(surface: NDArray[np.uint8], opacity: NDArray[np.float32], share: NDArray[np.float32]) -> NDArray[np.float32]:
    """(h, w): the opacity where the surface of a pixel and of all about it lies in the box, 0 where none of them does.

    Between, along outlines, it is the share of the pixel that what stands in the box has.
    """
    about = np.ones((3, 3), np.uint8)
    rim = np.where(cv2.dilate(surface, about) > 0, share, 0)
    return np.where(cv2.erode(surface, about) > 0, opacity, rim).astype(np.float32)
