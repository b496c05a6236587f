"""Read and check the result of an outside model: a mesh in our frame with its colours, or a problem that names the fault."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...contract import MALFORMED, ProblemError, bug, missing_resource, parse_json, reason_of
from ...formats import Mesh, TexturedMesh
from ...meshes.texture import as_png, vertex_normals
from ...photos import Limit, PictureError, open_picture
from ..registry import OutsideModel
from .request import PROTOCOL, RESULT

_AXES = {sign + axis: (1 if sign == "+" else -1) * np.eye(3)[number] for sign in "+-" for number, axis in enumerate("xyz")}
_MOST_FACES = 20_000_000
_FORMATS = (".glb", ".obj", ".ply")

Surface = Mesh | TexturedMesh


@dataclass(frozen=True, kw_only=True)
class GeneratedMesh:
    """The mesh that a model generated. Frame: ours, z up, the picture's camera on negative y; the model's own size and place."""

    parts: tuple[Surface, ...]  # each with a texture, or with colours at its vertices
    metadata: dict[str, Any]  # of its result.json


def read_result(folder: Path, model: OutsideModel) -> GeneratedMesh:
    """Read and check the result of `model` in `folder`. Raises a missing resource that names the model where it is no mesh."""
    metadata = _metadata(folder, model)
    path = (folder / str(metadata["mesh"])).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file() or path.suffix.lower() not in _FORMATS:
        raise unusable(model, f"it names {metadata['mesh']!r} as its mesh, which is none of {', '.join(_FORMATS)} in its folder")
    turn = model_turn(str(metadata["up"]), str(metadata["front"]))
    if turn is None:
        raise unusable(model, f"{metadata['up']!r} and {metadata['front']!r} are no two axes")
    parts = tuple(_checked(part, model) for part in _finished(_read(path, model, turn), metadata, folder, model))
    if not parts:
        raise unusable(model, "its mesh is empty")
    if sum(len(part.faces) for part in parts) > _MOST_FACES:
        raise unusable(model, f"its mesh has more than {_MOST_FACES:,} faces")
    return GeneratedMesh(parts=parts, metadata=metadata)


def model_turn(up: str, front: str) -> NDArray[np.float64] | None:
    """(3, 3) from a frame with these axes ("+x" to "-z") to ours: z is up, fronts look to negative y. None for no two axes."""
    if up not in _AXES or front not in _AXES or abs(_AXES[up] @ _AXES[front]) > 0.5:
        return None
    return np.stack([np.cross(-_AXES[front], _AXES[up]), -_AXES[front], _AXES[up]])


def unusable(model: OutsideModel, what: str) -> ProblemError:
    """Make the problem of a model that ran without a usable result."""
    return missing_resource(
        f"{model.title} gave no usable result: {what}", "try another seed, or check that the model works by itself"
    )


def _metadata(folder: Path, model: OutsideModel) -> dict[str, Any]:
    try:
        metadata = parse_json((folder / RESULT).read_bytes())
    except (OSError, *MALFORMED) as error:
        raise unusable(model, "it left no result") from error
    if not isinstance(metadata, dict) or not {"mesh", "up", "front"} <= metadata.keys():
        raise unusable(model, "its result lacks mesh, up or front")
    if metadata.get("protocol") != PROTOCOL:
        raise bug(f"{model.title} uses protocol {metadata.get('protocol')} instead of {PROTOCOL}")
    return metadata


def _read(path: Path, model: OutsideModel, turn: NDArray[np.float64]) -> list[Surface]:
    import trimesh

    try:
        scene = trimesh.load_scene(path, process=False)
        meshes = [mesh for mesh in scene.dump(concatenate=False) if isinstance(mesh, trimesh.Trimesh)]
    # what the readers of three formats raise on broken files; our own code stays outside
    except (OSError, *MALFORMED) as error:
        raise unusable(model, f"{path.name} cannot be read ({reason_of(error)})") from error
    return [_surface(mesh, turn, model) for mesh in meshes if len(mesh.faces)]


def _finished(parts: list[Surface], metadata: dict[str, Any], folder: Path, model: OutsideModel) -> list[Surface]:
    """Add the finish that the result names as files of its own, grey: OBJ's readers leave `map_Pm` and `map_Pr` out."""
    named = [str(metadata.get(key, "")) for key in ("metallic", "roughness")]
    if not any(named):
        return parts
    maps = []
    for name in named:
        path = (folder / name).resolve()
        if not name or not path.is_relative_to(folder.resolve()) or not path.is_file():
            raise unusable(model, f"it names {name!r} as metallic or roughness map, which is no file in its folder")
        try:
            with open_picture(path, Limit()) as picture:
                maps.append(picture.convert("L"))
        except PictureError as error:
            raise unusable(model, f"{name} cannot be read ({error})") from error
    metallic, roughness = maps
    packed = _packed(metallic, roughness)
    return [replace(part, metallic_roughness=packed) if isinstance(part, TexturedMesh) else part for part in parts]


def _packed(metallic: Image.Image, roughness: Image.Image, factors: tuple[float, float] = (1.0, 1.0)) -> bytes:
    """A PNG as glTF packs it: roughness in green, metallic in blue."""
    size = (max(metallic.width, roughness.width), max(metallic.height, roughness.height))
    layers = [
        np.asarray(layer.resize(size), np.float32) * factor for layer, factor in ((roughness, factors[1]), (metallic, factors[0]))
    ]
    return as_png(np.dstack([np.full(layers[0].shape, 255), *layers]).clip(0, 255).astype(np.uint8))


def _finish_of(visual: Any) -> bytes:
    """The metallic and roughness of a glTF material where they are a picture; empty where they are not."""
    material = getattr(visual, "material", None)
    picture = getattr(material, "metallicRoughnessTexture", None)
    if picture is None:
        return b""
    factors = [getattr(material, f"{name}Factor", None) for name in ("metallic", "roughness")]
    _, roughness, metallic = picture.convert("RGB").split()
    metal, rough = (1.0 if factor is None else float(factor) for factor in factors)
    return _packed(metallic, roughness, (metal, rough))


def _surface(mesh: Any, turn: NDArray[np.float64], model: OutsideModel) -> Surface:
    vertices = (np.asarray(mesh.vertices, np.float64) @ turn.T).astype(np.float32)
    faces = np.asarray(mesh.faces, np.int32)
    uv, picture = getattr(mesh.visual, "uv", None), _picture(mesh.visual)
    if uv is not None and picture is not None and len(uv) == len(vertices):
        return TexturedMesh(
            vertices=vertices, faces=faces.astype(np.uint32), normals=vertex_normals(vertices, faces),
            uv=np.stack([uv[:, 0], 1 - uv[:, 1]], axis=1).astype(np.float32), texture=as_png(picture),
            metallic_roughness=_finish_of(mesh.visual),
        )  # fmt: skip
    if mesh.visual.kind in ("vertex", "face"):
        rgba = np.asarray(mesh.visual.to_color().vertex_colors if mesh.visual.kind == "face" else mesh.visual.vertex_colors)
        return Mesh(vertices=vertices, faces=faces, colours=(rgba[:, :3] / 255).astype(np.float32))
    raise unusable(model, "its mesh has no colours")


def _picture(visual: Any) -> NDArray[np.uint8] | None:
    """(h, w, 3) the base colour of a material, where it is a picture."""
    material = getattr(visual, "material", None)
    image = getattr(material, "baseColorTexture", None) or getattr(material, "image", None)
    return None if image is None else np.asarray(image.convert("RGB"), np.uint8)


def _checked(part: Surface, model: OutsideModel) -> Surface:
    if not np.isfinite(part.vertices).all():
        raise unusable(model, "its mesh has corners that are no numbers")
    if len(part.faces) and int(part.faces.max()) >= len(part.vertices):
        raise unusable(model, "its mesh names corners that it does not have")
    if isinstance(part, TexturedMesh) and not np.isfinite(part.uv).all():
        raise unusable(model, "its mesh has places in the texture that are no numbers")
    if not np.ptp(part.vertices, axis=0).max() > 0:
        raise unusable(model, "its mesh has no size")
    return part
