"""The elements found in a picture: a list with thumbnails, ticks and names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bpy.types import UILayout, UIList

from .. import pictures
from ..recipes import RecipeEntry
from ..scene.elements import is_list_of
from ..scene.options import absolute
from ..scene.settings import budget_name

ROWS = 5
THUMBNAIL_SCALE = 5.0


class GROTTO_UL_elements(UIList):
    bl_idname = "GROTTO_UL_elements"

    def draw_item(
        self,
        context: Any,
        layout: UILayout,
        data: Any,
        item: Any,
        icon: Any,
        active_data: Any,
        active_property: Any,
        index: Any = 0,
        flt_flag: Any = 0,
    ) -> None:
        """Draw a row: tick, thumbnail, name, class."""
        row = layout.row(align=True)
        row.prop(item, "ticked", text="")
        row.label(text="", icon_value=pictures.icon_of(item.thumbnail, Path(item.thumbnail)))
        row.prop(item, "name", text="", emboss=False)
        if item.kind:
            row.label(text=item.kind)


def is_listed(shared: Any) -> bool:
    """Whether the list shows the elements of the chosen picture."""
    return is_list_of(shared.found, absolute(shared.element.source))


def draw_budget(layout: UILayout, recipe: RecipeEntry, settings: Any) -> None:
    """Draw the budgets of faces, one button each."""
    row = layout.row(align=True)
    row.use_property_split = False
    row.label(text="Faces")
    for faces in recipe.budgets:
        row.prop_enum(settings, "budget", budget_name(faces))


def draw_elements(layout: UILayout, shared: Any) -> None:
    """Draw the Find button; then the list, the active element large, and the placement."""
    column: Any = layout.column()
    column.use_property_split = False
    there = is_listed(shared)
    row = column.row(align=True)
    row.enabled = bool(shared.element.source.strip())
    row.operator("grotto.find_elements", text="Find again" if there else "Find elements", icon="VIEWZOOM")
    if not there:
        return
    found = shared.found
    row.operator("grotto.tick_elements", text="", icon="CHECKBOX_HLT").ticked = True
    row.operator("grotto.tick_elements", text="", icon="CHECKBOX_DEHLT").ticked = False
    row.operator("grotto.forget_elements", text="", icon="X")
    column.template_list("GROTTO_UL_elements", "", found, "items", found, "active", rows=ROWS, maxrows=2 * ROWS)
    if 0 <= found.active < len(found.items):
        item = found.items[found.active]
        icon = pictures.icon_of(item.thumbnail, Path(item.thumbnail))
        if icon:
            column.template_icon(icon_value=icon, scale=THUMBNAIL_SCALE)
    column.row().prop(found, "placement", expand=True)
