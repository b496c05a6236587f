"""Which face each texel lies in: the unwrapped triangles drawn into the texture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

_EDGE = 1e-4  # barycentric: two faces share the texels nearer than this to their common edge


@dataclass(frozen=True)
class TexelMap:
    """For a texture (h, w): the face under each texel's centre, -1 where there is none."""

    face: NDArray[np.int32]  # (h, w)
    overlap: int  # texels whose centre lies well inside of more than one face
    overlapping: NDArray[np.int64]  # (k,) faces that lie on others there

    def covered(self) -> NDArray[np.int64]:
        """(n,) the texels that lie in a face, row * w + column."""
        return np.flatnonzero(self.face.reshape(-1) >= 0)

    def weights(self, texels: NDArray[np.int64], uv: NDArray[np.float32], faces: NDArray[np.int32]) -> NDArray[np.float32]:
        """(n, 3) barycentric weights of `texels` (n,) in their faces."""
        height, width = self.face.shape
        corners = uv[faces[self.face.reshape(-1)[texels]]].astype(np.float64) * (width, height)
        centres = np.stack([texels % width + 0.5, texels // width + 0.5], axis=1)
        a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
        ab, ac, ap = b - a, c - a, centres - a
        doubled = ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]
        doubled = np.where(np.abs(doubled) < 1e-12, 1e-12, doubled)
        second = (ap[:, 0] * ac[:, 1] - ap[:, 1] * ac[:, 0]) / doubled
        third = (ab[:, 0] * ap[:, 1] - ab[:, 1] * ap[:, 0]) / doubled
        weights = np.clip(np.stack([1 - second - third, second, third], axis=1), 0, 1)
        return np.asarray(weights / weights.sum(1, keepdims=True), np.float32)

    def interpolated(
        self, texels: NDArray[np.int64], uv: NDArray[np.float32], faces: NDArray[np.int32], values: NDArray[np.floating]
    ) -> NDArray[np.float32]:
        """(n, c) the values (v, c) of the vertices at `texels` (n,), which is `weights` times the corners' in one pass."""
        found = np.empty((len(texels), values.shape[1]), np.float32)
        places = uv.astype(np.float64) * (self.face.shape[1], self.face.shape[0])
        _interpolate(texels, self.face, places, np.asarray(faces, np.int32), np.ascontiguousarray(values, np.float64), found)
        return found


def texel_map(uv: NDArray[np.float32], faces: NDArray[np.int32], side: int) -> TexelMap:
    """Draw faces (m, 3) with places `uv` (n, 2), 0 to 1 from the top left, into a texture of `side` x `side`."""
    face = np.full((side, side), -1, np.int32)
    over = np.zeros(len(faces), np.bool_)
    overlap = _draw(uv.astype(np.float64) * side, faces.astype(np.int64), face, over, _EDGE)
    return TexelMap(face, int(overlap), np.flatnonzero(over))


@njit(cache=True)
def _interpolate(texels, face, places, faces, values, found):  # type: ignore[no-untyped-def]  # compiled
    width = face.shape[1]
    for index in range(len(texels)):
        row, column = texels[index] // width, texels[index] % width
        a, b, c = faces[face[row, column]]
        ax, ay = places[a]
        abx, aby, acx, acy = places[b, 0] - ax, places[b, 1] - ay, places[c, 0] - ax, places[c, 1] - ay
        apx, apy = column + 0.5 - ax, row + 0.5 - ay
        doubled = abx * acy - aby * acx
        if abs(doubled) < 1e-12:
            doubled = 1e-12
        second, third = (apx * acy - apy * acx) / doubled, (abx * apy - aby * apx) / doubled
        first = min(max(1 - second - third, 0.0), 1.0)
        second, third = min(max(second, 0.0), 1.0), min(max(third, 0.0), 1.0)
        whole = first + second + third
        for k in range(found.shape[1]):
            found[index, k] = (first * values[a, k] + second * values[b, k] + third * values[c, k]) / whole


@njit(cache=True)
def _draw(places, faces, face, over, edge):  # type: ignore[no-untyped-def]  # compiled
    height, width = face.shape
    inside = np.zeros((height, width), np.uint8)  # 1: the centre lies well inside of the face that is drawn there
    overlap = 0
    for index in range(len(faces)):
        ax, ay = places[faces[index, 0]]
        bx, by = places[faces[index, 1]]
        cx, cy = places[faces[index, 2]]
        doubled = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if abs(doubled) < 1e-12:
            continue
        left = max(0, int(np.floor(min(ax, bx, cx) - 0.5)))
        right = min(width - 1, int(np.ceil(max(ax, bx, cx) - 0.5)))
        top = max(0, int(np.floor(min(ay, by, cy) - 0.5)))
        bottom = min(height - 1, int(np.ceil(max(ay, by, cy) - 0.5)))
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                px, py = column + 0.5 - ax, row + 0.5 - ay
                v = (px * (cy - ay) - py * (cx - ax)) / doubled
                w = ((bx - ax) * py - (by - ay) * px) / doubled
                least = min(v, w, 1.0 - v - w)
                if least < -1e-9:
                    continue
                deep = least > edge
                if deep and inside[row, column]:
                    overlap += 1
                    over[index] = True
                if deep or face[row, column] < 0:
                    face[row, column] = index
                if deep:
                    inside[row, column] = 1
    return overlap
