"""Strokes that correct an element's mask: a canvas with picture and mask, and the strokes painted on it.

The canvas is the picture with its range reduced to between dark and light grey, and bluish outside the mask. So pure white
and pure black are always strokes, even on white cloth, and the canvas is all that must be saved.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy.types import Image
from numpy.typing import NDArray

from ...backend.grotto.contract import JobRequest, ProblemError, Result, bad_input
from ...backend.grotto.contract.recipes import ElementOptions, from_nested, to_nested
from ..importers.job_files import file_of_job
from ..importers.provenance import STROKES_OF
from ..importers.result import read_result

FOLDER = "strokes"  # in the job folder
LONGEST_PX = 2048  # longer side of the pictures that masks are computed in
DARKEST, LIGHTEST = 0.1, 0.9  # range of the picture on the canvas
OUTSIDE_COLOUR, OUTSIDE_WEIGHT = (0.25, 0.3, 0.55), 0.65  # mixed into the picture outside the mask
WHITE_FROM, BLACK_TO = 0.97, 0.03

Array = NDArray[np.float32]


def request_of(folder: Path) -> JobRequest:
    """Read the request of the job in a folder. Raises ProblemError where strokes do not apply."""
    try:
        request = JobRequest.read(folder)
    except (OSError, ProblemError) as error:
        raise bad_input(f"the request of the job in {folder} can not be read ({error})", "make the element again") from error
    if request.recipe != "element":
        raise bad_input(f"strokes are for elements, not for a {request.recipe}", "choose an element's result")
    if request.options.get("route") == "sheet":
        raise bad_input("a sheet of views is not cut out with strokes", "give its tiles alpha")
    return request


def canvas_steps(folder: Path, name: str) -> Generator[str, None, Image]:
    """Make the image to paint on, with the latest strokes, in steps. Raises ProblemError."""
    request, result = request_of(folder), read_result(folder)
    mask = result.main("mask")
    if mask is None:
        raise bad_input("the result has no mask", "make the element again")
    yield "the mask"
    inside = _pixels(file_of_job(folder, mask.path))[..., :1]
    yield "the picture"
    height, width = inside.shape[:2]
    colour = _pixels(_picture(folder, result, request), (width, height))[..., :3]
    yield "the canvas"
    tinted = (1 - OUTSIDE_WEIGHT) * colour + OUTSIDE_WEIGHT * np.array(OUTSIDE_COLOUR, np.float32)
    shown = np.ones((height, width, 4), np.float32)
    shown[..., :3] = DARKEST + (LIGHTEST - DARKEST) * (tinted + inside * (colour - tinted))
    last = str(request.options.get("cut", {}).get("cut_strokes", ""))
    if last and Path(last).is_file():
        strokes = _pixels(Path(last), (width, height), nearest=True)
        opaque = strokes[..., 3] >= 0.5
        shown[opaque & (strokes[..., :3].min(-1) >= WHITE_FROM), :3] = 1.0
        shown[opaque & (strokes[..., :3].max(-1) <= BLACK_TO), :3] = 0.0
    return _canvas(folder, name, shown)


def _canvas(folder: Path, name: str, shown: Array) -> Image:
    height, width = shown.shape[:2]
    image = canvas_of(folder)
    if image is not None and tuple(image.size) != (width, height):
        bpy.data.images.remove(image)
        image = None
    if image is None:
        image = bpy.data.images.new(name, width, height, alpha=False)
        image[STROKES_OF] = str(folder)
    image.pixels.foreach_set(shown.ravel())
    image.update()
    image.pack()  # saves it with the scene
    return image


def canvas_of(folder: Path | str) -> Image | None:
    """Return the canvas of a job, or None."""
    return next((image for image in bpy.data.images if image.get(STROKES_OF) == str(folder)), None)


def painted(image: Image) -> NDArray[np.uint8]:
    """Return the strokes, (h, w, 4), first row on top: opaque white and black, transparent elsewhere."""
    colour = _read(image)[::-1, :, :3]
    white, black = colour.min(-1) >= WHITE_FROM, colour.max(-1) <= BLACK_TO
    strokes = np.zeros((*colour.shape[:2], 4), np.uint8)
    strokes[white] = 255
    strokes[black, 3] = 255
    return strokes


def save_strokes(image: Image, folder: Path) -> Path:
    """Save the strokes to a new file in the job folder. Raises ProblemError where nothing was painted."""
    strokes = painted(image)
    if not strokes[..., 3].any():
        raise bad_input("nothing is painted yet", "paint white on the element and black on the background")
    place = folder / FOLDER
    place.mkdir(exist_ok=True)
    numbers = [int(path.stem) for path in place.glob("*.png") if path.stem.isdigit()]
    path = place / f"{max(numbers, default=0) + 1}.png"
    path.write_bytes(_png(strokes))
    return path


def with_strokes(request: JobRequest, strokes: Path) -> dict[str, Any]:
    """Return the nested options of the job with other strokes; options of an earlier release in the form of this one."""
    options = from_nested(ElementOptions, request.options)
    return to_nested(replace(options, cut=replace(options.cut, cut_strokes=str(strokes))))


def _picture(folder: Path, result: Result, request: JobRequest) -> Path:
    front = next((asset for asset in result.assets if asset.kind == "texture" and asset.role == "front"), None)
    path = file_of_job(folder, front.path) if front is not None else Path(request.input)
    if not path.is_file():
        raise bad_input(f"the picture {path} is missing", "restore it, or make the element again")
    return path


def _pixels(path: Path, size: tuple[int, int] | None = None, *, nearest: bool = False) -> Array:
    """Read a picture, (h, w, 4) 0 to 1, last row first, at this size, or with LONGEST_PX as the longer side at most."""
    image = bpy.data.images.load(str(path))
    try:
        if not image.has_data and tuple(image.size) == (0, 0):
            raise bad_input(f"Blender can not read {path.name}", "save it as PNG, and make the element again")
        width, height = image.size
        if size is None:
            scale = min(1.0, LONGEST_PX / max(width, height))
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
        if nearest:
            rows, columns = (np.arange(count) * length // count for count, length in ((size[1], height), (size[0], width)))
            return _read(image)[rows][:, columns]
        if (width, height) != size:
            image.scale(*size)
        return _read(image)
    finally:
        bpy.data.images.remove(image)


def _read(image: Image) -> Array:
    width, height = image.size
    pixels = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    return pixels.reshape(height, width, 4)


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """Encode 8-bit RGBA (PNG specification, sections 5 and 11): Blender's writer spreads colours into transparent pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width, _ = pixels.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows.tobytes(), 1)) + chunk(b"IEND", b"")
