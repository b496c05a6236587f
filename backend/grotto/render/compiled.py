"""Numba's compiler with types: a compiled kernel keeps the signature of its function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(**options: Any) -> Callable[[Kernel], Kernel]:
    """`numba.njit` with a cache on disk; options such as `parallel` and `fastmath` are passed on."""
    from numba import njit

    compiler: Callable[..., Callable[[Kernel], Kernel]] = njit
    return compiler(cache=True, **options)
