"""A model as arrays: photos, lenses, points and observations, with residuals and their derivatives.

pycolmap adjusts models; these arrays are for what it does not answer: how far an adjusted focal length is from the least cost,
how certain it is where residuals move together, and what each photo's focal length would be for itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pycolmap

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

MOST_PHOTOS = 400  # of a large capture a run of photos in order: the equations grow with the square of their number
MOST_OBSERVATIONS = 40_000  # of a large model a sample of the tracks: the focal length needs no more


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """n photos, m lenses (SIMPLE_RADIAL), p points, o observations. Frame: the model's; pixels as COLMAP counts them."""

    image_ids: Whole  # (n,)
    lens_ids: Whole  # (m,) camera ids in the model
    rotations: Floats  # (n, 3, 3) camera_from_world
    translations: Floats  # (n, 3)
    lens: Whole  # (n,) each photo's lens
    log_focal: Floats  # (m,) of pixels
    radial: Floats  # (m,) k1
    middles: Floats  # (n, 2) principal points, px
    point_ids: Whole  # (p,)
    points: Floats  # (p, 3)
    photo: Whole  # (o,) positions of photos
    point: Whole  # (o,) positions of points
    places: Floats  # (o, 2) px


@dataclass(frozen=True, kw_only=True)
class Linear:
    """Residuals (projected minus seen, px) and their derivatives."""

    residuals: Floats  # (o, 2)
    by_camera: Floats  # (o, 2, 6): rotation (world axes turned in the camera), translation
    by_lens: Floats  # (o, 2, 2): log focal length, k1
    by_point: Floats  # (o, 2, 3)


def read_bundle(
    model: pycolmap.Reconstruction, most_photos: int = MOST_PHOTOS, most_observations: int = MOST_OBSERVATIONS
) -> Bundle:
    """Read placed photos, their lenses and points; of a large model photos in the middle of the order and a sample.

    The longest tracks of every photo are taken first, as they bind the most.
    """
    images = sorted((image for image in model.images.values() if image.has_pose), key=lambda image: image.image_id)
    first = max(0, (len(images) - most_photos) // 2)
    images = images[first : first + most_photos]
    position = {image.image_id: index for index, image in enumerate(images)}
    lens_ids = sorted({image.camera_id for image in images})
    lenses = [model.cameras[lens_id] for lens_id in lens_ids]
    tracks = [
        (point_id, [(element.image_id, element.point2D_idx) for element in point.track.elements if element.image_id in position])
        for point_id, point in sorted(model.points3D.items())
    ]
    tracks = _longest([track for track in tracks if len(track[1]) > 1], most_observations)
    seen = {image.image_id: image.points2D for image in images}
    photo = [position[image_id] for _, elements in tracks for image_id, _ in elements]
    point = [row for row, (_, elements) in enumerate(tracks) for _ in elements]
    places = [seen[image_id][row].xy for _, elements in tracks for image_id, row in elements]
    placed = [image.cam_from_world() for image in images]
    return Bundle(
        image_ids=np.array([image.image_id for image in images], np.int64),
        lens_ids=np.array(lens_ids, np.int64),
        rotations=np.array([rigid.rotation.matrix() for rigid in placed]),
        translations=np.array([rigid.translation for rigid in placed]),
        lens=np.array([lens_ids.index(image.camera_id) for image in images], np.int64),
        log_focal=np.log([camera.params[0] for camera in lenses]),
        radial=np.array([camera.params[3] for camera in lenses], np.float64),
        middles=np.array([model.cameras[image.camera_id].params[1:3] for image in images], np.float64),
        point_ids=np.array([point_id for point_id, _ in tracks], np.int64),
        points=np.array([model.points3D[point_id].xyz for point_id, _ in tracks], np.float64).reshape(-1, 3),
        photo=np.array(photo, np.int64),
        point=np.array(point, np.int64),
        places=np.array(places, np.float64).reshape(-1, 2),
    )


def write_bundle(bundle: Bundle, model: pycolmap.Reconstruction) -> bool:
    """Set the model's lenses, and its cameras and points where the bundle holds all of them; returns whether it does.

    Where it does not, the cameras and points are to be adjusted to the lenses.
    """
    import pycolmap

    for index, lens_id in enumerate(bundle.lens_ids):
        camera = model.cameras[int(lens_id)]
        camera.params = [float(np.exp(bundle.log_focal[index])), *camera.params[1:3], float(bundle.radial[index])]
    if len(bundle.points) < model.num_points3D() or len(bundle.image_ids) < model.num_reg_images():
        return False
    for index, image_id in enumerate(bundle.image_ids):
        image = model.images[int(image_id)]
        camera_from_world = pycolmap.Rigid3d(pycolmap.Rotation3d(bundle.rotations[index]), bundle.translations[index])
        image.frame.set_cam_from_world(image.camera_id, camera_from_world)
    for point_id, place in zip(bundle.point_ids, bundle.points, strict=True):
        model.points3D[int(point_id)].xyz = place
    model.update_point_3d_errors()
    return True


def _longest(tracks: list[tuple[int, list[tuple[int, int]]]], most: int) -> list[tuple[int, list[tuple[int, int]]]]:
    """Tracks of at most about `most` observations in all, spread over the photos, long ones first."""
    if sum(len(elements) for _, elements in tracks) <= most:
        return tracks
    order = np.argsort([-len(elements) for _, elements in tracks], kind="stable")
    photos = {image_id for _, elements in tracks for image_id, _ in elements}
    share = most / len(photos)
    taken: dict[int, int] = dict.fromkeys(photos, 0)
    chosen = []
    for row in order:
        elements = tracks[int(row)][1]
        if min(taken[image_id] for image_id, _ in elements) < share:
            chosen.append(int(row))
            for image_id, _ in elements:
                taken[image_id] += 1
    return [tracks[row] for row in sorted(chosen)]


def linearise(bundle: Bundle) -> Linear:
    """Residuals and derivatives of all observations.

    A pose's derivative is for R <- exp(w) R, t <- t + v. Points behind a camera have no meaning; such a model is not adjusted.
    """
    rotation = bundle.rotations[bundle.photo]
    turned = np.einsum("oij,oj->oi", rotation, bundle.points[bundle.point])
    camera = turned + bundle.translations[bundle.photo]
    lens = bundle.lens[bundle.photo]
    focal, radial = np.exp(bundle.log_focal)[lens], bundle.radial[lens]
    plane = camera[:, :2] / camera[:, 2:]
    square = (plane**2).sum(axis=1)
    factor = 1 + radial * square
    bent = (focal * factor)[:, None] * plane
    residuals = bent + bundle.middles[bundle.photo] - bundle.places
    by_plane = focal[:, None, None] * (
        factor[:, None, None] * np.eye(2) + 2 * radial[:, None, None] * plane[:, :, None] * plane[:, None, :]
    )
    plane_by_seen = np.zeros((len(plane), 2, 3))
    plane_by_seen[:, 0, 0] = plane_by_seen[:, 1, 1] = 1
    plane_by_seen[:, :, 2] = -plane
    by_seen = by_plane @ plane_by_seen / camera[:, 2][:, None, None]
    by_camera = np.concatenate([by_seen @ -_cross(turned), by_seen], axis=2)
    by_lens = np.stack([bent, (focal * square)[:, None] * plane], axis=2)
    return Linear(residuals=residuals, by_camera=by_camera, by_lens=by_lens, by_point=by_seen @ rotation)


def moved(bundle: Bundle, cameras: Floats, lenses: Floats, points: Floats) -> Bundle:
    """The bundle after a step: cameras (n, 6), lenses (m, 2) as (log focal length, k1), points (p, 3)."""
    return Bundle(
        image_ids=bundle.image_ids,
        lens_ids=bundle.lens_ids,
        rotations=_rotations(cameras[:, :3]) @ bundle.rotations,
        translations=bundle.translations + cameras[:, 3:],
        lens=bundle.lens,
        log_focal=bundle.log_focal + lenses[:, 0],
        radial=bundle.radial + lenses[:, 1],
        middles=bundle.middles,
        point_ids=bundle.point_ids,
        points=bundle.points + points,
        photo=bundle.photo,
        point=bundle.point,
        places=bundle.places,
    )


def with_lenses(bundle: Bundle, lens: Whole) -> Bundle:
    """The same bundle with other lenses: `lens` (n,) numbers them from 0; each begins as the mean of its photos' present ones."""
    count = int(lens.max()) + 1
    number = np.bincount(lens, minlength=count)
    log_focal = np.bincount(lens, bundle.log_focal[bundle.lens], count) / number
    radial = np.bincount(lens, bundle.radial[bundle.lens], count) / number
    values = {name: getattr(bundle, name) for name in Bundle.__dataclass_fields__}
    ids = np.arange(count)  # no camera of the model has these lenses
    return Bundle(**{**values, "lens": lens, "lens_ids": ids, "log_focal": log_focal, "radial": radial})


def _cross(vectors: Floats) -> Floats:
    """(o, 3, 3) matrices whose product with x is the cross product of (o, 3) vectors with x."""
    matrix = np.zeros((len(vectors), 3, 3))
    x, y, z = vectors.T
    matrix[:, 0, 1], matrix[:, 0, 2], matrix[:, 1, 2] = -z, y, -x
    return matrix - matrix.transpose(0, 2, 1)


def _rotations(vectors: Floats) -> Floats:
    """(n, 3, 3) rotations of (n, 3) rotation vectors, radians (Rodrigues' formula)."""
    angle = np.linalg.norm(vectors, axis=1)[:, None, None]
    safe = np.where(angle > 0, angle, 1.0)
    cross = _cross(vectors) / safe
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross)
