"""What a stage's work follows from, in the form in which stamp.json keeps it, and whether it is still the work asked for."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

from .stamps import plain

Named = Callable[[Any], Any]
"""Gives an artefact's stamp for the artefact and a content's hash for a path; other values come back as they are."""


def describe(value: Any, named: Named) -> Any:
    """A stage's input as JSON values; a dataclass is an object of its fields."""
    value = named(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: describe(getattr(value, item.name), named) for item in dataclasses.fields(value)}
    return json.loads(json.dumps(plain(value)))


def is_same(recorded: Any, value: Any, named: Named) -> bool:
    """Whether an input is the recorded one. A field that its dataclass did not have then must hold its default now."""
    value = named(value)
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return recorded == describe(value, named)
    fields = {item.name: item for item in dataclasses.fields(value)}
    if not isinstance(recorded, dict) or not recorded.keys() <= fields.keys():
        return False
    return all(
        is_same(recorded[name], getattr(value, name), named) if name in recorded else getattr(value, name) == _default(item)
        for name, item in fields.items()
    )


def _default(item: dataclasses.Field[Any]) -> Any:
    return item.default if item.default_factory is dataclasses.MISSING else item.default_factory()
