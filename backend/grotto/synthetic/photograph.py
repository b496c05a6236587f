"""Taking a photo of a painted surface: rays, light gathered per pixel, lens shading, exposure and sensor noise."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .lens import viewing_directions
from .relief import Surface, meet
from .truth import CameraTruth, PhotoTruth

Picture = NDArray[np.uint8]
Array32 = NDArray[np.float32]


@dataclass(frozen=True)
class Painting:
    """Colours of the wall as seen from the front: sRGB (h, w, 3); outer corner of the top left texel, texel size in units."""

    pixels: Picture
    x_min: float
    z_max: float
    texel: float


@dataclass(frozen=True)
class Sensor:
    """What lens and sensor do to the light."""

    gain: float  # of exposure, linear
    vignetting: float  # light lost in the corners, 0 to 1
    noise_levels: float  # standard deviation in grey levels


def wall_points(camera: CameraTruth, photo: PhotoTruth, surface: Surface, margin: int = 0) -> tuple[Array32, Array32]:
    """x and z on the wall, each (height + 2 margin, width + 2 margin), seen at the pixels' centres of a photo."""
    columns = np.arange(-margin, camera.width + margin) + 0.5
    rows = np.arange(-margin, camera.height + margin) + 0.5
    pixels = np.stack(np.meshgrid(columns, rows), axis=-1)
    directions = viewing_directions(camera, pixels).astype(np.float32) @ photo.matrix()[:, :3].astype(np.float32)
    return meet(surface, photo.centre(), directions)


def take_photo(
    camera: CameraTruth, photo: PhotoTruth, surface: Surface, painting: Painting, sensor: Sensor, rng: np.random.Generator
) -> Picture:
    """The photo (height, width, 3), sRGB. Each pixel gathers four samples of the painting, in linear light."""
    x, z = wall_points(camera, photo, surface, margin=1)
    u = (x - np.float32(painting.x_min)) / np.float32(painting.texel) - np.float32(0.5)
    v = (np.float32(painting.z_max) - z) / np.float32(painting.texel) - np.float32(0.5)
    # Only the part of the painting in sight is made linear; remap also takes no picture larger than 32767.
    left, top = max(0, int(u.min()) - 2), max(0, int(v.min()) - 2)
    part = painting.pixels[top : int(v.max()) + 4, left : int(u.max()) + 4]
    linear = cv2.LUT(part, LINEAR_OF_SRGB)
    u, v = _twice_as_fine(u - left), _twice_as_fine(v - top)
    samples = cv2.remap(linear, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    light = np.asarray(cv2.resize(samples, (camera.width, camera.height), interpolation=cv2.INTER_AREA), dtype=np.float32)
    light *= np.float32(sensor.gain) * _shading(camera, sensor.vignetting)[..., None]
    levels = srgb_of_linear(light)
    if sensor.noise_levels > 0:
        levels += np.float32(sensor.noise_levels) * rng.standard_normal(levels.shape, dtype=np.float32)
    return np.clip(levels + np.float32(0.5), 0, 255).astype(np.uint8)


def srgb_of_linear(light: Array32) -> Array32:
    """Grey levels 0 to 255, not rounded, of linear light 0 to 1 (IEC 61966-2-1)."""
    light = np.clip(light, 0.0, 1.0)
    steps = (light * np.float32(65535.0) + np.float32(0.5)).astype(np.uint16)
    return SRGB_OF_LINEAR[steps]


def _twice_as_fine(values: Array32) -> Array32:
    """The map at four samples a pixel, from one with a margin of one pixel, which goes."""
    height, width = values.shape
    finer = np.asarray(cv2.resize(values, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    return finer[2:-2, 2:-2]


def _shading(camera: CameraTruth, vignetting: float) -> Array32:
    x = (np.arange(camera.width) + 0.5 - camera.cx)[None, :]
    y = (np.arange(camera.height) + 0.5 - camera.cy)[:, None]
    corner = (camera.width**2 + camera.height**2) / 4
    return (1.0 - vignetting * (x**2 + y**2) / corner).astype(np.float32)


def _linear_table() -> Array32:
    levels = np.arange(256) / 255.0
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _srgb_table() -> Array32:
    light = np.arange(65536) / 65535.0
    return (255.0 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)).astype(np.float32)


LINEAR_OF_SRGB = _linear_table()
SRGB_OF_LINEAR = _srgb_table()
