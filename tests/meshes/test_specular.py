"""View-dependent colour beside a baked texture: a sheet that shines towards one side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from grotto.contract import ProblemError, Silent
from grotto.formats import Mesh
from grotto.meshes.appearance import SpecularFit, fit_specular, read_specular, render_specular, write_specular
from grotto.meshes.texture import Unwrapped, unwrap
from grotto.metrics import psnr
from grotto.scene import Camera, View, look_at

SHEET = Mesh(
    vertices=np.array([[-1, 0, 1], [1, 0, 1], [1, 0, -1], [-1, 0, -1]], np.float32),
    faces=np.array([[0, 2, 1], [0, 3, 2]], np.int32),
)
BASE = np.array([0.4, 0.25, 0.15], np.float32)
PLACES = [(x, -2.2, z) for x in (-1.2, -0.6, 0.0, 0.6, 1.2) for z in (-0.7, 0.7)]


def seen_from(position: tuple[float, float, float]) -> View:
    """The sheet, matt where x < 0; the other half is bright for cameras on the right."""
    camera = Camera(
        camera_from_world=look_at(np.array(position), np.zeros(3)),
        focal_x=60, focal_y=60, centre_x=32, centre_y=32, width=64, height=64,
    )  # fmt: skip
    rays = camera.directions().reshape(-1, 3)
    reach = -position[1] / rays[:, 1]
    hits = np.array(position) + rays * reach[:, None]
    unit = rays / np.linalg.norm(rays, axis=1, keepdims=True)
    light = np.where(hits[:, 0] > 0, np.clip(-unit[:, 0], 0, 1), 0)[:, None] * 0.9
    alpha = (np.abs(hits[:, [0, 2]]) < 1).all(1).astype(np.float32)
    colour = np.clip(BASE + light, 0, 1).astype(np.float32)
    return View(name=str(position), camera=camera, colour=colour.reshape(64, 64, 3), alpha=alpha.reshape(64, 64))


@pytest.fixture(scope="module")
def laid() -> Unwrapped:
    return unwrap(SHEET, 64, 2)


@pytest.fixture(scope="module")
def fit(laid: Unwrapped) -> SpecularFit:
    baked = np.broadcast_to(BASE + 0.1, (64, 64, 3)).astype(np.float32)
    return fit_specular(laid, baked, [seen_from(place) for place in PLACES], Silent(), steps=250)


def test_highlights_are_found_where_they_are(laid: Unwrapped, fit: SpecularFit) -> None:
    assert fit.psnr_after_db > fit.psnr_before_db + 6
    kept_out = seen_from((0.9, -2.3, 0.2))
    drawn = render_specular(laid, fit.specular, kept_out.camera).over(1.0)
    assert psnr(drawn, kept_out.over(1.0)) > 22
    dull = seen_from((-0.9, -2.3, 0.2))
    assert psnr(render_specular(laid, fit.specular, dull.camera).over(1.0), dull.over(1.0)) > 22


def test_files_beside_the_glb_say_the_same(fit: SpecularFit, tmp_path: Path) -> None:
    write_specular(tmp_path, fit.specular)
    again = read_specular(tmp_path)
    uv = np.random.default_rng(0).uniform(0.1, 0.9, (50, 2)).astype(np.float32)
    ray = np.tile(np.array([[-0.4, 0.9, 0.1]], np.float32), (50, 1))
    assert np.abs(again.colours(uv, ray) - fit.specular.colours(uv, ray)).max() < 0.01
    (tmp_path / "specular.json").write_text('{"hidden": []}')
    with pytest.raises(ProblemError, match="no view-dependent colours"):
        read_specular(tmp_path)
