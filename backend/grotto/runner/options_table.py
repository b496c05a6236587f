"""A recipe's options as a table for people and documents, read from their one declaration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..contract import leaves, to_flat


def options_table(options: type[Any], qualities: Mapping[str, Any], markdown: bool) -> str:
    """One row an option: flag, default, what the qualities set, unit, range, help."""
    rows = [("flag", "default", "unit", "range", "what it does")]
    flat = {name: to_flat(value) for name, value in qualities.items()}
    for leaf in leaves(options):
        others = [f"{name}: {_word(values[leaf.name])}" for name, values in flat.items() if values[leaf.name] != leaf.default]
        default = _word(leaf.default) + (f" ({', '.join(others)})" if others else "")
        unit = leaf.metadata.get("json_schema_extra", {}).get("unit", "")
        rows.append((_flag(leaf.name, leaf.kind), default, unit, _range(leaf.metadata), leaf.metadata["description"]))
    if markdown:
        lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
        lines.insert(1, "|" + "---|" * len(rows[0]))
    else:
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
        lines = ["  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[-1]]) for row in rows]
    return "\n".join(lines) + "\n"


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
