"""Cameras and photo names of a COLMAP model, binary or text (colmap.github.io/format.html). Its points are not read."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..contract import bad_input
from .given_cameras import LENGTHS, GivenCamera, GivenLens, checked_lens, checked_transform

# model ids as in COLMAP's src/colmap/sensor/models.h
_MODELS = {
    0: "SIMPLE_PINHOLE",
    1: "PINHOLE",
    2: "SIMPLE_RADIAL",
    3: "RADIAL",
    4: "OPENCV",
    5: "OPENCV_FISHEYE",
    6: "FULL_OPENCV",
    8: "SIMPLE_RADIAL_FISHEYE",
    9: "RADIAL_FISHEYE",
}
_REMEDY = "choose a whole COLMAP model: cameras and images as .bin or .txt"

_Placed = tuple[str, int, NDArray[np.float64]]  # photo, camera id, quaternion w x y z and translation (7,)


def is_colmap_model(folder: Path) -> bool:
    """Whether the folder holds a COLMAP model's cameras and images."""
    return any((folder / f"cameras{end}").is_file() and (folder / f"images{end}").is_file() for end in (".bin", ".txt"))


def read_colmap_cameras(folder: Path) -> list[GivenCamera]:
    """The photos of a COLMAP model with their cameras, in the order of their ids.

    Raises bad input for a model that is cut short or no model, for lenses that have no such model here, and, with the
    photo's name, for numbers that are not finite.
    """
    binary = (folder / "cameras.bin").is_file() and (folder / "images.bin").is_file()
    try:
        if binary:
            lenses = dict(_binary_lenses((folder / "cameras.bin").read_bytes()))
            placed = list(_binary_images((folder / "images.bin").read_bytes()))
        else:
            lenses = dict(_text_lenses((folder / "cameras.txt").read_text(encoding="utf-8")))
            placed = list(_text_images((folder / "images.txt").read_text(encoding="utf-8")))
    except (OSError, ValueError, IndexError, KeyError, struct.error) as error:
        raise bad_input(f"the COLMAP model in {folder} cannot be read ({error})", _REMEDY) from error
    if not placed:
        raise bad_input(f"the COLMAP model in {folder} holds no photo", _REMEDY)
    cameras = []
    for photo, camera_id, numbers in placed:
        if camera_id not in lenses:
            raise bad_input(f"the COLMAP model in {folder} has no camera {camera_id}, which {photo} asks for", _REMEDY)
        lens = checked_lens(lenses[camera_id], photo)
        matrix = checked_transform(_matrix(numbers), photo)
        cameras.append(GivenCamera(photo=photo, lens=lens, angle_x=0.0, camera_from_world=matrix))
    return cameras


def _matrix(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    w, x, y, z = numbers[:4] / (np.linalg.norm(numbers[:4]) or np.nan)
    rotation = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.hstack([np.array(rotation), numbers[4:7, None]])


def _lens(model: str, width: int, height: int, params: tuple[float, ...]) -> GivenLens:
    if model not in LENGTHS:
        raise ValueError(f"its lens model {model} is not known here")
    return GivenLens(model=model, width=width, height=height, params=params)


def _binary_lenses(data: bytes) -> Iterator[tuple[int, GivenLens]]:
    (count,) = struct.unpack_from("<Q", data)
    at = 8
    for _ in range(count):
        camera_id, number, width, height = struct.unpack_from("<IiQQ", data, at)
        model = _MODELS.get(number, f"number {number}")
        length = LENGTHS.get(model, (0, 0))[1]
        params = struct.unpack_from(f"<{length}d", data, at + 24)
        at += 24 + 8 * length
        yield camera_id, _lens(model, width, height, params)


def _binary_images(data: bytes) -> Iterator[_Placed]:
    (count,) = struct.unpack_from("<Q", data)
    at = 8
    for _ in range(count):
        numbers = np.array(struct.unpack_from("<7d", data, at + 4))
        (camera_id,) = struct.unpack_from("<I", data, at + 60)
        end = data.index(b"\0", at + 64)
        photo = data[at + 64 : end].decode("utf-8")
        (points,) = struct.unpack_from("<Q", data, end + 1)
        at = end + 9 + 24 * points
        if at > len(data):
            raise ValueError("images.bin is cut short")
        yield photo, camera_id, numbers


def _text_lenses(text: str) -> Iterator[tuple[int, GivenLens]]:
    for line in text.splitlines():
        words = line.split()
        if words and not words[0].startswith("#"):
            params = tuple(float(word) for word in words[4:])
            yield int(words[0]), _lens(words[1], int(words[2]), int(words[3]), params)


def _text_images(text: str) -> Iterator[_Placed]:
    """Two lines a photo; the second, of its points, may be empty."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for line in lines[0::2]:
        words = line.split(maxsplit=9)
        if words:
            yield words[9].strip(), int(words[8]), np.array([float(word) for word in words[1:8]])
