"""Pictures made on the spot, for all tests of the photos."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Paint = Callable[..., NDArray[np.uint8]]
Save = Callable[..., Path]


@pytest.fixture
def paint() -> Paint:
    """A picture of coloured blocks with sharp edges, different for every seed: (h, w, 3) uint8."""

    def painted(seed: int = 0, width: int = 320, height: int = 240) -> NDArray[np.uint8]:
        random = np.random.default_rng(seed)
        picture = Image.new("RGB", (width, height), (120, 100, 90))
        draw = ImageDraw.Draw(picture)
        for _ in range(300):
            x, y = random.uniform(0, width), random.uniform(0, height)
            w, h = random.uniform(4, 40, 2)
            draw.rectangle((x, y, x + w, y + h), fill=tuple(int(value) for value in random.integers(20, 236, 3)))
        return np.asarray(picture)

    return painted


@pytest.fixture
def save(tmp_path: Path, paint: Paint) -> Save:
    """Saves pixels or a Pillow picture below the test's folder `capture`; without a picture it paints one."""

    def saved(name: str, picture: Any = None, seed: int = 0, **settings: Any) -> Path:
        path = tmp_path / "capture" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if picture is None:
            picture = paint(seed)
        if not isinstance(picture, Image.Image):
            picture = Image.fromarray(picture)
        picture.save(path, **settings)
        return path

    return saved


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    folder = tmp_path / "capture"
    folder.mkdir(exist_ok=True)
    return folder


def matrix_profile(xyz_of_primaries: NDArray[np.float64], gamma: float) -> bytes:
    """A version 2 ICC display profile: columns of the matrix are the primaries in XYZ relative to D50."""

    def fixed(values: NDArray[np.float64]) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(float(value) * 65536)) for value in values)

    text = b"made for a test\0"
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(80),
        b"cprt": b"text\0\0\0\0" + text,
        b"wtpt": fixed(np.array([0.9642, 1.0, 0.8249])),
        **{name + b"XYZ": fixed(xyz_of_primaries[:, i]) for i, name in enumerate((b"r", b"g", b"b"))},
        **{name + b"TRC": curve for name in (b"r", b"g", b"b")},
    }
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = struct.pack(">I4sI4s4s4s", start + len(body), b"none", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    header += b"".join(struct.pack(">i", round(value * 65536)) for value in (0.9642, 1.0, 0.8249))
    return header.ljust(128, b"\0") + table + body


# Primaries of the two spaces in XYZ, adapted to D50 (the values of their published profiles).
P3_XYZ = np.array([[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]])
ADOBE_XYZ = np.array([[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]])
SRGB_XYZ = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])


@pytest.fixture
def display_p3() -> bytes:
    return matrix_profile(P3_XYZ, 2.2)


@pytest.fixture
def adobe_rgb() -> bytes:
    return matrix_profile(ADOBE_XYZ, 563 / 256)


@pytest.fixture
def in_wide_colours() -> Callable[[NDArray[np.uint8], str], NDArray[np.uint8]]:
    """sRGB pixels as they are written in Display P3 (gamma 2.2) or Adobe RGB: the closed form."""

    def converted(pixels: NDArray[np.uint8], space: str) -> NDArray[np.uint8]:
        matrix, gamma = {"display_p3": (P3_XYZ, 2.2), "adobe_rgb": (ADOBE_XYZ, 563 / 256)}[space]
        coded = pixels / 255
        linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
        wide = linear @ (np.linalg.inv(matrix) @ SRGB_XYZ).T
        return np.rint(255 * wide.clip(0, 1) ** (1 / gamma)).astype(np.uint8)

    return converted
