"""Mending a mesh: crumbs, holes, edges of too many faces, faces that look the wrong way. Nothing is done silently."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...contract import bad_input
from ...formats import Mesh
from ..topology import corner_classes, face_islands, grouped_edges, half_edges, mates
from .holes import fill_holes
from .mending import coherent, face_areas, facing_out, joined, paired, without_twins
from .slivers import sewn, without_repeats, without_slivers
from .validity import MeshFacts, mesh_facts


@dataclass(frozen=True, kw_only=True)
class Repaired:
    """A mended mesh, its faults before and after, and what was done."""

    mesh: Mesh
    before: MeshFacts
    after: MeshFacts
    islands_removed: int
    cavities_removed: int  # closed shells inside the mesh, which nobody sees
    holes_closed: int
    vertices_split: int  # copies made where parts touched
    faces_turned: int
    faces_removed: int  # all that went but for closed holes: unusable, degenerate, duplicate, in islands and cavities

    @property
    def changed(self) -> bool:
        """Whether anything was done."""
        done = (self.islands_removed, self.cavities_removed, self.holes_closed, self.vertices_split, self.faces_turned)
        return any(done) or self.faces_removed > 0 or self.before != self.after


@dataclass(frozen=True)
class _Work:
    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]
    colours: NDArray[np.float32] | None
    seen: NDArray[np.float32] | None

    def taken(self, places: NDArray[np.int64], faces: NDArray[np.int64]) -> _Work:
        """Vertices copied from these places, with new faces."""
        colours = None if self.colours is None else self.colours[places]
        return _Work(self.vertices[places], faces, colours, None if self.seen is None else self.seen[places])

    def compact(self) -> _Work:
        used, faces = np.unique(self.faces, return_inverse=True)
        return self.taken(used, faces.reshape(-1, 3))


def repair(mesh: Mesh, *, smallest_island: float = 0.02, largest_hole: float = 0.02, drop_cavities: bool = True) -> Repaired:
    """Mend a mesh so that it is as nearly a closed, coherent surface as its faults allow; `after.watertight` says if it is.

    Islands with less than `smallest_island` of the whole area go, but the largest stays. Holes are closed by faces of at
    most `largest_hole` of the whole area (math.inf closes all); new vertices are not seen. Closed shells inside others go
    with `drop_cavities`. Parts that touch in an edge or a vertex come apart.
    Raises a bad-input problem where no usable face is left, or faces name vertices that are not there.
    """
    before = mesh_facts(_checked(mesh))
    work = _Work(mesh.vertices.astype(np.float64), mesh.faces.astype(np.int64), mesh.colours, mesh.seen)
    work = _usable(work)
    faces, turned = coherent(work.vertices, work.faces)
    work, split = _split(replace(work, faces=faces))
    work, islands = _without_crumbs(work, smallest_island)
    work, closed = _closed(work, largest_hole)
    work, cavities, inverted = _outwards(work, drop_cavities)
    if not len(work.faces):
        raise bad_input("the mesh has no face that can be used", "make it again with other settings")
    mended = Mesh(
        vertices=work.vertices.astype(np.float32), faces=work.faces.astype(np.int32), colours=work.colours, seen=work.seen
    )
    after = mesh_facts(mended)
    return Repaired(
        mesh=mended, before=before, after=after, islands_removed=islands, cavities_removed=cavities, holes_closed=closed[0],
        vertices_split=split, faces_turned=max(turned, inverted), faces_removed=before.faces + closed[1] - after.faces,
    )  # fmt: skip


def _checked(mesh: Mesh) -> Mesh:
    if not len(mesh.faces) or not len(mesh.vertices):
        raise bad_input("the mesh has no faces", "make it again with other settings")
    if mesh.faces.min() < 0 or mesh.faces.max() >= len(mesh.vertices):
        raise bad_input("faces of the mesh name vertices that are not there", "export the mesh again")
    return mesh


def _usable(work: _Work) -> _Work:
    """Without faces that cannot be used: NaN, repeated vertices, no area, the same again; open seams are sewn."""
    faces = without_repeats(work.faces[np.asarray(np.isfinite(work.vertices).all(axis=1))[work.faces].all(axis=1)])
    if not len(faces):
        raise bad_input("the mesh has no face that can be used", "make it again with other settings")
    faces = without_slivers(work.vertices, sewn(work.vertices, faces))
    return replace(work, faces=faces[without_twins(faces)]).compact()


def _split(work: _Work) -> tuple[_Work, int]:
    """Every edge has two faces at most and every vertex one fan; loose fins that hung on such edges are left out."""
    count_before = len(work.vertices)
    faces = work.faces
    mate = paired(work.vertices, faces)
    order, _, count = grouped_edges(faces)
    crowded = np.zeros(len(mate), bool)
    crowded[order] = np.repeat(count > 2, count)
    fins = _fins(work.vertices, faces, mate, crowded & (mate < 0))
    classes = corner_classes(faces, mate)
    _, lead, place = np.unique(classes, return_index=True, return_inverse=True)
    made = work.taken(faces.reshape(-1)[lead], place.reshape(-1, 3)[~fins]).compact()
    split = len(np.unique(classes[np.repeat(~fins, 3)])) - len(np.unique(faces[~fins]))
    made = _with_middles(made)
    return made, max(split, len(made.vertices) - count_before, 0)


def _fins(
    vertices: NDArray[np.float64], faces: NDArray[np.int64], mate: NDArray[np.int64], loose: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """(m,) faces of open sheets that hung on an edge of others and are smaller than all the rest."""
    island = face_islands(faces, mate)
    parts = int(island.max()) + 1
    area = np.bincount(island, face_areas(vertices, faces), parts)
    hung = np.bincount(island, loose.reshape(-1, 3).any(axis=1), parts) > 0
    small = hung & (area < area.max())
    return np.asarray(small[island])


def _with_middles(work: _Work) -> _Work:
    """Where four faces of one fan still share an edge, all pairs but the first get a vertex in its middle."""
    while True:
        faces = work.faces.copy()
        sides = half_edges(faces)
        order, first, count = grouped_edges(faces)
        crowded = np.flatnonzero(count > 2)
        if not len(crowded):
            return work
        middles: list[NDArray[np.int64]] = []
        new: list[NDArray[np.int64]] = []
        touched: set[int] = set()
        for edge in crowded.tolist():
            around = order[first[edge] : first[edge] + count[edge]]
            if set((around // 3).tolist()) & touched:
                continue
            touched |= set((around // 3).tolist())
            pairs = joined(work.vertices, faces, sides, around)
            alone = set(around.tolist()) - {side for pair in pairs for side in pair}
            for group in [*pairs[1:], *((side,) for side in sorted(alone))]:
                middle = len(work.vertices) + len(middles)
                middles.append(sides[group[0]])
                for side in group:
                    face, corner = side // 3, side % 3
                    a, b, c = (int(faces[face, (corner + step) % 3]) for step in range(3))
                    faces[face] = (a, middle, c)
                    new.append(np.array([middle, b, c], np.int64))
        work = _grown(work, middles, np.concatenate([faces, np.stack(new)]), None)


def _grown(work: _Work, sources: list[NDArray[np.int64]], faces: NDArray[np.int64], seen: float | None) -> _Work:
    """With new vertices in the middle of others; `seen` None takes the mean of theirs."""

    def mean(values: NDArray[np.floating]) -> NDArray[np.floating]:
        return np.concatenate([values, np.stack([values[source].mean(axis=0) for source in sources])])

    if not sources:
        return replace(work, faces=faces)
    colours = None if work.colours is None else mean(work.colours).astype(np.float32)
    marks = None if work.seen is None else mean(work.seen).astype(np.float32)
    if marks is not None and seen is not None:
        marks[len(work.vertices) :] = seen
    return _Work(mean(work.vertices).astype(np.float64), faces, colours, marks)


def _without_crumbs(work: _Work, smallest: float) -> tuple[_Work, int]:
    island = face_islands(work.faces, mates(work.faces))
    area = np.bincount(island, face_areas(work.vertices, work.faces))
    keep = area >= smallest * area.sum()
    keep[area.argmax()] = True
    return replace(work, faces=work.faces[keep[island]]).compact(), int((~keep).sum())


def _closed(work: _Work, largest: float) -> tuple[_Work, tuple[int, int]]:
    mate = mates(work.faces)
    if (mate >= 0).all():
        return work, (0, 0)
    whole = float(face_areas(work.vertices, work.faces).sum())
    new, middles, closed = fill_holes(work.vertices, work.faces, mate, largest * whole)
    work = _grown(work, middles, np.concatenate([work.faces, new]), 0.0)
    return replace(work, faces=without_slivers(work.vertices, work.faces)), (closed, len(new))


def _outwards(work: _Work, drop_cavities: bool) -> tuple[_Work, int, int]:
    mate = mates(work.faces)
    island = face_islands(work.faces, mate)
    closed = np.bincount(island, (mate.reshape(-1, 3) < 0).any(axis=1)) == 0
    faces, cavity = facing_out(work.vertices, work.faces, island, closed)
    turned = int((faces != work.faces).any(axis=1).sum())
    if not drop_cavities or not cavity.any():
        return replace(work, faces=faces), 0, turned
    return replace(work, faces=faces[~cavity[island]]).compact(), int(cavity.sum()), turned
