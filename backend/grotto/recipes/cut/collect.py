"""The stage `cut` of a mural: every element at the mural's full size, as a square for the models, and as a thumbnail."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from ...contract import ELEMENT_CLASSES, Progress
from ...contract.options import SetOptions
from ...formats import Artefact
from ...masks import Box, contact_sheet, element_at_full_size, squared
from ...photos import picture_size, read_picture
from ..assets import LIST_FILE
from .find import MuralElements

_THUMBNAIL_PX = 256


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

    def to_facts(self, folder: str) -> dict[str, Any]:
        """The facts of the result manifest, with paths relative to the job's folder."""
        return {
            "name": self.name,
            "box_px": list(self.box_px),
            "label": self.label,
            "score": self.score,
            "picture": f"{folder}/{self.picture}",
            "thumbnail": f"{folder}/{self.thumbnail}",
        }


@dataclass(frozen=True, kw_only=True)
class ElementSet(Artefact):
    """elements/NAME.png (RGBA, full size), elements_512/NAME.png (square), thumbnails/NAME.png, and the list of them."""

    elements: tuple[SetElement, ...]
    sheet: str = "thumbnails.jpg"
    mural: str = "mural.jpg"


def make_element_set(source: Path, found: MuralElements, options: SetOptions, folder: Path, report: Progress) -> ElementSet:
    """Cut the elements out of the mural at full size."""
    report(0.0, "reading the mural")
    read = read_picture(source)
    reduced_size = max(1, round(found.width * found.scale)), max(1, round(found.height * found.scale))
    for name in ("elements", "elements_512", "thumbnails"):
        (folder / name).mkdir()
    elements: list[SetElement] = []
    thumbnails = []
    counts: dict[str, int] = {}
    for number, element in enumerate(found.elements):
        report(0.1 + 0.85 * number / len(found.elements), f"element {number + 1} of {len(found.elements)}")
        counts[element.label] = counts.get(element.label, 0) + 1
        stem = element.label if element.label in ELEMENT_CLASSES else "element"
        name = f"{stem}_{counts[element.label]:03}"
        cut, box = element_at_full_size(read.colour, read.alpha, found.mask(element), element.box, reduced_size)
        files = f"elements/{name}.png", f"elements_512/{name}.png", f"thumbnails/{name}.png"
        Image.fromarray(cut).save(folder / files[0], compress_level=3)
        Image.fromarray(squared(cut, options.element_px, options.element_margin)).save(folder / files[1])
        thumbnails.append(squared(cut, _THUMBNAIL_PX, 0.02))
        Image.fromarray(thumbnails[-1]).save(folder / files[2])
        touches = box[0] == 0 or box[1] == 0 or box[2] == found.width or box[3] == found.height
        listed = SetElement(
            name=name,
            box_px=box,
            label=element.label,
            score=element.score,
            picture=files[0],
            square=files[1],
            thumbnail=files[2],
            touches_border=touches,
        )
        elements.append(listed)
    Image.fromarray(contact_sheet(thumbnails)).save(folder / "thumbnails.jpg", quality=85)
    (folder / "mural.jpg").write_bytes((found.folder / found.mural).read_bytes())
    _write_list(folder, source, found, elements)
    return ElementSet(folder=folder, elements=tuple(elements))


def forecast_set(source: Path, found: MuralElements, options: SetOptions) -> int:
    """Bytes: the picture with its decoder's copies, and the largest element with its alpha, premultiplied."""
    width, height = picture_size(source)
    largest = max((element.box[2] - element.box[0]) * (element.box[3] - element.box[1]) for element in found.elements)
    return 14 * width * height + round(40 * largest / found.scale**2)


def _write_list(folder: Path, source: Path, found: MuralElements, elements: list[SetElement]) -> None:
    rows = [
        {
            "name": element.name,
            "box_px": list(element.box_px),
            "label": element.label,
            "score": element.score,
            "picture": element.picture,
            "square": element.square,
            "thumbnail": element.thumbnail,
            "touches_border": element.touches_border,
        }
        for element in elements
    ]
    document = {
        "source": source.name,
        "width": found.width,
        "height": found.height,
        "mural": "mural.jpg",
        "cut_out_by": found.way,
        "classes": list(ELEMENT_CLASSES),
        "elements": rows,
    }
    (folder / LIST_FILE).write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
