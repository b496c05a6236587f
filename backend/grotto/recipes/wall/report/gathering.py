"""From the artefacts of a wall job to what its report tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ....formats import RasterGrid, read_count_tiff, read_float_tiff
from ....ortho import HeightMap, Orthophoto, WallMesh
from ....photos import PhotoSet, stored_picture
from ....sfm.cameras import Reconstruction
from ....sfm.pairs import Matches
from ....sfm.wall import WallFrame, why_no_wall
from .wall_report import Extent, Links, PlacedCameras, Residuals, WallMap, WallReport

if TYPE_CHECKING:
    import pycolmap

_RESIDUALS_AT_MOST = 400_000


@dataclass(frozen=True, kw_only=True)
class WallArtefacts:
    """What the stages left."""

    photos: PhotoSet
    matches: Matches
    cameras: Reconstruction
    frame: WallFrame
    height: HeightMap
    orthophoto: Orthophoto
    mesh: WallMesh


@dataclass(frozen=True, kw_only=True)
class WallJob:
    """What is known of the job itself."""

    title: str
    made_on: str
    options: Any
    files: tuple[tuple[str, str], ...] = ()  # path relative to the page, what it is
    notes: tuple[str, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)  # seconds by stage
    versions: Mapping[str, str] = field(default_factory=dict)
    engines: Mapping[str, str] = field(default_factory=dict)
    peak_memory_mb: float = 0.0


def gather(made: WallArtefacts, job: WallJob) -> WallReport:
    """Read what the report shows. Raises OSError where a stage's file has gone."""
    import pycolmap

    model = pycolmap.Reconstruction(str(made.frame.folder / made.frame.model))
    placed = placed_cameras(model, [photo.name for photo in made.photos.photos])
    points, colours = coloured_points(model)
    main = max(made.cameras.groups, key=lambda group: group.photos, default=None)
    same_camera = set(main.members) if main is not None else set()
    return WallReport(
        title=job.title,
        source=made.photos.source,
        made_on=job.made_on,
        metric=made.frame.metric,
        scale_from=made.frame.scale_from,
        input_photos=len(made.photos.photos) + len(made.photos.skipped),
        used_photos=len(made.photos.photos),
        registered_photos=len(made.cameras.registered),
        unregistered=made.cameras.unregistered,
        models_found=made.cameras.models_found,
        weakest_link=made.cameras.weakest_link,
        groups=made.cameras.groups,
        focal_uncertainty=made.cameras.focal_uncertainty,
        scale_uncertainty=made.frame.scale_uncertainty,
        up_known=made.frame.up_known,
        no_wall=no_wall_of(made),
        reprojection_px=made.cameras.reprojection_px,
        adjustment=made.cameras.adjustment,
        focal_search=made.cameras.focal_search,
        camera_distance=made.frame.camera_distance,
        plane_rms=made.frame.plane_rms,
        skipped=made.photos.skipped,
        warnings=made.photos.warnings,
        notes=job.notes,
        pixel=made.orthophoto.pixel,
        orthophoto_size=(made.orthophoto.width, made.orthophoto.height),
        seen_fraction=made.orthophoto.coverage,
        faces=made.mesh.faces,
        vertices=made.mesh.vertices,
        files=job.files,
        options=job.options,
        timings=job.timings,
        versions=job.versions,
        engines=job.engines,
        peak_memory_mb=job.peak_memory_mb,
        cameras=placed,
        points=points,
        point_colours=colours,
        heights=_map(*read_float_tiff(made.height.folder / made.height.file)),
        orthophoto=_orthophoto(made.orthophoto),
        photos_per_place=_map(*read_count_tiff(made.orthophoto.folder / made.orthophoto.coverage_file)),
        residuals=residuals(model, same_camera),
        links=_links(made, placed),
    )


def no_wall_of(made: WallArtefacts) -> str:
    """Why the job's photos show no wall, with all that is known at its end; "" where they show one."""
    used = len(made.photos.photos)
    return why_no_wall(made.frame.likeness, made.orthophoto.coverage, len(made.cameras.registered) / max(used, 1))


def placed_cameras(model: pycolmap.Reconstruction, order: Sequence[str]) -> PlacedCameras:
    """The registered cameras in the given order of names."""
    by_name = {image.name: image for image in model.images.values() if image.has_pose}
    images = [by_name[name] for name in order if name in by_name]
    sizes = [(image.camera.width, image.camera.height, image.camera.mean_focal_length()) for image in images]
    return PlacedCameras(
        names=tuple(image.name for image in images),
        centres=np.array([image.projection_center() for image in images]).reshape(-1, 3),
        world_from_camera=np.array([image.cam_from_world().rotation.matrix().T for image in images]).reshape(-1, 3, 3),
        half_fields=np.array([(width / 2 / focal, height / 2 / focal) for width, height, focal in sizes]).reshape(-1, 2),
    )


def coloured_points(model: pycolmap.Reconstruction) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    points = list(model.points3D.values())
    places = np.array([point.xyz for point in points], np.float64).reshape(-1, 3)
    return places, np.array([point.color for point in points], np.uint8).reshape(-1, 3)


def residuals(model: pycolmap.Reconstruction, names: set[str]) -> Residuals | None:
    """What the points miss in the photos named, which share one camera; None where no point is seen in them."""
    places: list[NDArray[np.float64]] = []
    misses: list[NDArray[np.float64]] = []
    width = height = 0
    for image in model.images.values():
        if image.name not in names or not image.has_pose:
            continue
        seen = image.get_observation_points2D()
        if not seen:
            continue
        place = np.array([point.xy for point in seen])
        world = np.array([model.points3D[point.point3D_id].xyz for point in seen])
        width, height = image.camera.width, image.camera.height
        projected = image.camera.img_from_cam(image.cam_from_world() * world)
        places.append(place)
        misses.append(projected - place)
    if not places:
        return None
    place, miss = np.concatenate(places), np.concatenate(misses)
    good = np.isfinite(miss).all(axis=1)
    place, miss = place[good], miss[good]
    if len(place) > _RESIDUALS_AT_MOST:
        some = np.random.default_rng(0).choice(len(place), _RESIDUALS_AT_MOST, replace=False)
        place, miss = place[some], miss[some]
    return Residuals(places_px=place, misses_px=miss, width=width, height=height)


def _links(made: WallArtefacts, placed: PlacedCameras) -> Links:
    position = {name: index for index, name in enumerate(placed.names)}
    names = [photo.name for photo in made.photos.photos]
    both = [pair for pair in made.matches.pairs if names[pair.first] in position and names[pair.second] in position]
    return Links(
        pairs=np.array([(position[names[pair.first]], position[names[pair.second]]) for pair in both], np.int64).reshape(-1, 2),
        matches=np.array([pair.inliers for pair in both], np.int64),
    )


def _map(grid: RasterGrid, values: NDArray[Any]) -> WallMap:
    extent: Extent = (
        grid.x_min,
        grid.x_min + grid.width * grid.pixel,
        grid.z_max - grid.height * grid.pixel,
        grid.z_max,
    )
    return WallMap(values=values, extent=extent)


def _orthophoto(orthophoto: Orthophoto) -> WallMap:
    pixels = np.asarray(stored_picture(orthophoto.folder / orthophoto.preview).convert("RGBA"))
    across, up = orthophoto.width * orthophoto.pixel, orthophoto.height * orthophoto.pixel
    extent = (orthophoto.x_min, orthophoto.x_min + across, orthophoto.z_max - up, orthophoto.z_max)
    return WallMap(values=pixels, extent=extent)
