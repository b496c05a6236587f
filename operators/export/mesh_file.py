"""Export a part of a result as a file and check it by reading it again: one operator for each format."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty
from bpy.types import Context, Event, Object, Operator
from mathutils import Matrix

from ...addon.importers.parts import ResultPart
from ...addon.properties import SKIP_SAVE, with_properties
from ...addon.scene.results import chosen_root
from ...backend.grotto.contract import ProblemError, bug, missing_resource
from ..running.ending import fail, finish, reporting_missing_packages
from ..scene import chosen_result
from .exported_part import SHOWN, chosen_part, exportable_parts, meshes_in_scene, name_of, part_in_scene
from .formats import FORMATS, GLB, Format, Writing
from .own_glb import own_glb, write_own_glb
from .selection import active_modifiers, in_metres, object_mode, refuse_excluded, selected_alone, without_modifiers
from .surfaces import expected_of
from .whole_file import chosen_path, reason_in, whole_file

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

SUFFIXES = tuple(form.suffix for form in FORMATS)
_items: list[tuple[str, str, str]] = []  # Blender keeps no reference to the texts of a menu that a function makes


@dataclass(frozen=True)
class Export:
    """What is exported, and how."""

    form: Format
    root: Object
    part: ResultPart
    path: Path
    modifiers: bool  # whether they apply


def part_items(_operator: Any, context: Context | None) -> list[tuple[str, str, str]]:
    """List the parts for the menu."""
    root = chosen_root(context) if context is not None else None
    _items[:] = [(SHOWN, "What is shown", "The mesh or the level of detail that the scene shows")]
    _items.extend((name_of(part), part.label, part.path) for part in (exportable_parts(root) if root is not None else ()))
    return _items


class ExportOperator(Operator):
    """Base of the export operators."""

    _format: Format

    @classmethod
    def poll(cls, context: Context) -> bool:
        reason = cls._format.why_missing()
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        operator: Any = self
        try:
            with reporting_missing_packages():
                path = chosen_path(bpy.path.abspath(operator.filepath), self._format.suffix, SUFFIXES)
                root = chosen_result(context)
                part = chosen_part(root, operator.part)
                said = write(context, Export(self._format, root, part, path, operator.apply_modifiers))
        except ProblemError as error:
            return fail(self, error.problem)
        return finish(self, f"Wrote {path}: {said}")

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        operator: Any = self
        try:
            operator.filepath = f"{chosen_result(context).name}{self._format.suffix}"
        except ProblemError as error:
            return fail(self, error.problem)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def check(self, context: Context) -> bool:
        """Keep the suffix while the user types, so that Blender warns of a file that exists."""
        operator: Any = self
        try:
            named = str(chosen_path(operator.filepath, self._format.suffix, SUFFIXES))
        except ProblemError:
            return False
        changed, operator.filepath = named != operator.filepath, named
        return bool(changed)

    def draw(self, context: Context) -> None:
        operator: Any = self
        layout = self.layout
        layout.use_property_split = True
        layout.prop(operator, "part")
        layout.prop(operator, "apply_modifiers")
        root = chosen_root(context)
        if root is not None:
            meshes = meshes_in_scene(root, chosen_part(root, operator.part))
            layout.label(text=modifiers_line(meshes, operator.apply_modifiers), icon="INFO")


def modifiers_line(meshes: list[Object], apply: bool) -> str:
    """Return what happens to the modifiers."""
    names = [modifier.name for modifier in active_modifiers(meshes)]
    if not names:
        return "No modifiers"
    return f"{'With' if apply else 'Without'} {', '.join(names)}"


def write(context: Context, export: Export) -> str:
    """Write beside the place, check by reading, then move there; return in words what was written. Raises ProblemError."""
    meshes = meshes_in_scene(export.root, export.part)
    context.view_layer.update()
    with object_mode(context), whole_file(export.path) as temporary:
        if export.form is GLB and not (export.modifiers and active_modifiers(meshes)):
            source = own_glb(export.root, export.part.path, meshes or None)
            if source is not None:
                place = Matrix.Scale(metres_of(context), 4) @ export.root.matrix_world
                write_own_glb(source, temporary, place, export.root.name)
                _check_own(source, temporary)
                return f"{export.part.label}, the job's own file. {modifiers_line(meshes, export.modifiers)}"
        with part_in_scene(context, export.root, export.part) as shown:
            refuse_excluded(context, shown)
            _write_with_blender(context, export, temporary, shown)
            edits = modifiers_line(shown, export.modifiers)
    return f"{export.part.label}, by Blender's exporter. {edits}"


def metres_of(context: Context) -> float:
    """Return the length of the scene's unit in metres."""
    units = context.scene.unit_settings
    return 1.0 if units.system == "NONE" else float(f"{units.scale_length:.6g}")


def _write_with_blender(context: Context, export: Export, path: Path, meshes: list[Object]) -> None:
    """Write and check: exporters have returned FINISHED for files without texture or mesh. Raises ProblemError."""
    form, name = export.form, export.form.name.upper()
    with ExitStack() as stack:
        if not export.modifiers:
            stack.enter_context(without_modifiers(context, meshes))
        stack.enter_context(selected_alone(context, meshes))
        if form.name in ("glb", "obj"):  # the other two carry the scene's unit
            stack.enter_context(in_metres(context, export.root, metres_of(context)))
        expected = expected_of(context, meshes)
        try:
            form.write(Writing(path, expected, bool(active_modifiers(meshes))))
        except RuntimeError as error:
            reason = reason_in(str(error))
            raise missing_resource(
                f"Blender's {form.name.upper()} exporter failed ({reason})", "choose another folder"
            ) from error
        if not path.is_file():
            raise bug(f"Blender's {name} exporter did not write {export.path}")
        form.check(path, expected)


def _check_own(source: Path, path: Path) -> None:
    """Raise ProblemError where the copy holds another mesh than the job's file."""
    from ...addon.importers.readers.glb import read_glb

    here, there = ([(len(mesh.triangles), mesh.image is None) for mesh in read_glb(file)] for file in (path, source))
    if here != there:
        raise bug(f"{path.name} holds another mesh than {source}")


def operator_of(form: Format) -> type[ExportOperator]:
    """Make grotto.export_glb and the like."""
    properties = {
        "filepath": StringProperty(name="File", subtype="FILE_PATH", options=SKIP_SAVE),
        "filter_glob": StringProperty(default=f"*{form.suffix}", options={"HIDDEN", "SKIP_SAVE"}),
        "check_existing": BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"}),
        "part": EnumProperty(name="Part", description="Part of the result to write", items=part_items, options=SKIP_SAVE),
        "apply_modifiers": BoolProperty(
            name="Apply modifiers",
            description="Write the mesh as its modifiers shape it; off, they are left out",
            default=True,
            options=SKIP_SAVE,
        ),
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
