"""Every format that a result leaves in, read again by Blender's own importers: two materials, their textures, all faces."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bpy
import made_element
import numpy as np
import pytest


@pytest.fixture
def root(empty: None, tmp_path: Path) -> Any:
    """The root of an import of a body with two materials, a level of detail and a collider."""
    assert bpy.ops.grotto.import_result(directory=str(made_element.make_element(tmp_path / "job"))) == {"FINISHED"}
    return next(item for item in bpy.context.scene.objects if "grotto_recipe" in item)


def read_again(path: Path) -> list[Any]:
    """The mesh objects of a file."""
    before = set(bpy.data.objects)
    match path.suffix:
        case ".glb":
            bpy.ops.import_scene.gltf(filepath=str(path))
        case ".usdz":
            bpy.ops.wm.usd_import(filepath=str(path))
        case ".fbx":
            bpy.ops.import_scene.fbx(filepath=str(path))
        case _:
            bpy.ops.wm.obj_import(filepath=str(path))
    bpy.context.view_layer.update()
    return [item for item in set(bpy.data.objects) - before if item.type == "MESH"]


def document(path: Path) -> dict[str, Any]:
    """The JSON of a GLB."""
    data = path.read_bytes()
    return json.loads(data[20 : 20 + int.from_bytes(data[12:16], "little")])


def colours(item: Any) -> list[tuple[int, ...]]:
    """The middle pixel of the base colour of each material, in 8 bits."""
    found = []
    for material in item.data.materials:
        shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
        image = shader.inputs["Base Color"].links[0].from_node.image
        pixels = np.empty(image.size[0] * image.size[1] * 4, np.float32)
        image.pixels.foreach_get(pixels)
        middle = pixels.reshape(image.size[1], image.size[0], 4)[image.size[1] // 2, image.size[0] // 2]
        found.append(tuple(round(255 * float(value)) for value in middle[:3]))
    return sorted(found)


@pytest.mark.parametrize("form", ["glb", "usdz", "fbx", "obj"])
def test_two_materials_and_their_textures_survive(root: Any, tmp_path: Path, form: str) -> None:
    if form == "usdz" and "usd_export" not in dir(bpy.ops.wm):
        pytest.skip("this Blender comes without USD")
    mesh = bpy.data.objects["mask Mesh"]
    faces, size, before = len(mesh.data.polygons), mesh.dimensions.copy(), colours(mesh)
    path = tmp_path / "out" / f"mask.{form}"
    assert getattr(bpy.ops.grotto, f"export_{form}")(filepath=str(path)) == {"FINISHED"}
    assert bpy.context.view_layer.objects.active is mesh
    found = read_again(path)
    assert sum(len(item.data.polygons) for item in found) == faces
    assert sorted(colour for item in found for colour in colours(item)) == before == sorted(made_element.COLOURS)
    high = np.max([item.dimensions for item in found], axis=0)
    assert sorted(high) == pytest.approx(sorted(size), rel=1e-4)
    if form == "glb":
        surface = found[0].data.materials[0].node_tree
        assert any(node.type == "NORMAL_MAP" for node in surface.nodes)
        assert all("occlusionTexture" in material for material in document(path)["materials"])


def test_an_obj_takes_its_textures_along_and_leaves_the_scene_as_it_was(root: Any, tmp_path: Path) -> None:
    images = set(bpy.data.images)
    assert bpy.ops.grotto.export_obj(filepath=str(tmp_path / "with spaces" / "a mask.obj")) == {"FINISHED"}
    assert set(bpy.data.images) == images
    trees = [material.node_tree for material in bpy.data.objects["mask Mesh"].data.materials]
    shown = [node.image for tree in trees for node in tree.nodes if node.type == "TEX_IMAGE"]
    assert len(shown) == 6
    assert all(image.packed_file for image in shown)
    assert len(list((tmp_path / "with spaces" / "a mask_textures").iterdir())) == 4


def test_a_place_that_can_not_be_written_is_told(root: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for form in ("glb", "fbx", "obj"):
        with pytest.raises(RuntimeError, match="choose another folder"):
            getattr(bpy.ops.grotto, f"export_{form}")(filepath=str(tmp_path / "file" / f"mask.{form}"))


def test_a_collider_is_a_hidden_wire_and_no_part(root: Any) -> None:
    collider = bpy.data.objects["mask Collider"]
    assert collider.display_type == "WIRE"
    assert not collider.visible_get()
    assert [item.name for item in collider.users_collection] == ["mask Collider"]
    assert collider.users_collection[0].hide_render
    assert collider.parent is root
    assert [part["label"] for part in json.loads(root["grotto_parts"])] == ["Mesh", "LOD 1"]
    assert bpy.ops.grotto.show_part(path="finish/lod1.glb") == {"FINISHED"}
    assert bpy.data.objects["mask LOD 1"].visible_get()
    assert not bpy.data.objects["mask Mesh"].visible_get()
    assert not collider.visible_get()


def test_normals_and_occlusion_arrive_and_colour_stays_active(root: Any) -> None:
    tree = bpy.data.objects["mask Mesh"].data.materials[0].node_tree
    normal = next(node for node in tree.nodes if node.type == "NORMAL_MAP").inputs["Color"].links[0].from_node.image
    assert normal.colorspace_settings.name == "Non-Color"
    assert tree.nodes.active.image.colorspace_settings.name == "sRGB"
    group = next(node for node in tree.nodes if node.type == "GROUP")
    assert group.node_tree.name == "glTF Settings"
    assert group.inputs["Occlusion"].is_linked
