"""The stage `subject` of a scan: the views of a scene as views of the subject in it, each with the mask that the fit gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...contract import Progress, bad_input, bug
from ...fields import RadianceField, fitting_device, load_field, render_field
from ...formats import PhotoCamera, read_transforms, write_transforms
from ...runner import Stage
from ...scene import Camera, Region, mean_up, reached_by_splats
from ...splats import Gaussians, Splats, load_splats, part_opacity, render_splats, splat_device
from ...views import ViewSet, box_mask, camera_of, inside_box, surface_in_box
from .fits import FRAMEWORK, views_bytes

MASKS = "masks"
_LEAST_MEAN = 0.003  # of the pictures: a smaller subject is no subject
_SOFT = (0.25, 0.75)  # shares of a pixel that count as none and as all of it
_SPARE = 0.04  # of the box's longest side: splats and surfaces that far outside of it still are the subject's
Mask = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class SubjectViews(ViewSet):
    """The views of a bounded object: the scene's pictures, and masks of what lies in the subject's box."""

    mean_share: float  # of the pictures that the subject covers


def forecast_subject(views: ViewSet, field: RadianceField | None, splats: Splats | None) -> int:
    """Bytes: the pictures' masks and what renders them."""
    return FRAMEWORK + views_bytes(views)


def find_subject_masks(
    views: ViewSet, field: RadianceField | None, splats: Splats | None, folder: Path, report: Progress
) -> SubjectViews:
    """Render what each view shows of the subject's box, as masks: held-out views among them, whose photos are not used.

    By splats where there are any, which also widen a box that the user did not give, else by the field's depth.
    Raises bad input where next to nothing is in the box.
    """
    if views.subject is None:
        raise bug("the views name no subject")
    gaussians = None if splats is None else load_splats(splats, splat_device(splats, report))
    cameras = [camera_of(camera) for camera in read_transforms(views.folder / views.cameras)]
    box = views.subject
    if gaussians is not None and not views.subject_given:
        box = _reached(box, gaussians, mean_up(cameras))
    draw = _masks_of(box, field, gaussians, report)
    (folder / MASKS).mkdir()
    placed = read_transforms(views.folder / views.cameras)
    files, shares = [], []
    for number, (camera, file) in enumerate(zip(cameras, views.files, strict=True)):
        report(number / len(cameras), f"the subject in view {number + 1} of {len(cameras)}")
        mask = _firm(draw(camera.fitted(views.view_px)))
        name = f"{MASKS}/{number:06d}.png"
        Image.fromarray((np.clip(mask, 0, 1) * 255 + 0.5).astype(np.uint8)).save(folder / name)
        files.append(replace(file, mask=name))
        shares.append(float(mask.mean()))
    share = float(np.mean(shares))
    if share < _LEAST_MEAN:
        raise bad_input(
            "next to nothing is in the subject's box: no view shows a surface there",
            "give another --subject-box, or choose --mesh-of scene",
            option="mesh_of",
        )
    write_transforms(folder / views.cameras, [_beside(camera, views.folder.name) for camera in placed])
    report(1.0, f"the subject covers {100 * share:.0f} % of the pictures")
    return SubjectViews(
        **{**vars(views), "folder": folder, "files": tuple(files), "subject": box, "region": _region(box, mean_up(cameras))},
        mean_share=share,
    )


def _firm(share: Mask) -> Mask:
    """A mask of opacities: what is mostly the subject is it wholly, so that soft splats leave no haze in it."""
    return np.clip((share - _SOFT[0]) / (_SOFT[1] - _SOFT[0]), 0, 1).astype(np.float32)


def _beside(camera: PhotoCamera, folder: str) -> PhotoCamera:
    """The picture stays in the folder of the scene's views, beside this stage's."""
    return replace(camera, file_path=f"../{folder}/{camera.file_path}")


def _reached(box: Region, gaussians: Gaussians, up: NDArray[np.float64]) -> Region:
    """The subject's box with the thin and plain parts that splats show and sparse points do not."""
    deviations = gaussians.log_scales.exp().amax(1)
    return reached_by_splats(
        box, gaussians.means.cpu().numpy(), deviations.cpu().numpy(), gaussians.opacity_logits.sigmoid().cpu().numpy(), up
    )


def _masks_of(
    region: Region, field: RadianceField | None, gaussians: Gaussians | None, report: Progress
) -> Callable[[Camera], Mask]:
    """A function from a camera to the subject's share of each pixel (h, w).

    A pixel whose surface lies in the box with all pixels about it is the subject's wholly, one without any about it not at all:
    this cuts the ground straight at the box's sides. Between, of splats, the opacity of those that stand in the box counts.
    """
    box = _grown(region)
    if gaussians is not None:
        member = inside_box(box, gaussians.means.cpu().numpy())

        def by_splats(camera: Camera) -> Mask:
            seen = render_splats(gaussians, camera)
            return box_mask(surface_in_box(box, camera, seen), seen.opacity, part_opacity(gaussians, member, camera))

        return by_splats
    if field is None:
        raise bug("neither splats nor a field show the subject")
    opened = load_field(field, fitting_device(field, report))

    def by_depth(camera: Camera) -> Mask:
        seen = render_field(opened, camera)
        return np.asarray(seen.opacity * surface_in_box(box, camera, seen), np.float32)

    return by_depth


def _grown(region: Region) -> Region:
    spare = _SPARE * float(region.size.max())
    (a, b, c), (d, e, f) = (region.low - spare).tolist(), (region.high + spare).tolist()
    return Region(lowest=(a, b, c), highest=(d, e, f), bounded=True)


def _region(subject: Region, up: NDArray[np.float64]) -> Region:
    """The box to mesh: a little larger, but not deeper, as it ends just below the ground."""
    grown = _grown(subject)
    axis = int(np.argmax(np.abs(up)))
    low, high = grown.low.copy(), grown.high.copy()
    if up[axis] > 0:
        low[axis] = subject.low[axis]
    else:
        high[axis] = subject.high[axis]
    (a, b, c), (d, e, f) = low.tolist(), high.tolist()
    return Region(lowest=(a, b, c), highest=(d, e, f), bounded=True)


SUBJECT = Stage("subject", "Finding the subject", find_subject_masks, version=2, share=2, forecast=forecast_subject)
