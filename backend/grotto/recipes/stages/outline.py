"""SAM 2 outlines anew what was found or marked: in a window about the box, so that its fixed size is spent on the element."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ...contract import Progress
from ...masks import Hints, soft_edges
from ...masks.proposals import Instance, instance_of, once
from ...models.segmenters import PromptedModel, prompted_mask

Colour = NDArray[np.uint8]
Array32 = NDArray[np.float32]
Box = tuple[int, int, int, int]

_ROOM = 0.25  # of the box, on each side
_LEAST_PART = 0.1  # of the area that was found before: an outline of less is taken for none


def outlined_anew(colour: Colour, found: Sequence[Instance], model: PromptedModel, report: Progress) -> list[Instance]:
    """The instances of a picture (h, w, 3), each outlined by what SAM 2 sees in its box; where it sees nothing, as it was."""
    made = []
    for number, instance in enumerate(found):
        report(number / len(found), f"outlining element {number + 1} of {len(found)}")
        alpha, window = outline(colour, Hints(box=tuple(float(side) for side in instance.box)), model)  # type: ignore[arg-type]
        new = instance_of(alpha >= 0.5, instance.label, instance.score)
        if new is None or new.area_px < _LEAST_PART * instance.area_px:
            made.append(instance)
            continue
        left, top = window[:2]
        made.append(replace(new, box=(new.box[0] + left, new.box[1] + top, new.box[2] + left, new.box[3] + top)))
    return once(made)


def outline(colour: Colour, hints: Hints, model: PromptedModel) -> tuple[Array32, Box]:
    """Opacity (h, w) of what the hints mean, in a window of the picture, and the window.

    The window is the box with room about it, or the whole picture where there is no box.
    """
    window = _window(hints, colour.shape[1], colour.shape[0])
    left, top, right, bottom = window
    part = np.ascontiguousarray(colour[top:bottom, left:right])
    box = None if hints.box is None else (hints.box[0] - left, hints.box[1] - top, hints.box[2] - left, hints.box[3] - top)
    inner = [None if strokes is None else strokes[top:bottom, left:right] for strokes in (hints.subject, hints.background)]
    likely = prompted_mask(model, part, Hints(box=box, subject=inner[0], background=inner[1]))
    enlarged = max(part.shape[0] / likely.shape[0], part.shape[1] / likely.shape[1], 1.0)
    if part.shape[0] < likely.shape[0] or part.shape[1] < likely.shape[1]:
        likely = np.asarray(cv2.resize(likely, (part.shape[1], part.shape[0]), interpolation=cv2.INTER_AREA), dtype=np.float32)
    return soft_edges(part, likely, 1.0 + enlarged), window


def _window(hints: Hints, width: int, height: int) -> Box:
    if hints.box is None:
        return 0, 0, width, height
    left, top, right, bottom = hints.box
    across, down = _ROOM * (right - left), _ROOM * (bottom - top)
    return (
        max(0, int(left - across)), max(0, int(top - down)),
        min(width, int(np.ceil(right + across))), min(height, int(np.ceil(bottom + down))),
    )  # fmt: skip
