"""Baking made objects: the picture comes back, gains are found, what nobody saw is carried over the surface."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

from grotto.contract import Kind, ProblemError, Silent
from grotto.contract.options import BakeOptions
from grotto.formats import Mesh, read_glb, write_glb
from grotto.meshes.remesh import decimate
from grotto.meshes.texture import (
    Projector,
    bake,
    check_bake_memory,
    forecast_bake,
    inpaint_surface,
    pad_islands,
    textured,
    unwrap,
)
from grotto.metrics import psnr
from grotto.render.mesh import render_textured
from grotto.render.mesh.differentiable import render_mesh
from grotto.scene import View, camera_around, zero123plus_rig
from grotto.synthetic import photograph
from grotto.synthetic.objects import MadeObject, make_object

SIDE = 256
AROUND = [(azimuth, 40 if azimuth % 120 else -25) for azimuth in range(0, 360, 60)]


@pytest.fixture(scope="module")
def deer() -> MadeObject:
    return make_object("deer", cells=72)


@pytest.fixture(scope="module")
def photos(deer: MadeObject) -> list[View]:
    return photograph(deer, [camera_around(azimuth, elevation, 128) for azimuth, elevation in AROUND], 2)


def test_a_baked_glb_looks_like_its_source(deer: MadeObject, photos: list[View], tmp_path: Path) -> None:
    source = decimate(deer.mesh, 2500)
    laid = unwrap(source, SIDE, 2)
    baked = bake(laid, photos, BakeOptions(bake_px=SIDE), Silent())
    assert baked.seen_fraction > 0.97
    for jpeg in (True, False):
        write_glb(tmp_path / "deer.glb", textured(laid, baked.texture, jpeg=jpeg), "deer")
        mesh = read_glb(tmp_path / "deer.glb")
        for view in photograph(deer, [camera_around(35, 10, 128), camera_around(215, 25, 128)], 2):
            of_source = psnr(render_mesh(source, view.camera).over(1.0), view.over(1.0))
            of_baked = psnr(render_textured(mesh, view.camera).over(1.0), view.over(1.0))
            assert of_baked > max(of_source - 1.0, 27.0)


def test_gains_of_views_are_found(deer: MadeObject, photos: list[View]) -> None:
    gains = np.exp(0.12 * np.random.default_rng(0).standard_normal((len(photos), 3))).astype(np.float32)
    gains /= np.exp(np.log(gains).mean(0))
    tinted = [replace(view, colour=np.clip(view.colour * gain, 0, 1)) for view, gain in zip(photos, gains, strict=True)]
    laid = unwrap(decimate(deer.mesh, 2500), SIDE, 2)
    found = bake(laid, tinted, BakeOptions(bake_px=SIDE), Silent()).gains
    assert np.abs(np.log(found * gains)).mean() < 0.03  # 0.1 before


def test_what_no_photo_shows_is_invented_and_said(deer: MadeObject, photos: list[View]) -> None:
    laid = unwrap(decimate(deer.mesh, 2500), SIDE, 2)
    baked = bake(laid, photos[:1], BakeOptions(bake_px=SIDE), Silent())
    inside = laid.texels().face >= 0
    assert set(np.unique(baked.seen)) == {0.0, 1.0}
    assert baked.seen_fraction == pytest.approx(float(baked.seen[inside].mean()))
    assert 0.1 < baked.seen_fraction < 0.6
    assert baked.texture.min(axis=2).max() > 0.5 and (baked.texture.max(axis=2) > 0.05).all()  # no black anywhere


def test_colours_are_carried_over_seams_not_over_the_texture() -> None:
    ball = trimesh.creation.icosphere(3)
    vertices, faces = ball.vertices.astype(np.float32), ball.faces
    known = np.abs(vertices[:, 2]) > 0.9
    colours = np.where(vertices[:, 2:] > 0, np.float32([1, 0, 0]), np.float32([0, 0, 1])).astype(np.float32)
    filled = inpaint_surface(faces, colours, known, None)
    assert np.array_equal(filled[known], colours[known])
    assert np.corrcoef(filled[~known, 0], vertices[~known, 2])[0, 1] > 0.95  # from red above to blue below
    assert filled[~known].min() >= 0 and filled[~known, 1].max() < 1e-6
    guess = np.tile(np.linspace(0.2, 0.5, len(vertices), dtype=np.float32)[:, None], (1, 3))
    shifted = inpaint_surface(faces, guess + 0.1, known, guess)
    assert np.allclose(shifted, guess + 0.1, atol=1e-3)  # the guess, brought to the level of what is known
    assert np.allclose(inpaint_surface(faces, colours, np.zeros(len(vertices), bool), None), 0.5)


def test_islands_go_on_beyond_their_edge() -> None:
    texture, inside = np.zeros((20, 20, 3), np.float32), np.zeros((20, 20), bool)
    inside[5:8, 5:8] = inside[14:16, 12:18] = True
    texture[5:8, 5:8], texture[14:16, 12:18] = (1, 0, 0), (0, 1, 0)
    filled = pad_islands(texture, inside)
    assert np.array_equal(filled[0, 0], [1, 0, 0]) and np.array_equal(filled[19, 19], [0, 1, 0])
    assert np.allclose(filled.sum(2), 1) and np.array_equal(filled[inside], texture[inside])


def test_a_bake_that_does_not_fit_is_refused_with_the_number(deer: MadeObject, photos: list[View]) -> None:
    assert forecast_bake(16384, 100) > 16e9
    with pytest.raises(ProblemError, match=r"needs 16\.\d GB of memory, and 2\.0 GB is free") as caught:
        check_bake_memory(16384, 100, 2 * 10**9)
    assert caught.value.problem.kind is Kind.MISSING_RESOURCE
    check_bake_memory(1024, 100, 2 * 10**9)
    laid = unwrap(decimate(deer.mesh, 500), 64, 1)
    with pytest.raises(ProblemError, match="no view"):
        bake(laid, [], BakeOptions(bake_px=64), Silent())
    with pytest.raises(ProblemError, match="unwrapped for 64 px"):
        bake(laid, photos, BakeOptions(bake_px=128), Silent())


def test_outlines_and_highlights_are_not_trusted() -> None:
    sheet = Mesh(
        vertices=np.float32([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]), faces=np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    )
    camera = camera_around(0, 90, 40)
    colour, alpha = np.full((40, 40, 3), 0.5, np.float32), np.zeros((40, 40), np.float32)
    alpha[12:28, 12:28] = 1
    colour[20, 20] = 1.0
    trust = Projector(sheet.vertices, sheet.faces, [View(name="a", camera=camera, colour=colour, alpha=alpha)]).eye(0).trust
    assert trust[15, 15] == 1 and trust[11, 15] == 0 and 0 < trust[12, 15] < 1
    assert trust[20, 20] == pytest.approx(0.1, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("version", ["v1.1", "v1.2"])
def test_six_views_paint_a_statue(version: str) -> None:
    made = make_object("teapot")
    views = photograph(made, zero123plus_rig(version, 256), 2)
    laid = unwrap(decimate(made.mesh, 8000), 1024, 4)
    baked = bake(laid, views, BakeOptions(bake_px=1024), Silent())
    assert baked.seen_fraction > 0.85
