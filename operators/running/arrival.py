"""A result that a click asked for: shown where the user looks, or, if the scene has it already, selected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bpy.types import Context, Object

from ...addon.preferences import shows_new_results
from ...addon.scene.results import roots_of_folder

TWICE = [
    ("ASK", "Ask", "Select the earlier import and offer the other two. Scripts import again"),
    ("AGAIN", "Import again", "Keep the earlier import and add another"),
    ("REPLACE", "Replace", "Exchange the data of the earlier import: names, places and modifiers of its objects stay"),
]


def show_new(context: Context, imported: Any) -> bool:
    """Show what an import added, if the preferences say so; return whether it was moved beside what is in the scene.

    `imported` is shown if it says `is_new`: a part of a result, or a replaced one, stays as the user sees it.
    """
    if not getattr(imported, "is_new", False) or not shows_new_results():
        return False
    from ...addon.studio import show_result

    return show_result(context, imported.root) > 0.0


def earlier_import(context: Context, folder: Path) -> Object | None:
    """Return the root of the latest import of a job folder that the scene has, or None."""
    found = roots_of_folder(context, folder)
    return found[-1] if found else None


def offer_choice(context: Context, root: Any, operator: str, values: dict[str, str]) -> None:
    """Select an earlier import, frame it, and offer to import again or to replace it: `operator` with these values."""
    from ...addon.importers.result import select_result

    select_result(context, root)
    if shows_new_results():
        from ...addon.studio import show_again

        show_again(context, [root])

    def draw(menu: Any, _context: Context) -> None:
        menu.layout.operator_context = "INVOKE_DEFAULT"
        for choice, label, _ in TWICE[1:]:
            entry = menu.layout.operator(operator, text=label)
            entry.twice = choice
            for name, value in values.items():
                setattr(entry, name, value)

    context.window_manager.popup_menu(draw, title=f"{root.name} is in this scene already", icon="INFO")
