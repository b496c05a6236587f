"""Pictures of meshes with the colours of their vertices, supersampled, without gradients."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ....formats import Mesh
from ....scene import Camera, Rendered
from .raster import Raster, interpolate_seen, rasterise

_GREY = 0.7  # of meshes without colours


@torch.no_grad()
def render_mesh(mesh: Mesh, camera: Camera, *, samples: int = 2) -> Rendered:
    """The mesh with its vertices' colours (grey without), `samples` by `samples` for each pixel."""
    vertices, faces = _tensors(mesh.vertices, mesh.faces)
    raster = rasterise(vertices, faces, _finer(camera, samples))
    if mesh.colours is None:
        colour = torch.full((len(raster.pixels), 3), _GREY)
    else:
        colour = interpolate_seen(raster, faces, torch.from_numpy(np.ascontiguousarray(mesh.colours, np.float32)))
    return _rendered(raster, vertices, faces, colour, camera)


def _tensors(vertices: NDArray[np.floating], faces: NDArray[np.integer]) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(np.ascontiguousarray(vertices, np.float32)), torch.from_numpy(faces.astype(np.int64))


def _finer(camera: Camera, samples: int) -> Camera:
    return camera.resized(camera.width * samples, camera.height * samples)


def _rendered(raster: Raster, vertices: Tensor, faces: Tensor, colour: Tensor, camera: Camera) -> Rendered:
    """Averages over each pixel's samples; the depth is the middle one of those that meet the mesh."""
    corners = vertices.index_select(0, faces.index_select(0, raster.faces_seen).reshape(-1)).reshape(-1, 3, 3)
    normal = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal = torch.nn.functional.normalize(normal, dim=1) * torch.where(raster.front[raster.faces_seen], 1.0, -1.0)[:, None]
    depth = raster.depths[:, None]
    values = raster.spread(torch.cat([colour, torch.ones_like(depth), depth, normal], 1)).numpy()
    samples = raster.height // camera.height
    blocks = values.reshape(camera.height, samples, camera.width, samples, -1).swapaxes(1, 2)
    blocks = blocks.reshape(camera.height, camera.width, samples * samples, -1)
    mean = blocks.mean(2)
    opacity = mean[..., 3]
    met = np.sort(np.where(blocks[..., 3] > 0, blocks[..., 4], np.inf), axis=2)
    count = (blocks[..., 3] > 0).sum(2)
    middle = np.take_along_axis(met, np.maximum(0, (count - 1) // 2)[..., None], axis=2)[..., 0]
    length = np.linalg.norm(mean[..., 5:8], axis=-1, keepdims=True)
    return Rendered(
        colour=mean[..., :3],
        opacity=opacity,
        depth=np.where(2 * count >= samples * samples, middle, 0).astype(np.float32),
        depth_expected=np.where(count > 0, mean[..., 4] / np.maximum(opacity, 1e-9), 0).astype(np.float32),
        normal=(mean[..., 5:8] / np.maximum(length, 1e-9)).astype(np.float32),
    )
