"""Occlusion, normal maps and colliders beside closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from grotto.contract import ProblemError
from grotto.formats import TexturedMesh, read_glb, write_glb
from grotto.meshes.remesh import convex_collider
from grotto.meshes.texture import TextureSpace, as_png, tangent_space, tangents_of, vertex_occlusion


def test_a_corner_of_two_walls_has_half_of_the_light() -> None:
    """On the floor beside a high wall half of the cosine-weighted sky is hidden, at the wall's foot; none of a ball's."""
    floor = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], float) * 10
    wall = np.array([[0, -10, 0], [0, 10, 0], [0, 10, 1000], [0, -10, 1000]], float)
    probe = np.array([[0.02, 0, 0], [9.9, 0.1, 0]])
    vertices = np.concatenate([floor, wall, probe])
    faces = np.array([[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]])
    up = np.tile([0.0, 0.0, 1.0], (len(vertices), 1))
    near, far = vertex_occlusion(vertices, faces, up, rays=512, reach=1.0)[-2:]
    assert near == pytest.approx(0.5, abs=0.04)
    # a wall at distance d with half-length 10 hides (1 - sin-ish) of the half: clearly less than at its foot
    assert near + 0.1 < far < 1.0
    ball = trimesh.creation.icosphere(3)
    clear = vertex_occlusion(ball.vertices, ball.faces, ball.vertex_normals)
    assert clear.min() > 0.98


def square(normals: np.ndarray) -> TexturedMesh:
    vertices = np.array([[0, 0, 0], [2, 0, 0], [2, 0, 1], [0, 0, 1]], np.float32)  # x right, z up, seen from -y
    uv = np.array([[0, 1], [1, 1], [1, 0], [0, 0]], np.float32)
    faces = np.array([[0, 1, 2], [0, 2, 3]], np.uint32)
    return TexturedMesh(vertices=vertices, faces=faces, uv=uv, normals=normals, texture=as_png(np.zeros((4, 4, 3), np.uint8)))


def test_tangents_run_with_u_and_the_third_axis_up_in_the_picture() -> None:
    flat = square(np.tile(np.float32([0, -1, 0]), (4, 1)))
    tangents = tangents_of(flat.vertices, flat.faces, flat.uv, flat.normals)
    assert tangents[:, :3] == pytest.approx(np.tile([1.0, 0, 0], (4, 1)))
    third = np.cross(flat.normals, tangents[:, :3]) * tangents[:, 3:]
    assert third == pytest.approx(np.tile([0.0, 0, 1.0], (4, 1)))


def test_a_normal_map_gives_the_fine_normals_back() -> None:
    rng = np.random.default_rng(3)
    rough = np.float32([0, -1, 0]) + 0.3 * rng.standard_normal((4, 3)).astype(np.float32)
    flat = square((rough / np.linalg.norm(rough, axis=1, keepdims=True)).astype(np.float32))
    tangents = tangents_of(flat.vertices, flat.faces, flat.uv, flat.normals)
    space = TextureSpace(flat.faces, flat.uv, 16)
    assert len(space.covered) == 16 * 16
    normals, frames = space.at_texels(flat.normals), space.at_texels(tangents)
    fine = normals + 0.2 * rng.standard_normal(normals.shape)
    fine /= np.linalg.norm(fine, axis=1, keepdims=True)
    picture = space.picture(tangent_space(fine, normals, frames), 0.5)
    local = picture.reshape(-1, 3)[space.covered] / 255 * 2 - 1
    local /= np.linalg.norm(local, axis=1, keepdims=True)
    out = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    tangent = frames[:, :3] - (frames[:, :3] * out).sum(1, keepdims=True) * out
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    third = np.cross(out, tangent) * frames[:, 3:]
    back = local[:, :1] * tangent + local[:, 1:2] * third + local[:, 2:] * out
    assert (back * fine).sum(1).min() > 0.999


def test_maps_and_seen_travel_with_the_file(tmp_path) -> None:
    flat = square(np.tile(np.float32([0, -1, 0]), (4, 1)))
    tangents = tangents_of(flat.vertices, flat.faces, flat.uv, flat.normals)
    blue, grey = as_png(np.full((2, 2, 3), 200, np.uint8)), as_png(np.full((2, 2), 90, np.uint8))
    rich = TexturedMesh(**{**vars(flat), "normal_map": blue, "occlusion_map": grey, "tangents": tangents,
                           "seen": np.float32([1, 0, 1, 0])})  # fmt: skip
    write_glb(tmp_path / "a.glb", rich, "wall")
    back = read_glb(tmp_path / "a.glb")
    assert (back.texture, back.normal_map, back.occlusion_map) == (flat.texture, blue, grey)
    assert back.tangents == pytest.approx(tangents)
    assert back.seen == pytest.approx(np.float32([1, 0, 1, 0]))
    theirs = trimesh.load(tmp_path / "a.glb").geometry["wall"].visual.material
    assert theirs.normalTexture is not None
    assert theirs.occlusionTexture is not None


@pytest.mark.parametrize("flat", [False, True])
def test_a_collider_is_convex_small_and_within_reach(flat: bool) -> None:
    body = trimesh.creation.torus(1.0, 0.3)
    points = body.vertices * ([1, 1, 0] if flat else [1, 1, 1])
    made = convex_collider(points)
    shape = trimesh.Trimesh(made.vertices, made.faces)
    assert len(made.vertices) <= 64
    assert shape.is_watertight
    assert shape.is_convex
    assert shape.volume > 0
    if not flat:
        hull = trimesh.Trimesh(points).convex_hull
        assert 0.8 * hull.volume < shape.volume <= hull.volume * (1 + 1e-6)


def test_a_body_without_extent_is_bad_input() -> None:
    with pytest.raises(ProblemError):
        convex_collider(np.zeros((9, 3)))
