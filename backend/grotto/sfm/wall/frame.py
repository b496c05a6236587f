"""The wall frame: x along the wall, z up, the wall at y = 0, the cameras at negative y."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pycolmap
from numpy.typing import NDArray

from ...contract import Progress, bad_input
from ...contract.options import FrameOptions
from ...formats import Artefact, write_points_ply
from ...photos import PhotoSet, left_out_clause
from ..cameras import Reconstruction
from .judgement import FLAT, WallLikeness, measure_likeness, why_no_wall
from .plane import find_wall_plane, fit_plane
from .upright import turned_axes, upright_majority

MOST_UNCERTAIN = 0.05  # of the focal length: with more, a camera distance gives no scale


@dataclass(frozen=True, kw_only=True)
class WallFrame(Artefact):
    """Cameras and points in the wall frame. One unit is a metre when metric, else the median camera distance."""

    model: str  # folder of the binary COLMAP model, relative; the original, distorted cameras
    cloud: str  # coloured PLY, relative
    metric: bool
    scale_from: str  # where the scale comes from, in words
    camera_distance: float  # median distance from cameras to wall, in units
    plane_rms: float  # RMS distance of points to the plane, in units
    x_min: float  # robust extent of the wall's points, in units
    x_max: float
    z_min: float
    z_max: float
    scale_uncertainty: float = 0.0  # part by which lengths along the wall may be wrong as a whole, from the focal length
    relief_uncertainty: float = 0.0  # the same of depths; infinite is written as -1: not known
    up_known: bool = True  # an orientation tag of the photos, or the user, says what is up
    likeness: WallLikeness = FLAT  # whether this is a wall at all

    def read_model(self) -> pycolmap.Reconstruction:
        return pycolmap.Reconstruction(str(Path(self.folder) / self.model))


def forecast_wall_frame(photos: PhotoSet, cameras: Reconstruction, options: FrameOptions) -> int:
    """Bytes: the model in memory, by measurement about 60 times its files."""
    size = sum(file.stat().st_size for file in (cameras.folder / cameras.model).iterdir())
    return 200_000_000 + 60 * size


def set_wall_frame(photos: PhotoSet, cameras: Reconstruction, options: FrameOptions, folder: Path, report: Progress) -> WallFrame:
    """Turn, shift and scale the model so that the dominant plane is y = 0 and stands as the photos stood.

    The origin is the middle of the wall's foot. Up is the photos' own up, those with an orientation tag first. Scale is
    metric where a known length is given, or a known camera distance while the focal length is known, and arbitrary otherwise.
    """
    model = cameras.read_model()
    registered = [image for image in model.images.values() if image.has_pose]
    centres = np.array([image.projection_center() for image in registered])
    points = np.array([point.xyz for point in model.points3D.values()])
    if len(points) < 50:
        few = f"too few points were found to see a wall{left_out_clause(photos)}"
        raise bad_input(few, "take more photos with more overlap")
    depths = np.array(
        [np.median((points - centre) @ image.viewing_direction()) for image, centre in zip(registered, centres, strict=True)]
    )
    plane = find_wall_plane(points, float(np.median(np.abs(depths))))
    report(0.3, "the wall's plane")
    known = [image for image in registered if photos.photos[image.image_id - 1].gravity_known]
    ups = np.array([-image.cam_from_world().rotation.matrix()[1] for image in known or registered])
    rotation = turned_axes(wall_axes(plane.normal, plane.offset, centres, ups), int(options.turn_wall))
    _note_up(ups, plane.normal, bool(known), options, report)
    directions = np.array([image.viewing_direction() for image in registered])
    likeness = measure_likeness(points, plane.normal, plane.offset, centres, directions)
    if no_wall := why_no_wall(likeness):
        report.note(no_wall)
    turned = points[plane.inliers] @ rotation.T
    low, high = np.percentile(turned, [0.5, 99.5], axis=0)
    wall_y = float(np.median(turned[:, 1]))
    origin = np.array([(low[0] + high[0]) / 2, wall_y, low[2]])
    distance = float(np.median(wall_y - (centres @ rotation.T)[:, 1]))
    scale, metric, scale_from = _scale(options, model, cameras.focal_uncertainty, distance)
    shift = -scale * origin
    model.transform(pycolmap.Sim3d(scale, pycolmap.Rotation3d(rotation), shift))
    model_folder = folder / "model"
    model_folder.mkdir()
    model.write_binary(str(model_folder))
    cloud = np.array([point.xyz for point in model.points3D.values()])
    colours = np.array([point.color for point in model.points3D.values()], np.uint8)
    write_points_ply(folder / "points.ply", cloud, colours)
    if not metric:
        why = (
            "the focal length is not known well enough for the camera distance to set the scale"
            if options.camera_distance_m
            else ""
        )
        why = why or "no length is known"
        report.note(f"{why}, so the scale is arbitrary: one unit is the usual distance from camera to wall")
    report(1.0, scale_from)
    extent_low, extent_high = scale * low + shift, scale * high + shift
    return WallFrame(
        folder=folder,
        model="model",
        cloud="points.ply",
        metric=metric,
        scale_from=scale_from,
        camera_distance=distance * scale,
        plane_rms=plane.rms * scale,
        x_min=float(extent_low[0]),
        x_max=float(extent_high[0]),
        z_min=float(extent_low[2]),
        z_max=float(extent_high[2]),
        scale_uncertainty=cameras.focal_uncertainty if metric and not options.known_points else 0.0,
        relief_uncertainty=cameras.focal_uncertainty if math.isfinite(cameras.focal_uncertainty) else -1.0,
        up_known=bool(known) or options.turn_wall != "0",
        likeness=likeness,
    )


def wall_axes(
    normal: NDArray[np.float64],  # (3,) of the wall's plane, either way
    offset: float,
    centres: NDArray[np.float64],  # (n, 3) camera centres
    ups: NDArray[np.float64],  # (n, 3) the photos' up directions
) -> NDArray[np.float64]:
    """Rows x, y, z of the wall frame in the model's axes: wall_from_model's rotation, (3, 3), determinant 1."""
    y = normal if np.median(centres @ normal - offset) < 0 else -normal
    ups = ups[upright_majority(ups, y)]
    up = np.median(ups / np.linalg.norm(ups, axis=1, keepdims=True), axis=0)
    z = up - (up @ y) * y
    if np.linalg.norm(z) < 0.1:  # the photos look along the wall's normal upwards or down: a ceiling or a floor
        z = np.median(ups, axis=0) + 1e-3 * np.eye(3)[int(np.argmin(np.abs(y)))]
        z -= (z @ y) * y
    z /= np.linalg.norm(z)
    return np.stack([np.cross(y, z), y, z])


def _note_up(ups: NDArray[np.float64], normal: NDArray[np.float64], known: bool, options: FrameOptions, report: Progress) -> None:
    agree = upright_majority(ups, normal)
    if not agree.all():
        report.note(
            f"{int((~agree).sum())} of {len(agree)} photos stand turned against the others, and the wall stands as most do: "
            "where it lies on its side, turn it with --turn-wall"
        )
    elif not known and options.turn_wall == "0":
        report.note(
            "no photo says what is up (none has an orientation tag), so the wall stands as the photos do: "
            "where it lies on its side or upside down, turn it with --turn-wall 90, 180 or 270"
        )


def _scale(
    options: FrameOptions, model: pycolmap.Reconstruction, focal_uncertainty: float, distance: float
) -> tuple[float, bool, str]:
    if options.known_length_m > 0 and not options.known_points:
        raise bad_input("a known length was given without its two points", "give known points as PHOTO:x,y PHOTO:x,y")
    if options.known_points and options.known_length_m <= 0:
        raise bad_input("two known points were given without their distance", "give the known length in metres")
    if options.known_points:
        ends = [locate_on_wall(model, name, place) for name, place in parse_known_points(options.known_points)]
        length = float(np.linalg.norm(ends[0] - ends[1]))
        if length < 1e-3 * distance:
            raise bad_input(
                "the two known points lie at the same place", "choose points far apart on the wall", option="known_points"
            )
        return options.known_length_m / length, True, f"the known length of {options.known_length_m:g} m"
    if options.camera_distance_m > 0 and focal_uncertainty <= MOST_UNCERTAIN:
        return options.camera_distance_m / distance, True, f"the known camera distance of {options.camera_distance_m:g} m"
    return 1.0 / distance, False, "arbitrary scale"


def parse_known_points(text: str) -> list[tuple[str, NDArray[np.float64]]]:
    """The photo and the pixel (x, y) of both ends of "PHOTO:x,y PHOTO:x,y"; photo names may hold spaces and colons."""
    pattern = r"(.+?):\s*([\d.]+)\s*,\s*([\d.]+)"
    found = re.fullmatch(rf"\s*{pattern}\s+{pattern}\s*", text)
    if found is None:
        raise bad_input(f"the known points {text!r} cannot be read", "write them as PHOTO:x,y PHOTO:x,y")
    try:
        return [
            (found[1], np.array([float(found[2]), float(found[3])])),
            (found[4], np.array([float(found[5]), float(found[6])])),
        ]
    except ValueError as error:
        raise bad_input(f"the known points {text!r} cannot be read", "write them as PHOTO:x,y PHOTO:x,y") from error


def locate_on_wall(model: pycolmap.Reconstruction, name: str, pixel: NDArray[np.float64]) -> NDArray[np.float64]:
    """The point (3,) of the surface that photo `name` sees at `pixel`, in the model's frame.

    The surface about it is the plane through the twelve points that the photo sees nearest to the pixel.
    Raises bad input where the photo is not in the model, the pixel is outside it, or too few points are near.
    """
    image = next((image for image in model.images.values() if image.name == name and image.has_pose), None)
    if image is None:
        raise bad_input(f"the known point's photo {name} is not among the placed photos", "choose a point in another photo")
    camera = model.cameras[image.camera_id]
    if not (0 <= pixel[0] <= camera.width and 0 <= pixel[1] <= camera.height):
        raise bad_input(f"the known point lies outside photo {name}", f"give x up to {camera.width} and y up to {camera.height}")
    seen = [(point.xy, point.point3D_id) for point in image.points2D if point.has_point3D()]
    if len(seen) < 12:
        raise bad_input(f"photo {name} sees too few points to place the known point", "choose a point in another photo")
    nearest = np.argsort(np.linalg.norm(np.array([xy for xy, _ in seen]) - pixel, axis=1))[:12]
    normal, offset = fit_patch(np.array([model.points3D[seen[i][1]].xyz for i in nearest]))
    camera_from_world = image.cam_from_world()
    direction = camera_from_world.rotation.matrix().T @ np.append(np.asarray(camera.cam_from_img(pixel)), 1.0)
    centre = image.projection_center()
    return centre + direction * (offset - normal @ centre) / (normal @ direction)


def fit_patch(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """The plane of a small patch of (n, 3) points after its worst quarter was left out once."""
    normal, offset = fit_plane(points)
    miss = np.abs(points @ normal - offset)
    return fit_plane(points[miss <= np.quantile(miss, 0.75)])
