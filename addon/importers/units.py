"""Metres of a result and units of the scene."""

from __future__ import annotations

from typing import Any

from bpy.types import Object, Scene

from ...backend.grotto.contract import Result

UNITS_IN_METRE = "grotto_units_in_metre"  # on a root: the scale that the import gave it
METRES = "m"  # as assets name their units


def units_in_metre(scene: Scene, result: Result) -> float:
    """Return how many units of the scene a unit of the result is: 100 for metres in a scene of centimetres, else 1.

    A result without a scale keeps its numbers.
    """
    units = scene.unit_settings
    main = result.main("mesh") or result.main("cameras")
    if units.system == "NONE" or main is None or main.units != METRES:
        return 1.0
    return float(f"{1.0 / units.scale_length:.6g}")  # Blender keeps 0.01 as 0.0099999998


def set_units(root: Object, units: float) -> None:
    """Scale a root, and store by what."""
    custom: Any = root
    custom.scale = (units, units, units)
    custom[UNITS_IN_METRE] = units


def units_of(root: Object) -> float:
    """Return the scale that the import gave a root."""
    return float(root.get(UNITS_IN_METRE, 1.0))
