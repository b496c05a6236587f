"""Reconstruct a wall by calling the stages of the recipe one after another, as in a notebook: no job, no runner.

    .venv/bin/python examples/wall_in_ten_calls.py PHOTOS out/wall

Each stage is a function of its inputs, its options, a folder and a progress; it writes files into the folder and returns
an artefact that describes them. `grotto run wall` calls the same functions, and adds resume, memory forecasts and a report.
"""

from __future__ import annotations

import sys
from pathlib import Path

from grotto.contract import Silent
from grotto.contract.recipes import WALL_QUALITIES, WallOptions
from grotto.ortho import make_height_map, make_orthophoto, make_wall_mesh
from grotto.photos import read_photos
from grotto.sfm.cameras import find_cameras
from grotto.sfm.features import extract_features
from grotto.sfm.pairs import choose_pairs, match_pairs
from grotto.sfm.wall import set_wall_frame, undistort_photos


def reconstruct_wall(source: Path, out: Path, options: WallOptions = WALL_QUALITIES["draft"]) -> tuple[Path, Path]:
    """Turn a folder of photos of one wall into an orthophoto (GeoTIFF) and a textured mesh (GLB); return their paths."""
    report = Silent()  # takes progress and notes; your own class can show them

    def folder(name: str) -> Path:
        (out / name).mkdir(parents=True)
        return out / name

    photos = read_photos(source, options.photos, folder("photos"), report)
    features = extract_features(photos, options.features, folder("features"), report)
    pairs = choose_pairs(photos, features, options.pairs, folder("pairs"), report)
    matches = match_pairs(features, pairs, photos, options.matches, folder("matches"), report)
    cameras = find_cameras(photos, matches, options.cameras, folder("cameras"), report)
    frame = set_wall_frame(photos, cameras, options.frame, folder("frame"), report)
    height = make_height_map(frame, options.height, folder("height"), report)
    orthophoto = make_orthophoto(frame, height, photos, options.orthophoto, folder("orthophoto"), report)
    mesh = make_wall_mesh(height, orthophoto, options.mesh, folder("mesh"), report)
    undistort_photos(frame, photos, options.undistort, folder("undistort"), report)  # for other programs
    return orthophoto.folder / orthophoto.file, mesh.folder / mesh.file


if __name__ == "__main__":
    sys.stdout.write("\n".join(str(path) for path in reconstruct_wall(Path(sys.argv[1]), Path(sys.argv[2]))) + "\n")
