"""A finished job folder with known truth, made without the backend: what the import is measured against."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

import numpy as np

WIDTH_M, HEIGHT_M = 2.0, 1.2
CORNERS = {"top left": (255, 0, 0), "top right": (0, 255, 0), "bottom left": (0, 0, 255), "bottom right": (255, 255, 0)}


def png(path: Path, pixels: np.ndarray) -> None:
    """(h, w, 3 or 4) uint8, first row on top."""
    height, width, channels = pixels.shape

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 8, {3: 2, 4: 6}[channels], 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def corner_picture(width: int, height: int, alpha: bool = False) -> np.ndarray:
    pixels = np.full((height, width, 4), 128, np.uint8)
    half_w, half_h = width // 2, height // 2
    pixels[:half_h, :half_w, :3] = CORNERS["top left"]
    pixels[:half_h, half_w:, :3] = CORNERS["top right"]
    pixels[half_h:, :half_w, :3] = CORNERS["bottom left"]
    pixels[half_h:, half_w:, :3] = CORNERS["bottom right"]
    pixels[..., 3] = 255
    return pixels if alpha else np.ascontiguousarray(pixels[..., :3])


def relief() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Grid in the wall's frame: positions (n, 3), triangles (m, 3), uv (n, 2) from the top left."""
    u, v = np.meshgrid(np.linspace(0, 1, 9), np.linspace(0, 1, 6))
    x, z = u * WIDTH_M, (1 - v) * HEIGHT_M
    y = -0.05 * np.sin(3 * u) * v
    index = np.arange(u.size).reshape(u.shape)
    a, b, c, d = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    triangles = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    return np.stack([x, y, z], -1).reshape(-1, 3), triangles, np.stack([u, v], -1).reshape(-1, 2)


def glb(path: Path, picture: bytes) -> None:
    """The relief as a GLB, written from the specification and from nothing of ours."""
    positions, triangles, uv = relief()
    y_up = np.stack([positions[:, 0], positions[:, 2], -positions[:, 1]], -1).astype("<f4")
    pieces = [y_up.tobytes(), uv.astype("<f4").tobytes(), triangles.astype("<u2").tobytes(), picture]
    views, binary = [], b""
    for piece in pieces:
        views.append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(piece)})
        binary += piece + b"\0" * (-len(piece) % 4)
    count = len(positions)
    document = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0, "name": "wall"}],
        "meshes": [{"name": "wall", "primitives": [
            {"attributes": {"POSITION": 0, "TEXCOORD_0": 1}, "indices": 2, "material": 0}]}],
        "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}, "metallicFactor": 0}}],
        "textures": [{"source": 0}], "images": [{"mimeType": "image/png", "bufferView": 3}],
        "buffers": [{"byteLength": len(binary)}], "bufferViews": views,
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": count, "type": "VEC3",
             "min": y_up.min(0).tolist(), "max": y_up.max(0).tolist()},
            {"bufferView": 1, "componentType": 5126, "count": count, "type": "VEC2"},
            {"bufferView": 2, "componentType": 5123, "count": triangles.size, "type": "SCALAR"},
        ],
    }  # fmt: skip
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    body = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(binary), 0x004E4942) + binary
    path.write_bytes(struct.pack("<III", 0x46546C67, 2, 12 + len(body)) + body)


def cloud() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(7)
    points = random.uniform((0, -0.05, 0), (WIDTH_M, 0, HEIGHT_M), (500, 3)).astype("<f4")
    return points, random.integers(0, 256, (500, 3), dtype=np.uint8)


def ply(path: Path) -> None:
    points, colours = cloud()
    rows = np.empty(len(points), [("p", "<f4", 3), ("c", "u1", 3)])
    rows["p"], rows["c"] = points, colours
    names = "".join(f"property float {axis}\n" for axis in "xyz")
    names += "".join(f"property uchar {name}\n" for name in ("red", "green", "blue"))
    header = f"ply\nformat binary_little_endian 1.0\ncomment made\nelement vertex {len(rows)}\n{names}end_header\n"
    path.write_bytes(header.encode() + rows.tobytes())


def cameras() -> list[dict[str, object]]:
    """Landscape, portrait, principal point off centre, and turned; world_from_camera with OpenGL axes."""
    made = []
    for number, (w, h, f, dx, dy) in enumerate([(60, 40, 65.0, 0, 0), (40, 60, 70.0, 0, 0), (60, 40, 65.0, 3.5, -2.25)]):
        turn = np.radians(6.0 * (number - 1))
        # The camera looks along +y at the wall, x right, z up: OpenGL's -z is y.
        level = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], dtype=np.float64)
        about_z = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
        matrix = np.eye(4)
        matrix[:3, :3] = about_z @ level
        matrix[:3, 3] = (0.5 + 0.5 * number, -1.0 - 0.1 * number, 0.6)
        made.append({
            "file_path": f"photos/{number:03}.png", "colmap_name": f"row one/IMG {number}.png", "w": w, "h": h,
            "fl_x": f, "fl_y": f, "cx": w / 2 + dx, "cy": h / 2 + dy, "transform_matrix": matrix.tolist(),
        })  # fmt: skip
    return made


def make_job(folder: Path, *, scale: str = "metric") -> Path:
    """Every asset that the import reads, in the backend's layout."""
    for name in ("mesh", "frame", "orthophoto", "undistort/photos", "height"):
        (folder / name).mkdir(parents=True)
    picture = folder / "orthophoto" / "orthophoto.png"
    png(picture, corner_picture(200, 120, alpha=True))
    png(folder / "texture.png", corner_picture(64, 40))
    glb(folder / "mesh/wall.glb", (folder / "texture.png").read_bytes())
    ply(folder / "frame/points.ply")
    (folder / "orthophoto/orthophoto.tif").write_bytes(b"II*\0")
    place = {"file": "orthophoto.tif", "preview": "orthophoto.png", "x_min": 0.0, "z_max": HEIGHT_M, "pixel": 0.005,
             "width": 400, "height": 240, "coverage": 1.0, "metric": True}  # fmt: skip
    (folder / "orthophoto/artefact.json").write_text(json.dumps(place))
    for frame in cameras():
        png(folder / "undistort" / str(frame["file_path"]), corner_picture(int(frame["w"]), int(frame["h"])))  # type: ignore[call-overload]
    (folder / "undistort/transforms.json").write_text(json.dumps({"camera_model": "PINHOLE", "frames": cameras()}))
    units = "m" if scale == "metric" else "arbitrary"
    kinds = [("mesh", "mesh/wall.glb"), ("point_cloud", "frame/points.ply"), ("cameras", "undistort/transforms.json"),
             ("photos", "undistort/photos"), ("orthophoto", "orthophoto/orthophoto.tif"),
             ("orthophoto_preview", "orthophoto/orthophoto.png")]  # fmt: skip
    assets = [
        {"kind": kind, "path": path, "sha256": "ab" * 32, "frame": "wall", "units": units, "role": ""} for kind, path in kinds
    ]
    result = {
        "recipe": "wall", "assets": assets, "facts": {"scale": scale, "registered_photos": 3, "input_photos": 3, "faces": 80},
        "models": [], "timings": {"mesh": 1.0}, "versions": {"grotto": "0.1.0"}, "engines": {}, "notes": ["one note"],
        "job": {"request": {"recipe": "wall", "input": "/pictures/north wall", "out": str(folder),
                            "options": {"mesh": {"faces": 80}}}, "stamp": "cafe"},
    }  # fmt: skip
    (folder / "result.json").write_text(json.dumps(result))
    return folder
