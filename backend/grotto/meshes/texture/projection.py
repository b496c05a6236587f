"""Looking from places on a surface into the photos: what each photo shows there, and how far it is to be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...scene import Camera, RayCaster, View
from .fill import pad_islands

Array32 = NDArray[np.float32]

_LEAST_COSINE = 0.174  # of 80 degrees: a surface seen at a larger angle from its normal is not seen well enough to know it
_OPAQUE = 0.98
_MARGIN_PX = 2.0  # trust grows from 0 to 1 over this distance from an outline
_DEPTH_JUMP = 0.03  # of the depth: neighbours that differ by more lie on either side of an outline
_SATURATED = (0.97, 1.0)  # values between which trust falls to a tenth: highlights hide the colour
_CLEAR = 2e-3  # of the mesh's diagonal: what is nearer before a place does not hide it


@dataclass(frozen=True)
class Eye:
    """A view made ready to be looked into: colours with trust, at the size that suits the places."""

    camera: Camera
    colour: Array32  # (h, w, 3)
    alpha: Array32  # (h, w), a pixel wider: places on the outline belong to pixels that are covered in part
    trust: Array32  # (h, w), 0 to 1: less at outlines and in highlights


@dataclass(frozen=True)
class Sight:
    """What one view shows at n places."""

    index: NDArray[np.int64]  # (k,) the places that it sees
    colour: Array32  # (k, 3)
    cosine: Array32  # (k,) between normal and the direction to the camera
    trust: Array32  # (k,), 0 to 1


class Projector:
    """A mesh among its views. Places are points with normals, on the surface or so near that nothing hides them."""

    def __init__(self, vertices: NDArray[np.floating], faces: NDArray[np.integer], views: Sequence[View]) -> None:
        """`vertices` (v, 3), `faces` (f, 3); colours of `views` are sRGB's values."""
        self.caster = RayCaster(vertices, faces)
        self._tolerance = _CLEAR * float(np.linalg.norm(np.ptp(np.asarray(vertices, np.float64), axis=0)))
        self.views = list(views)

    def eye(self, index: int, spacing: float = 0.0) -> Eye:
        """View `index`, made smaller where its pixels are less than half as large as the places' `spacing` on the surface."""
        view = self.views[index]
        if spacing > 0:
            view = view.fitted(_suited_px(view.camera, self.caster, spacing))
        height, width = view.colour.shape[:2]
        alpha = np.ones((height, width), np.float32) if view.alpha is None else view.alpha
        depth = self.caster.through(view.camera).distance.reshape(height, width)
        low, high = _SATURATED
        trust = _from_outlines(alpha, depth) * (1 - 0.9 * np.clip((view.colour.max(axis=2) - low) / (high - low), 0, 1))
        # Colours go on beyond the outline: between pixels, none of the background's may be mixed in.
        return Eye(view.camera, pad_islands(view.colour, alpha > _OPAQUE), _widened(alpha), trust.astype(np.float32))

    def plain_eye(self, index: int) -> Eye:
        """View `index` as it is, trusted everywhere: for asking what it sees, not in which colours."""
        view = self.views[index]
        whole = np.ones(view.colour.shape[:2], np.float32)
        return Eye(view.camera, view.colour, whole if view.alpha is None else _widened(view.alpha), whole)

    def look(self, eye: Eye, points: NDArray[np.floating], normals: NDArray[np.floating]) -> Sight:
        """What a view shows of `points` (n, 3): those in the picture, turned to it, hidden by nothing, and on its subject."""
        camera = eye.camera
        pixels, depth = camera.project(points)
        towards = camera.position - points
        cosine = (normals * towards).sum(1) / np.maximum(np.linalg.norm(towards, axis=1), 1e-12)
        x, y = pixels.T
        able = (depth > 0) & (x >= 0) & (x <= camera.width) & (y >= 0) & (y <= camera.height)
        index = np.flatnonzero(able & (cosine > _LEAST_COSINE))
        index = index[self.caster.visible(camera, points[index], self._tolerance)]
        place = (pixels[index] - 0.5).astype(np.float32)
        alpha = _sampled(eye.alpha, place)
        index, place = index[alpha > 0.5], place[alpha > 0.5]
        return Sight(index, _sampled(eye.colour, place), cosine[index].astype(np.float32), _sampled(eye.trust, place))


def vertex_normals(vertices: NDArray[np.floating], faces: NDArray[np.integer]) -> Array32:
    """(n, 3) unit normals, the faces' weighted by area; the faces' direction is kept where a vertex has none."""
    corners = vertices.astype(np.float64)[faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    sums = np.zeros((len(vertices), 3))
    for corner in range(3):
        np.add.at(sums, faces[:, corner], across)
    return np.asarray(sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-30), np.float32)


def _suited_px(camera: Camera, caster: RayCaster, spacing: float) -> int:
    """The longer side at which a pixel covers about as much of the surface as the places are apart."""
    longest = max(camera.width, camera.height)
    distance = caster.through(camera.fitted(64)).distance
    met = distance[np.isfinite(distance)]
    if not len(met):
        return longest
    pixel = float(np.median(met)) / camera.focal_x
    return max(16, round(longest * min(1.0, pixel / spacing * 2.0)))


def _from_outlines(alpha: Array32, depth: Array32) -> Array32:
    """(h, w) 0 at outlines of the subject and of parts before others, 1 a few pixels away; also 0 where nothing is."""
    solid = (alpha > _OPAQUE) & np.isfinite(depth)
    steps = np.where(np.isfinite(depth), depth, 0.0)
    edge = ~solid
    for turned, around in ((steps, edge), (steps.T, edge.T)):  # the second marks the same edges, by columns
        jump = np.abs(np.diff(turned, axis=0)) > _DEPTH_JUMP * np.minimum(turned[:-1], turned[1:])
        around[:-1] |= jump
        around[1:] |= jump
    # Beyond the picture's border the subject goes on: the border is no outline.
    distance = cv2.distanceTransform((~edge).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.clip(np.asarray(distance, np.float32) / np.float32(_MARGIN_PX), 0, 1)


def _widened(alpha: Array32) -> Array32:
    return np.asarray(cv2.dilate(alpha, np.ones((3, 3), np.uint8)), np.float32)


def _sampled(picture: Array32, places: Array32) -> Array32:
    """(n,) or (n, c) values between pixels; `places` (n, 2) have (0, 0) at the first pixel's centre."""
    # remap takes no more than 32767 rows: fold the list into a picture.
    count = len(places)
    columns = 8192
    rows = max(1, -(-count // columns))
    padded = np.zeros((rows * columns, 2), np.float32)
    padded[:count] = places
    folded = padded.reshape(rows, columns, 2)
    found = cv2.remap(picture, folded[..., 0], folded[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32).reshape(rows * columns, *picture.shape[2:])[:count]
