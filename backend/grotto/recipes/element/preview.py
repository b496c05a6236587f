"""Sizes of the previews of an element, and how it compares with its picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...contract import Progress
from ...formats import TexturedMesh
from ...metrics import psnr, ssim
from ...relief.body import Placement
from ...render.mesh import render_parts, turntable_strip
from ...scene import picture_camera, picture_over_white, write_picture

PREVIEW = "preview.png"
PREVIEW_PX, LAYERS_PX = 480, 400  # side of one view of the strip
INPUT_PX = 512  # side of the square in which the result is compared with the picture, as in paper 000's table 1


def write_preview(parts: Sequence[TexturedMesh], folder: Path, report: Progress) -> None:
    """Write the strip of views around an element, and show it."""
    report(0.85, "rendering the preview")
    write_picture(folder / PREVIEW, turntable_strip(parts, PREVIEW_PX))
    report.preview(folder / PREVIEW)


def input_view_scores(
    parts: Sequence[TexturedMesh], colour: NDArray[np.float32], alpha: NDArray[np.float32], placement: Placement
) -> tuple[float, float]:
    """PSNR in dB and SSIM of an element seen as its picture sees it, unlit, against that picture; both in a white square.

    colour: (h, w, 3) the whole picture; alpha: (h, w) what of it the element shows.
    """
    size, origin_px = (alpha.shape[1], alpha.shape[0]), (placement.left_px, placement.bottom_px)
    camera = picture_camera(size, placement.scale_px_per_m, origin_px, INPUT_PX)
    truth = picture_over_white(colour, alpha, INPUT_PX)
    seen = np.clip(render_parts(parts, camera, samples=3).over(1.0), 0, 1).astype(np.float32)
    return psnr(seen, truth), float(ssim(seen, truth))
