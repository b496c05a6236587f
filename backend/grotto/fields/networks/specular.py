"""Colour in two parts: diffuse, which looks the same from everywhere, and specular, which a small network makes of features
and the direction seen from (NeRF2Mesh: Tang 2023, section 3.1, equations 2-4)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

FEATURES = 3  # specular features a point


class SpecularHead(nn.Module):
    """From features (n, 3) and unit directions (n, 3) to specular colour (n, 3), 0 to 1; 32 hidden units (nerf2mesh)."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(FEATURES + 3, width), nn.ReLU(), nn.Linear(width, 3))

    def forward(self, features: Tensor, directions: Tensor) -> Tensor:
        return torch.sigmoid(self.layers(torch.cat([features, directions], dim=1)))
