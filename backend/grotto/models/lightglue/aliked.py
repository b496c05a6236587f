"""Points of a picture by ALIKED: places with a score and a descriptor, without size or orientation."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ..matching import MatchPoints

_STRIDE = 32  # of its coarsest layer


def aliked_points(network: nn.Module, picture: NDArray[np.uint8], most: int) -> MatchPoints:
    """At most `most` points of a picture, grey (h, w) or colour (h, w, 3), the surest first.

    Places are px with the middle of the first pixel at (0.5, 0.5); descriptors are (n, 128), of unit length. All points have one
    size and no orientation: two views of one place that are turned against each other get different descriptors.
    """
    height, width = picture.shape[:2]
    blank = np.zeros(0, np.float32)
    if min(height, width) < _STRIDE or most < 1:
        return MatchPoints(blank.reshape(0, 2), blank, blank, blank.reshape(0, 128), width, height, "aliked")
    colour = picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
    device = next(network.parameters()).device
    image = torch.from_numpy(np.ascontiguousarray(colour)).to(device).permute(2, 0, 1)[None].float() / 255
    detector: Any = network.dkd
    detector.top_k = detector.n_limit = most
    with torch.inference_mode():
        found = network(image)[0]
    order = found.keypoint_scores.argsort(descending=True, stable=True)
    place = found.keypoints[order].cpu().numpy() + 0.5
    count = len(place)
    return MatchPoints(
        place.astype(np.float32),
        np.ones(count, np.float32),
        np.zeros(count, np.float32),
        found.descriptors[order].float().cpu().numpy(),
        width,
        height,
        "aliked",
    )
