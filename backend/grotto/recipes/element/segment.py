"""Segment the element on a picture at full size: by strokes, its own alpha, a plain background, or a network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...contract import UNKNOWN_CLASS, Progress, bad_input
from ...masks import (
    ALPHA,
    GUESS,
    Hints,
    checked_alpha,
    cut_out,
    mask_bounds,
    multiply_alpha,
    reduced_rgba,
    refined_alpha,
    resized_hints,
    soft_edges,
)
from ...masks.proposals import hinted, mask_of_all
from ..weights import Segmenter

Bytes = NDArray[np.uint8]
Array32 = NDArray[np.float32]

WORK_PX = 2048  # longer side at which masks are found; their edges are then placed at full size
_LEAST_SCORE = 0.5
_MATTE_BAND = 0.004  # of the longer side: how far from the contour a matte is sought


@dataclass(frozen=True)
class Segmented:
    """`alpha` (h, w) at full size; `method` and notes for people; `label` where a model gives the class."""

    alpha: Array32
    method: str
    notes: tuple[str, ...]
    label: str = UNKNOWN_CLASS


def segment_element(colour: Bytes, own: Bytes | None, hints: Hints | None, segmenter: Segmenter, report: Progress) -> Segmented:
    """Segment the element on a picture (h, w, 3) of sRGB bytes with its own opacity (h, w), where it has any.

    Raises bad input where nothing is there, missing resource where the segmenter has no weights.
    """
    if segmenter.name == "sam2" and hints is not None:
        return _by_prompt(colour, own, hints, segmenter, "strokes", (), report)
    if segmenter.name == "mask2former":
        return _by_instances(colour, own, hints, segmenter, report)
    small, scale = reduced_rgba(colour, own, WORK_PX)
    scaled = None if hints is None else resized_hints(hints, small.shape[1], small.shape[0], scale)
    cut = cut_out(small.astype(np.float32) / np.float32(255), scaled)
    if segmenter.name == "sam2" and cut.method == GUESS:
        note = "Nothing was marked: what stands out in the middle was outlined."
        return _by_prompt(colour, own, _box_hint(cut.alpha, 1 / scale), segmenter, "a guess", (note,), report)
    alpha = refined_alpha(colour, own, cut, scale)
    if segmenter.name == "vitmatte" and cut.method != ALPHA:
        from ...models.segmenters import load_matting_model, matte  # here and below: networks load torch

        band_px = max(4, round(_MATTE_BAND * max(colour.shape[:2])))
        alpha = checked_alpha(matte(load_matting_model(segmenter.weights(), report), colour, alpha, band_px))
        return Segmented(alpha, f"{cut.method}, edge by ViTMatte ({segmenter.weights().name})", cut.notes)
    return Segmented(alpha, cut.method, cut.notes)


def _box_hint(alpha: Array32, scale: float) -> Hints:
    """The box of a reduced opacity (h, w) on the full picture."""
    bounds = mask_bounds(alpha >= 0.5)
    if bounds is None:
        return Hints()
    left, top, right, bottom = bounds
    return Hints(box=(left * scale, top * scale, right * scale, bottom * scale))


def _by_prompt(
    colour: Bytes, own: Bytes | None, hints: Hints, segmenter: Segmenter, prompt: str, notes: tuple[str, ...], report: Progress
) -> Segmented:
    from ...models.segmenters import load_prompted_model, outline_prompted

    folder = segmenter.weights()
    inside, (left, top, right, bottom) = outline_prompted(colour, hints, load_prompted_model(folder, report))
    alpha = np.zeros(colour.shape[:2], np.float32)
    alpha[top:bottom, left:right] = inside
    if own is not None:
        alpha = multiply_alpha(alpha, own)
    return Segmented(checked_alpha(alpha), f"SAM 2 ({folder.name}) from {prompt}", notes)


def _by_instances(colour: Bytes, own: Bytes | None, hints: Hints | None, segmenter: Segmenter, report: Progress) -> Segmented:
    from ...models.segmenters import load_instance_model

    folder = segmenter.weights()
    small, scale = reduced_rgba(colour, None, WORK_PX)
    rows, columns = small.shape[:2]
    instances = load_instance_model(folder, report).instances(np.ascontiguousarray(small[..., :3]), _LEAST_SCORE)
    if hints is not None:
        instances = hinted(instances, resized_hints(hints, columns, rows, scale))
    if not instances:
        raise bad_input("Mask2Former found no element", "choose the segmenter classical", option="segmenter")
    alpha = soft_edges(colour, mask_of_all(instances, columns, rows).astype(np.float32), 1.0 + 1.5 / scale)
    if own is not None:
        alpha = multiply_alpha(alpha, own)
    labels = {instance.label for instance in instances}
    label = labels.pop() if len(labels) == 1 else UNKNOWN_CLASS
    return Segmented(checked_alpha(alpha), f"Mask2Former ({folder.name})", (), label)
