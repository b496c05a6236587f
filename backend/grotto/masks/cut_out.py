"""Cut an element out of its picture: try each method in order; `CutOut.method` names the one that applied."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contract import bad_input
from .alpha_kinds import look_inside
from .hints import Hints, check_hints
from .plain_cut import plain_cut
from .prompted import segment

Array32 = NDArray[np.float32]

ALPHA, PLAIN_BACKGROUND, STROKES, GUESS = "alpha", "plain background", "strokes", "guess"
LEAST_SUBJECT = 2e-4  # of the picture's area: less is no subject
_CLEAR = 0.02
_LEAST_CLEAR = 1e-3  # part of the picture that an alpha must make clear to be taken for a mask


@dataclass(frozen=True)
class CutOut:
    """`alpha` (h, w) 0..1; `method` is "alpha", "plain background", "strokes" or "guess"; notes are whole sentences.

    `as_measured`: on a plain background, nothing but its colour decided, so that the same follows from a larger copy.
    """

    alpha: Array32
    method: str
    notes: tuple[str, ...]
    as_measured: bool = True


def cut_out(picture: Array32, hints: Hints | None = None) -> CutOut:
    """Cut the element out of a picture (h, w, 4) of straight sRGB values and alpha, 0 to 1.

    Methods in order: strokes or a box, where hints are given; the picture's own alpha, where part of it is clear and the rest is
    not just the whole picture; a plain background; a guess from what stands out in the middle. Raises bad input where nothing is
    on the picture, where its alpha is clear everywhere, and where hints do not fit.
    """
    if picture.ndim != 3 or picture.shape[2] != 4:
        raise bad_input(f"a picture of shape {picture.shape} has no colour and alpha", "give it as red, green, blue and alpha")
    if not np.isfinite(picture).all():
        raise bad_input("the picture holds values that are no numbers", "export it again as 8 or 16 bit")
    height, width = picture.shape[:2]
    own, colour = picture[..., 3], picture[..., :3]
    if own.max() <= _CLEAR:
        raise bad_input("the picture is clear everywhere: its alpha leaves nothing", "export it with its alpha, or without one")
    hinted = hints is not None and hints.any_marked
    if hints is not None:
        check_hints(hints, width, height)
    has_alpha = float((own < 0.5).mean()) >= _LEAST_CLEAR
    notes: list[str] = []
    as_measured = True
    if hints is not None and hinted:
        method, alpha = STROKES, segment(np.ascontiguousarray(_over_grey(picture) if has_alpha else colour), hints)
        alpha = alpha * own if has_alpha else alpha
    elif has_alpha:
        inner = look_inside(colour, own)
        method = ALPHA if inner.alpha is None else PLAIN_BACKGROUND
        alpha = np.ascontiguousarray(own) if inner.alpha is None else inner.alpha
        as_measured = inner.alpha is None
        notes += inner.notes
    else:
        plain = plain_cut(colour)
        method = PLAIN_BACKGROUND if plain is not None else GUESS
        if plain is None:
            alpha = segment(np.ascontiguousarray(colour), Hints())
            notes.append("The background is not plain and nothing was marked: what stands out in the middle was cut out.")
        else:
            alpha, as_measured = plain.alpha, plain.as_measured
            notes += plain.notes
    mask = alpha >= 0.5
    if mask.sum() < max(4.0, LEAST_SUBJECT * mask.size):
        raise bad_input("there is nothing on the picture", "choose a picture with an element on it, or paint over the element")
    return CutOut(np.clip(alpha, 0, 1).astype(np.float32), method, tuple(notes + _border_note(mask)), as_measured)


def _over_grey(picture: Array32) -> Array32:
    """A picture (h, w, 4) over grey, so that its clear parts need no stroke."""
    return picture[..., :3] * picture[..., 3:] + 0.5 * (1 - picture[..., 3:])


def _border_note(mask: NDArray[np.bool_]) -> list[str]:
    sides = {"left": mask[:, 0], "top": mask[0], "right": mask[:, -1], "bottom": mask[-1]}
    cut = [name for name, edge in sides.items() if edge.any()]
    if not cut:
        return []
    where = " and ".join([", ".join(cut[:-1]), cut[-1]] if len(cut) > 1 else cut)
    return [f"The element touches the picture's {where} border, so it may be cut off there."]
