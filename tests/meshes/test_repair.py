from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from closed_fields import CLOSED, blobs, grid_points, meshed, sphere, torus, volume
from numpy.typing import NDArray

from grotto.contract import ProblemError
from grotto.formats import Mesh
from grotto.meshes.repair import is_manifold, mesh_facts, repair
from grotto.meshes.surface import surface_of_grid

CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float32)
BOX = np.array(
    [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1], [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7],
     [1, 7, 3]], np.int32,
)  # fmt: skip


def box(low: tuple[float, float, float] = (0, 0, 0), size: float = 1.0) -> Mesh:
    return Mesh(vertices=CORNERS * np.float32(size) + np.array(low, np.float32), faces=BOX)


def together(*meshes: Mesh) -> Mesh:
    offsets = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes[:-1])])
    faces = [mesh.faces + int(offset) for mesh, offset in zip(meshes, offsets, strict=True)]
    return Mesh(vertices=np.concatenate([mesh.vertices for mesh in meshes]), faces=np.concatenate(faces).astype(np.int32))


def welded(mesh: Mesh) -> Mesh:
    """One vertex for each place."""
    places, faces = np.unique(mesh.vertices, axis=0, return_inverse=True)
    return Mesh(vertices=places, faces=faces.reshape(-1)[mesh.faces].astype(np.int32))


def with_faces(mesh: Mesh, faces: NDArray[np.integer]) -> Mesh:
    return replace(mesh, faces=faces.astype(np.int32))


@pytest.mark.parametrize("name", CLOSED)
def test_a_good_mesh_stays_as_it_is(name: str) -> None:
    mesh = meshed(CLOSED[name][0])
    result = repair(mesh)
    assert not result.changed and result.before == result.after
    assert np.array_equal(result.mesh.vertices, mesh.vertices) and np.array_equal(result.mesh.faces, mesh.faces)


def test_crumbs_go_and_the_largest_stays() -> None:
    mesh = together(meshed(sphere), box((0.9, 0.9, 0.9), 0.05))
    result = repair(mesh)
    assert (result.before.islands, result.after.islands, result.islands_removed) == (2, 1, 1)
    assert result.after.watertight
    assert repair(mesh, smallest_island=0.0).after.islands == 2
    assert repair(meshed(blobs), smallest_island=2.0).after.islands == 1


def test_holes_are_closed_up_to_a_size() -> None:
    mesh = meshed(sphere)
    centres = mesh.vertices[mesh.faces].mean(axis=1)
    opened = with_faces(mesh, mesh.faces[(np.linalg.norm(centres - [0, 0, 0.7], axis=1) > 0.15) & (centres[:, 0] > -0.3)])
    facts = mesh_facts(opened)
    assert facts.holes == 2 and not facts.watertight
    small = repair(opened)
    assert (small.holes_closed, small.after.holes) == (1, 1)
    whole = repair(opened, largest_hole=math.inf)
    assert whole.after.watertight and whole.after.euler == 2 and whole.holes_closed == 2
    cap = math.pi / 3 * 0.4**2 * (3 * 0.7 - 0.4)
    assert volume(whole.mesh) == pytest.approx(4 / 3 * math.pi * 0.7**3 - cap, rel=0.04)


def test_a_hole_with_very_many_sides_gets_a_vertex_that_nobody_saw() -> None:
    turn = np.linspace(0, 2 * np.pi, 300, endpoint=False)
    rim = np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=1)
    faces = np.stack([np.arange(300), np.roll(np.arange(300), -1), np.full(300, 300)], axis=1)
    cone = Mesh(vertices=np.concatenate([rim, [[0, 0, 1]]]).astype(np.float32), faces=faces.astype(np.int32))
    result = repair(replace(cone, seen=np.ones(301, np.float32)), largest_hole=math.inf)
    assert volume(result.mesh) == pytest.approx(math.pi / 3, rel=1e-3)
    assert result.after.watertight and result.mesh.seen is not None
    assert result.mesh.seen.tolist().count(0.0) == 1


def test_flipped_faces_look_outwards_again() -> None:
    mesh = meshed(torus)
    faces = mesh.faces.copy()
    some = np.random.default_rng(1).random(len(faces)) < 0.3
    faces[some] = faces[some][:, ::-1]
    result = repair(with_faces(mesh, faces))
    assert result.before.flipped_edges > 0 and result.faces_turned == some.sum()
    assert result.after.watertight and volume(result.mesh) == pytest.approx(volume(mesh))


def test_a_mesh_that_is_inside_out_is_turned() -> None:
    mesh = meshed(sphere)
    result = repair(with_faces(mesh, mesh.faces[:, ::-1]))
    assert volume(result.mesh) == pytest.approx(volume(mesh)) and result.faces_turned == len(mesh.faces)


def test_duplicates_degenerate_faces_and_nan_vertices_go() -> None:
    mesh = meshed(sphere)
    reverse = mesh.faces[20:25, ::-1]
    repeated = np.array([[3, 3, 9], [4, 5, 4]])
    broken = with_faces(mesh, np.concatenate([mesh.faces, mesh.faces[:9], reverse, repeated]))
    result = repair(broken)
    assert result.before.duplicate_faces >= 14 and result.before.degenerate_faces == 2
    assert result.after.watertight and result.after.faces == len(mesh.faces) and result.faces_removed == 16
    vertices = mesh.vertices.copy()
    vertices[100] = np.nan
    result = repair(replace(mesh, vertices=vertices))
    assert result.before.unusable_faces > 0 and not result.before.watertight
    assert result.after.watertight and result.holes_closed == 1 and np.isfinite(result.mesh.vertices).all()


def test_a_soup_of_loose_triangles_is_sewn() -> None:
    mesh = meshed(torus)
    soup = Mesh(
        vertices=mesh.vertices[mesh.faces].reshape(-1, 3), faces=np.arange(3 * len(mesh.faces), dtype=np.int32).reshape(-1, 3)
    )
    result = repair(soup)
    assert result.after.watertight and result.after.euler == 0 and result.after.vertices == len(mesh.vertices)


def test_solids_that_touch_come_apart_and_stay_apart() -> None:
    edge = welded(together(box(), box((1, 1, 0))))
    assert mesh_facts(edge).nonmanifold_edges == 1
    result = repair(edge)
    assert result.after.watertight and result.after.islands == 2 and result.vertices_split == 2
    assert volume(result.mesh) == pytest.approx(2)
    again = repair(result.mesh)
    assert not again.changed
    point = welded(together(box(), box((1, 1, 1))))
    assert mesh_facts(point).nonmanifold_vertices == 1
    result = repair(point)
    assert result.after.watertight and result.vertices_split == 1 and result.after.nonmanifold_vertices == 0


def test_a_wall_between_two_solids_goes() -> None:
    result = repair(welded(together(box(), box((1, 0, 0)))))
    assert result.after.watertight and result.after.islands == 1 and volume(result.mesh) == pytest.approx(2)


def test_a_ring_of_cells_that_meets_itself_in_an_edge_is_mended() -> None:
    cells = [(0, 0, 0), (1, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1)]
    result = repair(welded(together(*(box(cell) for cell in cells))))
    assert result.before.nonmanifold_edges > 0
    assert result.after.watertight and volume(result.mesh) == pytest.approx(5)


def test_a_fin_on_an_edge_goes() -> None:
    whole = box()
    vertices = np.concatenate([whole.vertices, [[1.5, 1.5, 0.5]]]).astype(np.float32)
    fin = Mesh(vertices=vertices, faces=np.concatenate([BOX, [[6, 7, 8]]]).astype(np.int32))
    assert mesh_facts(fin).nonmanifold_edges == 1
    result = repair(fin)
    assert result.after.watertight and result.after.faces == 12 and result.faces_removed == 1


def test_a_vertex_on_a_neighbours_edge_is_closed_without_a_flat_face() -> None:
    faces = np.concatenate([BOX[1:], [[0, 1, 8], [8, 1, 3]]])  # 8 lies on the edge 0-3, which its neighbour has whole
    vertices = np.concatenate([CORNERS, [[0.0, 0.5, 0.5]]]).astype(np.float32)
    result = repair(Mesh(vertices=vertices, faces=faces.astype(np.int32)))
    assert result.before.holes == 1
    assert result.after.watertight and result.after.degenerate_faces == 0 and volume(result.mesh) == pytest.approx(1)


def test_cavities_go_unless_they_are_wanted() -> None:
    points = grid_points(24)
    shell = np.minimum(sphere(points), 0.3 - sphere(points))
    mesh = surface_of_grid(shell, np.full(3, -1.0), 2 / 23, 0.0)
    filled, hollow = repair(mesh), repair(mesh, drop_cavities=False)
    assert filled.cavities_removed == 1 and filled.after.islands == 1
    assert hollow.after.islands == 2 and hollow.after.watertight and volume(hollow.mesh) == pytest.approx(volume(mesh))
    inside_out = repair(with_faces(mesh, mesh.faces[:, ::-1]), drop_cavities=False)
    assert volume(inside_out.mesh) == pytest.approx(volume(mesh))


def test_a_strip_that_returns_turned_is_told_as_open() -> None:
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    width = np.array([-0.2, 0.2])[:, None]
    radius = 1 + width * np.cos(turn / 2)
    rim = np.stack([radius * np.cos(turn), radius * np.sin(turn), width * np.sin(turn / 2)], axis=-1).reshape(-1, 3)
    low, high = np.arange(24), np.arange(24) + 24
    low_next, high_next = np.roll(low, -1), np.roll(high, -1)
    low_next[-1], high_next[-1] = 24, 0
    faces = np.concatenate([np.stack([low, low_next, high], 1), np.stack([high, low_next, high_next], 1)])
    result = repair(Mesh(vertices=rim.astype(np.float32), faces=faces.astype(np.int32)))
    assert not result.after.watertight and not is_manifold(result.mesh)
    assert result.after.flipped_edges == 0 and result.after.nonmanifold_edges == 0


def test_colours_and_seen_follow_their_vertices() -> None:
    whole = together(meshed(sphere), box((0.9, 0.9, 0.9), 0.05))
    coloured = replace(whole, colours=whole.vertices.copy(), seen=whole.vertices[:, 0].copy())
    result = repair(coloured).mesh
    assert result.colours is not None and result.seen is not None
    assert np.array_equal(result.colours, result.vertices) and np.array_equal(result.seen, result.vertices[:, 0])


@pytest.mark.parametrize(
    "mesh",
    [
        Mesh(vertices=np.zeros((0, 3), np.float32), faces=np.zeros((0, 3), np.int32)),
        Mesh(vertices=np.full((3, 3), np.nan, np.float32), faces=np.array([[0, 1, 2]], np.int32)),
        Mesh(vertices=np.zeros((3, 3), np.float32), faces=np.array([[0, 1, 5]], np.int32)),
        Mesh(vertices=np.zeros((3, 3), np.float32), faces=np.array([[0, 1, 1]], np.int32)),
    ],
)
def test_what_cannot_be_mended_is_a_problem(mesh: Mesh) -> None:
    with pytest.raises(ProblemError):
        repair(mesh)
