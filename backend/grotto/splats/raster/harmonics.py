"""View-dependent colour: spherical harmonics seen along a direction."""

from __future__ import annotations

import torch

from ...formats import DEGREE_0, harmonic_terms


def seen_colours(base: torch.Tensor, rest: torch.Tensor, directions: torch.Tensor, degree: int) -> torch.Tensor:
    """Colours (n, 3), sRGB's values from 0 up, of coefficients base (n, 3) and rest (n, k, 3) seen along directions (n, 3).

    Directions go from the camera to the splat and need not be unit. Only degrees up to `degree` are used.
    """
    colours = DEGREE_0 * base + 0.5
    terms = (degree + 1) ** 2 - 1
    if terms:
        x, y, z = torch.nn.functional.normalize(directions, dim=1).unbind(1)
        basis = torch.stack(harmonic_terms(x, y, z, degree), 1)
        colours = colours + torch.einsum("nk,nkc->nc", basis, rest[:, :terms])
    return colours.clamp_min(0.0)


def base_of_colours(colours: torch.Tensor) -> torch.Tensor:
    """Coefficients (n, 3) of degree 0 that show colours (n, 3) from everywhere."""
    return (colours - 0.5) / DEGREE_0
