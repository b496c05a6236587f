"""Documents of cameras: small sound ones, and those that ask for much."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np

from ....formats import (
    PhotoCamera,
    read_colmap_cameras,
    read_foreign_transforms,
    read_transforms,
    remarks_on_colmap,
    remarks_on_transforms,
    write_transforms,
)
from .mutations import change_bytes, change_json, change_text
from .reader import Reader, one_file

JSON_CHANGES = (change_json, change_json, change_text, change_bytes)


def json_bombs(_data: bytes) -> list[bytes]:
    """Brackets, depth, and a top whose keys every frame would take."""
    return [
        b'{"frames": [' + b"[]," * 700_000 + b"[]]}",
        b'{"frames": [' + b'{"":0},' * 300_000 + b"{}]}",
        b'{"frames": ' + b"[" * 1_000_000,
        b'{"frames": [' + b'{"a":' * 100_000,
        b"[" + b"1e999," * 300_000 + b"1]",
        json.dumps({**{f"key {number}": 1 for number in range(20_000)}, "frames": [{"file_path": "a"}] * 20_000}).encode(),
    ]


def _cameras() -> list[PhotoCamera]:
    return [
        PhotoCamera(
            file_path=f"photos/{name}.png", photo_name=f"día/{name}.jpg", width=600, height=400, focal_x=700.5, focal_y=701.0,
            centre_x=300.0, centre_y=200.0, world_from_camera=np.eye(4),
        )
        for name in "ab"
    ]  # fmt: skip


def _foreign(path: Path) -> None:
    matrix = [[1.0, 0, 0, 2], [0, 0, -1, -3], [0, 1, 0, 4], [0, 0, 0, 1]]
    frames = [{"file_path": f"images/{name}.png", "transform_matrix": matrix, "mask_path": "m.png"} for name in "ab"]
    top = {"camera_model": "OPENCV", "w": 40, "h": 30, "fl_x": 50.0, "cx": 20.0, "cy": 15.0, "k1": 0.1, "p1": 0.01, "aabb": [1]}
    path.write_text(json.dumps({**top, "frames": [frames[0], {**frames[1], "camera_angle_x": 1.0}]}), encoding="utf-8")


def _read_foreign(path: Path) -> None:
    for camera in read_foreign_transforms(path):
        camera.lens_of(400, 300)
    remarks_on_transforms(path)


def _colmap_text(folder: Path) -> list[Path]:
    (folder / "cameras.txt").write_text("# cameras\n1 PINHOLE 40 30 50 50 20 15\n2 OPENCV 40 30 50 50 20 15 0.1 0 0 0\n")
    images = "1 1 0 0 0 0 0 4 1 a b.png\n1.5 2.5 -1 3 4 7\n2 0.7 0.7 0 0 1 2 3 2 c.png\n\n"
    (folder / "images.txt").write_text(f"# images\n{images}")
    return [folder / "cameras.txt", folder / "images.txt"]


def _colmap_binary(folder: Path) -> list[Path]:
    cameras = struct.pack("<QIiQQ4d", 2, 1, 1, 40, 30, 50, 50, 20, 15) + struct.pack("<IiQQ3d", 2, 0, 40, 30, 50, 20, 15)
    image = [
        struct.pack("<I7dI", number, 1, 0, 0, 0, 0, 0, 4, number) + name + b"\0"
        for number, name in ((1, b"a.png"), (2, b"b.png"))
    ]
    points = struct.pack("<Qddq", 1, 1.5, 2.5, -1)
    (folder / "cameras.bin").write_bytes(cameras)
    (folder / "images.bin").write_bytes(struct.pack("<Q", 2) + image[0] + points + image[1] + struct.pack("<Q", 0))
    return [folder / "cameras.bin", folder / "images.bin"]


def _read_colmap(path: Path) -> None:
    for camera in read_colmap_cameras(path.parent):
        camera.lens_of(40, 30)
    remarks_on_colmap(path.parent)


CAMERAS = (
    Reader(
        name="transforms",
        make=one_file("transforms.json", lambda path: write_transforms(path, _cameras())),
        read=read_transforms,
        changes=JSON_CHANGES,
        bombs=json_bombs,
    ),
    Reader(
        name="transforms_of_others",
        make=one_file("transforms.json", _foreign),
        read=_read_foreign,
        changes=JSON_CHANGES,
        bombs=json_bombs,
    ),
    Reader(name="colmap_text", make=_colmap_text, read=_read_colmap, changes=(change_text, change_text, change_bytes)),
    Reader(name="colmap_binary", make=_colmap_binary, read=_read_colmap, changes=(change_bytes,)),
)
