"""The stage `cut` of an element: the picture as it is, and the mask of the element."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...contract import Action, Part, Progress, bad_input, bug
from ...contract.options import CutOptions
from ...formats import Artefact, without_metadata
from ...masks import Hints, alpha_bytes, check_hints, mask_bounds, read_strokes
from ...photos import picture_bytes, picture_size, read_picture, stored_picture
from ...runner import Run, Stage
from ..weights import Segmenter, gpu_of_weights, resolve_segmenter
from .listed import ListedElement, alpha_of_one, list_elements
from .segment import WORK_PX, segment_element

MASK = "mask.png"


@dataclass(frozen=True, kw_only=True)
class CutElement(Artefact):
    """One element of one picture. Pixels are the whole picture's, upright."""

    width: int
    height: int
    box: tuple[int, int, int, int]  # left, top, right, bottom around the element, px
    way: str  # the method that cut it out
    notes: tuple[str, ...]
    picture: str  # file name: the user's own file without its metadata where glTF can hold it, else a PNG of its pixels
    as_it_is: bool  # whether the picture's compressed pixels were taken over unchanged
    mask: str = MASK  # grey, white on the element
    elements: tuple[ListedElement, ...] = ()  # where there are several

    def alpha(self) -> NDArray[np.float32]:
        """(h, w) opacity, 0 to 1."""
        return (np.asarray(stored_picture(self.folder / self.mask), np.float32) / 255).astype(np.float32)

    def colour(self) -> NDArray[np.float32]:
        """(h, w, 3) sRGB's values, 0 to 1."""
        return (np.asarray(stored_picture(self.folder / self.picture).convert("RGB"), np.float32) / 255).astype(np.float32)

    def several(self) -> dict[str, Any]:
        """Facts of the elements where there are several, paths relative to the job's folder."""
        return {"elements": [element.to_facts(self.folder.name) for element in self.elements]} if self.elements else {}


def cut_element(
    source: Path, strokes: Path | None, weights: Path | None, options: CutOptions, folder: Path, report: Progress
) -> CutElement:
    """Read a picture and segment the element on it.

    weights: folder of the segmenter's weights; None looks them up. Raises bad input for a file that is no picture, for an empty
    one, and for strokes, boxes or numbers that do not fit; missing resource where the segmenter's weights are not installed.
    """
    report(0.0, "reading the picture")
    read = read_picture(source)
    height, width = read.colour.shape[:2]
    published = _published(source) if read.plain else None
    name = "picture.png" if published is None else f"picture{source.suffix.lower()}"
    if published is None:
        Image.fromarray(read.colour).save(folder / name)
    else:
        (folder / name).write_bytes(published)
    report(0.3, "cutting out the element")
    hints = _hints(strokes, options, width, height)
    segmenter = resolve_segmenter(options.segmenter) if weights is None else Segmenter(options.segmenter, weights)
    segmented = segment_element(read.colour, read.alpha, hints, segmenter, report)
    alpha = segmented.alpha
    listed = list_elements(read.colour, alpha, folder, Part(report, 0.7, 0.9), segmented.label)
    notes = segmented.notes + _scaled(hints, width, height)
    if read.frames > 1:
        notes += (f"The first of {read.frames_in_words} pictures of an animation is used",)
    if len(listed) > 1 and options.element == 0:
        notes += (f"There are {len(listed)} elements on the picture, and all are taken; the option element takes one",)
    if options.element:
        single = alpha_of_one(folder, alpha.shape, listed, options.element)
        alpha = alpha if single is None else single
    mask = alpha_bytes(alpha)
    Image.fromarray(mask).save(folder / MASK)
    for note in notes:
        report.note(note)
    box = mask_bounds(mask > 127)
    if box is None:
        raise bug("the mask of an element is empty")
    return CutElement(
        folder=folder,
        width=width,
        height=height,
        way=segmented.method,
        notes=notes,
        picture=name,
        as_it_is=published is not None,
        box=box,
        elements=tuple(listed) if len(listed) > 1 else (),
    )


def _published(source: Path) -> bytes | None:
    """The picture's file without its metadata; None where its parts cannot be told apart."""
    try:
        return without_metadata(picture_bytes(source))
    except ValueError:
        return None


def forecast_cut(source: Path, strokes: Path | None, weights: Path | None, options: CutOptions) -> int:
    """Bytes: the picture with its decoder's copies, its mask, and the reduced copies in which it is sought."""
    width, height = picture_size(source)
    pixels = width * height
    return 34 * pixels + 200 * min(pixels, WORK_PX**2)


def gpu_of_cut(source: Path, strokes: Path | None, weights: Path | None, options: CutOptions) -> int:
    """Bytes on a GPU: the network that cuts, where one does."""
    return gpu_of_weights(weights)


def _hints(strokes: Path | None, options: CutOptions, width: int, height: int) -> Hints | None:
    """The hints of the options, in the whole picture's pixels; None where there are none."""
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
    """Parse left,top,right,bottom in pixels. Raises bad input, which names what was to be given, for other words."""
    try:
        left, top, right, bottom = (float(word) for word in words.split(","))
    except ValueError as error:
        raise bad_input(
            f"the {what} {words!r} is not left,top,right,bottom", "give four numbers of pixels", Action.CHANGE_OPTIONS
        ) from error
    return left, top, right, bottom


CUT = Stage("cut", "Cutting out the element", cut_element, version=4, share=3, forecast=forecast_cut, gpu=gpu_of_cut)


def run_cut(source: Path, segmenter: Segmenter, options: CutOptions, run: Run) -> CutElement:
    """Run the stage `cut`. The segmenter's resolved name and weights are in its stamp: another segmenter means another cut."""
    return run(CUT, source, _strokes(options.cut_strokes), segmenter.folder, replace(options, segmenter=segmenter.name))


def _strokes(path: str) -> Path | None:
    if not path:
        return None
    file = Path(path).expanduser().absolute()
    if not file.is_file():
        raise bad_input(f"there is no picture of strokes at {file}", "choose it again, or leave it out", option="cut_strokes")
    return file
