"""What the artist chooses in the sidebar: kept in the scene. What runs is never kept there, see `session`."""

from __future__ import annotations

from typing import Any

from bpy.props import BoolProperty, EnumProperty, PointerProperty, StringProperty
from bpy.types import PropertyGroup

from ..recipes import RECIPES, Recipe
from .elements import GrottoFoundElement, GrottoFoundElements
from .options import properties_of, quality_values, read_values, write_values

CUSTOM = "CUSTOM"
QUALITY_VALUES = {name: quality_values(recipe.qualities) for name, recipe in RECIPES.items()}  # what a quality sets


def quality_items(recipe: Recipe) -> list[tuple[str, str, str]]:
    return [(name.upper(), name.capitalize(), f"As --quality {name}") for name in recipe.qualities]


def quality_property(recipe: Recipe) -> Any:
    """The quality that the details amount to; choosing one sets them. Nothing of it is stored."""
    values = QUALITY_VALUES[recipe.name]
    names = [*values, CUSTOM.lower()]

    def get(holder: Any) -> int:
        shown = read_values(recipe.options, holder)
        fits = [all(shown[key] == value for key, value in wanted.items()) for wanted in values.values()]
        return fits.index(True) if any(fits) else names.index(CUSTOM.lower())

    def choose(holder: Any, index: int) -> None:
        write_values(values.get(names[index], {}), holder)

    return EnumProperty(
        name="Quality",
        description="Sets some of the details below; Custom says that they were changed since",
        items=[*quality_items(recipe), (CUSTOM, "Custom", "Values of your own, see Details")],
        get=get,
        set=choose,
    )


def budget_name(faces: int) -> str:
    """ "700", "5k"."""
    return f"{faces // 1000}k" if faces % 1000 == 0 else str(faces)


def budget_property(recipe: Recipe) -> Any:
    """The budget of faces that the details amount to; choosing one sets them. Nothing of it is stored."""
    names = [*(budget_name(faces) for faces in recipe.budgets), CUSTOM]

    def get(holder: Any) -> int:
        fits = [holder.faces == faces for faces in recipe.budgets]
        return fits.index(True) if any(fits) else len(fits)

    def choose(holder: Any, index: int) -> None:
        if index < len(recipe.budgets):
            holder.faces = recipe.budgets[index]

    return EnumProperty(
        name="Faces",
        description="Triangles of the model, about",
        items=[(name, name, "") for name in names],
        get=get,
        set=choose,
    )


def settings_of(recipe: Recipe) -> type[PropertyGroup]:
    """The settings of one recipe: where the pictures are, the quality, and every option."""
    shown = {
        "source": StringProperty(name=recipe.source_label, description=recipe.source_text, subtype=recipe.source_subtype),
        "out": StringProperty(
            name="Job folder",
            description="Folder for all files of the job; empty lets the backend make one",
            subtype="DIR_PATH",
        ),
        "quality": quality_property(recipe),
    }
    if recipe.budgets:
        shown["budget"] = budget_property(recipe)
    words = {
        "__doc__": f"The sidebar's settings of the recipe {recipe.name}.",
        "__module__": __name__,
        "__annotations__": shown | properties_of(recipe.options),
    }
    return type(f"Grotto{recipe.label}Settings", (PropertyGroup,), words)


SETTINGS = {name: settings_of(recipe) for name, recipe in RECIPES.items()}
RecipePointers = type(
    "RecipePointers", (), {"__annotations__": {name: PointerProperty(type=group) for name, group in SETTINGS.items()}}
)


class GrottoSettings(RecipePointers, PropertyGroup):  # type: ignore[misc, valid-type]
    """The sidebar's settings of a scene: a group for each recipe, and what they share."""

    recipe: EnumProperty(  # type: ignore[valid-type]
        name="Recipe",
        description="What the pictures show",
        items=[(recipe.name.upper(), recipe.label, recipe.makes) for recipe in RECIPES.values()],
    )
    found: PointerProperty(type=GrottoFoundElements)  # type: ignore[valid-type]
    import_when_done: BoolProperty(  # type: ignore[valid-type]
        name="Import when done", description="Bring the result into this scene as soon as the job ends", default=True
    )


def chosen_recipe(settings: Any) -> Recipe:
    return RECIPES[settings.recipe.lower()]


def chosen_settings(settings: Any) -> Any:
    """The settings of the chosen recipe."""
    return getattr(settings, settings.recipe.lower())


CLASSES: tuple[type[Any], ...] = (GrottoFoundElement, GrottoFoundElements, *SETTINGS.values(), GrottoSettings)
