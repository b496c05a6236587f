"""Colours carried from a finished mesh to one of fewer faces, against colours that follow from the place alone."""

from __future__ import annotations

import io

import numpy as np
import pytest
import trimesh
from PIL import Image

from grotto.contract import ProblemError
from grotto.formats import Mesh, TexturedMesh
from grotto.meshes.remesh import decimate
from grotto.meshes.repair import is_manifold
from grotto.meshes.texture import as_png, joined_shape, sample_texels, transfer_texture, unwrap, vertex_normals

SIDE = 96


def ramp(points: np.ndarray) -> np.ndarray:
    """Colours that grow along each axis."""
    return 0.5 + 0.35 * points


def ball(subdivisions: int) -> Mesh:
    made = trimesh.creation.icosphere(subdivisions=subdivisions)
    points = np.asarray(made.vertices, np.float32)
    return Mesh(vertices=points, faces=np.asarray(made.faces, np.int32), colours=ramp(points).astype(np.float32))


def half_textured(mesh: Mesh) -> list[Mesh | TexturedMesh]:
    """The faces on the left with vertex colours; those on the right, split into single ones, with a texture of ramps."""
    right = mesh.vertices[mesh.faces].mean(1)[:, 0] > 0
    corners = mesh.vertices[mesh.faces[right]].reshape(-1, 3)
    picture = np.zeros((64, 64, 3), np.uint8)
    along = (np.arange(64) + 0.5) / 64 * 2 - 1
    picture[..., 1] = np.round(255 * ramp(along))[None, :]
    picture[..., 2] = np.round(255 * ramp(along))[:, None]
    faces = np.arange(len(corners)).reshape(-1, 3)
    uv = (corners[:, 1:] + 1) / 2
    textured = TexturedMesh(
        vertices=corners, faces=faces.astype(np.uint32), uv=uv.astype(np.float32), texture=as_png(picture),
        normals=vertex_normals(corners, faces),
    )  # fmt: skip
    return [Mesh(vertices=mesh.vertices, faces=mesh.faces[~right], colours=mesh.colours), textured]


def test_parts_become_one_closed_surface_again() -> None:
    whole = ball(2)
    joined = joined_shape(half_textured(whole))
    assert len(joined.faces) == len(whole.faces)
    assert len(joined.vertices) == len(whole.vertices)
    assert is_manifold(joined)


def test_a_texture_with_fewer_faces_has_the_colours_of_the_place() -> None:
    parts = half_textured(ball(3))
    few = decimate(joined_shape(parts), 200)
    assert len(few.faces) <= 200
    unwrapped = unwrap(few, SIDE, 2)
    texture = transfer_texture(unwrapped, parts)
    texels = unwrapped.texels()
    where = texels.covered()
    weights = texels.weights(where, unwrapped.uv, unwrapped.faces)
    points = (unwrapped.vertices[unwrapped.faces[texels.face.reshape(-1)[where]]] * weights[..., None]).sum(1)
    found, wanted = texture.reshape(-1, 3)[where], ramp(points)
    left, right = points[:, 0] < -0.1, points[:, 0] > 0.1
    assert np.abs(found - wanted)[left].max() < 0.03
    assert np.abs(found - wanted)[right][:, 1:].max() < 0.03
    assert (found[right][:, 0] == 0).all()
    assert np.isfinite(texture).all()


def test_what_has_no_colours_is_refused() -> None:
    bare = Mesh(vertices=ball(1).vertices, faces=ball(1).faces)
    with pytest.raises(ProblemError, match="no colours"):
        transfer_texture(unwrap(bare, 32, 1), [bare])


def test_a_texture_is_read_between_its_texels_and_repeats() -> None:

    held = io.BytesIO()
    Image.fromarray(np.array([[[0, 0, 0], [200, 0, 0]]], np.uint8)).save(held, "PNG")
    uv = np.array([[0.25, 0.5], [0.5, 0.5], [0.75, 0.5], [1.75, -3.5]], np.float32)
    assert sample_texels(held.getvalue(), uv)[:, 0] * 255 == pytest.approx([0, 100, 200, 200], abs=1)
