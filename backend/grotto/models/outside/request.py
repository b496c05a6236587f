"""The request to an outside model: the element cut out, centred in a square, and a JSON file that names it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...contract import bad_input
from ..registry import Connection

PROTOCOL = 1
REQUEST, PICTURE, RESULT = "request.json", "picture.png", "result.json"
_PART = 0.85  # of the square's side that the element's longer side takes, as in the training of TripoSR and InstantMesh
_MOST_PX = 1024  # of the square; the models look at 224 to 1024 px


@dataclass(frozen=True, kw_only=True)
class OutsideSettings:
    """Settings of a request."""

    seed: int = 0
    texture_px: int = 2048
    device: str = "auto"  # "cuda", "cpu", or whichever there is


def centred(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(side, side, 4) the element of an RGBA picture (h, w, 4), straight, in a square that it fills to 85 %; clear around it.

    Raises bad input where nothing is opaque.
    """
    alpha = picture[..., 3] > 0.5
    if not alpha.any():
        raise bad_input("the cut-out shows nothing", "correct it with strokes")
    rows, columns = np.flatnonzero(alpha.any(1)), np.flatnonzero(alpha.any(0))
    found = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)
    held = np.dstack([found[..., :3] * found[..., 3:], found[..., 3]])  # so that no colour of the ground bleeds in
    side = min(_MOST_PX, round(max(found.shape[:2]) / _PART))
    scale = _PART * side / max(found.shape[:2])
    width, height = (max(1, round(scale * length)) for length in (found.shape[1], found.shape[0]))
    held = np.asarray(cv2.resize(held, (width, height), interpolation=cv2.INTER_AREA), np.float32).reshape(height, width, 4)
    square = np.zeros((side, side, 4), np.float32)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = held
    square[..., :3] /= np.maximum(square[..., 3:], 1e-6)
    return (np.clip(square, 0, 1) * 255 + 0.5).astype(np.uint8)


def write_request(picture: NDArray[np.float32], connection: Connection, settings: OutsideSettings, folder: Path) -> Path:
    """Put picture and request into `folder`, where the model's results will lie, too; the request's path."""
    Image.fromarray(centred(picture), "RGBA").save(folder / PICTURE)
    request = {
        "protocol": PROTOCOL, "model": connection.name, "checkout": connection.folder, "weights": connection.weights,
        "picture": str((folder / PICTURE).absolute()), "out": str(folder.absolute()), "seed": settings.seed,
        "texture_px": settings.texture_px, "device": settings.device,
    }  # fmt: skip
    path = folder / REQUEST
    path.write_text(json.dumps(request, indent=1), encoding="utf-8")
    return path
