"""Whether what was photographed is a wall at all: something nearly flat, seen from one side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .plane import find_wall_plane

Floats = NDArray[np.float64]

NEVER = 2.0
# First and second limits. Deep relief by itself is no sign enough: the wings of a castle stand forward by a quarter of its front
OFF_PLANE = (0.16, 0.3)
SPREAD_DEG = (60.0, 85.0)
RELIEF = (0.12, 0.4)
UNSEEN = (0.35, NEVER)
UNPLACED = (0.25, NEVER)
FLAT_OFF_PLANE, FLAT_RELIEF, FLAT_SPREAD_DEG = 0.02, 0.06, 50.0
LEAST_POINTS = 50
OFF = 0.15  # of the camera distance: a point farther from the plane than this is no relief of a wall


@dataclass(frozen=True, kw_only=True)
class WallLikeness:
    """Measures that tell a wall from a scene."""

    off_plane: float  # share of the points farther than `OFF` of the camera distance from the plane
    relief: float  # middle 90 % of the points' distances from the plane, as a part of the wall's extent
    spread_deg: float  # widest angle between two directions of view, the outer twentieth left aside
    steepest_deg: float  # angle between the mean direction of view and the wall's normal


FLAT = WallLikeness(off_plane=0.0, relief=0.0, spread_deg=0.0, steepest_deg=0.0)


def measure_likeness(
    points: Floats,  # (n, 3)
    normal: Floats,  # (3,) unit, of the plane of most points
    offset: float,
    centres: Floats,  # (m, 3)
    directions: Floats,  # (m, 3) unit, of view
) -> WallLikeness:
    """Measure points and cameras against the plane of most points."""
    away = points @ normal - offset
    distance = float(np.median(np.abs(centres @ normal - offset))) or 1.0
    flat = points - away[:, None] * normal
    extent = float(np.linalg.norm(np.percentile(flat, 97.5, axis=0) - np.percentile(flat, 2.5, axis=0))) or 1.0
    low, high = np.percentile(away, [5, 95])
    angles = np.degrees(np.arccos(np.clip(directions @ directions.T, -1, 1)))
    mean = directions.mean(axis=0)
    length = float(np.linalg.norm(mean))
    steep = float(np.degrees(np.arccos(np.clip(abs(mean @ normal) / length, 0, 1)))) if length > 1e-6 else 90.0
    return WallLikeness(
        off_plane=float((np.abs(away) > OFF * distance).mean()),
        relief=float((high - low) / extent),
        spread_deg=float(np.percentile(angles, 95)) if len(directions) > 1 else 0.0,
        steepest_deg=steep,
    )


def why_no_wall(measured: WallLikeness, seen: float = 1.0, placed: float = 1.0) -> str:
    """One sentence on why this is no wall, with the recipe that fits; "" where it may be one.

    seen: filled share of the orthophoto; placed: share of the photos. Each measure beyond its first limit is a sign, beyond its
    second two; two signs speak. A facade with a car before it, or a wall with a hole, has one.
    """
    found = [
        (_signs(measured.off_plane, OFF_PLANE), f"{measured.off_plane:.0%} of the points lie far from any one plane"),
        (_signs(measured.spread_deg, SPREAD_DEG), f"the photos look from many sides, {measured.spread_deg:.0f} degrees apart"),
        (_signs(measured.relief, RELIEF), f"its relief is {measured.relief:.0%} of its size"),
        (_signs(1 - seen, UNSEEN), f"only {seen:.0%} of its front can be seen"),
        (_signs(1 - placed, UNPLACED), f"{1 - placed:.0%} of the photos fit nowhere"),
    ]
    geometry = sum(signs for signs, _ in found[:3])
    if not geometry or sum(signs for signs, _ in found) < 2:
        return ""
    return (
        f"this does not look like a wall: {'; '.join(words for signs, words in found if signs)}. What stands free or is seen "
        "from several sides needs the recipe scan (grotto run scan); an orthophoto is smeared wherever one part hides another"
    )


def _signs(value: float, limits: tuple[float, float]) -> int:
    return sum(value > limit for limit in limits)


def why_a_wall(points: Floats, centres: Floats, directions: Floats) -> str:
    """One sentence where points (n, 3) and cameras (m, 3) are those of a flat wall taken from its front; else ""."""
    if len(points) < LEAST_POINTS or len(centres) < 2:
        return ""
    depth = float(np.median([np.median((points - centre) @ view) for centre, view in zip(centres, directions, strict=True)]))
    plane = find_wall_plane(points, abs(depth))
    measured = measure_likeness(points, plane.normal, plane.offset, centres, directions)
    side = np.sign(centres @ plane.normal - plane.offset)
    flat = measured.off_plane < FLAT_OFF_PLANE and measured.relief < FLAT_RELIEF and measured.spread_deg < FLAT_SPREAD_DEG
    if not flat or abs(side.sum()) < len(side):
        return ""
    return (
        f"this looks like a flat wall taken from its front (relief {measured.relief:.1%} of its size): the recipe wall "
        "(grotto run wall) keeps it flat and gives an orthophoto to scale"
    )
