"""Cameras and photo names of a COLMAP model, binary or text (colmap.github.io/format.html). Its points are not read.

Text files of other programs are read with a byte order mark, with blank lines anywhere, and without the lines of points.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ..contract import ProblemError, bad_input, malformed_as_bad_input, plain_line
from .given_cameras import GivenCamera, checked_transform
from .given_lens import LENGTHS, GivenLens, checked_lens
from .photo_names import checked_name, refuse_too_many

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

_LONGEST_LINE = 4 * 2**20  # more than 100,000 points
_Row = TypeVar("_Row")
_Placed = tuple[str, int, NDArray[np.float64]]  # photo, camera id, quaternion w x y z and translation (7,)


def is_colmap_model(folder: Path) -> bool:
    """Whether the folder holds a COLMAP model's cameras and images."""
    return any((folder / f"cameras{end}").is_file() and (folder / f"images{end}").is_file() for end in (".bin", ".txt"))


def read_colmap_cameras(folder: Path) -> list[GivenCamera]:
    """The photos of a COLMAP model with their cameras, in the order of their ids.

    Raises bad input for a model that is cut short or no model, for lenses that have no such model here, and, with the
    photo's name, for numbers that are not finite.
    """
    with malformed_as_bad_input(f"the COLMAP model in {folder} cannot be read", _REMEDY):
        lenses, placed = _parsed(folder)
    if not placed:
        raise bad_input(f"the COLMAP model in {folder} holds no photo", _REMEDY)
    cameras = []
    for photo, camera_id, numbers in placed:
        if camera_id not in lenses:
            raise bad_input(f"the COLMAP model in {folder} has no camera {camera_id}, which {photo} asks for", _REMEDY)
        lens = checked_lens(lenses[camera_id], photo)
        with malformed_as_bad_input(f"the camera of {plain_line(photo)} cannot be read", _REMEDY):
            matrix = checked_transform(_matrix(numbers), photo)
        cameras.append(GivenCamera(photo=photo, lens=lens, camera_from_world=matrix))
    return cameras


def _parsed(folder: Path) -> tuple[dict[int, GivenLens], list[_Placed]]:
    binary = (folder / "cameras.bin").is_file() and (folder / "images.bin").is_file()
    try:
        if binary:
            lenses = _limited(_binary_lenses((folder / "cameras.bin").read_bytes()))
            placed = _limited(_binary_images((folder / "images.bin").read_bytes()))
        else:
            with (folder / "cameras.txt").open(encoding="utf-8-sig") as file:
                lenses = _limited(_text_lenses(file))
            with (folder / "images.txt").open(encoding="utf-8-sig") as file:
                placed = _limited(_text_images(file))
    except OSError as error:
        raise bad_input(f"the COLMAP model in {folder} cannot be read ({error})", _REMEDY) from error
    return dict(lenses), placed


def _limited(rows: Iterator[_Row]) -> list[_Row]:
    """All rows. Raises ValueError for more than a document may have."""
    found: list[_Row] = []
    for row in rows:
        found.append(row)
        refuse_too_many(len(found))
    return found


def _matrix(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    length = float(np.linalg.norm(numbers[:4]))
    if not 0.0 < length < np.inf:  # not a number is neither
        raise ValueError("its rotation is not finite, or none (NaN)")
    w, x, y, z = numbers[:4] / length
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
        yield checked_name(photo, "a photo"), camera_id, numbers


def _lines(text: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Lines that hold something, with their numbers; comments are none."""
    for number, line in enumerate(text, start=1):
        if len(line) > _LONGEST_LINE:
            raise ValueError(f"line {number} is longer than that of a photo or its points can be")
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line.rstrip("\r\n")


def _text_lenses(text: Iterable[str]) -> Iterator[tuple[int, GivenLens]]:
    for number, line in _lines(text):
        words = line.split()
        try:
            params = tuple(float(word) for word in words[4:])
            lens = int(words[0]), _lens(words[1], int(words[2]), int(words[3]), params)
        except (ValueError, IndexError) as error:
            raise _no_line("cameras.txt", number, line, f"no camera: {error}") from error
        yield lens


def _text_images(text: Iterable[str]) -> Iterator[_Placed]:
    """The photos' lines; the lines of their points, which some programs leave out, are passed over."""
    before = False
    for number, line in _lines(text):
        placed = None if _is_points(line) else _placed(line)
        if placed is not None:
            checked_name(placed[0], "a photo")
            yield placed
        elif not before or not _is_points(line):
            raise _no_line("images.txt", number, line, "neither a photo nor its points")
        before = True


def _placed(line: str) -> _Placed | None:
    """The photo of its line; None where the line is none. A name may hold blanks, at its beginning and end, too."""
    fields = re.match(r"\s*((?:\S+\s+){8}\S+)\s(.*)", line)
    if fields is None or not fields[2].strip():
        return None
    words = fields[1].split()
    try:
        int(words[0])
        return fields[2], int(words[8]), np.array([float(word) for word in words[1:8]])
    except ValueError:
        return None


def _is_points(line: str) -> bool:
    """Whether a line holds triples of x, y and the whole number of a point, and nothing else."""
    words = line.split()
    try:
        [float(word) for word in words]
        [int(word) for word in words[2::3]]
    except ValueError:
        return False
    return len(words) % 3 == 0


def _no_line(file: str, number: int, line: str, what: str) -> ValueError:
    comma = re.search(r"\d,\d", line)
    why = f"{what}; its decimals have commas, where COLMAP has points" if comma else what
    return ValueError(f"line {number} of {file} is {why}: {line.strip()[:60]}")


def remarks_on_colmap(folder: Path) -> list[str]:
    """What lies in or beside the model's folder and is not used, in sentences for the user."""
    said = []
    if all((folder / f"cameras{end}").is_file() for end in (".bin", ".txt")) and (folder / "images.txt").is_file():
        said.append("the model is there as .bin and as .txt: the .bin files are used")
    if any((folder / f"points3D{end}").is_file() for end in (".bin", ".txt")):
        said.append("the model's own points are not used: points are found anew from the photos")
    if folder.name.isdecimal():
        siblings = (other for other in sorted(folder.parent.iterdir()) if other.name != folder.name and other.name.isdecimal())
        others = ", ".join(f"{other.name} ({_photos_in(other)})" for other in siblings if is_colmap_model(other))
        if others:
            said.append(
                f"{folder.parent.name} holds more models, which are not used: {others}; choose a model's own folder to use it"
            )
    return said


def _photos_in(model: Path) -> str:
    try:
        return f"{len(read_colmap_cameras(model))} photos"
    except ProblemError:  # of a model that is not used
        return "cannot be read"
