"""The colours of a finished mesh on another one of the same shape: fewer faces, a new unwrapping, the same look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ...contract import Progress, Silent, bad_input
from ...formats import Mesh, TexturedMesh
from ...photos import embedded_picture
from ...scene import rotation_about_z, standing_frame
from ..remesh import Nearest, nearest_on_mesh
from .fill import pad_islands
from .unwrap import Unwrapped

Coloured = Mesh | TexturedMesh  # colours at vertices, or in a texture

_AT_ONCE = 1 << 17  # texels between two reports
_ROW = 1024  # OpenCV's maps hold fewer than 32,768 rows


def joined_shape(parts: Sequence[Coloured]) -> Mesh:
    """The surface of all parts, without colours: vertices in one place are one, faces that thereby lose a side are gone."""
    vertices, faces = _joined(parts)
    places, first, number = np.unique(vertices, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)  # as they came, so that neighbours stay neighbours in memory
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    welded = rank[number.reshape(-1)][faces]
    whole = (welded[:, 0] != welded[:, 1]) & (welded[:, 1] != welded[:, 2]) & (welded[:, 2] != welded[:, 0])
    return Mesh(vertices=places[order].astype(np.float32), faces=welded[whole].astype(np.int32))


def joined_colours(parts: Sequence[Mesh]) -> Mesh:
    """One mesh of several with colours at their vertices."""
    vertices, faces = _joined(parts)
    return Mesh(
        vertices=vertices, faces=faces, colours=np.concatenate([part.colours for part in parts if part.colours is not None])
    )


def standing_parts(parts: Sequence[Coloured], height_m: float, turn_deg: float) -> list[Coloured]:
    """Parts turned counter-clockwise round z as seen from above, `height_m` high, the middle of their foot at 0.

    A mesh that lies flat is as wide as it should be high.
    """
    frame = standing_frame(np.concatenate([part.vertices for part in parts]), height_m, rotation_about_z(turn_deg))
    stood: list[Coloured] = []
    for part in parts:
        if isinstance(part, TexturedMesh):
            stood.append(replace(part, vertices=frame.points(part.vertices), normals=frame.normals(part.normals)))
        else:
            stood.append(replace(part, vertices=frame.points(part.vertices)))
    return stood


def transfer_texture(unwrapped: Unwrapped, parts: Sequence[Coloured], report: Progress | None = None) -> NDArray[np.float32]:
    """(h, w, 3) the texture of an unwrapped mesh with, in each texel, the colour of the nearest place on `parts`.

    Raises a bad-input problem where a part has no colours.
    """
    report = report or Silent()
    vertices, faces = _joined(parts)
    source = Mesh(vertices=vertices, faces=faces)
    side, texels = unwrapped.texture_px, unwrapped.texels()
    where = texels.covered()
    texture = np.zeros((side * side, 3), np.float32)
    for start in range(0, len(where), _AT_ONCE):
        report(start / len(where), "carrying its colours over")
        chosen = where[start : start + _AT_ONCE]
        corners = unwrapped.faces[texels.face.reshape(-1)[chosen]]
        weights = texels.weights(chosen, unwrapped.uv, unwrapped.faces)
        points = (unwrapped.vertices[corners] * weights[..., None]).sum(1)
        texture[chosen] = _colours(parts, nearest_on_mesh(source, points))
    return pad_islands(texture.reshape(side, side, 3), texels.face >= 0)


def _joined(parts: Sequence[Coloured]) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    starts = np.cumsum([0, *(len(part.vertices) for part in parts)])[:-1]
    faces = [part.faces.astype(np.int64) + start for part, start in zip(parts, starts, strict=True)]
    return np.concatenate([part.vertices for part in parts]), np.concatenate(faces).astype(np.int32)


def _colours(parts: Sequence[Coloured], places: Nearest) -> NDArray[np.float32]:
    result = np.zeros((len(places.face), 3), np.float32)
    first = 0
    for part in parts:
        here = (places.face >= first) & (places.face < first + len(part.faces))
        of_part = Nearest(places.face[here] - first, places.barycentric[here], places.distance[here])
        if isinstance(part, TexturedMesh):
            result[here] = sample_texels(part.texture, of_part.interpolated(part.faces, part.uv))
        elif part.colours is None:
            raise bad_input("the mesh has no colours", "make it again with other settings")
        else:
            result[here] = of_part.interpolated(part.faces, part.colours)
        first += len(part.faces)
    return result


def sample_texels(texture: bytes, uv: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 3) the texture between its texels; places (n, 2) beyond it begin again on the other side, as glTF's samplers do."""
    picture = np.asarray(embedded_picture(texture).convert("RGB"), np.float32) / 255
    height, width = picture.shape[:2]
    inside = np.where((uv < 0) | (uv > 1), uv - np.floor(uv), uv)
    wanted = np.zeros((-(-len(uv) // _ROW) * _ROW, 2), np.float32)
    wanted[: len(uv)] = inside * (width, height) - 0.5
    maps = wanted.reshape(-1, _ROW, 2)
    found = [
        cv2.remap(picture, rows[..., 0], rows[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).reshape(-1, 3)
        for rows in np.array_split(maps, max(1, -(-len(maps) // 30_000)))
    ]
    return np.concatenate(found)[: len(uv)].astype(np.float32)
