"""The orthophoto as a mesh's texture: reduced by area, and carried on where it is transparent."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...contract import bug

_JPEG_QUALITY = 92


def fill_transparent(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB (h, w, 3) with transparent pixels in the colours of their surroundings, so that no edge turns black.

    Push and pull, after Gortler and others, The Lumigraph, 1996, section 3.4.2: colours are averaged upwards through
    ever smaller pictures, then the holes of each are filled from the next smaller.
    """
    transparent = rgba[..., 3] == 0
    if not transparent.any():
        return np.ascontiguousarray(rgba[..., :3])
    filled = _filled(_halved(rgba.astype(np.float32) / 255.0)) if min(rgba.shape[:2]) > 1 else np.zeros((1, 1, 3), np.float32)
    wide = cv2.resize(filled, (rgba.shape[1], rgba.shape[0]), interpolation=cv2.INTER_LINEAR)
    result = rgba[..., :3].copy()
    result[transparent] = np.clip(wide[transparent] * 255.0 + 0.5, 0, 255).astype(np.uint8)
    return result


def _halved(rgba: NDArray[np.float32]) -> NDArray[np.float32]:
    """Half as large by area, colours weighted by alpha."""
    height, width = max(1, rgba.shape[0] // 2), max(1, rgba.shape[1] // 2)
    weighted = np.concatenate([rgba[..., :3] * rgba[..., 3:], rgba[..., 3:]], axis=2)
    small = cv2.resize(weighted, (width, height), interpolation=cv2.INTER_AREA).reshape(height, width, 4)
    colours = small[..., :3] / np.maximum(small[..., 3:], 1e-6)
    return np.concatenate([colours, small[..., 3:]], axis=2).astype(np.float32, copy=False)


def _filled(rgba: NDArray[np.float32]) -> NDArray[np.float32]:
    """RGB with what has no alpha taken from the smaller picture, and partly so what has little."""
    if max(rgba.shape[:2]) == 1:
        return rgba[..., :3]
    smaller = _filled(_halved(rgba))
    wide = cv2.resize(smaller, (rgba.shape[1], rgba.shape[0]), interpolation=cv2.INTER_LINEAR).reshape(*rgba.shape[:2], 3)
    alpha = np.clip(rgba[..., 3:] * 4.0, 0.0, 1.0)
    return (rgba[..., :3] * alpha + wide * (1.0 - alpha)).astype(np.float32, copy=False)


def as_jpeg(rgb: NDArray[np.uint8]) -> bytes:
    """A JPEG file with full colour resolution: thin painted lines lose their hue without it."""
    settings = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    done, data = cv2.imencode(".jpg", np.ascontiguousarray(rgb[..., ::-1]), settings)
    if not done:
        raise bug("the texture could not be written as JPEG")
    return data.tobytes()
