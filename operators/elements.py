"""Find the elements of a picture, tick them, and make one model for each."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty
from bpy.types import Context, Event, Operator

from ..addon.backend import session
from ..addon.backend.client import BackendClient, JobStatus
from ..addon.preferences import shows_new_results
from ..addon.properties import SKIP_SAVE, with_properties
from ..addon.recipes import ELEMENT
from ..addon.scene.elements import PLACEMENTS, ElementPlacer, TickedElement, fill, height_of, is_list_of, ticked_elements
from ..addon.scene.options import absolute, properties_of
from ..addon.scene.settings import quality_items
from ..backend.grotto.contract import Action, Cancelled, Problem, ProblemError, bad_input
from .create import AUTO, AUTO_ITEM, CreateOperator, CreateRequest, check_source
from .running import blocking
from .running.ending import fail, finish, reporting_missing_packages, stop
from .running.modal import JobOperator

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

CUT = "cut"  # the backend's recipe that finds elements


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
                submit = self._submitter(context)
                with blocking.interrupts() as interrupted, blocking.connected_client() as client:
                    job = blocking.run_job(client, submit, interrupted)
                count = self._fill_list(context, job)
        except ProblemError as error:
            return fail(self, error.problem)
        except Cancelled:
            return stop(self)
        return finish(self, f"Found {count} elements")

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        try:
            submit = self._submitter(context)
        except ProblemError as error:
            return self.show_problem(error.problem)
        return self.follow(context, session.watcher().call(submit, start=True))

    def job_done(self, context: Context, job: JobStatus) -> set[OperatorReturnItems]:
        self.end(context)
        try:
            count = self._fill_list(context, job)
        except ProblemError as error:
            return self.show_problem(error.problem)
        return finish(self, f"Found {count} elements")

    def _submitter(self, context: Context) -> Callable[[BackendClient], JobStatus]:
        settings: Any = context.scene.grotto
        source, out = absolute(self.source or settings.element.source), absolute(self.out)
        check_source(ELEMENT, source)
        if self.source:
            settings.element.source = source
        return lambda client: client.submit(CUT, source, {}, out)

    def _fill_list(self, context: Context, job: JobStatus) -> int:
        settings: Any = context.scene.grotto
        return fill(settings.found, Path(job.out), job.input)


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


class CreateElements(CreateOperator):
    """Run a job for each ticked element, one after the other. Each result is imported at once; a failure stops no other."""

    _recipe = ELEMENT
    _placer: ElementPlacer
    _waiting: deque[tuple[str, TickedElement]]  # submitted, by job id
    _current: TickedElement
    _done = 0
    _shown: Sequence[str] = ()  # names of the roots that a click brought in
    _shift = 0.0  # of the row along +x
    _first_problem: Problem | None = None

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        given: Any = self
        try:
            with reporting_missing_packages():
                submitters = self._submitters(context)
                with blocking.interrupts() as interrupted, blocking.connected_client() as client:
                    for element, submit in submitters:
                        blocking.write_line(f"{element.name}:")
                        run = partial(blocking.run_job, client, submit, interrupted)
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

        def submit_all(client: BackendClient) -> deque[tuple[str, TickedElement]]:
            return deque((submit(client).id, element) for element, submit in submitters)

        return self.follow(context, session.watcher().call(submit_all, start=True))

    def submitted(self, answer: Any) -> str:
        self._waiting = answer
        job_id, self._current = self._waiting.popleft()
        return job_id

    def import_steps(self, context: Context, folder: Path) -> Generator[str, None, Any]:
        from ..addon.importers.result import import_steps

        return import_steps(context, folder, self._current.name)

    def job_failed(self, context: Context, job: JobStatus) -> set[OperatorReturnItems]:
        self._first_problem = self._first_problem or job.problem
        return self._next(context)

    def job_done(self, context: Context, job: JobStatus) -> set[OperatorReturnItems]:
        settings: Any = context.scene.grotto
        if settings.import_when_done:
            return super().job_done(context, job)
        self._done += 1
        return self._next(context)

    def imported(self, context: Context, imported: Any) -> set[OperatorReturnItems]:
        self._place(imported, self._current)
        if shows_new_results():
            self._show(context, imported.root)
        self._done += 1
        return self._next(context)

    def _show(self, context: Context, root: Any) -> None:
        """Move the first element out of what is in the scene, and the others by as much; frame all of them."""
        from ..addon.studio import set_beside, show_again

        if not self._shown:
            self._shift = set_beside(context, root)
        else:
            root.location.x += self._shift
        self._shown = [*self._shown, root.name]
        show_again(context, [item for item in map(bpy.data.objects.get, self._shown) if item is not None])

    def _next(self, context: Context) -> set[OperatorReturnItems]:
        if self._waiting:
            job_id, self._current = self._waiting.popleft()
            return self.wait_for_job(context, job_id)
        self.end(context)
        return self._report()

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
            own = CreateRequest(str(element.picture), out, request.quality, request.sidebar, given)
            submitters.append((element, own.submitter(ELEMENT)))
        return submitters

    def _run_and_import(self, context: Context, element: TickedElement, run: Callable[[], JobStatus], bring_in: bool) -> None:
        from ..addon.importers.result import import_result

        try:
            job = run()
            if bring_in:
                self._place(import_result(context, Path(job.out), element.name), element)
            self._done += 1
        except ProblemError as error:
            blocking.write_line(error.problem.sentence())
            self._first_problem = self._first_problem or error.problem

    def _place(self, imported: Any, element: TickedElement) -> None:
        from ..addon.importers.units import units_of

        width = max((item.bound_box[6][0] - item.bound_box[0][0] for item in imported.meshes), default=0.0)
        location, scale = self._placer.place(element, json.loads(imported.root["grotto_facts"]), width)
        units = units_of(imported.root)
        imported.root.location = [units * value for value in location]
        imported.root.scale = [units * scale] * 3

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
