"""The demonstration: photos of a wall become, in one command, a Blender scene, a GLB, an orthophoto, a report and a picture.

    .venv-blender/bin/python packaging/demo.py PHOTOS --out out/demo

What a user would do by hand: the extension is built, installed from its zip and enabled in a Blender of its own; the
operator starts the backend, waits and imports. Then the wall is lit, photographed and saved.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from enable_extension import enable_extension, leave

COPIED = {"orthophoto": "orthophoto.tif", "report": "report.html"}


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--quality", choices=["auto", "draft", "standard", "high"], default="auto")
    parser.add_argument("--camera-distance-m", type=float, default=0.0, help="known usual distance from camera to wall")
    parser.add_argument("--samples", type=int, default=12, help="of the rendered picture, per pixel")
    given = parser.parse_args(words)
    out = given.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()

    enable_extension()
    import bpy

    bpy.data.batch_remove(list(bpy.data.objects))
    manager = bpy.context.window_manager
    try:
        bpy.ops.grotto.create_wall(
            source=str(given.photos.absolute()),
            out=str(out / "job"),
            quality=given.quality.upper(),
            camera_distance_m=given.camera_distance_m,
        )
        if manager.grotto_exit_code != 0:
            return manager.grotto_exit_code
        bpy.ops.grotto.export_glb(filepath=str(out / "wall.glb"))
    except RuntimeError as error:
        sys.stderr.write(f"{error}\n")
        return manager.grotto_exit_code
    copy_assets(out)

    import studio

    studio.furnish(next(item for item in bpy.context.scene.objects if "grotto_recipe" in item))
    bpy.context.preferences.filepaths.save_version = 0  # no wall.blend1 beside it
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "wall.blend"), relative_remap=True)
    sys.stdout.write("Rendering\n")
    sys.stdout.flush()
    studio.render(out / "preview.png", samples=given.samples)
    sys.stdout.write(f"The wall is in {out} ({time.monotonic() - begun:.0f} s)\n")
    return 0


def copy_assets(out: Path) -> None:
    """What people open without Blender, beside the scene."""
    result = json.loads((out / "job" / "result.json").read_text(encoding="utf-8"))
    for asset in result["assets"]:
        if asset["kind"] in COPIED and not asset["role"]:
            shutil.copyfile(out / "job" / asset["path"], out / COPIED[asset["kind"]])


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
