"""Blender properties from the contract's options: one declaration, three doors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from ...backend.grotto.contract import Leaf, from_flat, leaves, to_flat

T = TypeVar("T")


def absolute(path: str) -> str:
    """Absolute, as the backend runs elsewhere; "//" is the .blend's folder. "" stays empty."""
    return str(Path(bpy.path.abspath(path)).expanduser().absolute()) if path.strip() else ""


def label_of(leaf: Leaf) -> str:
    """The option's label with its unit: Blender's own units would follow the scene's scale, and change the value."""
    unit = leaf.metadata.get("json_schema_extra", {}).get("unit", "")
    return f"{leaf.metadata['title']} ({unit})" if unit else str(leaf.metadata["title"])


def property_of(leaf: Leaf, flags: frozenset[str] = frozenset()) -> Any:
    """The Blender property that shows one option: same default, same range, same words."""
    common: dict[str, Any] = {"name": label_of(leaf), "description": leaf.metadata["description"], "default": leaf.default}
    common["options"] = set(flags)
    span: dict[str, Any] = {key: leaf.metadata[name] for key, name in (("min", "ge"), ("max", "le")) if name in leaf.metadata}
    choices = leaf.metadata.get("choices")
    if choices is not None:
        return EnumProperty(items=[(word, word.capitalize(), "") for word in choices], **common)
    if leaf.kind is bool:
        return BoolProperty(**common)
    if leaf.kind is int:
        whole: dict[str, Any] = {key: int(value) for key, value in span.items()}
        return IntProperty(**common, **whole)
    if leaf.kind is float:
        return FloatProperty(precision=3, **common, **span)
    return StringProperty(subtype="FILE_PATH" if leaf.metadata.get("path") else "NONE", **common)


def properties_of(options: type, flags: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Annotations for a class of Blender's: every option of a recipe, flat, in the order of declaration."""
    return {leaf.name: property_of(leaf, flags) for leaf in leaves(options)}


def value_of(holder: Any, leaf: Leaf) -> Any:
    """What the user set, paths made absolute. Blender keeps 32-bit floats: seven digits give back the number that was meant.

    Without this, 0.1 would come back as 0.10000000149, and the job's stamp would differ from the command line's.
    """
    value = getattr(holder, leaf.name)
    if leaf.metadata.get("path"):
        return absolute(value)
    return float(f"{value:.7g}") if leaf.kind is float else value


def read_values(options: type, holder: Any) -> dict[str, Any]:
    """Every option by name, as a property group shows it."""
    return {leaf.name: value_of(holder, leaf) for leaf in leaves(options)}


def values_set(options: type, holder: Any) -> dict[str, Any]:
    """Only the options that the caller of an operator gave."""
    return {leaf.name: value_of(holder, leaf) for leaf in leaves(options) if holder.is_property_set(leaf.name)}


def read_options(options: type[T], holder: Any) -> T:
    """The options that a property group shows. Raises ProblemError where they are out of range."""
    return from_flat(options, read_values(options, holder))


def write_values(values: Mapping[str, Any], holder: Any) -> None:
    """Show options in a property group."""
    for name, value in values.items():
        setattr(holder, name, value)


def quality_values(qualities: Mapping[str, object]) -> dict[str, dict[str, Any]]:
    """By quality, the options in which the qualities differ: what choosing one may change, and no more.

    A known distance or a seed is the user's; no quality touches it.
    """
    flat = {name: to_flat(options) for name, options in qualities.items()}
    first = next(iter(flat.values()))
    differing = [key for key in first if any(values[key] != first[key] for values in flat.values())]
    return {name: {key: values[key] for key in differing} for name, values in flat.items()}
