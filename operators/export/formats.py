"""The file formats of an exported mesh: how Blender writes each, and how the file is checked."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
from bpy.types import Image, Object

from ...backend.grotto.contract import bad_input, bug, missing_resource

COLOUR = "Base Color"
FBX_MAGIC = b"Kaydara FBX Binary"
IMAGE_SUFFIXES = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"RIFF": ".webp"}


@dataclass(frozen=True)
class Format:
    """A file format, with its writer and its check."""

    name: str  # also in the operator's name, grotto.export_glb
    text: str  # purpose and losses, without a full stop
    write: Callable[[Path, list[Object]], None]  # writes what is selected; raises RuntimeError where Blender fails
    check: Callable[[Path, list[Object]], None]  # reads the file again; raises ProblemError

    @property
    def suffix(self) -> str:
        return f".{self.name}"


def picture_nodes(meshes: list[Object], only: str = "") -> list[Any]:
    """Return the image nodes of the meshes' surfaces; `only` restricts them to one input, such as "Base Color"."""
    found: dict[Any, None] = {}
    for material in dict.fromkeys(material for item in meshes for material in item.data.materials if material is not None):
        tree: Any = material.node_tree
        shaders = [node for node in (tree.nodes if tree is not None else ()) if node.type == "BSDF_PRINCIPLED"]
        sockets = [socket for shader in shaders for socket in shader.inputs if only in ("", socket.name)]
        waiting = [link.from_node for socket in sockets for link in socket.links]
        while waiting:
            node = waiting.pop()
            if node.type == "TEX_IMAGE" and node.image is not None:
                found[node] = None
            waiting += [link.from_node for socket in node.inputs for link in socket.links]
    return list(found)


def images_of(meshes: list[Object], only: str = "") -> list[Image]:
    """Return the images of those nodes, each once."""
    return list(dict.fromkeys(node.image for node in picture_nodes(meshes, only)))


def bytes_of(image: Image) -> bytes:
    """Return the bytes of the image's file. Raises ProblemError where the file is missing."""
    if image.packed_file is not None:
        return bytes(image.packed_file.data)
    path = Path(bpy.path.abspath(image.filepath))
    if not path.is_file():
        raise bad_input(f"the texture {image.name} is missing at {path}", "import the result again")
    return path.read_bytes()


def triangles_of(meshes: list[Object]) -> int:
    data: list[Any] = [item.data for item in meshes]
    for mesh in data:
        mesh.calc_loop_triangles()
    return sum(len(mesh.loop_triangles) for mesh in data)


def supported(operator: Any, **options: Any) -> dict[str, Any]:
    """Return the options that this Blender's exporter has: they differ between versions."""
    properties = operator.get_rna_type().properties
    return {name: value for name, value in options.items() if name in properties}


def write_glb(path: Path, meshes: list[Object]) -> None:
    bpy.ops.export_scene.gltf(
        filepath=str(path), export_format="GLB", use_selection=True, export_apply=False, export_image_format="AUTO"
    )


def check_glb(path: Path, meshes: list[Object]) -> None:
    from ...addon.importers.readers.glb import read_glb

    written = read_glb(path)
    check_face_count(path, sum(len(mesh.triangles) for mesh in written), meshes)
    if not written or any(mesh.image is None or not mesh.image.data or mesh.uv is None for mesh in written):
        raise bug(f"the texture is missing in {path.name}")


def write_usdz(path: Path, meshes: list[Object]) -> None:
    """Write with y up, as Apple's viewers need."""
    if "usd_export" not in dir(bpy.ops.wm):
        raise missing_resource("this Blender comes without USD", "install Blender from blender.org, or export a GLB")
    operator = bpy.ops.wm.usd_export
    options = supported(
        operator,
        selected_objects_only=True,
        export_materials=True,
        generate_preview_surface=True,
        export_textures=True,
        export_textures_mode="NEW",
        overwrite_textures=True,
        relative_paths=True,
        convert_orientation=True,
        export_global_up_selection="Y",
        export_global_forward_selection="NEGATIVE_Z",
        evaluation_mode="VIEWPORT",
        export_custom_properties=True,
        export_lights=False,
        export_cameras=False,
        convert_world_material=False,
    )
    operator(filepath=str(path), **options)


def check_usdz(path: Path, meshes: list[Object]) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    except (OSError, zipfile.BadZipFile) as error:
        raise bug(f"{path.name} is not a complete USDZ ({error})") from error
    pictures = [name for name, size in sizes.items() if size and not name.endswith((".usd", ".usda", ".usdc"))]
    if len(pictures) == len(sizes):
        raise bug(f"{path.name} holds no scene")
    if len(pictures) < len(images_of(meshes)):
        raise bug(f"{path.name} holds {len(pictures)} of {len(images_of(meshes))} textures")


def write_fbx(path: Path, meshes: list[Object]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        as_files(Path(folder), meshes),
    ):  # FBX takes packed images, which have no path, for one and the same
        bpy.ops.export_scene.fbx(
            filepath=str(path),
            use_selection=True,
            object_types={"MESH"},
            use_mesh_modifiers=False,
            mesh_smooth_type="OFF",
            use_custom_props=True,
            bake_anim=False,
            path_mode="COPY",
            embed_textures=True,
        )


def check_fbx(path: Path, meshes: list[Object]) -> None:
    """Textures are embedded unchanged, so the file must contain their bytes."""
    data = path.read_bytes()
    if not data.startswith(FBX_MAGIC):
        raise bug(f"{path.name} is not a binary FBX")
    lost = [image.name for image in images_of(meshes, COLOUR) if bytes_of(image) not in data]
    if lost:
        raise bug(f"{', '.join(lost)} is missing in {path.name}")


def write_obj(path: Path, meshes: list[Object]) -> None:
    with as_files(path.with_name(f"{path.stem}_textures"), meshes):  # an OBJ names its pictures and can not contain them
        operator = bpy.ops.wm.obj_export
        options = supported(
            operator,
            export_selected_objects=True,
            apply_modifiers=False,
            export_materials=True,
            export_pbr_extensions=False,
            export_uv=True,
            export_normals=True,
        )
        operator(filepath=str(path), path_mode="RELATIVE", **options)


@contextmanager
def as_files(folder: Path, meshes: list[Object]) -> Iterator[None]:
    """Write packed pictures into a folder and let the nodes use those files inside the block."""
    folder.mkdir(exist_ok=True)
    nodes = picture_nodes(meshes)
    before, replacement = [(node, node.image) for node in nodes], {}
    try:
        for image in images_of(meshes):
            data = bytes_of(image)
            suffix = next((end for magic, end in IMAGE_SUFFIXES.items() if data.startswith(magic)), ".png")
            file = folder / f"{''.join(letter if letter.isalnum() else '_' for letter in Path(image.name).stem)}{suffix}"
            file.write_bytes(data)
            replacement[image] = bpy.data.images.load(str(file))
        for node, image in before:
            node.image = replacement[image]
        yield
    finally:
        for node, image in before:
            node.image = image
        bpy.data.batch_remove(list(replacement.values()))


def check_obj(path: Path, meshes: list[Object]) -> None:
    with path.open(encoding="utf-8", errors="replace") as lines:
        check_face_count(path, sum(line.startswith("f ") for line in lines), meshes)
    library = path.with_suffix(".mtl")
    words = library.read_text(encoding="utf-8", errors="replace").splitlines() if library.is_file() else []
    maps = [line.split(None, 1)[1].strip() for line in words if line.startswith("map_Kd ")]
    there = [name for name in maps if (path.parent / name).is_file()]
    if len(there) < len(images_of(meshes, COLOUR)):
        raise bug(f"{library.name} names {len(there)} of {len(images_of(meshes, COLOUR))} textures")


def check_face_count(path: Path, faces: int, meshes: list[Object]) -> None:
    expected = triangles_of(meshes)
    if faces < expected:
        raise bug(f"{path.name} holds {faces} of {expected} faces")


FORMATS = (
    Format("glb", "Write the mesh with its textures as one GLB file: for web, VR and game engines", write_glb, check_glb),
    Format(
        "usdz",
        "Write the mesh with its textures as one USDZ file, y up: for Apple's viewers. Occlusion is lost",
        write_usdz,
        check_usdz,
    ),
    Format(
        "fbx",
        "Write the mesh as one FBX file, colour and normals embedded: for game engines. Occlusion is lost",
        write_fbx,
        check_fbx,
    ),
    Format(
        "obj",
        "Write the mesh as OBJ and MTL with a folder of textures. Occlusion and the seen attribute are lost",
        write_obj,
        check_obj,
    ),
)
