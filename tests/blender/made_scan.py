"""A finished scan's job folder with known truth, made without the backend, files written from their formats alone."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import made_job
import numpy as np

BASIS_0 = 0.28209479177387814
RADIUS_M = 0.5


def box(size: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Corners (24, 3) z up, triangles (12, 3) and uv (24, 2): a box of unequal sides, each side with its own corners."""
    half = np.array([0.6, 0.4, 0.5]) * size
    corners, triangles = [], []
    for axis in range(3):
        for sign in (-1, 1):
            u, v = (axis + 1) % 3, (axis + 2) % 3
            order = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
            first = len(corners)
            for a, b in order if sign > 0 else order[::-1]:
                place = np.zeros(3)
                place[axis], place[u], place[v] = sign, a, b
                corners.append(place * half)
            triangles += [(first, first + 1, first + 2), (first, first + 2, first + 3)]
    uv = np.tile([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]], (6, 1))
    return np.array(corners), np.array(triangles), uv


def seen() -> np.ndarray:
    return np.linspace(0.0, 1.0, 24, dtype=np.float32)


def glb(path: Path, size: float, picture: bytes) -> None:
    """A box with texture and the custom attribute _SEEN, y up as glTF asks."""
    positions, triangles, uv = box(size)
    y_up = np.stack([positions[:, 0], positions[:, 2], -positions[:, 1]], -1).astype("<f4")
    pieces = [y_up.tobytes(), uv.astype("<f4").tobytes(), triangles.astype("<u2").tobytes(), seen().tobytes(), picture]
    views, binary = [], b""
    for piece in pieces:
        views.append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(piece)})
        binary += piece + b"\0" * (-len(piece) % 4)
    floats = [
        {"bufferView": view, "componentType": 5126, "count": len(positions), "type": kind}
        for view, kind in ((0, "VEC3"), (1, "VEC2"), (3, "SCALAR"))
    ]
    floats[0] |= {"min": y_up.min(0).tolist(), "max": y_up.max(0).tolist()}
    document = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0, "name": "scan"}],
        "meshes": [{"primitives": [
            {"attributes": {"POSITION": 0, "TEXCOORD_0": 1, "_SEEN": 2}, "indices": 3, "material": 0}]}],
        "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}],
        "textures": [{"source": 0}], "images": [{"mimeType": "image/png", "bufferView": 4}],
        "buffers": [{"byteLength": len(binary)}], "bufferViews": views,
        "accessors": [*floats, {"bufferView": 2, "componentType": 5123, "count": triangles.size, "type": "SCALAR"}],
    }  # fmt: skip
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    body = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(binary), 0x004E4942) + binary
    path.write_bytes(struct.pack("<III", 0x46546C67, 2, 12 + len(body)) + body)


def splats(count: int = 40) -> dict[str, np.ndarray]:
    """What the file is to say, in plain numbers; colours are sRGB."""
    random = np.random.default_rng(3)
    turns = random.normal(size=(count, 4))
    return {
        "positions": random.uniform(-RADIUS_M, RADIUS_M, (count, 3)),
        "colours": random.uniform(0.05, 0.95, (count, 3)),
        "opacities": random.uniform(0.1, 0.95, count),
        "scales": random.uniform(0.01, 0.1, (count, 3)),
        "rotations": turns / np.linalg.norm(turns, axis=1, keepdims=True),
    }


def splat_ply(path: Path, truth: dict[str, np.ndarray], *, discs: bool = False, degree: int = 1) -> None:
    """The layout of 3D Gaussian Splatting: logarithms, logits, quaternions of any length, harmonics beyond the first."""
    count = len(truth["positions"])
    rest = 3 * ((degree + 1) ** 2 - 1)
    axes = 2 if discs else 3
    opacity = truth["opacities"]
    columns = {
        **{axis: truth["positions"][:, number] for number, axis in enumerate("xyz")},
        **{f"n{axis}": np.zeros(count) for axis in "xyz"},
        **{f"f_dc_{channel}": (truth["colours"][:, channel] - 0.5) / BASIS_0 for channel in range(3)},
        **{f"f_rest_{number}": np.full(count, 0.3) for number in range(rest)},
        "opacity": np.log(opacity / (1 - opacity)),
        **{f"scale_{axis}": np.log(truth["scales"][:, axis]) for axis in range(axes)},
        **{f"rot_{part}": 2.5 * truth["rotations"][:, part] for part in range(4)},
    }
    names = "".join(f"property float {name}\n" for name in columns)
    header = f"ply\nformat binary_little_endian 1.0\nelement vertex {count}\n{names}end_header\n"
    path.write_bytes(header.encode() + np.stack(list(columns.values()), 1).astype("<f4").tobytes())


def make_scan(folder: Path, *, kinds: tuple[str, ...] = ("mesh", "splats", "point_cloud", "cameras")) -> Path:
    """The assets that a scan leaves: mesh and a level of detail, splats, sparse points, cameras with their photos."""
    for name in ("bake", "splats", "views/photos"):
        (folder / name).mkdir(parents=True)
    made_job.png(folder / "texture.png", made_job.corner_picture(32, 32))
    picture = (folder / "texture.png").read_bytes()
    glb(folder / "bake/mesh.glb", 1.0, picture)
    glb(folder / "bake/lod1.glb", 0.5, picture)
    splat_ply(folder / "splats/splats.ply", splats())
    made_job.ply(folder / "views/points.ply")
    frames = made_job.cameras()
    for frame in frames:
        made_job.png(folder / "views" / str(frame["file_path"]), made_job.corner_picture(int(frame["w"]), int(frame["h"])))  # type: ignore[call-overload]
    (folder / "views/transforms.json").write_text(json.dumps({"camera_model": "PINHOLE", "frames": frames}))
    paths = {
        "mesh": ["bake/mesh.glb", "bake/lod1.glb"], "splats": ["splats/splats.ply"], "point_cloud": ["views/points.ply"],
        "cameras": ["views/transforms.json"],
    }  # fmt: skip
    assets = [
        {"kind": kind, "path": path, "sha256": "cd" * 32, "frame": "scan", "units": "arbitrary",
         "role": "lod1" if "lod1" in path else ""}
        for kind in kinds for path in paths[kind]
    ]  # fmt: skip
    facts = {"scale": "arbitrary", "registered_photos": 3, "input_photos": 4, "faces": 12, "seen_fraction": 0.875,
             "heldout_psnr_db": {"field": 24.56, "splats": 28.0}}  # fmt: skip
    result = {
        "recipe": "scan", "assets": assets, "facts": facts, "models": [], "timings": {}, "versions": {}, "engines": {},
        "notes": [], "job": {"request": {"recipe": "scan", "input": "/pictures/jar/transforms.json", "out": str(folder),
                                         "options": {}}, "stamp": "beef"},
    }  # fmt: skip
    (folder / "result.json").write_text(json.dumps(result))
    return folder
