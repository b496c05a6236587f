"""Stand-ins with which a script can be run on a checkout whose packages, weights and GPU are not there.

Modules that cannot be imported become empty ones; functions of the checkout keep their signature and lose their body. Standard
library only; Python 3.8 or later.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import inspect
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any


class _AnyType(type):
    """The type of `Absent`: whatever is asked of the class exists, too."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent

    def __getitem__(cls, _: Any) -> Any:
        return cls

    def __or__(cls, _: Any) -> Any:
        return cls

    def __ror__(cls, _: Any) -> Any:
        return cls


class Absent(metaclass=_AnyType):
    """Stands for whatever an absent module holds: a class to inherit from, a function, a decorator, a value."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent()

    def __call__(self, *given: Any, **_: Any) -> Any:
        return given[0] if len(given) == 1 and callable(given[0]) else Absent()

    def __getitem__(self, _: Any) -> Any:
        return Absent()

    def __iter__(self) -> Any:
        return iter(())


class _AbsentModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Makes an empty module for every import of the checkout's that nothing else can satisfy, and remembers its name."""

    def __init__(self, checkout: str, own: tuple[str, ...]) -> None:
        self.names: set[str] = set()
        self._checkout, self._own = checkout, own  # what it lacks of its own is a fault, but for its submodules
        listed = Path(checkout, ".gitmodules")
        lines = listed.read_text(encoding="utf-8").splitlines() if listed.is_file() else []
        self._submodules = tuple(
            line.split("=")[1].strip().replace("/", ".") for line in lines if line.strip().startswith("path")
        )

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        own = name.partition(".")[0] in self._own and not f"{name}.".startswith(tuple(f"{part}." for part in self._submodules))
        if own or not self._asked_by_checkout():
            return None
        self.names.add(name)
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def _asked_by_checkout(self) -> bool:
        """Whether the checkout's own code imports it: packages try imports that they can do without."""
        frame: Any = sys._getframe(2)
        while frame is not None and "importlib" in frame.f_code.co_filename:
            frame = frame.f_back
        return frame is not None and frame.f_code.co_filename.startswith(self._checkout)

    def create_module(self, spec: Any) -> Any:
        module = types.ModuleType(spec.name)
        module.__path__ = []
        vars(module)["__getattr__"] = _absent_of
        return module

    def exec_module(self, module: Any) -> None:
        pass


def _absent_of(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return Absent


def allow_absent_modules(checkout: str, own: tuple[str, ...]) -> set[str]:
    """Let the checkout's imports of absent modules succeed, but for its `own`; the names of those that were made."""
    finder = _AbsentModules(checkout, own)
    sys.meta_path.append(finder)
    return finder.names


class Checks:
    """The calls that a script made, in order, and those that do not fit what they call."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.faults: list[str] = []

    def replace(self, owner: Any, name: str, answer: Any) -> None:
        """Replace a function or a class of `owner` by one of the same signature that returns `answer`, or calls it."""
        real = getattr(owner, name, None)
        label = f"{getattr(owner, '__name__', owner)}.{name}"
        if real is None:
            self.faults.append(f"there is no {label}")
            real = Absent
        setattr(
            owner,
            name,
            staticmethod(self.checked(real, label, answer)) if inspect.isclass(owner) else self.checked(real, label, answer),
        )

    def checked(self, real: Any, label: str, answer: Any) -> Callable[..., Any]:
        """A function that checks its arguments against those of `real`, and returns `answer` or what that returns."""
        try:
            signature: inspect.Signature | None = inspect.signature(real)
        except (TypeError, ValueError):
            signature = None  # of a compiled part

        def call(*given: Any, **named: Any) -> Any:
            self.calls.append(f"{label}({', '.join([*('...' for _ in given), *(f'{key}=' for key in named)])})")
            if signature is not None:
                try:
                    bound = signature.bind(*given, **named)
                except TypeError as error:
                    self.faults.append(f"{label}: {error}")
                else:
                    self._loose(label, signature, bound)
            return answer(*given, **named) if callable(answer) and not isinstance(answer, _InPlace) else answer

        call.__signature__ = signature  # scripts look at it, too
        return call

    def _loose(self, label: str, signature: inspect.Signature, bound: inspect.BoundArguments) -> None:
        for name, parameter in signature.parameters.items():
            if parameter.kind is inspect.Parameter.VAR_KEYWORD and bound.arguments.get(name):
                self.calls[-1] += f"  [{', '.join(bound.arguments[name])} only through **{name}]"

    def of(self, kind: Any, answers: dict[str, Any], **values: Any) -> Any:
        """An object in place of one of the class `kind`: its methods check their arguments and return what `answers` says.

        "()" stands for its call. `values` are attributes that its constructor would set.
        """
        return _InPlace(self, kind, answers, values)

    def holds(self, instance: Any, label: str) -> Any:
        """The same object; setting what it does not have is a fault, since its code would not read it."""
        checks = self

        def set_noted(held: Any, name: str, value: Any) -> None:
            if name not in vars(held):
                checks.faults.append(f"{label} has no {name}")
            checks.calls.append(f"{label}.{name} =")
            object.__setattr__(held, name, value)

        instance.__class__ = type("Held", (type(instance),), {"__setattr__": set_noted})
        return instance


class _InPlace:
    """In place of an object of `kind`."""

    def __init__(self, checks: Checks, kind: Any, answers: dict[str, Any], values: dict[str, Any]) -> None:
        self.__dict__.update(values, _checks=checks, _kind=kind, _answers=answers)

    def __getattr__(self, name: str) -> Any:
        checks, kind, answers = self._checks, self._kind, self._answers
        label = f"{kind.__name__}.{name}"
        real = getattr(kind, name, None)
        if real is None:
            checks.faults.append(f"there is no {label}")
            return Absent()
        plain = inspect.isfunction(inspect.getattr_static(kind, name, None))
        taken = (lambda *given, **named: real(self, *given, **named)) if plain else real
        if plain:
            signature = inspect.signature(real)
            taken.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])
        return checks.checked(taken, label, answers.get(name, self))

    def __call__(self, *given: Any, **named: Any) -> Any:
        call = getattr(self._kind, "forward", None) or self._kind.__call__
        signature = inspect.signature(call)

        def bare() -> None:
            pass

        bare.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])
        return self._checks.checked(bare, f"{self._kind.__name__}()", self._answers["()"])(*given, **named)
