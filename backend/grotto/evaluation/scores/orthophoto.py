"""An orthophoto against the true painting: shifts of patches, and PSNR."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...contract import bad_input
from ...formats import read_ortho_reduced
from ...metrics import Similarity, patch_shift
from ...ortho import Orthophoto
from ...synthetic import WallTruth
from .heights import surface_y

Array32 = NDArray[np.float32]

PATCH = 64  # pixels of the true orthophoto
MOST_PATCHES = 1500
LEAST_TEXTURE = 5.0  # grey levels: flatter patches do not say where they are


@dataclass(frozen=True, kw_only=True)
class OrthoScore:
    """Shifts of patches between the job's orthophoto, seen through the cameras' similarity, and the true one."""

    patches: int
    lost_patches: int  # textured, yet nothing like the truth within reach
    shift_median_mm: float
    shift_rmse_mm: float
    shift_p95_mm: float
    psnr_db: float  # of sRGB levels after one gain and offset per channel


def score_orthophoto(orthophoto: Orthophoto, similarity: Similarity, truth: WallTruth) -> OrthoScore:
    """Compare the orthophoto with the truth on textured patches spread over it.

    Each pixel of a true patch is looked up where the job must show it: its point on the true wall, taken into the job's
    frame. Nothing but the similarity is removed. Raises bad input where the two do not meet.
    """
    true_picture = truth.read_orthophoto()
    picture = _Lookup(orthophoto, similarity, truth)
    true_patches, patches = [], []
    for top, left in _corners(true_picture.shape[0], true_picture.shape[1]):
        patch, seen = picture.patch(top, left)
        if seen:
            true_patches.append(true_picture[top : top + PATCH, left : left + PATCH].astype(np.float32))
            patches.append(patch)
        if len(patches) == MOST_PATCHES:
            break
    if not patches:
        raise bad_input("the orthophoto shows nothing of the true wall", "compare a job with the wall that it was made from")
    true_all, all_patches = np.array(true_patches), np.array(patches)
    shifts: list[float] = []
    lost = 0
    for true_patch, patch in zip(true_all, all_patches, strict=True):
        template, grey = _grey(true_patch), _grey(patch)
        if template.std() < LEAST_TEXTURE:
            continue
        shift = patch_shift(template, grey)
        if shift is None:
            lost += 1
        else:
            shifts.append(truth.orthophoto.pixel * truth.mm_per_unit * float(np.hypot(*shift)))
    if not shifts:
        raise bad_input("no patch of the orthophoto can be recognised", "compare a job with the wall that it was made from")
    values = np.array(shifts)
    return OrthoScore(
        patches=len(values),
        lost_patches=lost,
        shift_median_mm=float(np.median(values)),
        shift_rmse_mm=float(np.sqrt(np.mean(values**2))),
        shift_p95_mm=float(np.percentile(values, 95)),
        psnr_db=_psnr(true_all.reshape(-1, 3), all_patches.reshape(-1, 3)),
    )


class _Lookup:
    """The job's orthophoto at places of the true one."""

    def __init__(self, orthophoto: Orthophoto, similarity: Similarity, truth: WallTruth) -> None:
        self._similarity, self._truth = similarity, truth
        self._wall = truth.read_wall()
        # One level of its pyramid whose pixels are no finer than the truth's: nothing is lost, and nothing flickers.
        fine = truth.orthophoto.pixel / (orthophoto.pixel * similarity.scale)
        factor = max(1.0, fine)
        width, height = max(1, round(orthophoto.width / factor)), max(1, round(orthophoto.height / factor))
        self._pixels = read_ortho_reduced(orthophoto.folder / orthophoto.file, width, height)
        self._x_min, self._z_max = orthophoto.x_min, orthophoto.z_max
        self._pixel_x = orthophoto.pixel * orthophoto.width / width
        self._pixel_z = orthophoto.pixel * orthophoto.height / height

    def patch(self, top: int, left: int) -> tuple[Array32, bool]:
        """Return the patch (PATCH, PATCH, 3) that should equal the truth's at (left, top), and whether all of it was seen."""
        ortho = self._truth.orthophoto
        columns, rows = np.meshgrid(left + np.arange(PATCH) + 0.5, top + np.arange(PATCH) + 0.5)
        x, z = ortho.x_min + ortho.pixel * columns, ortho.z_max - ortho.pixel * rows
        points = self._similarity.backward(np.stack([x, surface_y(*self._wall, x, z), z], axis=-1))
        u = (points[..., 0] - self._x_min) / self._pixel_x - 0.5
        v = (self._z_max - points[..., 2]) / self._pixel_z - 0.5
        first_u, first_v = max(0, int(np.floor(u.min())) - 1), max(0, int(np.floor(v.min())) - 1)
        part = self._pixels[first_v : max(0, int(v.max()) + 3), first_u : max(0, int(u.max()) + 3)]
        if part.size == 0:
            return np.zeros((PATCH, PATCH, 3), np.float32), False
        maps = (u - first_u).astype(np.float32), (v - first_v).astype(np.float32)
        rgba = np.asarray(cv2.remap(part.astype(np.float32), *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT), np.float32)
        return rgba[..., :3], bool((rgba[..., 3] > 254).all())


def _corners(height: int, width: int) -> list[tuple[int, int]]:
    """List the top left corners of patches that tile the picture, in a random order that is always the same."""
    corners = [(top, left) for top in range(0, height - PATCH, PATCH) for left in range(0, width - PATCH, PATCH)]
    return [corners[k] for k in np.random.default_rng(0).permutation(len(corners))]


def _grey(patch: Array32) -> Array32:
    return np.asarray(cv2.GaussianBlur(patch.mean(-1), (0, 0), 0.8), dtype=np.float32)


def _psnr(true: Array32, found: Array32) -> float:
    """PSNR in dB of levels (n, 3) 0 to 255, the best gain and offset of each channel applied."""
    squares = []
    for channel in range(3):
        a, b = found[:, channel].astype(np.float64), true[:, channel].astype(np.float64)
        spread = float(((a - a.mean()) ** 2).mean())
        gain = float(((a - a.mean()) * (b - b.mean())).mean()) / spread if spread > 0 else 0.0
        squares.append(((gain * (a - a.mean()) + b.mean() - b) ** 2).mean())
    return float(10 * np.log10(255.0**2 / max(float(np.mean(squares)), 1e-12)))
