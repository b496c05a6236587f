"""Pieces of repair that work on faces alone: orientation, splitting where surfaces touch, sides of nested parts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..topology import face_islands, grouped_edges, half_edges, labelled, mates, same_faces

Faces = NDArray[np.int64]


def without_twins(faces: Faces) -> NDArray[np.bool_]:
    """(m,) faces to keep where several have the same three vertices: the first of them, and none of an inner wall.

    An inner wall is a patch of faces that are there once for either side, all around joined to two or more other faces,
    as between two solids put together.
    """
    group = same_faces(faces)
    _, first = np.unique(group, return_index=True)
    keep = np.zeros(len(faces), bool)
    keep[first] = True
    smallest = faces.argmin(axis=1)
    rows = np.arange(len(faces))
    rising = faces[rows, (smallest + 1) % 3] < faces[rows, (smallest + 2) % 3]
    upward = np.bincount(group, rising, len(first))
    both = (upward > 0) & (np.bincount(group, ~rising, len(first)) > 0)
    if not both.any():
        return keep
    wall, rest = faces[first[both]], faces[~both[group]]
    patch = _patches(wall)
    keys, wall_count = np.unique(_edges(wall), axis=0, return_counts=True)
    rest_keys, rest_count = np.unique(_edges(rest), axis=0, return_counts=True)
    others = dict(zip(map(tuple, rest_keys.tolist()), rest_count.tolist(), strict=True))
    rim = {key for key, number in zip(map(tuple, keys.tolist()), wall_count, strict=True) if number == 1}
    inner = np.ones(int(patch.max()) + 1, bool)
    for row, key in enumerate(map(tuple, _edges(wall).tolist())):
        if key in rim and others.get(key, 0) < 2:
            inner[patch[row // 3]] = False
    keep[first[both]] = ~inner[patch]
    return keep


def _edges(faces: Faces) -> NDArray[np.int64]:
    return np.sort(half_edges(faces), axis=1)


def _patches(faces: Faces) -> NDArray[np.int64]:
    """(m,) faces joined by any edge."""
    order, first, count = grouped_edges(faces)
    lead = np.repeat(order[first], count)
    return labelled(np.stack([lead // 3, order // 3], axis=1), len(faces))


def coherent(vertices: NDArray[np.float64], faces: Faces) -> tuple[Faces, int]:
    """Faces turned so that neighbours look to the same side, and how many were turned.

    Each patch keeps the side that most of its area had. Where a strip returns to itself turned (Moebius), an edge is
    left at which its ends disagree.
    """
    patch = face_islands(faces, mates(faces))
    sides = half_edges(faces)
    order, first, count = grouped_edges(faces)
    one, two = order[first[count == 2]], order[first[count == 2] + 1]
    clash = sides[one, 0] == sides[two, 0]
    pairs = np.unique(np.sort(np.stack([patch[one[clash] // 3], patch[two[clash] // 3]], axis=1), axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    if not len(pairs):
        return faces, 0
    patches = int(patch.max()) + 1
    turned = _two_sides(pairs, patches)
    area = np.bincount(patch, face_areas(vertices, faces), patches)
    whole = labelled(pairs, patches)
    wrong = np.bincount(whole, np.where(turned, area, 0)) > np.bincount(whole, np.where(turned, 0, area))
    turned ^= wrong[whole]
    flip = turned[patch]
    return np.where(flip[:, None], faces[:, ::-1], faces), int(flip.sum())


def _two_sides(pairs: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    """(count,) colours of a graph such that joined things differ, as far as that is possible."""
    neighbours: list[list[int]] = [[] for _ in range(count)]
    for one, two in pairs.tolist():
        neighbours[one].append(two)
        neighbours[two].append(one)
    colour = np.full(count, -1, np.int8)
    for start in range(count):
        if colour[start] >= 0:
            continue
        colour[start] = 0
        waiting = [start]
        while waiting:
            here = waiting.pop()
            for there in neighbours[here]:
                if colour[there] < 0:
                    colour[there] = 1 - colour[here]
                    waiting.append(there)
    return colour == 1


def paired(vertices: NDArray[np.float64], faces: Faces) -> NDArray[np.int64]:
    """(3 m,) the half-edge that each is joined to, -1 where none; also where more than two faces meet in an edge.

    There, around the edge, faces that bound the same inside are joined (Gueziec et al. 2001, cutting and stitching), so
    solids that touch come apart. A face too many stays open.
    """
    mate = mates(faces)
    sides = half_edges(faces)
    order, first, count = grouped_edges(faces)
    for start, number in zip(first[count > 2], count[count > 2], strict=True):
        around = order[start : start + number]
        for one, two in joined(vertices, faces, sides, around):
            mate[one], mate[two] = two, one
    return mate


def joined(
    vertices: NDArray[np.float64], faces: Faces, sides: NDArray[np.int64], around: NDArray[np.int64]
) -> list[tuple[int, int]]:
    """Pairs of half-edges of one edge, by the angle of their faces around it."""
    low, high = sorted(sides[around[0]].tolist())
    axis = vertices[high] - vertices[low]
    axis = axis / max(float(np.linalg.norm(axis)), 1e-30)
    across = vertices[faces[around // 3, (around + 2) % 3]] - vertices[low]
    across = across - np.outer(across @ axis, axis)
    x = across[0] / max(float(np.linalg.norm(across[0])), 1e-30)
    angle = np.arctan2(across @ np.cross(axis, x), across @ x)
    forward = sides[around, 0] == low
    ring = np.argsort(angle, kind="stable")
    # The inside of a face that runs high -> low lies at larger angles, and ends at the next face that runs low -> high;
    # brackets are matched, innermost first.
    pairs: list[tuple[int, int]] = []
    left = ring.tolist()
    found = True
    while found and len(left) > 1:
        found = False
        for place in range(len(left)):
            here, there = left[place], left[(place + 1) % len(left)]
            if forward[there] and not forward[here]:
                pairs.append((int(around[here]), int(around[there])))
                left = [item for item in left if item not in (here, there)]
                found = True
                break
    return pairs


def facing_out(
    vertices: NDArray[np.float64], faces: Faces, island: NDArray[np.int64], closed: NDArray[np.bool_]
) -> tuple[Faces, NDArray[np.bool_]]:
    """Faces with every closed island turned outwards, and which islands are cavities.

    An island inside an odd number of others is a cavity: its faces look inwards, away from the solid.
    """
    faces = faces.copy()
    low, high = _island_boxes(vertices, faces, island, len(closed))
    cavity = np.zeros(len(closed), bool)
    for part in np.flatnonzero(closed):
        mine = island == part
        around = closed & (low <= low[part]).all(axis=1) & (high >= high[part]).all(axis=1)
        around[part] = False
        start = vertices[faces[np.flatnonzero(mine)[0]]].mean(axis=0)
        depth = sum(_crossings(vertices[faces[island == other]], start) % 2 for other in np.flatnonzero(around))
        cavity[part] = depth % 2 == 1
        if (signed_volume(vertices, faces[mine]) < 0) != cavity[part]:
            faces[mine] = faces[mine][:, ::-1]
    return faces, cavity


def signed_volume(vertices: NDArray[np.float64], faces: Faces) -> float:
    """Volume inside faces that look outwards; negative where they look inwards."""
    corners = vertices[faces] - vertices[faces[0, 0]]
    return float((corners[:, 0] * np.cross(corners[:, 1], corners[:, 2])).sum() / 6)


def _crossings(corners: NDArray[np.float64], start: NDArray[np.float64]) -> int:
    """How often a ray meets triangles (n, 3, 3) (Moeller and Trumbore 1997). The direction hits no edge but by chance."""
    ray = np.array([0.5377, 0.7213, 0.4363])
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    across = np.cross(ray, two)
    scale = (one * across).sum(axis=1)
    safe = np.where(np.abs(scale) < 1e-300, np.inf, scale)
    away = start - corners[:, 0]
    u = (away * across).sum(axis=1) / safe
    turned = np.cross(away, one)
    v = turned @ ray / safe
    along = (two * turned).sum(axis=1) / safe
    return int(((u >= 0) & (v >= 0) & (u + v <= 1) & (along > 0)).sum())


def face_areas(vertices: NDArray[np.float64], faces: Faces) -> NDArray[np.float64]:
    corners = vertices[faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return np.asarray(0.5 * np.linalg.norm(across, axis=1))


def _island_boxes(
    vertices: NDArray[np.float64], faces: Faces, island: NDArray[np.int64], count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    for corner in range(3):
        np.minimum.at(low, island, vertices[faces[:, corner]])
        np.maximum.at(high, island, vertices[faces[:, corner]])
    return low, high
