"""Pictures of finished meshes with textures, supersampled, without gradients and without torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...contract import bad_input
from ...formats import TexturedMesh
from ...photos import PictureError, embedded_picture
from ...scene import Camera, Rendered
from .checks import check_mesh
from .finished_numba import FinishedParts, pyramids_of


def render_textured(mesh: TexturedMesh, camera: Camera, *, samples: int = 2) -> Rendered:
    """The mesh with its texture, `samples` by `samples` for each pixel."""
    return render_parts([mesh], camera, samples=samples)


def render_parts(parts: Sequence[TexturedMesh], camera: Camera, *, samples: int = 2) -> Rendered:
    """Meshes that hide each other, each with its texture, `samples` by `samples` for each pixel."""
    return finished_parts(parts).rendered(camera, samples)


def finished_parts(parts: Sequence[TexturedMesh]) -> FinishedParts:
    """Decode the textures of parts once for several pictures of them."""
    first = np.cumsum([0, *(len(part.vertices) for part in parts)])
    faces = np.concatenate([part.faces.astype(np.int64) + start for part, start in zip(parts, first[:-1], strict=True)])
    vertices = np.concatenate([part.vertices for part in parts]).astype(np.float32)
    span = (int(faces.min()), int(faces.max())) if len(faces) else (0, -1)
    check_mesh(vertices.shape, faces.shape, span, bool(np.isfinite(vertices).all()))
    return FinishedParts(
        vertices=vertices,
        faces=faces,
        uv=np.concatenate([part.uv for part in parts]).astype(np.float32),
        part=np.repeat(np.arange(len(parts)), [len(part.faces) for part in parts]),
        pyramids=pyramids_of([texture_values(part.texture) for part in parts]),
    )


def texture_values(texture: bytes) -> NDArray[np.float32]:
    """(h, w, 3) sRGB's values, 0 to 1, of a whole picture file."""
    try:
        return (np.asarray(embedded_picture(texture).convert("RGB"), np.float32) / 255).astype(np.float32)
    except PictureError as error:
        raise bad_input(f"the mesh's texture cannot be read ({error})", "choose a GLB with a PNG or JPEG texture") from error
