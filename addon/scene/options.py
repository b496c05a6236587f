"""Blender properties from the contract's options, so that Blender, command line and HTTP share one declaration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from ...backend.grotto.contract import Leaf, leaves, to_flat


def absolute(path: str) -> str:
    """Return an absolute path, as the backend has another working folder. "//" is the .blend's folder; "" stays empty."""
    return str(Path(bpy.path.abspath(path)).expanduser().absolute()) if path.strip() else ""


def label_of(leaf: Leaf) -> str:
    """Return the option's label with its unit. Blender's own units depend on the scene's scale and would change the value."""
    unit = leaf.metadata.get("json_schema_extra", {}).get("unit", "")
    return f"{leaf.metadata['title']} ({unit})" if unit else str(leaf.metadata["title"])


def property_of(leaf: Leaf, flags: frozenset[str] = frozenset()) -> Any:
    """Return the Blender property of an option, with its default, range and description."""
    common: dict[str, Any] = {"name": label_of(leaf), "description": leaf.metadata["description"], "default": leaf.default}
    common["options"] = set(flags)
    span: dict[str, Any] = {key: leaf.metadata[name] for key, name in (("min", "ge"), ("max", "le")) if name in leaf.metadata}
    choices = leaf.metadata.get("choices")
    if choices is not None:
        return EnumProperty(items=[(choice, choice.capitalize(), "") for choice in choices], **common)
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
    return {leaf.name: property_of(leaf, flags) for leaf in leaves(options)}


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
    return {leaf.name: value_of(holder, leaf) for leaf in leaves(options)}


def values_set(options: type, holder: Any) -> dict[str, Any]:
    """Return only the values that the caller of an operator gave."""
    return {leaf.name: value_of(holder, leaf) for leaf in leaves(options) if holder.is_property_set(leaf.name)}


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
