"""Find the elements of a picture, tick them, and make one model for each."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty
from bpy.types import Context, Event, Operator

from ..addon.backend import pending, session
from ..addon.backend.client import BackendClient, JobStatus
from ..addon.backend.pending import PendingImport
from ..addon.preferences import shows_new_results
from ..addon.properties import SKIP_SAVE, with_properties
from ..addon.recipes import ELEMENT, FINDS
from ..addon.scene.elements import PLACEMENTS, ElementPlacer, TickedElement, fill, height_of, is_list_of, ticked_elements
from ..addon.scene.options import absolute, properties_of
from ..addon.scene.settings import AUTO, AUTO_ITEM, quality_items
from ..backend.grotto.contract import Action, Cancelled, JobRequest, Problem, ProblemError, bad_input
from .create import CreateOperator, check_source
from .running import blocking
from .running.ending import fail, finish, reporting_missing_packages, stop
from .running.imports import area_of, submit
from .running.modal import JobOperator

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


@with_properties(
    source=StringProperty(name="Picture", subtype="FILE_PATH", options=SKIP_SAVE),
    out=StringProperty(name="Job folder", subtype="DIR_PATH", options=SKIP_SAVE),
)
class GROTTO_OT_find_elements(JobOperator):
    """Find the elements of the picture and list them with thumbnails"""

    bl_idname = "grotto.find_elements"
    bl_label = "Find Elements"
    bl_options = {"UNDO"}

    source: str
    out: str

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        try:
            with reporting_missing_packages():
                action = self._submitter(context)
                with blocking.interrupts() as interrupted, blocking.connected_client() as client:
                    job = blocking.run_job(client, action, interrupted)
                count = show_list(context, Path(job.out))
        except ProblemError as error:
            return fail(self, error.problem)
        except Cancelled:
            return stop(self)
        return finish(self, f"Found {count} elements")

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        try:
            action = self._submitter(context)
        except ProblemError as error:
            return self.show_problem(error.problem)
        submit(action, list_import(context))
        return finish(self)

    def _submitter(self, context: Context) -> Callable[[BackendClient], JobStatus]:
        settings: Any = context.scene.grotto
        source, out = absolute(self.source or settings.element.source), absolute(self.out)
        check_source(ELEMENT, source)
        if self.source:
            settings.element.source = source
        return lambda client: client.submit(FINDS, source, {}, out)


def show_list(context: Context, folder: Path) -> int:
    """List the elements that a job found, choose their picture in the sidebar, and return their number."""
    settings: Any = context.scene.grotto
    try:
        source = JobRequest.read(folder).input
    except (OSError, ValueError, TypeError) as error:
        raise bad_input(f"the request of the job in {folder} can not be read ({error})", "find the elements again") from error
    count = fill(settings.found, folder, source)
    settings.recipe, settings.element.source = ELEMENT.name.upper(), source
    return count


def list_import(context: Context) -> PendingImport:
    """Return what shows the list when it is there."""

    def steps(context: Context, folder: Path) -> Generator[str, None, Any]:
        yield "the list of elements"
        return show_list(context, folder)

    return PendingImport(
        steps,
        lambda _context, count, _by_click: f"Found {count} elements",
        file=pending.current_file(),
        scene=context.scene.name,
        button="Show list",
        asks_setting=False,
    )


@with_properties(ticked=BoolProperty(name="Tick", default=True, options=SKIP_SAVE))
class GROTTO_OT_tick_elements(Operator):
    """Tick all elements, or none"""

    bl_idname = "grotto.tick_elements"
    bl_label = "Tick Elements"
    bl_options = {"UNDO", "INTERNAL"}

    ticked: bool

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        settings: Any = context.scene.grotto
        for item in settings.found.items:
            item.ticked = self.ticked
        return finish(self)


class GROTTO_OT_forget_elements(Operator):
    """Clear the list: the whole picture is one element again"""

    bl_idname = "grotto.forget_elements"
    bl_label = "Clear Elements"
    bl_options = {"UNDO", "INTERNAL"}

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        settings: Any = context.scene.grotto
        settings.found.items.clear()
        settings.found.source = ""
        return finish(self)


@dataclass
class ElementRow:
    """Several elements of one picture on their way into a scene, each to its place, however often its job is run."""

    placer: ElementPlacer
    names: list[str] = field(default_factory=list)  # of the roots that came in by a click
    shift: float = 0.0  # of all of them along +x

    def place(self, imported: Any, element: TickedElement) -> None:
        """Move an imported element to its place."""
        from ..addon.importers.units import units_of

        width = max((item.bound_box[6][0] - item.bound_box[0][0] for item in imported.meshes), default=0.0)
        location, scale = self.placer.place(element, json.loads(imported.root["grotto_facts"]), width)
        units = units_of(imported.root)
        imported.root.location = [units * value for value in location]
        imported.root.scale = [units * scale] * 3

    def show(self, context: Context, root: Any) -> None:
        """Move the first element out of what is in the scene, and the others by as much; frame all of them."""
        from ..addon.studio import set_beside, show_again

        if not self.names:
            self.shift = set_beside(context, root)
        else:
            root.location.x += self.shift
        self.names.append(root.name)
        roots: list[Any] = [bpy.data.objects.get(name) for name in self.names]
        show_again(context, [item for item in roots if item is not None])

    def import_of(self, context: Context, element: TickedElement) -> PendingImport:
        """Return the import of one element."""

        def steps(context: Context, folder: Path) -> Generator[str, None, Any]:
            from ..addon.importers.result import import_steps

            return import_steps(context, folder, element.name)

        def end(context: Context, imported: Any, by_click: bool) -> str:
            self.place(imported, element)
            if by_click and shows_new_results():
                self.show(context, imported.root)
            return f"Imported {imported.collection.name}"

        return PendingImport(steps, end, file=pending.current_file(), scene=context.scene.name, area=area_of(context))


class CreateElements(CreateOperator):
    """Run a job for each ticked element, one after the other. Each result is imported at once; a failure stops no other."""

    _recipe = ELEMENT
    _placer: ElementPlacer
    _done = 0
    _first_problem: Problem | None = None

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        given: Any = self
        try:
            with reporting_missing_packages():
                submitters = self._submitters(context)
                with blocking.interrupts() as interrupted, blocking.connected_client() as client:
                    for element, action in submitters:
                        blocking.write_line(f"{element.name}:")
                        run = partial(blocking.run_job, client, action, interrupted)
                        self._run_and_import(context, element, run, given.bring_in)
        except ProblemError as error:
            return fail(self, error.problem)
        except Cancelled:
            return stop(self)
        return self._report()

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        try:
            submitters = self._submitters(context)
        except ProblemError as error:
            return self.show_problem(error.problem)
        row = ElementRow(self._placer)
        for element, action in submitters:
            submit(action, row.import_of(context, element))
        return finish(self)

    def _submitters(self, context: Context) -> list[tuple[TickedElement, Callable[[BackendClient], JobStatus]]]:
        """Return the function that submits each element's job. Raises ProblemError where nothing is ticked."""
        settings: Any = context.scene.grotto
        operator: Any = self
        is_current = is_list_of(settings.found, absolute(settings.element.source))
        elements = ticked_elements(settings.found) if is_current else []
        if not elements:
            raise bad_input("no element is ticked", "find the picture's elements and tick some", Action.NONE)
        request = self.read_request(context)
        placement = operator.placement if self.properties.is_property_set("placement") else settings.found.placement
        height_m = request.values["height_m"]
        self._placer = ElementPlacer(elements=elements, placement=placement, height_m=height_m)
        submitters = []
        for element in elements:
            check_source(ELEMENT, str(element.picture))
            given = {**request.given, "height_m": height_of(element, elements, placement, height_m)}
            out = str(Path(request.out) / element.name) if request.out else ""
            own = replace(request, source=str(element.picture), out=out, given=given)
            submitters.append((element, own.submitter(ELEMENT)))
        return submitters

    def _run_and_import(self, context: Context, element: TickedElement, run: Callable[[], JobStatus], bring_in: bool) -> None:
        from ..addon.importers.result import import_result

        try:
            job = run()
            if bring_in:
                ElementRow(self._placer).place(import_result(context, Path(job.out), element.name), element)
            self._done += 1
        except ProblemError as error:
            blocking.write_line(error.problem.sentence())
            self._first_problem = self._first_problem or error.problem

    def _report(self) -> set[OperatorReturnItems]:
        count, problem = len(self._placer.elements), self._first_problem
        if problem is None:
            return finish(self, f"Made {self._done} of {count} elements")
        if not self._done:
            return fail(self, problem)
        finished = finish(self)
        session.record_outcome(problem.kind.exit_code, problem)
        self.report({"WARNING"}, f"Made {self._done} of {count} elements: {problem.sentence()}")
        return finished


def _create_elements() -> type[CreateElements]:
    """Make grotto.create_elements: every option of the recipe is a property of the operator."""
    properties = {
        "out": StringProperty(
            name="Job folders",
            description="Folder that gets a job folder for each element. If empty, the backend makes them",
            subtype="DIR_PATH",
            options=SKIP_SAVE,
        ),
        "quality": EnumProperty(name="Quality", items=[AUTO_ITEM, *quality_items(ELEMENT)], default=AUTO, options=SKIP_SAVE),
        "placement": EnumProperty(name="Place", items=PLACEMENTS, options=SKIP_SAVE),
        "bring_in": BoolProperty(name="Import", description="Import the results into the scene", default=True, options=SKIP_SAVE),
    }
    text = "Make a model of each ticked element, one after the other"
    namespace = {
        "__doc__": text,
        "__module__": __name__,
        "bl_idname": "grotto.create_elements",
        "bl_label": "Create Elements",
        "bl_description": text,
        "bl_options": {"UNDO"},
    }
    operator = type("GROTTO_OT_create_elements", (CreateElements,), namespace)
    return with_properties(**properties, **properties_of(ELEMENT.options, SKIP_SAVE))(operator)


CLASSES: tuple[type[Operator], ...] = (
    GROTTO_OT_find_elements,
    GROTTO_OT_tick_elements,
    GROTTO_OT_forget_elements,
    _create_elements(),
)
