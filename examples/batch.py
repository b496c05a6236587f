"""Turn pictures into a GLB and a .blend without a window, with any recipe.

In a Blender that has Grotto installed:
    blender --background --python examples/batch.py -- wall PHOTOS --glb wall.glb --blend wall.blend
In this checkout, with Blender as a Python module (the extension is built and enabled for this run only):
    .venv-blender/bin/python examples/batch.py scan INPUT --glb scan.glb --blend scan.blend --set via=field

`--set` takes any option of `grotto run RECIPE` by its name. The script prints one line for each stage.
Exit codes: 0 done, 1 bug, 2 bad input, 3 missing resource, 130 cancelled.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "packaging"))

from enable_extension import enable_extension, leave


def option(text: str) -> tuple[str, Any]:
    """Parse NAME=VALUE. Numbers and true or false are JSON; everything else is a string."""
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text} is not NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", choices=["wall", "scan", "element"])
    parser.add_argument("input", type=Path, help="photos, a video, a transforms.json or a picture: what the recipe takes")
    parser.add_argument("--out", type=Path, help="job folder; the same folder again continues an interrupted job")
    parser.add_argument("--glb", type=Path)
    parser.add_argument("--blend", type=Path)
    parser.add_argument("--quality", choices=["auto", "draft", "standard", "high"], default="auto")
    parser.add_argument("--set", type=option, action="append", default=[], metavar="NAME=VALUE", help="an option of the recipe")
    given = parser.parse_args(words)

    enable_extension()  # before bpy is imported: it chooses Blender's folder
    import bpy

    bpy.data.batch_remove(list(bpy.data.objects))  # the cube, lamp and camera of the start-up file
    create = getattr(bpy.ops.grotto, f"create_{given.recipe}")
    try:
        create(  # waits for the job and prints its stages
            source=str(given.input.absolute()),
            out=str(given.out.absolute()) if given.out else "",
            quality=given.quality.upper(),
            **dict(given.set),
        )
        if bpy.context.window_manager.grotto_exit_code == 0:
            if given.glb:
                bpy.ops.grotto.export_glb(filepath=str(given.glb.absolute()))
            if given.blend:
                bpy.ops.wm.save_as_mainfile(filepath=str(given.blend.absolute()))
    except RuntimeError as error:  # an operator failed: the sentence names the cause and the remedy
        sys.stderr.write(f"{error}\n")
    return int(bpy.context.window_manager.grotto_exit_code)


if __name__ == "__main__":
    leave(main(sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]))
