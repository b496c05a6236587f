"""Set an option of the sidebar by a button: where 0 means that nothing is given, the field shows a word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpy.props import BoolProperty, StringProperty
from bpy.types import Context, Operator

from ..addon.properties import SKIP_SAVE, with_properties
from ..addon.recipes import RECIPES
from ..backend.grotto.contract import Action, bad_input, leaves
from .running.ending import fail, finish

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

FIRST = 1  # value of an option that begins to be given; the user changes it in the field that then appears


@with_properties(
    recipe=StringProperty(options=SKIP_SAVE),
    option=StringProperty(options=SKIP_SAVE),
    given=BoolProperty(default=True, options=SKIP_SAVE),
)
class GROTTO_OT_give_option(Operator):
    """Give this value yourself, or leave it to Grotto"""

    bl_idname = "grotto.give_option"
    bl_label = "Give Value"
    bl_options = {"UNDO", "INTERNAL"}

    recipe: str
    option: str
    given: bool

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        recipe = RECIPES.get(self.recipe)
        leaf = next((leaf for leaf in leaves(recipe.options) if leaf.name == self.option), None) if recipe is not None else None
        if leaf is None:
            cause = f"there is no option {self.option!r} of {self.recipe!r}"
            return fail(self, bad_input(cause, "see the list of options", Action.NONE).problem)
        settings: Any = getattr(context.scene.grotto, self.recipe)
        setattr(settings, self.option, leaf.kind(FIRST if self.given else 0))
        return finish(self)


@with_properties(recipe=StringProperty(options=SKIP_SAVE))
class GROTTO_OT_show_options(Operator):
    """Show the options of the recipe in the sidebar"""

    bl_idname = "grotto.show_options"
    bl_label = "Show Options"
    bl_options = {"INTERNAL"}

    recipe: str

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        settings: Any = context.scene.grotto
        if self.recipe in RECIPES:
            settings.recipe = self.recipe.upper()
        settings.details_open = True
        return finish(self)


CLASSES: tuple[type[Operator], ...] = (GROTTO_OT_give_option, GROTTO_OT_show_options)
