"""Seen or invented: which parts of a surface any photo shows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...formats import Mesh
from ...scene import View
from .projection import Projector, vertex_normals


def seen_vertices(mesh: Mesh, views: Sequence[View]) -> NDArray[np.float32]:
    """(n,) 1 where a view shows the vertex, 0 where its place and colour are invented.

    A view shows a vertex that lies in the picture on the subject, is turned towards the camera by less than 80 degrees from
    its normal, and is hidden by nothing.
    """
    projector = Projector(mesh.vertices, mesh.faces, views)
    points, normals = mesh.vertices.astype(np.float64), vertex_normals(mesh.vertices, mesh.faces)
    seen = np.zeros(len(points), np.float32)
    for index in range(len(projector.views)):
        unknown = np.flatnonzero(seen == 0)
        sight = projector.look(projector.plain_eye(index), points[unknown], normals[unknown])
        seen[unknown[sight.index]] = 1.0
    return seen
