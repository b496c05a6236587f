"""The stage `views`: undistorted pictures with cameras and masks, the region, and which pictures are held out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..contract import Action, Part, Progress, bad_input
from ..contract.options import ViewOptions
from ..formats import write_points_ply, write_shift, write_transforms
from ..photos import Photo, ScanPhotos, natural_key
from ..scene import Camera, Region, Subject, find_subject
from ..sfm.scan import SparseScene
from .given_subject import subject_of_box, subject_of_masks
from .mask_check import usable_masks
from .region import look_at_point, object_region, scene_region, spread_of
from .straighten import Straight, straighten
from .view_set import CAMERAS, ViewFile, ViewSet, camera_of

CLOUD = "points.ply"
MASKED = 0.5  # of the pictures with masks or alpha make an object
ONE_SIDE = 0.8  # radians (46 degrees): a subject seen under less is seen from one side only


def forecast_views(photos: ScanPhotos, scene: SparseScene, holdout: int, options: ViewOptions) -> int:
    """Bytes: source, maps and result of a photo on every core, in floating point where it has alpha."""
    largest = max(photo.width * photo.height for photo in photos.photos)
    return 250_000_000 + largest * (3 + 3 + 8 + 16 + 32) * (os.cpu_count() or 1)


def make_views(
    photos: ScanPhotos, scene: SparseScene, holdout: int, options: ViewOptions, folder: Path, report: Progress
) -> ViewSet:
    """Undistort every placed photo, find the region, and keep out each photo whose number in name order `holdout` divides.

    Masks and alpha mean a bounded object, unless the options say otherwise. Raises bad input for fewer than two views, for masks
    that are empty, inverted or without a common part, and for an object seen from one side only.
    """
    kept_out = heldout_names([photo.name for photo in photos.photos], holdout)
    bounded = _is_object(photos.photos, options, report)
    made = straighten(photos.photos, scene.read_model(), bounded, folder, Part(report, 0.0, 0.85))
    if bounded:
        made = _with_masks(made, report)
    fitting = [item for item in made if item.photo.name not in kept_out]
    if len(fitting) < 2:
        names = f" ({fitting[0].photo.name})" if fitting else ""
        raise bad_input(
            f"a scan needs at least two pictures from different places, and only {len(fitting)} is left to fit to{names}",
            "add pictures that overlap it, or hold out fewer of them",
            Action.CHOOSE_FOLDER,
        )
    cloud = scene.read_cloud()
    cameras = [camera_of(item.camera) for item in fitting]
    if bounded:
        region = object_region(cameras, [item.alpha for item in fitting if item.alpha is not None], options.region_size)
    else:
        region = scene_region(cameras, None if cloud is None else cloud.points, options.region_size)
    _check_spread(cameras, region, options, report)
    subject = None if bounded else _subject(fitting, scene, region, options, report)
    if cloud is not None and bounded:
        within = ((cloud.points >= region.low) & (cloud.points <= region.high)).all(axis=1)
        write_points_ply(folder / CLOUD, cloud.points[within], cloud.colours[within])
    elif cloud is not None:
        shutil.copyfile(scene.folder / scene.cloud, folder / CLOUD)
    write_transforms(folder / CAMERAS, [item.camera for item in made], photos.world_shift)
    write_shift(folder, photos.world_shift)
    report(1.0, f"{len(fitting)} views, {len(made) - len(fitting)} held out")
    return ViewSet(
        folder=folder,
        files=tuple(ViewFile(name=item.photo.name, mask=item.mask, heldout=item.photo.name in kept_out) for item in made),
        cameras=CAMERAS,
        photos="photos",
        region=region,
        cloud=CLOUD if cloud is not None else "",
        given=scene.given,
        view_px=options.view_px,
        world_shift=photos.world_shift,
        subject=None if subject is None else subject.region,
        all_round=subject is not None and subject.all_round,
        subject_given=subject is not None and subject.given,
    )


def _subject(
    fitting: Sequence[Straight], scene: SparseScene, region: Region, options: ViewOptions, report: Progress
) -> Subject | None:
    """What the pictures of a scene look at together: the user's box, what a few masks show, or what the sparse points show."""
    given = subject_of_box(options.subject_box)
    if given is None and options.background != "scene":
        given = subject_of_masks(fitting, report)
    if given is not None:
        return given
    model = scene.read_model()
    row = {number: index for index, number in enumerate(model.points3D)}
    points = np.array([point.xyz for point in model.points3D.values()], np.float64).reshape(-1, 3)
    of_name = {image.name: image for image in model.images.values()}
    sights = [
        np.unique([row[place.point3D_id] for place in of_name[item.photo.name].points2D if place.has_point3D()]).astype(np.int64)
        for item in fitting
    ]
    return find_subject([camera_of(item.camera) for item in fitting], points, sights, region)


def heldout_names(present: Sequence[str], holdout: int) -> set[str]:
    """Of all photos that are present, placed or not, those whose number in the order of names `holdout` divides; 0: none."""
    return set(sorted(present, key=natural_key)[::holdout]) if holdout else set()


def _is_object(photos: Sequence[Photo], options: ViewOptions, report: Progress) -> bool:
    masked = sum(bool(photo.mask) or photo.transparent for photo in photos)
    if options.background == "object" and not masked:
        report.note("no picture has alpha or a mask, so object and background cannot be separated: the background is fitted too")
        return False
    if options.background == "scene":
        if masked:
            report.note("the pictures' alpha and masks are not used, because a scene was chosen")
        return False
    if options.background == "object" or masked >= MASKED * len(photos):
        return True
    if masked:
        report.note(f"only {masked} of {len(photos)} pictures have masks or alpha, so they are taken for a scene")
    return False


def _with_masks(made: list[Straight], report: Progress) -> list[Straight]:
    """The pictures whose mask shows something; those without any cannot say what of them is the object."""
    usable = usable_masks({item.photo.name: item.alpha for item in made if item.alpha is not None}, report)
    bare = [item.photo.name for item in made if item.alpha is None]
    if bare:
        more = f" and {len(bare) - 5} more" if len(bare) > 5 else ""
        report.note(f"{len(bare)} pictures without mask or alpha are left out: {', '.join(bare[:5])}{more}")
    return [item for item in made if item.photo.name in usable]


def _check_spread(cameras: Sequence[Camera], region: Region, options: ViewOptions, report: Progress) -> None:
    """Pictures from one side cannot give an object; a scene may be seen from one side, which is said."""
    inwards = region.bounded or options.background == "object"
    centre = region.centre if region.bounded else look_at_point(cameras)
    spread = spread_of(cameras, centre)
    if spread >= ONE_SIDE:
        return
    said = f"the pictures look from one side only: their directions differ by {np.degrees(spread):.0f} degrees at most"
    if inwards:
        raise bad_input(said, "add pictures from all about the object, or choose --background scene for a relief")
    report.note(f"{said}; what they do not see is invented or missing")
