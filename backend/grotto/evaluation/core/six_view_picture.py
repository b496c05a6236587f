"""The picture of made objects next to their meshes from six views."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from ...formats import read_glb
from ...render.mesh import render_textured
from ...scene import camera_around
from ...synthetic import photograph
from ...synthetic.objects import make_object

_AZIMUTH_DEG, _ELEVATION_DEG = 60.0, 12.0  # half way between two of the six views
_PX = 240


def objects_picture(meshes: dict[str, Path], seed: int) -> Image.Image:
    """Draw the objects, and below them their textured meshes (GLB by object's name), from a place that no view had."""
    camera = camera_around(_AZIMUTH_DEG, _ELEVATION_DEG, _PX)
    columns = []
    for name, path in meshes.items():
        (truth,) = photograph(make_object(name, seed), [camera])
        made = np.clip(render_textured(read_glb(path), camera).over(1.0), 0, 1)
        columns.append(np.concatenate([truth.over(1.0), made]))
    return Image.fromarray((np.concatenate(columns, axis=1) * 255 + 0.5).astype(np.uint8))
