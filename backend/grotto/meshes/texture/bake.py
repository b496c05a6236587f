"""Baking: photos become the texture of an unwrapped mesh, with a second texture of what was seen and what is invented.

Projective texturing after Debevec, Taylor and Malik 1996 (view-dependent weights, section 4) with the weights of a single,
view-independent texture: the fourth power of the cosine, less at outlines and in highlights, photos brought to one exposure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...contract import Action, Progress, bad_input, bug, missing_resource
from ...contract.options import BakeOptions
from ...formats import Mesh, TexturedMesh
from ...scene import View
from .fill import inpaint_surface, pad_islands
from .gains import view_gains
from .inpaint import as_jpeg
from .projection import Eye, Projector, Sight, vertex_normals
from .texel_map import TexelMap
from .unwrap import Unwrapped

Array32 = NDArray[np.float32]

_POWER = 4  # of the cosine
_LEAST_TRUST = 1e-3  # of a place that only outlines and highlights show: better than nothing
_STRANGE = 0.12  # colours farther from the place's mean count less: highlights, and what the geometry gets wrong
_GAIN_PLACES = 4000
_BYTES_PER_TEXEL = 60  # as measured (test_bake): maps, texture, its copy beyond the islands, labels
_BYTES_PER_SIGHT = 28  # a colour, its weight and copies, for each place of a piece in each view
_PIECE_BYTES = 256e6


@dataclass(frozen=True, kw_only=True)
class Baked:
    """The textures of an unwrapped mesh. Values are sRGB's, 0 to 1, straight from the top left."""

    texture: Array32  # (h, w, 3), without gaps
    seen: Array32  # (h, w) 1 where a photo shows the place, 0 where it is invented
    gains: Array32  # (views, 3) factors that brought the views to one exposure
    seen_fraction: float  # of the islands' texels


def forecast_bake(texture_px: int, views: int) -> int:
    """Bytes of memory that `bake` needs beside its views."""
    return int(_BYTES_PER_TEXEL * texture_px**2 + 2 * _PIECE_BYTES + 4 * _GAIN_PLACES * views * _BYTES_PER_SIGHT)


def check_bake_memory(texture_px: int, views: int, free: int) -> None:
    """Raise a missing-resource problem where `free` bytes do not suffice for `bake`; before unwrapping, it saves the time."""
    need = forecast_bake(texture_px, views)
    if need > free:
        raise missing_resource(
            f"baking {texture_px} px needs {need / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB is free",
            "ask for a smaller texture",
            Action.CHANGE_OPTIONS,
            option="bake_px",
        )


def bake(
    unwrapped: Unwrapped, views: Sequence[View], options: BakeOptions, report: Progress, guess: Array32 | None = None
) -> Baked:
    """Paint an unwrapped mesh with its views, at the size it was unwrapped for (`options.bake_px`).

    What no view shows is carried on from its neighbours on the surface; `guess` (vertices of the source, 3) are colours that
    it follows there. Raises bad input without views or where the unwrapping is of another size, and a missing-resource
    problem, before any work, where the memory does not suffice.
    """
    _check(unwrapped, views, options)
    check_bake_memory(unwrapped.texture_px, len(views), report.free_memory)
    side = unwrapped.texture_px
    sources = int(unwrapped.source_vertex.max()) + 1
    if guess is not None and len(guess) < sources:
        raise bug(f"{len(guess)} guessed colours for {sources} vertices")
    report(0.0, "Texels")
    source = _welded(unwrapped, sources)
    projector = Projector(source.vertices, source.faces, views)
    normals = vertex_normals(source.vertices, source.faces)
    texels = unwrapped.texels()
    places = _Places(unwrapped, texels, normals)
    spacing = 1.0 / max(unwrapped.report.texels_per_unit, 1e-12)
    eyes = []
    for index in range(len(views)):
        report(0.05 + 0.15 * index / len(views), f"View {index + 1} of {len(views)}")
        eyes.append(projector.eye(index, spacing))
    gains = _exposures(places, projector, eyes, report)

    colour, seen = np.zeros((side * side, 3), np.float32), np.zeros(side * side, np.float32)
    piece = max(1024, int(_PIECE_BYTES / (_BYTES_PER_SIGHT * len(views))))
    for begin in range(0, len(places.texels), piece):
        part = places.texels[begin : begin + piece]
        points, part_normals = places.at(part)
        sights = []
        for index, eye in enumerate(eyes):
            sights.append(projector.look(eye, points, part_normals))
            report(0.25 + 0.6 * (begin + len(part) * (index + 1) / len(eyes)) / len(places.texels), "Painting")
        colour[part], seen[part] = _blended(sights, gains, len(part))
    report(0.85, "What no photo shows")
    vertex_colours = _vertex_colours(projector, eyes, gains, source, normals, guess)
    _fill_invented(colour, seen, places, unwrapped, vertex_colours)
    inside = texels.face >= 0
    report(0.93, "Beyond the islands")
    fraction = float(seen[places.texels].mean()) if len(places.texels) else 0.0
    if fraction == 0.0:
        report.note("no photo shows the mesh: its texture is invented")
    texture = pad_islands(colour.reshape(side, side, 3), inside)
    seen_texture = pad_islands(seen.reshape(side, side, 1), inside)[..., 0]
    report(1.0, f"{fraction:.0%} of the texture seen")
    return Baked(texture=texture, seen=seen_texture, gains=gains, seen_fraction=fraction)


def textured(
    unwrapped: Unwrapped, texture: Array32, *, jpeg: bool = True, extras: dict[str, object] | None = None
) -> TexturedMesh:
    """What `write_glb` takes: the unwrapped mesh with its texture (h, w, 3) as JPEG or, without loss, as 8-bit PNG.

    Normals are smooth over seams.
    """
    values = np.clip(texture * 255 + 0.5, 0, 255).astype(np.uint8)
    source = _welded(unwrapped, int(unwrapped.source_vertex.max()) + 1)
    return TexturedMesh(
        vertices=unwrapped.vertices,
        faces=unwrapped.faces.astype(np.uint32),
        uv=unwrapped.uv,
        normals=vertex_normals(source.vertices, source.faces)[unwrapped.source_vertex],
        texture=as_jpeg(values) if jpeg else as_png(values),
        extras=extras or {},
    )


def as_png(values: NDArray[np.uint8]) -> bytes:
    """A PNG file of (h, w, 3) or (h, w) values."""
    done, data = cv2.imencode(".png", np.ascontiguousarray(values[..., ::-1] if values.ndim == 3 else values))
    if not done:
        raise bug("the texture could not be written as PNG")
    return data.tobytes()


class _Places:
    """Where the texels of the islands lie on the surface."""

    def __init__(self, unwrapped: Unwrapped, texels: TexelMap, normals: Array32) -> None:
        self._unwrapped, self._map, self._normals = unwrapped, texels, normals[unwrapped.source_vertex]
        self.texels = texels.covered()

    def at(self, texels: NDArray[np.int64]) -> tuple[NDArray[np.float64], Array32]:
        """Points (n, 3) and unit normals (n, 3) of texels (n,)."""
        points = _of_vertices(self._unwrapped, self._map, texels, self._unwrapped.vertices)
        normals = _of_vertices(self._unwrapped, self._map, texels, self._normals)
        return points.astype(np.float64), normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)

    def of(self, texels: NDArray[np.int64], values: Array32) -> Array32:
        """(n, c) values (vertices of the unwrapped mesh, c) at texels (n,)."""
        return _of_vertices(self._unwrapped, self._map, texels, values)


def _of_vertices(unwrapped: Unwrapped, texels: TexelMap, chosen: NDArray[np.int64], values: Array32) -> Array32:
    weights = texels.weights(chosen, unwrapped.uv, unwrapped.faces)
    corners = unwrapped.faces[texels.face.reshape(-1)[chosen]]
    return np.asarray(np.einsum("nk,nkc->nc", weights, values[corners]), np.float32)


def _check(unwrapped: Unwrapped, views: Sequence[View], options: BakeOptions) -> None:
    if not views:
        raise bad_input("there is no view to paint the mesh with", "give photos with cameras", Action.NONE)
    if options.bake_px != unwrapped.texture_px:
        raise bug(f"the mesh was unwrapped for {unwrapped.texture_px} px and is baked at {options.bake_px}")


def _welded(unwrapped: Unwrapped, count: int) -> Mesh:
    """The source: vertices that seams doubled are one again."""
    vertices = np.zeros((count, 3), np.float32)
    vertices[unwrapped.source_vertex] = unwrapped.vertices
    return Mesh(vertices=vertices, faces=unwrapped.source_vertex[unwrapped.faces].astype(np.int32))


def _exposures(places: _Places, projector: Projector, eyes: Sequence[Eye], report: Progress) -> Array32:
    if len(eyes) < 2 or not len(places.texels):
        return np.ones((len(eyes), 3), np.float32)
    chosen = places.texels[np.linspace(0, len(places.texels) - 1, min(_GAIN_PLACES, len(places.texels))).astype(np.int64)]
    points, normals = places.at(chosen)
    sights = []
    for index, eye in enumerate(eyes):
        report(0.20 + 0.05 * index / len(eyes), "Exposures")
        sights.append(projector.look(eye, points, normals))
    return view_gains(sights, len(chosen))


def _blended(sights: Sequence[Sight], gains: Array32, count: int) -> tuple[Array32, Array32]:
    """Colours (n, 3) of places, and whether (n,) any view shows them. The second round trusts strange colours less."""
    mean = np.zeros((count, 3), np.float32)
    for strict in (False, True):
        sums, weights = np.zeros((count, 3), np.float32), np.zeros(count, np.float32)
        for sight, gain in zip(sights, gains, strict=True):
            colour = sight.colour * gain
            weight = sight.cosine**_POWER * np.maximum(sight.trust, _LEAST_TRUST)
            if strict:
                weight = weight * np.exp(-((colour - mean[sight.index]) ** 2).sum(1) / np.float32(2 * 3 * _STRANGE**2))
            sums[sight.index] += colour * weight[:, None]
            weights[sight.index] += weight
        mean = np.where(weights[:, None] > 1e-12, sums / np.maximum(weights, 1e-12)[:, None], mean)
    seen = np.zeros(count, np.float32)
    for sight in sights:
        seen[sight.index] = 1.0
    return np.clip(mean, 0, 1), seen


def _vertex_colours(
    projector: Projector, eyes: Sequence[Eye], gains: Array32, source: Mesh, normals: Array32, guess: Array32 | None
) -> Array32:
    """(n, 3) of the source's vertices: what the views show, carried on to where none looks."""
    points = source.vertices.astype(np.float64)
    colours, seen = _blended([projector.look(eye, points, normals) for eye in eyes], gains, len(points))
    return inpaint_surface(source.faces, colours, seen > 0, None if guess is None else guess[: len(points)])


def _fill_invented(colour: Array32, seen: Array32, places: _Places, unwrapped: Unwrapped, vertex_colours: Array32) -> None:
    unknown = places.texels[seen[places.texels] == 0]
    if len(unknown):
        colour[unknown] = places.of(unknown, vertex_colours[unwrapped.source_vertex])
