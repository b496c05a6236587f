"""Create: pictures become a result in the scene, one operator a recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpy.props import BoolProperty, EnumProperty, StringProperty
from bpy.types import Context, Event, Operator

from ..addon.backend import session
from ..addon.backend.client import Client, Job
from ..addon.recipes import RECIPES, Recipe
from ..addon.scene.options import absolute, properties_of, read_values, values_set
from ..addon.scene.settings import QUALITY_VALUES, quality_items
from ..backend.grotto.contract import Action, Cancelled, ProblemError, bad_input, from_flat
from ..backend.grotto.contract.recipes import to_nested
from .command import batch
from .ending import fail, finish, missing_packages_told, stop
from .following import Following

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

# Without SKIP_SAVE Blender would repeat what the last call gave, and a script's job would depend on its history.
SKIP = frozenset({"SKIP_SAVE"})

AUTO = "AUTO"
AUTO_ITEM = (AUTO, "Auto", "Standard where the backend finds CUDA, else Draft")


def check_source(recipe: Recipe, source: str) -> None:
    """Raises ProblemError where the recipe can not begin with this; what is inside, the backend judges."""
    if not source:
        raise bad_input(f"no {_kind_of(recipe)} is chosen", "choose one", Action.CHOOSE_FOLDER)
    path = Path(source)
    if (path.is_dir() and recipe.takes_folders) or (path.is_file() and path.suffix.lower() in recipe.source_suffixes):
        return
    if not recipe.source_suffixes:
        raise bad_input(f"{source} is not a folder", "choose a folder of photos", Action.CHOOSE_FOLDER)
    if not recipe.takes_folders:
        raise bad_input(f"{source} is no picture that can be read here", "choose a PNG, JPEG, TIFF, WebP or HEIF picture")
    known = "choose a folder of photos, a video or a transforms.json"
    raise bad_input(f"{source} is neither a folder nor a file that can be read here", known, Action.CHOOSE_FOLDER)


def _kind_of(recipe: Recipe) -> str:
    return "folder of photos" if recipe.takes_folders else "picture"


@dataclass(frozen=True)
class Asked:
    """What a create operator was asked for, read from Blender once: what a thread may use."""

    source: str
    out: str
    quality: str  # "" keeps what the sidebar shows
    shown: Mapping[str, Any]  # the sidebar's values
    own: Mapping[str, Any]  # the caller's

    @property
    def values(self) -> dict[str, Any]:
        """Options, but for what the quality sets."""
        return {**self.shown, **self.own}

    def submit(self, recipe: Recipe) -> Callable[[Client], Job]:
        """What hands the job in."""

        def submit(client: Client) -> Job:
            name = ("standard" if client.has_cuda() else "draft") if self.quality == AUTO else self.quality.lower()
            values = {**self.shown, **QUALITY_VALUES[recipe.name].get(name, {}), **self.own}
            return client.submit(recipe.name, self.source, to_nested(from_flat(recipe.options, values)), self.out)

        return submit


class Creating(Following):
    """What the create operators share. What the caller gives wins; the rest comes from the quality where one is given,
    then from the sidebar's settings."""

    _recipe: Recipe

    def submission(self, context: Context) -> Callable[[Client], Job]:
        """What hands the job in: all that it needs of Blender is read here and now. Raises ProblemError."""
        asked = self.asked(context)
        check_source(self._recipe, asked.source)
        return asked.submit(self._recipe)

    def asked(self, context: Context) -> Asked:
        """What the caller and the sidebar say."""
        given: Any = self
        recipe, settings = self._recipe, getattr(context.scene.grotto, self._recipe.name)
        return Asked(
            source=absolute(getattr(given, "source", "") or settings.source),
            out=absolute(given.out or settings.out),
            quality=given.quality if self.properties.is_property_set("quality") else "",
            shown=read_values(recipe.options, settings),
            own=values_set(recipe.options, self.properties),
        )

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        given: Any = self
        try:
            with missing_packages_told():
                submit = self.submission(context)
                with batch.interrupts() as interrupted, batch.connection() as client:
                    job = batch.do(client, submit, interrupted)
                if not given.bring_in:
                    return finish(self, f"Done: {job.out}")
                batch.say("Importing")
                from ..addon.importers.result import import_result

                arrival = import_result(context, Path(job.out))
        except ProblemError as error:
            return fail(self, error.problem)
        except Cancelled:
            return stop(self)
        return finish(self, f"Imported {arrival.collection.name}")

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        try:
            submit = self.submission(context)
        except ProblemError as error:
            return self._refuse(error.problem)
        return self.follow(context, session.watch().ask(submit, start=True))


def operator_of(recipe: Recipe) -> type[Creating]:
    """grotto.create_wall and its sisters: every option of the recipe is a property of the operator."""
    flags: Any = set(SKIP)
    shown = {
        "source": StringProperty(
            name=recipe.source_label, description=recipe.source_text, subtype=recipe.source_subtype, options=flags
        ),
        "out": StringProperty(
            name="Job folder", description="Empty lets the backend make one", subtype="DIR_PATH", options=flags
        ),
        "quality": EnumProperty(name="Quality", items=[AUTO_ITEM, *quality_items(recipe)], default=AUTO, options=flags),
        "bring_in": BoolProperty(name="Import", description="Import the result into the scene", default=True, options=flags),
    }
    words = {
        "__doc__": recipe.makes,
        "__module__": __name__,
        "__annotations__": shown | properties_of(recipe.options, SKIP),
        "bl_idname": recipe.operator,
        "bl_label": f"Create {recipe.label}",
        "bl_description": recipe.makes,
        "bl_options": {"UNDO"},
        "_recipe": recipe,
    }
    return type(f"GROTTO_OT_create_{recipe.name}", (Creating,), words)


CLASSES: tuple[type[Operator], ...] = tuple(operator_of(recipe) for recipe in RECIPES.values())
