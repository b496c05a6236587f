"""The recipe `wall`: photos of a mural, relief or facade become cameras, height map, orthophoto and textured mesh.

After the mural paper's pipeline (features, pairs, matches, sparse reconstruction with cameras alike, orthographic view),
with the wall's own frame and a projection through its relief in place of the external tools it uses for the last steps.
"""

from __future__ import annotations

from pathlib import Path

from ...contract import Asset, ProblemError, Result
from ...contract.recipes import WallOptions
from ...ortho import (
    forecast_height_map,
    forecast_orthophoto,
    forecast_wall_mesh,
    make_height_map,
    make_orthophoto,
    make_wall_mesh,
)
from ...photos import forecast_read_photos, read_photos
from ...runner import Recipe, Run, Stage, versions
from ...sfm.cameras import find_cameras, forecast_cameras
from ...sfm.features import extract_features, forecast_features
from ...sfm.pairs import ExactRepetition, choose_pairs, forecast_pairs
from ...sfm.wall import (
    forecast_undistort,
    forecast_wall_frame,
    set_wall_frame,
    undistort_photos,
)
from ..inputs import pictures_read
from .flat import flat_wall, mosaic_after_refusal, mosaic_first, mosaic_instead
from .matching import forecast_wall_matches, gpu_wall_matches, match_wall_pairs, matcher_models, matching_engine
from .report import WallArtefacts, WallJob, forecast_wall_report, write_wall_report
from .result import wall_assets, wall_engines, wall_facts

PHOTOS = Stage("photos", "Reading photos", read_photos, version=2, share=2, forecast=forecast_read_photos)
FEATURES = Stage("features", "Finding features", extract_features, version=2, share=15, forecast=forecast_features)
PAIRS = Stage("pairs", "Choosing pairs", choose_pairs, version=2, share=1, forecast=forecast_pairs)
MATCHES = Stage(
    "matches", "Matching", match_wall_pairs, version=4, share=18, forecast=forecast_wall_matches, gpu=gpu_wall_matches
)
CAMERAS = Stage("cameras", "Finding cameras", find_cameras, version=5, share=45, forecast=forecast_cameras)
FRAME = Stage("frame", "Setting the wall upright", set_wall_frame, version=2, share=1, forecast=forecast_wall_frame)
HEIGHT = Stage("height", "Height map", make_height_map, version=1, share=3, forecast=forecast_height_map)
ORTHOPHOTO = Stage("orthophoto", "Orthophoto", make_orthophoto, version=2, share=8, forecast=forecast_orthophoto)
MESH = Stage("mesh", "Mesh", make_wall_mesh, version=1, share=2, forecast=forecast_wall_mesh)
UNDISTORT = Stage("undistort", "Undistorting photos", undistort_photos, version=1, share=1, forecast=forecast_undistort)
REPORT = Stage("report", "Report", write_wall_report, version=2, share=4, forecast=forecast_wall_report)
SEARCH = (FEATURES, PAIRS, MATCHES, CAMERAS)
AFTER = (FRAME, HEIGHT, ORTHOPHOTO, MESH, UNDISTORT, REPORT)


def wall(source: Path, options: WallOptions, run: Run) -> Result:
    """A folder of photos of one wall in, everything that an artist needs of it out; see `flat` for walls without cameras."""
    models = matcher_models(options.matcher)  # first: damaged weights are no fault of the photos
    run.plan(PHOTOS, *SEARCH, *AFTER)
    photos = run(PHOTOS, source, options.photos)
    if flat := mosaic_first(run, photos, options, (*SEARCH, *AFTER)):
        return flat_wall(run, photos, flat, options)
    features = run(FEATURES, photos, options.features)
    pairs = run(PAIRS, photos, features, options.pairs)
    try:
        matches = run(MATCHES, features, pairs, photos, options.matches, options.matcher)
        cameras = run(CAMERAS, photos, matches, options.cameras)
    except ExactRepetition:
        raise  # a mosaic cannot tell the places apart either
    except ProblemError as refused:
        return flat_wall(run, photos, mosaic_after_refusal(run, photos, options, refused), options)
    if flat := mosaic_instead(run, photos, cameras, options, AFTER):
        return flat_wall(run, photos, flat, options)
    frame = run(FRAME, photos, cameras, options.frame)
    height = run(HEIGHT, frame, options.height)
    orthophoto = run(ORTHOPHOTO, frame, height, photos, options.orthophoto)
    mesh = run(MESH, height, orthophoto, options.mesh)
    undistorted = run(UNDISTORT, frame, photos, options.undistort)
    made = WallArtefacts(
        photos=photos, matches=matches, cameras=cameras, frame=frame, height=height, orthophoto=orthophoto, mesh=mesh
    )
    assets = wall_assets(run, frame, height, orthophoto, mesh, undistorted)
    engines = wall_engines(matching_engine(options.matcher), cameras, orthophoto)
    report = run(REPORT, made, _about(source, options, run, assets, engines))
    return Result(
        recipe="wall",
        assets=(*assets, Asset(kind="report", path=run.relative(report.folder / report.file))),
        facts=wall_facts(photos, cameras, frame, height, orthophoto, mesh),
        models=models,
        engines=engines,
    )


def _about(source: Path, options: WallOptions, run: Run, assets: tuple[Asset, ...], engines: dict[str, str]) -> WallJob:
    return WallJob(
        title=source.name,
        made_on="",
        options=options,
        files=tuple((f"../{asset.path}", asset.kind) for asset in assets),
        notes=tuple(run.notes),
        timings=dict(run.timings),
        versions=versions(),
        engines=engines,
    )


RECIPE = Recipe("wall", WallOptions, wall, finds=pictures_read)
