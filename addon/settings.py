"""What the artist chooses in the sidebar: kept in the scene. What runs is never kept there, see `session`."""

from __future__ import annotations

from typing import Any, cast

from bpy.props import BoolProperty, EnumProperty, PointerProperty, StringProperty
from bpy.types import PropertyGroup

from ..backend.grotto.contract import WALL_QUALITIES, WallOptions
from .option_properties import properties_of, quality_values, read_values, write_values

CUSTOM = "CUSTOM"
WALL_QUALITY_VALUES = quality_values(WALL_QUALITIES)
QUALITY_ITEMS = [(name.upper(), name.capitalize(), f"As --quality {name}") for name in WALL_QUALITIES]
_NAMES = [*(name.upper() for name in WALL_QUALITIES), CUSTOM]

GrottoWallOptions = type(
    "GrottoWallOptions",
    (PropertyGroup,),
    {"__doc__": WallOptions.__doc__, "__module__": __name__, "__annotations__": properties_of(WallOptions)},
)


def _get_quality(self: Any) -> int:
    shown = read_values(WallOptions, self.wall)
    for index, values in enumerate(WALL_QUALITY_VALUES.values()):
        if all(shown[key] == value for key, value in values.items()):
            return index
    return _NAMES.index(CUSTOM)


def _set_quality(self: Any, index: int) -> None:
    write_values(WALL_QUALITY_VALUES.get(_NAMES[index].lower(), {}), self.wall)


class GrottoSettings(PropertyGroup):
    """The sidebar's settings of a scene."""

    source: StringProperty(  # type: ignore[valid-type]
        name="Photos", description="Folder of photos of one wall, relief or facade", subtype="DIR_PATH"
    )
    out: StringProperty(  # type: ignore[valid-type]
        name="Job folder", description="Folder for all files of the job; empty lets the backend make one", subtype="DIR_PATH"
    )
    quality: EnumProperty(  # type: ignore[valid-type]
        name="Quality",
        description="Sets some of the details below; Custom says that they were changed since",
        items=[*QUALITY_ITEMS, (CUSTOM, "Custom", "Values of your own, see Details")],
        get=_get_quality,
        set=_set_quality,
    )
    import_when_done: BoolProperty(  # type: ignore[valid-type]
        name="Import when done", description="Bring the result into this scene as soon as the job ends", default=True
    )
    wall: PointerProperty(type=cast(Any, GrottoWallOptions))  # type: ignore[valid-type]


CLASSES = (GrottoWallOptions, GrottoSettings)
