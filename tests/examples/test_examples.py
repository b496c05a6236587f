"""The examples do what they promise: run as scripts are, on small made pictures."""

from __future__ import annotations

import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from PIL import Image

from grotto.contract import Silent, from_flat, to_flat
from grotto.contract.options import MakeObjectOptions, MakeWallOptions
from grotto.contract.recipes import WALL_QUALITIES, CutMuralOptions, ElementOptions, ScanOptions, WallOptions
from grotto.formats import read_glb
from grotto.synthetic import make_object_set, make_wall

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def function(script: str, name: str) -> Callable[..., Any]:
    """A function of an example."""
    return runpy.run_path(str(EXAMPLES / script))[name]


@pytest.mark.slow
def test_wall_in_ten_calls(tmp_path: Path) -> None:
    small = {"columns": 3, "rows": 2, "photo_width": 480, "photo_height": 320, "focal_px": 520.0}
    make_wall(tmp_path / "set", from_flat(MakeWallOptions, small), Silent())
    options = from_flat(WallOptions, {**to_flat(WALL_QUALITIES["draft"]), "features_per_photo": 1000})
    photos, reconstruct_wall = tmp_path / "set" / "photos", function("wall_in_ten_calls.py", "reconstruct_wall")
    orthophoto, mesh = reconstruct_wall(photos, tmp_path / "out", options)
    with rasterio.open(orthophoto) as tiff:
        picture = tiff.read()
    assert picture[3].mean() > 127  # most of the rectangle was photographed
    assert picture[:3].std() > 10
    vertices = read_glb(mesh).vertices
    assert len(vertices) > 100
    extent = np.ptp(vertices, axis=0)
    assert extent.min() < 0.2 * extent.max()  # a wall is flat


@pytest.mark.slow
def test_scan_in_ten_calls(tmp_path: Path) -> None:
    views = MakeObjectOptions(rig="random", views=8, size=64, samples=1)
    make_object_set("teapot", tmp_path / "set", views, Silent())
    small = {"field": "voxel", "field_steps": 30, "field_resolution": 32, "mesh_resolution": 32, "view_px": 64}
    options = from_flat(ScanOptions, {**small, "faces": 600, "refine_steps": 4, "bake_px": 256, "bake_padding": 1})
    mesh = function("scan_in_ten_calls.py", "reconstruct_object")(tmp_path / "set", tmp_path / "out", options)
    body = read_glb(mesh)
    assert 100 < len(body.faces) <= 600
    extent = np.ptp(body.vertices, axis=0)
    assert extent.min() > 0.3 * extent.max()  # a teapot is round


def figure(path: Path) -> Path:
    """A striped disc on white, 120 px."""
    y, x = np.mgrid[:120, :120]
    picture = np.full((120, 120, 3), 255, np.uint8)
    inside = np.hypot(x - 60, y - 60) < 40
    picture[inside] = np.where((np.sin(x / 6) > 0)[..., None], [60, 80, 150], [170, 50, 30])[inside]
    Image.fromarray(picture).save(path)
    return path


def test_element_in_ten_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grotto.recipes.element.preview.PREVIEW_PX", 48)
    monkeypatch.setattr("grotto.recipes.element.preview.INPUT_PX", 128)
    small = {"faces": 900, "sides_px": 128, "normals_px": 0, "occlusion": False, "lods": 0}
    options = from_flat(ElementOptions, {**small, "height_m": 2.0})
    mesh = function("element_in_ten_calls.py", "model_element")(figure(tmp_path / "figure.png"), tmp_path / "out", options)
    vertices = read_glb(mesh).vertices
    assert np.ptp(vertices, axis=0).max() > 1.9
    assert np.ptp(vertices, axis=0).min() > 0.1  # a relief is not flat


def mural(path: Path) -> Path:
    """Three discs on plaster."""
    y, x = np.mgrid[:300, :500]
    picture = np.full((300, 500, 3), 225, np.uint8)
    for centre, colour in ((100, (160, 40, 30)), (250, (30, 60, 150)), (400, (40, 120, 50))):
        picture[np.hypot(x - centre, y - 150) < 50] = colour
    Image.fromarray(picture).save(path)
    return path


def test_cut_in_ten_calls(tmp_path: Path) -> None:
    options = from_flat(CutMuralOptions, {"segmenter": "classical"})
    pictures = function("cut_in_ten_calls.py", "cut_mural")(mural(tmp_path / "mural.png"), tmp_path / "out", options)
    assert len(pictures) == 3
    for path in pictures:
        alpha = np.asarray(Image.open(path))[..., 3]
        assert abs((alpha > 127).sum() / (np.pi * 50**2) - 1) < 0.05


def test_an_example_is_started_with_paths(tmp_path: Path) -> None:
    command = [sys.executable, str(EXAMPLES / "cut_in_ten_calls.py"), str(mural(tmp_path / "mural.png")), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert [Path(line).suffix for line in done.stdout.split()] == [".png"] * 3
