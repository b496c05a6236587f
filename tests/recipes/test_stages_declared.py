"""Every stage of every recipe says what it takes and what it makes, so that the runner can check it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing

import grotto.recipes
from grotto.formats import Artefact
from grotto.recipes import RECIPES
from grotto.runner import AnyStage, Stage, no_forecast


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


def test_what_the_doctor_says_of_the_gpu_is_what_the_stages_declare() -> None:
    for name, entry in RECIPES.items():
        own = f"grotto.recipes.{name}."
        found = [module.name for module in pkgutil.walk_packages(grotto.recipes.__path__, "grotto.recipes.")]
        modules = [module for module in found if module.startswith(own)]
        held = [value for module in modules for value in vars(importlib.import_module(module)).values()]
        stages = {stage.name: stage.gpu_package for stage in held if isinstance(stage, Stage) and stage.gpu is not no_forecast}
        assert stages == dict(entry.gpu_stages), name


def test_gpu_forecasts_take_what_their_stages_take() -> None:
    for stage in declared():
        taken = len(inspect.signature(inspect.unwrap(stage.function)).parameters) - 2  # folder and report
        inspect.signature(stage.gpu).bind(*range(taken))
