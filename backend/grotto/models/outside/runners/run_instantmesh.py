"""InstantMesh (Xu et al., 2404.07191) from its checkout: six views by Zero123++ v1.2, triplane, FlexiCubes, texture.

After TencentARC/InstantMesh, run.py: its white-background UNet, 75 steps, Euler ancestral with trailing spacing, cameras at
radius 4, and `save_obj_with_mtl`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

_CONFIG = "configs/instant-mesh-large.yaml"
_STEPS = 75
_RADIUS = 4.0
_FOV_DEG = 30.0
_PREFIX = "lrm_generator."  # of the network's names in its checkpoint
_VIEW_PX = 320


class WeightsMissing(Exception):
    """A file of weights is not where the settings say."""


def generate(request: dict[str, Any], progress: Callable[[float, str], None]) -> dict[str, Any]:
    """An OBJ with material and texture. Frame: z up, the picture's camera on +x."""
    torch = importlib.import_module("torch")
    settings = importlib.import_module("omegaconf").OmegaConf.load(_CONFIG)
    wish = settings.infer_config
    torch.manual_seed(request["seed"])
    progress(0.02, "loading Zero123++")
    sheet = _six_views(request, _weights(request, wish.unet_path), torch, progress)
    progress(0.5, "loading InstantMesh")
    model = importlib.import_module("src.utils.train_util").instantiate_from_config(settings.model_config)
    state = torch.load(_weights(request, wish.model_path), map_location="cpu")["state_dict"]
    taken = {key[len(_PREFIX) :]: value for key, value in state.items() if key.startswith(_PREFIX)}
    model.load_state_dict(taken, strict=True)
    device = torch.device(request["device"])
    model = model.to(device)
    model.init_flexicubes_geometry(device, fovy=_FOV_DEG)
    model = model.eval()
    cameras = importlib.import_module("src.utils.camera_util").get_zero123plus_input_cameras(batch_size=1, radius=_RADIUS)
    progress(0.7, "making the mesh")
    with torch.no_grad():
        planes = model.forward_planes(sheet.to(device), cameras.to(device))
        vertices, faces, uv, uv_faces, texture = model.extract_mesh(
            planes, use_texture_map=True, texture_resolution=request["texture_px"], render_resolution=wish.render_resolution
        )
    progress(0.95, "writing")
    importlib.import_module("src.utils.mesh_util").save_obj_with_mtl(
        *(part.data.cpu().numpy() for part in (vertices, uv, faces, uv_faces, texture.permute(1, 2, 0))),
        str(Path(request["out"], "mesh.obj")),
    )
    return {"mesh": "mesh.obj", "up": "+z", "front": "+x", "device": str(device), "seeded": True}


def _six_views(request: dict[str, Any], unet: str, torch: Any, progress: Callable[[float, str], None]) -> Any:
    """(1, 6, 3, 320, 320) the tiles of the sheet that Zero123++ draws, 0 to 1."""
    numpy, image, diffusers = (importlib.import_module(name) for name in ("numpy", "PIL.Image", "diffusers"))
    pipeline = diffusers.DiffusionPipeline.from_pretrained(
        "sudo-ai/zero123plus-v1.2", custom_pipeline="zero123plus", torch_dtype=torch.float16
    )
    pipeline.scheduler = diffusers.EulerAncestralDiscreteScheduler.from_config(
        pipeline.scheduler.config, timestep_spacing="trailing"
    )
    pipeline.unet.load_state_dict(torch.load(unet, map_location="cpu"), strict=True)
    pipeline = pipeline.to(request["device"])
    progress(0.15, "drawing six views")
    with image.open(request["picture"]) as opened:
        drawn = pipeline(opened.convert("RGBA"), num_inference_steps=_STEPS).images[0]
    sheet = torch.from_numpy(numpy.asarray(drawn.convert("RGB"), numpy.float32) / 255)
    height, width = sheet.shape[0] // 3, sheet.shape[1] // 2
    tiles = sheet.reshape(3, height, 2, width, 3).permute(0, 2, 4, 1, 3).reshape(6, 3, height, width)
    if height != _VIEW_PX or width != _VIEW_PX:
        tiles = torch.nn.functional.interpolate(tiles, (_VIEW_PX, _VIEW_PX), mode="bicubic", antialias=True)
    return tiles.clamp(0, 1)[None]


def _weights(request: dict[str, Any], path: str) -> str:
    places = [Path(request["weights"], Path(path).name)] if request["weights"] else []
    for place in (*places, Path(path)):
        if place.is_file():
            return str(place)
    raise WeightsMissing(f"{path} is not there")
