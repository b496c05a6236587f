"""A stack of layers end to end: real backend process, one small picture, an object for each layer, and the GLB exported again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import bpy
import numpy as np
import pytest
from made_job import png
from own_backend import own_backend

Part = Callable[[str], ModuleType]
SIZE = 220

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(grotto: Path, installed: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The job's folder of a red disc before a blue one, with ink around both."""
    folder = tmp_path_factory.mktemp("layers")
    y, x = np.mgrid[:SIZE, :SIZE] + 0.5
    colour, alpha = np.full((SIZE, SIZE, 3), 255.0), np.zeros((SIZE, SIZE))
    for middle, paint in ((82, (60, 90, 180)), (140, (190, 70, 40))):
        away = np.hypot(x - middle, y - 110)
        colour[away < 62] = (30, 22, 20)
        colour[away < 59] = paint
        alpha = np.maximum(alpha, np.clip(62.5 - away, 0, 1))
    png(folder / "discs.png", np.dstack([colour, np.round(255 * alpha)]).astype(np.uint8))
    with own_backend(folder, grotto):
        bpy.data.batch_remove(list(bpy.data.objects))
        bpy.data.batch_remove(list(bpy.data.collections))
        ended = bpy.ops.grotto.create_element(
            source=str(folder / "discs.png"),
            out=str(folder / "job"),
            quality="DRAFT",
            shape="layers",
            layer_gap_m=0.1,
            faces=900,
            sides_px=128,
        )
        assert ended == {"FINISHED"}
        yield folder / "job"


def layers() -> list[bpy.types.Object]:
    found = [item for item in bpy.data.objects if item.type == "MESH"]
    return sorted(found, key=lambda item: item.name)


def test_each_layer_is_an_object_at_its_own_distance_with_holes_where_it_shows_nothing(made: Path) -> None:
    facts = json.loads((made / "result.json").read_text())["facts"]
    back, front = layers()
    assert [item.name.partition(" ")[2] for item in (back, front)] == facts["layers"]
    assert back.location.y - front.location.y == pytest.approx(0.1, abs=1e-6)
    assert back.matrix_world.translation.x < 1e-6
    assert min(vertex.co.x for vertex in back.data.vertices) < min(vertex.co.x for vertex in front.data.vertices)
    for item in (back, front):
        shader = next(node for node in item.data.materials[0].node_tree.nodes if node.type == "BSDF_PRINCIPLED")
        assert shader.inputs["Alpha"].is_linked
    assert "discs Picture" in bpy.data.objects


def test_the_exported_file_still_blends_and_keeps_the_distances(made: Path, tmp_path: Path) -> None:
    for item in bpy.data.objects:
        item.select_set(item in layers())
    bpy.ops.export_scene.gltf(filepath=str(tmp_path / "out.glb"), use_selection=True)
    data = (tmp_path / "out.glb").read_bytes()
    document = json.loads(data[20 : 20 + int.from_bytes(data[12:16], "little")])
    assert [material["alphaMode"] for material in document["materials"]] == ["BLEND", "BLEND"]
    places = sorted(node["translation"][2] for node in document["nodes"] if "mesh" in node)
    assert places == pytest.approx([-0.05, 0.05], abs=1e-6)


def test_cut_again_keeps_each_layers_object(made: Path) -> None:
    names = [item.name for item in layers()]
    back, front = layers()
    back.modifiers.new("Bend", "SIMPLE_DEFORM")
    front.location.y = 3.0
    bpy.context.view_layer.objects.active = back
    y, x = np.mgrid[:SIZE, :SIZE] + 0.5
    away = np.minimum(np.hypot(x - 82, y - 110), np.hypot(x - 140, y - 110))
    strokes = np.zeros((SIZE, SIZE, 4), np.uint8)
    strokes[away < 62] = 255
    strokes[away > 63] = (0, 0, 0, 255)
    png(made.parent / "strokes.png", strokes)
    assert bpy.ops.grotto.cut_again(strokes=str(made.parent / "strokes.png")) == {"FINISHED"}
    assert [item.name for item in layers()] == names
    assert [modifier.name for modifier in layers()[0].modifiers] == ["Bend"]
    assert layers()[0].location.y - layers()[1].location.y == pytest.approx(0.1, abs=1e-6)
