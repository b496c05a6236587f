"""InstantMesh (Xu et al., 2404.07191) from its checkout: six views by Zero123++ v1.2, triplane, FlexiCubes, texture.

The calls are those of TencentARC/InstantMesh, run.py, in its order; docs/generators.md lists them line by line. Two differ, for
memory: the network of the mesh waits on the CPU until the one of the views is deleted, and no video is made.
"""

from __future__ import annotations

import importlib
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

_CONFIG = "configs/instant-mesh-large.yaml"
_REPOSITORY = "TencentARC/InstantMesh"  # where run.py fetches its two files of weights
_VIEWS = "sudo-ai/zero123plus-v1.2"
_PIPELINE = "zero123plus"  # the checkout's own folder of the six views' pipeline, a community pipeline of the same name
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
    unet = _weights(request, wish.unet_path, Path(wish.unet_path).name)
    checkpoint = _weights(request, wish.model_path, Path(_CONFIG).stem.replace("-", "_") + ".ckpt")
    torch.manual_seed(request["seed"])
    device = torch.device(request["device"])
    progress(0.02, "loading Zero123++")
    pipeline = _six_view_pipeline(request, unet, torch, device)
    progress(0.12, "loading InstantMesh")
    model = importlib.import_module("src.utils.train_util").instantiate_from_config(settings.model_config)
    state = _tensors(torch, checkpoint)["state_dict"]
    taken = {key[len(_PREFIX) :]: value for key, value in state.items() if key.startswith(_PREFIX)}
    model.load_state_dict(taken, strict=True)
    progress(0.2, "drawing six views")
    with importlib.import_module("PIL.Image").open(request["picture"]) as opened:
        drawn = pipeline(opened.convert("RGBA"), num_inference_steps=_STEPS).images[0]
    views = _tiles(drawn, torch)
    del pipeline
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    progress(0.6, "making the mesh")
    model = model.to(device)
    model.init_flexicubes_geometry(device, fovy=_FOV_DEG)
    model = model.eval()
    cameras = importlib.import_module("src.utils.camera_util").get_zero123plus_input_cameras(batch_size=1, radius=_RADIUS)
    with torch.no_grad():
        planes = model.forward_planes(views.to(device), cameras.to(device))
        vertices, faces, uv, uv_faces, texture = model.extract_mesh(
            planes, use_texture_map=True, texture_resolution=request["texture_px"], render_resolution=wish.render_resolution
        )
    progress(0.95, "writing")
    importlib.import_module("src.utils.mesh_util").save_obj_with_mtl(
        *(part.data.cpu().numpy() for part in (vertices, uv, faces, uv_faces, texture.permute(1, 2, 0))),
        str(Path(request["out"], "mesh.obj")),
    )
    return {"mesh": "mesh.obj", "up": "+z", "front": "+x", "device": str(device), "seeded": True}


def _six_view_pipeline(request: dict[str, Any], unet: str, torch: Any, device: Any) -> Any:
    """Zero123++ with InstantMesh's network for a white ground, by the code in the checkout; nothing is asked of a server."""
    diffusers = importlib.import_module("diffusers")
    local = Path(request["weights"], Path(_VIEWS).name)
    pipeline = diffusers.DiffusionPipeline.from_pretrained(
        str(local) if request["weights"] and local.is_dir() else _VIEWS,
        custom_pipeline=str(Path(_PIPELINE).absolute()),
        torch_dtype=torch.float16,
        local_files_only=True,
    )
    pipeline.scheduler = diffusers.EulerAncestralDiscreteScheduler.from_config(
        pipeline.scheduler.config, timestep_spacing="trailing"
    )
    pipeline.unet.load_state_dict(_tensors(torch, unet), strict=True)
    return pipeline.to(device)


def _tiles(drawn: Any, torch: Any) -> Any:
    """(1, 6, 3, 320, 320) the tiles of a sheet of three rows and two columns, 0 to 1."""
    numpy = importlib.import_module("numpy")
    sheet = torch.from_numpy(numpy.asarray(drawn.convert("RGB"), numpy.float32) / 255)
    height, width = sheet.shape[0] // 3, sheet.shape[1] // 2
    tiles = sheet.reshape(3, height, 2, width, 3).permute(0, 2, 4, 1, 3).reshape(6, 3, height, width)
    if height != _VIEW_PX or width != _VIEW_PX:
        tiles = torch.nn.functional.interpolate(tiles, (_VIEW_PX, _VIEW_PX), mode="bicubic", antialias=True)
    return tiles.clamp(0, 1)[None]


def _weights(request: dict[str, Any], path: str, published: str) -> str:
    """A file of weights: in the folder that the user named, in the checkout, or where run.py's own download keeps it."""
    places = [Path(request["weights"], name) for name in {Path(path).name, published}] if request["weights"] else []
    for place in (*places, Path(path)):
        if place.is_file():
            return str(place)
    hub = importlib.import_module("huggingface_hub")
    try:
        return str(hub.hf_hub_download(repo_id=_REPOSITORY, filename=published, repo_type="model", local_files_only=True))
    except (OSError, ValueError) as error:
        raise WeightsMissing(f"{published} is neither in {Path(path).parent} nor where run.py keeps what it fetches") from error


def _tensors(torch: Any, path: str) -> Any:
    """Read a checkpoint without running code in it."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise WeightsMissing(f"{Path(path).name} is damaged, or holds more than tensors, which is not read: {error}") from error
