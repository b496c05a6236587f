"""View-dependent colour beside a baked texture: a sheet that shines towards one side."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from grotto.contract import Silent
from grotto.formats import Mesh
from grotto.meshes.appearance import SpecularFit, fit_specular, write_specular
from grotto.meshes.texture import Unwrapped, unwrap
from grotto.metrics import psnr
from grotto.scene import Camera, RayCaster, View, look_at

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


def shown(laid: Unwrapped, fit: SpecularFit, camera: Camera) -> np.ndarray:
    """(h, w, 3) the sheet with its view-dependent colours over white, one ray through the middle of each pixel."""
    hits = RayCaster(laid.vertices, laid.faces).through(camera)
    met = np.flatnonzero(hits.face >= 0)
    uv = np.einsum("nk,nkc->nc", hits.barycentric[met], laid.uv[laid.faces[hits.face[met]]])
    rays = camera.directions().reshape(-1, 3)[met]
    picture = np.ones((len(hits.face), 3), np.float32)
    picture[met] = fit.specular.colours(uv, rays / np.linalg.norm(rays, axis=1, keepdims=True))
    return picture.reshape(camera.height, camera.width, 3)


def test_highlights_are_found_where_they_are(laid: Unwrapped, fit: SpecularFit) -> None:
    assert fit.psnr_after_db > fit.psnr_before_db + 6
    kept_out = seen_from((0.9, -2.3, 0.2))
    drawn = shown(laid, fit, kept_out.camera)
    assert psnr(drawn, kept_out.over(1.0)) > 22
    dull = seen_from((-0.9, -2.3, 0.2))
    assert psnr(shown(laid, fit, dull.camera), dull.over(1.0)) > 22


def test_files_beside_the_glb_say_the_same(fit: SpecularFit, tmp_path: Path) -> None:
    """Read back by the formula that the document states."""
    write_specular(tmp_path, fit.specular)
    document = json.loads((tmp_path / "specular.json").read_text(encoding="utf-8"))
    diffuse, features = (np.asarray(Image.open(tmp_path / document["textures"][name])) / 255 for name in ("diffuse", "features"))
    assert diffuse == pytest.approx(fit.specular.diffuse, abs=0.5 / 255 + 1e-6)
    assert features == pytest.approx(fit.specular.features, abs=0.5 / 255 + 1e-6)
    ray, row, column = np.array([-0.4, 0.9, 0.1]), 20, 30
    hidden = np.maximum(np.array(document["hidden"]) @ np.concatenate([ray, features[row, column]]), 0)
    stated = diffuse[row, column] + 1 / (1 + np.exp(-np.array(document["output"]) @ hidden))
    uv = np.array([[(column + 0.5) / features.shape[1], (row + 0.5) / features.shape[0]]], np.float32)
    assert fit.specular.colours(uv, ray[None].astype(np.float32))[0] == pytest.approx(np.clip(stated, 0, 1), abs=0.02)
