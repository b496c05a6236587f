"""Rays against triangles, by Embree: exact visibility, independent of the rasterisers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .camera import Camera

Array32 = NDArray[np.float32]

_AT_ONCE = 1 << 20  # rays; keeps the results of a call below 50 MB


@dataclass(frozen=True)
class Hits:
    """The first triangle on each ray; where there is none, `face` is -1 and `distance` infinite."""

    face: NDArray[np.int32]  # (n,)
    distance: Array32  # (n,) in lengths of the ray's direction
    barycentric: Array32  # (n, 3), weights of the face's corners


class RayCaster:
    """The triangles of a mesh, ready for rays. Both sides of a triangle are hit."""

    def __init__(self, vertices: NDArray[np.floating], faces: NDArray[np.integer]) -> None:
        """`vertices` (v, 3) and `faces` (f, 3)."""
        from embreex.mesh_construction import TriangleMesh
        from embreex.rtcore_scene import EmbreeScene

        self._scene = EmbreeScene(robust=True)  # without it, rays slip through shared edges
        TriangleMesh(self._scene, np.ascontiguousarray(vertices, np.float32), np.ascontiguousarray(faces, np.int32))

    def first(self, origins: NDArray[np.floating], directions: NDArray[np.floating]) -> Hits:
        """What rays from `origins` (n, 3) or (3,) along `directions` (n, 3), of any length, meet first."""
        count = len(directions)
        face, distance, barycentric = np.empty(count, np.int32), np.empty(count, np.float32), np.empty((count, 3), np.float32)
        starts = np.broadcast_to(np.asarray(origins, np.float32), (count, 3))
        for begin in range(0, count, _AT_ONCE):
            part = slice(begin, begin + _AT_ONCE)
            found = self._scene.run(
                np.ascontiguousarray(starts[part]), np.ascontiguousarray(directions[part], dtype=np.float32), output=True
            )
            face[part] = found["primID"]
            distance[part] = np.where(found["primID"] < 0, np.inf, found["tfar"])
            barycentric[part] = np.stack([1 - found["u"] - found["v"], found["u"], found["v"]], axis=1)
        return Hits(face, distance, barycentric)

    def through(self, camera: Camera) -> Hits:
        """The first hit of the ray through each pixel's centre, row by row; distances are depths along the view."""
        return self.first(camera.position, camera.directions().reshape(-1, 3))

    def visible(self, camera: Camera, points: NDArray[np.floating], tolerance: float) -> NDArray[np.bool_]:
        """Whether nothing lies between the camera and each point (n, 3); `tolerance` is a length before the point."""
        directions = points - camera.position
        length = np.linalg.norm(directions, axis=1)
        hits = self.first(camera.position, directions)
        return np.asarray(hits.distance * length >= length - tolerance)
