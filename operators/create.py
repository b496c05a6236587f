"""Create: photos become a wall in the scene."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty
from bpy.types import Context, Event

from ..addon import session
from ..addon.client import Client, Job
from ..addon.option_properties import properties_of, read_values, values_set
from ..addon.settings import QUALITY_ITEMS, WALL_QUALITY_VALUES
from ..backend.grotto.contract import Action, Cancelled, ProblemError, WallOptions, bad_input, from_flat, to_nested
from . import batch
from .ending import fail, finish, missing_packages_told, stop
from .following import Following

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

# Without SKIP_SAVE Blender would repeat what the last call gave, and a script's job would depend on its history.
SKIP = frozenset({"SKIP_SAVE"})

AUTO = "AUTO"
AUTO_ITEM = (AUTO, "Auto", "Standard where the backend finds CUDA, else Draft")

WallOptionProperties = type("WallOptionProperties", (), {"__annotations__": properties_of(WallOptions, SKIP)})


class GROTTO_OT_create_wall(WallOptionProperties, Following):  # type: ignore[misc, valid-type]
    """Make cameras, an orthophoto and a textured mesh from a folder of photos of a wall, and import them.

    What the caller gives wins; the rest comes from the quality where one is given, then from the sidebar's settings.
    """

    bl_idname = "grotto.create_wall"
    bl_label = "Create Wall"
    bl_description = "Make cameras, an orthophoto and a textured mesh from a folder of photos of a wall"
    bl_options = {"UNDO"}

    source: StringProperty(  # type: ignore[valid-type]
        name="Photos", description="Folder of photos", subtype="DIR_PATH", options=set(SKIP)
    )
    out: StringProperty(  # type: ignore[valid-type]
        name="Job folder", description="Empty lets the backend make one", subtype="DIR_PATH", options=set(SKIP)
    )
    quality: EnumProperty(name="Quality", items=[AUTO_ITEM, *QUALITY_ITEMS], default=AUTO, options=set(SKIP))  # type: ignore[valid-type]
    bring_in: BoolProperty(  # type: ignore[valid-type]
        name="Import", description="Import the result into the scene", default=True, options=set(SKIP)
    )

    def submission(self, context: Context) -> Callable[[Client], Job]:
        """What hands the job in: all that it needs of Blender is read here and now. Raises ProblemError."""
        settings: Any = context.scene.grotto
        source = self._folder(self.source or settings.source)
        if not source:
            raise bad_input("no folder of photos is chosen", "choose one", Action.CHOOSE_FOLDER)
        if not Path(source).is_dir():
            raise bad_input(f"{source} is not a folder", "choose a folder of photos", Action.CHOOSE_FOLDER)
        shown, given = read_values(WallOptions, settings.wall), values_set(WallOptions, self.properties)
        quality = self.quality if self.properties.is_property_set("quality") else ""
        out = self._folder(self.out or settings.out)

        def submit(client: Client) -> Job:
            name = ("standard" if client.has_cuda() else "draft") if quality == AUTO else quality.lower()
            values = shown | WALL_QUALITY_VALUES.get(name, {}) | given
            return client.submit("wall", source, to_nested(from_flat(WallOptions, values)), out)

        return submit

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        try:
            with missing_packages_told():
                submit = self.submission(context)
                with batch.interrupts() as interrupted, batch.connection() as client:
                    job = batch.do(client, submit, interrupted)
                if not self.bring_in:
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

    @staticmethod
    def _folder(path: str) -> str:
        """Absolute, as the backend runs elsewhere; "//" is the .blend's folder."""
        return str(Path(bpy.path.abspath(path)).expanduser().absolute()) if path.strip() else ""


CLASSES = (GROTTO_OT_create_wall,)
