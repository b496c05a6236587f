"""Making a wall: paint it, photograph it, and write the truth beside the photos."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np

from ..contract import Part, Progress, bad_input, missing_resource
from ..contract.options import MakeWallOptions
from .crops import crop_windows
from .painting import paint
from .parallel import in_parallel
from .photograph import LINEAR_OF_SRGB, Painting, Picture, Sensor, srgb_of_linear, take_photo
from .rail import rail_camera, rail_stations, seen_extent
from .relief import Surface, make_surface
from .saving import save_photo
from .truth import (
    CROPS_MM_PER_PIXEL,
    ORTHOPHOTO_FILE,
    WALL_FILE,
    CameraTruth,
    OrthophotoTruth,
    WallTruth,
    begin_truth,
    is_ours,
    write_truth,
)

PHOTOS = "photos"
BYTES_PER_TEXEL = 16  # painting, aged painting and the patterns of age, as measured
TEXELS_PER_PIXEL = 2.0  # the painting is this much finer than a photo sees it
RELIEF_M = 0.15  # no wall of ours is deeper: bounds what the cameras see before the wall is made


def make_wall(out: Path, options: MakeWallOptions, report: Progress) -> None:
    """Write `out`/photos and `out`/truth.

    Refuses a folder that holds anything but an earlier wall of ours, which it replaces. Equal options give equal files.
    """
    usual = 5 if options.capture == "rail" else 11
    columns, rows = options.columns or usual, options.rows or usual
    truth = (_rail if options.capture == "rail" else _crops)(out, options, columns, rows, report)
    write_truth(truth)
    report(1.0, f"{len(truth.photos)} photos")


def _check_memory(texels: int, free: int) -> None:
    need = BYTES_PER_TEXEL * texels
    if need > free:
        raise missing_resource(
            f"painting this wall needs {need / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB is free", "ask for fewer photos"
        )


def _prepare(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise bad_input(f"{out} is a file", "choose another folder")
    if out.exists() and any(out.iterdir()):
        if not is_ours(out):
            raise bad_input(f"{out} is not empty", "choose an empty folder, or one that make-wall made")
        for name in (PHOTOS, "truth"):
            if (out / name).is_dir() and not (out / name).is_symlink():
                shutil.rmtree(out / name)
    begin_truth(out)
    (out / PHOTOS).mkdir(exist_ok=True)


def _rail(out: Path, options: MakeWallOptions, columns: int, rows: int, report: Progress) -> WallTruth:
    camera = rail_camera(options)
    photos = rail_stations(options, columns, rows, np.random.default_rng([options.seed, 1]))
    extent = seen_extent(camera, photos, RELIEF_M)
    texel = options.camera_distance_m / options.focal_px / TEXELS_PER_PIXEL
    width, height = int((extent[1] - extent[0]) / texel) // 2 * 2, int((extent[3] - extent[2]) / texel) // 2 * 2
    _check_memory(width * height, report.free_memory)
    surface = make_surface(extent, options, np.random.default_rng([options.seed, 2]))
    _prepare(out)
    pixels = paint(width, height, 1e3 * texel, options, -1e3 * surface.y[::-1], Part(report, 0.0, 0.4))
    painting = Painting(pixels, extent[0], extent[3], texel)

    x, z = surface.axes()
    np.savez_compressed(out / WALL_FILE, x=x, z=z, y=surface.y)
    _write_png(out / ORTHOPHOTO_FILE, _halved(pixels))

    gains = _exposures(options, len(photos))
    part = Part(report, 0.4, 1.0)

    def photograph(index: int) -> None:
        sensor = Sensor(gains[index], options.vignetting, options.noise_levels)
        rng = np.random.default_rng([options.seed, 3, index])
        save_photo(
            take_photo(camera, photos[index], surface, painting, sensor, rng), out / PHOTOS / photos[index].name, index, options
        )

    for done in in_parallel(photograph, len(photos)):
        part(done / len(photos), f"Photo {done} of {len(photos)}")
    ortho = OrthophotoTruth(x_min=extent[0], z_max=extent[3], pixel=2 * texel, width=width // 2, height=height // 2)
    return WallTruth(
        folder=out, units="m", focal_observable=True, cameras=(camera,), photos=photos, orthophoto=ortho, options=options
    )


def _crops(out: Path, options: MakeWallOptions, columns: int, rows: int, report: Progress) -> WallTruth:
    side = options.painting_px
    windows = crop_windows(options, columns, rows, np.random.default_rng([options.seed, 1]))
    _check_memory(side * side, report.free_memory)
    _prepare(out)
    flat = Surface(0.0, 0.0, float(side), np.zeros((2, 2), np.float32))
    pixels = paint(side, side, CROPS_MM_PER_PIXEL, options, None, Part(report, 0.0, 0.7))
    np.savez_compressed(out / WALL_FILE, x=flat.axes()[0], z=flat.axes()[1], y=flat.y)
    _write_png(out / ORTHOPHOTO_FILE, pixels)
    camera = CameraTruth(
        model="SIMPLE_PINHOLE",
        width=windows.width,
        height=windows.height,
        focal_px=1.2 * windows.width,
        cx=windows.width / 2,
        cy=windows.height / 2,
        radial=0.0,
    )
    photos = windows.photos(camera, side)
    part = Part(report, 0.7, 1.0)

    def cut(index: int) -> None:
        left, top = photos[index].offset_px or (0, 0)
        save_photo(
            pixels[top : top + windows.height, left : left + windows.width], out / PHOTOS / photos[index].name, index, options
        )

    for done in in_parallel(cut, len(photos)):
        part(done / len(photos), f"Crop {done} of {len(photos)}")
    ortho = OrthophotoTruth(x_min=0.0, z_max=float(side), pixel=1.0, width=side, height=side)
    return WallTruth(
        folder=out, units="px", focal_observable=False, cameras=(camera,), photos=photos, orthophoto=ortho, options=options
    )


def _exposures(options: MakeWallOptions, count: int) -> list[float]:
    """Linear gains of a random walk in EV that stays within six of its steps and starts from a well exposed photo."""
    rng = np.random.default_rng([options.seed, 4])
    walk, value = [], 0.0
    for _ in range(count):
        walk.append(value)
        value = float(
            np.clip(
                value + options.exposure_walk_ev * rng.standard_normal(),
                -6 * options.exposure_walk_ev,
                6 * options.exposure_walk_ev,
            )
        )
    return [2.0**value for value in walk]


def _halved(pixels: Picture) -> Picture:
    """The picture at half its size, light averaged in linear light, in strips."""
    height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
    half = np.empty((height, width, 3), np.uint8)
    rows = max(1, 4_000_000 // width)
    for top in range(0, height, rows):
        strip = cv2.LUT(pixels[2 * top : 2 * min(top + rows, height)], LINEAR_OF_SRGB)
        light = np.asarray(cv2.resize(strip, (width, strip.shape[0] // 2), interpolation=cv2.INTER_AREA), dtype=np.float32)
        half[top : top + rows] = srgb_of_linear(light) + np.float32(0.5)
    return half


def _write_png(path: Path, pixels: Picture) -> None:
    if not cv2.imwrite(str(path), pixels[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1]):
        raise missing_resource(f"{path} cannot be written", "free space on the disk, or choose another folder")
