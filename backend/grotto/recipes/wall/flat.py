"""The mosaic, a wall's way without cameras: its stages, when it is taken, and its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...contract import Kind, ProblemError, Result
from ...contract.recipes import WallOptions
from ...ortho import Orthophoto, WallMesh
from ...ortho.mosaic import (
    forecast_mosaic_mesh,
    forecast_mosaic_orthophoto,
    make_mosaic_mesh,
    make_mosaic_orthophoto,
)
from ...photos import PhotoSet
from ...runner import AnyStage, Run, Stage
from ...sfm.cameras import Reconstruction
from ...sfm.mosaic import (
    Mosaic,
    MosaicFrame,
    extract_mosaic_features,
    find_mosaic,
    forecast_mosaic,
    forecast_mosaic_features,
    forecast_mosaic_pairs,
    match_mosaic_pairs,
    set_mosaic_frame,
)
from ..assets import AssetList

POINTS = Stage(
    "mosaic_features", "Finding points", extract_mosaic_features, version=1, share=15, forecast=forecast_mosaic_features
)
LINKS = Stage("mosaic_pairs", "Comparing pictures", match_mosaic_pairs, version=2, share=40, forecast=forecast_mosaic_pairs)
MOSAIC = Stage("mosaic", "Adjusting the mosaic", find_mosaic, version=2, share=20, forecast=forecast_mosaic)
PLANE = Stage("mosaic_frame", "Setting the mosaic upright", set_mosaic_frame, version=1, share=2)
DRAWING = Stage(
    "mosaic_orthophoto", "Drawing the mosaic", make_mosaic_orthophoto, version=1, share=20, forecast=forecast_mosaic_orthophoto
)
SHEET = Stage("mosaic_mesh", "Flat mesh", make_mosaic_mesh, version=1, share=3, forecast=forecast_mosaic_mesh)

ENGINES = {
    "features": "SIFT (OpenCV, CPU)",
    "matching": "brute force with ratio test (NumPy, CPU)",
    "mosaic": "bundle of homographies (NumPy, CPU)",
}
LEAST_FLAT = 0.85  # of the matches that agree on an epipolar geometry: with less, the wall has relief that a mosaic would smear
UNLIKE = 0.5  # distinct sizes over pictures: a camera's photos have one or two
LEAST_PLACED = 0.5  # of the photos by cameras: with fewer a mosaic is tried


@dataclass(frozen=True)
class Flat:
    """A mosaic, and why it was tried."""

    mosaic: Mosaic
    why: str


def sizes_unlike(photos: PhotoSet) -> bool:
    """Whether the pictures' sizes are those of scans and details, not of a camera's photos."""
    sizes = {tuple(sorted((photo.width, photo.height))) for photo in photos.photos}
    count = len(photos.photos)
    return len(sizes) > UNLIKE * count and (len(sizes) > 2 or count == 2)


def try_mosaic(
    run: Run, photos: PhotoSet, options: WallOptions, why: str, rest: tuple[AnyStage, ...], least: float = LEAST_PLACED
) -> Flat | None:
    """Find the mosaic; None, with `rest` as the plan, where it has no more than `least` of the photos, or the wall has relief."""
    run.instead(POINTS, LINKS, MOSAIC, PLANE, DRAWING, SHEET)
    asked = options.mosaic.shape == "mosaic"
    try:
        points = run(POINTS, photos, options.features)
        links = run(LINKS, photos, points, options.matches)
        mosaic = run(MOSAIC, photos, points, links)
    except ProblemError as error:
        if asked or error.problem.kind is not Kind.BAD_INPUT:
            raise
        run.instead(*rest)
        return None
    if not asked and (mosaic.flat_share < LEAST_FLAT or len(mosaic.pictures) <= least * len(photos.photos)):
        run.instead(*rest)
        return None
    return Flat(mosaic, why)


def mosaic_first(run: Run, photos: PhotoSet, options: WallOptions, rest: tuple[AnyStage, ...]) -> Flat | None:
    """The mosaic where it is asked for, or where the pictures' sizes are unlike and it holds most of them."""
    if options.mosaic.shape == "mosaic":
        return try_mosaic(run, photos, options, "as asked", rest)
    if options.mosaic.shape == "auto" and sizes_unlike(photos):
        return try_mosaic(run, photos, options, "the pictures are of unlike sizes, as scans and details are", rest)
    return None


def mosaic_after_refusal(run: Run, photos: PhotoSet, options: WallOptions, refused: ProblemError) -> Flat:
    """The mosaic where no cameras could be found. Raises the refusal where there is none either."""
    may_try = options.mosaic.shape == "auto" and refused.problem.kind is Kind.BAD_INPUT and not sizes_unlike(photos)
    flat = try_mosaic(run, photos, options, f"no cameras could be found ({refused.problem.cause})", ()) if may_try else None
    if flat is None:
        raise refused
    return flat


def mosaic_instead(
    run: Run, photos: PhotoSet, cameras: Reconstruction, options: WallOptions, rest: tuple[AnyStage, ...]
) -> Flat | None:
    """The mosaic where cameras were found for less than half of the photos, and it holds more of them."""
    placed = len(cameras.registered) / len(photos.photos)
    if options.mosaic.shape != "auto" or sizes_unlike(photos) or placed >= LEAST_PLACED:
        return None
    why = f"cameras were found for only {len(cameras.registered)} of {len(photos.photos)} photos"
    return try_mosaic(run, photos, options, why, rest, least=placed)


def flat_wall(run: Run, photos: PhotoSet, flat: Flat, options: WallOptions) -> Result:
    """The result of a wall that is one plane."""
    mosaic = flat.mosaic
    frame = run(PLANE, photos, mosaic, options.mosaic, options.frame)
    orthophoto = run(DRAWING, frame, photos, options.mosaic, options.orthophoto)
    mesh = run(SHEET, orthophoto, options.mesh)
    files = AssetList(run, "wall", "m" if frame.metric else "arbitrary")
    assets = (
        files.asset("mesh", mesh.folder / mesh.file),
        files.asset("orthophoto", orthophoto.folder / orthophoto.file),
        files.asset("orthophoto_preview", orthophoto.folder / orthophoto.preview),
    )
    notes: tuple[str, ...] = (
        f"the wall was taken as flat, as a mosaic: {flat.why}; homographies explain {mosaic.flat_share:.0%} of the matches that "
        "any camera geometry explains. There are no cameras, no relief and no height map. Every picture was compared with what "
        f"it covers: the least alike agrees over {min(picture.alike for picture in mosaic.pictures):.0%} of it. Where the wall "
        "repeats itself exactly, nothing tells two places apart: look the mosaic over before you use it",
    )
    if options.matcher.matcher != "sift":
        notes += ("the attention matcher was not used: a mosaic's pictures are matched by the ratio test and a homography",)
    facts, engines = _facts(photos, flat, frame, orthophoto, mesh), {**ENGINES, "orthophoto": orthophoto.engine}
    return Result(recipe="wall", assets=assets, facts=facts, engines=engines, notes=notes)


def _facts(photos: PhotoSet, flat: Flat, frame: MosaicFrame, orthophoto: Orthophoto, mesh: WallMesh) -> dict[str, Any]:
    mosaic = flat.mosaic
    facts: dict[str, Any] = {
        "shape": "mosaic",
        "input_photos": len(photos.photos) + len(photos.skipped),
        "used_photos": len(photos.photos),
        "registered_photos": len(mosaic.pictures),
        "models_found": len(mosaic.parts),
        "parts": [list(part) for part in mosaic.parts],
        "left_out": {picture.name: picture.reason for picture in mosaic.left_out},
        "alike": {picture.name: picture.alike for picture in mosaic.pictures},
        "residual_px": round(mosaic.residual_px, 3),
        "flat_share": round(mosaic.flat_share, 3),
        "scale": "metric" if frame.metric else "arbitrary",
        "scale_from": frame.scale_from,
        "upright_from": frame.upright_from,
        "up_known": frame.up_known,
        "width": round(frame.x_max - frame.x_min, 4),
        "height": round(frame.z_max - frame.z_min, 4),
        "faces": mesh.faces,
        "vertices": mesh.vertices,
        "seen_fraction": round(orthophoto.coverage, 4),
    }
    if frame.metric:
        facts["mm_per_pixel"] = round(1000 * orthophoto.pixel, 4)
    return facts
