"""The textured meshes that a GLB holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

OPAQUE, BLEND, MASK = "OPAQUE", "BLEND", "MASK"  # alpha modes of glTF 2.0, section 3.9.4; a mask is cut at .5


@dataclass(frozen=True, kw_only=True)
class TexturedMesh:
    """Triangles with one texture. Frame: ours, z-up. Counter-clockwise faces look at the viewer."""

    vertices: NDArray[np.float32]  # (n, 3)
    faces: NDArray[np.uint32]  # (m, 3)
    uv: NDArray[np.float32]  # (n, 2), from the texture's top left corner: u right, v down, 0 to 1
    normals: NDArray[np.float32]  # (n, 3), unit
    texture: bytes  # a whole JPEG or PNG file
    extras: dict[str, Any] = field(default_factory=dict)  # provenance; arrives as custom properties in Blender
    normal_map: bytes = b""  # PNG: finer normals in the frame of normals and tangents, x right, y up, z out
    occlusion_map: bytes = b""  # PNG, grey: the part of all light that reaches a place
    metallic_roughness: bytes = b""  # PNG, linear: roughness in green, metallic in blue, as glTF has them; none is matt
    tangents: NDArray[np.float32] | None = None  # (n, 4): where u grows, and the sense of the third axis; with a normal map
    seen: NDArray[np.float32] | None = None  # (n,) 1 where a picture shows the place, 0 where it was invented
    alpha: str = OPAQUE  # what the texture's opacity does, OPAQUE, BLEND or MASK


@dataclass(frozen=True, kw_only=True)
class GlbNode:
    """A node of a GLB: parts with a material each, placed together. Frame: ours, z-up."""

    parts: Mapping[str, TexturedMesh]  # by their materials' names
    place: tuple[float, float, float] = (0.0, 0.0, 0.0)  # its origin; the parts' vertices are relative to it
