"""Element: what was found in the picture, each with its picture, a tick and a name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bpy.types import UILayout, UIList

from .. import pictures
from ..recipes import Recipe
from ..scene.elements import listed
from ..scene.options import absolute
from ..scene.settings import budget_name

ROWS = 5
THUMBNAIL_SCALE = 5.0


class GROTTO_UL_elements(UIList):
    bl_idname = "GROTTO_UL_elements"

    def draw_item(  # type: ignore[override]
        self, context: Any, layout: UILayout, data: Any, item: Any, icon: Any, active_data: Any, active_property: Any
    ) -> None:
        """A row: tick, small picture, name, class."""
        row = layout.row(align=True)
        row.prop(item, "ticked", text="")
        row.label(text="", icon_value=pictures.icon_of(item.thumbnail, Path(item.thumbnail)))
        row.prop(item, "name", text="", emboss=False)
        if item.kind:
            row.label(text=item.kind)


def is_listed(shared: Any) -> bool:
    """Whether the list shows the elements of the picture that is chosen."""
    return listed(shared.found, absolute(shared.element.source))


def draw_budget(layout: UILayout, recipe: Recipe, settings: Any) -> None:
    """Faces, a button each."""
    row = layout.row(align=True)
    row.use_property_split = False
    row.label(text="Faces")
    for faces in recipe.budgets:
        row.prop_enum(settings, "budget", budget_name(faces))


def draw_elements(layout: UILayout, shared: Any) -> None:
    """The button that finds them; then the list, the chosen one large, and where they are put."""
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
