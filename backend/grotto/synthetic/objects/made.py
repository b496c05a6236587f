"""Objects with exact truth: stored as recipes, made from a name and a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...contract import bad_input
from ...formats import Mesh
from .bowl import bowl
from .deer import deer
from .implicit import Array, gradient
from .knot import knot
from .light import linear_of_values, values_of_linear
from .sculpture import Sculpture, glossy_light
from .surface import surface_mesh
from .teapot import teapot

RADIUS = 0.92  # of the ball that holds every object: the narrower of the six-view rigs sees 0.96

_RECIPES = {"deer": deer, "knot": knot, "bowl": bowl, "teapot": teapot}
OBJECTS = tuple(_RECIPES)


@dataclass(frozen=True, kw_only=True)
class MadeObject:
    """An object in the world, its middle at the origin, z up. Its mesh is the true geometry."""

    name: str
    seed: int
    mesh: Mesh  # closed; its colours are the paint without gloss
    sculpture: Sculpture
    centre: Array  # (3,) of the sculpture's lengths
    scale: float  # world per length of the sculpture

    @property
    def glossy(self) -> bool:
        """Whether its colours change with the view."""
        return self.sculpture.gloss is not None

    def colour_at(self, points: Array, directions: Array | None = None) -> Array:
        """sRGB's values (n, 3) at places (n, 3) of the surface, seen along `directions` (n, 3) from the camera.

        Without directions, or where the object is not glossy, the paint alone.
        """
        local = (points / np.float32(self.scale) + self.centre).astype(np.float32)
        normals = gradient(self.sculpture.solid, local)
        paint = self.sculpture.paint(local, normals)
        if directions is None or self.sculpture.gloss is None:
            return paint
        unit = directions / np.linalg.norm(directions, axis=1, keepdims=True)
        light = linear_of_values(paint) + glossy_light(self.sculpture.gloss, normals, unit.astype(np.float32))
        return values_of_linear(light)


def make_object(name: str, seed: int = 0, *, cells: int = 128) -> MadeObject:
    """The object `name`, one of `OBJECTS`; `cells` is the resolution of its mesh along its longest side.

    Equal arguments give equal objects. Raises a bad-input problem for any other name.
    """
    if name not in _RECIPES:
        raise bad_input(f"there is no object {name!r}", f"choose one of {', '.join(OBJECTS)}")
    sculpture = _RECIPES[name](seed)
    local, faces = surface_mesh(sculpture.solid, sculpture.middle, sculpture.reach, cells)
    centre = (0.5 * (local.min(0) + local.max(0))).astype(np.float32)
    scale = RADIUS / float(np.linalg.norm(local - centre, axis=1).max())
    vertices = ((local - centre) * np.float32(scale)).astype(np.float32)
    bare = MadeObject(
        name=name, seed=seed, mesh=Mesh(vertices=vertices, faces=faces), sculpture=sculpture, centre=centre, scale=scale
    )
    mesh = Mesh(vertices=vertices, faces=faces, colours=bare.colour_at(vertices))
    return MadeObject(name=name, seed=seed, mesh=mesh, sculpture=sculpture, centre=centre, scale=scale)
