"""The elements found in a picture: names, ticks, thumbnails and boxes, kept in the scene; and where their models go."""

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

from ...backend.grotto.contract import Result, bad_input, malformed_as_bad_input
from ..importers.job_files import place_in_job
from ..properties import with_properties

SIDE_BY_SIDE, AS_PAINTED = "SIDE_BY_SIDE", "AS_PAINTED"
PLACEMENTS = [
    (SIDE_BY_SIDE, "Side by side", "In a row, each with the height that is set"),
    (
        AS_PAINTED,
        "As painted",
        "At their places in the picture, with their relative sizes; the largest has the height that is set",
    ),
]
UNKNOWN = "unknown"  # the class of an element that no model has classified
GAP = 0.2  # between neighbours in a row, as a fraction of the new element's width
FRAME = "picture_frame_m"  # fact: lowest x, lowest z, highest x and highest z of the whole picture in the element's frame

PROPOSALS = "proposals"  # part of the fact that says how elements were found

Box = tuple[int, int, int, int]  # left, top, right, bottom, px


@with_properties(
    ticked=BoolProperty(name="Make", description="Make a model of this element", default=True),
    picture=StringProperty(name="Picture", subtype="FILE_PATH"),
    thumbnail=StringProperty(subtype="FILE_PATH"),
    box=IntVectorProperty(name="Box", size=4, description="Left, top, right, bottom in the picture, px"),
    kind=StringProperty(name="Class"),
    score=FloatProperty(name="Score"),
)
class GrottoFoundElement(PropertyGroup):
    """One element of a picture. The user may change its name."""

    ticked: bool
    picture: str
    thumbnail: str
    box: Box
    kind: str
    score: float


@with_properties(
    items=CollectionProperty(type=GrottoFoundElement),
    active=IntProperty(),
    source=StringProperty(subtype="FILE_PATH"),
    placement=EnumProperty(name="Place", items=PLACEMENTS),
)
class GrottoFoundElements(PropertyGroup):
    """The elements that were found, and the picture that contains them."""

    active: int
    source: str
    placement: str


@dataclass(frozen=True)
class TickedElement:
    """A ticked element as plain values, which a thread may read."""

    name: str
    picture: Path
    box: Box

    @property
    def height_px(self) -> int:
        return self.box[3] - self.box[1]


def fill(found: Any, folder: Path, source: str) -> int:
    """List the elements of a finished job of the recipe cut; return their number. Raises ProblemError.

    Proposals are not ticked: a fully painted wall has many, and the user chooses.
    """
    try:
        result = Result.read(folder)
    except OSError as error:
        raise bad_input(f"the elements in {folder} can not be read ({error})", "find them again") from error
    with malformed_as_bad_input(f"the elements in {folder} can not be read", "find them again"):
        rows = [_read(row, folder) for row in result.facts["elements"]]
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
    left, top, right, bottom = (round(value) for value in row["box_px"])
    return {
        "name": str(row["name"]),
        "picture": str(place_in_job(folder, row["picture"])),
        "thumbnail": str(place_in_job(folder, row["thumbnail"])),
        "box": [left, top, right, bottom],
        "kind": "" if row.get("label") == UNKNOWN else str(row.get("label") or ""),
        "score": float(row.get("score") or 0.0),
    }


def is_list_of(found: Any, source: str) -> bool:
    """Whether the list shows the elements of this picture."""
    return bool(len(found.items)) and found.source == source


def ticked_elements(found: Any) -> list[TickedElement]:
    """Return the ticked elements from left to right."""
    ticked = [item for item in found.items if item.ticked]
    elements = [TickedElement(name=item.name, picture=Path(item.picture), box=tuple(item.box)) for item in ticked]
    return sorted(elements, key=lambda element: element.box[0] + element.box[2])


def height_of(element: TickedElement, elements: list[TickedElement], placement: str, height_m: float) -> float:
    """Return the height in metres for the element's job."""
    if placement == SIDE_BY_SIDE:
        return height_m
    return height_m * element.height_px / max(item.height_px for item in elements)


@dataclass
class ElementPlacer:
    """Place each element's root, in the order in which they arrive. Metres; the wall is y = 0."""

    elements: list[TickedElement]
    placement: str
    height_m: float
    row_end_m: float | None = None  # right end of the row

    def place(self, element: TickedElement, facts: Mapping[str, Any], width: float) -> tuple[tuple[float, float, float], float]:
        """Return location and scale of the root, from the result's facts and the width of the imported mesh in metres."""
        if self.placement == SIDE_BY_SIDE:
            x = 0.0 if self.row_end_m is None else self.row_end_m + (0.5 + GAP) * width
            self.row_end_m = x + 0.5 * width
            return (x, 0.0, 0.0), 1.0
        m_per_px = self.height_m / max(item.height_px for item in self.elements)
        middle = 0.5 * (min(item.box[0] for item in self.elements) + max(item.box[2] for item in self.elements))
        ground = max(item.box[3] for item in self.elements)
        left, bottom, scale = _corner(element, facts, width, m_per_px)
        x, z = (element.box[0] - middle) * m_per_px, (ground - element.box[3]) * m_per_px
        return (x - left, 0.0, z - bottom), scale


def _corner(element: TickedElement, facts: Mapping[str, Any], width: float, m_per_px: float) -> tuple[float, float, float]:
    """Return the lower left corner of the element's box relative to its root, and the root's scale."""
    if FRAME not in facts:
        return -0.5 * width, 0.0, 1.0  # its origin is the middle of its foot
    left, bottom, right, _ = facts[FRAME]
    picture_width, picture_height = facts["picture_px"]
    own_m_per_px = (right - left) / picture_width
    scale = m_per_px / own_m_per_px
    whole = (element.box[2] - element.box[0], element.box[3] - element.box[1]) == (picture_width, picture_height)
    box = (0, 0, picture_width, picture_height) if whole else facts["element_box_px"]
    return (left + box[0] * own_m_per_px) * scale, (bottom + (picture_height - box[3]) * own_m_per_px) * scale, scale
