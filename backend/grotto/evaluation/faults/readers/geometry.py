"""Points, meshes and splats: small sound files, and those that ask for much."""

from __future__ import annotations

import gzip
import io
import json
import random
import struct
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ....formats import (
    Mesh,
    SplatCloud,
    TexturedMesh,
    read_glb_nodes,
    read_mesh_ply,
    read_points_ply,
    read_splat_ply,
    read_spz,
    write_glb,
    write_mesh_ply,
    write_points_ply,
    write_splat_ply,
    write_spz,
)
from .mutations import Change, change_bytes, change_json, change_text
from .reader import Reader, one_file

_POINTS = np.random.default_rng(5).normal(size=(12, 3)).astype(np.float32)
_COLOURS = np.random.default_rng(6).integers(0, 256, (12, 3), np.uint8)
_FACES = np.array([[0, 1, 2], [2, 1, 3], [4, 5, 6], [9, 10, 11]], np.int32)


def _splats() -> SplatCloud:
    chance = np.random.default_rng(7)
    turned = chance.normal(size=(12, 4)).astype(np.float32)
    return SplatCloud(
        means=_POINTS,
        quaternions=turned / np.linalg.norm(turned, axis=1, keepdims=True),
        log_scales=chance.uniform(-6, -2, (12, 3)).astype(np.float32),
        opacity_logits=chance.normal(size=12).astype(np.float32),
        harmonics=chance.normal(0, 0.3, (12, 4, 3)).clip(-0.7, 0.7).astype(np.float32),
    )


def _points(folder: Path) -> list[Path]:
    binary, text = folder / "points.ply", folder / "text.ply"
    write_points_ply(binary, _POINTS, _COLOURS)
    rows = [" ".join(map(str, (*point, *colour))) for point, colour in zip(_POINTS.tolist(), _COLOURS.tolist(), strict=True)]
    header = binary.read_bytes().split(b"end_header\n")[0].replace(b"binary_little_endian", b"ascii") + b"end_header\n"
    text.write_bytes(header + "\n".join(rows).encode() + b"\n")
    return [binary, text]


def _mesh(folder: Path) -> list[Path]:
    binary, text, mixed = (folder / name for name in ("mesh.ply", "text.ply", "mixed.ply"))
    colours = (_COLOURS / 255).astype(np.float32)
    write_mesh_ply(binary, Mesh(vertices=_POINTS, faces=_FACES, colours=colours, seen=np.ones(12, np.float32)))
    places = "".join(f"{x} {y} {z}\n" for x, y, z in _POINTS.tolist())
    head = "ply\nformat {}\nelement vertex 12\nproperty float x\nproperty float y\nproperty float z\nelement face 2\n"
    head += "property uchar flags\nproperty list uchar int vertex_indices\nend_header\n"
    text.write_text(head.format("ascii 1.0") + places + "0 3 0 1 2\n7 4 3 4 5 6\n", encoding="ascii")
    faces = struct.pack(">BB3iBB4i", 0, 3, 0, 1, 2, 7, 4, 3, 4, 5, 6)
    mixed.write_bytes(head.format("binary_big_endian 1.0").encode() + _POINTS.astype(">f4").tobytes() + faces)
    return [binary, text, mixed]


def _glb(path: Path) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (4, 3), (200, 30, 10)).save(picture, "PNG")
    write_glb(
        path,
        TexturedMesh(
            vertices=_POINTS,
            faces=_FACES.astype(np.uint32),
            uv=np.abs(_POINTS[:, :2]) % 1,
            normals=np.tile(np.array([0, -1, 0], np.float32), (12, 1)),
            texture=picture.getvalue(),
            normal_map=picture.getvalue(),
            tangents=np.tile(np.array([1, 0, 0, 1], np.float32), (12, 1)),
            seen=np.ones(12, np.float32),
            extras={"made_from": "a drawing"},
        ),
        "wall",
    )


def _glb_json(change: Change) -> Change:
    """The change of a GLB's JSON."""

    def changed(data: bytes, chance: random.Random) -> bytes:
        (length,) = struct.unpack_from("<I", data, 12)
        return _with_json(data, change(data[20 : 20 + length], chance))

    return changed


def _with_json(data: bytes, text: bytes) -> bytes:
    """A GLB with other JSON, its lengths made to fit."""
    (length,) = struct.unpack_from("<I", data, 12)
    text, rest = text + b" " * (-len(text) % 4), data[20 + length :]
    return struct.pack("<5I", 0x46546C67, 2, 20 + len(text) + len(rest), len(text), 0x4E4F534A) + text + rest


def _glb_bombs(data: bytes) -> list[bytes]:
    """Arrays beyond the file, many arrays of the same bytes, a circle of nodes."""
    (length,) = struct.unpack_from("<I", data, 12)
    text = data[20 : 20 + length]
    made: list[dict[str, Any]] = []
    for change in ({"count": 2**40}, {"count": -1}, {"byteOffset": -4}, {"sparse": {"count": 1}}, {"componentType": 5124}):
        made.append(json.loads(text))
        made[-1]["accessors"][0].update(change)
    circle = json.loads(text)
    circle["nodes"][0]["children"] = [0]
    return [*(_with_json(data, json.dumps(document).encode()) for document in (*made, circle)), _same_bytes(data)]


def _same_bytes(data: bytes) -> bytes:
    """A GLB of 2,000 parts whose points are all the same 480 KB."""
    (length,) = struct.unpack_from("<I", data, 12)
    document, binary = json.loads(data[20 : 20 + length]), bytes(480_000)
    (primitive,) = document["meshes"][0]["primitives"]
    document["meshes"][0]["primitives"] = [{**primitive, "material": number} for number in range(2000)]
    document["materials"] = [{**document["materials"][0], "name": str(number)} for number in range(2000)]
    for accessor in document["accessors"]:
        accessor["bufferView"], accessor["count"] = 0, len(binary) // 16
    document["bufferViews"][0] = {"byteLength": len(binary)}
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    head = struct.pack("<5I", 0x46546C67, 2, 28 + len(text) + len(binary), len(text), 0x4E4F534A)
    return head + text + struct.pack("<II", len(binary), 0x004E4942) + binary


def _packed(change: Change) -> Change:
    """The change of what a gzipped file holds."""
    return lambda data, chance: gzip.compress(change(gzip.decompress(data), chance), compresslevel=1, mtime=0)


def _spz_bombs(_data: bytes) -> list[bytes]:
    heads = [
        struct.pack("<IIIBBBB", 0x5053474E, version, count, 3, 12, 0, 0) for version in (2, 3) for count in (10**6, 2**32 - 1)
    ]
    return [gzip.compress(head + bytes(30_000_000), compresslevel=9, mtime=0) for head in heads]


def _ply_bombs(data: bytes) -> list[bytes]:
    return [data.replace(b"vertex 12", b"vertex " + count) for count in (b"999999999999", b"9" * 300, b"-1", b"0")]


_BYTES_AND_TEXT = (change_bytes, change_text)

GEOMETRY = (
    Reader(name="points", make=_points, read=read_points_ply, changes=_BYTES_AND_TEXT, bombs=_ply_bombs),
    Reader(name="mesh", make=_mesh, read=read_mesh_ply, changes=_BYTES_AND_TEXT, bombs=_ply_bombs),
    Reader(
        name="splats",
        make=one_file("splats.ply", lambda path: write_splat_ply(path, _splats())),
        read=read_splat_ply,
        changes=_BYTES_AND_TEXT,
        bombs=_ply_bombs,
    ),
    Reader(
        name="spz",
        make=one_file("splats.spz", lambda path: write_spz(path, _splats())),
        read=read_spz,
        changes=(change_bytes, _packed(change_bytes)),
        bombs=_spz_bombs,
    ),
    Reader(
        name="glb",
        make=one_file("wall.glb", _glb),
        read=read_glb_nodes,
        changes=(change_bytes, _glb_json(change_json), _glb_json(change_json), _glb_json(change_text)),
        bombs=_glb_bombs,
    ),
)
