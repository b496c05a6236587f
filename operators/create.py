"""Create a result from pictures: one operator for each recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpy.props import BoolProperty, EnumProperty, StringProperty
from bpy.types import Context, Event, Operator

from ..addon.backend.client import BackendClient, JobStatus
from ..addon.properties import SKIP_SAVE, with_properties
from ..addon.recipes import RECIPES, RecipeEntry
from ..addon.scene.options import absolute, properties_of, read_values, values_set
from ..addon.scene.settings import AUTO, AUTO_ITEM, QUALITY_VALUES, quality_for, quality_items
from ..backend.grotto.contract import Action, Cancelled, ProblemError, bad_input, from_flat
from ..backend.grotto.contract.recipes import to_nested
from .running import blocking
from .running.ending import fail, finish, reporting_missing_packages, stop
from .running.imports import result_import, submit
from .running.modal import JobOperator

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


def check_source(recipe: RecipeEntry, source: str) -> None:
    """Raise ProblemError where the recipe does not take this path. The backend checks the contents."""
    if not source:
        raise bad_input(f"no {_source_kind(recipe)} is chosen", "choose one", Action.CHOOSE_FOLDER)
    path = Path(source)
    if (path.is_dir() and recipe.takes_folders) or (path.is_file() and path.suffix.lower() in recipe.source_suffixes):
        return
    if not recipe.source_suffixes:
        raise bad_input(f"{source} is not a folder", "choose a folder of photos", Action.CHOOSE_FOLDER)
    if not recipe.takes_folders:
        raise bad_input(f"{source} is not a picture in a known format", "choose a PNG, JPEG, TIFF, WebP or HEIF picture")
    known = "choose a folder of photos, a video or a transforms.json"
    raise bad_input(f"{source} is neither a folder nor a file in a known format", known, Action.CHOOSE_FOLDER)


def _source_kind(recipe: RecipeEntry) -> str:
    return "folder of photos" if recipe.takes_folders else "picture"


@dataclass(frozen=True)
class CreateRequest:
    """The inputs of a create operator, read from Blender once, so that a thread may use them."""

    source: str
    out: str
    quality: str  # "" keeps the sidebar's values
    sidebar: Mapping[str, Any]  # values of options in the sidebar
    own: Mapping[str, Any]  # those of them that the user set, which an automatic quality leaves as they are
    given: Mapping[str, Any]  # values that the caller gave

    @property
    def values(self) -> dict[str, Any]:
        """Values of all options, without the effect of the quality."""
        return {**self.sidebar, **self.given}

    def submitter(self, recipe: RecipeEntry) -> Callable[[BackendClient], JobStatus]:
        """Return the function that submits the job to a backend."""

        def submit_to(client: BackendClient) -> JobStatus:
            auto = self.quality == AUTO
            name = quality_for(client.machine().has_cuda) if auto else self.quality.lower()
            kept = self.own if auto else {}
            values = {**self.sidebar, **QUALITY_VALUES[recipe.name].get(name, {}), **kept, **self.given}
            return client.submit(recipe.name, self.source, to_nested(from_flat(recipe.options, values)), self.out)

        return submit_to


class CreateOperator(JobOperator):
    """Base of the create operators. Values of options come from the caller, else from a given quality, else the sidebar."""

    _recipe: RecipeEntry

    def submitter(self, context: Context) -> Callable[[BackendClient], JobStatus]:
        """Read the inputs from Blender and return the function that submits the job. Raises ProblemError."""
        request = self.read_request(context)
        check_source(self._recipe, request.source)
        return request.submitter(self._recipe)

    def read_request(self, context: Context) -> CreateRequest:
        """Read the values of the caller and of the sidebar."""
        given: Any = self
        recipe, settings = self._recipe, getattr(context.scene.grotto, self._recipe.name)
        is_given = self.properties.is_property_set("quality")
        return CreateRequest(
            source=absolute(getattr(given, "source", "") or settings.source),
            out=absolute(given.out or settings.out),
            quality=given.quality if is_given else AUTO if settings.quality == AUTO else "",
            sidebar=read_values(recipe.options, settings),
            own={} if is_given else values_set(recipe.options, settings),
            given=values_set(recipe.options, self.properties),
        )

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        given: Any = self
        try:
            with reporting_missing_packages():
                action = self.submitter(context)
                with blocking.interrupts() as interrupted, blocking.connected_client() as client:
                    job = blocking.run_job(client, action, interrupted)
                if not given.bring_in:
                    return finish(self, f"Done: {job.out}")
                blocking.write_line("Importing")
                from ..addon.importers.result import import_result

                imported = import_result(context, Path(job.out))
        except ProblemError as error:
            return fail(self, error.problem)
        except Cancelled:
            return stop(self)
        return finish(self, f"Imported {imported.collection.name}")

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        try:
            action = self.submitter(context)
        except ProblemError as error:
            return self.show_problem(error.problem)
        submit(action, result_import(context))
        return finish(self)


def operator_of(recipe: RecipeEntry) -> type[CreateOperator]:
    """Make grotto.create_wall and the like: every option of the recipe is a property of the operator."""
    properties = {
        "source": StringProperty(
            name=recipe.source_label, description=recipe.source_text, subtype=recipe.source_subtype, options=SKIP_SAVE
        ),
        "out": StringProperty(
            name="Job folder", description="If empty, the backend makes one", subtype="DIR_PATH", options=SKIP_SAVE
        ),
        "quality": EnumProperty(name="Quality", items=[AUTO_ITEM, *quality_items(recipe)], default=AUTO, options=SKIP_SAVE),
        "bring_in": BoolProperty(name="Import", description="Import the result into the scene", default=True, options=SKIP_SAVE),
    }
    namespace = {
        "__doc__": recipe.makes,
        "__module__": __name__,
        "bl_idname": recipe.operator,
        "bl_label": f"Create {recipe.label}",
        "bl_description": recipe.makes,
        "bl_options": {"UNDO"},
        "_recipe": recipe,
    }
    operator = type(f"GROTTO_OT_create_{recipe.name}", (CreateOperator,), namespace)
    return with_properties(**properties, **properties_of(recipe.options, SKIP_SAVE))(operator)


CLASSES: tuple[type[Operator], ...] = tuple(operator_of(recipe) for recipe in RECIPES.values())
