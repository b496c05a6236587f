"""What surrounds a subject, as a renderer of the whole scene shows it: the subject's own pixels say nothing about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ..scene import Camera, Region, Rendered
from .box_mask import surface_in_box

_GROUND = 0.06  # of the box's height: what is no higher is the ground in it
_RIM = 0.012  # of the picture's longer side: rendered depths along an outline are those of neither side


def surroundings(render: Callable[[Camera], Rendered], subject: Region, up: NDArray[np.floating]) -> Callable[[Camera], Rendered]:
    """The renderer without depths where it shows what stands in the subject's box, or the rim of that. up (3,): of the world.

    On a grid for a whole scene the subject would be a few cells large: a lump, which hides the subject's own mesh.
    """
    axis = int(np.argmax(np.abs(up)))
    low, high = subject.low.copy(), subject.high.copy()
    rise = _GROUND * (high[axis] - low[axis])
    if up[axis] > 0:
        low[axis] += rise
    else:
        high[axis] -= rise
    (a, b, c), (d, e, f) = low.tolist(), high.tolist()
    standing = Region(lowest=(a, b, c), highest=(d, e, f), bounded=True)

    def around(camera: Camera) -> Rendered:
        seen = render(camera)
        side = 2 * max(1, round(_RIM * max(camera.width, camera.height))) + 1
        hidden = cv2.dilate(surface_in_box(standing, camera, seen), np.ones((side, side), np.uint8)) > 0
        depth = np.where(hidden, 0, seen.depth).astype(np.float32)
        return replace(seen, depth=depth, opacity=np.where(hidden, 1, seen.opacity).astype(np.float32))

    return around
