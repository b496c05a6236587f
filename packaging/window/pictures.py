"""Pictures of the extension at work in a real Blender window, for the documentation: `make pictures ROOT=folder`.

    .venv/bin/python packaging/window/pictures.py --root /path/to/debian --out out/pictures --images docs/images

No script prepares the window: from Blender's start-up scene, with its cube, the mouse opens the sidebar, fills in the source,
presses Create, and the result arrives as it does for users. Root must exist or can be made (as root, with debootstrap); the
backend runs outside of it. Inputs are made: a painted wall, an object photographed from all around, and one of its photos.
Then a scripted user works in centimetres, queues jobs, reloads, opens a second window and exports (`user.py`). The command
fails where a result does not fill the view with its paint, where a fact does not hold, and where a step held the window too long.
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
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import user
from drive import Window, make_root, mounted
from PIL import Image
from sidebar import create, install

HERE = Path(__file__).resolve()
TREE = HERE.parents[2]
GROTTO = TREE / ".venv" / "bin" / "grotto"
SETTLE_SECONDS = 4.0  # textures are uploaded, shaders compiled
JOB_SECONDS = 1500.0
FRAMED_SECONDS = (
    60.0  # the first picture of a large mesh takes software GL on a busy machine ten seconds; the view turns after it
)
IMAGES = {name: f"window_{name}.jpg" for name in ("working", "wall", "element", "scan")}
JPEG_QUALITY = 86
MOST_MS, MOST_SLICE_MS = 50.0, 100.0
LEAST_OF_VIEW = 0.5  # that a result takes of the view's width or height: the sidebar covers a fourth
SMALL_PX = 120  # side of the scripted user's pictures
WALL = ("--columns", "3", "--rows", "2", "--photo-width", "720", "--photo-height", "480", "--focal-px", "780")
OBJECT = ("deer", "--rig", "orbit", "--views", "14", "--size", "240")


def make_inputs(folder: Path) -> None:
    for name, words in (("wall", ("make-wall", *WALL)), ("deer", ("make-object", *OBJECT))):
        if not (folder / name / "photos").is_dir():
            subprocess.run([str(GROTTO), *words, "--out", str(folder / name)], check=True)


def make_small(photos: Path, folder: Path) -> tuple[Path, ...]:
    """Make the scripted user's pictures: three photos, small: jobs are many."""
    folder.mkdir(exist_ok=True)
    made = tuple(folder / f"figure{number}.png" for number in range(3))
    for number, path in enumerate(made):
        Image.open(photos / f"{4 * number:03d}.png").resize((SMALL_PX, SMALL_PX)).save(path)
    return made


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


def take(args: argparse.Namespace, recipe: str, source: Path, variables: dict[str, str], archive: Path) -> list[str]:
    """Take the pictures of one recipe, from the start-up scene; return what was not as it should be."""
    window = Window(args.root, args.out / f"window-{recipe}", args.display, variables)
    install(window, archive)
    with window.opened(HERE.with_name("probe.py")):
        create(window, recipe, source)
        if recipe == "wall":
            window.wait(lambda state: state["jobs"] or state["problem"], 60)
            time.sleep(15.0)
            window.picture(args.out / "working.png")
        state = window.wait(
            lambda state: state["problem"] or (state["roots"] and not state["busy"] and not state["pending"]), JOB_SECONDS
        )
        if state["problem"]:
            raise RuntimeError(state["problem"])
        until = time.monotonic() + FRAMED_SECONDS
        while not fills_view(state["results"][0]) and time.monotonic() < until:
            time.sleep(0.5)
            state = window.ask("state")
        time.sleep(SETTLE_SECONDS)
        window.picture(args.out / f"{recipe}.png")
        result = state["results"][0]
        sys.stdout.write(f"{recipe}: Blender {state['version']}, {result['line']}, paint {result['paint']}\n")
        return [*unseen(recipe, state), *too_slow(recipe, state)]


def unseen(recipe: str, state: dict[str, Any]) -> list[str]:
    """Return what keeps a result from being seen: it must fill the view, with its paint, apart from the start-up cube."""
    result = state["results"][0]
    left, bottom, right, top = result["seen"][0]
    said = f"{recipe}: it takes {left:.2f} to {right:.2f} of the view's width, {bottom:.2f} to {top:.2f} of its height"
    sys.stdout.write(f"{said}\n")
    return [
        *([] if fills_view(result) else [said]),
        *([] if result["paint"] and state["views"][0] == ["SOLID", "TEXTURE"] else [f"{recipe}: it shows no paint"]),
    ]


def fills_view(result: dict[str, Any]) -> bool:
    """Whether a result lies inside the view and takes much of it."""
    if not result["seen"]:
        return False
    left, bottom, right, top = result["seen"][0]
    inside: bool = left >= 0.0 and bottom >= 0.0 and right <= 1.0 and top <= 1.0
    return inside and max(right - left, top - bottom) > LEAST_OF_VIEW


def too_slow(recipe: str, state: dict[str, Any]) -> list[str]:
    """Write how long the extension held the window at most, in CPU time; return what took longer than it may."""
    for name, worst in sorted(state["slowest"].items()):
        sys.stdout.write(f"{recipe}: {name}: at most {worst:.1f} ms\n")
    sys.stdout.flush()
    return [
        f"{recipe}: {name} took {worst:.0f} ms"
        for name, worst in state["slowest"].items()
        if worst > (MOST_SLICE_MS if name.startswith("import slice") else MOST_MS)
    ]


def be_user(args: argparse.Namespace, sources: tuple[Path, ...], variables: dict[str, str], archive: Path) -> list[str]:
    """Let the scripted user work; return the facts that did not hold."""
    window = Window(args.root, args.out / "window-user", args.display, variables)
    install(window, archive)
    with window.opened(HERE.with_name("probe.py")):
        return [*user.run(window, sources, args.out), *too_slow("user", window.ask("state"))]


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
    parser.add_argument("--only", choices=("wall", "element", "scan", "user"), help="one recipe, or the scripted user")
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
    small = make_small(deer / "photos", args.out / "inputs" / "small")
    wrong: list[str] = []
    with mounted(args.root, args.out), backend(variables, args.out / "backend.log"):
        for recipe, source in sources.items():
            if args.only in (None, recipe):
                wrong += take(args, recipe, source, variables, archive)
            if args.images is not None:
                publish(args.out, args.images)
        if args.only in (None, "user"):
            wrong += be_user(args, small, variables, archive)
    for line in wrong:
        sys.stdout.write(f"not as it should be: {line}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
