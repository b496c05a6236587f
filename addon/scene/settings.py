"""The settings of the sidebar, saved in the scene. The state of running jobs is in `session` and is never saved."""

from __future__ import annotations

from typing import Any

from bpy.props import BoolProperty, EnumProperty, PointerProperty, StringProperty
from bpy.types import PropertyGroup

from ..properties import with_properties
from ..recipes import RECIPES, RecipeEntry
from .elements import GrottoFoundElement, GrottoFoundElements
from .options import properties_of, quality_values, read_values, values_set, write_values

AUTO, CUSTOM = "AUTO", "CUSTOM"
AUTO_ITEM = (AUTO, "Auto", "Standard if the backend finds CUDA, else Draft")
QUALITY_VALUES = {name: quality_values(recipe.qualities) for name, recipe in RECIPES.items()}  # option values by quality


def quality_items(recipe: RecipeEntry) -> list[tuple[str, str, str]]:
    return [(name.upper(), name.capitalize(), f"Same as --quality {name}") for name in recipe.qualities]


def quality_for(has_cuda: bool) -> str:
    """Return the quality that Auto stands for, as in the shell."""
    return "standard" if has_cuda else "draft"


def quality_property(recipe: RecipeEntry) -> Any:
    """Make the quality menu: choosing one sets its details, and it shows the quality that the details equal.

    Auto sets none: it is chosen when the job is submitted, and details that the user sets win over it.
    """
    values = QUALITY_VALUES[recipe.name]
    names = [AUTO.lower(), *values, CUSTOM.lower()]

    def get(holder: Any) -> int:
        if holder.quality_is_auto:
            return 0
        shown = read_values(recipe.options, holder)
        equal = [all(shown[key] == value for key, value in preset.items()) for preset in values.values()]
        return 1 + equal.index(True) if any(equal) else names.index(CUSTOM.lower())

    def choose(holder: Any, index: int) -> None:
        holder.quality_is_auto = names[index] == AUTO.lower()
        if holder.quality_is_auto:
            for key in next(iter(values.values())):
                holder.property_unset(key)
        write_values(values.get(names[index], {}), holder)

    return EnumProperty(
        name="Quality",
        description="Sets some of the details below. Custom: the details equal no quality",
        items=[AUTO_ITEM, *quality_items(recipe), (CUSTOM, "Custom", "Your own values, see Details")],
        get=get,
        set=choose,
    )


def submitted_values(recipe: RecipeEntry, settings: Any, has_cuda: bool) -> dict[str, Any]:
    """Return the values of options with which the sidebar would start a job."""
    values = read_values(recipe.options, settings)
    if not settings.quality_is_auto:
        return values
    return {**values, **QUALITY_VALUES[recipe.name][quality_for(has_cuda)], **values_set(recipe.options, settings)}


def budget_name(faces: int) -> str:
    """ "700", "5k"."""
    return f"{faces // 1000}k" if faces % 1000 == 0 else str(faces)


def budget_property(recipe: RecipeEntry) -> Any:
    """Make the menu of face budgets: it shows the budget that the details equal, and choosing one sets them."""
    names = [*(budget_name(faces) for faces in recipe.budgets), CUSTOM]

    def get(holder: Any) -> int:
        equal = [holder.faces == faces for faces in recipe.budgets]
        return equal.index(True) if any(equal) else len(equal)

    def choose(holder: Any, index: int) -> None:
        if index < len(recipe.budgets):
            holder.faces = recipe.budgets[index]

    return EnumProperty(
        name="Faces",
        description="Approximate number of triangles of the model",
        items=[(name, name, "") for name in names],
        get=get,
        set=choose,
    )


def settings_of(recipe: RecipeEntry) -> type[PropertyGroup]:
    """Make the property group of one recipe: source, job folder, quality and all options."""
    properties = {
        "source": StringProperty(name=recipe.source_label, description=recipe.source_text, subtype=recipe.source_subtype),
        "out": StringProperty(
            name="Job folder",
            description="Folder for all files of the job. If empty, the backend makes one",
            subtype="DIR_PATH",
        ),
        "quality": quality_property(recipe),
        "quality_is_auto": BoolProperty(default=True, options={"HIDDEN"}),
    }
    if recipe.budgets:
        properties["budget"] = budget_property(recipe)
    namespace = {"__doc__": f"The sidebar's settings of the recipe {recipe.name}.", "__module__": __name__}
    group = type(f"Grotto{recipe.label}Settings", (PropertyGroup,), namespace)
    return with_properties(**properties, **properties_of(recipe.options))(group)


SETTINGS = {name: settings_of(recipe) for name, recipe in RECIPES.items()}


@with_properties(
    **{name: PointerProperty(type=group) for name, group in SETTINGS.items()},
    recipe=EnumProperty(
        name="Recipe",
        description="Subject of the pictures",
        items=[(recipe.name.upper(), recipe.label, recipe.makes) for recipe in RECIPES.values()],
    ),
    found=PointerProperty(type=GrottoFoundElements),
    details_open=BoolProperty(name="Details", default=False, options={"SKIP_SAVE"}),
    import_when_done=BoolProperty(
        name="Import when done", description="Import the result into this scene when the job is done", default=True
    ),
)
class GrottoSettings(PropertyGroup):
    """The sidebar's settings of a scene: a group for each recipe, and shared settings."""

    recipe: str
    details_open: bool
    found: GrottoFoundElements
    import_when_done: bool


def chosen_recipe(settings: Any) -> RecipeEntry:
    """Return the chosen recipe."""
    return RECIPES[settings.recipe.lower()]


def chosen_settings(settings: Any) -> Any:
    """Return the settings of the chosen recipe."""
    return getattr(settings, settings.recipe.lower())


CLASSES: tuple[type[Any], ...] = (GrottoFoundElement, GrottoFoundElements, *SETTINGS.values(), GrottoSettings)
