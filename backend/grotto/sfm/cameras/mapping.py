"""Cameras: incremental structure from motion with one camera for each lens, and whether the focal length is observable."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pycolmap

from ...contract import Part, Progress, bad_input
from ...contract.options import CameraOptions
from ...photos import PhotoSet, left_out_clause, read_image
from ..pairs import Matches
from .densify import add_all_points
from .focal import describe_groups, lens_notes
from .focal_search import LARGE
from .lens_search import LensSearch
from .patch_aligner import OPEN_BYTES, PatchAligner
from .reconstruction import Reconstruction
from .thinning import thin_matches
from .unplaced import describe_unplaced

SHIFT_ONLY_PX = 0.5  # pairs that a similarity explains this well say nothing on the focal length


def forecast_cameras(photos: PhotoSet, matches: Matches, options: CameraOptions) -> int:
    """Bytes: correspondences, tracks and the normal equations, by measurement about 400 bytes a match; open photos."""
    largest = max(photo.width * photo.height for photo in photos.photos)
    opened = min(4 * largest * len(photos.photos), OPEN_BYTES) + 8 * 4 * largest
    return 300_000_000 + 400 * sum(pair.inliers for pair in matches.pairs) + opened


def find_cameras(photos: PhotoSet, matches: Matches, options: CameraOptions, folder: Path, report: Progress) -> Reconstruction:
    """COLMAP's incremental mapper on SIMPLE_RADIAL cameras, one for each lens, then one tight bundle adjustment over all.

    A capture of pure shifts over a flat wall leaves the focal length unobservable (a free one collapses); then it is
    held at the known or guessed value together with the distortion, and `focal_observable` says so.
    """
    observable = bool(np.median([pair.similarity_px for pair in matches.pairs]) > SHIFT_ONLY_PX)
    if not observable:
        report.note("the photos are shifted copies of a flat wall, so their focal length cannot be found and is held")
    matched, thinned = folder / "matches.db", folder / "thinned.db"
    shutil.copyfile(matches.folder / matches.database, matched)
    part = thin_matches(matched, thinned)
    report(0.01, f"mapping with {part:.0%} of the matches")
    aligner = PatchAligner.chosen(report) if options.sharpen_points else PatchAligner()
    search = LensSearch(photos, thinned, observable, options, folder, aligner)
    mapped = search.run(Part(report, 0.02, 0.6))
    thinned.unlink()
    if not mapped.models:
        raise bad_input(
            f"no two photos could be put together in space{left_out_clause(photos)}",
            "take photos that overlap by half or more, each from a place of its own rather than by turning the camera",
        )
    largest, *others = mapped.models
    if part < 1:
        add_all_points(largest, matched, mapped.lenses, mapped.lens, photos, options, aligner, Part(report, 0.6, 0.95))
    matched.unlink()
    groups = describe_groups(mapped, photos, hold=search.hold)
    for image in largest.images.values():
        image.name = photos.photos[image.image_id - 1].name
    report(0.95, "colouring points")
    colour_points(largest, photos, report)
    model = folder / "model"
    model.mkdir()
    largest.write_binary(str(model))
    registered = set(largest.reg_image_ids())
    names = [photo.name for photo in photos.photos]
    left_out = tuple(name for image_id, name in enumerate(names, 1) if image_id not in registered)
    weakest = _weakest_link(registered, [set(model.reg_image_ids()) for model in others], matches, names)
    unplaced = [position for position in range(len(names)) if position + 1 not in registered]
    slow = _no_block(mapped.focal_search, options, len(names))
    for sentence in filter(None, [slow, *lens_notes(groups), weakest, *describe_unplaced(photos, unplaced, report)]):
        report.note(sentence)
    report(1.0, f"{len(registered)} of {len(names)} photos placed")
    return Reconstruction(
        folder=folder,
        model="model",
        registered=tuple(name for image_id, name in enumerate(names, 1) if image_id in registered),
        unregistered=left_out,
        models_found=len(mapped.models),
        groups=groups,
        reprojection_px=float(largest.compute_mean_reprojection_error()),
        focal_observable=observable,
        weakest_link=weakest,
        adjustment=options.adjustment,
        focal_search=mapped.focal_search,
        alignment=aligner.name if options.sharpen_points else "",
    )


def _no_block(focal_search: str, options: CameraOptions, count: int) -> str:
    """What is said where a large set had to be mapped with its focal length free; empty elsewhere."""
    if options.focal_search != "enumerated" or count < LARGE or focal_search not in ("all", "free"):
        return ""
    return "no block of photos tells the focal length, so it stayed free while all photos were placed, which takes longer"


def _weakest_link(main: set[int], others: list[set[int]], matches: Matches, names: list[str]) -> str:
    """One sentence on where the set falls apart; empty where all photos stand in one model."""
    outside = set().union(*others) - main if others else set()
    if not outside:
        return ""
    links = [
        pair
        for pair in matches.pairs
        if ((pair.first + 1) in main) != ((pair.second + 1) in main) and {pair.first + 1, pair.second + 1} & outside
    ]
    remedy = "give each wall a folder of its own, or add photos that join the parts"
    parts = f"the photos fall into {1 + len(others)} parts ({len(main)} and {len(outside)} photos)"
    if not links:
        example = names[min(outside) - 1]
        return f"{parts}; no photo of one part matches a photo of the other (the other part begins with {example}): {remedy}"
    best = max(links, key=lambda pair: pair.inliers)
    return f"{parts}; the weakest link is between {names[best.first]} and {names[best.second]} ({best.inliers} matches): {remedy}"


def colour_points(model: pycolmap.Reconstruction, photos: PhotoSet, report: Progress) -> None:
    """Give each point the mean colour of its observations, sampled in the photos as they are."""
    total = {point_id: np.zeros(4) for point_id in model.points3D}
    for image in model.images.values():
        if not image.has_pose:
            continue
        report.check()
        photo = photos.photos[image.image_id - 1]
        picture = read_image(photo, 1600)
        scale = picture.shape[1] / photo.width
        observed = [(point.xy, point.point3D_id) for point in image.points2D if point.has_point3D()]
        if not observed:
            continue
        place = np.array([xy for xy, _ in observed]) * scale
        column = np.clip(place[:, 0].astype(int), 0, picture.shape[1] - 1)
        row = np.clip(place[:, 1].astype(int), 0, picture.shape[0] - 1)
        for (_, point_id), colour in zip(observed, picture[row, column], strict=True):
            total[point_id] += [*colour, 1]
    for point_id, summed in total.items():
        if summed[3] > 0:
            model.points3D[point_id].color = np.round(summed[:3] / summed[3]).astype(np.uint8)
