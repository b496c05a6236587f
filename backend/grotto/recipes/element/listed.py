"""Several elements on one picture: each listed with its box, its cut-out and a thumbnail, the largest first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...contract import Progress, bad_input
from ...masks import find_elements, squared

Bytes = NDArray[np.uint8]
Array32 = NDArray[np.float32]

_LOOK_PX = 2048  # longer side at which elements are told apart
_THUMBNAIL_PX = 256
_MOST = 99
_SCRAP = 0.02  # of the largest element: what is smaller is a crumb and no element


@dataclass(frozen=True, kw_only=True)
class ListedElement:
    """`box_px` (left, top, right, bottom) on the whole picture; paths are relative to the stage's folder."""

    name: str
    box_px: tuple[int, int, int, int]
    label: str
    picture: str
    thumbnail: str

    def told(self, folder: str) -> dict[str, Any]:
        """As facts have it, like those of the recipe cut."""
        return {
            "name": self.name, "box_px": list(self.box_px), "label": self.label, "score": 1.0,
            "picture": f"{folder}/{self.picture}", "thumbnail": f"{folder}/{self.thumbnail}",
        }  # fmt: skip


def list_elements(colour: Bytes, alpha: Array32, folder: Path, report: Progress, label: str) -> list[ListedElement]:
    """The elements of an opacity (h, w); their files are written only where there are several."""
    scale = min(1.0, _LOOK_PX / max(alpha.shape))
    size = max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale))
    small = alpha if scale == 1 else np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    found = list(find_elements(small, least_part=0.0))
    found = [element for element in found if element.area_px >= _SCRAP * found[0].area_px][:_MOST]
    if len(found) < 2:
        return []
    (folder / "elements").mkdir()
    (folder / "thumbnails").mkdir()
    across, down = alpha.shape[1] / size[0], alpha.shape[0] / size[1]
    listed = []
    for number, element in enumerate(found, start=1):
        report(number / len(found), f"element {number} of {len(found)}")
        name = f"element_{number:03}"
        left, top = max(0, element.box[0] - 1), max(0, element.box[1] - 1)
        right, bottom = min(size[0], element.box[2] + 1), min(size[1], element.box[3] + 1)
        own = np.zeros((bottom - top, right - left), np.uint8)
        x, y = element.box[0] - left, element.box[1] - top
        own[y : y + element.mask.shape[0], x : x + element.mask.shape[1]] = element.mask
        own = np.asarray(cv2.dilate(own, np.ones((3, 3), np.uint8)))  # with its soft rim
        box = (
            int(left * across), int(top * down),
            min(alpha.shape[1], int(np.ceil(right * across))), min(alpha.shape[0], int(np.ceil(bottom * down))),
        )  # fmt: skip
        window = np.s_[box[1] : box[3], box[0] : box[2]]
        wide = cv2.resize(own, (box[2] - box[0], box[3] - box[1]), interpolation=cv2.INTER_NEAREST)
        opacity = (alpha[window] * 255 + np.float32(0.5)).astype(np.uint8) * wide
        cut = np.dstack([colour[window], opacity])
        Image.fromarray(cut).save(folder / "elements" / f"{name}.png", compress_level=3)
        Image.fromarray(squared(cut, _THUMBNAIL_PX, 0.02)).save(folder / "thumbnails" / f"{name}.png")
        listed.append(ListedElement(
            name=name, box_px=box, label=label, picture=f"elements/{name}.png", thumbnail=f"thumbnails/{name}.png",
        ))  # fmt: skip
    return listed


def chosen_element(folder: Path, shape: tuple[int, ...], listed: list[ListedElement], number: int) -> Array32 | None:
    """The opacity (h, w) of one element alone, None where there is but one. Raises bad input where there are fewer."""
    count = max(1, len(listed))
    if number > count:
        raise bad_input(f"there is no element {number}: {count} were found", f"choose 1 to {count}, or 0", option="element")
    if not listed:
        return None
    element = listed[number - 1]
    left, top, right, bottom = element.box_px
    alpha = np.zeros((shape[0], shape[1]), np.float32)
    with Image.open(folder / element.picture) as image:
        alpha[top:bottom, left:right] = np.asarray(image)[..., 3] / np.float32(255)
    return alpha
