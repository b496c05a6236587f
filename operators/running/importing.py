"""Operators that import a finished job: a job that the scene has already is selected, not laid over itself."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpy.types import Context

from .arrival import earlier_import, offer_choice
from .ending import FINISHED
from .modal import JobOperator

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


def run_steps(steps: Generator[str, None, Any]) -> Any:
    """Run all steps and return what they return."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


class ImportOperator(JobOperator):
    """Base of operators with the property `twice`: what happens where the scene has the job already."""

    def import_or_ask(self, context: Context, folder: Path, values: dict[str, str]) -> set[OperatorReturnItems]:
        """Begin to import a folder, or select the earlier import and offer the choice. `values` call this operator again."""
        given: Any = self
        root = earlier_import(context, folder) if given.twice == "ASK" else None
        if root is None:
            return self.import_folder(context, folder)
        offer_choice(context, root, str(self.bl_idname), values)
        return FINISHED

    def import_steps(self, context: Context, folder: Path) -> Generator[str, None, Any]:
        """Import, or with "REPLACE" exchange the data of the earlier import."""
        from ...addon.importers.replacing import replace_steps
        from ...addon.importers.result import import_steps

        given: Any = self
        earlier = earlier_import(context, folder) if given.twice == "REPLACE" else None
        if earlier is not None:
            return replace_steps(context, earlier, folder)
        own = given.properties.bl_rna.properties.keys()  # every operator has an attribute `name`, its label
        name = given.name if "name" in own else ""
        return import_steps(context, folder, name, given.on_wall if "on_wall" in own else True)
