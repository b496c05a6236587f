"""A scan's job folder becomes a scene: mesh, levels of detail, splats; one part shown at a time."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import made_scan
import numpy as np
import pytest
from mathutils import Quaternion

Part = Callable[[str], ModuleType]


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return made_scan.make_scan(tmp_path / "job")


@pytest.fixture
def root(empty: None, scan: Path) -> Any:
    assert bpy.ops.grotto.import_result(directory=str(scan)) == {"FINISHED"}
    return next(item for item in bpy.context.scene.objects if "grotto_recipe" in item)


def values(item: Any, name: str, field: str, width: int) -> np.ndarray:
    data = item.data.attributes[name].data
    flat = np.empty(len(data) * width, np.float32)
    data.foreach_get(field, flat)
    return flat.reshape(-1, width)


def shown(root: Any) -> set[str]:
    """What of the result lies open to the eye, and what is rendered: they must agree."""
    bpy.context.view_layer.update()
    parts = [item for item in root.children if item.type != "CAMERA"]
    seen = {item.name.removeprefix(f"{root.name} ") for item in parts if item.visible_get()}
    hidden = {child.name for child in bpy.data.collections if child.hide_render}
    rendered = {
        item.name.removeprefix(f"{root.name} ")
        for item in parts
        if not item.hide_render and not hidden & {above.name for above in item.users_collection}
    }
    assert seen == rendered
    return seen


def test_everything_of_a_scan_comes_in_but_its_levels_of_detail(root: Any) -> None:
    assert root.name == "jar"  # a file of cameras is called after its folder
    names = {item.name for item in root.children}
    assert {"jar Mesh", "jar Splats", "jar Points"} <= names
    assert "jar LOD 1" not in names
    assert len([item for item in root.children if item.type == "CAMERA"]) == 3
    assert shown(root) == {"Mesh"}
    assert bpy.context.view_layer.objects.active.name == "jar Mesh"


def test_the_mesh_stands_upright_and_says_what_was_seen(root: Any) -> None:
    mesh = bpy.data.objects["jar Mesh"]
    truth, triangles, _ = made_scan.box(1.0)
    assert values(mesh, "position", "vector", 3) == pytest.approx(truth, abs=1e-6)
    assert len(mesh.data.polygons) == len(triangles)
    assert values(mesh, "seen", "value", 1)[:, 0] == pytest.approx(made_scan.seen())


def test_splats_keep_their_numbers(root: Any) -> None:
    item, truth = bpy.data.objects["jar Splats"], made_scan.splats()
    assert values(item, "position", "vector", 3) == pytest.approx(truth["positions"], abs=1e-6)
    assert values(item, "Col", "color_srgb", 4)[:, :3] == pytest.approx(truth["colours"], abs=0.51 / 255)
    assert values(item, "opacity", "value", 1)[:, 0] == pytest.approx(truth["opacities"], abs=1e-5)
    assert values(item, "scale", "vector", 3) == pytest.approx(truth["scales"], rel=1e-5)
    assert values(item, "rotation", "value", 4) == pytest.approx(truth["rotations"], abs=1e-6)


def test_every_splat_is_an_ellipsoid_of_its_shape_and_turn(root: Any) -> None:
    """What geometry nodes make, against rotation times scale."""
    truth = made_scan.splats()
    bpy.ops.grotto.show_part(path="splats/splats.ply")
    item = bpy.data.objects["jar Splats"]
    found = [
        np.array(instance.matrix_world)
        for instance in bpy.context.evaluated_depsgraph_get().object_instances
        if instance.is_instance and instance.parent and instance.parent.original == item
    ]
    assert len(found) == len(truth["positions"])
    nearest = [int(np.argmin(np.linalg.norm(truth["positions"] - matrix[:3, 3], axis=1))) for matrix in found]
    assert sorted(nearest) == list(range(len(found)))
    for matrix, number in zip(found, nearest, strict=True):
        turned = np.array(Quaternion(truth["rotations"][number]).to_matrix()) * truth["scales"][number]
        assert matrix[:3, :3] == pytest.approx(turned, abs=1e-5)


def render(size: int) -> np.ndarray:
    """(size, size, 3) linear, first row on top: Cycles from -y, two metres away, a picture of one metre."""
    camera = bpy.data.objects.new("eye", bpy.data.cameras.new("eye"))
    bpy.context.scene.collection.objects.link(camera)
    camera.location, camera.rotation_euler = (0.0, -2.0, 0.0), (np.pi / 2, 0.0, 0.0)
    camera.data.type, camera.data.ortho_scale = "ORTHO", 1.0
    scene = bpy.context.scene
    scene.camera = camera
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising = 64, False
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.render.resolution_percentage = 100
    scene.view_settings.view_transform = "Raw"
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_depth = "16"
    scene.world = None
    path = Path(bpy.app.tempdir) / "splats.png"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    picture = bpy.data.images.load(str(path))
    picture.colorspace_settings.name = "Non-Color"
    pixels = np.array(picture.pixels[:]).reshape(size, size, 4)[::-1, :, :3]
    bpy.data.batch_remove([picture, camera])
    return pixels


def test_a_render_of_splats_is_what_splatting_computes(empty: None, part: Part, tmp_path: Path) -> None:
    """Two splats behind one another: colour and fall-off from the formula of alpha compositing."""
    half = np.sqrt(0.5)
    truth = {
        "positions": np.array([[0.1, -0.5, 0.0], [0.1, 0.5, 0.1]]),  # the first is nearer
        "colours": np.array([[0.9, 0.2, 0.1], [0.1, 0.3, 0.95]]),
        "opacities": np.array([0.6, 0.9]),
        "scales": np.array([[0.05, 0.08, 0.2], [0.16, 0.03, 0.1]]),
        "rotations": np.array([[half, 0.0, half, 0.0], [1.0, 0.0, 0.0, 0.0]]),  # the first lies along x
    }
    made_scan.splat_ply(tmp_path / "two.ply", truth)
    importer = part("addon.importers.builders.splats")
    for _ in importer.build_splats(
        "two", part("addon.importers.readers.splat_ply").SplatFile(tmp_path / "two.ply"), bpy.context.scene.collection
    ):
        pass
    size = 24
    pixels = render(size)
    centre = (np.arange(size) + 0.5) / size - 0.5
    x, z = centre[None, :], -centre[:, None]
    widths = [(0.2, 0.05), (0.16, 0.1)]  # along x and z as the camera sees them
    expected = np.zeros((size, size, 3))
    for number in (1, 0):
        place = truth["positions"][number]
        fall = np.exp(-0.5 * (((x - place[0]) / widths[number][0]) ** 2 + ((z - place[2]) / widths[number][1]) ** 2))
        alpha = (truth["opacities"][number] * fall)[..., None]
        colour = ((truth["colours"][number] + 0.055) / 1.055) ** 2.4  # sRGB to light, all values above its linear foot
        expected = alpha * colour + (1 - alpha) * expected
    assert np.abs(pixels - expected).max() < 0.03
    assert np.abs(pixels - expected).mean() < 0.006
    assert expected.max() > 0.4


def test_many_splats_are_points_in_the_viewport(empty: None, part: Part, tmp_path: Path) -> None:
    """And they come in steps: none holds the window for long."""
    count = 120_000
    truth = {name: np.resize(value, (count, *value.shape[1:])) for name, value in made_scan.splats().items()}
    made_scan.splat_ply(tmp_path / "many.ply", truth, degree=0)
    source = part("addon.importers.readers.splat_ply").SplatFile(tmp_path / "many.ply")
    steps = part("addon.importers.builders.splats").build_splats("many", source, bpy.context.scene.collection)
    worst, count_of_slices = 0.0, 0
    while True:
        begun = time.perf_counter()
        try:
            next(steps)
        except StopIteration as end:
            item = end.value
            break
        finally:
            worst = max(worst, time.perf_counter() - begun)
        count_of_slices += 1
    assert count_of_slices >= 6
    assert worst < 0.5
    graph = bpy.context.evaluated_depsgraph_get()
    shown_as = {
        instance.object.type for instance in graph.object_instances if instance.parent and instance.parent.original == item
    }
    evaluated = item.evaluated_get(graph)
    assert shown_as <= {"POINTCLOUD"}
    assert len(item.data.vertices) == count
    assert evaluated.type == "MESH"


def test_discs_are_splats_without_a_third_size(installed: str, part: Part, tmp_path: Path) -> None:
    truth = made_scan.splats()
    made_scan.splat_ply(tmp_path / "discs.ply", truth, discs=True, degree=0)
    (found,) = part("addon.importers.readers.splat_ply").SplatFile(tmp_path / "discs.ply").parts()
    assert found.scales[:, :2] == pytest.approx(truth["scales"][:, :2], rel=1e-5)
    assert not found.scales[:, 2].any()


@pytest.mark.parametrize("path", ["bake/lod1.glb", "splats/splats.ply", "views/points.ply", "bake/mesh.glb"])
def test_one_part_is_shown_at_a_time(root: Any, path: str) -> None:
    names = {"bake/lod1.glb": "LOD 1", "splats/splats.ply": "Splats", "views/points.ply": "Points", "bake/mesh.glb": "Mesh"}
    for each in (path, "bake/mesh.glb", path):  # there, back, and there again: nothing is imported twice
        assert bpy.ops.grotto.show_part(path=each) == {"FINISHED"}
        assert shown(root) == {names[each]}
        assert bpy.context.view_layer.objects.active.name == f"jar {names[each]}"
    assert all(item.parent is root for item in bpy.data.objects if item is not root)


def test_the_part_that_is_shown_is_exported_and_a_hidden_mesh_can_be(root: Any, tmp_path: Path, part: Part) -> None:
    read = part("addon.importers.readers.glb").read_glb
    widths = {}
    for path in ("bake/mesh.glb", "bake/lod1.glb", "splats/splats.ply"):
        bpy.ops.grotto.show_part(path=path)
        before = shown(root)
        assert bpy.ops.grotto.export_glb(filepath=str(tmp_path / "out.glb")) == {"FINISHED"}
        (mesh,) = read(tmp_path / "out.glb")
        widths[path] = float(np.ptp(mesh.positions[:, 0]))
        assert shown(root) == before
    assert widths == pytest.approx({"bake/mesh.glb": 1.2, "bake/lod1.glb": 0.6, "splats/splats.ply": 1.2})


def test_a_part_of_a_folder_that_is_gone_is_told_and_nothing_stays(root: Any, scan: Path) -> None:
    (scan / "bake/lod1.glb").write_bytes(b"glTF")
    before = set(bpy.data.collections.keys())
    with pytest.raises(RuntimeError, match="not a whole GLB"):
        bpy.ops.grotto.show_part(path="bake/lod1.glb")
    assert set(bpy.data.collections.keys()) == before
    assert shown(root) == {"Mesh"}
    with pytest.raises(RuntimeError, match="has no part"):
        bpy.ops.grotto.show_part(path="bake/lod7.glb")


def test_splats_alone_are_shown(empty: None, tmp_path: Path) -> None:
    job = made_scan.make_scan(tmp_path / "job", kinds=("splats", "cameras"))
    assert bpy.ops.grotto.import_result(directory=str(job)) == {"FINISHED"}
    root = next(item for item in bpy.context.scene.objects if "grotto_recipe" in item)
    assert shown(root) == {"Splats"}
    with pytest.raises(RuntimeError, match="no mesh"):
        bpy.ops.grotto.export_glb(filepath=str(tmp_path / "none.glb"))


def without(path: Path, name: str) -> None:
    path.write_bytes(path.read_bytes().replace(f"property float {name}\n".encode(), f"property float q{name[1:]}\n".encode()))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda ply: without(ply, "opacity"), "opacity is missing"),
        (lambda ply: without(ply, "rot_3"), "rot_3 is missing"),
        (lambda ply: ply.write_bytes(ply.read_bytes()[:-3]), "ends before"),
        (lambda ply: ply.write_bytes(ply.read_bytes()[:-4] + np.float32(np.nan).tobytes()), "not numbers"),
        (lambda ply: ply.write_text("hello"), "not a PLY"),
        (lambda ply: ply.unlink(), "is missing"),
    ],
)
def test_damaged_splats_are_refused_in_words_and_nothing_stays(
    empty: None, scan: Path, damage: Callable[[Path], None], said: str
) -> None:
    damage(scan / "splats/splats.ply")
    groups = len(bpy.data.node_groups)
    with pytest.raises(RuntimeError, match=said):
        bpy.ops.grotto.import_result(directory=str(scan))
    assert bpy.context.window_manager.grotto_exit_code == 2
    for kind in (bpy.data.objects, bpy.data.collections, bpy.data.meshes, bpy.data.cameras):
        assert list(kind) == []
    assert len(bpy.data.node_groups) == groups


def test_a_broken_off_import_leaves_nothing_of_the_splats(empty: None, scan: Path, part: Part) -> None:
    groups = len(bpy.data.node_groups)
    steps = part("addon.importers.result").import_steps(bpy.context, scan)
    while "points" not in next(steps):
        pass
    steps.close()
    assert list(bpy.data.objects) == []
    assert len(bpy.data.node_groups) == groups


def test_cycles_is_let_through_more_splats_only_when_asked(root: Any) -> None:
    settings = bpy.context.scene.cycles
    assert settings.transparent_max_bounces == 8
    assert bpy.ops.grotto.see_through_splats() == {"FINISHED"}
    assert settings.transparent_max_bounces == 64
    settings.transparent_max_bounces = 8


def test_the_facts_of_a_scan_are_told(root: Any, part: Part) -> None:
    panel, facts = part("addon.panels.result"), json.loads(root["grotto_facts"])
    assert panel.main_facts(facts) == ["3 of 4 photos", "12 faces"]
    assert panel.score_lines(facts) == [
        "88% of the surface was seen",
        "Held-out photos: field\u00a024.6, splats\u00a028.0\u00a0dB",
    ]
