"""Segment by a relaxed graph cut: the contour of least weighted length, given log odds for each pixel."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Array32 = NDArray[np.float32]

_FLOOR = 0.03  # what a contour costs along the strongest edge, of what it costs on flat colour
_STEP = 0.35  # of both updates: their product times 8, the bound of the squared gradient, stays below 1


def contour_cost(lab: Array32, blur_px: float = 0.7) -> tuple[Array32, Array32]:
    """Weights (h, w) of a contour between each pixel and its right, and its lower, neighbour: low along edges and ink lines.

    lab: (h, w, 3). blur_px: sigma that removes noise, and fine edges with it; 0 places the contour to the pixel. An exponential
    of the squared colour step over its mean (Boykov and Jolly 2001).
    """
    smooth = cv2.GaussianBlur(lab, (0, 0), blur_px) if blur_px > 0 else lab
    across = ((smooth[:, 1:] - smooth[:, :-1]) ** 2).sum(axis=2)
    down = ((smooth[1:] - smooth[:-1]) ** 2).sum(axis=2)
    mean = max(float(np.concatenate([across.ravel(), down.ravel(), np.zeros(1, np.float32)]).mean()), 1e-6)
    right, lower = np.zeros(lab.shape[:2], np.float32), np.zeros(lab.shape[:2], np.float32)
    right[:, :-1] = _FLOOR + (1 - _FLOOR) * np.exp(-across / (2 * mean))
    lower[:-1] = _FLOOR + (1 - _FLOOR) * np.exp(-down / (2 * mean))
    return right, lower


def minimal_contour(unary: Array32, cost: tuple[Array32, Array32], start: Array32 | None, steps: int) -> Array32:
    """u (h, w) in 0..1 that minimises sum(cost * |differences of u|) + sum(unary * u); the cut is u >= 0.5.

    unary: (h, w), negative where a pixel is more likely inside. Primal-dual algorithm 1 of Chambolle and Pock 2011 on the relaxed
    cut of Chan, Esedoglu and Nikolova 2006.
    """
    right, lower = cost
    left, upper = -right, -lower
    u = (unary < 0).astype(np.float32) if start is None else start.copy()
    ahead = u.copy()
    flow_right, flow_down, divergence = np.zeros_like(u), np.zeros_like(u), np.zeros_like(u)
    step = np.float32(_STEP)
    for _ in range(steps):
        flow_right[:, :-1] += step * (ahead[:, 1:] - ahead[:, :-1])
        flow_down[:-1] += step * (ahead[1:] - ahead[:-1])
        np.maximum(np.minimum(flow_right, right, out=flow_right), left, out=flow_right)
        np.maximum(np.minimum(flow_down, lower, out=flow_down), upper, out=flow_down)
        np.add(flow_right, flow_down, out=divergence)
        divergence[:, 1:] -= flow_right[:, :-1]
        divergence[1:] -= flow_down[:-1]
        divergence -= unary
        following = np.clip(u + step * divergence, 0, 1)
        ahead = 2 * following - u
        u = following
    return u
