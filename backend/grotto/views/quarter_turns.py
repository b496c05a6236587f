"""Which side of a mesh a picture shows: its outline against those of the mesh from four sides."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..formats import Mesh
from ..masks import box_slices, mask_bounds
from ..scene import Camera, look_at

_OUTLINE_PX = 96  # longer side of the outlines that are compared
_FAR = 100.0  # of the mesh's size: nearly orthographic


def outline_iou_by_turn(shape: Mesh, alpha: NDArray[np.float32]) -> list[float]:
    """Intersection over union of a mesh's outline from the front (-y) with a picture's (h, w), both fitted to their boxes.

    Four numbers: as it stands, and turned counter-clockwise by 90, 180 and 270 degrees.
    """
    import torch  # these two here, as rooms that only read photos would take seconds to load

    from ..render.mesh.differentiable import rasterise

    expected = _boxed(alpha > 0.5)
    points = shape.vertices.astype(np.float64)
    vertices, faces = torch.from_numpy(shape.vertices), torch.from_numpy(shape.faces.astype(np.int64))
    middle = 0.5 * (points.min(0) + points.max(0))
    size = float(np.linalg.norm(np.ptp(points, axis=0)))
    scores = []
    for quarter in range(4):
        turn = 0.5 * np.pi * quarter  # turning the mesh one way shows what a camera on the other side sees
        towards = np.array([-np.sin(turn), -np.cos(turn), 0.0])
        camera = Camera(
            camera_from_world=look_at(middle + _FAR * size * towards, middle),
            focal_x=2 * _FAR * _OUTLINE_PX,
            focal_y=2 * _FAR * _OUTLINE_PX,
            centre_x=_OUTLINE_PX,
            centre_y=_OUTLINE_PX,
            width=2 * _OUTLINE_PX,
            height=2 * _OUTLINE_PX,
        )
        rendered = _boxed(rasterise(vertices, faces, camera).face.numpy() >= 0)
        scores.append(float((rendered & expected).sum() / max((rendered | expected).sum(), 1)))
    return scores


def _boxed(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(side, side) the mask's bounding box fitted into a square without stretching; all False where the mask is."""
    square = np.zeros((_OUTLINE_PX, _OUTLINE_PX), np.bool_)
    bounds = mask_bounds(mask)
    if bounds is None:
        return square
    inside = mask[box_slices(bounds)]
    scale = _OUTLINE_PX / max(inside.shape)
    width, height = (max(1, round(scale * length)) for length in (inside.shape[1], inside.shape[0]))
    small = cv2.resize(inside.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA) > 0.5
    top, left = (_OUTLINE_PX - height) // 2, (_OUTLINE_PX - width) // 2
    square[top : top + height, left : left + width] = small
    return square
