"""The stage `asset` of a scan: the mesh unwrapped, painted with the photos and written for games and viewers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...contract import Part, ProblemError, Progress, bug
from ...contract.options import BakeOptions
from ...formats import Artefact, Mesh, write_glb, write_shift
from ...meshes.appearance import fit_specular, fit_texture, write_specular
from ...meshes.remesh import lod_chain
from ...meshes.repair import mesh_facts
from ...meshes.texture import (
    Baked,
    Unwrapped,
    as_png,
    bake,
    forecast_bake,
    seen_vertices,
    textured,
    unwrap,
)
from ...runner import Stage
from ...scene import View
from ...views import ViewSet
from .fits import FRAMEWORK
from .surface import ScanMesh

GLB = "scan.glb"
SEEN = "seen.png"
HIGHLIGHTS = "highlights"
_VIEWS_BYTES = 2_000_000_000  # of the pictures that textures are painted from
_PIXEL_BYTES = 4 * 4 * 2


@dataclass(frozen=True, kw_only=True)
class ScanAsset(Artefact):
    """The textured mesh as GLB, and its levels of detail, each with half the faces of the one before."""

    lods: tuple[str, ...]
    origin: str  # "field" or "splats": what the mesh was made from
    texture_px: int
    faces: int
    vertices: int  # of the surface; seams double them in the file
    components: int
    watertight: bool
    seen_fraction: float  # of the texture: the rest no photo shows
    file: str = GLB
    seen: str = SEEN  # picture of the texture's size: white where a photo shows the place
    highlights: str = ""  # folder of diffuse texture, features and network, where requested
    highlights_db: tuple[float, ...] = ()  # PSNR on the photos' pixels without them and with them


def forecast_asset(views: ViewSet, mesh: ScanMesh, provenance: Mapping[str, Any], lods: int, options: BakeOptions) -> int:
    """Bytes: the pictures, and the texture with its maps."""
    pictures = views.count * painting_px(views, options) ** 2 * _PIXEL_BYTES
    return FRAMEWORK + pictures + forecast_bake(options.bake_px, views.count)


def painting_px(views: ViewSet, options: BakeOptions) -> int:
    """The longer side of the pictures to paint with: half the texture's, as far as memory goes, and not below the fits'."""
    most = int(math.sqrt(_VIEWS_BYTES / (_PIXEL_BYTES * max(views.count, 1))))
    return max(views.view_px, min(options.bake_px // 2, most))


def make_asset(
    views: ViewSet,
    mesh: ScanMesh,
    provenance: Mapping[str, Any],
    lods: int,
    options: BakeOptions,
    folder: Path,
    report: Progress,
) -> ScanAsset:
    """Unwrap, paint and write the mesh and its levels of detail; what no photo shows is marked as such.

    The texture of the whole mesh is then brought nearer to the fits' pictures as they see it: for glTF, the diffuse that
    re-renders closest to the views. The extras of each GLB hold its provenance and the part of its texture that was seen.
    Raises a missing-resource problem where the texture is larger than memory.
    """
    longest = painting_px(views, options)
    largest = max(max(camera.width, camera.height) for camera in views.read_cameras())
    if longest < min(largest, options.bake_px // 2):
        report.note(f"textures are painted from pictures reduced to {longest} px: {views.count} larger ones need too much memory")
    pictures = views.load(longest)
    whole = mesh.read()
    report(0.0, "what the photos see")
    whole = replace(whole, seen=seen_vertices(whole, pictures))
    levels = [whole, *(level.mesh for level in lod_chain(whole, lods))]
    write_shift(folder, views.world_shift)
    names = [GLB, *(f"scan_lod{number}.glb" for number in range(1, len(levels)))]
    seen: list[float] = []
    highlights: tuple[float, ...] = ()
    for number, (name, level) in enumerate(zip(names, levels, strict=True)):
        part = Part(report, 0.05 + 0.95 * number / len(levels), 0.05 + 0.95 * (number + 1) / len(levels))
        part(0.0, f"unwrapping {len(level.faces)} faces")
        unwrapped = _unwrapped(level, number, options)
        painting = Part(part, 0.2, 0.6 if number == 0 else 0.95)
        baked = bake(unwrapped, pictures, replace(options, bake_px=unwrapped.texture_px), painting, level.colours)
        texture = baked.texture if number else _nearer(unwrapped, baked, views.load(), options.texture_steps, part)
        extras = {**provenance, "level_of_detail": number, "seen_fraction": round(baked.seen_fraction, 4)}
        write_glb(folder / name, textured(unwrapped, texture, extras=extras), Path(name).stem)
        if number == 0:
            (folder / SEEN).write_bytes(as_png((baked.seen * 255 + 0.5).astype(np.uint8)))
            highlights = _highlights(unwrapped, baked, texture, views.load(), folder, part) if options.highlights else ()
        seen.append(baked.seen_fraction)
    facts = mesh_facts(whole)
    return ScanAsset(
        folder=folder,
        lods=tuple(names[1:]),
        origin=mesh.origin,
        texture_px=options.bake_px,
        faces=facts.faces,
        vertices=facts.vertices,
        components=facts.islands,
        watertight=facts.watertight,
        seen_fraction=seen[0],
        highlights=HIGHLIGHTS if highlights else "",
        highlights_db=highlights,
    )


def _nearer(unwrapped: Unwrapped, baked: Baked, views: Sequence[View], steps: int, report: Progress) -> NDArray[np.float32]:
    even = [replace(view, colour=view.colour * gain) for view, gain in zip(views, baked.gains, strict=True)]
    part = Part(report, 0.6, 0.8)
    return fit_texture(unwrapped.vertices, unwrapped.faces, unwrapped.uv, baked.texture, even, steps, part)


def _highlights(
    unwrapped: Unwrapped, baked: Baked, texture: NDArray[np.float32], views: Sequence[View], folder: Path, report: Progress
) -> tuple[float, float]:
    """Write the view-dependent colours; PSNR in dB before and after."""
    made = fit_specular(unwrapped, texture, views, Part(report, 0.8, 1.0), gains=baked.gains)
    (folder / HIGHLIGHTS).mkdir()
    write_specular(folder / HIGHLIGHTS, made.specular)
    return made.psnr_before_db, made.psnr_after_db


def _unwrapped(mesh: Mesh, number: int, options: BakeOptions) -> Unwrapped:
    """A level of detail has half the texture of the one before, unless its islands need more."""
    for halved in range(number, -1, -1):
        try:
            return unwrap(mesh, max(64, options.bake_px >> halved), max(1, options.bake_padding >> halved))
        except ProblemError:
            if halved == 0:
                raise
    raise bug("a level of detail without a texture")


ASSET = Stage("asset", "Texturing", make_asset, version=1, share=15, forecast=forecast_asset)
