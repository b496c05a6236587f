"""The elements that were found in a picture: names, ticks, thumbnails, and where they stood. Kept in the scene."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    IntVectorProperty,
    StringProperty,
)
from bpy.types import PropertyGroup

from ...backend.grotto.contract import Result, bad_input

SIDE_BY_SIDE, AS_PAINTED = "SIDE_BY_SIDE", "AS_PAINTED"
PLACEMENTS = [
    (SIDE_BY_SIDE, "Side by side", "Each with the height that is set, in a row"),
    (AS_PAINTED, "As painted", "Where they stand in the picture and as large beside each other; the largest has the height set"),
]
UNKNOWN = "unknown"  # the class of an element that no model has looked at
GAP = 0.2  # between neighbours in a row, as a part of the wider one
FRAME = "picture_frame_m"  # fact: lowest x, lowest z, highest x and highest z of the whole picture in the element's frame

PROPOSALS = "proposals"  # in how elements were found

Box = tuple[int, int, int, int]  # left, top, right, bottom, px


class GrottoFoundElement(PropertyGroup):
    """One element of a picture. Its name is the artist's to change."""

    ticked: BoolProperty(name="Make", description="Make a model of it", default=True)  # type: ignore[valid-type]
    picture: StringProperty(name="Picture", subtype="FILE_PATH")  # type: ignore[valid-type]
    thumbnail: StringProperty(subtype="FILE_PATH")  # type: ignore[valid-type]
    box: IntVectorProperty(name="Box", size=4, description="Left, top, right, bottom in the picture, px")  # type: ignore[valid-type]
    kind: StringProperty(name="Class")  # type: ignore[valid-type]
    score: FloatProperty(name="Score")  # type: ignore[valid-type]


class GrottoFoundElements(PropertyGroup):
    """What was found, and in which picture."""

    items: CollectionProperty(type=GrottoFoundElement)  # type: ignore[valid-type]
    active: IntProperty()  # type: ignore[valid-type]
    source: StringProperty(subtype="FILE_PATH")  # type: ignore[valid-type]
    placement: EnumProperty(name="Place", items=PLACEMENTS)  # type: ignore[valid-type]


@dataclass(frozen=True)
class Wanted:
    """A ticked element, out of Blender's reach: what a thread may read."""

    name: str
    picture: Path
    box: Box

    @property
    def height_px(self) -> int:
        return self.box[3] - self.box[1]


def fill(found: Any, folder: Path, source: str) -> int:
    """Show the elements of a finished job of the recipe cut; how many there are. Raises ProblemError.

    Proposals, of which a wall that is painted all over has many, are not ticked: the artist chooses.
    """
    try:
        result = Result.read(folder)
        rows = [_read(row, folder) for row in result.facts["elements"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise bad_input(f"{folder} does not say which elements were found ({error})", "find them again") from error
    proposed = PROPOSALS in str(result.facts.get("cut_out_by", ""))
    found.items.clear()
    found.active, found.source = 0, source
    for row in rows:
        item = found.items.add()
        for name, value in row.items():
            setattr(item, name, value)
        item.ticked = not proposed
    return len(rows)


def _read(row: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    return {
        "name": str(row["name"]),
        "picture": str(folder / row["picture"]),
        "thumbnail": str(folder / row["thumbnail"]),
        "box": [round(value) for value in row["box_px"]],
        "kind": "" if row.get("label") == UNKNOWN else str(row.get("label") or ""),
        "score": float(row.get("score") or 0.0),
    }


def listed(found: Any, source: str) -> bool:
    """Whether the list is that of this picture."""
    return bool(len(found.items)) and found.source == source


def wanted(found: Any) -> list[Wanted]:
    """The ticked elements, left to right as they are painted."""
    ticked = [item for item in found.items if item.ticked]
    made = [Wanted(name=item.name, picture=Path(item.picture), box=tuple(item.box)) for item in ticked]
    return sorted(made, key=lambda item: item.box[0] + item.box[2])


def height_of(element: Wanted, every: list[Wanted], placement: str, height_m: float) -> float:
    """The height that its job is given."""
    if placement == SIDE_BY_SIDE:
        return height_m
    return height_m * element.height_px / max(item.height_px for item in every)


@dataclass
class Places:
    """Where each element's root goes, in the order in which they arrive. Metres; the wall is y = 0."""

    every: list[Wanted]
    placement: str
    height_m: float
    reached: float | None = None  # right end of the row

    def place(self, element: Wanted, facts: Mapping[str, Any], width: float) -> tuple[tuple[float, float, float], float]:
        """The root's place and its scale, from the result's facts and the width of what arrived."""
        if self.placement == SIDE_BY_SIDE:
            x = 0.0 if self.reached is None else self.reached + (0.5 + GAP) * width
            self.reached = x + 0.5 * width
            return (x, 0.0, 0.0), 1.0
        metres = self.height_m / max(item.height_px for item in self.every)  # a pixel of the picture
        middle = 0.5 * (min(item.box[0] for item in self.every) + max(item.box[2] for item in self.every))
        ground = max(item.box[3] for item in self.every)
        left, bottom, scale = _corner(element, facts, width, metres)
        x, z = (element.box[0] - middle) * metres, (ground - element.box[3]) * metres
        return (x - left, 0.0, z - bottom), scale


def _corner(element: Wanted, facts: Mapping[str, Any], width: float, metres: float) -> tuple[float, float, float]:
    """The lower left corner of the element's box from its root, and the root's scale; `metres` is a pixel's size."""
    if FRAME not in facts:
        return -0.5 * width, 0.0, 1.0  # its origin is the middle of its foot
    left, bottom, right, _ = facts[FRAME]
    picture_width, picture_height = facts["picture_px"]
    own_metres = (right - left) / picture_width
    scale = metres / own_metres
    whole = (element.box[2] - element.box[0], element.box[3] - element.box[1]) == (picture_width, picture_height)
    box = (0, 0, picture_width, picture_height) if whole else facts["element_box_px"]
    return (left + box[0] * own_metres) * scale, (bottom + (picture_height - box[3]) * own_metres) * scale, scale
