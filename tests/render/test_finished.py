"""Finished meshes drawn in one compiled pass: the same pictures as by the differentiable renderer, sample by sample."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from grotto.contract import ProblemError
from grotto.formats import TexturedMesh
from grotto.render.mesh import flat_layer, render_layers, render_parts, texture_values, turntable_camera
from grotto.render.mesh.differentiable import rasterise, sample_raster, texture_pyramid
from grotto.synthetic.objects import make_object


def painted(seed: int, size: tuple[int, int], away: float) -> TexturedMesh:
    """A lump whose texture is noise, with its front side towards -y."""
    made = make_object("bowl", cells=20).mesh
    noise = np.random.default_rng(seed).integers(0, 255, (*size, 3), np.uint8)
    encoded = io.BytesIO()
    Image.fromarray(noise).save(encoded, "PNG")
    return TexturedMesh(
        vertices=(made.vertices + np.array([away, 0.5 * away, 0])).astype(np.float32),
        faces=made.faces.astype(np.uint32),
        uv=(made.vertices[:, [0, 2]] * 0.7 + 0.5).astype(np.float32),
        normals=np.zeros_like(made.vertices, np.float32),
        texture=encoded.getvalue(),
    )


def test_pictures_are_those_of_the_differentiable_renderer() -> None:
    parts = [painted(0, (150, 90), 0.0), painted(1, (37, 64), 0.4)]
    camera, _ = turntable_camera(np.concatenate([part.vertices for part in parts]), 60, 35.0)
    seen = render_parts(parts, camera, samples=3)
    first = np.cumsum([0, *(len(part.vertices) for part in parts)])
    vertices = torch.from_numpy(np.concatenate([part.vertices for part in parts]))
    faces = torch.from_numpy(
        np.concatenate([part.faces.astype(np.int64) + at for part, at in zip(parts, first[:-1], strict=True)])
    )
    uv = torch.from_numpy(np.concatenate([part.uv for part in parts]))
    fine = camera.resized(180, 180)
    raster = rasterise(vertices, faces, fine)
    colour = torch.zeros(len(raster.pixels), 3)
    for part, start in zip(parts, (0, len(parts[0].faces)), strict=True):
        own = (raster.faces_seen >= start) & (raster.faces_seen < start + len(part.faces))
        colour[own] = sample_raster(texture_pyramid(torch.from_numpy(texture_values(part.texture))), raster, faces, uv, fine)[own]
    spread = raster.spread(torch.cat([colour, torch.ones(len(colour), 1), raster.depths[:, None]], 1)).numpy()
    mean = spread.reshape(60, 3, 60, 3, 5).mean((1, 3))
    assert seen.opacity.max() == 1
    np.testing.assert_allclose(seen.opacity, mean[..., 3], atol=1e-6)
    np.testing.assert_allclose(seen.colour, mean[..., :3], atol=2e-3)
    covered = mean[..., 3] > 0
    np.testing.assert_allclose(seen.depth_expected[covered], mean[..., 4][covered] / mean[..., 3][covered], rtol=1e-4)
    whole = seen.opacity == 1
    assert seen.normal is not None
    np.testing.assert_allclose(np.linalg.norm(seen.normal[whole], axis=1), 1, atol=1e-5)
    assert (seen.normal[whole] @ camera.camera_from_world[2, :3] < 0).all()


def test_stacked_layers_are_composited_from_the_farthest_as_the_differentiable_renderer_sees_them() -> None:
    rng = np.random.default_rng(5)
    square = TexturedMesh(
        vertices=np.array([[-0.5, 0, 0], [0.5, 0, 0], [0.5, 0, 1], [-0.5, 0, 1]], np.float32),
        faces=np.array([[0, 1, 2], [0, 2, 3]], np.uint32),
        uv=np.array([[0, 1], [1, 1], [1, 0], [0, 0]], np.float32),
        normals=np.tile(np.array([0, -1, 0], np.float32), (4, 1)),
        texture=b"",
    )
    pictures = [rng.integers(0, 255, (40, 30, 4), np.uint8) for _ in range(2)]
    layers = [flat_layer(square, picture, y) for picture, y in zip(pictures, (0.0, 0.3), strict=True)]  # the nearer first
    camera, _ = turntable_camera(np.concatenate([layer.mesh.vertices for layer in layers]), 40, 20.0)
    seen = render_layers(layers, camera, 0.8, samples=2)
    fine, wanted = camera.resized(80, 80), np.full((40, 40, 3), 0.8)
    for picture, layer in zip(reversed(pictures), reversed(layers), strict=True):
        straight = picture / np.float32(255)
        texture = torch.from_numpy(np.concatenate([straight[..., :3] * straight[..., 3:], straight[..., 3:]], axis=2))
        vertices, faces = torch.from_numpy(layer.mesh.vertices), torch.from_numpy(square.faces.astype(np.int64))
        raster = rasterise(vertices, faces, fine)
        values = raster.spread(sample_raster(texture_pyramid(texture), raster, faces, torch.from_numpy(square.uv), fine))
        mean = values.numpy().reshape(40, 2, 40, 2, 4).mean((1, 3))
        wanted = mean[..., :3] + (1 - mean[..., 3:]) * wanted
    assert np.abs(seen - 0.8).max() > 0.2
    np.testing.assert_allclose(seen, np.clip(wanted, 0, 1), atol=2e-3)


def test_a_face_that_names_no_vertex_is_refused() -> None:
    part = painted(0, (8, 8), 0.0)
    part.faces[0, 0] = len(part.vertices)
    camera, _ = turntable_camera(part.vertices, 20, 0.0)
    with pytest.raises(ProblemError, match="names a vertex"):
        render_parts([part], camera)
