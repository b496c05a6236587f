"""Hunyuan3D 2.0 (Zhao et al., 2501.12202) or 2.1 (2506.15442) by the packages of its checkout: shape, then paint.

After Tencent/Hunyuan3D-2, examples/textured_shape_gen.py, and Tencent-Hunyuan/Hunyuan3D-2.1, demo.py.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_VIEWS_2_1, _VIEW_PX_2_1 = 6, 512


def generate(request: dict[str, Any], progress: Callable[[float, str], None]) -> dict[str, Any]:
    """A mesh with a texture. Frame: glTF's, y up, the front on +z."""
    torch, image = importlib.import_module("torch"), importlib.import_module("PIL.Image")
    with image.open(request["picture"]) as opened:
        picture = opened.convert("RGBA")
    later = Path("hy3dshape").is_dir()
    progress(0.02, "loading Hunyuan3D's shape")
    if later:
        sys.path[:0] = [str(Path(name).absolute()) for name in ("hy3dshape", "hy3dpaint")]
    weights = request["weights"] or ("tencent/Hunyuan3D-2.1" if later else "tencent/Hunyuan3D-2")
    shape = importlib.import_module("hy3dshape.pipelines" if later else "hy3dgen.shapegen").Hunyuan3DDiTFlowMatchingPipeline
    pipeline = shape.from_pretrained(weights)
    progress(0.2, "making the shape")
    mesh = pipeline(image=picture, generator=torch.manual_seed(request["seed"]))[0]
    del pipeline
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    progress(0.5, "loading Hunyuan3D's paint")
    painted = (_painted_2_1 if later else _painted_2_0)(mesh, picture, weights, request, progress)
    return {"mesh": painted, "up": "+y", "front": "+z", "device": "cuda", "seeded": True}


def _painted_2_0(
    mesh: Any, picture: Any, weights: str, request: dict[str, Any], progress: Callable[[float, str], None]
) -> str:  # fmt: skip
    paint = importlib.import_module("hy3dgen.texgen").Hunyuan3DPaintPipeline.from_pretrained(weights)
    shape = importlib.import_module("hy3dgen.shapegen")
    for clean in (shape.FloaterRemover(), shape.DegenerateFaceRemover(), shape.FaceReducer()):
        mesh = clean(mesh)
    progress(0.6, "painting")
    mesh = paint(mesh, image=picture)
    progress(0.95, "writing")
    mesh.export(str(Path(request["out"], "mesh.glb")))
    return "mesh.glb"


def _painted_2_1(
    mesh: Any, picture: Any, weights: str, request: dict[str, Any], progress: Callable[[float, str], None]
) -> str:  # fmt: skip
    module = importlib.import_module("textureGenPipeline")
    settings = module.Hunyuan3DPaintConfig(_VIEWS_2_1, _VIEW_PX_2_1)
    settings.realesrgan_ckpt_path = "hy3dpaint/ckpt/RealESRGAN_x4plus.pth"
    settings.multiview_cfg_path = "hy3dpaint/cfgs/hunyuan-paint-pbr.yaml"
    settings.custom_pipeline = "hy3dpaint/hunyuanpaintpbr"
    if request["weights"]:
        settings.multiview_pretrained_path = weights
    paint = module.Hunyuan3DPaintPipeline(settings)
    bare = Path(request["out"], "shape.glb")
    mesh.export(str(bare))
    progress(0.6, "painting")
    paint(mesh_path=str(bare), image_path=picture, output_mesh_path=str(Path(request["out"], "mesh.obj")), save_glb=False)
    return "mesh.obj"
