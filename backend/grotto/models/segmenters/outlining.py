"""Outline elements with a promptable model in a window about the box, so that its fixed input size is spent on the element."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...contract import Progress
from ...masks import Box, Hints, area_resized, box_slices, moved_box, padded_box, soft_edges, window_of_hints
from ...masks.proposals import Instance, instance_from_mask, non_maximum_suppression
from .prompted_model import PromptedModel, prompted_mask

Colour = NDArray[np.uint8]
Array32 = NDArray[np.float32]

_MARGIN = 0.25  # of the box, on each side
_LEAST_PART = 0.1  # of the instance's area: a smaller outline is discarded


def outline_instances(colour: Colour, instances: Sequence[Instance], model: PromptedModel, report: Progress) -> list[Instance]:
    """The instances of a picture (h, w, 3), each outlined anew in its box; unchanged where the model finds nothing there."""
    outlined = []
    for number, instance in enumerate(instances):
        report(number / len(instances), f"outlining element {number + 1} of {len(instances)}")
        left, top, right, bottom = (float(side) for side in instance.box)
        alpha, window = outline_prompted(colour, Hints(box=(left, top, right, bottom)), model)
        refined = instance_from_mask(alpha >= 0.5, instance.label, instance.score)
        if refined is None or refined.area_px < _LEAST_PART * instance.area_px:
            outlined.append(instance)
        else:
            outlined.append(replace(refined, box=moved_box(refined.box, window[0], window[1])))
    return non_maximum_suppression(outlined)


def outline_prompted(colour: Colour, hints: Hints, model: PromptedModel) -> tuple[Array32, Box]:
    """Opacity (h, w) of what the hints mark, in a window of the picture (H, W, 3), and the window.

    The window is the box with a margin, or the whole picture where there is no box.
    """
    window = _window(hints, colour.shape[1], colour.shape[0])
    inside = np.ascontiguousarray(colour[box_slices(window)])
    likely = prompted_mask(model, inside, window_of_hints(hints, window))
    height, width = inside.shape[:2]
    enlarged = max(height / likely.shape[0], width / likely.shape[1], 1.0)
    if height < likely.shape[0] or width < likely.shape[1]:
        likely = area_resized(likely, width, height)
    return soft_edges(inside, likely, 1.0 + enlarged), window


def _window(hints: Hints, width: int, height: int) -> Box:
    if hints.box is None:
        return 0, 0, width, height
    left, top, right, bottom = hints.box
    across, down = _MARGIN * (right - left), _MARGIN * (bottom - top)
    outer = int(left - across), int(top - down), int(np.ceil(right + across)), int(np.ceil(bottom + down))
    return padded_box(outer, 0, width, height)
