"""The stage `find` of a mural: resize, divide, segment (3DSynBrush, equation 1), and list the elements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...contract import UNKNOWN_CLASS, Part, Progress, bad_input
from ...contract.options import FindOptions
from ...formats import Artefact
from ...masks import Box, box_slices, filled_with_nearest, outlines_a_picture, plain_background_alpha, reduced_bytes
from ...masks.proposals import (
    Instance,
    find_in_tiles,
    finder_by_opacity,
    known_opacity,
    placed_at_full_size,
    propose_elements,
    sharpened_opacity,
    tiles_of,
)
from ...photos import picture_size, read_picture, stored_picture
from ..weights import gpu_of_weights

Colour = NDArray[np.uint8]
Find = Callable[[Box], Sequence[Instance]]

PROPOSALS = "proposals on a wall painted all over"
_BACKGROUND_PX = 1024  # longer side of the copy on which figures are separated from the background
_WHOLE = 0.8  # of a painting: no element of it is as large
_LEAST_CLEAR = 1e-3  # part of the mural that an alpha must make clear to be taken for a mask


@dataclass(frozen=True, kw_only=True)
class FoundElement:
    """`box` in pixels of the reduced mural; `mask` is the file of its mask, white on the element, of the box's size."""

    box: Box
    label: str
    score: float
    mask: str


@dataclass(frozen=True, kw_only=True)
class MuralElements(Artefact):
    """The elements found on a mural of `width` x `height` px, reduced by `scale`."""

    width: int
    height: int
    scale: float
    way: str  # the method that applied
    elements: tuple[FoundElement, ...]
    mural: str = "mural.jpg"  # the mural, reduced

    def mask(self, element: FoundElement) -> NDArray[np.uint8]:
        return np.asarray(stored_picture(self.folder / element.mask).convert("L"))


def find_mural_elements(
    source: Path, segmenter: str, weights: Path | None, options: FindOptions, folder: Path, report: Progress
) -> MuralElements:
    """Find the elements of a mural.

    Raises bad input for a file that is no picture and where no element is found, and what the segmenter raises.
    """
    report(0.0, "reading the mural")
    read = read_picture(source)
    height, width = read.colour.shape[:2]
    scale = min(1.0, options.mural_px / max(width, height))
    small = reduced_bytes(read.colour, scale)
    alpha = None if read.alpha is None or float((read.alpha < 128).mean()) < _LEAST_CLEAR else reduced_bytes(read.alpha, scale)
    frames, frames_in_words = read.frames, read.frames_in_words
    del read
    shown = None
    if alpha is not None and outlines_a_picture(alpha >= 128):
        report.note("The picture's alpha is the outline of a whole painting, as an orthophoto has it: the painting was searched")
        shown, alpha = alpha >= 128, None
        small = filled_with_nearest(small, shown)
    report(0.15, "looking for elements")
    way, instances = _find(small, alpha, segmenter, weights, options, Part(report, 0.2, 0.7 if segmenter == "sam2" else 0.9))
    if shown is not None:
        instances = _shown(instances, shown, options.least_element)
    if segmenter == "sam2" and weights is not None and way != "alpha":
        from ...models.segmenters import load_prompted_model, outline_instances  # here and below: networks load torch

        way = f"SAM 2 ({weights.name}) in the boxes of {way}"
        instances = outline_instances(small, instances, load_prompted_model(weights, report), Part(report, 0.7, 1.0))
    if not instances:
        raise bad_input(
            "no element was found on the mural", "allow smaller ones, or cut one out by a box and strokes", option="least_element"
        )
    if len(instances) > options.most_elements:
        which = "likeliest" if way.endswith(PROPOSALS) else "largest"
        report.note(f"The {options.most_elements} {which} of {len(instances)} elements are kept")
    if frames > 1:
        report.note(f"The first of {frames_in_words} pictures of an animation is used")
    Image.fromarray(small).save(folder / "mural.jpg", quality=92)
    listed = []
    for number, instance in enumerate(instances[: options.most_elements], start=1):
        name = f"mask_{number:04}.png"
        Image.fromarray(instance.mask.astype(np.uint8) * np.uint8(255)).save(folder / name)
        listed.append(FoundElement(box=instance.box, label=instance.label, score=round(instance.score, 4), mask=name))
    return MuralElements(folder=folder, width=width, height=height, scale=scale, way=way, elements=tuple(listed))


def _shown(instances: Sequence[Instance], shown: NDArray[np.bool_], least: float) -> list[Instance]:
    """The parts of instances that a painting (h, w) shows; the whole painting is none, and specks are dropped."""
    kept = []
    for instance in instances:
        mask = instance.mask & shown[box_slices(instance.box)]
        area = int(mask.sum())
        if 2 * area < instance.area_px or area < least * shown.size or area > _WHOLE * shown.sum():
            continue
        kept.append(replace(instance, mask=mask))
    return kept


def forecast_find(source: Path, segmenter: str, weights: Path | None, options: FindOptions) -> int:
    """Bytes: the picture with its decoder's copies, and the working arrays of the reduced one."""
    width, height = picture_size(source)
    pixels = width * height
    return 14 * pixels + 60 * min(pixels, options.mural_px**2) + 300 * options.tile_px**2


def gpu_of_find(source: Path, segmenter: str, weights: Path | None, options: FindOptions) -> int:
    """Bytes on a GPU: the network that finds or outlines, where one does."""
    return gpu_of_weights(weights)


def _find(
    colour: Colour, alpha: Colour | None, segmenter: str, weights: Path | None, options: FindOptions, report: Progress
) -> tuple[str, list[Instance]]:
    """The method that applied, and the instances: the largest first, or proposals, the likeliest first."""
    shape = colour.shape[0], colour.shape[1]
    if segmenter == "mask2former" and weights is not None:
        from ...models.segmenters import load_instance_model

        model = load_instance_model(weights, report)

        def find(box: Box) -> Sequence[Instance]:
            return model.instances(np.ascontiguousarray(colour[box_slices(box)]), options.least_score)

        return f"Mask2Former ({weights.name})", _in_tiles(shape, find, options, report)
    if alpha is not None:
        finder = finder_by_opacity(known_opacity(alpha), shape, options.least_element, options.element_gap)
        return "alpha", _in_tiles(shape, finder, options, report)
    coarse = reduced_bytes(colour, min(1.0, _BACKGROUND_PX / max(shape))).astype(np.float32) / np.float32(255)
    plain = plain_background_alpha(coarse)
    if plain is not None:
        finder = finder_by_opacity(sharpened_opacity(colour, plain), shape, options.least_element, options.element_gap)
        return "classical: plain ground", _in_tiles(shape, finder, options, report)
    report(0.1, "merging regions")
    proposals = propose_elements(coarse, UNKNOWN_CLASS, options.least_element)
    report(0.8, "placing contours")
    placed = [placed_at_full_size(colour, proposal, coarse.shape[1] / shape[1]) for proposal in proposals]
    return f"classical: {PROPOSALS}", [instance for instance in placed if instance is not None]


def _in_tiles(shape: tuple[int, int], find: Find, options: FindOptions, report: Progress) -> list[Instance]:
    rows, columns = shape
    count, done = len(tiles_of(columns, rows, options.tile_px, options.tile_overlap)), 0

    def of_tile(tile: Box) -> Sequence[Instance]:
        nonlocal done
        report(done / count, f"tile {done + 1} of {count}")
        done += 1
        return find(tile)

    instances = find_in_tiles(columns, rows, of_tile, options.tile_px, options.tile_overlap)
    return [instance for instance in instances if instance.area_px >= options.least_element * rows * columns]
