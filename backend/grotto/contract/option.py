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
    zero: str = "",
) -> Any:
    """A field of an options group: default, label, one line of help, unit, inclusive range, allowed words.

    `path` marks the name of a file or folder: the doors make it absolute, as the worker may run elsewhere. `zero` is the word
    that people read for the value 0, where 0 is no number but means that nothing is given: "Auto".
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
    if zero:
        metadata["zero"] = zero
    if extra:
        metadata["json_schema_extra"] = extra
    return field(default=default, metadata=metadata)


def group(*, default_factory: type[T], label: str = "") -> T:
    """A field of a recipe's options that holds a group; `label` is the group's title, by default its name."""
    return field(default_factory=default_factory, metadata={"label": label} if label else {})


def _check_ranges(self: Any) -> None:
    for item in dataclasses.fields(self):
        value, name = getattr(self, item.name), item.name
        if isinstance(value, float) and not math.isfinite(value):
            raise bad_input(f"{name} is {value}, which is not a number", f"give {name} a finite number", option=name)
        least, most = item.metadata.get("ge"), item.metadata.get("le")
        unit = item.metadata.get("json_schema_extra", {}).get("unit", "")
        if least is not None and value < least:
            raise bad_input(f"{name} is {value:g}", f"give at least {least:g} {unit}".strip(), option=name)
        if most is not None and value > most:
            raise bad_input(f"{name} is {value:g}", f"give at most {most:g} {unit}".strip(), option=name)
        choices = item.metadata.get("choices")
        if choices is not None and value not in choices:
            raise bad_input(f"{name} is {value!r}", f"choose one of {', '.join(choices)}", option=name)


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
def option_group(cls: type[T]) -> type[T]:
    """Make a group of options of a class: frozen, keyword-only, ranges checked, unknown keys and NaN refused."""
    doc = cls.__doc__
    cls.__post_init__ = _check_ranges
    cls.__pydantic_config__ = {"extra": "forbid", "allow_inf_nan": False}
    made = dataclass(frozen=True, kw_only=True)(cls)
    made.__doc__ = doc
    made.__doc__ = _attributes_text(made)
    return made


@dataclass(frozen=True)
class Leaf:
    """One option of a recipe. `group` is the name of its group, or "" at the top; `title` and `about` are for people."""

    group: str
    name: str
    kind: type
    default: Any
    metadata: Mapping[str, Any]
    title: str = ""  # of the group
    about: str = ""  # the group's sentence


def leaves(cls: type) -> Iterator[Leaf]:
    """Every option of a recipe, groups flattened, in the order of declaration; what the class inherits comes last.

    Raises ValueError where two groups use one name: flags and properties are flat, so names are unique in a recipe.
    """
    seen: set[str] = set()
    for leaf in (leaf for item in _own_first(cls) for leaf in _leaves_of(cls, item)):
        if isinstance(leaf.kind, types.UnionType) or leaf.kind not in (bool, int, float, str):
            raise ValueError(f"option {leaf.name} of {cls.__name__} must be bool, int, float or str")
        if leaf.name in seen:
            raise ValueError(f"two options of {cls.__name__} are named {leaf.name}")
        seen.add(leaf.name)
        yield leaf


def _own_first(cls: type) -> list[dataclasses.Field[Any]]:
    own = vars(cls).get("__annotations__", {})
    return sorted(dataclasses.fields(cls), key=lambda item: item.name not in own)


def _leaves_of(cls: type, item: dataclasses.Field[Any]) -> list[Leaf]:
    """The options of a recipe's field: those of its group, or itself."""
    kind = typing.get_type_hints(cls)[item.name]
    if not dataclasses.is_dataclass(kind):
        return [Leaf("", item.name, kind, item.default, item.metadata)]
    hints = typing.get_type_hints(kind)
    title = item.metadata.get("label", item.name.replace("_", " ").capitalize())
    about = (kind.__doc__ or "").partition("\n")[0]
    return [
        Leaf(item.name, inner.name, hints[inner.name], inner.default, inner.metadata, title, about)
        for inner in dataclasses.fields(kind)
    ]


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
        raise bad_input(f"{leaf.name} is {value!r}", f"give a value of type {leaf.kind.__name__}", option=leaf.name)
    return value


def to_flat(value: Any) -> dict[str, Any]:
    """The flat mapping of names to values of a recipe's options: what `from_flat` reads."""
    return {leaf.name: getattr(getattr(value, leaf.group) if leaf.group else value, leaf.name) for leaf in leaves(type(value))}
