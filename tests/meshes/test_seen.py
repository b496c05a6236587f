"""Seen or invented, against rays cast the other way round: from the pixels, many to each."""

from __future__ import annotations

import numpy as np
import pytest

from grotto.formats import Mesh
from grotto.meshes.remesh import decimate
from grotto.meshes.texture import seen_vertices, vertex_normals
from grotto.scene import RayCaster, View, camera_around
from grotto.synthetic import photograph
from grotto.synthetic.objects import make_object


def truly_seen(mesh: Mesh, views: list[View]) -> np.ndarray:
    """(n,) whether a ray of a pixel, ten to a side, meets the surface at the vertex and not too flatly."""
    caster, normals = RayCaster(mesh.vertices, mesh.faces), vertex_normals(mesh.vertices, mesh.faces)
    seen = np.zeros(len(mesh.vertices), bool)
    for view in views:
        camera = view.camera.resized(view.camera.width * 10, view.camera.height * 10)
        hits = caster.through(camera)
        near = (hits.face >= 0) & (hits.barycentric.max(1) > 0.85)
        met = np.unique(mesh.faces[hits.face[near], hits.barycentric[near].argmax(1)])
        towards = camera.position - mesh.vertices
        cosine = (normals * towards).sum(1) / np.linalg.norm(towards, axis=1)
        seen[met[cosine[met] > np.cos(np.radians(80))]] = True
    return seen


@pytest.mark.parametrize("name", ["bowl", "deer"])
def test_precision_and_recall(name: str) -> None:
    made = make_object(name, cells=72)
    mesh = decimate(made.mesh, 3000)
    views = photograph(made, [camera_around(azimuth, 25, 96) for azimuth in (10, 100, 160)], 2)
    found, truth = seen_vertices(mesh, views) > 0, truly_seen(mesh, views)
    assert 0.2 < truth.mean() < 0.9
    assert (found & truth).sum() / found.sum() >= 0.98
    assert (found & truth).sum() / truth.sum() >= 0.98


def test_nobody_sees_through_alpha_or_past_the_border() -> None:
    made = make_object("knot", cells=48)
    view = photograph(made, [camera_around(0, 0, 64)], 1)[0]
    masked = View(name="a", camera=view.camera, colour=view.colour, alpha=np.zeros_like(view.alpha))
    assert seen_vertices(made.mesh, [masked]).max() == 0
    left = view.camera.resized(64, 64)
    half = View(name="b", camera=type(left)(**{**left.__dict__, "width": 32}), colour=view.colour[:, :32], alpha=None)
    pixels, _ = left.project(made.mesh.vertices)
    seen = seen_vertices(made.mesh, [half]) > 0
    assert seen.any() and not seen[pixels[:, 0] > 32].any()
    whole = View(name="c", camera=view.camera, colour=view.colour, alpha=None)
    assert np.array_equal(seen, (seen_vertices(made.mesh, [whole]) > 0) & (pixels[:, 0] <= 32))
