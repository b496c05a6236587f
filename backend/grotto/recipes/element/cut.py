"""The stage `cut` of an element: the picture as it is, and what of it is the element."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...contract import Action, Part, Progress, bad_input
from ...contract.options import CutOptions
from ...formats import Artefact
from ...masks import Hints, check_hints, read_strokes
from ...photos import picture_size, read_picture
from ..stages import Chosen, chosen_segmenter
from .listed import ListedElement, chosen_element, list_elements
from .outline import WORK_PX, outlined

MASK = "mask.png"


@dataclass(frozen=True, kw_only=True)
class CutElement(Artefact):
    """One element of one picture. Pixels are the whole picture's, upright."""

    width: int
    height: int
    box: tuple[int, int, int, int]  # left, top, right, bottom around the element, px
    way: str  # how it was cut out
    notes: tuple[str, ...]
    picture: str  # file name: the user's own bytes where glTF can hold them, else a PNG of them
    as_it_is: bool  # whether the picture's file was taken over unchanged
    mask: str = MASK  # grey, white on the element
    elements: tuple[ListedElement, ...] = ()  # where there are several

    def alpha(self) -> NDArray[np.float32]:
        """(h, w) opacity, 0 to 1."""
        return (np.asarray(Image.open(self.folder / self.mask), np.float32) / 255).astype(np.float32)

    def colour(self) -> NDArray[np.float32]:
        """(h, w, 3) sRGB's values, 0 to 1."""
        with Image.open(self.folder / self.picture) as image:
            return (np.asarray(image.convert("RGB"), np.float32) / 255).astype(np.float32)

    def several(self) -> dict[str, Any]:
        """Facts of the elements where there are several, paths relative to the job's folder."""
        return {"elements": [element.told(self.folder.name) for element in self.elements]} if self.elements else {}


def cut_element(
    source: Path, strokes: Path | None, weights: Path | None, options: CutOptions, folder: Path, report: Progress
) -> CutElement:
    """Read a picture and find the element on it.

    weights: folder of the segmenter's, where it has any; None looks them up. Raises bad input for what is no picture, for an
    empty one, and for strokes, boxes or numbers that do not fit; missing resource where the segmenter's weights are not there.
    """
    report(0.0, "reading the picture")
    read = read_picture(source)
    height, width = read.colour.shape[:2]
    name = f"picture{source.suffix.lower()}" if read.plain else "picture.png"
    if read.plain:
        (folder / name).write_bytes(source.read_bytes())
    else:
        Image.fromarray(read.colour).save(folder / name)
    report(0.3, "cutting out the element")
    hints = _hints(strokes, options, width, height)
    chosen = chosen_segmenter(options.segmenter) if weights is None else Chosen(options.segmenter, weights)
    found = outlined(read.colour, read.alpha, hints, chosen, report)
    alpha = found.alpha
    listed = list_elements(read.colour, alpha, folder, Part(report, 0.7, 0.9), found.label)
    notes = found.notes + _scaled(hints, width, height)
    if read.frames > 1:
        notes += (f"of an animation of {read.frames} pictures the first is taken",)
    if len(listed) > 1 and options.element == 0:
        notes += (f"There are {len(listed)} elements on the picture, and all are taken; the option element takes one",)
    if options.element:
        one = chosen_element(folder, alpha.shape, listed, options.element)
        alpha = alpha if one is None else one
    bytes_ = np.empty(alpha.shape, np.uint8)
    np.copyto(bytes_, np.multiply(alpha, 255, out=alpha) + np.float32(0.5), casting="unsafe")
    Image.fromarray(bytes_).save(folder / MASK)
    for note in notes:
        report.note(note)
    rows, columns = np.flatnonzero((bytes_ > 127).any(1)), np.flatnonzero((bytes_ > 127).any(0))
    return CutElement(
        folder=folder, width=width, height=height, way=found.way, notes=notes, picture=name, as_it_is=read.plain,
        box=(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1),
        elements=tuple(listed) if len(listed) > 1 else (),
    )  # fmt: skip


def forecast_cut(source: Path, strokes: Path | None, weights: Path | None, options: CutOptions) -> int:
    """Bytes: the picture with its decoder's copies, its mask, and the reduced copies in which it is looked for."""
    width, height = picture_size(source)
    pixels = width * height
    return 34 * pixels + 200 * min(pixels, WORK_PX**2)


def _hints(strokes: Path | None, options: CutOptions, width: int, height: int) -> Hints | None:
    """What was marked, in the whole picture's pixels; None where nothing was."""
    hints = read_strokes(strokes, width, height) if strokes is not None else Hints()
    if options.cut_box:
        hints = replace(hints, box=four_numbers(options.cut_box, "box"))
    check_hints(hints, width, height)
    return hints if strokes is not None or options.cut_box else None


def _scaled(hints: Hints | None, width: int, height: int) -> tuple[str, ...]:
    if hints is None or hints.scaled_from is None:
        return ()
    painted = f"{hints.scaled_from[0]} x {hints.scaled_from[1]} px"
    return (f"The strokes were painted on {painted}; they were scaled to the picture's {width} x {height} px",)


def four_numbers(words: str, what: str) -> tuple[float, float, float, float]:
    """left,top,right,bottom in pixels. Raises bad input, which names what they are, where they are none."""
    try:
        left, top, right, bottom = (float(word) for word in words.split(","))
    except ValueError as error:
        raise bad_input(
            f"the {what} {words!r} is not left,top,right,bottom", "give four numbers of pixels", Action.CHANGE_OPTIONS
        ) from error
    return left, top, right, bottom
