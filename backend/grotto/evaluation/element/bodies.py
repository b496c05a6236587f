"""Bodies by method: six-view fields, the hull with projected photos, and bodies from one picture."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...contract import Silent
from ...contract.options import BakeOptions, FieldOptions
from ...fields import fit_field, fitting_device, load_field
from ...formats import Mesh, TexturedMesh, read_glb_parts
from ...meshes.remesh import decimate
from ...meshes.repair import repair
from ...meshes.surface import surface_of_grid
from ...meshes.texture import bake, textured, unwrap
from ...render.mesh import render_parts, render_textured
from ...scene import Camera, Lattice, Rendered, View, visual_hull
from ..core import CELLS, FACES, PADDING, REGION, six_view_asset
from .jobs import asset, relief_job

_TEXTURE_PX = 1024
_BASELINE_STEPS = {"voxel": 400, "vm": 300}  # from clear starts they need longer than the product's
FIELDS = ("zerorf", "voxel", "vm")
PICTURES: Mapping[str, Mapping[str, Any]] = {
    "relief": {"shape": "figure"},
    "plain inflation": {"shape": "figure", "detail": 0.0, "back_depth": 1.0},
    "flat cut-out": {"shape": "standee", "thickness": 0.01},
}


@dataclass(frozen=True, kw_only=True)
class Body:
    """A textured body in the object's world."""

    parts: tuple[TexturedMesh, ...]

    def mesh(self) -> Mesh:
        """All parts as one mesh."""
        starts = np.cumsum([0, *(len(part.vertices) for part in self.parts[:-1])])
        return Mesh(
            vertices=np.concatenate([part.vertices for part in self.parts]).astype(np.float32),
            faces=np.concatenate([part.faces.astype(np.int32) + start for part, start in zip(self.parts, starts, strict=True)]),
        )

    def welded(self) -> Mesh:
        """All parts as one mesh, without the seams of their textures."""
        whole = self.mesh()
        places, index = np.unique(whole.vertices, axis=0, return_inverse=True)
        return Mesh(vertices=places, faces=index.reshape(-1)[whole.faces].astype(np.int32))

    @property
    def faces(self) -> int:
        """Number of triangles."""
        return sum(len(part.faces) for part in self.parts)

    @property
    def corners(self) -> int:
        """Number of different places of its vertices: seams of the texture double them in files."""
        return len(self.welded().vertices)

    def render(self, camera: Camera) -> Rendered:
        """Render the body through a camera."""
        return render_textured(self.parts[0], camera) if len(self.parts) == 1 else render_parts(self.parts, camera)


def field_bodies(kind: str, views: Sequence[View], seed: int) -> tuple[Body, Body]:
    """Make the mesh of a field fitted to six views, without and with refinement, both within the same number of faces."""
    options = FieldOptions(field=kind, field_steps=_BASELINE_STEPS.get(kind, 0), field_seed=seed)
    with tempfile.TemporaryDirectory(prefix="grotto-") as folder:
        made = fit_field(views, REGION, options, Path(folder), Silent())
        field = load_field(made, fitting_device(made, Silent()))
    asset = six_view_asset(field, views, Silent())
    return Body(parts=(asset.plain,)), Body(parts=(asset.refined,))


def hull_body(views: Sequence[View], faces: int = FACES) -> Body:
    """Make the visual hull, painted with the views."""
    lattice = Lattice.over(REGION, CELLS)
    inside = visual_hull(views, lattice).astype(np.float32)
    whole = surface_of_grid(inside, np.asarray(lattice.lowest), lattice.step, 0.5)
    return painted(decimate(repair(whole, largest_hole=math.inf).mesh, faces), views)


def painted(mesh: Mesh, views: Sequence[View]) -> Body:
    """Paint a mesh by projecting the views onto it; nothing is fitted."""
    unwrapped = unwrap(mesh, _TEXTURE_PX, PADDING)
    baked = bake(unwrapped, views, BakeOptions(bake_px=_TEXTURE_PX, bake_padding=PADDING), Silent(), mesh.colours)
    return Body(parts=(textured(unwrapped, baked.texture),))


def picture_body(view: View, values: Mapping[str, Any], out: Path, faces: int = FACES) -> Body:
    """Make the recipe's body from one picture, placed where its camera saw the object: its middle in the world's origin.

    The view's camera looks at the origin along a level line. Raises bad input where the recipe refuses the picture.
    """
    return placed(*element_job(view, {**values, "faces": faces}, out), view)


def placed(result: Mapping[str, Any], glb: Path, view: View) -> Body:
    """Place an element's GLB where the camera of its picture saw it, its middle in the world's origin.

    result: the job's manifest. The view's camera looks at the origin along a level line.
    """
    left, bottom, right, top = result["facts"]["picture_frame_m"]
    camera = view.camera
    size = float(np.linalg.norm(camera.position)) / camera.focal_x * camera.width / (right - left)
    back = camera.camera_from_world[2, :3]  # the camera's z in the world: away from it, as the element's y is
    across = camera.camera_from_world[0, :3]
    turn = np.stack([across, back, np.cross(across, back)], axis=1)
    middle = np.array([0.5 * (left + right), 0.0, 0.5 * (bottom + top)])
    parts = []
    for part in read_glb_parts(glb).values():
        normals = None if part.normals is None else (part.normals @ turn.T).astype(np.float32)
        places = size * (part.vertices.astype(np.float64) - middle) @ turn.T
        parts.append(replace(part, vertices=places.astype(np.float32), normals=normals))
    return Body(parts=tuple(parts))


def element_job(view: View, values: Mapping[str, Any], out: Path) -> tuple[dict[str, Any], Path]:
    """Run the relief route on a view; returns the manifest and the GLB's path. Raises bad input where refused."""
    out.mkdir(parents=True, exist_ok=True)
    source = out / "picture.png"
    alpha = np.ones(view.colour.shape[:2], np.float32) if view.alpha is None else view.alpha
    _save(np.dstack([view.colour, alpha]), source)
    result = relief_job(source, values, out / "job")
    return result, asset(result, out / "job", "mesh")


def scored(render: Callable[[Camera], Rendered], view: View) -> NDArray[np.float32]:
    """Render through a view's camera, over white (h, w, 3)."""
    return np.clip(render(view.camera).over(1.0), 0, 1).astype(np.float32)


def _save(rgba: NDArray[np.float32], path: Path) -> None:
    Image.fromarray((np.clip(rgba, 0, 1) * 255 + 0.5).astype(np.uint8), "RGBA").save(path)
