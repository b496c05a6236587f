"""Triangles where the pictures need them: NeRF2Mesh's stage 1 (Tang and others 2023, section 3.3).

Faces whose re-projected error is above the 90th percentile are split, those below the 50th are merged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .edge_collapse import collapse_edges
from .edge_flip import flip_edges
from .edge_split import split_edges

SPLIT_ABOVE, MERGE_BELOW = 90.0, 50.0  # percentiles; nerf2mesh, nerf/renderer.py
_LONG = 0.7  # of a face's longest side: shorter ones are not split with it, so that triangles do not become thinner


@dataclass(frozen=True)
class Remeshed:
    """A mesh with other triangles and its vertices' colours."""

    vertices: NDArray[np.float64]  # (v, 3)
    faces: NDArray[np.int64]  # (m, 3)
    colours: NDArray[np.floating]  # (v, c)
    split: int  # faces that were split
    merged: int  # faces that went


def remesh(
    vertices: NDArray[np.floating], faces: NDArray[np.integer], colours: NDArray[np.floating], error: NDArray[np.floating],
    *, most_faces: int, shortest: float, farthest: float,
) -> Remeshed:  # fmt: skip
    """Split and merge by the faces' errors (m,); NaN where a face was never seen, and is merged if anything is.

    Faces are merged only to make room for split ones under `most_faces`, and only where the surface stays within about
    `farthest` (world units); where that makes too little room, the faces with the largest errors are split. No edge shorter
    than `shortest` is split.
    """
    known = np.isfinite(error)
    places, wide = vertices.astype(np.float64), faces.astype(np.int64)
    if not known.any():
        return Remeshed(places, wide, colours, 0, 0)
    high, low = np.percentile(error[known], SPLIT_ABOVE), np.percentile(error[known], MERGE_BELOW)
    wanted = len(split_edges(places, wide, _sides(places, wide, error > high, shortest)).faces) - len(wide)
    room = most_faces - wanted
    coarser = collapse_edges(places, wide, ~known | (error < low), room, farthest)
    places, wide, error = coarser.vertices, coarser.faces, error[coarser.source]
    chosen = error > high
    while chosen.any():
        finer = split_edges(places, wide, _sides(places, wide, chosen, shortest))
        if len(finer.faces) <= most_faces:
            break
        share = max(0.0, (most_faces - len(wide)) / max(1, len(finer.faces) - len(wide)))
        keep = int(0.95 * share * chosen.sum())
        worst = np.argsort(-np.where(chosen, error, -np.inf), kind="stable")[:keep]
        chosen = np.zeros_like(chosen)
        chosen[worst] = True
    else:
        finer = split_edges(places, wide, np.zeros((len(wide), 3), bool))
    made = finer.carry(places).astype(np.float64)
    return Remeshed(
        made,
        flip_edges(made, finer.faces),
        finer.carry(coarser.carry(colours)),
        int(chosen.sum()),
        len(faces) - len(wide),
    )


def _sides(
    places: NDArray[np.float64], faces: NDArray[np.int64], chosen: NDArray[np.bool_], shortest: float
) -> NDArray[np.bool_]:
    """(m, 3) the sides of the chosen faces (m,) that are split."""
    corner = places[faces]
    lengths = np.linalg.norm(np.roll(corner, -1, axis=1) - corner, axis=2)
    long = lengths >= np.maximum(_LONG * lengths.max(1, keepdims=True), shortest)
    return np.asarray(chosen[:, None] & long)
