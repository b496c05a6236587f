"""Pictures of the sidebar's list of elements in a real Blender window: found, made, and strokes painted on one of them.

Not a test of the suite, since it needs a screen (Xvfb will do) and an installed extension; see window_shot.py.

    SHOT_BACKEND=.venv/bin/grotto SHOT_MURAL=wall.jpg SHOT_OUT=elements.png SHOT_STROKES=strokes.png \\
        blender --window-geometry 0 0 1600 900 --python-exit-code 3 --python tests/blender/elements_shot.py

Elements are found in SHOT_MURAL, the first SHOT_MADE (3) are made, and put where they are painted. With SHOT_STROKES the
canvas of the last one made is opened, a stroke is painted, and the element is cut again.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
from mathutils import Euler

sys.path.insert(0, str(Path(__file__).resolve().parent))

from window_drive import begin, drive, grab, part, view_3d


def idle() -> bool:
    session = part("addon.backend.session")
    assert session.status().problem is None, session.status().problem
    return not bpy.context.window.modal_operators


def steps() -> Iterator[float]:
    """The artist's way; each yield lets Blender live for so many seconds."""
    _, area, region = view_3d()
    yield from begin(area, region)
    shared = bpy.context.scene.grotto
    shared.recipe, shared.element.source = "ELEMENT", os.environ["SHOT_MURAL"]
    shared.element.quality = "DRAFT"
    shared.element.budget = "5k"
    yield 1.0
    bpy.ops.grotto.find_elements("INVOKE_DEFAULT")
    yield 2.0
    while not idle():
        yield 0.5
    assert len(shared.found.items) > 1
    for number, item in enumerate(shared.found.items):
        item.ticked = number < int(os.environ.get("SHOT_MADE", "3"))
    shared.found.placement = "AS_PAINTED"
    wanted = sum(item.ticked for item in shared.found.items)
    bpy.ops.grotto.create_elements("INVOKE_DEFAULT")
    yield 2.0
    while not idle():
        yield 0.5
    roots = [item for item in bpy.context.scene.objects if "grotto_recipe" in item]
    sys.stdout.write(f"{len(roots)} of {wanted} elements are in the scene\n")
    assert len(roots) == wanted
    space: Any = area.spaces.active
    space.shading.type, space.shading.color_type, space.shading.light = "SOLID", "TEXTURE", "FLAT"
    space.overlay.show_relationship_lines = False
    window_region = next(item for item in area.regions if item.type == "WINDOW")
    for item in bpy.context.scene.objects:
        item.select_set(item.type == "MESH")
        item.hide_set(item.type == "CAMERA")
    with bpy.context.temp_override(area=area, region=window_region):
        bpy.ops.view3d.view_selected()
    space.region_3d.view_rotation = Euler((1.4, 0.0, 0.35)).to_quaternion()
    space.region_3d.view_perspective = "PERSP"
    for item in bpy.context.scene.objects:
        item.select_set(False)
    yield 4.0  # thumbnails are made in the background
    grab(os.environ["SHOT_OUT"])
    if "SHOT_STROKES" in os.environ:
        yield from paint(roots[-1])


def paint(root: Any) -> Iterator[float]:
    """Open the canvas, paint a stroke, cut again: the object stays what it was."""
    body = next(item for item in root.children if item.type == "MESH" and item.visible_get())
    bpy.context.view_layer.objects.active = body
    faces = len(body.data.polygons)
    bpy.ops.grotto.paint_strokes("INVOKE_DEFAULT")
    yield 2.0
    while not idle():
        yield 0.5
    canvas = part("addon.scene.strokes").canvas_of(root["grotto_folder"])
    width, height = canvas.size
    pixels = list(canvas.pixels)
    for row in range(height // 20):  # the lowest twentieth is not the element
        for column in range(width):
            pixels[4 * (row * width + column) : 4 * (row * width + column) + 3] = (0.0, 0.0, 0.0)
        middle = 4 * ((height // 2 + row) * width + width // 2)
        pixels[middle : middle + 3] = (1.0, 1.0, 1.0)
    canvas.pixels[:] = pixels
    canvas.update()
    yield 2.0
    grab(os.environ["SHOT_STROKES"])
    bpy.ops.grotto.cut_again("INVOKE_DEFAULT")
    yield 2.0
    while not idle():
        yield 0.5
    sys.stdout.write(f"cut again: {faces} faces became {len(body.data.polygons)} in {body.name}\n")
    assert bpy.data.objects[body.name] is body


drive(steps())
