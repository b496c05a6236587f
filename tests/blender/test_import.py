"""A job's folder becomes a scene: structure, place, size, colour, cameras; and nothing where the folder is damaged."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import bpy
import made_job
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector

Part = Callable[[str], ModuleType]


def world_positions(item: bpy.types.Object) -> np.ndarray:
    mesh = item.data
    flat = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", flat)
    matrix = np.array(item.matrix_world)
    return flat.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3]


def test_the_scenes_structure(imported: bpy.types.Object) -> None:
    name = "north wall"
    collection = bpy.context.scene.collection.children[name]
    assert {child.name for child in collection.children} == {f"{name} Points", f"{name} Cameras", f"{name} Orthophoto"}
    assert imported.type == "EMPTY"
    assert imported.name in collection.objects
    everything = [item for item in collection.all_objects if item is not imported]
    assert {item.type for item in everything} >= {"MESH", "CAMERA"}
    assert all(item.parent is imported for item in everything)
    assert np.allclose(np.array(imported.matrix_world), np.eye(4))
    units = bpy.context.scene.unit_settings
    assert (units.system, units.scale_length) == ("METRIC", 1.0)


def test_the_mesh_stands_where_the_wall_stands(imported: bpy.types.Object) -> None:
    mesh = bpy.data.objects["north wall Mesh"]
    positions, triangles, _ = made_job.relief()
    assert world_positions(mesh) == pytest.approx(positions, abs=1e-6)
    assert len(mesh.data.polygons) == len(triangles)
    assert mesh.data.validate() is False  # nothing to mend


def test_the_mesh_is_what_blenders_own_importer_reads(imported: bpy.types.Object, job: Path) -> None:
    ours = bpy.data.objects["north wall Mesh"]
    before = set(bpy.data.objects)
    bpy.ops.import_scene.gltf(filepath=str(job / "mesh/wall.glb"))
    theirs = next(item for item in set(bpy.data.objects) - before if item.type == "MESH")
    bpy.context.view_layer.update()
    assert len(theirs.data.vertices) == len(ours.data.vertices)
    assert world_positions(theirs) == pytest.approx(world_positions(ours), abs=1e-6)
    uv = [np.array([corner.vector[:] for corner in item.data.uv_layers.active.uv]) for item in (ours, theirs)]
    assert uv[0] == pytest.approx(uv[1], abs=1e-6)


def test_the_material_is_matt_and_shows_the_texture(imported: bpy.types.Object) -> None:
    material = bpy.data.objects["north wall Mesh"].data.materials[0]
    shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    assert shader.inputs["Roughness"].default_value == 1.0
    image = shader.inputs["Base Color"].links[0].from_node.image
    assert image.packed_file is not None
    assert tuple(image.size) == (64, 40)
    assert image.colorspace_settings.name == "sRGB"


def colour_at(mesh: bpy.types.Object, x: float, z: float) -> tuple[int, ...]:
    """The texture's colour at a place of the wall, through the UVs of the nearest corner."""
    data = mesh.data
    corner = min(
        range(len(data.loops)),
        key=lambda k: (data.vertices[data.loops[k].vertex_index].co - Vector((x, 0, z))).length,
    )
    u, v = data.uv_layers.active.uv[corner].vector
    material = data.materials[0]
    image = next(node.image for node in material.node_tree.nodes if node.type == "TEX_IMAGE")
    w, h = image.size
    column, row = min(int(u * w), w - 1), min(int(v * h), h - 1)
    start = (row * w + column) * 4
    return tuple(round(c * 255) for c in image.pixels[start : start + 3])


@pytest.mark.parametrize("what", ["Mesh", "Orthophoto"])
def test_pictures_hang_upright_and_are_not_mirrored(imported: bpy.types.Object, what: str) -> None:
    mesh = bpy.data.objects[f"north wall {what}"]
    right, top = made_job.WIDTH_M, made_job.HEIGHT_M
    places = {"top left": (0, top), "top right": (right, top), "bottom left": (0, 0), "bottom right": (right, 0)}
    assert {name: colour_at(mesh, *place) for name, place in places.items()} == made_job.CORNERS


def test_the_orthophoto_has_its_exact_size_and_place(imported: bpy.types.Object) -> None:
    plane = bpy.data.objects["north wall Orthophoto"]
    corners = world_positions(plane)
    assert corners.min(0) == pytest.approx((0.0, 0.0, made_job.HEIGHT_M - 240 * 0.005), abs=1e-6)
    assert corners.max(0) == pytest.approx((400 * 0.005, 0.0, made_job.HEIGHT_M), abs=1e-6)
    assert plane.data.polygons[0].normal.y == pytest.approx(-1.0)  # towards the cameras
    shader = next(node for node in plane.data.materials[0].node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    assert shader.inputs["Alpha"].is_linked


def test_points_keep_their_places_and_colours(imported: bpy.types.Object) -> None:
    item = bpy.data.objects["north wall Points"]
    points, colours = made_job.cloud()
    data = item.data
    if bpy.app.version >= (4, 5):
        assert item.type == "POINTCLOUD"
        assert 0 < data.attributes["radius"].data[0].value < 0.1
    place = np.empty(len(points) * 3, np.float32)
    data.attributes["position"].data.foreach_get("vector", place)
    assert place.reshape(-1, 3) == pytest.approx(points)
    shown = np.empty(len(points) * 4, np.float32)
    data.attributes["Col"].data.foreach_get("color_srgb", shown)
    assert shown.reshape(-1, 4)[:, :3] * 255 == pytest.approx(colours, abs=0.51)


def test_what_lies_on_the_mesh_is_hidden(imported: bpy.types.Object) -> None:
    for what, hidden in (("Points", True), ("Orthophoto", True), ("Cameras", False)):
        layer = bpy.context.view_layer.layer_collection.children["north wall"].children[f"north wall {what}"]
        assert layer.hide_viewport is hidden
        assert layer.collection.hide_render is hidden


@pytest.mark.parametrize("number", [0, 1, 2])
def test_cameras_reproject_within_half_a_pixel(imported: bpy.types.Object, number: int) -> None:
    truth = made_job.cameras()[number]
    camera = bpy.data.objects[truth["colmap_name"]]
    bpy.ops.grotto.look_through(camera=camera.name)
    scene = bpy.context.scene
    assert (scene.render.resolution_x, scene.render.resolution_y) == (truth["w"], truth["h"])
    bpy.context.view_layer.update()
    camera_from_world = np.linalg.inv(np.array(truth["transform_matrix"]))
    points, _ = made_job.cloud()
    worst = 0.0
    for point in points[:60]:
        x, y, z = camera_from_world[:3, :3] @ point + camera_from_world[:3, 3]
        u = truth["fl_x"] * x / -z + truth["cx"]
        v = truth["fl_y"] * -y / -z + truth["cy"]
        seen = world_to_camera_view(scene, camera, Vector(point))
        worst = max(worst, abs(seen.x * truth["w"] - u), abs((1 - seen.y) * truth["h"] - v))
    assert worst < 0.01


def test_photos_stand_behind_their_cameras(imported: bpy.types.Object, job: Path) -> None:
    for truth in made_job.cameras():
        data = bpy.data.objects[truth["colmap_name"]].data
        assert data.show_background_images
        background = data.background_images[0]
        assert Path(background.image.filepath) == job / "undistort" / truth["file_path"]
        assert tuple(background.image.size) == (truth["w"], truth["h"])
        assert background.frame_method == "FIT"


def test_the_mesh_is_selected_and_active(imported: bpy.types.Object) -> None:
    mesh = bpy.data.objects["north wall Mesh"]
    assert bpy.context.view_layer.objects.active == mesh
    assert list(bpy.context.selected_objects) == [mesh]


def test_provenance_is_on_root_and_collection(imported: bpy.types.Object, job: Path) -> None:
    for item in (imported, bpy.data.collections["north wall"]):
        assert item["grotto_recipe"] == "wall"
        assert item["grotto_stamp"] == "cafe"
        assert item["grotto_scale"] == "metric"
        assert item["grotto_folder"] == str(job)
        assert json.loads(item["grotto_options"]) == {"mesh": {"faces": 80}}
        assert json.loads(item["grotto_versions"]) == {"grotto": "0.1.0"}
        assert json.loads(item["grotto_sha256"])["mesh/wall.glb"] == "ab" * 32


def test_a_second_import_stands_beside_the_first(imported: bpy.types.Object, job: Path) -> None:
    assert bpy.ops.grotto.import_result(directory=str(job), name="again") == {"FINISHED"}
    assert {"north wall", "again"} <= set(bpy.data.collections.keys())
    assert len([item for item in bpy.context.scene.objects if "grotto_recipe" in item]) == 2


def test_the_import_goes_in_slices(empty: None, job: Path, part: Part) -> None:
    steps = part("addon.importers.result").import_steps(bpy.context, job)
    steps = list(steps)
    assert len(steps) >= 6
    assert any("cameras" in step for step in steps)


def test_a_broken_off_import_leaves_nothing(empty: None, job: Path, part: Part) -> None:
    steps = part("addon.importers.result").import_steps(bpy.context, job)
    for _ in range(6):
        next(steps)
    steps.close()
    assert list(bpy.data.objects) == []
    assert list(bpy.data.collections) == []


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda job: shutil.rmtree(job), "holds no finished job"),
        (lambda job: (job / "result.json").unlink(), "holds no finished job"),
        (lambda job: (job / "result.json").write_text("{"), "is not a job.s result"),
        (lambda job: cut(job / "mesh/wall.glb"), "not a whole GLB"),
        (lambda job: (job / "mesh/wall.glb").unlink(), "is missing"),
        (lambda job: cut(job / "frame/points.ply"), "ends before"),
        (lambda job: (job / "frame/points.ply").write_text("hello"), "not a PLY"),
        (lambda job: (job / "undistort/transforms.json").write_text('{"frames": [{}]}'), "does not describe cameras"),
        (lambda job: (job / "orthophoto/artefact.json").unlink(), "does not say where"),
    ],
)
def test_a_damaged_folder_is_refused_in_words_and_nothing_stays(
    empty: None, job: Path, damage: Callable[[Path], None], said: str
) -> None:
    damage(job)
    with pytest.raises(RuntimeError, match=said):
        bpy.ops.grotto.import_result(directory=str(job))
    assert bpy.context.window_manager.grotto_exit_code == 2
    for kind in (bpy.data.objects, bpy.data.collections, bpy.data.meshes, bpy.data.cameras):
        assert list(kind) == []


def test_a_missing_photo_costs_only_its_picture(empty: None, job: Path) -> None:
    (job / "undistort/photos/001.png").unlink()
    assert bpy.ops.grotto.import_result(directory=str(job)) == {"FINISHED"}
    data = bpy.data.objects[made_job.cameras()[1]["colmap_name"]].data
    assert not data.background_images


@pytest.mark.parametrize("form", ["ascii", "binary_big_endian"])
def test_points_of_other_programs_are_read(installed: str, tmp_path: Path, part: Part, form: str) -> None:
    rows = [(1.5, -2.0, 3.25, 255, 0, 51), (0.0, 0.5, -0.25, 0, 128, 255)]
    header = (
        f"ply\nformat {form} 1.0\ncomment end of nothing\nelement vertex 2\nproperty uchar red\nproperty uchar green\n"
        "property uchar blue\nproperty double x\nproperty double y\nproperty double z\nproperty float quality\nend_header\n"
    )
    mixed = [(r, g, b, x, y, z, 1.0) for x, y, z, r, g, b in rows]
    if form == "ascii":
        body = "\n".join(" ".join(str(value) for value in row) for row in mixed).encode()
    else:
        kind = np.dtype([("r", "u1"), ("g", "u1"), ("b", "u1"), ("x", ">f8"), ("y", ">f8"), ("z", ">f8"), ("q", ">f4")])
        body = np.array(mixed, kind).tobytes()
    path = tmp_path / "other.ply"
    path.write_bytes(header.encode() + body)
    cloud = part("addon.importers.readers.ply").read_ply(path)
    assert cloud.positions == pytest.approx(np.array([row[:3] for row in rows]))
    assert cloud.colours[:, :3] * 255 == pytest.approx(np.array([row[3:] for row in rows]), abs=1e-3)


def test_a_million_points_come_in_seconds(empty: None, part: Part) -> None:
    import time

    clouds, ply = part("addon.importers.builders.clouds"), part("addon.importers.readers.ply")
    positions = np.random.default_rng(0).random((1_000_000, 3)).astype(np.float32)
    colours = np.ones((1_000_000, 4), np.float32)
    begun = time.perf_counter()
    clouds.build_cloud("many", ply.PointCloud(positions, colours), bpy.context.scene.collection)
    assert time.perf_counter() - begun < 5.0
