"""Finished meshes with textures drawn on the CPU, compiled: all of a sample's maths in one pass, without gradients.

The maths are those of `differentiable`; a test compares the two.
"""

# compiled functions have no annotations
# mypy: allow-untyped-defs

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ...scene import Camera, Rendered
from .visibility_numba import visibility_numba

Array32 = NDArray[np.float32]

_FINEST = 1e-12  # texels a pixel, below which a level has no logarithm
_BELOW_TOP = 1e-4  # of a level: the last is only ever blended in


@dataclass(frozen=True)
class Pyramids:
    """Textures and ever smaller averages of each, all texels in one list."""

    texels: Array32  # (t, c)
    first: NDArray[np.int64]  # (parts, levels) the first texel of each
    heights: NDArray[np.int64]  # (parts, levels)
    widths: NDArray[np.int64]  # (parts, levels); 0 beyond a part's last level


def pyramids_of(textures: Sequence[Array32]) -> Pyramids:
    """The pyramids of textures (h, w, c), down to one texel each, as `texture_pyramid` makes them."""
    stacks = [_pyramid(texture) for texture in textures]
    shape = len(stacks), max(len(stack) for stack in stacks)
    first, heights, widths = (np.zeros(shape, np.int64) for _ in range(3))
    texels, start = [], 0
    for part, stack in enumerate(stacks):
        for level, image in enumerate(stack):
            first[part, level], heights[part, level], widths[part, level] = start, *image.shape[:2]
            texels.append(image.reshape(-1, image.shape[2]))
            start += len(texels[-1])
    return Pyramids(np.concatenate(texels), first, heights, widths)


def _pyramid(texture: Array32) -> list[Array32]:
    levels = [np.ascontiguousarray(texture, np.float32)]
    while max(levels[-1].shape[:2]) > 1:
        image = levels[-1]
        odd = image.shape[0] % 2, image.shape[1] % 2
        if any(odd):  # an odd end is the mean of fewer texels
            image = np.pad(image, ((0, odd[0]), (0, odd[1]), (0, 0)), mode="edge")
        rows = image[::2] + image[1::2]
        levels.append((rows[:, ::2] + rows[:, 1::2]) * np.float32(0.25))
    return levels


@dataclass(frozen=True)
class FinishedParts:
    """Meshes that hide each other, each with its texture, ready for any camera."""

    vertices: Array32  # (v, 3)
    faces: NDArray[np.int64]  # (f, 3)
    uv: Array32  # (v, 2)
    part: NDArray[np.int64]  # (f,) the part of each face
    pyramids: Pyramids  # of the parts

    def rendered(self, camera: Camera, samples: int = 2) -> Rendered:
        """The parts as a camera sees them, `samples` by `samples` for each pixel."""
        fine = camera.resized(camera.width * samples, camera.height * samples)
        return draw_finished(self, camera, fine)

    def texture_seen(self, camera: Camera, samples: int = 2) -> Array32:
        """(h, w, c) the textures' values as a camera sees them, 0 where nothing is, `samples` by `samples` for each pixel."""
        fine = camera.resized(camera.width * samples, camera.height * samples)
        return draw_finished(self, camera, fine).colour


def draw_finished(parts: FinishedParts, camera: Camera, fine: Camera) -> Rendered:
    """Draw parts for `camera` by averages of the samples of `fine`, the same camera with more pixels."""
    vertices, faces, uv = parts.vertices, parts.faces, parts.uv
    matrix = np.asarray(camera.camera_from_world, np.float64)
    points = vertices.astype(np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
    nearest = 1e-4 * float(points[:, 2].max()) if len(points) else 0.0
    seen = visibility_numba(points, faces, fine, nearest)
    shape = camera.height, camera.width
    colour, normal = (np.zeros((*shape, count), np.float32) for count in (parts.pyramids.texels.shape[1], 3))
    opacity, depth, expected = (np.zeros(shape, np.float32) for _ in range(3))
    lens = fine.focal_x, fine.focal_y, fine.centre_x, fine.centre_y
    textures = parts.pyramids.texels, parts.pyramids.first, parts.pyramids.heights, parts.pyramids.widths
    made = colour, normal, opacity, depth, expected
    _shade(seen, points, vertices.astype(np.float64), faces, uv.astype(np.float64), parts.part, textures, lens, made)
    return Rendered(colour=colour, opacity=opacity, depth=depth, depth_expected=expected, normal=normal)


@njit(cache=True, nogil=True, error_model="numpy")
def _shade(seen, points, vertices, faces, uv, part, textures, lens, made):
    colour, normal, opacity, depth, expected = made
    height, width = opacity.shape
    samples = seen.shape[0] // height
    each = samples * samples
    met = np.empty(each)
    channels = colour.shape[2]
    total, texel, out, facing, inverse = np.empty(channels), np.empty(channels), np.empty(3), np.empty(3), np.empty((3, 3))
    last = -1
    for row in range(height):
        for column in range(width):
            count = 0
            total[:] = 0.0
            out[:] = 0.0
            for sample in range(each):
                y, x = row * samples + sample // samples, column * samples + sample % samples
                face = seen[y, x]
                if face < 0:
                    continue
                if face != last:
                    _prepare(face, points, vertices, faces, inverse, facing)
                    last = face
                ray_x, ray_y = (x + 0.5 - lens[2]) / lens[0], (y + 0.5 - lens[3]) / lens[1]
                met[count] = _sample(inverse, faces[face], ray_x, ray_y, uv, part[face], textures, lens, texel)
                count += 1
                for k in range(channels):
                    total[k] += texel[k]
                for k in range(3):
                    out[k] += facing[k]
            if count == 0:
                continue
            length = max(math.sqrt(out[0] ** 2 + out[1] ** 2 + out[2] ** 2) / each, 1e-9) * each
            for k in range(channels):
                colour[row, column, k] = total[k] / each
            for k in range(3):
                normal[row, column, k] = out[k] / length
            opacity[row, column] = count / each
            expected[row, column] = met[:count].sum() / count
            if 2 * count >= each:
                depth[row, column] = np.sort(met[:count])[(count - 1) // 2]


@njit(cache=True, nogil=True, error_model="numpy")
def _prepare(face, points, vertices, faces, inverse, facing):
    """Write the inverse of a face's corners, a row for each, and the unit normal, in the world, of the side that is seen."""
    a, b, c = faces[face]
    length, volume = 0.0, 0.0
    for k in range(3):
        i, j = (k + 1) % 3, (k + 2) % 3
        # products of differences: of two almost equal corners half the digits would be lost
        inverse[0, k] = points[b, i] * (points[c, j] - points[b, j]) - points[b, j] * (points[c, i] - points[b, i])
        inverse[1, k] = points[c, i] * (points[a, j] - points[c, j]) - points[c, j] * (points[a, i] - points[c, i])
        inverse[2, k] = points[a, i] * (points[b, j] - points[a, j]) - points[a, j] * (points[b, i] - points[a, i])
        volume += points[a, k] * _cross(points, a, b, c, i, j)
        facing[k] = _cross(vertices, a, b, c, i, j)
        length += facing[k] ** 2
    sense = (1.0 if volume < 0 else -1.0) / max(math.sqrt(length), 1e-12)
    for k in range(3):
        facing[k] *= sense
        for corner in range(3):
            inverse[corner, k] /= volume


@njit(cache=True, nogil=True, error_model="numpy")
def _cross(points, a, b, c, i, j):
    """A component of the cross product of a triangle's sides from its corner a."""
    ab_i, ab_j = points[b, i] - points[a, i], points[b, j] - points[a, j]
    return ab_i * (points[c, j] - points[a, j]) - ab_j * (points[c, i] - points[a, i])


@njit(cache=True, nogil=True, error_model="numpy")
def _sample(inverse, corners, ray_x, ray_y, uv, part, textures, lens, texel):
    """Write a sample's colour, and return its depth."""
    a, b, c = corners
    u0 = inverse[0, 0] * ray_x + inverse[0, 1] * ray_y + inverse[0, 2]
    u1 = inverse[1, 0] * ray_x + inverse[1, 1] * ray_y + inverse[1, 2]
    u2 = inverse[2, 0] * ray_x + inverse[2, 1] * ray_y + inverse[2, 2]
    depth = 1.0 / (u0 + u1 + u2)
    place_u = (u0 * uv[a, 0] + u1 * uv[b, 0] + u2 * uv[c, 0]) * depth
    place_v = (u0 * uv[a, 1] + u1 * uv[b, 1] + u2 * uv[c, 1]) * depth
    texels, first, heights, widths = textures
    longest = _FINEST
    for k in range(2):  # how far a step of one pixel across, then down, goes in the texture
        step_u, step_v = 0.0, 0.0
        for corner in range(3):
            step_u += inverse[corner, k] * (uv[corners[corner], 0] - place_u)
            step_v += inverse[corner, k] * (uv[corners[corner], 1] - place_v)
        scale = depth / lens[k]
        longest = max(longest, math.hypot(step_u * scale * widths[part, 0], step_v * scale * heights[part, 0]))
    levels = 0
    while levels < widths.shape[1] and widths[part, levels] > 0:
        levels += 1
    level = min(max(math.log2(longest), 0.0), max(levels - 1 - _BELOW_TOP, 0.0))
    texel[:] = 0.0
    lower = int(level)
    for one in (lower, lower + 1):
        weight = 1 - abs(level - one)
        if weight > 0:
            _add_bilinear(texels, first[part, one], heights[part, one], widths[part, one], place_u, place_v, weight, texel)
    return depth


@njit(cache=True, nogil=True, error_model="numpy")
def _add_bilinear(texels, first, height, width, u, v, weight, texel):
    """Add weight times the texture's colour at a place; texel centres are at halves, edges are repeated."""
    x = min(max(u * width - 0.5, 0.0), width - 1.0)
    y = min(max(v * height - 0.5, 0.0), height - 1.0)
    left, top = int(x), int(y)
    right, down = x - left, y - top
    beside, below = min(left + 1, width - 1), min(top + 1, height - 1)
    for k in range(texel.shape[0]):
        upper = texels[first + top * width + left, k] * (1 - right) + texels[first + top * width + beside, k] * right
        lower = texels[first + below * width + left, k] * (1 - right) + texels[first + below * width + beside, k] * right
        texel[k] += weight * (upper * (1 - down) + lower * down)
