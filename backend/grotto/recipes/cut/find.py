"""The stage `find` of a mural: resize, divide, segment (paper 000, equation 1), and one list of what was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...contract import UNKNOWN_CLASS, Part, ProblemError, Progress, bad_input
from ...contract.options import FindOptions
from ...formats import Artefact
from ...masks import find_elements, from_plain_ground, soft_edges
from ...masks.proposals import Instance, find_in_tiles, instance_of, propose, tiles_of
from ...models.segmenters import load_instance_model, load_prompted_model
from ...photos import picture_size, read_picture
from ..stages import outlined_anew

Colour = NDArray[np.uint8]
Box = tuple[int, int, int, int]
Find = Callable[[Box], Sequence[Instance]]

PROPOSALS = "proposals on a wall painted all over"
_GROUND_PX = 1024  # of the copy on which the wall's ground is told from its figures
_LEAST_SAID = 1e-3  # part of the mural that an alpha must make clear to be taken for a mask


@dataclass(frozen=True, kw_only=True)
class FoundElement:
    """`box` in pixels of the reduced mural; `mask` is the file of its mask, white on the element, of the box's size."""

    box: Box
    label: str
    score: float
    mask: str


@dataclass(frozen=True, kw_only=True)
class MuralElements(Artefact):
    """What was found on a mural of `width` x `height` px, reduced by `scale`."""

    width: int
    height: int
    scale: float
    way: str
    elements: tuple[FoundElement, ...]
    mural: str = "mural.jpg"  # the mural, reduced

    def mask(self, element: FoundElement) -> NDArray[np.uint8]:
        with Image.open(self.folder / element.mask) as image:
            return np.asarray(image.convert("L"))


def find_mural_elements(
    source: Path, segmenter: str, weights: Path | None, options: FindOptions, folder: Path, report: Progress
) -> MuralElements:
    """Look for the elements of a mural.

    Raises bad input for what is no picture, where nothing is found, and what the segmenter raises.
    """
    report(0.0, "reading the mural")
    read = read_picture(source)
    height, width = read.colour.shape[:2]
    scale = min(1.0, options.mural_px / max(width, height))
    small = _resized(read.colour, scale)
    alpha = None if read.alpha is None or float((read.alpha < 128).mean()) < _LEAST_SAID else _resized(read.alpha, scale)
    frames = read.frames
    del read
    report(0.15, "looking for elements")
    way, found = _found(small, alpha, segmenter, weights, options, Part(report, 0.2, 0.7 if segmenter == "sam2" else 0.9))
    if segmenter == "sam2" and weights is not None and way != "alpha":
        way = f"SAM 2 ({weights.name}) in the boxes of {way}"
        found = outlined_anew(small, found, load_prompted_model(weights, report), Part(report, 0.7, 1.0))
    if not found:
        raise bad_input(
            "no element was found on the mural", "allow smaller ones, or cut one out by a box and strokes", option="least_element"
        )
    if len(found) > options.most_elements:
        which = "likeliest" if way.endswith(PROPOSALS) else "largest"
        report.note(f"Of {len(found)} elements the {options.most_elements} {which} are kept")
    if frames > 1:
        report.note(f"Of an animation of {frames} pictures the first is taken")
    Image.fromarray(small).save(folder / "mural.jpg", quality=92)
    listed = []
    for number, instance in enumerate(found[: options.most_elements], start=1):
        name = f"mask_{number:04}.png"
        Image.fromarray(instance.mask.astype(np.uint8) * np.uint8(255)).save(folder / name)
        listed.append(FoundElement(box=instance.box, label=instance.label, score=round(instance.score, 4), mask=name))
    return MuralElements(folder=folder, width=width, height=height, scale=scale, way=way, elements=tuple(listed))


def forecast_find(source: Path, segmenter: str, weights: Path | None, options: FindOptions) -> int:
    """Bytes: the picture with its decoder's copies, and the reduced one with what is thought about it."""
    width, height = picture_size(source)
    pixels = width * height
    return 14 * pixels + 60 * min(pixels, options.mural_px**2) + 300 * options.tile_px**2


def _found(
    colour: Colour, alpha: NDArray[np.uint8] | None, segmenter: str, weights: Path | None, options: FindOptions, report: Progress
) -> tuple[str, list[Instance]]:
    """How elements were told from the wall, and these: the largest first, or proposals, the likeliest first."""
    if segmenter == "mask2former" and weights is not None:
        model = load_instance_model(weights, report)
        return f"Mask2Former ({weights.name})", _in_tiles(
            colour, lambda box: model.instances(np.ascontiguousarray(colour[_window(box)]), options.least_score), options, report
        )
    if alpha is not None:
        opacity = _by_opacity(
            lambda box: alpha[_window(box)].astype(np.float32) / np.float32(255), colour.shape, options, options.element_gap
        )
        return "alpha", _in_tiles(colour, opacity, options, report)
    coarse = _resized(colour, min(1.0, _GROUND_PX / max(colour.shape))).astype(np.float32) / np.float32(255)
    plain = from_plain_ground(coarse)
    if plain is not None:
        sharp = _by_opacity(_sharpened(colour, plain), colour.shape, options, options.element_gap)
        return "classical: plain ground", _in_tiles(colour, sharp, options, report)
    report(0.1, "putting regions together")
    proposed = propose(coarse, UNKNOWN_CLASS, options.least_element)
    report(0.8, "placing contours")
    placed = [_placed(colour, one, coarse.shape[1] / colour.shape[1]) for one in proposed]
    return f"classical: {PROPOSALS}", [one for one in placed if one is not None]


def _in_tiles(colour: Colour, find: Find, options: FindOptions, report: Progress) -> list[Instance]:
    rows, columns = colour.shape[:2]
    count, done = len(tiles_of(columns, rows, options.tile_px, options.tile_overlap)), 0

    def of_tile(tile: Box) -> Sequence[Instance]:
        nonlocal done
        report(done / count, f"tile {done + 1} of {count}")
        done += 1
        return find(tile)

    found = find_in_tiles(columns, rows, of_tile, options.tile_px, options.tile_overlap)
    return [instance for instance in found if instance.area_px >= options.least_element * rows * columns]


def _placed(colour: Colour, proposed: Instance, scale: float) -> Instance | None:
    """An instance of the mural reduced by `scale`, on the mural: its contour placed by the mural's own colours."""
    if scale >= 1:
        return proposed
    room = 2
    left, top, right, bottom = proposed.box
    box = (
        max(0, int((left - room) / scale)), max(0, int((top - room) / scale)),
        min(colour.shape[1], int(np.ceil((right + room) / scale))), min(colour.shape[0], int(np.ceil((bottom + room) / scale))),
    )  # fmt: skip
    x = (np.arange(box[0], box[2], dtype=np.float32) + 0.5) * np.float32(scale) - 0.5 - left
    y = (np.arange(box[1], box[3], dtype=np.float32) + 0.5) * np.float32(scale) - 0.5 - top
    maps = np.meshgrid(x, y)
    large = cv2.remap(proposed.mask.astype(np.float32), maps[0], maps[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    sharp = soft_edges(np.ascontiguousarray(colour[_window(box)]), np.asarray(large, np.float32), 1.0 + 1.5 * (1 / scale - 1))
    made = instance_of(sharp >= 0.5, proposed.label, proposed.score)
    if made is None:
        return None
    inner = made.box
    return replace(made, box=(inner[0] + box[0], inner[1] + box[1], inner[2] + box[0], inner[3] + box[1]))


def _sharpened(colour: Colour, coarse: NDArray[np.float32]) -> Callable[[Box], NDArray[np.float32]]:
    """The opacity in a tile: the coarse one with its edges placed by the tile's own colours."""
    enlarged = max(colour.shape) / max(coarse.shape)

    def opacity(box: Box) -> NDArray[np.float32]:
        part = _enlarged(coarse, colour.shape, box)
        return soft_edges(np.ascontiguousarray(colour[_window(box)]), part, 1.0 + 1.5 * (enlarged - 1))

    return opacity


def _enlarged(coarse: NDArray[np.float32], shape: tuple[int, ...], box: Box) -> NDArray[np.float32]:
    """A window of the coarse mask at full size; pixel centres lie at half pixels in both."""
    x = (np.arange(box[0], box[2], dtype=np.float32) + 0.5) * np.float32(coarse.shape[1] / shape[1]) - 0.5
    y = (np.arange(box[1], box[3], dtype=np.float32) + 0.5) * np.float32(coarse.shape[0] / shape[0]) - 0.5
    map_x, map_y = np.meshgrid(x, y)
    return np.asarray(cv2.remap(coarse, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), dtype=np.float32)


def _by_opacity(opacity: Callable[[Box], NDArray[np.float32]], shape: tuple[int, ...], options: FindOptions, gap: float) -> Find:
    height, width = shape[:2]
    specks = 0.05 * options.least_element * height * width  # of one element, another tile may hold the rest

    def find(box: Box) -> list[Instance]:
        part = opacity(box)
        if not (part >= 0.5).any():
            return []
        near = gap * max(height, width) / max(part.shape)
        try:
            elements = find_elements(part, specks / part.size, near)
        except ProblemError:
            return []  # only specks: there is nothing on this tile
        return [Instance(element.box, element.mask, UNKNOWN_CLASS, 1.0) for element in elements]

    return find


def _window(box: Box) -> tuple[slice, slice]:
    return slice(box[1], box[3]), slice(box[0], box[2])


def _resized(picture: Colour, scale: float) -> Colour:
    if scale >= 1:
        return picture
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
