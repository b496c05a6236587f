"""Export: a result's mesh as a GLB, re-read before anybody believes in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Event, Object, Operator

from ..addon.results import meshes_of
from ..backend.grotto.contract import Action, ProblemError, bad_input, bug, missing_resource
from .ending import fail, finish, missing_packages_told
from .scene import chosen_result

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


class GROTTO_OT_export_glb(Operator):
    """Write the result's mesh with its texture as one GLB file"""

    bl_idname = "grotto.export_glb"
    bl_label = "Export GLB"

    filepath: StringProperty(name="File", subtype="FILE_PATH", options={"SKIP_SAVE"})  # type: ignore[valid-type]
    filter_glob: StringProperty(default="*.glb", options={"HIDDEN", "SKIP_SAVE"})  # type: ignore[valid-type]

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        try:
            with missing_packages_told():
                path = Path(bpy.path.abspath(self.filepath)).with_suffix(".glb")
                meshes = meshes_of(chosen_result(context))
                if not meshes:
                    raise bad_input("the result has no mesh", "import a result with a mesh", Action.NONE)
                write(context, path, meshes)
                check(path, meshes)
        except ProblemError as error:
            return fail(self, error.problem)
        return finish(self, f"Wrote {path}")

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        try:
            self.filepath = f"{chosen_result(context).name}.glb"
        except ProblemError as error:
            return fail(self, error.problem)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}


def write(context: Context, path: Path, meshes: list[Object]) -> None:
    """Export through Blender's exporter; selection and what is hidden are as before afterwards."""
    layer = context.view_layer
    hidden = [item for item in meshes if item.hide_get()]  # what is hidden can not be selected
    # Hidden objects can be selected still, and would be written too.
    selected, active = [item for item in layer.objects if item.select_get()], layer.objects.active
    if context.mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for item in selected:
            item.select_set(False)
        for item in hidden:
            item.hide_set(False)
        for item in meshes:
            item.select_set(True)
        layer.objects.active = meshes[0]
        bpy.ops.export_scene.gltf(
            filepath=str(path), export_format="GLB", use_selection=True, export_apply=False, export_image_format="AUTO"
        )
    except OSError as error:
        raise missing_resource(f"{path} can not be written ({error.strerror})", "choose another place") from error
    except RuntimeError as error:
        raise missing_resource(f"Blender's glTF exporter refused ({str(error).strip()})", "choose another place") from error
    finally:
        for item in meshes:
            item.select_set(False)
        for item in hidden:
            item.hide_set(True)
        for item in selected:
            item.select_set(True)
        layer.objects.active = active


def check(path: Path, meshes: list[Object]) -> None:
    """Read the file again: Blender's exporter has ended with FINISHED over files without texture or without mesh."""
    from ..addon.importers.glb import read_glb

    if not path.is_file():
        raise bug(f"Blender's glTF exporter did not write {path}")
    written = read_glb(path)
    faces = sum(len(mesh.triangles) for mesh in written)
    wanted = sum(_triangles(item.data) for item in meshes)
    if faces < wanted:
        raise bug(f"{path.name} holds {faces} of {wanted} faces")
    bare = [mesh for mesh in written if mesh.image is None or not mesh.image.data or mesh.uv is None]
    if bare or not written:
        raise bug(f"the texture is missing in {path.name}")


def _triangles(mesh: Any) -> int:
    mesh.calc_loop_triangles()
    return len(mesh.loop_triangles)


CLASSES = (GROTTO_OT_export_glb,)
