"""A scan end to end: installed zip, real backend process, six pictures of an egg, the scene, the GLB."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import bpy
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from drawn_egg import draw_egg
from mathutils import Vector
from own_backend import own_backend

Part = Callable[[str], ModuleType]

# As little of everything as still makes an object.
OPTIONS = {
    "max_photo_px": 320, "features_per_photo": 256, "view_px": 64, "field": "voxel", "field_steps": 60, "field_resolution": 32,
    "splat_steps": 40, "splats_most": 400, "mesh_resolution": 32, "faces": 600, "refine_steps": 0, "bake_px": 128,
    "bake_padding": 2, "lods": 1,
}  # fmt: skip
FLAGS = [word for name, value in OPTIONS.items() for word in (f"--{name.replace('_', '-')}", str(value))]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_egg(tmp_path_factory.mktemp("object") / "egg")


@pytest.fixture(scope="module")
def made(grotto: Path, pictures: Path, installed: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A scan made through create_scan: the job's folder, and what was printed. The backend lives on for the module."""
    folder = tmp_path_factory.mktemp("scan")
    with own_backend(folder, grotto):
        bpy.data.batch_remove(list(bpy.data.objects))
        bpy.data.batch_remove(list(bpy.data.collections))
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            source = str(pictures / "transforms.json")
            ended = bpy.ops.grotto.create_scan(source=source, out=str(folder / "job"), quality="DRAFT", **OPTIONS)
        assert ended == {"FINISHED"}
        yield folder / "job", printed.getvalue()


def stage_lines(printed: str) -> list[str]:
    return [line for line in printed.splitlines() if line.startswith("[")]


def result_root() -> bpy.types.Object:
    return next(item for item in bpy.context.scene.objects if "grotto_recipe" in item)


def world_positions(item: bpy.types.Object) -> np.ndarray:
    flat = np.empty(len(item.data.vertices) * 3, np.float32)
    item.data.vertices.foreach_get("co", flat)
    matrix = np.array(item.matrix_world)
    return flat.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3]


def test_the_scene_has_mesh_splats_and_cameras(made: tuple[Path, str]) -> None:
    result = json.loads((made[0] / "result.json").read_text())
    root = result_root()
    assert root.name == "egg"
    assert root["grotto_stamp"] == result["job"]["stamp"]
    mesh, splats = bpy.data.objects["egg Mesh"], bpy.data.objects["egg Splats"]
    assert len(mesh.data.polygons) == result["facts"]["faces"] <= 1.1 * OPTIONS["faces"]  # closing may need a few more
    assert 0 < len(splats.data.vertices) <= OPTIONS["splats_most"]
    assert mesh.visible_get()
    assert not splats.visible_get()
    assert len([item for item in root.children if item.type == "CAMERA"]) == result["facts"]["registered_photos"] == 6
    assert len(stage_lines(made[1])) >= 8


def test_the_mesh_fills_the_object_in_every_picture(made: tuple[Path, str]) -> None:
    """Through each camera, most vertices fall where the picture behind it shows the object, and they span its width."""
    positions = world_positions(bpy.data.objects["egg Mesh"])
    cameras = [item for item in result_root().children if item.type == "CAMERA"]
    for camera in cameras:
        assert bpy.ops.grotto.look_through(camera=camera.name) == {"FINISHED"}
        bpy.context.view_layer.update()
        image = camera.data.background_images[0].image
        width, height = image.size
        pixels = np.array(image.pixels[:]).reshape(height, width, -1)  # first row at the bottom, as the view counts
        inside = pixels[..., 3] > 0.5
        seen = np.array([world_to_camera_view(bpy.context.scene, camera, Vector(place))[:2] for place in positions.tolist()])
        column = np.clip((seen[:, 0] * width).astype(int), 0, width - 1)
        row = np.clip((seen[:, 1] * height).astype(int), 0, height - 1)
        assert inside[row, column].mean() > 0.75, camera.name
        across = np.flatnonzero(inside.any(0))
        assert np.ptp(column) > 0.75 * np.ptp(across), camera.name


def test_a_level_of_detail_comes_when_asked(made: tuple[Path, str], tmp_path: Path, part: Part) -> None:
    result = json.loads((made[0] / "result.json").read_text())
    path = next(asset["path"] for asset in result["assets"] if asset["role"] == "lod1")
    assert bpy.ops.grotto.show_part(path=path) == {"FINISHED"}
    full, less = bpy.data.objects["egg Mesh"], bpy.data.objects["egg LOD 1"]
    assert (full.visible_get(), less.visible_get()) == (False, True)
    assert 0 < len(less.data.polygons) < len(full.data.polygons)
    assert bpy.ops.grotto.export_glb(filepath=str(tmp_path / "less.glb")) == {"FINISHED"}
    (written,) = part("addon.importers.readers.glb").read_glb(tmp_path / "less.glb")
    assert len(written.triangles) == len(less.data.polygons)


def test_the_command_makes_the_same_job(made: tuple[Path, str], pictures: Path, part: Part, tmp_path: Path) -> None:
    """The words after `blender --command grotto`, into the folder that is there: every stage is kept."""
    glb, blend = tmp_path / "a" / "scan.glb", tmp_path / "scan.blend"
    words = ["scan", str(pictures / "transforms.json"), "--out", str(made[0]), "--quality", "draft", *FLAGS]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        assert part("operators.command.cli").run([*words, "--glb", str(glb), "--blend", str(blend)]) == 0
    lines = stage_lines(printed.getvalue())
    assert len(lines) == len(stage_lines(made[1]))
    assert all(line.endswith("(kept)") for line in lines)
    assert glb.stat().st_size > 1000
    assert blend.stat().st_size > 1000
