"""What importing a door loads: packages that take long to load or hold much memory come with the rooms that are named here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from grotto.contract import RESULT_FILE, JobRequest, from_flat
from grotto.contract.recipes import to_nested
from grotto.recipes import RECIPES

ROOT = Path(__file__).resolve().parents[2]
BACKEND = ROOT / "backend"
HEAVY = {
    "cv2",
    "diffusers",
    "embreex",
    "fastapi",
    "kornia",
    "manifold3d",
    "matplotlib",
    "numba",
    "psutil",
    "pycolmap",
    "rasterio",
    "scipy",
    "skimage",
    "torch",
    "transformers",
    "trimesh",
    "xatlas",
}
# What the door of a room may load at most; a sub-room without a row of its own has its room's.
LOADS = {
    "contract": "",
    "formats": "",
    "scene": "cv2",
    "metrics": "cv2 scipy",
    "metrics.perceptual": "cv2 scipy torch",
    "photos": "cv2",
    "render": "cv2 torch",
    "render.mesh": "cv2 numba scipy",
    "render.mesh.differentiable": "cv2 numba scipy torch",
    "masks": "cv2 scipy skimage",
    "sfm": "cv2 pycolmap scipy",
    "fitting": "",
    "fields": "cv2 numba scipy torch",
    "splats": "cv2 scipy torch",
    "meshes": "",
    "meshes.topology": "scipy",
    "meshes.repair": "numba scipy",
    "meshes.remesh": "numba scipy",
    "meshes.texture": "cv2 numba scipy",
    "meshes.surface": "cv2 numba scipy skimage torch",
    "meshes.appearance": "cv2 numba scipy torch",
    "meshes.refine": "cv2 numba scipy torch",
    "relief": "cv2 numba scipy skimage",
    "ortho": "cv2 numba pycolmap scipy",
    "views": "cv2 pycolmap scipy skimage",
    "synthetic": "cv2 scipy skimage",
    "models": "cv2 numba scipy skimage torch",
    "models.matching.training": "cv2 numba psutil scipy skimage torch",
    "models.registry": "",
    "runner": "psutil",
    "server": "psutil",
    "recipes.assets": "psutil",
    "recipes.weights": "",
    "recipes.inputs": "cv2",
    "recipes.wall": "cv2 matplotlib numba psutil pycolmap scipy",
    "recipes.cut": "cv2 psutil scipy skimage",
    "recipes.element": "cv2 numba psutil scipy skimage",
    "recipes.element.on_wall": "cv2 numba psutil pycolmap scipy skimage",
    "recipes.element.from_model": "cv2 numba psutil pycolmap scipy skimage",
    "recipes.element.from_views": "cv2 numba psutil pycolmap scipy skimage torch",
    "recipes": "cv2 numba psutil pycolmap scipy skimage torch",
    # trimesh, the baseline of some benches, loads embreex and manifold3d where they are
    "evaluation": "cv2 embreex manifold3d numba psutil pycolmap scipy skimage torch trimesh",
}
# Imports doors one after the other in a fresh interpreter, and says after each what has been loaded so far.
SCRIPT = """
import importlib, json, sys
for door in sys.argv[2:]:
    importlib.import_module(door)
    print(json.dumps([door, [name for name in sys.argv[1].split() if name in sys.modules]]))
"""


def doors() -> list[str]:
    return sorted(".".join(path.parent.relative_to(BACKEND).parts) for path in (BACKEND / "grotto").rglob("__init__.py"))


def allowed(door: str) -> frozenset[str]:
    """The packages that a door may load: those of the nearest row on the way up."""
    room = door.removeprefix("grotto").removeprefix(".")
    while room and room not in LOADS:
        room = room.rpartition(".")[0]
    return frozenset(LOADS.get(room, "").split())


def chains() -> list[list[str]]:
    """The doors in few rows, each door allowed at least what the door before it is: a row shares one interpreter."""
    rows: list[list[str]] = []
    for door in sorted(doors(), key=lambda door: len(allowed(door))):
        fitting = [row for row in rows if allowed(row[-1]) <= allowed(door)]
        if fitting:
            max(fitting, key=lambda row: len(allowed(row[-1]))).append(door)
        else:
            rows.append([door])
    return rows


def loaded(row: list[str], backend: Path = BACKEND) -> Iterator[tuple[str, set[str]]]:
    """Each door, and which heavy packages were loaded once it had been imported."""
    command = [sys.executable, "-c", SCRIPT, " ".join(sorted(HEAVY)), *row]
    environment = {**os.environ, "PYTHONPATH": str(backend)}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    for line in ended.stdout.splitlines():
        door, packages = json.loads(line)
        yield door, set(packages)


@pytest.mark.parametrize("row", chains(), ids=lambda row: row[-1])
def test_a_door_loads_only_what_it_names(row: list[str]) -> None:
    assert {door: packages - allowed(door) for door, packages in loaded(row) if packages - allowed(door)} == {}


def test_the_table_names_heavy_packages_and_real_rooms() -> None:
    assert {name for row in LOADS.values() for name in row.split()} <= HEAVY
    assert {f"grotto.{room}" for room in LOADS} <= set(doors())


def test_a_door_that_loads_more_is_found(tmp_path: Path) -> None:
    (tmp_path / "planted").mkdir()
    (tmp_path / "planted/__init__.py").write_text("from .inside import sum_of\n")
    (tmp_path / "planted/inside.py").write_text("import psutil\n\ndef sum_of(): ...\n")
    assert list(loaded(["planted"], tmp_path)) == [("planted", {"psutil"})]


def started(recipe: str, folder: Path, **flat: object) -> set[str]:
    """The modules that a worker of its own imports for a whole job; the job must end well."""
    y, x = np.mgrid[:48, :48]
    inside = np.hypot(y - 23.5, x - 23.5) < 18
    pixels = np.dstack([5 * x, 5 * y, 200 - 4 * x, np.where(inside, 255, 0)]).astype(np.uint8)
    source, out = folder / "disc.png", folder / "job"
    Image.fromarray(pixels, "RGBA").save(source)
    out.mkdir()
    entry = RECIPES[recipe]
    JobRequest(recipe, str(source), str(out), to_nested(from_flat(entry.options, flat))).write(out)
    command = [sys.executable, "-X", "importtime", "-m", "grotto.runner.worker", entry.module, str(out)]
    environment = {**os.environ, "PYTHONPATH": str(BACKEND)}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, start_new_session=True) as worker:
        assert worker.wait(600) == 0, (out / "worker.log").read_text()
    assert (out / RESULT_FILE).is_file()
    lines = (out / "worker.log").read_text().splitlines()
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines if line.startswith("import time:")}


@pytest.mark.parametrize(
    ("recipe", "used", "options"),
    [
        ("element", "xatlas", {"route": "relief", "faces": 200, "lods": 1, "sides_px": 64, "normals_px": 64}),
        pytest.param("element", "scipy", {"route": "relief", "shape": "layers", "layers": 1}, marks=pytest.mark.slow),
        pytest.param("cut", "scipy", {}, marks=pytest.mark.slow),
    ],
)
def test_a_job_without_networks_and_fits_never_loads_torch(
    tmp_path: Path, recipe: str, used: str, options: dict[str, object]
) -> None:
    modules = started(recipe, tmp_path, **options)
    assert {"grotto", "numpy", used} <= modules  # the list is that of the job
    assert not modules & {"torch", "transformers", "trimesh", "pycolmap"}
