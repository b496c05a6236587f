"""A finished element's job folder with known truth: a box of two materials, a level of detail, a collider, normals."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import made_job
import made_scan
import numpy as np

COLOURS = ((200, 60, 40), (40, 60, 160))  # of front and sides


def picture(colour: tuple[int, int, int], size: int = 16) -> np.ndarray:
    return np.ascontiguousarray(np.broadcast_to(np.array(colour, np.uint8), (size, size, 3)))


def glb(path: Path, size: float, pictures: list[bytes]) -> None:
    """A box, y up. With pictures (front, sides, normals, occlusion) its first four faces have one material, the rest another."""
    positions, triangles, uv = made_scan.box(size)
    y_up = np.stack([positions[:, 0], positions[:, 2], -positions[:, 1]], -1).astype("<f4")
    halves = [triangles[:4], triangles[4:]] if pictures else [triangles]
    pieces = [y_up.tobytes(), uv.astype("<f4").tobytes(), *(half.astype("<u2").tobytes() for half in halves), *pictures]
    views, binary = [], b""
    for piece in pieces:
        views.append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(piece)})
        binary += piece + b"\0" * (-len(piece) % 4)
    count, first = len(positions), 2 + len(halves)
    surfaces = [
        {"name": name, "pbrMetallicRoughness": {"baseColorTexture": {"index": number}, "metallicFactor": 0},
         "normalTexture": {"index": 2}, "occlusionTexture": {"index": 3}}
        for number, name in enumerate(("front", "sides"))
    ]  # fmt: skip
    primitives = [
        {"attributes": {"POSITION": 0, "TEXCOORD_0": 1}, "indices": 2 + number, **({"material": number} if pictures else {})}
        for number in range(len(halves))
    ]
    document = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0, "name": "element"}],
        "meshes": [{"name": "element", "primitives": primitives}], "buffers": [{"byteLength": len(binary)}],
        "bufferViews": views,
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": count, "type": "VEC3",
             "min": y_up.min(0).tolist(), "max": y_up.max(0).tolist()},
            {"bufferView": 1, "componentType": 5126, "count": count, "type": "VEC2"},
            *({"bufferView": 2 + number, "componentType": 5123, "count": half.size, "type": "SCALAR"}
              for number, half in enumerate(halves)),
        ],
    }  # fmt: skip
    if pictures:
        document |= {
            "materials": surfaces, "textures": [{"source": number} for number in range(4)],
            "images": [{"mimeType": "image/png", "bufferView": first + number} for number in range(4)],
        }  # fmt: skip
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    body = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(binary), 0x004E4942) + binary
    path.write_bytes(struct.pack("<III", 0x46546C67, 2, 12 + len(body)) + body)


def make_element(folder: Path) -> Path:
    """A mesh with two materials, LOD and collider, textures of several roles."""
    (folder / "finish").mkdir(parents=True)
    pictures = []
    for name, colour in zip(("front", "sides", "normal", "occlusion"), (*COLOURS, (128, 128, 255), (255, 255, 255)), strict=True):
        made_job.png(folder / "finish" / f"{name}.png", picture(colour))
        pictures.append((folder / "finish" / f"{name}.png").read_bytes())
    glb(folder / "finish/element.glb", 1.0, pictures)
    glb(folder / "finish/lod1.glb", 0.9, pictures)
    glb(folder / "finish/collider.glb", 1.1, [])
    made = [
        ("mesh", "element.glb", ""), ("mesh", "lod1.glb", "lod1"), ("mesh", "collider.glb", "collider"),
        ("texture", "front.png", "front"), ("texture", "normal.png", "normal"), ("texture", "occlusion.png", "occlusion"),
    ]  # fmt: skip
    assets = [
        {"kind": kind, "path": f"finish/{file}", "sha256": "", "frame": "element", "units": "m", "role": role}
        for kind, file, role in made
    ]
    facts = {"route": "relief", "faces": 12, "picture_px": [16, 16], "picture_frame_m": [-0.6, -0.5, 0.6, 0.5]}
    result = {
        "recipe": "element", "assets": assets, "facts": facts, "models": [], "timings": {}, "versions": {},
        "engines": {"mask": "alpha", "shape": "relief (figure)"}, "notes": ["the body is a relief"],
        "job": {"request": {"recipe": "element", "input": "/pictures/mask.png", "out": str(folder), "options": {}},
                "stamp": "f00d"},
    }  # fmt: skip
    (folder / "result.json").write_text(json.dumps(result))
    return folder
