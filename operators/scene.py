"""Set the scale of an imported result, and look through its cameras."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import FloatProperty, StringProperty
from bpy.types import Context, Event, Object, Operator
from mathutils import Vector

from ..addon.importers.provenance import SCALE
from ..addon.properties import SKIP_SAVE, with_properties
from ..addon.scene.results import are_cameras_shown, cameras_of, chosen_root, root_of
from ..addon.scene.scale import SAME, distance_of, store_points
from ..backend.grotto.contract import Action, ProblemError, bad_input
from .running.ending import fail, finish

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


def chosen_points(context: Context) -> list[Vector]:
    """Return world positions of the selected vertices in Edit Mode, else of the selected objects."""
    edited: Any = context.edit_object
    if edited is not None and edited.type == "MESH":
        import bmesh

        mesh = bmesh.from_edit_mesh(edited.data)
        return [edited.matrix_world @ vertex.co for vertex in mesh.verts if vertex.select]
    return [item.matrix_world.translation.copy() for item in context.selected_objects]


def chosen_result(context: Context) -> Object:
    """Return the root of the chosen result. Raises ProblemError where the scene has none."""
    root = chosen_root(context)
    if root is None:
        raise bad_input("the scene has no Grotto result", "import one first", Action.NONE)
    return root


@with_properties(
    length=FloatProperty(
        name="Length",
        description="True distance of the two points",
        default=1.0,
        min=1e-6,
        max=1e7,
        precision=4,
        subtype="DISTANCE",
        unit="LENGTH",
    )
)
class GROTTO_OT_set_scale(Operator):
    """Scale the result to its true size from two points with a known distance"""

    bl_idname = "grotto.set_scale"
    bl_label = "Set Scale"
    bl_description = "Scale the result so that two selected vertices, or two selected objects, are the given length apart"
    bl_options = {"REGISTER", "UNDO"}

    length: float

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        try:
            root, points = chosen_result(context), chosen_points(context)
            if len(points) != 2:
                raise bad_input(
                    f"{len(points)} points are selected", "select two vertices, or two objects such as empties", Action.NONE
                )
            distance = distance_of(root, points)
            if distance <= 0.0:
                raise bad_input("both points have the same position", "select two points that are apart", Action.NONE)
        except ProblemError as error:
            return fail(self, error.problem)
        factor = float(f"{self.length:.7g}") / distance
        if root[SCALE] == "metric" and abs(factor - 1.0) < SAME:
            return finish(self, "These two points have this length already: nothing was changed")
        store_points(root, points)
        root.scale *= factor
        root[SCALE] = "metric"
        context.view_layer.update()
        return finish(self, f"Scaled by {factor:.6g}")

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        root, points = chosen_root(context), chosen_points(context)
        if root is not None and len(points) == 2:
            self.length = distance_of(root, points)
        return context.window_manager.invoke_props_dialog(self)


@with_properties(
    camera=StringProperty(
        name="Camera", description="If empty, the active camera, else the next camera of the result", options=SKIP_SAVE
    )
)
class GROTTO_OT_look_through(Operator):
    """Look through a photo's camera and set the render size to the photo's"""

    bl_idname = "grotto.look_through"
    bl_label = "Look Through Camera"
    bl_options = {"REGISTER", "UNDO"}

    camera: str

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        from ..addon.importers.builders.cameras import set_render_size

        try:
            camera = self._chosen(context)
        except ProblemError as error:
            return fail(self, error.problem)
        scene: Any = context.scene
        before, root = scene.camera, root_of(camera)
        if before is not None and root is not None and before in cameras_of(root) and not are_cameras_shown(root):
            before.hide_set(True)
        if root is not None:
            camera.hide_set(False)  # Blender draws no photo behind the scene through a hidden camera
        scene.camera = camera
        set_render_size(scene, camera)
        area = context.area
        if area is not None and area.type == "VIEW_3D":
            area.spaces.active.region_3d.view_perspective = "CAMERA"
        return finish(self, f"Looking through {camera.name}")

    def _chosen(self, context: Context) -> Object:
        if self.camera:
            named = bpy.data.objects.get(self.camera)
            if named is None or named.type != "CAMERA":
                raise bad_input(f"there is no camera {self.camera}", "choose one of the result's cameras", Action.NONE)
            return named
        active = context.active_object
        if active is not None and active.type == "CAMERA" and active is not context.scene.camera:
            return active
        cameras = cameras_of(chosen_result(context))
        if not cameras:
            raise bad_input("the result has no cameras", "import a result with cameras", Action.NONE)
        current = context.scene.camera
        after = cameras.index(current) + 1 if current in cameras else 0
        return cameras[after % len(cameras)]


class GROTTO_OT_show_cameras(Operator):
    """Show or hide the frames of the photos' cameras"""

    bl_idname = "grotto.show_cameras"
    bl_label = "Show Cameras"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        try:
            root = chosen_result(context)
        except ProblemError as error:
            return fail(self, error.problem)
        shown, cameras = are_cameras_shown(root), cameras_of(root)
        for camera in cameras:
            camera.hide_set(shown)
        return finish(self, f"{len(cameras)} cameras are {'hidden' if shown else 'shown'}")


CLASSES = (GROTTO_OT_set_scale, GROTTO_OT_show_cameras, GROTTO_OT_look_through)
