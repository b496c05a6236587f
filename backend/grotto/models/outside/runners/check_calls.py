"""Run a model's script on a real checkout whose functions keep their signatures and lose their bodies: do the calls fit?

Run as `python -I check_calls.py MODEL CHECKOUT`: nothing of the model's environment is needed, neither weights nor a GPU. It
imports the checkout's own modules, so that a name that moved or an argument that is gone is found; what only a real run shows
(quality, memory, the front) is not. The last line is JSON: calls, faults, modules that were not there.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import re
import sys
import tempfile
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
_OWN = {
    "triposr": ("tsr",),
    "trellis": ("trellis",),
    "instantmesh": ("src", "zero123plus"),
    "hunyuan3d": ("hy3dgen", "hy3dshape", "textureGenPipeline", "torchvision_fix", "utils", "DifferentiableRenderer"),
}


def triposr(checks: Any, request: dict[str, Any]) -> None:
    """TripoSR: tsr/system.py."""
    system = importlib.import_module("tsr.system")
    renderer = importlib.import_module("tsr.models.nerf_renderer").TriplaneNeRFRenderer
    answers = {"()": "codes", "extract_mesh": lambda *_, **__: [_ball()]}
    checks.replace(
        system.TSR, "from_pretrained", lambda *_, **__: checks.of(system.TSR, answers, renderer=checks.of(renderer, {}))
    )


def trellis(checks: Any, request: dict[str, Any]) -> None:
    """TRELLIS: trellis/pipelines and trellis/utils/postprocessing_utils.py."""
    kind = importlib.import_module("trellis.pipelines").TrellisImageTo3DPipeline
    made = {"mesh": ["mesh"], "gaussian": ["gaussian"]}
    checks.replace(kind, "from_pretrained", lambda *_, **__: checks.of(kind, {"run": lambda *_, **__: made}))
    checks.replace(importlib.import_module("trellis.utils.postprocessing_utils"), "to_glb", lambda *_, **__: _ball())


def instantmesh(checks: Any, request: dict[str, Any]) -> None:
    """InstantMesh: src/models/lrm_mesh.py, src/utils and the checkout's own zero123plus/pipeline.py."""
    import numpy
    import torch
    from PIL import Image

    _yaml_settings()
    for name in ("diffusion_pytorch_model.bin", "instant_mesh_large.ckpt"):
        Path(request["weights"], name).touch()
    pipeline = importlib.import_module("zero123plus.pipeline").Zero123PlusPipeline
    drawn = type("Drawn", (), {"images": [Image.fromarray(numpy.zeros((960, 640, 3), numpy.uint8))]})()
    unet = type("Unet", (), {"load_state_dict": lambda self, state, strict: None})()
    scheduler = type("Scheduler", (), {"config": {}})()
    diffusers = importlib.import_module("diffusers")

    def loaded(name: str, custom_pipeline: str, **_: Any) -> Any:
        if not Path(custom_pipeline, "pipeline.py").is_file():
            checks.faults.append(f"{custom_pipeline} holds no pipeline.py")
        return checks.of(pipeline, {"()": drawn}, unet=unet, scheduler=scheduler)

    checks.replace(diffusers.DiffusionPipeline, "from_pretrained", loaded)
    checks.replace(diffusers.EulerAncestralDiscreteScheduler, "from_config", scheduler)
    state = {"state_dict": {"lrm_generator.a": torch.zeros(1)}}
    checks.replace(torch, "load", lambda *_, **__: state)
    kind = importlib.import_module("src.models.lrm_mesh").InstantMesh
    corners = torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    faces = torch.tensor([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
    mesh = (corners, faces, corners[:, :2], faces, torch.full((3, 8, 8), 0.5))
    answers = {"forward_planes": "planes", "extract_mesh": lambda *_, **__: mesh}
    checks.replace(importlib.import_module("src.utils.train_util"), "instantiate_from_config", checks.of(kind, answers))
    # cameras and the writer run as they are
    importlib.import_module("src.utils.camera_util")
    importlib.import_module("src.utils.mesh_util")


def hunyuan3d(checks: Any, request: dict[str, Any]) -> None:
    """Hunyuan3D 2.0: hy3dgen; 2.1: hy3dshape/pipelines.py, hy3dpaint/textureGenPipeline.py and torchvision_fix.py."""
    later = Path("hy3dshape").is_dir()
    if not later:
        shape, paint = (importlib.import_module(f"hy3dgen.{name}") for name in ("shapegen", "texgen"))
        kind, painter = shape.Hunyuan3DDiTFlowMatchingPipeline, paint.Hunyuan3DPaintPipeline
        checks.replace(kind, "from_pretrained", lambda *_, **__: checks.of(kind, {"()": [_ball()]}))
        for name in ("FloaterRemover", "DegenerateFaceRemover", "FaceReducer"):
            checks.replace(shape, name, partial(checks.of, getattr(shape, name), {"()": _ball()}))
        checks.replace(painter, "from_pretrained", lambda *_, **__: checks.of(painter, {"()": _ball()}))
        for part in ("hunyuan3d-dit-v2-0", "hunyuan3d-delight-v2-0", "hunyuan3d-paint-v2-0-turbo"):
            Path(request["weights"], part).mkdir()
        return
    for part in ("hunyuan3d-dit-v2-1", "hunyuan3d-paintpbr-v2-1", "dinov2-giant"):
        Path(request["weights"], part).mkdir()
    _yaml_settings()
    sys.path[:0] = [str(Path(name).absolute()) for name in ("hy3dpaint", "hy3dshape")]
    kind = importlib.import_module("hy3dshape.pipelines").Hunyuan3DDiTFlowMatchingPipeline
    checks.replace(kind, "from_pretrained", lambda *_, **__: checks.of(kind, {"()": [_ball()]}))
    module = importlib.import_module("textureGenPipeline")
    fix = importlib.import_module("torchvision_fix")
    checks.replace(fix, "apply_fix", True)
    settings, painter = module.Hunyuan3DPaintConfig, module.Hunyuan3DPaintPipeline
    checks.replace(module, "Hunyuan3DPaintConfig", lambda *given: checks.holds(settings(*given), "Hunyuan3DPaintConfig"))

    def loaded(config: Any) -> Any:
        _paint_weights(checks, config, request)
        return checks.of(painter, {"()": _write_finish})

    checks.replace(module, "Hunyuan3DPaintPipeline", loaded)


def _paint_weights(checks: Any, config: Any, request: dict[str, Any]) -> None:
    """Run the paint's own loading up to the point where it opens its weights: it must be the folder that the request names."""
    diffusers, loading = importlib.import_module("diffusers"), importlib.import_module("utils.multiview_utils")
    opened: list[str] = []

    def stop(path: str, **_: Any) -> Any:
        opened.append(path)
        raise StopIteration

    checks.replace(diffusers.DiffusionPipeline, "from_pretrained", stop)
    with contextlib.suppress(StopIteration):
        loading.multiviewDiffusionNet(config)
    expected = str(Path(request["weights"], "hunyuan3d-paintpbr-v2-1"))
    if opened != [expected]:
        checks.faults.append(f"the paint opens {opened or 'nothing'} instead of {expected}")


def _write_finish(mesh_path: str, output_mesh_path: str, **_: Any) -> str:
    """Write what the paint would, with the checkout's own writer: its names of the maps are what the script looks for."""
    import numpy

    ball = _ball()
    map_, uv = numpy.full((8, 8, 3), 0.5), numpy.zeros((len(ball.vertices), 2))
    writer = importlib.import_module("DifferentiableRenderer.mesh_utils").save_obj_mesh
    writer(output_mesh_path, ball.vertices, ball.faces, uv, ball.faces, map_, metallic=map_, roughness=map_)
    return output_mesh_path


def _ball() -> Any:
    import trimesh

    return trimesh.creation.icosphere(subdivisions=1)


def _yaml_settings() -> None:
    """Put a reader of YAML in place of omegaconf where that is not installed."""
    import types

    yaml = importlib.import_module("yaml")

    class Named(dict[str, Any]):
        __getattr__ = dict.__getitem__

    def named(value: Any) -> Any:
        return Named({key: named(one) for key, one in value.items()}) if isinstance(value, dict) else value

    class OmegaConf:
        @staticmethod
        def load(path: str) -> Any:
            return named(yaml.safe_load(Path(path).read_text(encoding="utf-8")))

    module = sys.modules["omegaconf"] = types.ModuleType("omegaconf")
    module.OmegaConf = OmegaConf
    module.DictConfig = module.ListConfig = Named


_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    SystemExit,
    TypeError,
    ValueError,
)
_MOST_NAMES = 50  # that other versions of packages may lack
PREPARE: dict[str, Callable[[Any, dict[str, Any]], None]] = {
    "triposr": triposr,
    "trellis": trellis,
    "instantmesh": instantmesh,
    "hunyuan3d": hunyuan3d,
}


def main(model: str, checkout: str) -> int:
    """Check the calls of one model's script; 0 where all fit."""
    sys.path[:0] = [str(_HERE)]
    stand_ins, start = importlib.import_module("stand_ins"), importlib.import_module("start")
    sys.path[0] = checkout
    os.chdir(checkout)
    _decide_without_stand_ins()
    absent = stand_ins.allow_absent_modules(checkout, _OWN[model])
    checks = stand_ins.Checks()
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        weights, out = Path(folder, "weights"), Path(folder, "out")
        weights.mkdir()
        out.mkdir()
        request = {
            "weights": str(weights),
            "out": str(out),
            "picture": str(_picture(out)),
            "seed": 7,
            "texture_px": 64,
            "device": "cpu",
        }
        try:
            _prepared(model, checks, request, absent)
            script = start.script_of(model)
            script._check_weights = getattr(script, "_check_weights", None) and (lambda *_: None)
            result = script.generate(request, lambda fraction, message: None)
            lacking = [key for key in ("mesh", "metallic", "roughness") if key in result and not Path(out, result[key]).is_file()]
            checks.faults += [f"the result names {result[key]}, which is not there" for key in lacking]
        except _FAULTS as error:
            traceback.print_exc()
            checks.faults.append(f"{type(error).__name__}: {error}")
    sys.stdout.write(
        json.dumps({"calls": checks.calls, "faults": checks.faults, "absent": sorted(absent), "result": result}) + "\n"
    )
    return 1 if checks.faults else 0


def _decide_without_stand_ins() -> None:
    """Let big packages find out what is installed before anything stands in for it."""
    with contextlib.suppress(ImportError):
        importlib.import_module("diffusers.utils.import_utils")
    with contextlib.suppress(ImportError, AttributeError):
        importlib.import_module("transformers.utils.import_utils").is_torchvision_available()


def _prepared(model: str, checks: Any, request: dict[str, Any], absent: set[str]) -> None:
    """Import the checkout; a name that an installed package no longer has is made for it, as if the package were absent."""
    for _ in range(_MOST_NAMES):
        try:
            PREPARE[model](checks, request)
            return
        except ImportError as error:
            wanted = re.search(r"cannot import name '(\w+)' from '([\w.]+)'", str(error))
            if wanted is None or wanted[2].partition(".")[0] in _OWN[model] or wanted[2] not in sys.modules:
                raise
            setattr(sys.modules[wanted[2]], wanted[1], importlib.import_module("stand_ins").Absent)
            absent.add(f"{wanted[2].replace('.', ':')}:{wanted[1]}")
            for name in [name for name in sys.modules if name.partition(".")[0] in _OWN[model]]:
                del sys.modules[name]


def _picture(folder: Path) -> Path:
    from PIL import Image

    path = folder / "picture.png"
    Image.new("RGBA", (32, 32), (200, 100, 50, 255)).save(path)
    return path


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
