"""Working with an imported wall: scale, cameras, export."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import bpy
import made_job
import numpy as np
import pytest

Part = Callable[[str], ModuleType]


def empty_at(x: float, y: float, z: float) -> bpy.types.Object:
    item = bpy.data.objects.new("point", None)
    item.location = (x, y, z)
    bpy.context.scene.collection.objects.link(item)
    return item


def select(*items: bpy.types.Object) -> None:
    bpy.context.view_layer.update()
    for item in bpy.context.view_layer.objects:
        item.select_set(False)
    for item in items:
        item.select_set(True)


def test_a_known_length_scales_the_root(imported: bpy.types.Object) -> None:
    select(empty_at(0, 0, 0), empty_at(2.0, 0, 0))
    assert bpy.ops.grotto.set_scale(length=5.0) == {"FINISHED"}
    assert tuple(imported.scale) == pytest.approx((2.5, 2.5, 2.5))
    mesh = bpy.data.objects["north wall Mesh"]
    corner = mesh.matrix_world @ mesh.data.vertices[8].co
    assert corner.x == pytest.approx(2.5 * made_job.WIDTH_M)
    assert imported["grotto_scale"] == "metric"


def test_two_vertices_do_as_well(imported: bpy.types.Object) -> None:
    mesh = bpy.data.objects["north wall Mesh"]
    bpy.context.view_layer.objects.active = mesh
    select(mesh)
    mesh.data.vertices.foreach_set("select", [index in (0, 8) for index in range(len(mesh.data.vertices))])  # the upper edge
    mesh.data.edges.foreach_set("select", [False] * len(mesh.data.edges))
    mesh.data.polygons.foreach_set("select", [False] * len(mesh.data.polygons))
    bpy.context.tool_settings.mesh_select_mode = (True, False, False)
    bpy.ops.object.mode_set(mode="EDIT")
    try:
        before = (mesh.data.vertices[0].co - mesh.data.vertices[8].co).length
        assert bpy.ops.grotto.set_scale(length=1.0) == {"FINISHED"}
    finally:
        bpy.ops.object.mode_set(mode="OBJECT")
    assert imported.scale.x == pytest.approx(1.0 / before)


@pytest.mark.parametrize(("count", "said"), [(0, "0 points are selected"), (3, "3 points are selected")])
def test_other_numbers_of_points_are_refused(imported: bpy.types.Object, count: int, said: str) -> None:
    select(*[empty_at(number, 0, 0) for number in range(count)])
    with pytest.raises(RuntimeError, match=said):
        bpy.ops.grotto.set_scale(length=1.0)
    assert tuple(imported.scale) == (1.0, 1.0, 1.0)


def test_two_points_in_one_place_are_refused(imported: bpy.types.Object) -> None:
    select(empty_at(1, 0, 0), empty_at(1, 0, 0))
    with pytest.raises(RuntimeError, match="same position"):
        bpy.ops.grotto.set_scale(length=1.0)


def test_without_a_result_there_is_nothing_to_scale(empty: None) -> None:
    with pytest.raises(RuntimeError, match="has no Grotto result"):
        bpy.ops.grotto.set_scale(length=1.0)
    assert bpy.context.window_manager.grotto_exit_code == 2


def test_looking_through_goes_round_the_cameras(imported: bpy.types.Object) -> None:
    names = sorted(str(camera["colmap_name"]) for camera in made_job.cameras())
    bpy.context.view_layer.objects.active = imported
    seen = []
    for _ in range(4):
        bpy.ops.grotto.look_through()
        seen.append(bpy.context.scene.camera.name)
    assert seen == [*names, names[0]]


def test_a_camera_of_another_origin_keeps_the_render_size(imported: bpy.types.Object) -> None:
    other = bpy.data.objects.new("other", bpy.data.cameras.new("other"))
    bpy.context.scene.collection.objects.link(other)
    bpy.context.scene.render.resolution_x = 321
    bpy.ops.grotto.look_through(camera="other")
    assert bpy.context.scene.render.resolution_x == 321


def test_the_exported_glb_holds_mesh_and_texture(imported: bpy.types.Object, tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "wall.glb"
    kept = empty_at(0, 0, 0)
    select(kept)
    assert bpy.ops.grotto.export_glb(filepath=str(path)) == {"FINISHED"}
    assert list(bpy.context.selected_objects) == [kept]
    before = set(bpy.data.objects)
    bpy.ops.import_scene.gltf(filepath=str(path))
    again = [item for item in set(bpy.data.objects) - before if item.type == "MESH"]
    assert len(again) == 1
    mesh = again[0]
    bpy.context.view_layer.update()
    positions = np.array([mesh.matrix_world @ vertex.co for vertex in mesh.data.vertices])
    truth, triangles, _ = made_job.relief()
    assert positions.min(0) == pytest.approx(truth.min(0), abs=1e-5)
    assert positions.max(0) == pytest.approx(truth.max(0), abs=1e-5)
    assert len(mesh.data.polygons) == len(triangles)
    image = next(node.image for node in mesh.data.materials[0].node_tree.nodes if node.type == "TEX_IMAGE")
    assert tuple(image.size) == (64, 40)


def test_the_export_keeps_the_roots_scale(imported: bpy.types.Object, tmp_path: Path, part: Part) -> None:
    imported.scale = (3.0, 3.0, 3.0)
    bpy.context.view_layer.update()
    bpy.ops.grotto.export_glb(filepath=str(tmp_path / "wall.glb"))
    (mesh,) = part("addon.importers.readers.glb").read_glb(tmp_path / "wall.glb")
    assert mesh.positions[:, 0].max() == pytest.approx(3.0 * made_job.WIDTH_M, abs=1e-4)


def test_a_mesh_without_texture_is_exported_plain(imported: bpy.types.Object, tmp_path: Path, part: Part) -> None:
    bpy.data.objects["north wall Mesh"].data.materials.clear()
    assert bpy.ops.grotto.export_glb(filepath=str(tmp_path / "bare.glb")) == {"FINISHED"}
    (mesh,) = part("addon.importers.readers.glb").read_glb(tmp_path / "bare.glb")
    assert mesh.image is None


def test_a_texture_that_an_exporter_lost_is_told(imported: bpy.types.Object, tmp_path: Path, part: Part) -> None:
    formats, surfaces = part("operators.export.formats"), part("operators.export.surfaces")
    bpy.data.objects["north wall Mesh"].data.materials.clear()
    bpy.ops.grotto.export_glb(filepath=str(tmp_path / "bare.glb"))
    with pytest.raises(part("backend.grotto.contract").ProblemError, match="holds 0 of 1 textures"):
        formats.check_glb(tmp_path / "bare.glb", surfaces.Expected(80, 80, 1, ()))


def test_a_place_that_can_not_be_written_is_told(imported: bpy.types.Object, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RuntimeError, match=r"can not be written|refused"):
        bpy.ops.grotto.export_glb(filepath=str(tmp_path / "file" / "wall.glb"))
    assert bpy.context.window_manager.grotto_exit_code == 3


def test_compressed_files_are_named_not_misread(installed: str, tmp_path: Path, part: Part) -> None:
    contract = part("backend.grotto.contract")
    text = json.dumps({"extensionsRequired": ["KHR_draco_mesh_compression"]}).encode()
    text += b" " * (-len(text) % 4)
    body = struct.pack("<II", len(text), 0x4E4F534A) + text
    (tmp_path / "draco.glb").write_bytes(struct.pack("<III", 0x46546C67, 2, 12 + len(body)) + body)
    with pytest.raises(contract.ProblemError, match="KHR_draco_mesh_compression"):
        part("addon.importers.readers.glb").read_glb(tmp_path / "draco.glb")
