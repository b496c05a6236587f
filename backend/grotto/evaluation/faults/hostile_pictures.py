"""Hostile pictures and sets, made by hand: small files that decode to gigabytes, broken ones, pipes, documents that reach out."""

from __future__ import annotations

import json
import os
import socket
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

_ROWS = 1000  # that are compressed at once


def write_flat_png(path: Path, width: int, height: int) -> Path:
    """A whole and valid black PNG of 1 bit a pixel, made without making its pixels; 60000 x 60000 has 437 kB."""
    row = 1 + (width + 7) // 8  # a filter byte first
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(row * _ROWS)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = packer.compress(bytes(row * (height % _ROWS))) + packer.flush()
    checksum = (row * height % 65521) << 16 | 1  # Adler-32 of zeros
    content = b"\x78\xda" + block * (height // _ROWS) + rest + struct.pack(">I", checksum)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", content) + _chunk(b"IEND", b""))
    return path


def write_photo(path: Path, seed: int, width: int = 600, height: int = 400) -> Path:
    """A photo of noise, which is as sharp as another of another seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 256, (height // 8, width // 8, 3), np.uint8)
    Image.fromarray(noise).resize((width, height), Image.Resampling.NEAREST).save(path)
    return path


def write_broken_avif(path: Path) -> Path:
    """An AVIF whose header can be read and whose pixels cannot."""
    write_photo(path, 9)
    data = bytearray(path.read_bytes())
    at = data.index(b"mdat") + 4
    data[at:] = bytes(255 - byte for byte in data[at:])
    path.write_bytes(data)
    return path


def add_endless(folder: Path) -> list[str]:
    """Put pipes, devices, a socket and a kernel's file behind links into a folder; their names."""
    os.mkfifo(folder / "pipe.jpg")
    os.mkfifo(folder / "notes")
    (folder / "zero.jpg").symlink_to("/dev/zero")
    (folder / "kernel.jpg").symlink_to("/proc/kmsg")
    with socket.socket(socket.AF_UNIX) as held:
        held.bind(os.path.relpath(folder / "socket.jpg"))
    return ["pipe.jpg", "notes", "zero.jpg", "kernel.jpg", "socket.jpg"]


def write_document(folder: Path, photos: list[str]) -> Path:
    """A transforms.json that names these photos, each with a camera of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    frames = []
    for number, photo in enumerate(photos):
        matrix = np.eye(4)
        matrix[:3, 3] = (0.3 * number, 0.0, 3.0)
        frames.append({"file_path": photo, "transform_matrix": matrix.tolist()})
    document = {"fl_x": 600, "fl_y": 600, "w": 600, "h": 400, "cx": 300, "cy": 200, "frames": frames}
    (folder / "transforms.json").write_text(json.dumps(document), encoding="utf-8")
    return folder / "transforms.json"


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
