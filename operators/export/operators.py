"""Export: a result's mesh as a file, re-read before anybody believes in it. One operator a format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Event, Object, Operator

from ...addon.scene.results import meshes_of
from ...backend.grotto.contract import Action, ProblemError, bad_input, bug, missing_resource
from ..ending import fail, finish, missing_packages_told
from ..scene import chosen_result
from .formats import FORMATS, Format

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


class Exporting(Operator):
    """What the export operators share."""

    _format: Format

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        given: Any = self
        form = self._format
        try:
            with missing_packages_told():
                path = Path(bpy.path.abspath(given.filepath)).with_suffix(form.suffix)
                meshes = meshes_of(chosen_result(context))
                if not meshes:
                    raise bad_input("the result has no mesh", "import a result with a mesh", Action.NONE)
                write(context, form, path, meshes)
        except ProblemError as error:
            return fail(self, error.problem)
        return finish(self, f"Wrote {path}")

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        given: Any = self
        try:
            given.filepath = f"{chosen_result(context).name}{self._format.suffix}"
        except ProblemError as error:
            return fail(self, error.problem)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}


def write(context: Context, form: Format, path: Path, meshes: list[Object]) -> None:
    """Export through Blender's exporter and read the file again: exporters have ended with FINISHED over files without
    texture or without mesh. Raises ProblemError."""
    name = form.name.upper()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # a file of an earlier export must not pass for this one
        with selected_alone(context, meshes):
            form.write(path, meshes)
    except OSError as error:
        raise missing_resource(f"{path} can not be written ({error.strerror})", "choose another place") from error
    except RuntimeError as error:
        raise missing_resource(f"Blender's {name} exporter refused ({str(error).strip()})", "choose another place") from error
    if not path.is_file():
        raise bug(f"Blender's {name} exporter did not write {path}")
    form.check(path, meshes)


@contextmanager
def selected_alone(context: Context, meshes: list[Object]) -> Iterator[None]:
    """The meshes are all that is selected; selection and what is hidden are as before afterwards."""
    layer = context.view_layer
    hidden = [item for item in meshes if item.hide_get()]  # what is hidden can not be selected
    # Hidden objects can be selected still, and would be written too.
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


def operator_of(form: Format) -> type[Exporting]:
    """grotto.export_glb and its sisters."""
    flags: Any = {"SKIP_SAVE"}
    shown = {
        "filepath": StringProperty(name="File", subtype="FILE_PATH", options=flags),
        "filter_glob": StringProperty(default=f"*{form.suffix}", options={"HIDDEN", *flags}),
    }
    words = {
        "__doc__": form.text,
        "__module__": __name__,
        "__annotations__": shown,
        "bl_idname": f"grotto.export_{form.name}",
        "bl_label": f"Export {form.name.upper()}",
        "bl_description": form.text,
        "_format": form,
    }
    return type(f"GROTTO_OT_export_{form.name}", (Exporting,), words)


CLASSES: tuple[type[Operator], ...] = tuple(operator_of(form) for form in FORMATS)
