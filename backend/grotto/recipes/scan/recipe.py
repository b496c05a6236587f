"""The recipe `scan`: photos of an object or a room, or pictures with cameras, become a textured mesh and splats.

After An Overview of Image-to-3D: cameras, then a radiance field or Gaussian splats, then their surface; and
after NeRF2Mesh (the second stage of 3DSynBrush): the mesh refined where it does not look like the photos, then textured.
"""

from __future__ import annotations

from pathlib import Path

from ...contract import Result
from ...contract.recipes import ScanOptions
from ...runner import AnyStage, Recipe, Run, Stage
from ...sfm.cameras import find_cameras, forecast_cameras
from ...sfm.features import forecast_features
from ...sfm.pairs import forecast_matches
from ...sfm.scan import (
    choose_scan_pairs,
    extract_scan_features,
    forecast_scan_frame,
    forecast_scan_pairs,
    forecast_triangulation,
    match_scan_pairs,
    set_scan_frame,
    triangulate_given,
)
from ...views import (
    ScanSource,
    choose_frames,
    find_source,
    forecast_scan_photos,
    forecast_video,
    forecast_views,
    make_views,
    read_scan_photos,
)
from ..stages import ASSET, BACKDROP, FIELD, REFINE, SCORES, SPLATS, SUBJECT, SURFACE
from .field_budget import field_options
from .files_read import scan_files_read
from .mesh_of import choose_mesh_of, has_subject, needless_stages
from .mesh_sources import mesh_sources, refuse_level_of_a_scene
from .output_folder import refuse_output_inside
from .result import provenance_of, scan_assets, scan_engines, scan_facts

FRAMES = Stage("frames", "Choosing sharp frames", choose_frames, version=1, share=4, forecast=forecast_video)
PHOTOS = Stage("photos", "Reading photos", read_scan_photos, version=2, share=2, forecast=forecast_scan_photos)
FEATURES = Stage("features", "Finding features", extract_scan_features, version=2, share=5, forecast=forecast_features)
PAIRS = Stage("pairs", "Choosing pairs", choose_scan_pairs, version=1, share=1, forecast=forecast_scan_pairs)
MATCHES = Stage("matches", "Matching", match_scan_pairs, version=2, share=15, forecast=forecast_matches)
CAMERAS = Stage("cameras", "Finding cameras", find_cameras, version=4, share=8, forecast=forecast_cameras)
FRAME = Stage("frame", "Setting the scene upright", set_scan_frame, version=1, share=1, forecast=forecast_scan_frame)
TRIANGULATE = Stage(
    "triangulate", "Checking the given cameras", triangulate_given, version=2, share=2, forecast=forecast_triangulation
)
VIEWS = Stage("views", "Undistorting photos", make_views, version=1, share=3, forecast=forecast_views)


def scan(source: Path, options: ScanOptions, run: Run) -> Result:
    """Photos, a video or pictures with cameras in; mesh, splats and cameras out."""
    sources = mesh_sources(options)
    found = find_source(source)
    refuse_output_inside(run.folder, found)
    run.plan(*_plan(found, options))
    pictures = found.pictures
    if found.video:
        frames = run(FRAMES, pictures, options.source.video_frames)
        pictures = frames.folder / frames.photos
    photos = run(PHOTOS, found.document or pictures, found.document, options.photos)
    features = run(FEATURES, photos, options.features)
    pairs = run(PAIRS, photos, features, options.source.pairing)
    matches = run(MATCHES, features, pairs, photos, options.matches)
    if found.document is None:
        scene = run(FRAME, photos, run(CAMERAS, photos, matches, options.cameras))
    else:
        scene = run(TRIANGULATE, photos, features, matches)
    views = run(VIEWS, photos, scene, options.source.holdout, options.views)
    mesh_of = choose_mesh_of(options, views)
    refuse_level_of_a_scene(options, views, mesh_of)
    run.skip(*needless_stages(mesh_of, views))
    field = run(FIELD, views, field_options(options, views)) if options.via == "field" else None
    splats = run(SPLATS, views, options.splats) if options.via != "field" else None
    subject = run(SUBJECT, views, field, splats) if has_subject(mesh_of, views) else None
    shown = views if subject is None or mesh_of == "scene" else subject
    if options.via == "both":
        field = run(FIELD, shown, field_options(options, shown))
    from_field, from_splats = (field if "field" in sources else None), (splats if "splats" in sources else None)
    surface = run(SURFACE, shown, from_field, from_splats, options.budget.faces, options.surface)
    refined = run(REFINE, shown, surface, options.budget.faces, options.refine)
    provenance = provenance_of(source, views, field, splats, refined)
    asset = run(ASSET, shown, refined, provenance, options.budget.lods, options.bake)
    backdrop = None
    if subject is not None and mesh_of == "both":
        backdrop = run(BACKDROP, views, subject, field, splats, options.surface.mesh_resolution, options.backdrop)
    scores = run(SCORES, views, subject, field, splats, asset, backdrop)
    return Result(
        recipe="scan",
        assets=scan_assets(run, scene, views, splats, asset, backdrop, scores),
        facts=scan_facts(photos, scene, views, subject, asset, backdrop, scores),
        engines=scan_engines(photos, field, splats, refined),
    )


def _plan(found: ScanSource, options: ScanOptions) -> tuple[AnyStage, ...]:
    """The stages for this input and these options, in order."""
    frames = (FRAMES,) if found.video else ()
    cameras: tuple[AnyStage, ...] = (CAMERAS, FRAME) if found.document is None else (TRIANGULATE,)
    fits: dict[str, tuple[AnyStage, ...]] = {
        "field": (FIELD, SUBJECT),
        "splats": (SPLATS, SUBJECT),
        "both": (SPLATS, SUBJECT, FIELD),  # splats tell a subject from its scene, and the field is fitted to the subject alone
    }
    made = (*fits[options.via], SURFACE, REFINE, ASSET, BACKDROP, SCORES)
    return (*frames, PHOTOS, FEATURES, PAIRS, MATCHES, *cameras, VIEWS, *made)


RECIPE = Recipe("scan", ScanOptions, scan, finds=scan_files_read)
