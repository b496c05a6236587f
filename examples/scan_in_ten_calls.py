"""Reconstruct an object by calling the stages of the recipe one after another, as in a notebook: no job, no runner.

    .venv/bin/python examples/scan_in_ten_calls.py PHOTOS out/scan

PHOTOS is a folder of photos from all around, or a folder with a transforms.json that has the cameras. Each stage is a function
of its inputs, its options, a folder and a progress; it writes files into the folder and returns an artefact that describes
them. `grotto run scan` calls the same functions, and adds splats, scores, resume and memory forecasts.
"""

from __future__ import annotations

import sys
from pathlib import Path

from grotto.contract import Silent
from grotto.contract.recipes import SCAN_QUALITIES, ScanOptions
from grotto.recipes.stages import ASSET, FIELD, REFINE, SURFACE
from grotto.sfm.cameras import find_cameras
from grotto.sfm.scan import choose_scan_pairs, extract_scan_features, match_scan_pairs, set_scan_frame, triangulate_given
from grotto.views import find_source, make_views, read_scan_photos


def reconstruct_object(source: Path, out: Path, options: ScanOptions = SCAN_QUALITIES["draft"]) -> Path:
    """Turn photos of an object into a textured mesh by way of a radiance field; return the path of its GLB."""
    report = Silent()  # takes progress and notes; your own class can show them

    def folder(name: str) -> Path:
        (out / name).mkdir(parents=True)
        return out / name

    found = find_source(source)
    photos = read_scan_photos(found.pictures, found.document, options.photos, folder("photos"), report)
    features = extract_scan_features(photos, options.features, folder("features"), report)
    pairs = choose_scan_pairs(photos, features, options.source.pairing, folder("pairs"), report)
    matches = match_scan_pairs(features, pairs, photos, options.matches, folder("matches"), report)
    if photos.are_placed:
        scene = triangulate_given(photos, features, matches, folder("triangulate"), report)
    else:
        cameras = find_cameras(photos, matches, options.cameras, folder("cameras"), report)
        scene = set_scan_frame(photos, cameras, folder("frame"), report)
    views = make_views(photos, scene, options.source.holdout, options.views, folder("views"), report)
    field = FIELD.function(views, options.radiance, folder("field"), report)
    surface = SURFACE.function(views, field, None, options.budget.faces, options.surface, folder("surface"), report)
    refined = REFINE.function(views, surface, options.budget.faces, options.refine, folder("refine"), report)
    about = {"source": source.name}  # stays with the mesh
    asset = ASSET.function(views, refined, about, options.budget.lods, options.bake, folder("asset"), report)
    return asset.folder / asset.file


if __name__ == "__main__":
    sys.stdout.write(f"{reconstruct_object(Path(sys.argv[1]), Path(sys.argv[2]))}\n")
