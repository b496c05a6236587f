"""Plain data of a document checked against the dataclass that it describes."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

T = TypeVar("T")


def typed(kind: type[T], data: object, where: str = "") -> T:
    """The dataclass `kind` of an object of JSON: every field of its kind, none unknown, none missing without a default.

    Numbers become float where one is declared, lists tuples. Raises ValueError that names the field.
    """
    if not isinstance(data, Mapping):
        raise ValueError(f"{where or 'the document'} is no object")
    hints = _hints(kind)
    fields = {item.name: item for item in dataclasses.fields(typing.cast(Any, kind)) if item.init}
    unknown = [str(name) for name in data if name not in fields]
    if unknown:
        raise ValueError(f"{_at(where, unknown[0])} is unknown")
    missing = [
        name
        for name, item in fields.items()
        if name not in data and item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
    ]
    if missing:
        raise ValueError(f"{_at(where, missing[0])} is missing")
    return kind(**{name: _value(hints[name], value, _at(where, name)) for name, value in data.items()})


def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _at(where: str, name: object) -> str:
    return f"{where}.{name}" if where else str(name)


def _value(hint: Any, value: Any, where: str) -> Any:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return value
    if origin in (types.UnionType, typing.Union):
        if value is None and type(None) in inner:
            return None
        (hint,) = [one for one in inner if one is not type(None)]
        return _value(hint, value, where)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise ValueError(f"{where} is no list")
        return tuple(_value(inner[0], one, f"{where}.{number}") for number, one in enumerate(value))
    if origin is dict:
        if not isinstance(value, dict):
            raise ValueError(f"{where} is no object")
        return {key: _value(inner[1], one, _at(where, key)) for key, one in value.items()}
    if dataclasses.is_dataclass(hint):
        return typed(typing.cast(Any, hint), value, where)
    return _plain(hint, value, where)


def _plain(hint: Any, value: Any, where: str) -> Any:
    """A word, a number, a truth, or one of an enumeration."""
    if issubclass(hint, Enum):
        if value not in [one.value for one in hint]:
            raise ValueError(f"{where} is none of {', '.join(str(one.value) for one in hint)}")
        return hint(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)  # raises OverflowError for a number of hundreds of digits
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise ValueError(f"{where} is not of the kind {hint.__name__}")
    return value
