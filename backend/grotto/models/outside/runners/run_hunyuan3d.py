"""Hunyuan3D 2.0 (Zhao et al., 2501.12202) or 2.1 (2506.15442) by the packages of its checkout: shape, then paint.

The calls are those of Tencent/Hunyuan3D-2, minimal_demo.py and examples, and of Tencent-Hunyuan/Hunyuan3D-2.1, demo.py, in their
order; docs/generators.md lists them line by line. They differ for memory: the shape is deleted before the paint is loaded.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_NAME_2_0, _NAME_2_1 = "tencent/Hunyuan3D-2", "tencent/Hunyuan3D-2.1"
_VIEWS_2_1, _VIEW_PX_2_1 = 6, 512
_UPSCALER_2_1 = "hy3dpaint/ckpt/RealESRGAN_x4plus.pth"
_PARTS = {  # sub-folders of the weights
    _NAME_2_0: ("hunyuan3d-dit-v2-0", "hunyuan3d-delight-v2-0", "hunyuan3d-paint-v2-0-turbo"),
    _NAME_2_1: ("hunyuan3d-dit-v2-1", "hunyuan3d-paintpbr-v2-1"),
}
_DINO = "dinov2-giant"  # beside them where the user put it; else where the hub keeps facebook/dinov2-giant


class WeightsMissing(Exception):
    """A folder or file of weights is not where it should be."""


def generate(request: dict[str, Any], progress: Callable[[float, str], None]) -> dict[str, Any]:
    """A mesh with a texture, 2.1 with metallic and roughness, too. Frame: glTF's, y up, the front on +z."""
    torch, image = importlib.import_module("torch"), importlib.import_module("PIL.Image")
    with image.open(request["picture"]) as opened:
        picture = opened.convert("RGBA")
    later = Path("hy3dshape").is_dir()
    name = _NAME_2_1 if later else _NAME_2_0
    _check_weights(request["weights"], name)
    if later:
        _prepare_2_1()
    progress(0.02, "loading Hunyuan3D's shape")
    shape = importlib.import_module("hy3dshape.pipelines" if later else "hy3dgen.shapegen").Hunyuan3DDiTFlowMatchingPipeline
    pipeline = shape.from_pretrained(request["weights"] or name)
    progress(0.2, "making the shape")
    mesh = pipeline(image=picture, generator=torch.manual_seed(request["seed"]))[0]
    del pipeline
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    progress(0.5, "loading Hunyuan3D's paint")
    painted = (_painted_2_1 if later else _painted_2_0)(mesh, picture, request, progress)
    return {**painted, "up": "+y", "front": "+z", "device": "cuda", "seeded": True}


def _check_weights(folder: str, name: str) -> None:
    """Raise before hours of work where a named folder lacks a part, or 2.1 its upscaler."""
    lacking = [part for part in _PARTS[name] if folder and not Path(folder, part).is_dir()]
    if lacking:
        raise WeightsMissing(f"{folder} lacks {', '.join(lacking)} of {name}")
    if name == _NAME_2_1 and not Path(_UPSCALER_2_1).is_file():
        raise WeightsMissing(f"the checkout lacks {_UPSCALER_2_1}, which its README fetches with wget")


def _prepare_2_1() -> None:
    """What demo.py does before it loads anything: its two source folders on the path, and its patch of torchvision."""
    sys.path[:0] = [str(Path(name).absolute()) for name in ("hy3dpaint", "hy3dshape")]
    importlib.import_module("hy3dshape.pipelines")
    importlib.import_module("textureGenPipeline")
    try:
        # basicsr, which the upscaler is built on, imports a module that torchvision 0.17 removed.
        importlib.import_module("torchvision_fix").apply_fix()
    except ImportError as error:
        sys.stderr.write(f"torchvision was not patched: {error}\n")  # an older torchvision needs no patch


def _painted_2_0(mesh: Any, picture: Any, request: dict[str, Any], progress: Callable[[float, str], None]) -> dict[str, Any]:
    paint = importlib.import_module("hy3dgen.texgen").Hunyuan3DPaintPipeline.from_pretrained(request["weights"] or _NAME_2_0)
    shape = importlib.import_module("hy3dgen.shapegen")
    for clean in (shape.FloaterRemover(), shape.DegenerateFaceRemover(), shape.FaceReducer()):
        mesh = clean(mesh)
    progress(0.6, "painting")
    mesh = paint(mesh, image=picture)
    progress(0.95, "writing")
    mesh.export(str(Path(request["out"], "mesh.glb")))
    return {"mesh": "mesh.glb"}


def _painted_2_1(mesh: Any, picture: Any, request: dict[str, Any], progress: Callable[[float, str], None]) -> dict[str, Any]:
    out, weights = Path(request["out"]), request["weights"]
    bare = out / "shape.glb"
    mesh.export(str(bare))
    module = importlib.import_module("textureGenPipeline")
    settings = module.Hunyuan3DPaintConfig(_VIEWS_2_1, _VIEW_PX_2_1)
    settings.realesrgan_ckpt_path = _UPSCALER_2_1
    settings.multiview_cfg_path = "hy3dpaint/cfgs/hunyuan-paint-pbr.yaml"
    settings.custom_pipeline = "hy3dpaint/hunyuanpaintpbr"
    if weights and Path(weights, _DINO).is_dir():
        settings.dino_ckpt_path = str(Path(weights, _DINO))
    with _paint_from(weights):
        paint = module.Hunyuan3DPaintPipeline(settings)
    progress(0.6, "painting")
    paint(mesh_path=str(bare), image_path=picture, output_mesh_path=str(out / "mesh.obj"), save_glb=False)
    result = {"mesh": "mesh.obj"}
    finish = {"metallic": "mesh_metallic.jpg", "roughness": "mesh_roughness.jpg"}
    if all((out / file).is_file() for file in finish.values()):
        result.update(finish)
    return result


@contextmanager
def _paint_from(weights: str) -> Iterator[None]:
    """Let the paint find its weights in a folder: its own code takes the name of a repository only, and asks the hub for it."""
    if not weights:
        yield
        return
    hub = importlib.import_module("huggingface_hub")
    published = hub.snapshot_download

    def snapshot_download(repo_id: str, **named: Any) -> str:
        return weights if repo_id == _NAME_2_1 else str(published(repo_id=repo_id, **named))

    hub.snapshot_download = snapshot_download
    try:
        yield
    finally:
        hub.snapshot_download = published
