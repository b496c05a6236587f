"""Matches of two pictures by LightGlue, from ALIKED's points."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from ...contract import bad_input
from ..matching import MatchPoints, ScoredMatches

LIGHTGLUE_THRESHOLD = 0.1  # least score of a match, as published; built with it


def lightglue_matches(network: nn.Module, first: MatchPoints, second: MatchPoints) -> ScoredMatches:
    """Match the points of two pictures: rows (m, 2) in the order of the first picture's points, and their scores.

    Raises bad input where the points are not ALIKED's.
    """
    if {first.detector, second.detector} != {"aliked"}:
        raise bad_input("LightGlue's weights belong to points of ALIKED", "find the points with ALIKED")
    if not len(first) or not len(second):
        return ScoredMatches(np.zeros((0, 2), np.int64), np.zeros(0, np.float32))
    device = next(network.parameters()).device
    with torch.inference_mode():
        found = network({"image0": _as_kornia_has(first, device), "image1": _as_kornia_has(second, device)})
    return ScoredMatches(found["matches"][0].cpu().numpy().astype(np.int64), found["scores"][0].float().cpu().numpy())


def _as_kornia_has(points: MatchPoints, device: torch.device) -> dict[str, torch.Tensor]:
    """Places as the network was trained on: the middle of the first pixel is (0, 0)."""
    return {
        "keypoints": torch.from_numpy(points.place - np.float32(0.5))[None].to(device),
        "descriptors": torch.from_numpy(points.descriptors)[None].to(device),
        "image_size": torch.tensor([[points.width, points.height]], dtype=torch.float32, device=device),
    }
