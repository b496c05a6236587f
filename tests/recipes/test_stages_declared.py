"""Every stage of every recipe says what it takes and what it makes, so that the runner can check it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing

import grotto.recipes
from grotto.formats import Artefact
from grotto.runner import AnyStage, Stage


def declared() -> list[AnyStage]:
    """The stages that the modules of the recipes hold, each once."""
    names = [module.name for module in pkgutil.walk_packages(grotto.recipes.__path__, "grotto.recipes.")]
    held = [value for name in names for value in vars(importlib.import_module(name)).values()]
    return list({id(value): value for value in held if isinstance(value, Stage)}.values())


def test_functions_of_stages_are_annotated() -> None:
    stages = declared()
    assert len(stages) > 30
    for stage in stages:
        function = inspect.unwrap(stage.function)
        kinds = typing.get_type_hints(function)
        assert issubclass(kinds["return"], Artefact), stage.name
        taken = inspect.signature(function).parameters
        assert list(taken)[-2:] == ["folder", "report"], stage.name
        assert set(taken) <= set(kinds), stage.name
