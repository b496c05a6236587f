"""Masks that cannot be meant: empty, or with black and white exchanged."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..contract import Progress, bad_input

EMPTY = 1e-4  # of the picture
_RIM = 0.9  # of the rim is the subject, and
_MIDDLE = 0.1  # less than this of the picture's inner quarter


def is_empty(alpha: NDArray[np.float32]) -> bool:
    """Whether next to nothing is the subject."""
    return bool((alpha > 0.5).mean() < EMPTY)


def is_inverted(alpha: NDArray[np.float32]) -> bool:
    """Whether the subject covers the picture's rim while its middle is empty, as when black and white were exchanged."""
    height, width = alpha.shape
    rim = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
    middle = alpha[height // 4 : height - height // 4, width // 4 : width - width // 4]
    return bool((rim > 0.5).mean() > _RIM and (middle > 0.5).mean() < _MIDDLE)


def usable_masks(alphas: Mapping[str, NDArray[np.float32]], report: Progress) -> set[str]:
    """The names of the pictures whose mask shows something.

    Raises bad input where half of the masks or more are empty or inverted; single empty ones are named in a note.
    """
    empty = [name for name, alpha in alphas.items() if is_empty(alpha)]
    inverted = [name for name, alpha in alphas.items() if is_inverted(alpha)]
    if 2 * len(empty) >= len(alphas):
        raise bad_input(
            f"the masks of {len(empty)} of {len(alphas)} pictures are empty ({_named(empty)})",
            "paint the subject white (or leave it opaque), everything else black",
        )
    if 2 * len(inverted) >= len(alphas):
        raise bad_input(
            f"the masks of {len(inverted)} of {len(alphas)} pictures seem inverted: they cover the rim, and their middle is empty"
            f" ({_named(inverted)})",
            "invert them: white is the subject, black is left out",
        )
    if empty:
        report.note(f"{len(empty)} pictures in which the mask is empty are left out: {_named(empty)}")
    return set(alphas) - set(empty)


def _named(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
