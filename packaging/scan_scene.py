"""A scan in a Blender scene, in one command: photos or transforms.json in, scan.blend, scan.glb and preview.png out.

    .venv-blender/bin/python packaging/scan_scene.py fox/transforms.json --out out/fox --quality draft --holdout 8
    blender --background --python packaging/scan_scene.py -- fox/transforms.json --out out/fox

The first way builds the extension, installs it from its zip and enables it in a Blender of its own; the second takes the
Blender that runs, where it is installed. The operator starts the backend, waits and imports. Then the result is lit and
photographed twice from a place where no photo was taken: the mesh on the left, the splats on the right. A folder that holds
an earlier job is gone on with. At the end come the seconds and the facts.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from enable_extension import enable_extension, leave

TOLD = (
    "registered_photos", "input_photos", "fitted_views", "heldout_views", "faces", "components", "watertight", "seen_fraction",
    "mesh_from", "mesh_cover", "heldout_psnr_db", "heldout_ssim", "input_view_psnr_db", "peak_memory_mb",
)  # fmt: skip


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="photos, a video, a transforms.json or a COLMAP model")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--quality", choices=["auto", "draft", "standard", "high"], default="auto")
    parser.add_argument("--via", choices=["field", "splats", "both"], default="both")
    parser.add_argument("--holdout", type=int, default=0, help="keep out every photo with a number that this divides")
    parser.add_argument("--samples", type=int, default=6, help="of the rendered pictures, per pixel")
    given = parser.parse_args(words)
    out = given.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()

    enable_extension()
    import bpy

    bpy.data.batch_remove(list(bpy.data.objects))
    manager = bpy.context.window_manager
    try:
        source = str(given.source.absolute())
        bpy.ops.grotto.create_scan(
            source=source, out=str(out / "job"), quality=given.quality.upper(), via=given.via, holdout=given.holdout
        )
        if manager.grotto_exit_code != 0:
            return manager.grotto_exit_code
        bpy.ops.grotto.export_glb(filepath=str(out / "scan.glb"))
    except RuntimeError as error:
        sys.stderr.write(f"{error}\n")
        return manager.grotto_exit_code
    scanned = time.monotonic()

    import scan_studio

    result = json.loads((out / "job" / "result.json").read_text(encoding="utf-8"))
    root = next(item for item in bpy.context.scene.objects if "grotto_recipe" in item)
    scan_studio.furnish(root, bounded="mesh_cover" not in result["facts"])
    sys.stdout.write("Rendering\n")
    sys.stdout.flush()
    parts = [asset["path"] for asset in result["assets"] if asset["kind"] in ("mesh", "splats") and not asset["role"]]
    scan_studio.render_parts(parts, out / "preview.png", samples=given.samples)
    scan_studio.close_cameras(root)
    bpy.context.preferences.filepaths.save_version = 0  # no scan.blend1 beside it
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "scan.blend"), relative_remap=True)
    _tell(result, scanned - begun, time.monotonic() - begun, out)
    return 0


def _tell(result: dict[str, Any], scan_s: float, whole_s: float, out: Path) -> None:
    lines = [f"{name}: {result['facts'][name]}" for name in TOLD if name in result["facts"]]
    stages = ", ".join(f"{name} {seconds:.0f}" for name, seconds in result["timings"].items() if seconds >= 1)
    lines.append(f"seconds by stage: {stages}")
    lines.append(f"The scan is in {out} ({scan_s:.0f} s to the scene, {whole_s:.0f} s with the pictures)")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    leave(main(sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]))
