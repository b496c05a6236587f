"""Write textured meshes as binary glTF 2.0 (Khronos specification, sections 3 and 4): (x, y, z) becomes (x, z, -y)."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...contract import VERSION, bad_input
from ..picture_metadata import is_jpeg_or_png, without_metadata
from .textured_mesh import OPAQUE, GlbNode, TexturedMesh

_MAGIC, _JSON, _BINARY = 0x46546C67, 0x4E4F534A, 0x004E4942
_FLOAT, _UINT32 = 5126, 5125
_ARRAY_BUFFER, _ELEMENT_BUFFER = 34962, 34963
_LINEAR, _MIPMAP_LINEAR, _CLAMP = 9729, 9987, 33071
_CHUNK_HEADER = struct.Struct("<II")


def write_glb(path: Path, mesh: TexturedMesh, name: str) -> None:
    """Write one node named `name` with one material that carries the texture, matt where it names no other finish."""
    write_glb_parts(path, {name: mesh}, name)


def write_glb_parts(path: Path, parts: Mapping[str, TexturedMesh], name: str) -> None:
    """Write one node named `name` whose parts each have a material of their own name. The first one's extras count."""
    file = _File()
    file.add(name, GlbNode(parts=parts))
    file.write(path, name)


def write_glb_nodes(path: Path, nodes: Mapping[str, GlbNode], name: str, extras: Mapping[str, Any]) -> None:
    """Write a node named `name` with the extras, and below it one for each of `nodes`, by their names."""
    file = _File()
    below = [file.add(one, node) for one, node in nodes.items()]
    file.nodes.append({"name": name, "children": below, "extras": dict(extras)})
    file.write(path, name, root=len(below))


class _File:
    """A GLB as it grows. Its pictures lose what they say of people, places and devices."""

    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = []
        self._chunks = _Chunks()
        self._accessors: list[dict[str, Any]] = []
        self._meshes: list[dict[str, Any]] = []
        self._materials: list[dict[str, Any]] = []
        self._images: list[dict[str, Any]] = []

    def add(self, name: str, node: GlbNode) -> int:
        """Add a node with its mesh; its number."""
        primitives = []
        for part_name, part in node.parts.items():
            attributes = {}
            for attribute, accessor in _arrays(part, self._chunks).items():
                attributes[attribute] = len(self._accessors)
                self._accessors.append(accessor)
            indices = attributes.pop("indices")
            primitives.append({"attributes": attributes, "indices": indices, "material": len(self._materials)})
            self._materials.append(self._material(part_name, part))
        made: dict[str, Any] = {"name": name, "mesh": len(self._meshes), "extras": next(iter(node.parts.values())).extras}
        if any(node.place):
            x, y, z = node.place
            made["translation"] = [x, z, -y]
        self._meshes.append({"name": name, "primitives": primitives})
        self.nodes.append(made)
        return len(self.nodes) - 1

    def _material(self, name: str, part: TexturedMesh) -> dict[str, Any]:
        material: dict[str, Any] = {"name": name, "doubleSided": True}
        if part.alpha != OPAQUE:
            material["alphaMode"] = part.alpha
        at = {}
        pictures = {
            "": part.texture,
            " normals": part.normal_map,
            " occlusion": part.occlusion_map,
            " metal": part.metallic_roughness,
        }
        for what, picture in pictures.items():
            if picture:
                at[what] = {"index": len(self._images)}
                kind = "image/png" if picture.startswith(b"\x89PNG") else "image/jpeg"
                view = self._chunks.bytes(without_metadata(picture) if is_jpeg_or_png(picture) else picture)
                self._images.append({"name": name + what, "mimeType": kind, "bufferView": view})
        material["pbrMetallicRoughness"] = {"baseColorTexture": at[""], "metallicFactor": 0.0, "roughnessFactor": 1.0}
        if part.metallic_roughness:
            finish = {"metallicRoughnessTexture": at[" metal"], "metallicFactor": 1.0}
            material["pbrMetallicRoughness"].update(finish)
        if part.normal_map:
            material["normalTexture"] = at[" normals"]
        if part.occlusion_map:
            material["occlusionTexture"] = at[" occlusion"]
        return material

    def write(self, path: Path, name: str, root: int = 0) -> None:
        """Write what was added, with the node of number `root` as the scene's only one."""
        document = {
            "asset": {"version": "2.0", "generator": f"Grotto {VERSION}"},
            "scene": 0,
            "scenes": [{"name": name, "nodes": [root]}],
            "nodes": self.nodes,
            "meshes": self._meshes,
            "materials": self._materials,
            "textures": [{"source": number, "sampler": 0} for number in range(len(self._images))],
            "samplers": [{"magFilter": _LINEAR, "minFilter": _MIPMAP_LINEAR, "wrapS": _CLAMP, "wrapT": _CLAMP}],
            "images": self._images,
            "accessors": self._accessors,
            "bufferViews": self._chunks.views,
            "buffers": [{"byteLength": self._chunks.length}],
        }
        _write_container(path, json.dumps(document, separators=(",", ":")).encode(), self._chunks)


def _arrays(part: TexturedMesh, chunks: _Chunks) -> dict[str, dict[str, Any]]:
    """Accessors by the names of their attributes; `indices` is none."""
    positions = _to_y_up(part.vertices)
    ends = {"min": positions.min(0).tolist(), "max": positions.max(0).tolist()}
    made = {
        "POSITION": {**chunks.array(positions, _ARRAY_BUFFER, "VEC3"), **ends},
        "NORMAL": chunks.array(_to_y_up(part.normals), _ARRAY_BUFFER, "VEC3"),
        "TEXCOORD_0": chunks.array(part.uv.astype("<f4"), _ARRAY_BUFFER, "VEC2"),
    }
    if part.tangents is not None:
        turned = np.column_stack([_to_y_up(part.tangents), part.tangents[:, 3]]).astype("<f4")
        made["TANGENT"] = chunks.array(turned, _ARRAY_BUFFER, "VEC4")
    if part.seen is not None:
        made["_SEEN"] = chunks.array(part.seen.astype("<f4"), _ARRAY_BUFFER, "SCALAR")
    made["indices"] = chunks.array(part.faces.astype("<u4").reshape(-1), _ELEMENT_BUFFER, "SCALAR")
    return made


def _to_y_up(points: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.stack([points[:, 0], points[:, 2], -points[:, 1]], axis=1).astype("<f4")


class _Chunks:
    """The binary chunk as it grows, each view on a four-byte boundary as the specification asks."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.views: list[dict[str, int]] = []
        self.length = 0

    def bytes(self, data: bytes) -> int:
        self.views.append({"buffer": 0, "byteOffset": self.length, "byteLength": len(data)})
        padded = data + b"\0" * (-len(data) % 4)
        self.parts.append(padded)
        self.length += len(padded)
        return len(self.views) - 1

    def array(self, values: NDArray[np.generic], target: int, kind: str) -> dict[str, Any]:
        index = self.bytes(np.ascontiguousarray(values).tobytes())
        self.views[index]["target"] = target
        component = _FLOAT if values.dtype.kind == "f" else _UINT32
        return {"bufferView": index, "componentType": component, "count": len(values), "type": kind}


def _write_container(path: Path, document: bytes, chunks: _Chunks) -> None:
    document += b" " * (-len(document) % 4)
    total = 12 + 2 * _CHUNK_HEADER.size + len(document) + chunks.length
    if total >= 2**32:
        raise bad_input(
            "the mesh and its texture are larger than a GLB can hold (4 GB)", "ask for fewer faces or a smaller texture"
        )
    with path.open("wb") as file:
        file.write(struct.pack("<III", _MAGIC, 2, total))
        file.write(_CHUNK_HEADER.pack(len(document), _JSON) + document)
        file.write(_CHUNK_HEADER.pack(chunks.length, _BINARY))
        for part in chunks.parts:
            file.write(part)
