"""How many steps the voxels of a scene are worth."""

from __future__ import annotations

import math

from .fit import RAYS, STEPS

_LOOKS = 3.2  # at each pixel: those that 43 pictures of 225 x 400 px get in all steps
_FEWEST = 450  # steps: below, the last of the three lattices hardly changes


def scene_steps(pixels: int) -> int:
    """Steps of a fit in which a ray passes each of `pixels` about three times, at most the usual number.

    More looks at the same few pixels sharpen fog that the splats of the same scene do not have.
    """
    return min(STEPS, max(_FEWEST, math.ceil(_LOOKS * pixels / RAYS)))
