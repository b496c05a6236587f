"""Options: declared once, read by the command line, the HTTP schema and Blender's sidebar alike.

An option is a field of a frozen, keyword-only dataclass; its metadata holds label, help, unit and range. The keys
`title`, `description`, `ge`, `le` and `strict` are those pydantic reads by name, so the HTTP schema needs no second
declaration.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, dataclass_transform

from .problem import bad_input

T = TypeVar("T")


def option(
    default: Any,
    label: str,
    text: str,
    *,
    unit: str = "",
    least: float | None = None,
    most: float | None = None,
    choices: tuple[str, ...] | None = None,
    path: bool = False,
) -> Any:
    """A field of an options group: default, label, one line of help, unit, inclusive range, allowed words.

    `path` marks the name of a file or folder: the doors make it absolute, as the worker may run elsewhere.
    Name the arguments (`default=`): type checkers read a field's default from a keyword only (PEP 681).
    """
    metadata: dict[str, Any] = {"title": label, "description": text, "ge": least, "le": most, "strict": True}
    metadata = {key: value for key, value in metadata.items() if value is not None}
    extra: dict[str, Any] = {"unit": unit} if unit else {}
    if choices is not None:
        extra["enum"] = list(choices)
        metadata["choices"] = choices
    if path:
        extra["format"] = "path"
        metadata["path"] = True
    if extra:
        metadata["json_schema_extra"] = extra
    return field(default=default, metadata=metadata)


def group(default_factory: type[T]) -> T:
    """A field of a recipe's options that holds the options group of a stage."""
    return field(default_factory=default_factory)


def _check_ranges(self: Any) -> None:
    for item in dataclasses.fields(self):
        value = getattr(self, item.name)
        if isinstance(value, float) and not math.isfinite(value):
            raise bad_input(f"{item.name} is {value}, which is not a number", f"give {item.name} a finite number")
        least, most = item.metadata.get("ge"), item.metadata.get("le")
        unit = item.metadata.get("json_schema_extra", {}).get("unit", "")
        if least is not None and value < least:
            raise bad_input(f"{item.name} is {value:g}", f"give at least {least:g} {unit}".strip())
        if most is not None and value > most:
            raise bad_input(f"{item.name} is {value:g}", f"give at most {most:g} {unit}".strip())
        choices = item.metadata.get("choices")
        if choices is not None and value not in choices:
            raise bad_input(f"{item.name} is {value!r}", f"choose one of {', '.join(choices)}")


def _attributes_text(cls: type) -> str:
    """The class' sentence, then an Attributes section: the form in which tyro reads the help of each flag."""
    lines = [(cls.__doc__ or cls.__name__).strip(), "", "Attributes:"]
    for item in dataclasses.fields(cls):
        text = item.metadata.get("description", "")
        unit = item.metadata.get("json_schema_extra", {}).get("unit", "")
        choices = item.metadata.get("choices")
        notes = [unit] if unit else []
        if choices:
            notes.append(" | ".join(choices))
        lines.append(f"    {item.name}: {text}{' [' + '; '.join(notes) + ']' if notes else ''}")
    return "\n".join(lines)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(option, group, field))
def options(cls: type[T]) -> type[T]:
    """Make an options group of a class: frozen, keyword-only, ranges checked, unknown keys and NaN refused."""
    doc = cls.__doc__
    cls.__post_init__ = _check_ranges
    cls.__pydantic_config__ = {"extra": "forbid", "allow_inf_nan": False}
    made = dataclass(frozen=True, kw_only=True)(cls)
    made.__doc__ = doc
    made.__doc__ = _attributes_text(made)
    return made


@dataclass(frozen=True)
class Leaf:
    """One option of a recipe, with the way to it: `group` is the name of its stage's group, or "" at the top."""

    group: str
    name: str
    kind: type
    default: Any
    metadata: Mapping[str, Any]


def leaves(cls: type) -> Iterator[Leaf]:
    """Every option of a recipe, groups flattened, in the order of declaration.

    Raises ValueError where two groups use one name: flags and properties are flat, so names are unique in a recipe.
    """
    seen: set[str] = set()
    hints = typing.get_type_hints(cls)
    for item in dataclasses.fields(cls):
        kind = hints[item.name]
        if dataclasses.is_dataclass(kind):
            inner_hints = typing.get_type_hints(kind)
            found = [Leaf(item.name, f.name, inner_hints[f.name], f.default, f.metadata) for f in dataclasses.fields(kind)]
        else:
            found = [Leaf("", item.name, kind, item.default, item.metadata)]
        for leaf in found:
            if isinstance(leaf.kind, types.UnionType) or leaf.kind not in (bool, int, float, str):
                raise ValueError(f"option {leaf.name} of {cls.__name__} must be bool, int, float or str")
            if leaf.name in seen:
                raise ValueError(f"two options of {cls.__name__} are named {leaf.name}")
            seen.add(leaf.name)
            yield leaf


def from_flat(cls: type[T], values: Mapping[str, Any]) -> T:
    """Options of a recipe from a flat mapping of names; names left out keep their defaults, unknown names are refused."""
    known = {leaf.name: leaf for leaf in leaves(cls)}
    for name in values:
        if name not in known:
            raise bad_input(f"there is no option {name}", "see the list of options with --help")
    groups: dict[str, dict[str, Any]] = {}
    top: dict[str, Any] = {}
    for name, value in values.items():
        leaf = known[name]
        value = _as_kind(leaf, value)
        (groups.setdefault(leaf.group, {}) if leaf.group else top)[name] = value
    hints = typing.get_type_hints(cls)
    return cls(**top, **{name: hints[name](**inner) for name, inner in groups.items()})


def _as_kind(leaf: Leaf, value: Any) -> Any:
    if leaf.kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, leaf.kind) or (leaf.kind is int and isinstance(value, bool)):
        raise bad_input(f"{leaf.name} is {value!r}", f"give a value of type {leaf.kind.__name__}")
    return value


def to_flat(value: Any) -> dict[str, Any]:
    """The flat mapping of names to values of a recipe's options: what `from_flat` reads."""
    return {leaf.name: getattr(getattr(value, leaf.group) if leaf.group else value, leaf.name) for leaf in leaves(type(value))}


def to_nested(value: Any) -> dict[str, Any]:
    """Options as plain nested dictionaries: the form of the HTTP body and of request.json."""
    return dataclasses.asdict(value)


def from_nested(cls: type[T], values: Mapping[str, Any]) -> T:
    """Options from nested dictionaries; the inverse of `to_nested`, unknown keys and wrong types refused."""
    hints = typing.get_type_hints(cls)
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if name not in hints:
            raise bad_input(f"there is no option {name}", "see the list of options with --help")
        if dataclasses.is_dataclass(hints[name]):
            if not isinstance(value, Mapping):
                raise bad_input(f"{name} is not a group of options", f"give {name} as an object of names and values")
            inner = {f.name for f in dataclasses.fields(hints[name])}
            for key in value:
                if key not in inner:
                    raise bad_input(f"there is no option {key} in {name}", "see the list of options with --help")
            flat.update(value)
        else:
            flat[name] = value
    return from_flat(cls, flat)
