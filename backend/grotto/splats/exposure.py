"""Brightness and tint of each photo, so that splats do not absorb differences of exposure."""

from __future__ import annotations

import torch

_PRIOR = 1e-3  # weight of squared log gains: where the views agree, gains stay 1


class Exposure:
    """Gains of views, as log brightness (views, 1) and log tint (views, 3), without their gauge freedoms when used.

    A gain common to all photos is indistinguishable from brighter splats, and a grey tint from brightness: the means over
    photos, and over channels of the tint, are subtracted.
    """

    def __init__(self, views: int, device: torch.device) -> None:
        self.brightness = torch.zeros((views, 1), device=device, requires_grad=True)
        self.tint = torch.zeros((views, 3), device=device, requires_grad=True)

    @property
    def tensors(self) -> list[torch.Tensor]:
        """The optimised tensors."""
        return [self.brightness, self.tint]

    def gains(self) -> torch.Tensor:
        """(views, 3): factors of the splats' colours for each photo; geometric means are 1."""
        tint = self.tint - self.tint.mean(1, keepdim=True)
        logs = self.brightness + tint
        return torch.exp(logs - logs.mean(0, keepdim=True))

    def prior(self) -> torch.Tensor:
        """Scalar loss that holds gains near 1."""
        return _PRIOR * (self.brightness.square().mean() + self.tint.square().mean())
