"""The extension installed, and its sidebar operated by mouse."""

from __future__ import annotations

import time
from pathlib import Path

from drive import LONG, Window

SETTINGS = 'bpy.data.scenes["Scene"].grotto'
DISTANCE = 'bpy.ops.grotto.give_option(recipe="wall", option="camera_distance_m")'
RECIPES = ("wall", "scan", "element")  # in the order of the sidebar's buttons
ANSWER_SECONDS = 60.0


def install(window: Window, archive: Path) -> None:
    """Install the extension as a user does, without the splash screen."""
    inside = window.folder / "grotto.zip"
    inside.write_bytes(archive.read_bytes())
    window.run_inside("blender", "--command", "extension", "install-file", "-r", "user_default", "--enable", str(inside))
    settings = "view.show_splash = False; p.system.viewport_aa = 'FXAA'"  # eight samples cost software GL seconds a redraw
    expression = f"import bpy; p = bpy.context.preferences; p.{settings}; bpy.ops.wm.save_userpref()"
    window.run_inside("blender", "--background", "--python-expr", expression)


def open_sidebar(window: Window) -> None:
    window.wait(lambda state: state["backend"] == "RUNNING", ANSWER_SECONDS)
    window.open_tab("Grotto")


def choose_recipe(window: Window, recipe: str) -> None:
    _, y = window.find(f"{SETTINGS}.recipe")
    side = window.region("VIEW_3D", "UI")
    part = (0.2, 0.5, 0.8)[RECIPES.index(recipe)]
    window.click(side["x"] + part * (side["width"] - 20), y)
    window.wait(lambda _: window.ask("value", path="recipe") == recipe.upper(), ANSWER_SECONDS)


def fill(window: Window, path: str, text: str) -> None:
    """Fill in a field of the sidebar: "wall.source"."""
    window.fill(*window.find(f"{SETTINGS}.{path}"), text)


def choose(window: Window, path: str, value: str) -> None:
    """Choose an entry of a menu of the sidebar."""
    window.turn(*window.find(f"{SETTINGS}.{path}"), lambda: window.ask("value", path=path) == value)


def press_create(window: Window, recipe: str, source: Path) -> None:
    """Fill in the source and press Create, or Add to queue where a job is at work."""
    fill(window, f"{recipe}.source", str(source))
    window.wait(lambda _: window.ask("value", path=f"{recipe}.source") == str(source), ANSWER_SECONDS)
    before = set(window.ask("state")["pending"])
    window.click(*window.find(f"bpy.ops.grotto.create_{recipe}()"))
    window.scroll(window.region("VIEW_3D", "UI"), -LONG)
    window.rest()
    window.wait(lambda state: set(state["pending"]) - before or state["problem"], ANSWER_SECONDS)


def create(window: Window, recipe: str, source: Path) -> None:
    """Choose a recipe and a source in the sidebar and press Create. The quality stays what this machine gets."""
    open_sidebar(window)
    choose_recipe(window, recipe)
    if recipe == "wall":
        window.click(*window.find(DISTANCE))  # gives 1 m, the distance of the made wall's cameras: metric
    if recipe == "scan":
        choose(window, "scan.via", "field")  # splats take a processor much longer
    press_create(window, recipe, source)
    time.sleep(1.0)
