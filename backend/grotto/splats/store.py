"""Fitted splats as a stage's artefact: a description in JSON, the splats as PLY; and rendering them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ..contract import Progress, missing_resource
from ..fitting import choose_device
from ..formats import Artefact, read_splat_ply
from ..scene import Camera, Region, Rendered
from .gaussians import Gaussians, Kind, from_cloud
from .raster import splat

SPLATS_FILE = "splats.ply"


@dataclass(frozen=True, kw_only=True)
class Splats(Artefact):
    """Splats of a scene."""

    kind: Kind
    count: int
    degree: int  # of the spherical harmonics
    steps: int  # completed
    engine: str  # of compositing: numba, torch or gsplat, and the device
    device: str = "cpu"  # where they were fitted: cuda or cpu
    region: Region
    losses: tuple[str, ...]  # terms that were minimised
    gains: dict[str, tuple[float, float, float]]  # factors of the splats' colours, by name of the photo
    seconds: float  # of wall time
    notes: tuple[str, ...] = ()
    file: str = SPLATS_FILE


def splat_device(artefact: Splats, report: Progress) -> torch.device:
    """The device on which splats were fitted; the CPU, with a note, where CUDA cannot be used any more."""
    return choose_device(report, "cpu" if artefact.device == "cpu" else "auto", package="gsplat")


def load_splats(artefact: Splats, device: torch.device) -> Gaussians:
    """The splats of an artefact on a device. Raises a missing resource where their file is absent."""
    path = artefact.folder / artefact.file
    if not path.is_file():
        raise missing_resource(f"{path.name} of the splats is missing", "fit the splats again")
    return from_cloud(read_splat_ply(path), artefact.kind).to(device)


def render_splats(gaussians: Gaussians, camera: Camera, *, engine: str = "auto") -> Rendered:
    """Render splats through a camera, with depth and normals."""
    with torch.no_grad():
        seen = splat(gaussians, camera, engine=engine)
    if seen.depth is None or seen.depth_expected is None or seen.normal is None:
        raise ValueError("the engine gave no depth")
    normal = torch.nn.functional.normalize(seen.normal, dim=-1)
    arrays = [
        tensor.detach().cpu().numpy().astype(np.float32)
        for tensor in (seen.colour, seen.opacity, seen.depth, seen.depth_expected, normal)
    ]
    colour, opacity, depth, expected, normals = arrays
    return Rendered(colour=colour, opacity=opacity, depth=depth, depth_expected=expected, normal=normals)
