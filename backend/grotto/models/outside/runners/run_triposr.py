"""TripoSR (Tochilkin et al., 2403.02151) by its own package `tsr`: colours at vertices, on its triplane's marching cubes.

After VAST-AI-Research/TripoSR, run.py and tsr/system.py: grey background, chunks of 8192 points, 256 nodes a side.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

_GREY = 0.5
_CHUNK = 8192
_NODES = 256


def generate(request: dict[str, Any], progress: Callable[[float, str], None]) -> dict[str, Any]:
    """A mesh with vertex colours as PLY. Frame: z up, the picture's camera on +x."""
    progress(0.02, "loading TripoSR")
    system = importlib.import_module("tsr.system").TSR
    numpy, torch, image = (importlib.import_module(name) for name in ("numpy", "torch", "PIL.Image"))
    device = "cuda:0" if request["device"] == "cuda" else "cpu"
    torch.manual_seed(request["seed"])
    model = system.from_pretrained(
        request["weights"] or "stabilityai/TripoSR", config_name="config.yaml", weight_name="model.ckpt"
    )
    model.renderer.set_chunk_size(_CHUNK)
    model.to(device)
    progress(0.4, "making the triplane")
    with image.open(request["picture"]) as opened:
        rgba = numpy.asarray(opened.convert("RGBA"), numpy.float32) / 255
    flat = rgba[..., :3] * rgba[..., 3:] + _GREY * (1 - rgba[..., 3:])
    picture = image.fromarray((flat * 255).astype(numpy.uint8))
    with torch.no_grad():
        codes = model([picture], device=device)
        progress(0.6, "taking the surface out of it")
        # Later versions ask whether vertices shall have colours, earlier ones always give them.
        asked = {"has_vertex_color": True} if "has_vertex_color" in inspect.signature(model.extract_mesh).parameters else {}
        mesh = model.extract_mesh(codes, resolution=_NODES, **asked)[0]
    progress(0.95, "writing")
    mesh.export(str(Path(request["out"], "mesh.ply")))
    return {"mesh": "mesh.ply", "up": "+z", "front": "+x", "device": device, "seeded": False}
