"""An element end to end: installed zip, real backend process, one small picture, the scene, the GLB."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from made_job import png
from mathutils import Vector
from own_backend import own_backend

Part = Callable[[str], ModuleType]
WIDTH, HEIGHT = 120, 90


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A striped disc left of the middle, with alpha."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    alpha = np.clip(30.5 - np.hypot(x - 45, y - 50), 0, 1)
    colour = np.where((np.sin(x / 4) > 0)[..., None], [200, 60, 40], [40, 60, 160])
    path = tmp_path_factory.mktemp("picture") / "shield.png"
    png(path, np.dstack([colour, np.round(255 * alpha)]).astype(np.uint8))
    return path


@pytest.fixture(scope="module")
def made(grotto: Path, picture: Path, installed: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The job's folder of an element made through create_element. The backend lives on for the module."""
    folder = tmp_path_factory.mktemp("element")
    with own_backend(folder, grotto):
        bpy.data.batch_remove(list(bpy.data.objects))
        bpy.data.batch_remove(list(bpy.data.collections))
        ended = bpy.ops.grotto.create_element(
            source=str(picture), out=str(folder / "job"), quality="DRAFT", faces=900, sides_px=128, height_m=2.0
        )
        assert ended == {"FINISHED"}
        yield folder / "job"


def body() -> bpy.types.Object:
    return bpy.data.objects["shield Mesh"]


def test_the_scene_has_one_closed_body_with_two_materials(made: Path) -> None:
    facts = json.loads((made / "result.json").read_text())["facts"]
    mesh = body().data
    assert len(mesh.polygons) == facts["faces"]
    assert len(mesh.vertices) == facts["vertices"]
    assert [material.name for material in mesh.materials] == ["shield Front", "shield Sides"]
    assert {polygon.material_index for polygon in mesh.polygons} == {0, 1}
    counts: dict[tuple[int, int], int] = {}
    for polygon in mesh.polygons:
        for edge in polygon.edge_keys:
            counts[edge] = counts.get(edge, 0) + 1
    assert set(counts.values()) == {2}
    assert body().dimensions.z == pytest.approx(2.0, abs=1e-4)


def test_the_front_carries_the_pictures_own_bytes(made: Path, picture: Path) -> None:
    image = next(image for image in bpy.data.images if image.name.startswith("shield Front"))
    assert image.packed_file.data == picture.read_bytes()


def test_the_pictures_camera_sees_it_as_painted(made: Path) -> None:
    """Every corner of the front lies in the camera's picture where the painting has it."""
    camera, scene = bpy.data.objects["shield Picture"], bpy.context.scene
    assert camera.data.type == "ORTHO"
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    bpy.context.view_layer.update()
    mesh: Any = body().data
    layer = mesh.uv_layers.active.uv
    worst = 0.0
    for polygon in mesh.polygons:
        if polygon.material_index == 0:
            for loop in polygon.loop_indices:
                world = body().matrix_world @ mesh.vertices[mesh.loops[loop].vertex_index].co
                seen = world_to_camera_view(scene, camera, Vector(world))
                uv = layer[loop].vector
                worst = max(worst, abs(seen.x - uv[0]) * WIDTH, abs(seen.y - uv[1]) * HEIGHT)
    assert worst < 0.5


def test_no_folder_is_taken_for_a_picture(part: Part, tmp_path: Path) -> None:
    create, recipes = part("operators.create"), part("addon.recipes")
    problem = part("backend.grotto.contract").ProblemError
    for source in (str(tmp_path), str(tmp_path / "absent.png"), ""):
        with pytest.raises(problem, match="picture"):
            create.check_source(recipes.ELEMENT, source)
