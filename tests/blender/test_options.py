"""One declaration: what the contract says, Blender shows, and gives back unchanged."""

from __future__ import annotations

import random
from collections.abc import Callable
from types import ModuleType

import bpy
import pytest

Part = Callable[[str], ModuleType]


@pytest.fixture
def wall() -> object:
    """The sidebar's options, as new."""
    settings = bpy.context.scene.grotto.wall
    for name in list(settings.bl_rna.properties.keys()):
        if name not in ("rna_type", "name"):
            settings.property_unset(name)
    return settings


def test_every_option_is_a_property_with_the_same_words(installed: str, part: Part, wall: object) -> None:
    contract, shown = part("backend.grotto.contract"), wall.bl_rna.properties
    for leaf in contract.leaves(contract.WallOptions):
        item = shown[leaf.name]
        assert item.name.startswith(leaf.metadata["title"])
        assert item.description == leaf.metadata["description"]
        unit = leaf.metadata.get("json_schema_extra", {}).get("unit", "")
        assert not unit or f"({unit})" in item.name
        if leaf.kind in (int, float):
            assert item.hard_min == pytest.approx(leaf.metadata["ge"], rel=1e-6)
            assert item.hard_max == pytest.approx(leaf.metadata["le"], rel=1e-6)
        if "choices" in leaf.metadata:
            assert tuple(item.enum_items.keys()) == leaf.metadata["choices"]


def test_untouched_properties_are_the_defaults(installed: str, part: Part, wall: object) -> None:
    contract, properties = part("backend.grotto.contract"), part("addon.option_properties")
    assert properties.read_options(contract.WallOptions, wall) == contract.WallOptions()


def test_floats_come_back_as_they_were_meant(installed: str, part: Part, wall: object) -> None:
    """Blender keeps 32 bits; the job's stamp must not see that."""
    contract, properties = part("backend.grotto.contract"), part("addon.option_properties")
    numbers = random.Random(1)
    for leaf in contract.leaves(contract.WallOptions):
        if leaf.kind is not float:
            continue
        for _ in range(200):
            value = numbers.uniform(leaf.metadata["ge"], min(leaf.metadata["le"], 1000.0))
            meant = float(f"{value:.6g}")
            if not leaf.metadata["ge"] <= meant <= leaf.metadata["le"]:
                continue
            setattr(wall, leaf.name, meant)
            assert getattr(properties.read_options(contract.WallOptions, wall), leaf.group).__dict__[leaf.name] == meant
        wall.property_unset(leaf.name)


def test_the_ends_of_a_range_are_allowed(installed: str, part: Part, wall: object) -> None:
    contract, properties = part("backend.grotto.contract"), part("addon.option_properties")
    for leaf in contract.leaves(contract.WallOptions):
        for key in ("ge", "le"):
            if key in leaf.metadata:
                setattr(wall, leaf.name, leaf.kind(leaf.metadata[key]))
                options = contract.to_flat(properties.read_options(contract.WallOptions, wall))
                assert options[leaf.name] == leaf.metadata[key]
        wall.property_unset(leaf.name)


def test_a_new_option_appears_by_itself(installed: str, part: Part) -> None:
    contract, properties = part("backend.grotto.contract"), part("addon.option_properties")

    @contract.options
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
        assert properties.read_options(Added, shown) == Added()
        shown.plaster_mm = 0.7
        shown.finish = "silk"
        assert properties.read_options(Added, shown) == Added(plaster_mm=0.7, finish="silk")
    finally:
        del bpy.types.Scene.added
        bpy.utils.unregister_class(group)


def test_quality_sets_its_values_and_leaves_the_users_own(installed: str, part: Part, wall: object) -> None:
    contract, properties = part("backend.grotto.contract"), part("addon.option_properties")
    settings = bpy.context.scene.grotto
    assert settings.quality == "STANDARD"
    wall.camera_distance_m = 1.5
    for name, options in contract.WALL_QUALITIES.items():
        settings.quality = name.upper()
        assert settings.quality == name.upper()
        read = properties.read_options(contract.WallOptions, wall)
        assert read.frame.camera_distance_m == 1.5
        wall.camera_distance_m = 0.0
        assert properties.read_options(contract.WallOptions, wall) == options
        wall.camera_distance_m = 1.5
    wall.faces = 77
    assert settings.quality == "CUSTOM"
    settings.quality = "STANDARD"
    wall.camera_distance_m = 0.0


def test_the_create_operator_takes_every_option(installed: str, part: Part) -> None:
    contract = part("backend.grotto.contract")
    taken = set(bpy.ops.grotto.create_wall.get_rna_type().properties.keys())
    assert {leaf.name for leaf in contract.leaves(contract.WallOptions)} <= taken
    assert {"source", "out", "quality"} <= taken


def test_the_command_takes_every_option(installed: str, part: Part) -> None:
    contract, command = part("backend.grotto.contract"), part("operators.command")
    parsed = command.parser("x").parse_args(["wall", "photos", "--mm-per-pixel", "0.4", "--no-balance-exposure"])
    assert parsed.mm_per_pixel == 0.4
    assert parsed.balance_exposure is False
    assert {leaf.name for leaf in contract.leaves(contract.WallOptions)} <= set(vars(parsed))
