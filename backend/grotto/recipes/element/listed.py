"""Several elements on one picture: list each with its box, its cut-out and a thumbnail, the largest first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...contract import Progress, bad_input
from ...masks import isolated_element, prominent_elements, reduced, squared
from ...photos import stored_picture

Bytes = NDArray[np.uint8]
Array32 = NDArray[np.float32]

_WORK_PX = 2048  # longer side at which elements are separated
_THUMBNAIL_PX = 256


@dataclass(frozen=True, kw_only=True)
class ListedElement:
    """`box_px` (left, top, right, bottom) on the whole picture; paths are relative to the stage's folder."""

    name: str
    box_px: tuple[int, int, int, int]
    label: str
    picture: str
    thumbnail: str

    def to_facts(self, folder: str) -> dict[str, Any]:
        """The facts of the result manifest, like those of the recipe cut."""
        return {
            "name": self.name,
            "box_px": list(self.box_px),
            "label": self.label,
            "score": 1.0,
            "picture": f"{folder}/{self.picture}",
            "thumbnail": f"{folder}/{self.thumbnail}",
        }


def list_elements(colour: Bytes, alpha: Array32, folder: Path, report: Progress, label: str) -> list[ListedElement]:
    """Separate the elements of an opacity (h, w) and write their files; an empty list where there is but one."""
    small, _ = reduced(alpha, _WORK_PX)
    elements = prominent_elements(small)
    if len(elements) < 2:
        return []
    (folder / "elements").mkdir()
    (folder / "thumbnails").mkdir()
    listed = []
    for number, element in enumerate(elements, start=1):
        report(number / len(elements), f"element {number} of {len(elements)}")
        rgba, box = isolated_element(colour, alpha, element, (small.shape[0], small.shape[1]))
        name = f"element_{number:03}"
        picture, thumbnail = f"elements/{name}.png", f"thumbnails/{name}.png"
        Image.fromarray(rgba).save(folder / picture, compress_level=3)
        Image.fromarray(squared(rgba, _THUMBNAIL_PX, 0.02)).save(folder / thumbnail)
        listed.append(ListedElement(name=name, box_px=box, label=label, picture=picture, thumbnail=thumbnail))
    return listed


def alpha_of_one(folder: Path, shape: tuple[int, ...], listed: list[ListedElement], number: int) -> Array32 | None:
    """The opacity (h, w) of one element alone, None where there is but one. Raises bad input where there are fewer."""
    count = max(1, len(listed))
    if number > count:
        raise bad_input(f"there is no element {number}: {count} were found", f"choose 1 to {count}, or 0", option="element")
    if not listed:
        return None
    element = listed[number - 1]
    left, top, right, bottom = element.box_px
    alpha = np.zeros((shape[0], shape[1]), np.float32)
    alpha[top:bottom, left:right] = np.asarray(stored_picture(folder / element.picture))[..., 3] / np.float32(255)
    return alpha
