"""What of a picture is the element, at the picture's full size: by what is marked, its alpha, its ground, or a model."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ...contract import UNKNOWN_CLASS, Progress, bad_input
from ...masks import CutOut, Hints, cut_out, fitted_hints, from_plain_ground, soft_edges
from ...masks.proposals import Instance, window_of
from ...models.segmenters import load_instance_model, load_matting_model, load_prompted_model, matte
from ..stages import Chosen, outline

Bytes = NDArray[np.uint8]
Array32 = NDArray[np.float32]

WORK_PX = 2048  # longer side at which masks are looked for; their edges are then placed at full size
_LEAST_SCORE = 0.5
_IN_BOX = 0.5  # of an instance that must be in the box to be meant by it
_BAND = 0.004  # of the longer side: how far from the contour a matte is looked for


@dataclass(frozen=True)
class Outlined:
    """`alpha` (h, w) at full size; `way` and notes as people read them; `label` where a model knew the class."""

    alpha: Array32
    way: str
    notes: tuple[str, ...]
    label: str = UNKNOWN_CLASS


def outlined(colour: Bytes, own: Bytes | None, hints: Hints | None, chosen: Chosen, report: Progress) -> Outlined:
    """The element on a picture (h, w, 3) of sRGB bytes with the opacity `own` (h, w) or None.

    Raises bad input where nothing is there, missing resource where a named segmenter has no weights.
    """
    if chosen.name == "sam2" and hints is not None:
        return _checked(_prompted(colour, own, hints, chosen, "strokes", report))
    if chosen.name == "mask2former":
        return _checked(_by_instances(colour, own, hints, chosen, report))
    height, width = colour.shape[:2]
    small, scale = _reduced(colour, own)
    fitted = None if hints is None else fitted_hints(hints, small.shape[1], small.shape[0], scale)
    found = cut_out(small.astype(np.float32) / np.float32(255), fitted)
    if chosen.name == "sam2" and found.way == "guess":
        return _checked(_prompted(colour, own, Hints(box=_box(found.alpha, 1 / scale)), chosen, "a guess", report))
    alpha = _at_full_size(colour, own, found, scale)
    if chosen.name == "vitmatte" and found.way != "alpha":
        model = load_matting_model(chosen.weights(), report)
        alpha = matte(model, colour, alpha, max(4, round(_BAND * max(height, width))))
        return _checked(Outlined(alpha, f"{found.way}, edge by ViTMatte ({chosen.weights().name})", found.notes))
    return Outlined(alpha, found.way, found.notes)


def _at_full_size(colour: Bytes, own: Bytes | None, found: CutOut, scale: float) -> Array32:
    if found.way == "alpha" and own is not None:
        return np.asarray(own, dtype=np.float32) / np.float32(255)  # known exactly
    if scale >= 1:
        return np.clip(found.alpha, 0, 1)
    if found.way == "plain background":
        again = from_plain_ground(colour)
        if again is not None:
            return np.clip(again, 0, 1)
    alpha = soft_edges(colour, found.alpha, 1.0 + 1.5 * (1 / scale - 1))
    return alpha if own is None else _under(alpha, own)


def _prompted(colour: Bytes, own: Bytes | None, hints: Hints, chosen: Chosen, told: str, report: Progress) -> Outlined:
    folder = chosen.weights()
    part, (left, top, right, bottom) = outline(colour, hints, load_prompted_model(folder, report))
    alpha = np.zeros(colour.shape[:2], np.float32)
    alpha[top:bottom, left:right] = part
    if own is not None:
        alpha = _under(alpha, own)
    notes = () if told != "a guess" else ("Nothing was marked: what stands out in the middle was outlined.",)
    return Outlined(alpha, f"SAM 2 ({folder.name}) from {told}", notes)


def _by_instances(colour: Bytes, own: Bytes | None, hints: Hints | None, chosen: Chosen, report: Progress) -> Outlined:
    folder = chosen.weights()
    small, scale = _reduced(colour, None)
    found = load_instance_model(folder, report).instances(np.ascontiguousarray(small[..., :3]), _LEAST_SCORE)
    if hints is not None:
        said = fitted_hints(hints, small.shape[1], small.shape[0], scale)
        found = [instance for instance in found if _is_meant(instance, said)]
    if not found:
        raise bad_input("Mask2Former found no element", "choose the segmenter classical", option="segmenter")
    whole = 0, 0, small.shape[1], small.shape[0]
    mask = np.logical_or.reduce([window_of(instance, whole) for instance in found])
    alpha = soft_edges(colour, mask.astype(np.float32), 1.0 + 1.5 / scale)
    labels = {instance.label for instance in found}
    label = labels.pop() if len(labels) == 1 else UNKNOWN_CLASS
    return Outlined(alpha if own is None else _under(alpha, own), f"Mask2Former ({folder.name})", (), label)


def _is_meant(instance: Instance, hints: Hints) -> bool:
    left, top, right, bottom = instance.box
    if hints.subject is not None and (hints.subject[top:bottom, left:right] & instance.mask).any():
        return True
    if hints.box is None:
        return hints.subject is None
    inside = tuple(round(side) for side in hints.box)
    return int(window_of(instance, (inside[0], inside[1], inside[2], inside[3])).sum()) >= _IN_BOX * instance.area_px


def _under(alpha: Array32, own: Bytes) -> Array32:
    """The opacity times the picture's own, in place."""
    return np.multiply(alpha, own * np.float32(1 / 255), out=alpha)


def _checked(found: Outlined) -> Outlined:
    mask = found.alpha >= 0.5
    if mask.sum() < max(4.0, 2e-4 * mask.size):
        raise bad_input("there is nothing on the picture", "choose a picture with an element on it, or paint over the element")
    return replace(found, alpha=np.clip(found.alpha, 0, 1, out=found.alpha))


def _box(alpha: Array32, scale: float) -> tuple[float, float, float, float]:
    rows, columns = np.flatnonzero((alpha >= 0.5).any(1)), np.flatnonzero((alpha >= 0.5).any(0))
    return columns[0] * scale, rows[0] * scale, (columns[-1] + 1) * scale, (rows[-1] + 1) * scale


def _reduced(colour: Bytes, own: Bytes | None) -> tuple[Bytes, float]:
    """RGBA at the working size, and the scale."""
    height, width = colour.shape[:2]
    scale = min(1.0, WORK_PX / max(height, width))
    size = (width, height) if scale == 1 else (max(1, round(width * scale)), max(1, round(height * scale)))
    small = colour if scale == 1 else np.asarray(cv2.resize(colour, size, interpolation=cv2.INTER_AREA))
    if own is None:
        alpha = np.full(small.shape[:2], 255, np.uint8)
    else:
        alpha = own if scale == 1 else np.asarray(cv2.resize(own, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return np.dstack([small, alpha]), scale
