"""Murals with known elements on them: made walls, and painted figures laid on at known places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...contract.options import MakeWallOptions
from ...synthetic.painting import paint
from .pasted_element import Element

MURAL_STYLES = ("plain", "narrative", "mixed")
_SHAPE = 0.7  # height of a mural as a part of its width
_WALL_MM = 1200.0  # all murals are as wide
_PARTS = (0.16, 0.24)  # of the mural's width: an element's longer side
_APART = 0.015  # of the width, between elements and from the border
_TRIES = 4000
_PAINTED_PX = 5000  # width at which walls are painted at most
_PLASTER = (206, 186, 150)

Colour = NDArray[np.uint8]
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Laid:
    """An element on a mural: its box (left, top, right, bottom) px, and its mask (h, w) in it."""

    name: str
    box: Box
    mask: NDArray[np.bool_]


def mural_of(style: str, seed: int, elements: Sequence[Element], width: int) -> tuple[Colour, list[Laid]]:
    """Paint a wall (h, w, 3) of a style with elements that do not touch each other; returns it and their places."""
    height = round(_SHAPE * width)
    wall = _plaster(width, height, seed) if style == "plain" else _painted(style, seed, width, height)
    random = np.random.default_rng([seed, MURAL_STYLES.index(style), 7])
    taken: list[Box] = []
    laid = []
    for element in elements:
        scale = width * random.uniform(*_PARTS) / max(element.coverage.shape)
        size = max(1, round(element.coverage.shape[1] * scale)), max(1, round(element.coverage.shape[0] * scale))
        box = _free(random, size, width, height, taken)
        if box is None:
            continue
        taken.append(box)
        laid.append(_lay(wall, element, box))
    return wall, laid


def _lay(wall: Colour, element: Element, box: Box) -> Laid:
    size = box[2] - box[0], box[3] - box[1]
    how = cv2.INTER_AREA if size[0] < element.coverage.shape[1] else cv2.INTER_CUBIC
    coverage = np.clip(cv2.resize(element.coverage, size, interpolation=how), 0, 1).astype(np.float32)
    paint_ = cv2.resize(element.colour * element.coverage[..., None], size, interpolation=how)
    window = wall[box[1] : box[3], box[0] : box[2]]
    window[...] = np.clip(paint_ + (1 - coverage[..., None]) * window + 0.5, 0, 255).astype(np.uint8)
    return Laid(element.name, box, coverage >= 0.5)


def _free(random: np.random.Generator, size: tuple[int, int], width: int, height: int, taken: list[Box]) -> Box | None:
    """Find a place for a box of `size` clear of others; None where there is none."""
    apart = round(_APART * width)
    for _ in range(_TRIES):
        left = int(random.integers(apart, max(apart + 1, width - size[0] - apart)))
        top = int(random.integers(apart, max(apart + 1, height - size[1] - apart)))
        box = left, top, left + size[0], top + size[1]
        if box[2] > width or box[3] > height:
            return None
        if all(
            box[2] + apart < other[0] or other[2] + apart < box[0] or box[3] + apart < other[1] or other[3] + apart < box[1]
            for other in taken
        ):
            return box
    return None


def _painted(style: str, seed: int, width: int, height: int) -> Colour:
    """Paint a wall; very large ones are painted smaller and enlarged, which saves minutes."""
    scale = min(1.0, _PAINTED_PX / width)
    size = round(width * scale), round(height * scale)
    made = paint(*size, _WALL_MM / size[0], MakeWallOptions(style=style, seed=seed), None, _silent)
    if scale == 1:
        return made
    return np.asarray(cv2.resize(made, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _plaster(width: int, height: int, seed: int) -> Colour:
    """Make toned plaster: stains a tenth of the wall wide, and grain."""
    random = np.random.default_rng([seed, 3])
    shape = round(14 * height / width) + 2, 16
    stains = (random.normal(0, 1, (*shape, 1)) + 0.3 * random.normal(0, 1, (*shape, 3))).astype(np.float32)
    wide = cv2.resize(stains, (width, height), interpolation=cv2.INTER_CUBIC)
    made = np.empty((height, width, 3), np.uint8)
    for row in range(0, height, 1024):  # grain of a large wall takes gigabytes in one piece
        part = wide[row : row + 1024]
        grain = random.normal(0, 3, (*part.shape[:2], 1)).astype(np.float32)
        made[row : row + 1024] = np.clip(np.array(_PLASTER, np.float32) + 4 * part + grain, 0, 255).astype(np.uint8)
    return made


def _silent(fraction: float, message: str = "") -> None:
    """Report nothing: painting takes seconds."""
