"""The engine of alignment in torch: all patches of a pair at once, on the device that is given.

It follows OpenCV's calcOpticalFlowPyrLK on one level: Scharr's derivatives, window, stops and flags are the same. The steps
of OpenCV's integers (1/32 of a grey level, 1/32 px in warps) are left out, so results differ by some thousandths of a pixel.
Nothing here is a convolution or a product of matrices, which GPUs may round to ten bits.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import grid_sample

from .alignment import CALM, LEAST_EIGENVALUE, LEAST_MOVE, MIDDLE, MOST_ITERATIONS, STEPS_OF_CONTRAST, WEAK, WINDOW

HALF = (WINDOW - 1) / 2
BATCH = 8192  # patches at once: 50 MB of windows
BAND_PIXELS = 2_000_000  # warped at once
SWING = 0.01  # px: a step that undoes the one before to within this ends the search halfway
OPENCV_UNIT = 1.0 / 1024.0  # of sums of squared gradients in grey levels


class TorchAlignment:
    """The engine on a device of torch."""

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def flatten(self, picture: NDArray[np.uint8], finer: float) -> torch.Tensor:
        grey = torch.from_numpy(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)).to(self.device).float()
        if finer > 1:
            grey = blurred(grey, 0.5 * float(np.sqrt(finer**2 - 1)))
        detail = grey - blurred(grey, CALM * finer)
        return detail / (blurred(detail * detail, CALM * finer).sqrt() + WEAK)

    def shape(self, flat: torch.Tensor) -> tuple[int, int]:
        return flat.shape[0], flat.shape[1]

    def warp(self, flat: torch.Tensor, matrix: NDArray[np.float64], shape: tuple[int, int]) -> torch.Tensor:
        rows, columns = shape
        source_from_px = np.asarray(np.linalg.inv(matrix), np.float64)
        band = max(1, BAND_PIXELS // columns)
        return torch.cat(
            [_warped_rows(flat, source_from_px, first, min(first + band, rows), columns) for first in range(0, rows, band)]
        )

    def track(
        self, reference: torch.Tensor, other: torch.Tensor, start: NDArray[np.float64], expected: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        one, two = as_byte(reference), as_byte(other)
        across, down = scharr(one)
        places = [torch.from_numpy(np.float32(each)).to(self.device) for each in (start, expected)]
        moved, found = [], []
        for first in range(0, len(start), BATCH):
            begin, goal = (each[first : first + BATCH] for each in places)
            place, ok = _tracked((one, across, down), two, begin - HALF, goal - HALF)
            moved.append(place + HALF)
            found.append(ok)
        if not moved:
            return np.zeros((0, 2)), np.zeros(0, bool)
        return torch.cat(moved).cpu().numpy().astype(np.float64), torch.cat(found).cpu().numpy()


def as_byte(flat: torch.Tensor) -> torch.Tensor:
    """Grey levels 0 to 255, whole, as the engine of the CPU tracks them."""
    return (flat * STEPS_OF_CONTRAST + MIDDLE).clamp(0.0, 255.0).floor()


def blurred(grey: torch.Tensor, sigma: float) -> torch.Tensor:
    """(h, w) after a Gaussian of `sigma` px, mirrored at the border: as `cv2.GaussianBlur` without a size."""
    radius = (round(sigma * 8 + 1) | 1) // 2
    weights = np.exp(-0.5 * (np.arange(radius + 1) / sigma) ** 2)
    weights /= weights[0] + 2 * weights[1:].sum()
    for axis in (0, 1):
        size = grey.shape[axis]
        padded = grey.index_select(axis, mirrored(torch.arange(-radius, size + radius, device=grey.device), size))
        grey = padded.narrow(axis, radius, size) * float(weights[0])
        for offset in range(1, radius + 1):
            pair = padded.narrow(axis, radius - offset, size) + padded.narrow(axis, radius + offset, size)
            grey.add_(pair, alpha=float(weights[offset]))
    return grey


def scharr(grey: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Derivatives (h, w) across and down, in grey levels a pixel."""
    rows, columns = grey.shape
    padded = grey
    for axis, size in enumerate((rows, columns)):
        padded = padded.index_select(axis, mirrored(torch.arange(-1, size + 1, device=grey.device), size))
    smooth_down = 3 * (padded[:-2] + padded[2:]) + 10 * padded[1:-1]
    smooth_across = 3 * (padded[:, :-2] + padded[:, 2:]) + 10 * padded[:, 1:-1]
    return (smooth_down[:, 2:] - smooth_down[:, :-2]) / 32, (smooth_across[2:] - smooth_across[:-2]) / 32


def mirrored(index: torch.Tensor, size: int) -> torch.Tensor:
    """Whole places beyond 0 to size - 1, mirrored about the outermost pixels' centres."""
    period = max(2 * (size - 1), 1)
    folded = index.abs() % period
    return torch.minimum(folded, period - folded).clamp(max=size - 1)


def _warped_rows(flat: torch.Tensor, source_from_px: NDArray[np.float64], first: int, last: int, columns: int) -> torch.Tensor:
    """Rows `first` to `last` of a photo in the pixels of another."""
    # In doubles: a pixel's place among thousands is wanted to a thousandth
    x = torch.arange(columns, device=flat.device, dtype=torch.float64)[None, :]
    y = torch.arange(first, last, device=flat.device, dtype=torch.float64)[:, None]
    across, down, scale = (row[0] * x + row[1] * y + row[2] for row in source_from_px.tolist())
    sizes = [max(size - 1, 1) for size in flat.shape]
    grid = torch.stack([2 * across / scale / sizes[1] - 1, 2 * down / scale / sizes[0] - 1], dim=-1)
    grid = grid.nan_to_num(nan=-3.0, posinf=3.0, neginf=-3.0).clamp(-3.0, 3.0).float()
    return grid_sample(flat[None, None], grid[None], mode="bicubic", padding_mode="zeros", align_corners=True)[0, 0]


def _tracked(
    reference: tuple[torch.Tensor, torch.Tensor, torch.Tensor], other: torch.Tensor, start: torch.Tensor, expected: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Upper left corners (k, 2) px of the windows in `other`, and which were found. `reference`: grey and its derivatives."""
    patch = _windows(reference[0], start, mirror=True)
    across, down = (_windows(each, start, mirror=False) for each in reference[1:])
    xx, yy, xy = (_total(a, b) * OPENCV_UNIT for a, b in ((across, across), (down, down), (across, down)))
    least = (xx + yy - ((xx - yy) ** 2 + 4 * xy**2).sqrt()) / (2 * WINDOW**2)
    determinant = xx * yy - xy**2
    found = _is_near(start, reference[0]) & (least >= LEAST_EIGENVALUE) & (determinant >= torch.finfo(torch.float32).eps)
    place, before = expected.clone(), torch.zeros_like(expected)
    active = found.nonzero()[:, 0]
    for iteration in range(MOST_ITERATIONS):
        near = _is_near(place[active], other)
        found[active[~near]] = False
        active = active[near]
        if not len(active):
            break
        apart = _windows(other, place[active], mirror=True) - patch[active]
        along, along_down = (_total(apart, each[active]) * OPENCV_UNIT for each in (across, down))
        a, b, c, d = xx[active], xy[active], yy[active], determinant[active]
        step = torch.stack([(b * along_down - c * along) / d, (b * along - a * along_down) / d], dim=1)
        place[active] += step
        arrived = (step**2).sum(dim=1) <= LEAST_MOVE**2
        swings = ((step + before[active]).abs() < SWING).all(dim=1) & ~arrived & (iteration > 0)
        place[active[swings]] -= 0.5 * step[swings]
        before[active] = step
        active = active[~(arrived | swings)]
    return place, found & _is_near(place, other)


def _total(one: torch.Tensor, two: torch.Tensor) -> torch.Tensor:
    return (one * two).sum(dim=(1, 2))


def _is_near(corner: torch.Tensor, picture: torch.Tensor) -> torch.Tensor:
    """Whether windows with these upper left corners touch the picture."""
    whole = corner.floor()
    rows, columns = picture.shape
    return (whole >= -WINDOW).all(dim=1) & (whole[:, 0] < columns) & (whole[:, 1] < rows)


def _windows(picture: torch.Tensor, corner: torch.Tensor, mirror: bool) -> torch.Tensor:
    """Windows (k, WINDOW, WINDOW) at corners (k, 2) px, bilinear; beyond the border mirrored or 0."""
    whole = corner.floor()
    part = (corner - whole)[..., None, None]
    height, width = picture.shape
    outside = 2.0 * WINDOW  # places far out are alike, and not found
    first = whole.nan_to_num(nan=-outside).clamp(-outside, max(height, width) + outside).long()
    index = first[:, :, None] + torch.arange(WINDOW + 1, device=picture.device)
    columns, rows = index[:, 0], index[:, 1]
    pixels = picture[mirrored(rows, height)[:, :, None], mirrored(columns, width)[:, None, :]]
    if not mirror:
        within = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[:, None, :]
        pixels = pixels * within
    across = pixels[:, :, :-1] + part[:, 0] * (pixels[:, :, 1:] - pixels[:, :, :-1])
    return across[:, :-1] + part[:, 1] * (across[:, 1:] - across[:, :-1])
