"""From a field of six views to a textured mesh, as the recipe `scan` makes it, without refinement and with it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...contract import Part, Progress
from ...contract.options import BakeOptions, RefineOptions
from ...fields import Field, density_grid
from ...formats import Mesh, TexturedMesh
from ...meshes.appearance import fit_texture
from ...meshes.refine import refine_mesh
from ...meshes.remesh import decimate
from ...meshes.repair import MeshFacts, mesh_facts, repair
from ...meshes.surface import surface_of_grid
from ...meshes.texture import bake, textured, unwrap
from ...scene import View

_SMALLEST_ISLAND = 0.1  # of the surface: six views show one object, so that smaller islands are artefacts
CELLS, FACES, REFINE_STEPS, PADDING = 160, 20_000, 200, 4  # the recipe's draft; the texture is smaller, as the pictures are


@dataclass(frozen=True, kw_only=True)
class SixViewAsset:
    """Both meshes with their textures."""

    plain: TexturedMesh  # marching cubes, mended and decimated
    refined: TexturedMesh  # the same after refinement
    mesh: Mesh  # the refined one, before it was unwrapped
    facts: MeshFacts  # of the refined one


def six_view_asset(field: Field, views: Sequence[View], report: Progress, texture_px: int = 1024) -> SixViewAsset:
    """Extract, repair and decimate the field's surface, refine it against the views, and paint both with them."""
    report(0.0, "the field's surface")
    grid = density_grid(field, CELLS)
    whole = surface_of_grid(grid.values, grid.lowest, grid.step, grid.level)
    plain = decimate(repair(whole, smallest_island=_SMALLEST_ISLAND, largest_hole=math.inf).mesh, FACES)
    options = RefineOptions(refine_steps=REFINE_STEPS)
    refined = refine_mesh(plain, views, (), FACES, options, Part(report, 0.2, 0.6)).mesh
    refined = repair(refined, smallest_island=_SMALLEST_ISLAND, largest_hole=math.inf).mesh
    return SixViewAsset(
        plain=_painted(plain, views, texture_px, Part(report, 0.6, 0.8)),
        refined=_painted(refined, views, texture_px, Part(report, 0.8, 1.0)),
        mesh=refined,
        facts=mesh_facts(refined),
    )


def _painted(mesh: Mesh, views: Sequence[View], texture_px: int, report: Progress) -> TexturedMesh:
    unwrapped = unwrap(mesh, texture_px, PADDING)
    options = BakeOptions(bake_px=texture_px, bake_padding=PADDING)
    baked = bake(unwrapped, views, options, Part(report, 0.0, 0.6), mesh.colours)
    even = [replace(view, colour=view.colour * gain) for view, gain in zip(views, baked.gains, strict=True)]
    near = Part(report, 0.6, 1.0)
    texture = fit_texture(unwrapped.vertices, unwrapped.faces, unwrapped.uv, baked.texture, even, options.texture_steps, near)
    return textured(unwrapped, texture)
