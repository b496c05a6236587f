"""Export: what is written, from the job's own file where nothing was edited, and that no earlier file is lost."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import made_element
import numpy as np
import pytest

Part = Callable[[str], ModuleType]
WIDTH_M = 1.2  # of the element's box
EXTRAS = {"licence": "CC-BY", "source": "mask.png"}


def chunks(path: Path) -> tuple[dict[str, Any], bytes]:
    """JSON and binary chunk of a GLB."""
    data = path.read_bytes()
    size = struct.unpack_from("<I", data, 12)[0]
    return json.loads(data[20 : 20 + size]), data[28 + size :]


def with_extras(path: Path) -> None:
    """Put extras into a GLB, which Blender's exporter would not write."""
    document, binary = chunks(path)
    document["asset"]["extras"] = EXTRAS
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    body = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(binary), 0x004E4942) + binary
    path.write_bytes(struct.pack("<III", 0x46546C67, 2, 12 + len(body)) + body)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A job's folder whose files have extras and true hashes."""
    folder = made_element.make_element(tmp_path / "job")
    result = json.loads((folder / "result.json").read_text())
    for asset in result["assets"]:
        if asset["path"].endswith(".glb"):
            with_extras(folder / asset["path"])
        asset["sha256"] = hashlib.sha256((folder / asset["path"]).read_bytes()).hexdigest()
    (folder / "result.json").write_text(json.dumps(result))
    return folder


@pytest.fixture
def root(empty: None, folder: Path) -> Any:
    assert bpy.ops.grotto.import_result(directory=str(folder)) == {"FINISHED"}
    return next(item for item in bpy.context.scene.objects if "grotto_recipe" in item)


@pytest.fixture
def mesh(root: Any) -> Any:
    return bpy.data.objects["mask Mesh"]


def exported(path: Path, modules: Part, **values: Any) -> list[Any]:
    """Export a GLB and read its meshes, z up."""
    assert bpy.ops.grotto.export_glb(filepath=str(path), **values) == {"FINISHED"}
    return modules("addon.importers.readers.glb").read_glb(path)


def count(meshes: list[Any]) -> int:
    return sum(len(mesh.triangles) for mesh in meshes)


def test_an_untouched_result_is_the_jobs_own_file(mesh: Any, folder: Path, tmp_path: Path, part: Part) -> None:
    exported(tmp_path / "a.glb", part)
    assert (tmp_path / "a.glb").read_bytes() == (folder / "finish/element.glb").read_bytes()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_it_is_still_so_after_the_file_was_saved_and_opened(mesh: Any, folder: Path, tmp_path: Path, part: Part) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    exported(tmp_path / "a.glb", part)
    assert chunks(tmp_path / "a.glb")[0]["asset"].get("extras") == EXTRAS


def edit_vertex(mesh: Any) -> None:
    mesh.data.vertices[0].co.z += 0.5


def edit_colour(mesh: Any) -> None:
    material = mesh.data.materials[0]
    shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Roughness"].default_value = 0.25


def edit_uv(mesh: Any) -> None:
    mesh.data.uv_layers[0].uv[0].vector = (0.125, 0.25)


def edit_place(mesh: Any) -> None:
    mesh.location.x += 1.0


@pytest.mark.parametrize("edit", [edit_vertex, edit_colour, edit_uv, edit_place])
def test_an_edit_of_any_kind_is_in_the_file(mesh: Any, tmp_path: Path, part: Part, edit: Callable[[Any], None]) -> None:
    edit(mesh)
    found = exported(tmp_path / "a.glb", part)
    assert "extras" not in chunks(tmp_path / "a.glb")[0]["asset"]  # Blender's exporter wrote it
    assert count(found) == 12
    positions = np.concatenate([item.positions for item in found])
    if edit is edit_vertex:
        assert np.abs(positions[:, 2] - mesh.data.vertices[0].co.z).min() < 1e-5
    if edit is edit_place:
        assert positions[:, 0].mean() == pytest.approx(1.0, abs=1e-5)
    if edit is edit_colour:
        assert chunks(tmp_path / "a.glb")[0]["materials"][0]["pbrMetallicRoughness"]["roughnessFactor"] == 0.25


def test_a_file_that_was_made_anew_meanwhile_is_not_taken(mesh: Any, folder: Path, tmp_path: Path, part: Part) -> None:
    (folder / "finish/element.glb").write_bytes((folder / "finish/lod1.glb").read_bytes())
    found = exported(tmp_path / "a.glb", part)
    assert np.ptp(np.concatenate([item.positions for item in found])[:, 0]) == pytest.approx(WIDTH_M, abs=1e-5)


def test_a_moved_turned_and_scaled_result_keeps_its_data(root: Any, folder: Path, tmp_path: Path, part: Part) -> None:
    root.location, root.rotation_euler, root.scale = (1.0, 2.0, 3.0), (0.1, 0.2, 0.7), (2.5, 2.5, 2.5)
    bpy.context.view_layer.update()
    own = part("addon.importers.readers.glb").read_glb(folder / "finish/element.glb")
    found = exported(tmp_path / "a.glb", part)
    assert chunks(tmp_path / "a.glb")[1] == chunks(folder / "finish/element.glb")[1]
    matrix = np.array(root.matrix_world)
    for here, there in zip(found, own, strict=True):
        assert here.positions == pytest.approx(there.positions @ matrix[:3, :3].T + matrix[:3, 3], abs=1e-5)


@pytest.mark.parametrize("edit", [False, True])
def test_a_scene_in_centimetres_leaves_in_metres(root: Any, mesh: Any, tmp_path: Path, part: Part, edit: bool) -> None:
    root.scale = (100.0, 100.0, 100.0)
    bpy.context.scene.unit_settings.scale_length = 0.01
    try:
        if edit:
            edit_uv(mesh)
        bpy.context.view_layer.update()
        positions = np.concatenate([item.positions for item in exported(tmp_path / "a.glb", part)])
        assert np.ptp(positions[:, 0]) == pytest.approx(WIDTH_M, rel=1e-5)
        assert tuple(root.scale) == pytest.approx((100.0, 100.0, 100.0))
    finally:
        bpy.context.scene.unit_settings.scale_length = 1.0


@pytest.mark.parametrize(("apply", "factor", "words"), [(True, 3, "With Array"), (False, 1, "Without Array")])
def test_modifiers_apply_or_are_left_out_and_that_is_said(
    mesh: Any, tmp_path: Path, part: Part, apply: bool, factor: int, words: str
) -> None:
    mesh.modifiers.new("Array", "ARRAY").count = 3
    assert count(exported(tmp_path / "a.glb", part, apply_modifiers=apply)) == 12 * factor
    assert part("operators.export.mesh_file").modifiers_line([mesh], apply) == words
    assert mesh.modifiers["Array"].show_viewport
    assert bpy.ops.grotto.export_obj(filepath=str(tmp_path / "a.obj"), apply_modifiers=apply) == {"FINISHED"}
    assert (tmp_path / "a.obj").read_text().count("\nf ") == 12 * factor


def test_a_plain_face_is_no_missing_texture(mesh: Any, tmp_path: Path, part: Part) -> None:
    mesh.data.materials.append(bpy.data.materials.new("plinth"))
    mesh.data.polygons[0].material_index = 2
    found = exported(tmp_path / "a.glb", part)
    assert (len(found), sum(item.image is None for item in found)) == (3, 1)


def test_another_scene_stays_out(mesh: Any, tmp_path: Path, part: Part) -> None:
    edit_uv(mesh)
    other = bpy.data.scenes.new("other")
    try:
        cube = bpy.data.objects.new("cube", mesh.data.copy())
        other.collection.objects.link(cube)
        cube.select_set(True, view_layer=other.view_layers[0])
        assert count(exported(tmp_path / "a.glb", part)) == 12
    finally:
        bpy.data.scenes.remove(other)


def test_every_part_is_exported_in_the_scene_or_not(root: Any, folder: Path, tmp_path: Path, part: Part) -> None:
    names = [
        part("operators.export.exported_part").name_of(item)
        for item in part("operators.export.exported_part").exportable_parts(root)
    ]
    assert names == ["MESH", "LOD_1", "COLLIDER"]
    exported(tmp_path / "lod.glb", part, part="LOD_1")
    assert (tmp_path / "lod.glb").read_bytes() == (folder / "finish/lod1.glb").read_bytes()
    exported(tmp_path / "collider.glb", part, part="COLLIDER")
    assert (tmp_path / "collider.glb").read_bytes() == (folder / "finish/collider.glb").read_bytes()
    before = sorted(item.name for item in bpy.data.objects), sorted(item.name for item in bpy.data.collections)
    for name in ("LOD_1", "COLLIDER"):  # of which the scene has none, and one that is hidden
        assert bpy.ops.grotto.export_obj(filepath=str(tmp_path / f"{name}.obj"), part=name) == {"FINISHED"}
        assert (tmp_path / f"{name}.obj").read_text().count("\nf ") == 12
    assert (sorted(item.name for item in bpy.data.objects), sorted(item.name for item in bpy.data.collections)) == before
    assert not bpy.data.objects["mask Collider"].visible_get()


def test_a_failed_export_leaves_the_earlier_files(mesh: Any, tmp_path: Path) -> None:
    place = tmp_path / "out"
    assert bpy.ops.grotto.export_obj(filepath=str(place / "a.obj")) == {"FINISHED"}
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    assert len(before) == 6
    image = next(node.image for node in mesh.data.materials[0].node_tree.nodes if node.type == "TEX_IMAGE")
    image.unpack(method="REMOVE")
    image.filepath = str(tmp_path / "gone.png")
    for form in ("obj", "fbx"):
        (place / f"a.{form}").exists() or (place / f"a.{form}").write_bytes(b"earlier")
        before[place / f"a.{form}"] = (place / f"a.{form}").read_bytes()
        with pytest.raises(RuntimeError, match=r"texture .* is missing at .*gone.png"):
            getattr(bpy.ops.grotto, f"export_{form}")(filepath=str(place / f"a.{form}"))
    assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("path", "said"),
    [("", "no file is named"), ("out/", "no file is named"), (".glb", "no file is named"), ("job/finish.glb/x.glb", "written")],
)
def test_places_that_are_none_are_sentences(mesh: Any, tmp_path: Path, path: str, said: str) -> None:
    (tmp_path / "job" / "finish.glb").write_text("a file in the way")
    with pytest.raises(RuntimeError) as refused:
        bpy.ops.grotto.export_glb(filepath=f"{tmp_path}/{path}" if path else "")
    assert said in str(refused.value).lower()
    assert "Traceback" not in str(refused.value)
    assert str(refused.value).strip().count("\n") == 0


def test_a_folder_of_that_name_stays(mesh: Any, tmp_path: Path) -> None:
    (tmp_path / "a.glb").mkdir()
    with pytest.raises(RuntimeError, match="is a folder"):
        bpy.ops.grotto.export_glb(filepath=str(tmp_path / "a.glb"))


@pytest.mark.parametrize(
    ("named", "written"), [("wing.v2", "wing.v2.glb"), ("wing.obj", "wing.glb"), ("wing.GLB", "wing.GLB"), ("wing", "wing.glb")]
)
def test_names_get_their_suffix(part: Part, named: str, written: str) -> None:
    chosen_path = part("operators.export.whole_file").chosen_path
    assert chosen_path(f"/a.b/{named}", ".glb", (".glb", ".obj")) == Path("/a.b") / written


def test_an_excluded_collection_is_named(root: Any, mesh: Any, tmp_path: Path) -> None:
    edit_uv(mesh)
    collection = root.users_collection[0]
    bpy.context.view_layer.layer_collection.children[collection.name].exclude = True
    with pytest.raises(RuntimeError, match=f"collection {collection.name} is excluded"):
        bpy.context.view_layer.objects.active = None
        bpy.ops.grotto.export_obj(filepath=str(tmp_path / "a.obj"))


def test_the_last_line_of_a_traceback_is_the_reason(part: Part) -> None:
    text = 'Error: Python: Traceback (most recent call last):\n  File "x.py", line 1\nPermissionError: [Errno 13] no\nLocation: y'
    assert part("operators.export.whole_file").reason_in(text) == "PermissionError: [Errno 13] no"


def test_formats_that_this_blender_lacks_say_why(part: Part) -> None:
    formats = part("operators.export.formats")
    lacking = formats.Format("usdz", "x", ("wm", "no_such_export"), formats.write_usdz, formats.check_usdz)
    assert "comes without USD" in lacking.why_missing()
    assert formats.GLB.why_missing() == ""
