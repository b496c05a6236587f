"""Flags of a command from its function: options groups become flat flags, `input` comes without one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any


def flags(function: Callable[..., Any], words: list[str], command: str, kinds: dict[str, Any]) -> Any:
    """Call a function with what the words ask for. `kinds` are the types of its arguments, known only when it runs.

    Leaves with SystemExit, help or complaint printed, where the words do not fit.
    """
    import tyro

    marks = {"input": tyro.conf.Positional, "options": tyro.conf.OmitArgPrefixes}
    function.__annotations__ = {name: Annotated[kind, marks[name]] if name in marks else kind for name, kind in kinds.items()}
    return tyro.cli(function, args=words, prog=f"grotto {command}")
