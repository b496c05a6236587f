"""A picture of the sidebar in a real Blender window, with a job at work; and a check that the window never waits.

Not a test of the suite, since it needs a screen (Xvfb will do) and an installed extension:

    blender --command extension install-file -r user_default --enable build/grotto.zip
    SHOT_BACKEND=.venv/bin/grotto SHOT_PHOTOS=photos SHOT_JOB=done/job SHOT_OUT=sidebar.png \
        blender --window-geometry 0 0 1600 900 --python-exit-code 3 --python tests/blender/window_shot.py

SHOT_JOB is a finished job to show in the viewport; SHOT_RUN the folder of the job that is run (a new one without it).
SHOT_RECIPE is the recipe that is chosen (wall). SHOT_PARTS names assets of SHOT_JOB, with commas between: each is shown
and photographed first. Without SHOT_PHOTOS no job is run.
The picture is taken while that job runs; then the script waits for the import, prints what came in, and ends Blender.
The X window is grabbed with ImageMagick's `import`: Blender's own screenshot is black on software GL.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy

sys.path.insert(0, str(Path(__file__).resolve().parent))

from window_drive import begin, drive, grab, part, view_3d


def steps() -> Iterator[float]:
    """The user's way; each yield lets Blender live for so many seconds."""
    session = part("addon.backend.session")
    _, area, region = view_3d()
    yield from begin(area, region)

    bpy.ops.grotto.import_result("INVOKE_DEFAULT", directory=os.environ["SHOT_JOB"])
    while not any("grotto_recipe" in item for item in bpy.context.scene.objects) or bpy.context.window.modal_operators:
        yield 0.5
    space = area.spaces.active
    space.shading.type = "SOLID"
    space.shading.color_type = "TEXTURE"
    space.shading.light = "FLAT"
    space.overlay.show_relationship_lines = False
    show_from_the_right(area, space)
    yield 1.0

    recipe = os.environ.get("SHOT_RECIPE", "wall")
    bpy.context.scene.grotto.recipe = recipe.upper()
    if "SHOT_PARTS" in os.environ:
        space.shading.type = "MATERIAL"
        for number, path in enumerate(os.environ["SHOT_PARTS"].split(",")):
            yield from look_at_part(path, f"{os.environ['SHOT_OUT']}.{number}.png")
    settings = getattr(bpy.context.scene.grotto, recipe)
    settings.source = os.environ.get("SHOT_PHOTOS", "")
    settings.out = os.environ.get("SHOT_RUN", "")
    settings.quality = "DRAFT"
    if recipe == "wall":
        settings.camera_distance_m = float(os.environ.get("SHOT_DISTANCE", "0"))
    if not settings.source:
        yield 1.0
        grab(os.environ["SHOT_OUT"])
        return
    getattr(bpy.ops.grotto, f"create_{recipe}")("INVOKE_DEFAULT")
    while not any(job.preview and job.fraction > 0.5 for job in session.status().active):
        assert session.status().problem is None, session.status().problem
        yield 0.2
    yield 3.0  # the picture's icon is made in the background
    grab(os.environ["SHOT_OUT"])

    while len([item for item in bpy.context.scene.objects if "grotto_recipe" in item]) < 2:
        assert session.status().problem is None, session.status().problem
        yield 0.5
    while bpy.context.window.modal_operators:
        yield 0.5
    if "SHOT_AFTER" in os.environ:
        yield 2.0
        grab(os.environ["SHOT_AFTER"])
    bpy.ops.ed.undo()
    yield 1.0
    left = len([item for item in bpy.context.scene.objects if "grotto_recipe" in item])
    sys.stdout.write(f"after one undo: {left} result of 2 is left\n")
    assert left == 1


def look_at_part(path: str, picture: str) -> Iterator[float]:
    """Press the button of a part, wait for it, and take a picture; say how long a redraw takes."""
    bpy.ops.grotto.show_part("INVOKE_DEFAULT", path=path)
    yield 1.0
    while bpy.context.window.modal_operators:
        yield 0.5
    yield float(os.environ.get("SHOT_SHADERS", "4"))  # they are made in the background
    begun = time.perf_counter()
    bpy.ops.wm.redraw_timer(type="DRAW_WIN", iterations=4)
    sys.stdout.write(f"{path}: {250 * (time.perf_counter() - begun):.0f} ms a redraw\n")
    grab(picture)


def show_from_the_right(area: Any, space: Any) -> None:
    from mathutils import Euler

    mesh = next(item for item in bpy.context.scene.objects if item.type == "MESH")
    region = next(item for item in area.regions if item.type == "WINDOW")
    for item in bpy.context.scene.objects:
        item.select_set(item is mesh)
    with bpy.context.temp_override(area=area, region=region):
        bpy.ops.view3d.view_selected()
    space.region_3d.view_rotation = Euler((1.4, 0.0, 0.45)).to_quaternion()
    space.region_3d.view_perspective = "PERSP"
    bpy.context.view_layer.objects.active = mesh
    mesh.select_set(False)


drive(steps())
