"""Training examples of a segmenter: tiles of murals with the masks and classes of their elements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...contract import ELEMENT_CLASSES, ProblemError, bad_input
from ...formats import path_below
from ...masks.proposals import Instance, instance_from_mask, mask_over_box, tiles_of
from ...photos import PictureError, limit_of_mask, open_picture, read_picture
from ..loading import read_json_object

_LIST = "elements.json"
_OVERLAP = 0.25
_LEAST_SHARE = 0.2  # of an element's area that must lie on a tile for the tile to show it


@dataclass(frozen=True)
class Example:
    """A tile: `colour` (h, w, 3) sRGB bytes, `masks` (n, h, w), `classes` (n,) as numbers of ELEMENT_CLASSES."""

    colour: NDArray[np.uint8]
    masks: NDArray[np.bool_]
    classes: NDArray[np.int64]


def set_folder(path: Path) -> Path:
    """The folder of a set: itself, or `cut` in a job's folder. Raises bad input where no set is there."""
    for folder in (path, path / "cut"):
        if (folder / _LIST).is_file():
            return folder
    raise bad_input(f"there is no {_LIST} in {path}", "name a folder that grotto cut made")


def read_training_set(sets: Sequence[Path], tile_px: int) -> tuple[list[Example], dict[str, int]]:
    """The tiles of all sets that hold elements, and how many elements of each class there are.

    Elements of the class unknown are left out. Raises bad input where a set is damaged, and where no element has a class.
    """
    examples: list[Example] = []
    counts = dict.fromkeys((*ELEMENT_CLASSES, "unknown"), 0)
    for path in sets:
        folder = set_folder(path)
        listing = read_json_object(folder / _LIST, "make the set again")
        mural = _mural(folder, listing)
        whole = [_element(folder, row, listing, mural.shape[:2], counts) for row in _rows(folder, listing)]
        known = [element for element in whole if element is not None]
        for left, top, right, bottom in tiles_of(mural.shape[1], mural.shape[0], tile_px, _OVERLAP):
            parts = [(mask_over_box(element, (left, top, right, bottom)), element) for element in known]
            seen = [(mask, element) for mask, element in parts if mask.sum() >= _LEAST_SHARE * element.area_px]
            if seen:
                masks = np.stack([mask for mask, _ in seen])
                numbers = np.array([ELEMENT_CLASSES.index(element.label) for _, element in seen], np.int64)
                examples.append(Example(np.ascontiguousarray(mural[top:bottom, left:right]), masks, numbers))
    if not examples:
        raise bad_input(
            f"no element of {', '.join(path.name for path in sets)} has a class",
            f"write {', '.join(ELEMENT_CLASSES[:-1])} or {ELEMENT_CLASSES[-1]} as its label in {_LIST}",
        )
    return examples, counts


def _mural(folder: Path, listing: dict[str, Any]) -> NDArray[np.uint8]:
    try:
        path = path_below(folder, str(listing.get("mural", "mural.jpg")))
    except ValueError as error:
        raise bad_input(f"{folder / _LIST} is damaged ({error})", "make the set again") from error
    return read_picture(path).colour


def _rows(folder: Path, listing: dict[str, Any]) -> list[dict[str, Any]]:
    rows = listing.get("elements")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise bad_input(f"{folder / _LIST} lists no elements", "make the set again")
    return rows


def _element(
    folder: Path, row: dict[str, Any], listing: dict[str, Any], shape: tuple[int, int], counts: dict[str, int]
) -> Instance | None:
    """Where it is on the reduced mural; None where its class is unknown."""
    try:
        name, label = str(row["name"]), str(row["label"])
        left, top, right, bottom = (float(side) for side in row["box_px"])
        across, down = shape[1] / float(listing["width"]), shape[0] / float(listing["height"])
        alpha = _alpha(path_below(folder, str(row["picture"])), (round(right - left), round(bottom - top)))
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise bad_input(f"{folder / _LIST} is damaged ({error})", "make the set again, or mend the line") from error
    if label not in counts:
        raise bad_input(f"{name} in {folder / _LIST} has the label {label}", f"choose one of {', '.join(counts)}")
    counts[label] += 1
    if label not in ELEMENT_CLASSES:
        return None
    box = [round(left * across), round(top * down), round(right * across), round(bottom * down)]
    box = [max(0, box[0]), max(0, box[1]), min(shape[1], max(box[2], box[0] + 1)), min(shape[0], max(box[3], box[1] + 1))]
    size = box[2] - box[0], box[3] - box[1]
    found = instance_from_mask(np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)) >= 128, label, 1.0)
    if found is None:
        return None
    x, y = box[:2]
    return replace(found, box=(found.box[0] + x, found.box[1] + y, found.box[2] + x, found.box[3] + y))


def _alpha(path: Path, size: tuple[int, int]) -> NDArray[np.uint8]:
    try:
        with open_picture(path, limit_of_mask(size)) as image:
            pixels = np.asarray(image.convert("RGBA"))
    except PictureError as error:
        raise _unreadable(path, str(error)) from error
    if (pixels.shape[1], pixels.shape[0]) != size:
        raise _unreadable(path, f"it is {pixels.shape[1]} x {pixels.shape[0]} and not {size[0]} x {size[1]}")
    return np.ascontiguousarray(pixels[..., 3])


def _unreadable(path: Path, cause: str) -> ProblemError:
    return bad_input(f"{path.name} does not fit its set: {cause}", "save it with its size and alpha as they were")
