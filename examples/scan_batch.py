"""Photos of an object or a room become a GLB and a .blend, without a window.

In a Blender that has Grotto installed:
    blender --background --python examples/scan_batch.py -- INPUT --glb scan.glb --blend scan.blend
In this checkout, with Blender as a Python module (the extension is built and enabled for this run only):
    .venv-blender/bin/python examples/scan_batch.py INPUT --glb scan.glb --blend scan.blend

One line a stage is printed. Exit codes: 0 done, 1 bug, 2 bad input, 3 missing resource, 130 cancelled.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "packaging"))

from enable_extension import enable_extension, leave  # noqa: E402  (it must come before bpy: it chooses Blender's own folder)

enable_extension()

import bpy  # noqa: E402


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", type=Path, help="folder of photos, a video, or a transforms.json")
    parser.add_argument("--out", type=Path, help="job folder; the same folder again goes on where a job stopped")
    parser.add_argument("--glb", type=Path)
    parser.add_argument("--blend", type=Path)
    parser.add_argument("--quality", choices=["auto", "draft", "standard", "high"], default="auto")
    parser.add_argument("--via", choices=["both", "field", "splats"], default="both")
    given = parser.parse_args(words)

    bpy.data.batch_remove(list(bpy.data.objects))  # the start-up file's cube, lamp and camera
    try:
        # Every option of `grotto run scan` can be given here by its name; this call blocks and prints.
        bpy.ops.grotto.create_scan(
            source=str(given.input.absolute()),
            out=str(given.out.absolute()) if given.out else "",
            quality=given.quality.upper(),
            via=given.via,
        )
        if bpy.context.window_manager.grotto_exit_code == 0:
            if given.glb:
                bpy.ops.grotto.export_glb(filepath=str(given.glb.absolute()))
            if given.blend:
                bpy.ops.wm.save_as_mainfile(filepath=str(given.blend.absolute()))
    except RuntimeError as error:  # an operator that failed: its sentence says what happened and what to do
        sys.stderr.write(f"{error}\n")
    return bpy.context.window_manager.grotto_exit_code


if __name__ == "__main__":
    arguments = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    leave(main(arguments))
