"""How far a mesh of a subject in its scene is from the true one, where its surroundings may be part of the mesh."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...formats import Mesh, TexturedMesh
from ...meshes.remesh import nearest_on_mesh
from ...metrics import sample_surface
from ...scene import Camera, RayCaster

_SAMPLES = 30_000
_TOLERANCE = 2e-3  # heights of the subject: what lies nearer before a point does not hide it
_FEWEST_VIEWS = 2  # photos that show a true point: others are unknown to any scan
_EVEN = 0.04, 0.4  # heights of the subject: longest edges of subjects and surroundings, so that the nearest face is a neighbour


def subject_chamfer(
    mesh: TexturedMesh | Mesh, subject: Mesh, surroundings: Mesh, cameras: Sequence[Camera], samples: int = _SAMPLES
) -> float:
    """Half the sum of both mean distances to the other surface, in the world's unit.

    From truth to mesh: the points of the true subject that two of the cameras see or more. From mesh to truth: the points of
    the mesh that at least one camera sees and to which the subject is nearer than its surroundings. A mesh without any is as far
    away as the subject is high.
    """
    height = float(np.ptp(subject.vertices[:, 2]))
    goals = sample_surface(subject, samples, 1)[0]
    goals = goals[_views_of(_joined(subject, surroundings), cameras, goals, _TOLERANCE * height) >= _FEWEST_VIEWS]
    plain = _even(Mesh(vertices=mesh.vertices, faces=mesh.faces.astype(np.int32)), _EVEN[0] * height)
    points = sample_surface(plain, 2 * samples, 0)[0]
    points = points[_views_of(plain, cameras, points, _TOLERANCE * height) >= 1]
    to_subject = nearest_on_mesh(_even(subject, _EVEN[0] * height), points).distance
    to_others = nearest_on_mesh(_even(surroundings, _EVEN[1] * height), points).distance
    mine = to_subject[to_subject < to_others]
    if not len(mine):
        return height
    return 0.5 * float(mine.mean() + nearest_on_mesh(plain, goals).distance.mean())


def _even(mesh: Mesh, longest: float) -> Mesh:
    from trimesh.remesh import subdivide_to_size

    vertices, faces = subdivide_to_size(mesh.vertices, mesh.faces, longest, max_iter=12)  # type: ignore[no-untyped-call]
    return Mesh(vertices=np.asarray(vertices, np.float32), faces=np.asarray(faces, np.int32))


def _joined(first: Mesh, second: Mesh) -> Mesh:
    faces = np.concatenate([first.faces, second.faces + len(first.vertices)])
    return Mesh(vertices=np.concatenate([first.vertices, second.vertices]), faces=faces.astype(np.int32))


def _views_of(mesh: Mesh, cameras: Sequence[Camera], points: NDArray[np.float64], tolerance: float) -> NDArray[np.int64]:
    """(n,) how many cameras have each point in the picture with nothing of the mesh before it."""
    caster = RayCaster(mesh.vertices, mesh.faces)
    count = np.zeros(len(points), np.int64)
    for camera in cameras:
        pixels, depth = camera.project(points)
        inside = (depth > 0) & (pixels >= 0).all(1) & (pixels <= (camera.width, camera.height)).all(1)
        rows = np.flatnonzero(inside)
        count[rows] += caster.visible(camera, points[rows], tolerance)
    return count
