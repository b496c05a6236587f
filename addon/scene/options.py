"""Blender properties from the contract's options, so that Blender, command line and HTTP share one declaration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from ...backend.grotto.contract import Leaf, leaves, to_flat

# Choices that are names or abbreviations; others are shown with a capital.
CHOICE_WORDS = {
    "mcmc": "MCMC", "3d": "3D ellipsoids", "2d": "2D discs", "zerorf": "ZeroRF", "vm": "VM", "nerf": "NeRF", "volsdf": "VolSDF",
    "neus": "NeuS", "sam2": "SAM 2", "mask2former": "Mask2Former", "vitmatte": "ViTMatte", "flexicubes": "FlexiCubes",
    "triposr": "TripoSR", "trellis": "TRELLIS", "instantmesh": "InstantMesh", "hunyuan3d": "Hunyuan3D", "cuda": "CUDA",
    "cpu": "CPU", "zero123plus-v1.1": "Zero123++ 1.1", "zero123plus-v1.2": "Zero123++ 1.2",
}  # fmt: skip


_leaves: dict[type, tuple[Leaf, ...]] = {}


def leaves_of(options: type) -> tuple[Leaf, ...]:
    """Return the options of a recipe, found once: panels read them at each draw."""
    if options not in _leaves:
        _leaves[options] = tuple(leaves(options))
    return _leaves[options]


def absolute(path: str) -> str:
    """Return an absolute path, as the backend has another working folder. "//" is the .blend's folder; "" stays empty."""
    return str(Path(bpy.path.abspath(path)).expanduser().absolute()) if path.strip() else ""


def label_of(leaf: Leaf) -> str:
    """Return the option's label with its unit. Blender's own units depend on the scene's scale and would change the value."""
    unit = leaf.metadata.get("json_schema_extra", {}).get("unit", "")
    return f"{leaf.metadata['title']} ({unit})" if unit else str(leaf.metadata["title"])


def choice_word(choice: str) -> str:
    """Return the word of a choice for people: "Fused depths" for "fused_depths"."""
    return CHOICE_WORDS.get(choice, choice.replace("_", " ").capitalize())


def property_of(leaf: Leaf, flags: frozenset[str] = frozenset()) -> Any:
    """Return the Blender property of an option, with its default, range and description."""
    common: dict[str, Any] = {"name": label_of(leaf), "description": leaf.metadata["description"], "default": leaf.default}
    common["options"] = set(flags)
    span: dict[str, Any] = {key: leaf.metadata[name] for key, name in (("min", "ge"), ("max", "le")) if name in leaf.metadata}
    choices = leaf.metadata.get("choices")
    if choices is not None:
        return EnumProperty(items=[(choice, choice_word(choice), "") for choice in choices], **common)
    if leaf.kind is bool:
        return BoolProperty(**common)
    if leaf.kind is int:
        whole: dict[str, Any] = {key: int(value) for key, value in span.items()}
        return IntProperty(**common, **whole)
    if leaf.kind is float:
        return FloatProperty(precision=3, **common, **span)
    return StringProperty(subtype="FILE_PATH" if leaf.metadata.get("path") else "NONE", **common)


def properties_of(options: type, flags: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return the Blender properties of all options of a recipe by name, in the order of declaration."""
    return {leaf.name: property_of(leaf, flags) for leaf in leaves_of(options)}


def value_of(holder: Any, leaf: Leaf) -> Any:
    """Return the value of an option; paths are absolute. Blender stores 32-bit floats, so floats are rounded to 7 digits.

    Otherwise 0.1 would become 0.10000000149, and the job's stamp would differ from the command line's.
    """
    value = getattr(holder, leaf.name)
    if leaf.metadata.get("path"):
        return absolute(value)
    return float(f"{value:.7g}") if leaf.kind is float else value


def read_values(options: type, holder: Any) -> dict[str, Any]:
    """Return the values of all options in a property group by name."""
    return {leaf.name: value_of(holder, leaf) for leaf in leaves_of(options)}


def values_set(options: type, holder: Any) -> dict[str, Any]:
    """Return only the values that the caller of an operator gave."""
    return {leaf.name: value_of(holder, leaf) for leaf in leaves_of(options) if holder.is_property_set(leaf.name)}


def write_values(values: Mapping[str, Any], holder: Any) -> None:
    """Write values of options into a property group."""
    for name, value in values.items():
        setattr(holder, name, value)


def quality_values(qualities: Mapping[str, object]) -> dict[str, dict[str, Any]]:
    """Return the options in which the qualities differ, by quality. Choosing a quality changes only these.

    A known distance or a seed stays as the user set it.
    """
    flat = {name: to_flat(options) for name, options in qualities.items()}
    first = next(iter(flat.values()))
    differing = [key for key in first if any(values[key] != first[key] for values in flat.values())]
    return {name: {key: values[key] for key in differing} for name, values in flat.items()}
