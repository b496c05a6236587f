"""One declaration: what the contract says, Blender shows, and gives back unchanged; for every recipe."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import bpy
import pytest

Part = Callable[[str], ModuleType]


@pytest.fixture(params=["wall", "scan", "element"])
def recipe(request: pytest.FixtureRequest, part: Part) -> Any:
    return part("addon.recipes").RECIPES[request.param]


@pytest.fixture
def shown(recipe: Any) -> Iterator[Any]:
    """The sidebar's settings of the recipe, as new before and after."""
    settings = getattr(bpy.context.scene.grotto, recipe.name)

    def clear() -> None:
        for name in list(settings.bl_rna.properties.keys()):
            if name not in ("rna_type", "name"):
                settings.property_unset(name)

    clear()
    yield settings
    clear()


def options_shown(part: Part, options: type, holder: Any) -> Any:
    """The options that a property group shows."""
    return part("backend.grotto.contract").from_flat(options, part("addon.scene.options").read_values(options, holder))


def test_every_option_is_a_property_with_the_same_words(recipe: Any, part: Part, shown: Any) -> None:
    for leaf in part("backend.grotto.contract").leaves(recipe.options):
        item = shown.bl_rna.properties[leaf.name]
        assert item.name.startswith(leaf.metadata["title"])
        assert item.description == leaf.metadata["description"]
        unit = leaf.metadata.get("json_schema_extra", {}).get("unit", "")
        assert not unit or f"({unit})" in item.name
        if leaf.kind in (int, float):
            assert item.hard_min == pytest.approx(leaf.metadata["ge"], rel=1e-6)
            assert item.hard_max == pytest.approx(leaf.metadata["le"], rel=1e-6)
        if "choices" in leaf.metadata:
            assert tuple(item.enum_items.keys()) == leaf.metadata["choices"]


def test_no_option_takes_the_name_of_a_setting(recipe: Any, part: Part) -> None:
    names = {leaf.name for leaf in part("backend.grotto.contract").leaves(recipe.options)}
    assert not names & {"source", "out", "quality", "bring_in", "recipe", "glb", "blend"}


def test_untouched_properties_are_the_defaults(recipe: Any, part: Part, shown: Any) -> None:
    assert options_shown(part, recipe.options, shown) == recipe.options()


def test_floats_come_back_as_they_were_meant(recipe: Any, part: Part, shown: Any) -> None:
    """Blender keeps 32 bits; the job's stamp must not see that."""
    floats = [leaf for leaf in part("backend.grotto.contract").leaves(recipe.options) if leaf.kind is float]
    numbers = random.Random(1)
    for _ in range(60):  # all options take a number, then all are read: one reading costs as much as fifty numbers
        meant = {}
        for leaf in floats:
            value = float(f"{numbers.uniform(leaf.metadata['ge'], min(leaf.metadata['le'], 1000.0)):.6g}")
            meant[leaf.name] = min(max(value, leaf.metadata["ge"]), leaf.metadata["le"])
            setattr(shown, leaf.name, meant[leaf.name])
        read = options_shown(part, recipe.options, shown)
        assert {leaf.name: getattr(getattr(read, leaf.group), leaf.name) for leaf in floats} == meant


def test_the_ends_of_a_range_are_allowed(recipe: Any, part: Part, shown: Any) -> None:
    contract = part("backend.grotto.contract")
    for leaf in contract.leaves(recipe.options):
        for key in ("ge", "le"):
            if key in leaf.metadata:
                setattr(shown, leaf.name, leaf.kind(leaf.metadata[key]))
                options = contract.to_flat(options_shown(part, recipe.options, shown))
                assert options[leaf.name] == leaf.metadata[key]
        shown.property_unset(leaf.name)


def test_a_new_option_appears_by_itself(installed: str, part: Part) -> None:
    contract, properties = part("backend.grotto.contract"), part("addon.scene.options")

    @contract.option_group
    class Added:
        """A group with one more option."""

        plaster_mm: float = contract.option(
            default=0.3, label="Plaster", text="Thickness of the plaster", unit="mm", least=0.0, most=9.0
        )
        finish: str = contract.option(default="matt", label="Finish", text="How it shines", choices=("matt", "silk"))

    group = type("Added", (bpy.types.PropertyGroup,), {"__annotations__": properties.properties_of(Added)})
    bpy.utils.register_class(group)
    bpy.types.Scene.added = bpy.props.PointerProperty(type=group)
    try:
        shown = bpy.context.scene.added
        assert shown.bl_rna.properties["plaster_mm"].name == "Plaster (mm)"
        assert options_shown(part, Added, shown) == Added()
        shown.plaster_mm = 0.7
        shown.finish = "silk"
        assert options_shown(part, Added, shown) == Added(plaster_mm=0.7, finish="silk")
    finally:
        del bpy.types.Scene.added
        bpy.utils.unregister_class(group)


@pytest.mark.parametrize(
    ("recipe", "mine", "value", "touched"),
    [("wall", "camera_distance_m", 1.5, "faces"), ("scan", "field_seed", 7, "bake_px"), ("element", "height_m", 2.5, "sides_px")],
    indirect=["recipe"],
)
def test_quality_sets_its_values_and_leaves_the_users_own(
    recipe: Any, part: Part, shown: Any, mine: str, value: float, touched: str
) -> None:
    contract = part("backend.grotto.contract")
    assert shown.quality == "AUTO"
    for name, options in recipe.qualities.items():
        setattr(shown, mine, value)
        shown.quality = name.upper()
        assert shown.quality == name.upper()
        assert contract.to_flat(options_shown(part, recipe.options, shown))[mine] == value
        shown.property_unset(mine)
        assert options_shown(part, recipe.options, shown) == options
    setattr(shown, touched, 777)
    assert shown.quality == "CUSTOM"


def test_auto_follows_the_machine_and_leaves_what_the_user_set(recipe: Any, part: Part, shown: Any) -> None:
    submitted = part("addon.scene.settings").submitted_values
    contract = part("backend.grotto.contract")
    assert contract.from_flat(recipe.options, submitted(recipe, shown, False)) == recipe.qualities["draft"]
    assert contract.from_flat(recipe.options, submitted(recipe, shown, True)) == recipe.qualities["standard"]
    shown.faces = 777
    assert shown.quality == "AUTO"
    assert submitted(recipe, shown, False)["faces"] == submitted(recipe, shown, True)["faces"] == 777
    shown.quality = "DRAFT"
    shown.quality = "AUTO"
    assert contract.from_flat(recipe.options, submitted(recipe, shown, True)) == recipe.qualities["standard"]


def test_smaller_steps_down_and_then_halves(recipe: Any, part: Part) -> None:
    contract, smaller = part("backend.grotto.contract"), part("addon.scene.smaller").smaller_values
    flat = {name: contract.to_flat(options) for name, options in recipe.qualities.items()}
    sizes = list(part("addon.scene.settings").QUALITY_VALUES[recipe.name]["draft"])
    standard = smaller(recipe, flat["high"])
    assert all(standard[name] <= flat["standard"][name] for name in sizes)
    lowest = smaller(recipe, flat["draft"])
    assert sum(lowest[name] < flat["draft"][name] for name in sizes) >= 3
    for values in (standard, lowest):
        contract.from_flat(recipe.options, values)  # within the ranges of the options


def test_a_recipe_keeps_its_own_settings(installed: str) -> None:
    settings = bpy.context.scene.grotto
    settings.wall.source, settings.wall.max_photo_px = "/pictures/wall", 1234
    assert settings.scan.source == ""
    assert settings.scan.max_photo_px != 1234
    settings.wall.property_unset("source")
    settings.wall.property_unset("max_photo_px")


def test_the_create_operator_takes_every_option(recipe: Any, part: Part) -> None:
    taken = set(getattr(bpy.ops.grotto, f"create_{recipe.name}").get_rna_type().properties.keys())
    assert {leaf.name for leaf in part("backend.grotto.contract").leaves(recipe.options)} <= taken
    assert {"source", "out", "quality"} <= taken


@pytest.mark.parametrize(
    ("recipe", "words", "read"),
    [
        ("wall", ["--mm-per-pixel", "0.4", "--no-balance-exposure"], {"mm_per_pixel": 0.4, "balance_exposure": False}),
        ("element", ["--shape", "slab", "--cut-box", "1,2,3,4"], {"shape": "slab", "cut_box": "1,2,3,4"}),
        ("scan", ["--via", "field", "--no-exposure", "--lods", "0"], {"via": "field", "exposure": False, "lods": 0}),
    ],
    indirect=["recipe"],
)
def test_the_command_takes_every_option(recipe: Any, part: Part, words: list[str], read: dict[str, Any]) -> None:
    parsed = vars(part("operators.command.cli").parser("x").parse_args([recipe.name, "photos", *words]))
    assert {name: parsed[name] for name in read} == read
    assert {leaf.name for leaf in part("backend.grotto.contract").leaves(recipe.options)} <= set(parsed)
