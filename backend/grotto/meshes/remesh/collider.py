"""A collider: the convex body that game engines test contacts with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from ...contract import bad_input
from ...formats import Mesh

_FLAT = 1e-3  # of the longest side: flatter bodies are made so thick


def convex_collider(vertices: NDArray[np.floating], corners: int = 64) -> Mesh:
    """A convex body of at most `corners` corners that the vertices (n, 3) reach in as many directions, spread evenly.

    It lies within the convex hull. Faces look outwards. Raises bad input for fewer than four places.
    """
    points = np.unique(np.asarray(vertices, np.float64), axis=0)
    if len(points) < 4:
        raise bad_input("the body has no extent", "choose another picture")
    size = np.ptp(points, axis=0)
    if size.min() < _FLAT * size.max():
        thick = (size < _FLAT * size.max()) * 0.5 * _FLAT * size.max()
        points = np.concatenate([points - thick, points + thick])
    number = np.arange(corners) + 0.5
    height, angle = 1 - 2 * number / corners, number * np.pi * (3 - np.sqrt(5))
    level = np.sqrt(1 - height**2)
    directions = np.stack([level * np.cos(angle), level * np.sin(angle), height], axis=1)
    middle = points.mean(0)
    chosen = np.unique(np.argmax(((points - middle) / np.maximum(size, 1e-12)) @ directions.T, axis=0))
    try:
        hull = ConvexHull(points[chosen])
    except QhullError:
        hull, chosen = ConvexHull(points), np.arange(len(points))
    faces = hull.simplices.astype(np.int64)
    places = points[chosen]
    one, two, three = (places[faces[:, corner]] for corner in range(3))
    inward = (np.cross(two - one, three - one) * hull.equations[:, :3]).sum(1) < 0
    faces[inward] = faces[inward][:, ::-1]
    used, faces = np.unique(faces, return_inverse=True)
    return Mesh(vertices=places[used].astype(np.float32), faces=faces.reshape(-1, 3).astype(np.int32))
