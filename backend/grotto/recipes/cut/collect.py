"""The stage `cut` of a mural: every element at the mural's full size, as a square for the models, and as a thumbnail."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...contract import ELEMENT_CLASSES, Progress
from ...contract.options import SetOptions
from ...formats import Artefact
from ...masks import soft_edges, squared
from ...photos import picture_size, read_picture
from ..stages import LIST_FILE
from .find import FoundElement, MuralElements

Bytes = NDArray[np.uint8]
Box = tuple[int, int, int, int]

_THUMBNAIL_PX = 256
_ROOM_PX = 3  # around an element, in pixels of the reduced mural: its soft rim
_SHEET_PX, _PAPER = 160, 96  # of the sheet: side of a thumbnail, grey of its paper


@dataclass(frozen=True, kw_only=True)
class SetElement:
    """`box_px` (left, top, right, bottom) on the mural at full size; paths are relative to the set's folder."""

    name: str
    box_px: Box
    label: str
    score: float
    picture: str
    square: str
    thumbnail: str
    touches_border: bool

    def told(self, folder: str) -> dict[str, Any]:
        """As facts have it, with paths relative to the job's folder."""
        return {
            "name": self.name, "box_px": list(self.box_px), "label": self.label, "score": self.score,
            "picture": f"{folder}/{self.picture}", "thumbnail": f"{folder}/{self.thumbnail}",
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ElementSet(Artefact):
    """elements/NAME.png (RGBA, full size), elements_512/NAME.png (square), thumbnails/NAME.png, and the list of them."""

    elements: tuple[SetElement, ...]
    sheet: str = "thumbnails.jpg"
    mural: str = "mural.jpg"


def make_element_set(source: Path, found: MuralElements, options: SetOptions, folder: Path, report: Progress) -> ElementSet:
    """Cut the elements that were found out of the mural at full size."""
    report(0.0, "reading the mural")
    read = read_picture(source)
    for name in ("elements", "elements_512", "thumbnails"):
        (folder / name).mkdir()
    made: list[SetElement] = []
    thumbnails: list[Bytes] = []
    counts: dict[str, int] = {}
    for number, element in enumerate(found.elements):
        report(0.1 + 0.85 * number / len(found.elements), f"element {number + 1} of {len(found.elements)}")
        counts[element.label] = counts.get(element.label, 0) + 1
        stem = element.label if element.label in ELEMENT_CLASSES else "element"
        name = f"{stem}_{counts[element.label]:03}"
        cut, box = cut_at_full_size(read.colour, read.alpha, found, element)
        files = f"elements/{name}.png", f"elements_512/{name}.png", f"thumbnails/{name}.png"
        Image.fromarray(cut).save(folder / files[0], compress_level=3)
        Image.fromarray(squared(cut, options.element_px, options.element_margin)).save(folder / files[1])
        thumbnails.append(squared(cut, _THUMBNAIL_PX, 0.02))
        Image.fromarray(thumbnails[-1]).save(folder / files[2])
        touches = box[0] == 0 or box[1] == 0 or box[2] == found.width or box[3] == found.height
        made.append(SetElement(
            name=name, box_px=box, label=element.label, score=element.score, picture=files[0], square=files[1],
            thumbnail=files[2], touches_border=touches,
        ))  # fmt: skip
    Image.fromarray(_sheet(thumbnails)).save(folder / "thumbnails.jpg", quality=85)
    (folder / "mural.jpg").write_bytes((found.folder / found.mural).read_bytes())
    _write_list(folder, source, found, made)
    return ElementSet(folder=folder, elements=tuple(made))


def forecast_set(source: Path, found: MuralElements, options: SetOptions) -> int:
    """Bytes: the picture with its decoder's copies, and the largest element with its alpha, premultiplied."""
    width, height = picture_size(source)
    largest = max((element.box[2] - element.box[0]) * (element.box[3] - element.box[1]) for element in found.elements)
    return 14 * width * height + round(40 * largest / found.scale**2)


def cut_at_full_size(colour: Bytes, own: Bytes | None, found: MuralElements, element: FoundElement) -> tuple[Bytes, Box]:
    """RGBA (h, w, 4) of an element and its box: the reduced mask's contour, placed by the full picture's colours."""
    across, down = found.width / _reduced(found.width, found.scale), found.height / _reduced(found.height, found.scale)
    left, top, right, bottom = element.box
    room = _ROOM_PX if found.scale < 1 else 1
    outer = max(0, left - room), max(0, top - room), right + room, bottom + room
    box = (
        int(outer[0] * across), int(outer[1] * down),
        min(found.width, int(np.ceil(outer[2] * across))), min(found.height, int(np.ceil(outer[3] * down))),
    )  # fmt: skip
    mask = found.mask(element)
    x = ((np.arange(box[0], box[2], dtype=np.float32) + 0.5) / np.float32(across) - 0.5) - left
    y = ((np.arange(box[1], box[3], dtype=np.float32) + 0.5) / np.float32(down) - 0.5) - top
    window = np.ascontiguousarray(colour[box[1] : box[3], box[0] : box[2]])
    coarse = np.empty(window.shape[:2], np.float32)
    for row in range(0, len(y), 1024):  # the maps of a remapping take eight bytes a pixel
        maps = np.meshgrid(x, y[row : row + 1024])
        part = cv2.remap(mask, maps[0], maps[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
        coarse[row : row + 1024] = np.asarray(part, dtype=np.float32) / np.float32(255)
    alpha = soft_edges(window, coarse, 1.0 + 1.5 * (max(across, down) - 1))
    if own is not None:
        alpha = np.minimum(cv2.dilate(coarse, np.ones((3, 3), np.uint8)).round(), own[box[1] : box[3], box[0] : box[2]] / 255)
    return np.dstack([window, (alpha * 255 + 0.5).astype(np.uint8)]), box


def _reduced(length: int, scale: float) -> int:
    return max(1, round(length * scale))


def _sheet(thumbnails: list[Bytes]) -> Bytes:
    """All thumbnails on grey paper, in rows."""
    across = min(8, max(1, int(np.ceil(np.sqrt(len(thumbnails))))))
    down = -(-len(thumbnails) // across)
    sheet = np.full((down * _SHEET_PX, across * _SHEET_PX, 3), _PAPER, np.uint8)
    for number, thumbnail in enumerate(thumbnails):
        small = cv2.resize(thumbnail, (_SHEET_PX, _SHEET_PX), interpolation=cv2.INTER_AREA).astype(np.float32)
        part = small[..., 3:] / 255
        y, x = number // across * _SHEET_PX, number % across * _SHEET_PX
        sheet[y : y + _SHEET_PX, x : x + _SHEET_PX] = small[..., :3] * part + _PAPER * (1 - part)
    return sheet


def _write_list(folder: Path, source: Path, found: MuralElements, made: list[SetElement]) -> None:
    rows = [
        {
            "name": element.name, "box_px": list(element.box_px), "label": element.label, "score": element.score,
            "picture": element.picture, "square": element.square, "thumbnail": element.thumbnail,
            "touches_border": element.touches_border,
        }
        for element in made
    ]  # fmt: skip
    told = {
        "source": source.name, "width": found.width, "height": found.height, "mural": "mural.jpg",
        "cut_out_by": found.way, "classes": list(ELEMENT_CLASSES), "elements": rows,
    }  # fmt: skip
    (folder / LIST_FILE).write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
