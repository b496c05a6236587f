"""A recipe's options as tables for people and documents, read from their one declaration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..contract import Leaf, leaves, to_flat

_HEAD = ("flag", "default", "unit", "range", "what it does")
Row = tuple[str, str, str, str, str]


def options_table(options: type[Any], qualities: Mapping[str, Any], markdown: bool) -> str:
    """One table a group under its title; a row is flag, default and what the qualities set, unit, range, help."""
    flat = {name: to_flat(value) for name, value in qualities.items()}
    tables: dict[tuple[str, str], list[Row]] = {}
    for leaf in leaves(options):
        tables.setdefault((leaf.title or "General", leaf.about), []).append(_row(leaf, flat))
    groups = [(title, about, rows) for (title, about), rows in tables.items()]
    if markdown:
        return (
            "\n\n".join("\n\n".join(filter(None, (f"### {title}", about, _markdown(rows)))) for title, about, rows in groups)
            + "\n"
        )
    widths = [max(len(row[column]) for _, _, rows in groups for row in [*rows, _HEAD]) for column in range(len(_HEAD) - 1)]
    lines = [_line(_HEAD, widths)]
    for title, about, rows in groups:
        lines += ["", f"{title}: {about}" if about else title, *(_line(row, widths) for row in rows)]
    return "\n".join(lines) + "\n"


def _row(leaf: Leaf, flat: Mapping[str, Mapping[str, Any]]) -> Row:
    others = [f"{name}: {_word(values[leaf.name])}" for name, values in flat.items() if values[leaf.name] != leaf.default]
    default = _word(leaf.default) + (f" ({', '.join(others)})" if others else "")
    unit = leaf.metadata.get("json_schema_extra", {}).get("unit", "")
    return _flag(leaf.name, leaf.kind), default, unit, _range(leaf.metadata), leaf.metadata["description"]


def _markdown(rows: list[Row]) -> str:
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in [_HEAD, *rows]]
    lines.insert(1, "|" + "---|" * len(_HEAD))
    return "\n".join(lines)


def _line(row: Row, widths: list[int]) -> str:
    return "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])


def _flag(name: str, kind: type) -> str:
    flag = name.replace("_", "-")
    return f"--{flag}, --no-{flag}" if kind is bool else f"--{flag}"


def _range(metadata: Mapping[str, Any]) -> str:
    if "choices" in metadata:
        return ", ".join(metadata["choices"])
    if "ge" in metadata and "le" in metadata:
        return f"{metadata['ge']:.10g} to {metadata['le']:.10g}"
    return ""


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
