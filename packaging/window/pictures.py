"""Pictures of the extension at work in a real Blender window, for the documentation: `make pictures ROOT=folder`.

    .venv/bin/python packaging/window/pictures.py --root /path/to/debian --out out/pictures --images docs/images

No script prepares the window: from Blender's start-up scene, with its cube, the mouse opens the sidebar, fills in the source,
presses Create, and the result arrives as it does for users. Root must exist or can be made (as root, with debootstrap); the
backend runs outside of it. Inputs are made: a painted wall, an object photographed from all around, and one of its photos.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from drive import Window, make_root, mounted
from PIL import Image

HERE = Path(__file__).resolve()
TREE = HERE.parents[2]
GROTTO = TREE / ".venv" / "bin" / "grotto"
MODULE = "bl_ext.user_default.grotto"
SETTLE_SECONDS = 4.0  # textures are uploaded, shaders compiled
JOB_SECONDS = 1500.0
IMAGES = {name: f"window_{name}.jpg" for name in ("working", "wall", "element", "scan")}
JPEG_QUALITY = 86
MOST_MS, MOST_SLICE_MS = 50.0, 100.0
WALL = ("--columns", "3", "--rows", "2", "--photo-width", "720", "--photo-height", "480", "--focal-px", "780")
SETTINGS = 'bpy.data.scenes["Scene"].grotto'
DISTANCE = 'bpy.ops.grotto.give_option(recipe="wall", option="camera_distance_m")'
RECIPES = ("wall", "scan", "element")  # in the order of the sidebar's buttons
Places = dict[str, list[tuple[int, int]]]  # of buttons and fields, by name
OBJECT = ("deer", "--rig", "orbit", "--views", "14", "--size", "240")


def make_inputs(folder: Path) -> None:
    for name, words in (("wall", ("make-wall", *WALL)), ("deer", ("make-object", *OBJECT))):
        if not (folder / name / "photos").is_dir():
            subprocess.run([str(GROTTO), *words, "--out", str(folder / name)], check=True)


@contextmanager
def backend(variables: dict[str, str], log: Path) -> Iterator[None]:
    """Run the backend outside of the root; Blender finds it by its runtime file."""
    with log.open("wb") as output:
        environment = {**os.environ, **variables, "OMP_NUM_THREADS": "1"}
        process = subprocess.Popen([str(GROTTO), "serve"], env=environment, stdout=output, stderr=output)
    try:
        until = time.monotonic() + 60
        while not Path(variables["GROTTO_RUNTIME"]).exists() and time.monotonic() < until:
            time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(30)


def install(window: Window, archive: Path) -> None:
    """Install the extension as a user does, without the splash screen."""
    inside = window.folder / "grotto.zip"
    inside.write_bytes(archive.read_bytes())
    window.run_inside("blender", "--command", "extension", "install-file", "-r", "user_default", "--enable", str(inside))
    settings = "view.show_splash = False; p.system.viewport_aa = 'FXAA'"  # eight samples cost software GL seconds a redraw
    expression = f"import bpy; p = bpy.context.preferences; p.{settings}; bpy.ops.wm.save_userpref()"
    window.run_inside("blender", "--background", "--python-expr", expression)


def create(window: Window, recipe: str, source: Path) -> None:
    """Choose a recipe and a source in the sidebar and press Create. The quality stays what this machine gets."""
    window.wait(lambda state: state["backend"] == "RUNNING", 60)
    window.open_tab("Grotto")
    row = window.buttons(until=f"{SETTINGS}.recipe")[f"{SETTINGS}.recipe"]
    window.click(*row[RECIPES.index(recipe)])
    window.wait(lambda _: window.ask("value", path="recipe") == recipe.upper(), 30)
    places = window.buttons(until=DISTANCE if recipe == "wall" else f"{SETTINGS}.{recipe}.source")
    window.fill(*places[f"{SETTINGS}.{recipe}.source"][0], str(source))
    window.wait(lambda _: window.ask("value", path=f"{recipe}.source") == str(source), 30)
    if recipe == "wall":
        window.click(*places[DISTANCE][0])  # gives 1 m, the distance of the made wall's cameras: the wall becomes metric
    button = f"bpy.ops.grotto.create_{recipe}()"
    window.click(*window.buttons(until=button)[button][-1])
    view = window.region("VIEW_3D", "WINDOW")
    window.move(view["x"] + 200, view["y"] + view["height"] - 200)


def take(args: argparse.Namespace, recipe: str, source: Path, variables: dict[str, str], archive: Path) -> list[str]:
    """Take the pictures of one recipe, from the start-up scene; return what was too slow."""
    window = Window(args.root, args.out / f"window-{recipe}", args.display, variables)
    install(window, archive)
    with window.opened(HERE.with_name("probe.py")):
        create(window, recipe, source)
        if recipe == "wall":
            window.wait(lambda state: state["jobs"] or state["problem"], 60)
            time.sleep(15.0)
            window.picture(args.out / "working.png")
        state = window.wait(lambda state: state["problem"] or (state["roots"] and not state["busy"]), JOB_SECONDS)
        if state["problem"]:
            raise RuntimeError(state["problem"])
        time.sleep(SETTLE_SECONDS)
        window.picture(args.out / f"{recipe}.png")
        sys.stdout.write(f"{recipe}: Blender {state['version']}, {state['locations']}\n")
        for name, worst in sorted(state["slowest"].items()):
            sys.stdout.write(f"{recipe}: {name}: at most {worst:.1f} ms\n")
        sys.stdout.flush()
        return [
            f"{recipe}: {name} took {worst:.0f} ms"
            for name, worst in state["slowest"].items()
            if worst > (MOST_SLICE_MS if name == "import slice" else MOST_MS)
        ]


def publish(taken: Path, images: Path) -> None:
    """Copy the pictures that were taken, as JPEG, to the documentation's images."""
    for name, published in IMAGES.items():
        if (taken / f"{name}.png").exists():
            Image.open(taken / f"{name}.png").convert("RGB").save(images / published, quality=JPEG_QUALITY, optimize=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True, help="folder of a small Debian with Blender; made if it is missing")
    parser.add_argument("--out", type=Path, required=True, help="folder for inputs, jobs and pictures")
    parser.add_argument("--images", type=Path, help="folder that gets the pictures for the documentation")
    parser.add_argument("--only", choices=("wall", "element", "scan"), help="one recipe")
    parser.add_argument("--display", default=":91", help="name of the screen that Xvfb makes")
    args = parser.parse_args()
    args.root, args.out = args.root.absolute(), args.out.absolute()
    args.out.mkdir(parents=True, exist_ok=True)
    make_root(args.root)
    make_inputs(args.out / "inputs")
    archive = args.out / "grotto.zip"
    build = [sys.executable, str(TREE / "packaging/build_extension.py"), "--output", str(archive)]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    variables = {"GROTTO_RUNTIME": str(args.out / "runtime/backend.json"), "GROTTO_STATE": str(args.out / "state")}
    deer = args.out / "inputs" / "deer"
    sources = {"wall": args.out / "inputs/wall/photos", "element": deer / "photos/000.png", "scan": deer / "transforms.json"}
    slow: list[str] = []
    with mounted(args.root, args.out), backend(variables, args.out / "backend.log"):
        for recipe, source in sources.items():
            if args.only in (None, recipe):
                slow += take(args, recipe, source, variables, archive)
            if args.images is not None:
                publish(args.out, args.images)
    for line in slow:
        sys.stdout.write(f"too slow: {line}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
