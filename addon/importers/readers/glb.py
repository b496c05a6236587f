"""Read triangle meshes with texture from binary glTF 2.0, with numpy only.

Blender's own importer adds lights, changes the render engine and works in one piece; this one gives arrays, so that
the import can be sliced, and keeps the scene's settings. Source: Khronos glTF 2.0 specification, sections 3.6 and 4.4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....backend.grotto.contract import bad_input, malformed_as_bad_input, parse_json, plain_line

Array = NDArray[Any]

_MAGIC, _JSON, _BIN = 0x46546C67, 0x4E4F534A, 0x004E4942
_COMPONENT = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTH = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
_TRIANGLES = 4
_TIMES, _FREE_BYTES = 4, 64 * 2**20  # as many times its numbers, and as much besides, may a file's arrays take
_MOST = 1e12  # units; places beyond have no digits left for a mesh

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
    with malformed_as_bad_input(f"{path.name} is not a whole GLB file", "make it again"):
        magic, version, length = struct.unpack_from("<III", data)
        if magic != _MAGIC or version != 2 or length > len(data):
            raise ValueError("it does not begin as one, or ends too soon")
        chunks: dict[int, bytes] = {}
        at = 12
        while at + 8 <= length:
            size, kind = struct.unpack_from("<II", data, at)
            if at + 8 + size > length:
                raise ValueError("a part of it ends after its end")
            if kind in (_JSON, _BIN):
                chunks.setdefault(kind, data[at + 8 : at + 8 + size])
            at += 8 + size
        document = parse_json(chunks[_JSON])
        if not isinstance(document, dict):
            raise ValueError("its description is no object")
        return document, chunks.get(_BIN, b"")


def read_glb(path: Path) -> list[GlbMesh]:
    """Read every triangle mesh of the file's nodes. Raises ProblemError for compressed and for damaged files."""
    document, binary = read_glb_json(path)
    needed = document.get("extensionsRequired", [])
    if needed:
        names = ", ".join(map(str, needed)) if isinstance(needed, list) else "an extension"
        raise bad_input(f"{path.name} needs {plain_line(names)}", "import it with Blender's own glTF importer")
    with malformed_as_bad_input(f"{path.name} is damaged", "make it again"):
        return list(_Reader(document, binary).meshes())


class _Reader:
    def __init__(self, document: dict[str, Any], binary: bytes) -> None:
        self.document = document
        self.binary = binary
        self.left = _TIMES * len(binary) + _FREE_BYTES

    def meshes(self) -> Iterator[GlbMesh]:
        nodes = self.document.get("nodes", [])
        children = {child for node in nodes for child in node.get("children", [])}
        waiting = [(index, Z_UP_FROM_Y_UP) for index in range(len(nodes)) if index not in children]
        seen: set[int] = set()
        while waiting:
            index, world_from_parent = waiting.pop()
            node = _item(nodes, index)
            if index in seen:
                raise ValueError("a node hangs below two others, or below itself")
            seen.add(index)
            world_from_node = world_from_parent @ _matrix(node)
            waiting += [(child, world_from_node) for child in node.get("children", [])]
            if "mesh" in node:
                mesh = _item(self.document["meshes"], node["mesh"])
                for primitive in mesh["primitives"]:
                    yield self._primitive(primitive, str(mesh.get("name") or node.get("name") or "mesh"), world_from_node)
        if len(seen) < len(nodes):
            raise ValueError("its nodes hang below one another in a circle")

    def _primitive(self, primitive: dict[str, Any], name: str, world_from_node: Array) -> GlbMesh:
        if primitive.get("mode", _TRIANGLES) != _TRIANGLES:
            raise ValueError("it holds no triangles")
        attributes = primitive["attributes"]
        local = self._accessor(attributes["POSITION"], 3).astype(np.float64)
        positions = (local @ world_from_node[:3, :3].T + world_from_node[:3, 3]).astype(np.float32)
        if not np.isfinite(positions).all():
            raise ValueError("a point of it is not finite")
        count = len(positions)
        indices = self._accessor(primitive["indices"], 1) if "indices" in primitive else np.arange(count)
        if indices.dtype.kind == "f":
            raise ValueError("a triangle names a vertex by a number that is not whole")
        if len(indices) and (indices.min() < 0 or indices.max() >= count):
            raise ValueError("a triangle names a vertex that is not there")
        uv = None
        if "TEXCOORD_0" in attributes:
            uv = self._of_vertices(attributes["TEXCOORD_0"], count, 2).astype(np.float32) * [1, -1] + [0, 1]
        x, y, z = world_from_node[:3, 3]
        extra = {key[1:].lower(): self._of_vertices(item, count) for key, item in attributes.items() if key.startswith("_")}
        surface = self._surface(primitive)
        return GlbMesh(
            name=name,
            positions=positions,
            triangles=indices.astype(np.int32).reshape(-1, 3),
            uv=None if uv is None else uv.astype(np.float32),
            image=self._image(surface.get("pbrMetallicRoughness", {}).get("baseColorTexture")),
            normal=self._image(surface.get("normalTexture")),
            occlusion=self._image(surface.get("occlusionTexture")),
            surface=str(surface.get("name", "")),
            alpha=str(surface.get("alphaMode", "OPAQUE")),
            place=(float(x), float(y), float(z)),
            extra={key: values[:, 0] if values.shape[1] == 1 else values for key, values in extra.items()},
        )

    def _of_vertices(self, index: object, count: int, width: int = 0) -> Array:
        """Read a finite accessor with a row for each vertex, as float32."""
        values = self._accessor(index, width).astype(np.float32)
        if len(values) != count or not np.isfinite(values).all():
            raise ValueError("an attribute of its points is not finite, or has more or fewer rows than they")
        return values

    def _accessor(self, index: object, width: int = 0) -> Array:
        """Read an accessor, (count, width); normalised integers become floats."""
        accessor = _item(self.document["accessors"], index)
        if "sparse" in accessor or "bufferView" not in accessor:
            raise ValueError("it has sparse arrays, which are not read")
        view = _item(self.document["bufferViews"], accessor["bufferView"])
        if view.get("buffer", 0) != 0:
            raise ValueError("it has numbers in other files")
        kind, columns = np.dtype(_COMPONENT[accessor["componentType"]]), _WIDTH[accessor["type"]]
        if width and columns != width:
            raise ValueError(f"an array of it has {columns} columns instead of {width}")
        count = self._whole(accessor["count"])
        start = self._whole(view.get("byteOffset", 0)) + self._whole(accessor.get("byteOffset", 0))
        row = kind.itemsize * columns
        stride = self._whole(view.get("byteStride", row))
        if stride < row or (count and start + stride * (count - 1) + row > len(self.binary)):
            raise ValueError("an array ends after the file")
        self.left -= 8 * count * columns
        if self.left < 0:
            raise ValueError("its arrays name the same bytes over and over")
        array: Array = np.ndarray((count, columns), kind, self.binary, start, (stride, kind.itemsize))
        if accessor.get("normalized") and kind.kind != "f":
            return np.maximum(array.astype(np.float32) / np.iinfo(kind).max, -1.0)
        return array

    def _whole(self, value: object) -> int:
        """A number of bytes or rows: whole, and no more than the file has."""
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= len(self.binary):
            raise ValueError("a count or an offset in it is not from 0 to its size")
        return value

    def _surface(self, primitive: dict[str, Any]) -> dict[str, Any]:
        index = primitive.get("material")
        return {} if index is None else _item(self.document["materials"], index)

    def _image(self, texture: dict[str, Any] | None) -> GlbImage | None:
        if texture is None:
            return None
        image = _item(self.document["images"], _item(self.document["textures"], texture["index"])["source"])
        view = _item(self.document["bufferViews"], image["bufferView"])
        start, length = self._whole(view.get("byteOffset", 0)), self._whole(view["byteLength"])
        if start + length > len(self.binary):
            raise ValueError("a picture ends after the file")
        self.left -= length
        if self.left < 0:
            raise ValueError("its pictures name the same bytes over and over")
        data = self.binary[start : start + length]
        return GlbImage(name=str(image.get("name") or "texture"), mime=str(image.get("mimeType", "image/png")), data=data)


def _item(items: object, index: object) -> dict[str, Any]:
    """An object of a list by its number, which counts from the list's beginning only."""
    if not isinstance(items, list) or not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(items):
        raise ValueError("it names a part of itself that is not there")
    item: dict[str, Any] = items[index]
    return item


def _matrix(node: dict[str, Any]) -> Array:
    """Return parent_from_node, 4 x 4."""
    if "matrix" in node:
        matrix = np.array(node["matrix"], dtype=np.float64).reshape(4, 4).T
    else:
        x, y, z, w = (float(value) for value in node.get("rotation", (0.0, 0.0, 0.0, 1.0)))
        rotation = np.array(
            [
                [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
            ]
        )
        matrix = np.eye(4)
        matrix[:3, :3] = rotation * np.asarray(node.get("scale", (1.0, 1.0, 1.0)), np.float64).reshape(3)
        matrix[:3, 3] = np.asarray(node.get("translation", (0.0, 0.0, 0.0)), np.float64).reshape(3)
    if not np.isfinite(matrix).all() or np.abs(matrix).max() > _MOST:
        raise ValueError("a node of it is moved by numbers that are not finite")
    return matrix
