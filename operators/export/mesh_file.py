"""Export a result's mesh as a file and check it by reading it again: one operator for each format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Event, Object, Operator

from ...addon.properties import SKIP_SAVE, with_properties
from ...addon.scene.results import meshes_of
from ...backend.grotto.contract import Action, ProblemError, bad_input, bug, missing_resource
from ..running.ending import fail, finish, reporting_missing_packages
from ..scene import chosen_result
from .formats import FORMATS, Format

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


class ExportOperator(Operator):
    """Base of the export operators."""

    _format: Format

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        operator: Any = self
        form = self._format
        try:
            with reporting_missing_packages():
                path = Path(bpy.path.abspath(operator.filepath)).with_suffix(form.suffix)
                meshes = meshes_of(chosen_result(context))
                if not meshes:
                    raise bad_input("the result has no mesh", "import a result with a mesh", Action.NONE)
                write(context, form, path, meshes)
        except ProblemError as error:
            return fail(self, error.problem)
        return finish(self, f"Wrote {path}")

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        operator: Any = self
        try:
            operator.filepath = f"{chosen_result(context).name}{self._format.suffix}"
        except ProblemError as error:
            return fail(self, error.problem)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}


def write(context: Context, form: Format, path: Path, meshes: list[Object]) -> None:
    """Write with Blender's exporter and check the file: exporters have returned FINISHED for files without texture or mesh.

    Raises ProblemError.
    """
    name = form.name.upper()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # an earlier export must not pass the check
        with selected_alone(context, meshes):
            form.write(path, meshes)
    except OSError as error:
        raise missing_resource(f"{path} can not be written ({error.strerror})", "choose another folder") from error
    except RuntimeError as error:
        raise missing_resource(f"Blender's {name} exporter failed ({str(error).strip()})", "choose another folder") from error
    if not path.is_file():
        raise bug(f"Blender's {name} exporter did not write {path}")
    form.check(path, meshes)


@contextmanager
def selected_alone(context: Context, meshes: list[Object]) -> Iterator[None]:
    """Select the meshes alone inside the block; restore selection and visibility afterwards."""
    layer = context.view_layer
    hidden = [item for item in meshes if item.hide_get()]  # hidden objects can not be selected
    # An object that was hidden while selected stays selected, and would be written too.
    selected, active = [item for item in layer.objects if item.select_get()], layer.objects.active
    if context.mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    try:
        for item in selected:
            item.select_set(False)
        for item in hidden:
            item.hide_set(False)
        for item in meshes:
            item.select_set(True)
        layer.objects.active = meshes[0]
        yield
    finally:
        for item in meshes:
            item.select_set(False)
        for item in hidden:
            item.hide_set(True)
        for item in selected:
            item.select_set(True)
        layer.objects.active = active


def operator_of(form: Format) -> type[ExportOperator]:
    """Make grotto.export_glb and the like."""
    properties = {
        "filepath": StringProperty(name="File", subtype="FILE_PATH", options=SKIP_SAVE),
        "filter_glob": StringProperty(default=f"*{form.suffix}", options={"HIDDEN", "SKIP_SAVE"}),
    }
    namespace = {
        "__doc__": form.text,
        "__module__": __name__,
        "bl_idname": f"grotto.export_{form.name}",
        "bl_label": f"Export {form.name.upper()}",
        "bl_description": form.text,
        "_format": form,
    }
    operator = type(f"GROTTO_OT_export_{form.name}", (ExportOperator,), namespace)
    return with_properties(**properties)(operator)


CLASSES: tuple[type[Operator], ...] = tuple(operator_of(form) for form in FORMATS)
