"""Cut an element out of its picture by the first way that has something to go by; the result says which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contract import bad_input
from .hints import Hints, check_hints
from .plain_ground import from_plain_ground
from .prompted import segment

Array32 = NDArray[np.float32]

LEAST_SUBJECT = 2e-4  # of the picture's area: less than that is nothing
_CLEAR = 0.02
_LEAST_SAID = 1e-3  # part of the picture that an alpha must make clear to be taken for a mask


@dataclass(frozen=True)
class CutOut:
    """`alpha` (h, w) 0..1; `way` is one of "alpha", "plain background", "strokes", "guess"; notes are whole sentences."""

    alpha: Array32
    way: str
    notes: tuple[str, ...]


def cut_out(picture: Array32, hints: Hints | None = None) -> CutOut:
    """The opacity of the element on a picture (h, w, 4) of straight sRGB values and alpha, 0 to 1.

    Hints are obeyed first. Without them: the picture's own alpha where it says something, a plain background, and at
    last a guess from what stands out in the middle. Raises bad input where nothing is on the picture, where its alpha
    is clear everywhere, and where hints do not fit.
    """
    if picture.ndim != 3 or picture.shape[2] != 4:
        raise bad_input(f"a picture of shape {picture.shape} has no colour and alpha", "give it as red, green, blue and alpha")
    if not np.isfinite(picture).all():
        raise bad_input("the picture holds values that are no numbers", "export it again as 8 or 16 bit")
    height, width = picture.shape[:2]
    own, colour = picture[..., 3], picture[..., :3]
    if own.max() <= _CLEAR:
        raise bad_input("the picture is clear everywhere: its alpha leaves nothing", "export it with its alpha, or without one")
    hinted = hints is not None and hints.say_something
    if hints is not None:
        check_hints(hints, width, height)
    says = float((own < 0.5).mean()) >= _LEAST_SAID
    notes: list[str] = []
    if hints is not None and hinted:
        way, alpha = "strokes", segment(np.ascontiguousarray(_over_grey(picture) if says else colour), hints)
        alpha = alpha * own if says else alpha
    elif says:
        way, alpha = "alpha", np.ascontiguousarray(own)
    else:
        found = from_plain_ground(np.ascontiguousarray(colour))
        way = "plain background" if found is not None else "guess"
        alpha = segment(np.ascontiguousarray(colour), Hints()) if found is None else found
        if found is None:
            notes.append("The background is not plain and nothing was marked: what stands out in the middle was cut out.")
    mask = alpha >= 0.5
    if mask.sum() < max(4.0, LEAST_SUBJECT * mask.size):
        raise bad_input("there is nothing on the picture", "choose a picture with an element on it, or paint over the element")
    return CutOut(np.clip(alpha, 0, 1).astype(np.float32), way, tuple(notes + _border_note(mask)))


def _over_grey(picture: Array32) -> Array32:
    """A picture with an alpha of its own, its clear parts a grey that no stroke has to name."""
    return picture[..., :3] * picture[..., 3:] + 0.5 * (1 - picture[..., 3:])


def _border_note(mask: NDArray[np.bool_]) -> list[str]:
    sides = {"left": mask[:, 0], "top": mask[0], "right": mask[:, -1], "bottom": mask[-1]}
    cut = [name for name, edge in sides.items() if edge.any()]
    if not cut:
        return []
    where = " and ".join([", ".join(cut[:-1]), cut[-1]] if len(cut) > 1 else cut)
    return [f"The element touches the picture's {where} border, so it may be cut off there."]
