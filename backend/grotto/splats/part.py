"""Some of the splats among all: which share of each pixel they are."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from ..scene import Camera
from .gaussians import Gaussians
from .raster import base_of_colours, splat


def part_opacity(gaussians: Gaussians, part: NDArray[np.bool_], camera: Camera) -> NDArray[np.float32]:
    """(height, width) opacity of the splats in `part` (n,), behind and before all others."""
    colours = torch.from_numpy(np.repeat(part.astype(np.float32)[:, None], 3, axis=1)).to(gaussians.means.device)
    marked = gaussians.with_tensors(base=base_of_colours(colours), rest=torch.zeros_like(gaussians.rest))
    with torch.no_grad():
        seen = splat(marked, camera, degree=0, geometry=False)
    return seen.colour[..., 0].clamp(0, 1).cpu().numpy().astype(np.float32)
