"""What the options of every recipe have, and how a request of an earlier release is read."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

from ..option import from_flat, leaves, option, option_group
from ..problem import bad_input


@option_group
class RecipeOptions:
    """Options of every recipe."""

    memory_limit_mb: int = option(
        default=0,
        label="Memory limit",
        text="Refuse stages that would need more memory; 0 allows what is free",
        unit="MB",
        least=0,
        most=10_000_000,
        zero="What is free",
    )

    @classmethod
    def translated(cls, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The flat names and values of a request as this release has them; a recipe that renamed an option overrides this."""
        return values


R = TypeVar("R", bound=RecipeOptions)


def to_nested(value: Any) -> dict[str, Any]:
    """Options as plain nested dictionaries: the form of the HTTP body and of request.json."""
    return dataclasses.asdict(value)


def from_nested(recipe: type[R], values: Mapping[str, Any]) -> R:
    """Options of a recipe from nested dictionaries, of this release or an earlier one.

    An option counts by its name, in whichever group it stands, as earlier releases grouped options otherwise; renamed
    options are translated. Raises bad input for unknown names and wrong types.
    """
    groups = {leaf.group for leaf in leaves(recipe)}
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            flat.update(value)
        elif name in groups:
            raise bad_input(f"{name} is not a group of options", f"give {name} as an object of names and values")
        else:
            flat[name] = value
    return from_flat(recipe, recipe.translated(flat))


def renamed(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Values under their new names, by old name; an empty new name drops the value."""
    now = {names.get(name, name): value for name, value in values.items()}
    now.pop("", None)
    return now
