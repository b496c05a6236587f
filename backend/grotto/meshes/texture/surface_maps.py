"""Maps for few faces: normals of a finer surface, and values of vertices, drawn into a texture (glTF 2.0, section 3.9)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .fill import pad_islands
from .texel_map import texel_map

Array32 = NDArray[np.float32]


def tangents_of(vertices: Array32, faces: NDArray[np.integer], uv: Array32, normals: Array32) -> Array32:
    """(n, 4) unit directions in which u grows, at right angles to the normals, and in w the sense of the third axis.

    The third axis cross(normal, tangent) * w points to where v, which grows downwards, falls: up in the picture.
    """
    corners, places = vertices[faces].astype(np.float64), uv[faces].astype(np.float64)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    du, dv = places[:, 1] - places[:, 0], places[:, 2] - places[:, 0]
    sense = np.sign(du[:, 0] * dv[:, 1] - du[:, 1] * dv[:, 0])[:, None]
    along_u = sense * (first * dv[:, 1:2] - second * du[:, 1:2])  # by area, as longer faces say more
    along_v = sense * (second * du[:, 0:1] - first * dv[:, 0:1])
    sums = np.zeros((2, len(vertices), 3))
    for corner in range(3):
        np.add.at(sums[0], faces[:, corner], along_u)
        np.add.at(sums[1], faces[:, corner], along_v)
    out = normals.astype(np.float64)
    tangent = sums[0] - (sums[0] * out).sum(1, keepdims=True) * out
    lengths = np.linalg.norm(tangent, axis=1, keepdims=True)
    some = np.where(np.abs(out[:, :1]) < 0.9, [[1.0, 0.0, 0.0]], [[0.0, 0.0, 1.0]])
    spare = np.cross(out, some)
    tangent = np.where(
        lengths > 1e-12, tangent / np.maximum(lengths, 1e-12), spare / np.linalg.norm(spare, axis=1, keepdims=True)
    )
    w = np.where((np.cross(out, tangent) * -sums[1]).sum(1) < 0, -1.0, 1.0)
    return np.column_stack([tangent, w]).astype(np.float32)


class TextureSpace:
    """The texels of a mesh's texture, and what vertices carry there."""

    def __init__(self, faces: NDArray[np.integer], uv: Array32, side_px: int) -> None:
        """faces (m, 3); uv (n, 2), 0 to 1 from the top left; a square texture of `side_px`."""
        self.side_px = side_px
        self._uv, self._faces = uv, np.asarray(faces, np.int32)
        self._texels = texel_map(self._uv, self._faces, side_px)
        self.covered = self._texels.covered()  # (k,) row * side_px + column

    def at_texels(self, values: NDArray[np.floating]) -> Array32:
        """(k,) or (k, c): the vertices' values (n,) or (n, c) at the covered texels."""
        found = self._texels.interpolated(self.covered, self._uv, self._faces, values.reshape(len(values), -1))
        return found[:, 0] if values.ndim == 1 else found

    def picture(self, values: NDArray[np.floating], empty: float) -> NDArray[np.uint8]:
        """(side, side) or (side, side, c) 8-bit picture of values 0 to 1 of the covered texels, continued beyond the islands."""
        columns = 1 if values.ndim == 1 else values.shape[1]
        whole = np.full((self.side_px**2, columns), empty, np.float32)
        whole[self.covered] = values.reshape(len(values), columns)
        covered = self._texels.face >= 0
        filled = pad_islands(whole.reshape(self.side_px, self.side_px, columns), covered) if covered.any() else whole
        made = (np.clip(filled, 0, 1) * 255 + 0.5).astype(np.uint8).reshape(self.side_px, self.side_px, columns)
        return made[..., 0] if values.ndim == 1 else made


def tangent_space(fine: Array32, normals: Array32, tangents: Array32) -> Array32:
    """(k, 3) fine unit normals as colours 0 to 1 in the frames of normals (k, 3) and tangents (k, 4), all interpolated.

    Fine normals that look away from the surface are taken for its own.
    """
    out = _unit(normals)
    tangent = _unit(tangents[:, :3] - (tangents[:, :3] * out).sum(1, keepdims=True) * out)
    third = np.cross(out, tangent) * np.where(tangents[:, 3:] < 0, -1.0, 1.0)
    local = np.stack([(fine * axis).sum(1) for axis in (tangent, third, out)], axis=1)
    local[local[:, 2] < 0.05] = (0.0, 0.0, 1.0)
    return np.asarray(0.5 * _unit(local) + 0.5, np.float32)


def _unit(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    found = np.asarray(vectors, np.float64)
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12))
