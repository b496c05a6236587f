"""Read triangle meshes with texture from binary glTF 2.0, with numpy only.

Blender's own importer adds lights, changes the render engine and works in one piece; this one gives arrays, so that
the import can be sliced, and keeps the scene's settings. Source: Khronos glTF 2.0 specification, sections 3.6 and 4.4.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....backend.grotto.contract import bad_input

Array = NDArray[Any]

_MAGIC, _JSON, _BIN = 0x46546C67, 0x4E4F534A, 0x004E4942
_COMPONENT = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTH = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
_TRIANGLES = 4

# glTF: y up, z towards the viewer. Here: z up. (x, y, z) -> (x, -z, y)
Z_UP_FROM_Y_UP: Array = np.array([[1, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]], dtype=np.float64)


@dataclass(frozen=True)
class GlbImage:
    name: str
    mime: str
    data: bytes


@dataclass(frozen=True)
class GlbMesh:
    """One primitive, z up, its node's transform applied."""

    name: str
    positions: Array  # (V, 3) float32
    triangles: Array  # (F, 3) int32
    uv: Array | None  # (V, 2) float32, origin at the bottom left as in Blender
    image: GlbImage | None  # of the base colour
    normal: GlbImage | None = None  # of the normals, in the surface's own frame
    occlusion: GlbImage | None = None  # of the light that corners lack, in red
    surface: str = ""  # the material's name
    alpha: str = "OPAQUE"  # what the image's opacity does: OPAQUE, BLEND or MASK
    place: tuple[float, float, float] = (0.0, 0.0, 0.0)  # its node's origin, z up
    extra: dict[str, Array] = field(default_factory=dict)  # custom vertex attributes without their "_": (V,) or (V, n) float32


def read_glb_json(path: Path) -> tuple[dict[str, Any], bytes]:
    """Return the JSON and the binary chunk. Raises ProblemError where the file is not a complete GLB."""
    data = path.read_bytes()
    refuse = bad_input(f"{path.name} is not a whole GLB file", "make it again")
    if len(data) < 20:
        raise refuse
    magic, version, length = struct.unpack_from("<III", data)
    if magic != _MAGIC or version != 2 or length > len(data):
        raise refuse
    chunks: dict[int, bytes] = {}
    at = 12
    while at + 8 <= length:
        size, kind = struct.unpack_from("<II", data, at)
        if at + 8 + size > length:
            raise refuse
        chunks.setdefault(kind, data[at + 8 : at + 8 + size])
        at += 8 + size
    try:
        return json.loads(chunks[_JSON]), chunks.get(_BIN, b"")
    except (KeyError, ValueError):
        raise refuse from None


def read_glb(path: Path) -> list[GlbMesh]:
    """Read every triangle mesh of the file's nodes. Raises ProblemError for compressed and for damaged files."""
    document, binary = read_glb_json(path)
    needed = document.get("extensionsRequired", [])
    if needed:
        raise bad_input(f"{path.name} needs {', '.join(needed)}", "import it with Blender's own glTF importer")
    reader = _Reader(document, binary)
    try:
        return list(reader.meshes())
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise bad_input(f"{path.name} is damaged ({error})", "make it again") from error


class _Reader:
    def __init__(self, document: dict[str, Any], binary: bytes) -> None:
        self.document = document
        self.binary = binary

    def meshes(self) -> Any:
        nodes = self.document.get("nodes", [])
        children = {child for node in nodes for child in node.get("children", [])}
        waiting = [(index, Z_UP_FROM_Y_UP) for index in range(len(nodes)) if index not in children]
        while waiting:
            index, world_from_parent = waiting.pop()
            node = nodes[index]
            world_from_node = world_from_parent @ _matrix(node)
            waiting += [(child, world_from_node) for child in node.get("children", [])]
            if "mesh" in node:
                mesh = self.document["meshes"][node["mesh"]]
                for primitive in mesh["primitives"]:
                    yield self._primitive(primitive, mesh.get("name") or node.get("name") or "mesh", world_from_node)

    def _primitive(self, primitive: dict[str, Any], name: str, world_from_node: Array) -> GlbMesh:
        if primitive.get("mode", _TRIANGLES) != _TRIANGLES:
            raise ValueError("it holds no triangles")
        attributes = primitive["attributes"]
        local = self._accessor(attributes["POSITION"]).astype(np.float64)
        positions = local @ world_from_node[:3, :3].T + world_from_node[:3, 3]
        count = len(positions)
        indices = self._accessor(primitive["indices"]) if "indices" in primitive else np.arange(count)
        triangles = indices.astype(np.int32).reshape(-1, 3)
        if len(triangles) and (triangles.min() < 0 or triangles.max() >= count):
            raise ValueError("a triangle names a vertex that is not there")
        uv = None
        if "TEXCOORD_0" in attributes:
            uv = self._accessor(attributes["TEXCOORD_0"]).astype(np.float32) * [1, -1] + [0, 1]
        x, y, z = world_from_node[:3, 3]
        extra = {key[1:].lower(): self._accessor(item) for key, item in attributes.items() if key.startswith("_")}
        return GlbMesh(
            name=name,
            positions=positions.astype(np.float32),
            triangles=triangles,
            uv=None if uv is None else uv.astype(np.float32),
            image=self._image(self._surface(primitive).get("pbrMetallicRoughness", {}).get("baseColorTexture")),
            normal=self._image(self._surface(primitive).get("normalTexture")),
            occlusion=self._image(self._surface(primitive).get("occlusionTexture")),
            surface=str(self._surface(primitive).get("name", "")),
            alpha=str(self._surface(primitive).get("alphaMode", "OPAQUE")),
            place=(float(x), float(y), float(z)),
            extra={key: values.astype(np.float32).squeeze() for key, values in extra.items()},
        )

    def _accessor(self, index: int) -> Array:
        """Read an accessor, (count, width); normalised integers become floats."""
        accessor = self.document["accessors"][index]
        view = self.document["bufferViews"][accessor["bufferView"]]
        kind, width, count = np.dtype(_COMPONENT[accessor["componentType"]]), _WIDTH[accessor["type"]], accessor["count"]
        start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
        stride = view.get("byteStride", kind.itemsize * width)
        if count and start + stride * (count - 1) + kind.itemsize * width > len(self.binary):
            raise ValueError("an array ends after the file")
        array: Array = np.ndarray((count, width), kind, self.binary, start, (stride, kind.itemsize))
        if accessor.get("normalized"):
            return array.astype(np.float32) / np.iinfo(kind).max
        return array

    def _surface(self, primitive: dict[str, Any]) -> dict[str, Any]:
        index = primitive.get("material")
        surface: dict[str, Any] = {} if index is None else self.document["materials"][index]
        return surface

    def _image(self, texture: dict[str, Any] | None) -> GlbImage | None:
        if texture is None:
            return None
        image = self.document["images"][self.document["textures"][texture["index"]]["source"]]
        view = self.document["bufferViews"][image["bufferView"]]
        start = view.get("byteOffset", 0)
        data = self.binary[start : start + view["byteLength"]]
        return GlbImage(name=image.get("name") or "texture", mime=image.get("mimeType", "image/png"), data=data)


def _matrix(node: dict[str, Any]) -> Array:
    """Return parent_from_node, 4 x 4."""
    if "matrix" in node:
        return np.array(node["matrix"], dtype=np.float64).reshape(4, 4).T
    x, y, z, w = node.get("rotation", (0.0, 0.0, 0.0, 1.0))
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    matrix = np.eye(4)
    matrix[:3, :3] = rotation * np.asarray(node.get("scale", (1.0, 1.0, 1.0)))
    matrix[:3, 3] = node.get("translation", (0.0, 0.0, 0.0))
    return matrix
