"""Make a Blender scene from pictures in one command: a .blend, a GLB and a picture of the result, in one folder.

    .venv-blender/bin/python packaging/make_scene.py wall PHOTOS --out out/demo
    .venv-blender/bin/python packaging/make_scene.py scan fox/transforms.json --out out/fox --quality draft --holdout 8
    .venv-blender/bin/python packaging/make_scene.py element ice.png --out out/ice --route sheet --rig zero123plus-v1.1

The extension is built, installed from its zip and enabled in a separate Blender; its operator starts the backend, waits and
imports. Then the studio lights and renders the result: a wall with its cameras, the mesh and the splats of a scan, an element
from four sides. Every option of the recipe is a flag here. The same folder again continues an interrupted job.
"""

from __future__ import annotations

import argparse
import importlib
import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from enable_extension import enable_extension, leave

FACTS = (
    *("route", "rig", "registered_photos", "input_photos", "fitted_views", "heldout_views", "faces", "vertices", "components"),
    *("watertight", "seen_fraction", "mesh_from", "mesh_cover", "heldout_psnr_db", "heldout_ssim", "input_view_psnr_db"),
    "peak_memory_mb",
)
FORMATS = {"wall": ("glb",), "scan": ("glb",), "element": ("glb", "usdz", "fbx", "obj")}
COPIED = {"orthophoto": "orthophoto.tif", "report": "report.html"}  # files that open without Blender


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("recipe", choices=tuple(FORMATS))
    parser.add_argument("source", help="photos, or what else the recipe takes")
    parser.add_argument("--out", type=Path, required=True, help="folder for the scene; the job goes into its folder job")
    parser.add_argument("--samples", type=int, default=8, help="samples for each pixel of the picture")
    own, rest = parser.parse_known_args(words)
    out = own.out.absolute()
    begun = time.monotonic()

    extension = enable_extension()
    import bpy

    command = importlib.import_module(f"{extension}.operators.command.cli")
    arguments = [own.recipe, own.source, "--out", str(out / "job"), "--blend", str(out / f"{own.recipe}.blend"), *rest]
    bpy.context.preferences.filepaths.save_version = 0  # no .blend1 beside the scene
    code: int = command.run(arguments, "make_scene.py")
    if code != 0:
        return code
    scene_s = time.monotonic() - begun
    try:
        for form in FORMATS[own.recipe]:
            getattr(bpy.ops.grotto, f"export_{form}")(filepath=str(out / f"{own.recipe}.{form}"))
    except RuntimeError as error:
        sys.stderr.write(f"{error}\n")
        return int(bpy.context.window_manager.grotto_exit_code)
    result = json.loads((out / "job" / "result.json").read_text(encoding="utf-8"))
    copy_assets(result, out)
    sys.stdout.write("Rendering\n")
    sys.stdout.flush()
    render(importlib.import_module(f"{extension}.addon.studio"), own.recipe, result, out / "preview.png", own.samples)
    bpy.ops.wm.save_as_mainfile(filepath=str(out / f"{own.recipe}.blend"), relative_remap=True)
    write_summary(result)
    sys.stdout.write(f"The {own.recipe} is in {out} ({scene_s:.0f} s to the scene, {time.monotonic() - begun:.0f} s in all)\n")
    return 0


def copy_assets(result: dict[str, Any], out: Path) -> None:
    """Copy what people open without Blender to where the scene is."""
    for asset in result["assets"]:
        if asset["kind"] in COPIED and not asset["role"]:
            shutil.copyfile(out / "job" / asset["path"], out / COPIED[asset["kind"]])


def render(studio: Any, recipe: str, result: dict[str, Any], picture: Path, samples: int) -> None:
    """Light the imported result and render its picture."""
    import bpy

    root = next(item for item in bpy.context.scene.objects if "grotto_recipe" in item)
    if recipe == "wall":
        studio.light_wall(root)
        studio.render_view(picture, samples)
        return
    studio.light_subject(root, bounded="mesh_cover" not in result["facts"])
    if recipe == "element":
        studio.render_turntable(root, picture, samples)
    else:
        parts = [asset["path"] for asset in result["assets"] if asset["kind"] in ("mesh", "splats") and not asset["role"]]
        studio.render_parts(root, parts, picture, samples)


def write_summary(result: dict[str, Any]) -> None:
    """Write facts and seconds by stage."""
    lines = [f"{name}: {result['facts'][name]}" for name in FACTS if name in result["facts"]]
    stages = ", ".join(f"{name} {seconds:.0f}" for name, seconds in result["timings"].items() if seconds >= 1)
    sys.stdout.write("\n".join([*lines, f"seconds by stage: {stages}"]) + "\n")


if __name__ == "__main__":
    leave(main(sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]))
