"""The file formats of an exported mesh: how Blender writes each, and how the file is checked."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from ...backend.grotto.contract import bug
from .surfaces import COLOUR, Expected, as_files, bytes_of, images_of

FBX_MAGIC = b"Kaydara FBX Binary"


@dataclass(frozen=True)
class Writing:
    """What an exporter gets: the file, what it will hold, and how it is written."""

    path: Path
    expected: Expected
    modifiers: bool  # whether some apply


@dataclass(frozen=True)
class Format:
    """A file format, with its writer and its check."""

    name: str  # also in the operator's name, grotto.export_glb
    text: str  # purpose and losses, without a full stop
    exporter: tuple[str, str]  # Blender's operator: module and name in bpy.ops
    write: Callable[[Writing], None]  # writes what is selected; raises RuntimeError where Blender fails
    check: Callable[[Path, Expected], None]  # reads the file again; raises ProblemError

    @property
    def suffix(self) -> str:
        return f".{self.name}"

    def why_missing(self) -> str:
        """Return why this Blender cannot write the format, "" where it can."""
        module, name = self.exporter
        with suppress(KeyError):  # much faster than to list the operators, and panels look at each draw
            getattr(getattr(bpy.ops, module), name).get_rna_type()
            return ""
        if self.name == "usdz":
            return "This Blender comes without USD: install Blender from blender.org, or export a GLB"
        return f"The {self.name.upper()} exporter is switched off: enable it in Blender's preferences, under Add-ons"


def supported(operator: Any, **options: Any) -> dict[str, Any]:
    """Return the options that this Blender's exporter has: they differ between versions."""
    properties = operator.get_rna_type().properties
    return {name: value for name, value in options.items() if name in properties}


def write_glb(writing: Writing) -> None:
    bpy.ops.export_scene.gltf(
        filepath=str(writing.path),
        export_format="GLB",
        use_selection=True,
        use_active_scene=True,
        export_apply=writing.modifiers,
        export_image_format="AUTO",
    )


def check_glb(path: Path, expected: Expected) -> None:
    from ...addon.importers.readers.glb import read_glb

    written = read_glb(path)
    check_face_count(path, sum(len(mesh.triangles) for mesh in written), expected.triangles)
    textured = sum(mesh.image is not None and bool(mesh.image.data) and mesh.uv is not None for mesh in written)
    if textured < expected.textured:
        raise bug(f"{path.name} holds {textured} of {expected.textured} textures")


def write_usdz(writing: Writing) -> None:
    """Write with y up, as Apple's viewers need."""
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
    operator(filepath=str(writing.path), **options)


def check_usdz(path: Path, expected: Expected) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    except (OSError, zipfile.BadZipFile) as error:
        raise bug(f"{path.name} is not a complete USDZ ({error})") from error
    pictures = [name for name, size in sizes.items() if size and not name.endswith((".usd", ".usda", ".usdc"))]
    if len(pictures) == len(sizes):
        raise bug(f"{path.name} holds no scene")
    images = images_of(expected.materials)
    if len(pictures) < len(images):
        raise bug(f"{path.name} holds {len(pictures)} of {len(images)} textures")


def write_fbx(writing: Writing) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        as_files(Path(folder), writing.expected.materials),
    ):  # FBX takes packed images, which have no path, for one and the same
        bpy.ops.export_scene.fbx(
            filepath=str(writing.path),
            use_selection=True,
            object_types={"MESH"},
            use_mesh_modifiers=writing.modifiers,
            use_mesh_modifiers_render=False,
            mesh_smooth_type="OFF",
            use_custom_props=True,
            bake_anim=False,
            path_mode="COPY",
            embed_textures=True,
        )


def check_fbx(path: Path, expected: Expected) -> None:
    """Textures are embedded unchanged, so the file must contain their bytes."""
    data = path.read_bytes()
    if not data.startswith(FBX_MAGIC):
        raise bug(f"{path.name} is not a binary FBX")
    lost = [image.name for image in images_of(expected.materials, COLOUR) if bytes_of(image) not in data]
    if lost:
        raise bug(f"{', '.join(lost)} is missing in {path.name}")


def write_obj(writing: Writing) -> None:
    path = writing.path
    # An OBJ names its pictures and cannot contain them.
    with as_files(path.with_name(f"{path.stem}_textures"), writing.expected.materials):
        operator = bpy.ops.wm.obj_export
        options = supported(
            operator,
            export_selected_objects=True,
            apply_modifiers=writing.modifiers,
            export_materials=True,
            export_pbr_extensions=False,
            export_uv=True,
            export_normals=True,
        )
        operator(filepath=str(path), path_mode="RELATIVE", **options)


def check_obj(path: Path, expected: Expected) -> None:
    with path.open(encoding="utf-8", errors="replace") as lines:
        check_face_count(path, sum(line.startswith("f ") for line in lines), expected.polygons)
    library = path.with_suffix(".mtl")
    words = library.read_text(encoding="utf-8", errors="replace").splitlines() if library.is_file() else []
    maps = [line.split(None, 1)[1].strip() for line in words if line.startswith("map_Kd ")]
    there = [name for name in maps if (path.parent / name).is_file()]
    images = images_of(expected.materials, COLOUR)
    if len(there) < len(images):
        raise bug(f"{library.name} names {len(there)} of {len(images)} textures")


def check_face_count(path: Path, faces: int, expected: int) -> None:
    if faces < expected:
        raise bug(f"{path.name} holds {faces} of {expected} faces")


GLB = Format(
    "glb",
    "Write the mesh with its textures as one GLB file: for web, VR and game engines",
    ("export_scene", "gltf"),
    write_glb,
    check_glb,
)
FORMATS = (
    GLB,
    Format(
        "usdz",
        "Write the mesh with its textures as one USDZ file, y up: for Apple's viewers. Occlusion is lost",
        ("wm", "usd_export"),
        write_usdz,
        check_usdz,
    ),
    Format(
        "fbx",
        "Write the mesh as one FBX file, colour and normals embedded: for game engines. Occlusion is lost",
        ("export_scene", "fbx"),
        write_fbx,
        check_fbx,
    ),
    Format(
        "obj",
        "Write the mesh as OBJ and MTL with a folder of textures. Occlusion and the seen attribute are lost",
        ("wm", "obj_export"),
        write_obj,
        check_obj,
    ),
)
