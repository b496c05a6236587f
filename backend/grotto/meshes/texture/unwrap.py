"""Cutting a mesh into islands and laying them into a square texture, by xatlas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...contract import bad_input, bug
from ...formats import Mesh
from .texel_map import TexelMap, texel_map

if TYPE_CHECKING:
    import xatlas

_TRIES = 10
_PACKED_PX = 1024  # larger textures are packed at about this size
_FINE = 0.01  # of the texture's side: islands that reach so near to its end are large enough
_ENOUGH = 3  # tries, after which any scale that fits will do
_SLACK = 0.998  # of a size to aim at: places are found by chance, and vary a little
_FAR = 0.7  # of a scale: the most that one try reduces it by, and what it does where several found no nearer one
_LEAST_SCALE = 0.03  # of the scale at which the mesh's area fills six tenths of the texture
_LEAST_AREA = 1e-12  # of the mesh's area: thinner faces say nothing about density


@dataclass(frozen=True)
class UnwrapReport:
    """How well the texture is used. Density is texels along a length of the world."""

    islands: int
    utilisation: float  # part of the texels whose centre lies in a face
    overlap: int  # texels whose centre lies inside of two faces; 0 in a valid unwrapping
    texels_per_unit: float  # what the islands were laid out for: as many for every island
    density_spread: float  # 95th through 5th percentile, by area, of the faces' density


@dataclass(frozen=True, kw_only=True)
class Unwrapped:
    """A mesh whose vertices are doubled at seams, with its place in a square texture of `texture_px`."""

    vertices: NDArray[np.float32]  # (n, 3)
    faces: NDArray[np.int32]  # (m, 3), in the order of the source's
    uv: NDArray[np.float32]  # (n, 2) from the texture's top left corner: u right, v down, 0 to 1
    source_vertex: NDArray[np.int64]  # (n,) the vertex of the source that each one is
    texture_px: int
    report: UnwrapReport

    def texels(self) -> TexelMap:
        """Which face each texel's centre lies in."""
        return texel_map(self.uv, self.faces, self.texture_px)


def unwrap(mesh: Mesh, texture_px: int, padding: int = 8) -> Unwrapped:
    """Lay a mesh into a texture of `texture_px` x `texture_px`, islands at least `padding` texels apart.

    All islands have one scale. Islands are cut once; then they are packed at scales that follow from the size that the last one
    took, and the largest that fits is kept, so the padding is exact at this size. Raises a bad-input problem for a mesh without
    area, and where the islands and their padding do not fit.
    """
    import xatlas

    area = _areas(mesh.vertices.astype(np.float64)[mesh.faces])
    if not area.sum() > 0:
        raise bad_input("the mesh has no area to unwrap", "make it again with other settings")
    atlas = xatlas.Atlas()
    atlas.add_mesh(np.ascontiguousarray(mesh.vertices, np.float32), np.ascontiguousarray(mesh.faces, np.uint32))
    options = xatlas.PackOptions()
    options.texels_per_unit = texture_px * float(np.sqrt(0.6 / area.sum()))
    options.padding = padding
    atlas.generate(xatlas.ChartOptions(), options)
    source_vertex, faces, uv = atlas[0]
    if len(faces) != len(mesh.faces):
        raise bug(f"unwrapping gave {len(faces)} faces instead of {len(mesh.faces)}")
    flat = uv * np.array([atlas.width, atlas.height], np.float32) / np.float32(atlas.texels_per_unit)  # lengths of the world
    source = source_vertex.astype(np.int64)
    source, faces, flat = without_folds(source, faces.astype(np.int32), flat, options.texels_per_unit)
    guess = options.texels_per_unit * texture_px / max(1, atlas.width, atlas.height)
    for _ in range(_TRIES):  # folds finer than those samples show only among the final texels
        uv, scale, islands = _packed(flat, faces, texture_px, padding, guess, _LEAST_SCALE * options.texels_per_unit)
        texels = texel_map(uv, faces, texture_px)
        if not len(texels.overlapping):
            break
        source, faces, flat = _set_apart(source, faces, flat, texels.overlapping)
    report = _report(mesh, uv, faces, texels, scale, islands)
    return Unwrapped(
        vertices=np.asarray(mesh.vertices[source], np.float32), faces=faces, uv=uv, source_vertex=source,
        texture_px=texture_px, report=report,
    )  # fmt: skip


def without_folds(
    source: NDArray[np.int64], faces: NDArray[np.int32], flat: NDArray[np.float32], scale: float
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """The islands with each face that lies on another made an island of its own, beside all others."""
    for _ in range(_TRIES):
        span = float(flat.max())
        side = int(np.clip(2 * scale * span, 256, 8192))
        folded = texel_map(flat / np.float32(span), faces, side).overlapping
        if not len(folded):
            break
        source, faces, flat = _set_apart(source, faces, flat, folded)
    return source, faces, flat


def _set_apart(
    source: NDArray[np.int64], faces: NDArray[np.int32], flat: NDArray[np.float32], folded: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """The islands with some faces each made an island of its own, beside all others."""
    span = float(flat.max())
    corners = faces[folded].reshape(-1)
    lone = flat[corners].reshape(-1, 3, 2)
    lone = lone - lone.min(axis=1, keepdims=True)
    step = 1.5 * float(lone.max()) + 1e-6
    columns = max(1, int(span / step))
    number = np.arange(len(folded))
    lone += np.stack([number % columns * step, span + step + number // columns * step], axis=1)[:, None].astype(np.float32)
    faces = faces.copy()
    faces[folded] = len(flat) + np.arange(len(corners)).reshape(-1, 3)
    return np.concatenate([source, source[corners]]), faces, np.concatenate([flat, lone.reshape(-1, 2)])


def _packed(
    flat: NDArray[np.float32], faces: NDArray[np.int32], side: int, padding: int, scale: float, least: float
) -> tuple[NDArray[np.float32], float, int]:
    """Places (n, 2) from the top left, 0 to 1, at the largest scale found that fits; the scale; the number of islands.

    scale: a guess, which saves tries where it is near. least: below it, islands would be hardly more than their padding. Packing
    costs as the texels do, so a large texture is packed at a part of its size, with as much of its padding or more.
    """
    import xatlas

    coarse = max(1, min(side // _PACKED_PX, padding))
    small, gap = side // coarse, -(-padding // coarse)
    best: tuple[float, xatlas.Atlas] | None = None
    tried: list[tuple[float, int]] = []
    scale, least = max(scale, least) / coarse, least / coarse
    for turn in range(_TRIES):
        atlas = xatlas.Atlas()
        atlas.add_uv_mesh(np.ascontiguousarray(flat * np.float32(scale)), np.ascontiguousarray(faces, np.uint32))
        options = xatlas.PackOptions()
        options.texels_per_unit, options.padding = 1.0, gap  # without a limit, the size says how far the scale is off
        atlas.generate(xatlas.ChartOptions(), options)
        longest = max(1, atlas.width, atlas.height)
        if longest <= small and (best is None or scale > best[0]):
            best = scale, atlas
        if best is not None and (longest >= (1 - _FINE) * small or turn >= _ENOUGH):
            break
        if best is None and scale <= least:
            break
        tried.append((scale, longest))
        scale = max(least, _next_scale(tried, small))
    if best is None:
        raise bad_input(
            f"the mesh's islands do not fit into a texture of {side} px with a padding of {padding} px",
            "ask for a larger texture, less padding or fewer faces",
            option="bake_px",
        )
    order, _, packed = best[1][0]
    texels = packed * np.array([best[1].width, best[1].height], np.float32) * np.float32(coarse)
    uv = np.zeros((len(flat), 2), np.float32)
    uv[order] = np.stack([texels[:, 0] / side, 1.0 - texels[:, 1] / side], axis=1)
    return uv, best[0] * coarse, int(best[1].chart_count)


def _next_scale(tried: Sequence[tuple[float, int]], side: int) -> float:
    """The scale at which islands will take `side`, of scales and what islands took at them; padding does not grow with them."""
    scale, longest = tried[-1]
    if len(tried) <= _ENOUGH:
        return scale * side / longest * (1 if longest <= side else _SLACK)
    first, taken = tried[0]
    growth = (taken - longest) / (first - scale) if first != scale else 0.0
    if len(tried) > 2 * _ENOUGH or growth <= 0:
        return _FAR * scale
    return max(_FAR * scale, scale + (_SLACK ** len(tried) * side - longest) / growth)


def _report(
    mesh: Mesh, uv: NDArray[np.float32], faces: NDArray[np.int32], texels: TexelMap, scale: float, islands: int
) -> UnwrapReport:
    corners = mesh.vertices.astype(np.float64)[mesh.faces]
    world = _areas(corners)
    laid = uv.astype(np.float64)[faces] * texels.face.shape[0]
    texture = _areas(np.concatenate([laid, np.zeros((*laid.shape[:2], 1))], axis=2))
    real = world > _LEAST_AREA * world.sum()
    density = np.sqrt(texture[real] / world[real])
    order = np.argsort(density)
    along = np.cumsum(world[real][order]) / world[real].sum()
    low, high = (float(density[order][min(np.searchsorted(along, part), len(order) - 1)]) for part in (0.05, 0.95))
    return UnwrapReport(
        islands=int(islands), utilisation=float((texels.face >= 0).mean()), overlap=texels.overlap, texels_per_unit=float(scale),
        density_spread=high / max(low, 1e-12),
    )  # fmt: skip


def _areas(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(0.5 * np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1))
