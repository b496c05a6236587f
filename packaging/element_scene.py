"""An element in a Blender scene, in one command: a picture or a sheet of six views in, element.blend, GLB and preview.png out.

    .venv-blender/bin/python packaging/element_scene.py ice.png --out out/ice --route sheet --rig zero123plus-v1.1

The extension is built, installed from its zip and enabled in a Blender of its own; the operator starts the backend, waits and
imports. Then the body is lit and photographed from four sides. A folder that holds an earlier job is gone on with.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from enable_extension import enable_extension, leave

TOLD = ("route", "rig", "faces", "vertices", "components", "watertight", "seen_fraction", "input_view_psnr_db")
TURNS_DEGREES = (0, 90, 180, 270)


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="a picture, or with --route sheet a sheet of six views")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--route", choices=["auto", "relief", "views", "sheet"], default="auto")
    parser.add_argument("--rig", choices=["zero123plus-v1.1", "zero123plus-v1.2"], default="zero123plus-v1.1")
    parser.add_argument("--quality", choices=["auto", "draft", "standard", "high"], default="auto")
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
        job = {"source": str(given.source.absolute()), "out": str(out / "job"), "quality": given.quality.upper()}
        bpy.ops.grotto.create_element(route=given.route, rig=given.rig, **job)
        if manager.grotto_exit_code != 0:
            return manager.grotto_exit_code
        made = time.monotonic()
        for form in ("glb", "usdz", "fbx", "obj"):
            getattr(bpy.ops.grotto, f"export_{form}")(filepath=str(out / f"element.{form}"))
    except RuntimeError as error:
        sys.stderr.write(f"{error}\n")
        return manager.grotto_exit_code
    root: Any = next(item for item in bpy.context.scene.objects if "grotto_recipe" in item)
    photograph(root, out / "preview.png", given.samples)
    bpy.context.preferences.filepaths.save_version = 0
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "element.blend"), relative_remap=True)
    facts = json.loads(root["grotto_facts"])
    sys.stdout.write("".join(f"{name}: {facts[name]}\n" for name in TOLD if name in facts))
    sys.stdout.write(f"{made - begun:.0f} s to the scene, {time.monotonic() - begun:.0f} s in all\n")
    return 0


def photograph(root: Any, picture: Path, samples: int) -> None:
    """Four views of the body as it turns, side by side."""
    import bpy
    import numpy as np
    import scan_studio
    from mathutils import Vector

    for item in root.children:
        if item.type == "CAMERA":
            item.hide_render = True
    bpy.context.view_layer.update()
    scan_studio.furnish(root, bounded=True)
    scan_studio.close_cameras(root)
    path = json.loads(root["grotto_parts"])[0]["path"]
    body = next(item for item in root.children if item.get("grotto_part") == path)
    middle = body.matrix_world @ ((Vector(body.bound_box[0]) + Vector(body.bound_box[6])) / 2)
    views = []
    for degrees in TURNS_DEGREES:
        turn_about(root, middle, math.radians(degrees))
        scan_studio.render_parts([path], picture, samples)
        image = bpy.data.images.load(str(picture))
        views.append(np.array(image.pixels[:], np.float32).reshape(image.size[1], image.size[0], 4))
        bpy.data.images.remove(image)
    turn_about(root, middle, 0.0)
    whole = np.concatenate(views, axis=1)
    image = bpy.data.images.new("Preview", whole.shape[1], whole.shape[0])
    image.pixels.foreach_set(whole.ravel())
    image.filepath_raw, image.file_format = str(picture), "PNG"
    image.save()
    bpy.data.images.remove(image)


def turn_about(root: Any, middle: Any, angle: float) -> None:
    """Turn the root about an upright axis through `middle`."""
    import bpy
    from mathutils import Matrix

    there, turn = Matrix.Translation(middle), Matrix.Rotation(angle, 4, "Z")
    root.matrix_world = there @ turn @ there.inverted()
    bpy.context.view_layer.update()


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
