"""TRELLIS (Xiang et al., 2412.01506) by its own package `trellis`: structured latents to a textured GLB.

After microsoft/TRELLIS, example.py: `TrellisImageTo3DPipeline.run`, then `postprocessing_utils.to_glb`. Samplers keep the
steps and guidance of the weights' own settings; a tenth of the triangles stays instead of a twentieth, since Grotto reduces them.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

_REMOVED = 0.9  # of the triangles


def generate(request: dict[str, Any], progress: Callable[[float, str], None]) -> dict[str, Any]:
    """A GLB with one texture. Frame: glTF's, y up, the front on +z."""
    os.environ.setdefault("SPCONV_ALGO", "native")  # the other way measures first, which only pays for many runs
    image = importlib.import_module("PIL.Image")
    progress(0.02, "loading TRELLIS")
    pipelines = importlib.import_module("trellis.pipelines")
    finishing = importlib.import_module("trellis.utils.postprocessing_utils")
    pipeline = pipelines.TrellisImageTo3DPipeline.from_pretrained(request["weights"] or "microsoft/TRELLIS-image-large")
    pipeline.cuda()
    progress(0.3, "sampling structure and latents")
    with image.open(request["picture"]) as opened:
        made = pipeline.run(opened.convert("RGBA"), seed=request["seed"], formats=["mesh", "gaussian"])
    progress(0.6, "baking its texture")
    mesh = finishing.to_glb(made["gaussian"][0], made["mesh"][0], simplify=_REMOVED, texture_size=request["texture_px"])
    progress(0.95, "writing")
    mesh.export(str(Path(request["out"], "mesh.glb")))
    return {"mesh": "mesh.glb", "up": "+y", "front": "+z", "device": "cuda", "seeded": True}
