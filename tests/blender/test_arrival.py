"""A result arrives: beside what is there, framed, with its texture; its scale in scenes of other units."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import bpy
import made_element
import made_job
import made_scan
import numpy as np
import pytest
from mathutils import Vector

Part = Callable[[str], ModuleType]
METRE, CENTIMETRE, FOOT = 1.0, 0.01, 0.3048


def cube(x: float, y: float, z: float, half: float) -> bpy.types.Object:
    mesh = bpy.data.meshes.new("cube")
    mesh.from_pydata([(sx, sy, sz) for sx in (-half, half) for sy in (-half, half) for sz in (-half, half)], [], [])
    item = bpy.data.objects.new("cube", mesh)
    item.location = (x, y, z)
    bpy.context.scene.collection.objects.link(item)
    bpy.context.view_layer.update()
    return item


@pytest.fixture
def units(empty: None) -> Iterator[Any]:
    settings = bpy.context.scene.unit_settings
    before = settings.system, settings.scale_length
    yield settings
    settings.system, settings.scale_length = before


def test_boxes_move_aside_only_where_they_meet(installed: str, part: Part) -> None:
    studio = part("addon.studio")
    box = studio.Box(np.zeros(3), np.array([2.0, 0.1, 1.0]))

    def at(x: float, half: float) -> Any:
        middle = np.array([x, 0.0, 0.5])
        return studio.Box(middle - half, middle + half)

    assert studio.free_shift(box, []) == 0.0
    assert studio.free_shift(box, [at(4.0, 1.0)]) == 0.0
    assert studio.free_shift(box, [at(0.0, 1.0)]) == pytest.approx(1.0 + 1.0)
    assert studio.free_shift(box, [at(0.0, 1.0), at(2.5, 1.0)]) == pytest.approx(3.5 + 1.0)
    floor = studio.Box(np.array([-5.0, -5.0, -1.0]), np.array([5.0, 5.0, 0.0]))
    assert studio.free_shift(box, [floor]) == 0.0
    assert studio.free_shift(box, [at(0.0, 500.0)]) == 0.0  # a sky


def test_every_point_is_seen_in_the_free_part_and_two_sides_touch_its_edge(installed: str, part: Part) -> None:
    random = np.random.default_rng(5)
    for _ in range(20):
        points, middle, half = random.normal(size=(8, 3)), random.uniform(-0.3, 0.3, 2), random.uniform(0.1, 0.8, 2)
        aside, distance = part("addon.studio").fit_eye(points, middle - half, middle + half)
        depth = distance - points[:, 2]
        across = ((points[:, :2] - aside) / depth[:, None] - middle) / half
        assert np.abs(across).max() == pytest.approx(1.0)
        axis = np.abs(across).max(0).argmax()
        assert (across[:, axis].min(), across[:, axis].max()) == (pytest.approx(-1.0), pytest.approx(1.0))
        assert depth.min() > 0.0


def test_a_new_result_stands_beside_the_start_up_cube_and_an_old_one_beside_that(empty: None, job: Path, part: Part) -> None:
    start = cube(0.0, 0.0, 0.0, 1.0)
    studio, load = part("addon.studio"), part("addon.importers.result").import_result
    for number in range(2):
        new = load(bpy.context, job, f"wall {number}")
        assert tuple(new.root.location) == (0.0, 0.0, 0.0)  # scripts get the result's own frame
        studio.show_result(bpy.context, new.root)
    bpy.context.view_layer.update()
    boxes = [studio.box_around([start])]
    boxes += [studio.box_around([bpy.data.objects[f"wall {number} Mesh"]]) for number in range(2)]
    for left, right in pairwise(boxes):
        assert right.low[0] > left.high[0] + 0.1
    assert boxes[2].low[1:] == pytest.approx(made_job.relief()[0].min(0)[1:], abs=1e-5)


@pytest.mark.parametrize("metres", [METRE, CENTIMETRE, FOOT])
def test_metres_stay_metres_in_scenes_of_other_units(units: Any, job: Path, part: Part, metres: float) -> None:
    units.system, units.scale_length = "IMPERIAL" if metres == FOOT else "METRIC", metres
    bpy.ops.grotto.import_result(directory=str(job))
    root = next(item for item in bpy.context.scene.objects if "grotto_recipe" in item)
    bpy.context.view_layer.update()
    width = bpy.data.objects["north wall Mesh"].dimensions.x * units.scale_length
    assert width == pytest.approx(made_job.WIDTH_M, rel=1e-5)
    assert root["grotto_units_in_metre"] == pytest.approx(1.0 / metres, rel=1e-5)
    line = part("addon.scene.results").scale_line(root)
    assert line.startswith("Scale: metres")
    assert (f"{1 / metres:.6g}" in line) is (metres != METRE)


def test_a_result_without_scale_keeps_its_numbers(units: Any, tmp_path: Path, part: Part) -> None:
    units.scale_length = CENTIMETRE
    bpy.ops.grotto.import_result(directory=str(made_job.make_job(tmp_path / "job", scale="arbitrary")))
    root = next(item for item in bpy.context.scene.objects if "grotto_recipe" in item)
    assert tuple(root.scale) == (1.0, 1.0, 1.0)
    assert "arbitrary" in part("addon.scene.results").scale_line(root)


@pytest.mark.parametrize(("height_m", "scale"), [(1.7, "metric"), (1.0, "arbitrary")])
def test_an_element_is_metric_where_a_height_was_given(
    units: Any, tmp_path: Path, part: Part, height_m: float, scale: str
) -> None:
    units.scale_length = CENTIMETRE
    folder = made_element.make_element(tmp_path / "element")
    result = json.loads((folder / "result.json").read_text())
    result["facts"]["height_m"] = height_m
    (folder / "result.json").write_text(json.dumps(result))
    bpy.ops.grotto.import_result(directory=str(folder))
    root = next(item for item in bpy.context.scene.objects if "grotto_recipe" in item)
    assert root["grotto_scale"] == scale
    assert root.scale.x == pytest.approx(100.0)  # its file is in metres in any case
    assert ("no height was given" in part("addon.scene.results").scale_line(root)) is (scale == "arbitrary")


def test_solid_shading_shows_the_mean_colour_of_the_texture(empty: None, tmp_path: Path) -> None:
    bpy.ops.grotto.import_result(directory=str(made_element.make_element(tmp_path / "element")))
    body = next(item for item in bpy.data.objects if item.type == "MESH" and len(item.data.materials) == 2)
    for material, colour in zip(body.data.materials, made_element.COLOURS, strict=True):
        srgb = np.array(colour) / 255.0
        linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
        assert tuple(material.diffuse_color)[:3] == pytest.approx(linear, abs=0.01)
    assert not [image for image in bpy.data.images if image.name.startswith("mean")]


def test_points_and_splats_have_their_mean_colour_too(empty: None, tmp_path: Path) -> None:
    bpy.ops.grotto.import_result(directory=str(made_scan.make_scan(tmp_path / "scan")))
    painted = [material for material in bpy.data.materials if tuple(material.diffuse_color)[:3] != pytest.approx((0.8,) * 3)]
    assert len(painted) >= 3  # texture, ellipsoids, points of splats


def test_cameras_come_small_and_hidden_and_one_switch_shows_them(imported: Any, part: Part) -> None:
    cameras = part("addon.scene.results").cameras_of(imported)
    assert cameras
    assert not any(camera.visible_get() for camera in cameras)
    assert max(camera.data.display_size for camera in cameras) < 0.06 * made_job.WIDTH_M
    bpy.ops.grotto.show_cameras()
    assert all(camera.visible_get() for camera in cameras)
    bpy.ops.grotto.show_cameras()
    bpy.ops.grotto.look_through()
    assert [camera for camera in cameras if camera.visible_get()] == [bpy.context.scene.camera]  # hidden, it has no picture
    bpy.ops.grotto.look_through()
    assert [camera for camera in cameras if camera.visible_get()] == [bpy.context.scene.camera]


def test_an_import_leaves_edit_mode(empty: None, job: Path) -> None:
    item = cube(0.0, 0.0, 0.0, 1.0)
    bpy.context.view_layer.objects.active = item
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.grotto.import_result(directory=str(job))
    assert bpy.context.mode == "OBJECT"
    points = next(item for item in bpy.data.objects if item.name.endswith("Points"))
    assert points.type == ("POINTCLOUD" if bpy.app.version >= (4, 5) else "MESH")


def test_a_second_press_of_set_scale_changes_nothing_and_another_length_replaces(imported: Any) -> None:
    marks = [bpy.data.objects.new("mark", None) for _ in range(2)]
    for mark, x in zip(marks, (5.0, 7.0), strict=True):  # beside the result: they do not move with it
        mark.location.x = x
        bpy.context.scene.collection.objects.link(mark)
    bpy.context.view_layer.update()
    for item in bpy.context.view_layer.objects:
        item.select_set(item in marks)
    for _ in range(3):
        bpy.ops.grotto.set_scale(length=4.0)
        assert imported.scale.x == pytest.approx(2.0)
    bpy.ops.grotto.set_scale(length=6.0)  # the first length was wrong
    assert imported.scale.x == pytest.approx(3.0)
    marks[1].location.x = 6.0  # other points
    bpy.context.view_layer.update()
    bpy.ops.grotto.set_scale(length=2.0)
    assert imported.scale.x == pytest.approx(6.0)


def test_a_length_is_in_the_scenes_unit(installed: str) -> None:
    length = bpy.ops.grotto.set_scale.get_rna_type().properties["length"]
    assert (length.subtype, length.unit) == ("DISTANCE", "LENGTH")


def test_a_job_that_the_scene_has_is_replaced_or_imported_again_as_asked(imported: Any, job: Path) -> None:
    def count() -> int:
        return len([item for item in bpy.context.scene.objects if "grotto_recipe" in item])

    imported.location.x = 3.0
    bpy.ops.grotto.import_result(directory=str(job), twice="REPLACE")
    assert count() == 1
    assert imported.location.x == 3.0
    bpy.ops.grotto.import_result(directory=str(job), twice="AGAIN")
    assert count() == 2


def test_a_body_of_two_materials_keeps_what_was_seen(installed: str, part: Part) -> None:
    glb = part("addon.importers.readers.glb")
    positions = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)
    triangle = np.array([[0, 1, 2]], np.int32)
    parts = [
        glb.GlbMesh("a", np.add(positions, [shift, 0, 0]), triangle, None, None, extra={"seen": np.full(3, seen, np.float32)})
        for shift, seen in ((0.0, 0.25), (5.0, 0.75))
    ]
    meshes: list[Any] = []

    def run() -> Iterator[str]:
        meshes.append((yield from part("addon.importers.builders.meshes").build_joined("both", parts)))

    assert list(run())  # in steps: a window between them answers
    mesh = meshes[0]
    values = {round(vertex.co.x): mesh.attributes["seen"].data[vertex.index].value for vertex in mesh.vertices}
    assert values[1] == 0.25
    assert values[6] == 0.75


def test_a_view_frames_the_part_that_no_sidebar_covers(imported: Any, part: Part) -> None:
    """The arithmetic of Blender's perspective view, against a projection with its lens."""
    viewport = part("addon.studio.viewport")
    regions = [
        SimpleNamespace(type="WINDOW", x=100, y=50, width=1200, height=700, alignment="NONE"),
        SimpleNamespace(type="UI", x=1000, y=50, width=300, height=700, alignment="RIGHT"),
        SimpleNamespace(type="HEADER", x=100, y=720, width=1200, height=30, alignment="TOP"),
    ]
    region = SimpleNamespace(
        view_perspective="PERSP", lock_rotation=False, view_rotation=None, view_location=None, view_distance=0
    )
    space = SimpleNamespace(region_3d=region, lens=50.0, clip_end=1000.0, clip_start=0.01)
    area = SimpleNamespace(regions=regions, spaces=SimpleNamespace(active=space))
    box = part("addon.studio").Box(np.array([100.0, 0.0, 0.0]), np.array([1800.0, 20.0, 900.0]))
    viewport.frame(area, box, box.corners(), Vector((0.3, -1.0, 0.2)))
    turn = np.array(region.view_rotation.to_matrix())
    seen = (box.corners() - np.array(region.view_location)) @ turn
    depth = region.view_distance - seen[:, 2]
    px = seen[:, :2] / depth[:, None] / 0.72 * 600 + np.array([600, 350])  # 36 mm over a lens of 50 mm: half the longer side
    assert (px[:, 0].min() > 0, px[:, 0].max() < 900, px[:, 1].min() > 0, px[:, 1].max() < 670) == (True,) * 4
    assert (px[:, 0].min(), px[:, 0].max()) == (pytest.approx(0.07 * 900), pytest.approx(0.93 * 900))
    assert space.clip_end > 2 * depth.max()


def test_a_job_that_is_imported_from_the_list_has_the_name_of_its_input(empty: None, job: Path, part: Part) -> None:
    """Every operator has its label in the attribute `name`, which is not the result's name."""
    importing = part("operators.running.importing")

    class GROTTO_OT_test_import(importing.ImportOperator):
        bl_idname = "grotto.test_import"
        bl_label = "Import Job"
        __annotations__ = {"twice": bpy.props.StringProperty(default="AGAIN")}

        def execute(self, context: Any) -> Any:
            importing.run_steps(self.import_steps(context, job))
            return {"FINISHED"}

    bpy.utils.register_class(GROTTO_OT_test_import)
    try:
        bpy.ops.grotto.test_import()
    finally:
        bpy.utils.unregister_class(GROTTO_OT_test_import)
    assert [item.name for item in bpy.context.scene.objects if "grotto_recipe" in item] == ["north wall"]
