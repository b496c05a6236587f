"""The job's own GLB, which holds more than Blender's exporter writes: tangents, custom attributes, extras."""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bpy.types import Object
from mathutils import Matrix

from ...addon.importers.provenance import FOLDER

JSON_CHUNK = 0x4E4F534A
SHAS = "grotto_sha256"  # on the root: hashes of the job's files by path
SAME = 1e-5  # largest difference of matrices that count as equal


def own_glb(root: Object, path: str, meshes: Sequence[Object] | None) -> Path | None:
    """Return the job's file of a part, where it shows what the scene shows; None where something was edited.

    `meshes` are the part's objects in the scene, None where the part is not imported.
    """
    from ...addon.importers.fingerprint import are_as_made

    custom: Any = root
    file = Path(custom[FOLDER]) / path
    sha = json.loads(custom.get(SHAS, "{}")).get(path, "")
    if file.suffix != ".glb" or not file.is_file() or not _is_rigid_or_scaled(root.matrix_world):
        return None
    if meshes is None:
        return file if not sha or _sha256(file) == sha else None
    for item in meshes:
        item.update_from_editmode()
    return file if sha and are_as_made(meshes) and _sha256(file) == sha else None


def write_own_glb(source: Path, target: Path, world_from_root: Matrix, name: str) -> None:
    """Copy a GLB; a root that was moved, turned or scaled becomes a node above the file's own."""
    if _differs(world_from_root, Matrix.Identity(4)):
        target.write_bytes(below_node(source.read_bytes(), node_of(world_from_root, name)))
    else:
        shutil.copyfile(source, target)


def node_of(world_from_root: Matrix, name: str) -> dict[str, Any]:
    """Return the glTF node, y up, of a transform, z up."""
    place, turn, scale = world_from_root.decompose()
    return {
        "name": name,
        "translation": [place.x, place.z, -place.y],
        "rotation": [turn.x, turn.z, -turn.y, turn.w],
        "scale": [scale.x, scale.z, scale.y],
    }


def below_node(glb: bytes, node: dict[str, Any]) -> bytes:
    """Return a GLB with a node above those of its scenes; binary data are not touched (glTF 2.0, section 4.4)."""
    size = struct.unpack_from("<I", glb, 12)[0]
    document = json.loads(glb[20 : 20 + size])
    nodes = document.setdefault("nodes", [])
    for scene in document.get("scenes", []):
        nodes.append({**node, "children": scene.get("nodes", [])})
        scene["nodes"] = [len(nodes) - 1]
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    rest = glb[20 + size :]
    header = struct.pack("<4sIIII", glb[:4], 2, 20 + len(text) + len(rest), len(text), JSON_CHUNK)
    return header + text + rest


def _is_rigid_or_scaled(matrix: Matrix) -> bool:
    """Whether translation, rotation and scale make the whole matrix: shear has no place in a glTF node."""
    return not _differs(Matrix.LocRotScale(*matrix.decompose()), matrix)


def _differs(one: Matrix, other: Matrix) -> bool:
    size = max(1.0, *(abs(number) for row in one for number in row))
    return any(abs(one[row][column] - other[row][column]) > SAME * size for row in range(4) for column in range(4))


def _sha256(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()
