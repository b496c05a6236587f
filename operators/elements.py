"""Several elements of one picture: find them, tick them, make them one after the other."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpy.props import BoolProperty, EnumProperty, StringProperty
from bpy.types import Context, Event, Operator

from ..addon.backend import session
from ..addon.backend.client import Client, Job
from ..addon.recipes import ELEMENT
from ..addon.scene.elements import PLACEMENTS, Places, Wanted, fill, height_of, listed, wanted
from ..addon.scene.options import absolute, properties_of
from ..addon.scene.settings import quality_items
from ..backend.grotto.contract import Action, Cancelled, Problem, ProblemError, bad_input
from .command import batch
from .create import AUTO, AUTO_ITEM, SKIP, Asked, Creating, check_source
from .ending import fail, finish, missing_packages_told, stop
from .following import PASS, Following

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

FIND = "cut"  # the backend's recipe


class GROTTO_OT_find_elements(Following):
    """Look for the elements of the picture; each is shown with a thumbnail and a tick"""

    bl_idname = "grotto.find_elements"
    bl_label = "Find Elements"
    bl_options = {"UNDO"}

    source: StringProperty(name="Picture", subtype="FILE_PATH", options=set(SKIP))  # type: ignore[valid-type]
    out: StringProperty(name="Job folder", subtype="DIR_PATH", options=set(SKIP))  # type: ignore[valid-type]

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        try:
            with missing_packages_told():
                submit = self._submission(context)
                with batch.interrupts() as interrupted, batch.connection() as client:
                    job = batch.do(client, submit, interrupted)
                count = self._fill(context, job)
        except ProblemError as error:
            return fail(self, error.problem)
        except Cancelled:
            return stop(self)
        return finish(self, f"Found {count} elements")

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        try:
            submit = self._submission(context)
        except ProblemError as error:
            return self._refuse(error.problem)
        return self.follow(context, session.watch().ask(submit, start=True))

    def _submission(self, context: Context) -> Callable[[Client], Job]:
        settings: Any = context.scene.grotto
        source, out = absolute(self.source or settings.element.source), absolute(self.out)
        check_source(ELEMENT, source)
        if self.source:
            settings.element.source = source
        return lambda client: client.submit(FIND, source, {}, out)

    def _done(self, context: Context, job: Job) -> set[OperatorReturnItems]:
        self._end(context)
        try:
            count = self._fill(context, job)
        except ProblemError as error:
            return self._refuse(error.problem)
        return finish(self, f"Found {count} elements")

    def _fill(self, context: Context, job: Job) -> int:
        settings: Any = context.scene.grotto
        return fill(settings.found, Path(job.out), job.input)


class GROTTO_OT_tick_elements(Operator):
    """Tick all elements, or none"""

    bl_idname = "grotto.tick_elements"
    bl_label = "Tick Elements"
    bl_options = {"UNDO", "INTERNAL"}

    ticked: BoolProperty(name="Tick", default=True, options=set(SKIP))  # type: ignore[valid-type]

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        settings: Any = context.scene.grotto
        for item in settings.found.items:
            item.ticked = self.ticked
        return finish(self)


class GROTTO_OT_forget_elements(Operator):
    """Take the list away: the whole picture is one element again"""

    bl_idname = "grotto.forget_elements"
    bl_label = "Forget Elements"
    bl_options = {"UNDO", "INTERNAL"}

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        settings: Any = context.scene.grotto
        settings.found.items.clear()
        settings.found.source = ""
        return finish(self)


class Several(Creating):
    """A job for each ticked element, one after the other; each is imported as it is done, a failed one stops no other."""

    _recipe = ELEMENT
    _places: Places
    _jobs: deque[tuple[str, Wanted]]  # still to come
    _now: Wanted
    _made = 0
    _first_problem: Problem | None = None

    def _hand_in(self, context: Context) -> list[tuple[Wanted, Callable[[Client], Job]]]:
        """What hands each job in. Raises ProblemError where nothing is ticked."""
        settings: Any = context.scene.grotto
        given: Any = self
        every = wanted(settings.found) if listed(settings.found, absolute(settings.element.source)) else []
        if not every:
            raise bad_input("no element is ticked", "find the picture's elements and tick some", Action.NONE)
        asked = self.asked(context)
        placement = given.placement if self.properties.is_property_set("placement") else settings.found.placement
        height_m = asked.values["height_m"]
        self._places = Places(every=every, placement=placement, height_m=height_m)
        made = []
        for element in every:
            check_source(ELEMENT, str(element.picture))
            own = {**asked.own, "height_m": height_of(element, every, placement, height_m)}
            out = str(Path(asked.out) / element.name) if asked.out else ""
            made.append((element, Asked(str(element.picture), out, asked.quality, asked.shown, own).submit(ELEMENT)))
        return made

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        given: Any = self
        try:
            with missing_packages_told():
                waiting = self._hand_in(context)
                with batch.interrupts() as interrupted, batch.connection() as client:
                    for element, submit in waiting:
                        batch.say(f"{element.name}:")
                        self._one(context, element, partial(batch.do, client, submit, interrupted), given.bring_in)
        except ProblemError as error:
            return fail(self, error.problem)
        except Cancelled:
            return stop(self)
        return self._ended()

    def _one(self, context: Context, element: Wanted, make: Callable[[], Job], bring_in: bool) -> None:
        from ..addon.importers.result import import_result

        try:
            job = make()
            if bring_in:
                self._put(import_result(context, Path(job.out), element.name), element)
            self._made += 1
        except ProblemError as error:
            batch.say(error.problem.sentence())
            self._first_problem = self._first_problem or error.problem

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        try:
            waiting = self._hand_in(context)
        except ProblemError as error:
            return self._refuse(error.problem)

        def submit(client: Client) -> deque[tuple[str, Wanted]]:
            return deque((hand_in(client).id, element) for element, hand_in in waiting)

        return self.follow(context, session.watch().ask(submit, start=True))

    def _accept(self, answer: Any) -> None:
        self._jobs = answer
        self._job_id, self._now = self._jobs.popleft()

    def _importing(self, context: Context, folder: Path) -> Generator[str, None, Any]:
        from ..addon.importers.result import import_slices

        return import_slices(context, folder, self._now.name)

    def _undone(self, context: Context, job: Job) -> set[OperatorReturnItems]:
        self._first_problem = self._first_problem or job.problem
        return self._next(context)

    def _done(self, context: Context, job: Job) -> set[OperatorReturnItems]:
        settings: Any = context.scene.grotto
        if settings.import_when_done:
            return super()._done(context, job)
        self._made += 1
        return self._next(context)

    def _arrived(self, context: Context, arrival: Any) -> set[OperatorReturnItems]:
        self._put(arrival, self._now)
        self._made += 1
        return self._next(context)

    def _next(self, context: Context) -> set[OperatorReturnItems]:
        self._let_go(context)
        if self._jobs:
            self._job_id, self._now = self._jobs.popleft()
            return PASS
        self._end(context)
        return self._ended()

    def _put(self, arrival: Any, element: Wanted) -> None:
        width = max((item.dimensions.x for item in arrival.meshes), default=0.0)
        place, scale = self._places.place(element, json.loads(arrival.root["grotto_facts"]), width)
        arrival.root.location, arrival.root.scale = place, (scale, scale, scale)

    def _ended(self) -> set[OperatorReturnItems]:
        count, problem = len(self._places.every), self._first_problem
        if problem is None:
            return finish(self, f"Made {self._made} of {count} elements")
        if not self._made:
            return fail(self, problem)
        ended = finish(self)
        session.remember_end(problem.kind.exit_code, problem)
        self.report({"WARNING"}, f"Made {self._made} of {count} elements: {problem.sentence()}")
        return ended


def _create_elements() -> type[Several]:
    """grotto.create_elements: every option of the recipe is a property of the operator."""
    flags: Any = set(SKIP)
    shown = {
        "out": StringProperty(
            name="Job folders", description="Folder for a folder of each; empty lets the backend make them", subtype="DIR_PATH",
            options=flags,
        ),
        "quality": EnumProperty(name="Quality", items=[AUTO_ITEM, *quality_items(ELEMENT)], default=AUTO, options=flags),
        "placement": EnumProperty(name="Place", items=PLACEMENTS, options=flags),
        "bring_in": BoolProperty(name="Import", description="Import the results into the scene", default=True, options=flags),
    }  # fmt: skip
    text = "Make a model of each ticked element, one after the other"
    words = {
        "__doc__": text,
        "__module__": __name__,
        "__annotations__": shown | properties_of(ELEMENT.options, SKIP),
        "bl_idname": "grotto.create_elements",
        "bl_label": "Create Elements",
        "bl_description": text,
        "bl_options": {"UNDO"},
    }
    return type("GROTTO_OT_create_elements", (Several,), words)


CLASSES: tuple[type[Operator], ...] = (
    GROTTO_OT_find_elements, GROTTO_OT_tick_elements, GROTTO_OT_forget_elements, _create_elements(),
)  # fmt: skip
