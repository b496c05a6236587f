"""Backdrops: a floor that rises behind the subject, so that no horizon shows."""

from __future__ import annotations

import math

import bpy
import numpy as np
from bpy.types import Collection, Object
from mathutils import Vector

from .collection import link
from .materials import matt

Point = tuple[float, float, float]


def add_sweep(studio: Collection, low: Vector, size: float) -> Object:
    """Add a dark floor below a wall with its lowest corner at `low`, bent up behind the wall."""
    depth, back, bend = 6.0 * size, 1.2 * size, 1.0 * size
    profile = [(-depth, 0.0), (back, 0.0)]
    profile += [(back + bend * math.sin(a), bend * (1 - math.cos(a))) for a in np.linspace(0.1, math.pi / 2, 12)]
    profile.append((back + bend, 6.0 * size))
    ground = low.z - 0.06 * size
    vertices = [(side * 9.0 * size, y, z + ground) for side in (-1, 1) for y, z in profile]
    count = len(profile)
    faces = [(k, k + 1, count + k + 1, count + k) for k in range(count - 1)]
    return _add(studio, vertices, faces, (0.055, 0.052, 0.05), roughness=0.9)


def add_bowl(studio: Collection, middle: Vector, height: float, radius: float) -> Object:
    """Add a grey floor at `height` that rises on all sides of a subject."""
    profile = [(1e-4, 0.0), *((5 + 6 * math.sin(a), 6 - 6 * math.cos(a)) for a in np.linspace(0, math.pi / 2, 16)), (11.0, 14.0)]
    angles = np.linspace(0, 2 * math.pi, 64, endpoint=False)
    vertices = [
        (middle.x + radius * out * math.cos(angle), middle.y + radius * out * math.sin(angle), height + radius * up)
        for out, up in profile
        for angle in angles
    ]
    around = len(angles)
    faces = [
        (ring * around + k, ring * around + (k + 1) % around, (ring + 1) * around + (k + 1) % around, (ring + 1) * around + k)
        for ring in range(len(profile) - 1)
        for k in range(around)
    ]
    return _add(studio, vertices, faces, (0.3, 0.3, 0.31), roughness=1.0)


def _add(
    studio: Collection, vertices: list[Point], faces: list[tuple[int, int, int, int]], colour: Point, *, roughness: float
) -> Object:
    mesh = bpy.data.meshes.new("Backdrop")
    mesh.from_pydata(vertices, [], faces)
    mesh.shade_smooth()
    mesh.materials.append(matt("Backdrop", colour, roughness=roughness))
    return link(studio, "Backdrop", mesh)
