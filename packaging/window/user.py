"""A scripted user: works in centimetres, queues jobs, reloads the file, goes on in a second window, exports over a file.

Each step ends with facts that Blender or the disk states; the pictures are for people.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drive import Places, Window
from sidebar import choose, choose_recipe, fill, open_sidebar, press_create

UNITS_IN_METRE = 100.0
HEIGHT_M = 0.5
FACES = "100k"  # jobs of 20 s: smaller ones end before the mouse has queued another
JOB_SECONDS = 1500.0
DIALOG_SECONDS = 3.0
MOMENT_SECONDS = 60.0
SMALL_DISK = "64k"  # less than a model
UNITS = 'bpy.data.scenes["Scene"].unit_settings.scale_length'
LEFT = 0.15  # of four buttons in a row
RIGHT = (0.84,)  # the column of fields in the properties editor
EARLIER = b"an earlier file"


@dataclass
class User:
    """A window, pictures for three jobs, a folder for what is seen, and what did not hold."""

    window: Window
    sources: tuple[Path, ...]
    out: Path
    failed: list[str]

    def check(self, holds: object, fact: str) -> None:
        sys.stdout.write(f"user: {fact}: {'yes' if holds else 'NO'}\n")
        sys.stdout.flush()
        if not holds:
            self.failed.append(fact)

    def await_fact(self, holds: Callable[[dict[str, Any]], object], fact: str) -> None:
        """Check a fact of Blender's state that may take a moment to come true."""
        until = time.monotonic() + MOMENT_SECONDS
        while not (came := holds(self.window.ask("state"))) and time.monotonic() < until:
            time.sleep(0.5)
        self.check(came, fact)

    def picture(self, name: str) -> None:
        self.window.rest()
        time.sleep(2.0)
        self.window.picture(self.out / f"user_{name}.png")

    def arrived(self, count: int) -> list[dict[str, Any]]:
        """Wait for so many results; return them."""

        def there(state: dict[str, Any]) -> bool:
            at_work = state["busy"] or state["pending"]
            return bool(state["problem"]) or (len(state["roots"]) >= count and not at_work)

        state = self.window.wait(there, JOB_SECONDS)
        if state["problem"]:
            raise RuntimeError(state["problem"])
        found: list[dict[str, Any]] = state["results"]
        return found


def work_in_centimetres(user: User) -> None:
    """Set the scene's unit to a centimetre, in the properties editor."""
    window = user.window
    tabs = window.region("PROPERTIES", "NAVIGATION_BAR")
    for y in range(tabs["y"] + 10, tabs["y"] + tabs["height"], 15):
        if window.region("PROPERTIES", "WINDOW")["context"] == "SCENE":
            break
        window.click(tabs["x"] + tabs["width"] / 2, y)
    places = window.buttons(area="PROPERTIES", region="WINDOW", columns=RIGHT)
    if UNITS not in places:
        places = open_units(window, 10 + max(y for row in places.values() for _, y in row))
    window.fill(*places[UNITS][-1], str(1.0 / UNITS_IN_METRE))
    user.check(abs(window.ask("state")["units"] * UNITS_IN_METRE - 1.0) < 1e-4, "a unit of the scene is a centimetre")


def open_units(window: Window, begin: int) -> Places:
    """Open closed panels below a row until one has the scene's unit."""
    side = window.region("PROPERTIES", "WINDOW")
    x = side["x"] + side["width"] * 0.4
    for y in range(begin, begin + 100, 12):
        window.click(x, y)
        places = window.buttons(UNITS, "PROPERTIES", "WINDOW", rows=range(y + 10, y + 80, 10), columns=RIGHT)
        if UNITS in places:
            return places
        window.click(x, y)
    raise RuntimeError("the properties editor shows no unit")


def queue_three(user: User) -> None:
    """Give a height, which makes elements metric, and queue three of them."""
    window = user.window
    open_sidebar(window)
    choose_recipe(window, "element")
    choose(window, "element.budget", FACES)
    fill(window, "element.height_m", str(HEIGHT_M))
    most = 0
    for source in user.sources:
        press_create(window, "element", source)
        most = max(most, len(window.ask("state")["running"]))
    user.check(most > 1, "a job waits while another runs")
    user.picture("queue")
    results = user.arrived(3)
    user.check(len({item["job"] for item in results}) == 3, "three jobs, three results")
    user.check(all(abs(item["scale"][0] / UNITS_IN_METRE - 1.0) < 1e-4 for item in results), "each has 100 units in a metre")
    heights = [item["box"][1][2] - item["box"][0][2] for item in results]
    wanted = HEIGHT_M * UNITS_IN_METRE
    user.check(all(abs(height - wanted) < 0.02 * wanted for height in heights), f"each is {wanted:.0f} cm high ({heights})")
    user.check(all(item["paint"] for item in results), "each has its paint")
    user.check(stand_apart(results), "none stands in another")
    user.picture("centimetres")


def stand_apart(results: list[dict[str, Any]]) -> bool:
    """Whether the boxes of results meet nowhere along x, beside which they are set."""
    spans = sorted((item["box"][0][0], item["box"][1][0]) for item in results)
    return all(left[1] < right[0] for left, right in itertools.pairwise(spans))


def save_as(user: User, path: Path) -> None:
    user.window.rest()
    user.window.press("ctrl+s")
    in_file_browser(user, path)
    user.await_fact(lambda state: path.is_file() and state["file"] == str(path), "the file is saved")


def in_file_browser(user: User, path: Path, name: str = "file_browser") -> None:
    """Give folder and name in the file browser that is open, and press its button."""
    window, before = user.window, user.window.at
    time.sleep(DIALOG_SECONDS)
    window.at = window.ask("state")["windows"] - 1  # it is a window of its own, the newest
    try:
        window.bring_in()
        for region, text in (("UI", path.parent), ("EXECUTE", path.name)):
            row = window.region("FILE_BROWSER", region)
            window.fill(row["x"] + 0.2 * row["width"], row["y"] + row["height"] // 2, str(text))
        user.check(Path(*window.ask("browser")) == path, f"the file browser names {path.name}")
        window.picture(user.out / f"user_{name}.png")
        button = window.region("FILE_BROWSER", "EXECUTE")
        window.click(button["x"] + 0.91 * button["width"], button["y"] + button["height"] // 2)
    finally:
        window.at = before
    time.sleep(DIALOG_SECONDS)


def reload_while_a_job_runs(user: User, path: Path) -> None:
    """Start a job, save, and read the file again from the disk before the job is done."""
    window, before = user.window, len(user.window.ask("state")["roots"])
    for source in user.sources[:2]:  # the second is surely not done after the reload
        press_create(window, "element", source)
    window.rest()
    window.press("ctrl+s")
    time.sleep(DIALOG_SECONDS)
    loads = window.ask("state")["loads"]
    window.choose_in_menu("File", "v")  # Revert
    window.press("Return")  # yes
    user.await_fact(lambda state: state["loads"] == loads + 1, "the file is read again")
    state = window.ask("state")
    user.check(state["running"] and state["pending"], "a job is at work after the reload, and its import waits")
    user.check(state["file"] == str(path), "the same file is open")
    results = user.arrived(before + 2)
    user.check(len({item["job"] for item in results}) == before + 2, "both results arrive in the file that was read again")
    user.picture("reloaded")


def go_on_in_a_second_window(user: User) -> None:
    """Open another main window, create there, and close the first while the job runs."""
    window = user.window
    there = {item["job"] for item in window.ask("state")["results"]}
    window.rest()
    first = window.numbers()[0]
    window.choose_in_menu("Window", "m")  # New Main Window
    user.await_fact(lambda state: state["windows"] == 2, "a second window is open")
    window.at = 1
    open_sidebar(window)
    press_create(window, "element", user.sources[2])
    window.picture(user.out / "user_two_windows.png")
    window.close(first)
    window.at = 0
    state = window.wait(lambda state: state["windows"] == 1, 60.0)
    user.check(state["running"] and state["pending"], "the first window is closed, and the job goes on")
    arrived = [item for item in user.arrived(len(there) + 1) if item["job"] not in there]
    user.check(len(arrived) == 1, "the result arrives in the other window")
    user.await_fact(lambda state: is_framed(state, arrived[0]["job"]), "it is framed there")
    user.picture("second_window")


def is_framed(state: dict[str, Any], job: str) -> bool:
    """Whether the result of a job lies inside the first view."""
    views = next(item["seen"] for item in state["results"] if item["job"] == job)
    left, bottom, right, top = views[0]
    return bool(left >= 0.0 and right <= 1.0 and bottom >= 0.0 and top <= 1.0)


def export(user: User, path: Path, name: str) -> None:
    """Press GLB in the panel Result, and write over what is there."""
    window = user.window
    open_sidebar(window)
    window.click(*window.find("bpy.ops.grotto.export_glb()", column=LEFT))
    in_file_browser(user, path, name)
    window.press("Return")  # yes, over the earlier file
    time.sleep(DIALOG_SECONDS)


def export_over_a_file(user: User, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / "model.glb"
    path.write_bytes(EARLIER)
    export(user, path, "export")
    user.await_fact(
        lambda _: path.read_bytes() != EARLIER and is_glb(path), "the export took the place of the earlier file, and is whole"
    )
    user.picture("exported")


def export_to_a_full_disk(user: User, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    with small_disk(user.window.root / folder.relative_to("/"), folder):
        path = folder / "model.glb"
        path.write_bytes(EARLIER)
        export(user, path, "full_disk")
        user.await_fact(lambda state: "can not be written" in state["outcome"][1], "a failed export is said")
        user.check(path.read_bytes() == EARLIER, "a failed export leaves the earlier file")
        user.check([item.name for item in folder.iterdir()] == [path.name], "and nothing else")
    user.picture("full_disk")


@contextmanager
def small_disk(*places: Path) -> Iterator[None]:
    """Put a disk with little room at a place, seen under the others, too."""
    first, *others = places
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", str(first)], check=True)
    done = [first]
    try:
        for place in others:
            subprocess.run(["mount", "--bind", str(first), str(place)], check=True)
            done.append(place)
        yield
    finally:
        for place in reversed(done):
            subprocess.run(["umount", "-l", str(place)], check=False)


def is_glb(path: Path) -> bool:
    """Whether a file is a binary glTF 2 of the length that it says, with meshes, in whole chunks."""
    data = path.read_bytes()
    if data[:4] != b"glTF" or int.from_bytes(data[8:12], "little") != len(data):
        return False
    length = int.from_bytes(data[12:16], "little")
    document = json.loads(data[20 : 20 + length])
    binary = int.from_bytes(data[20 + length : 24 + length], "little")
    return bool(document["meshes"]) and 28 + length + binary == len(data)


def run(window: Window, sources: tuple[Path, ...], out: Path) -> list[str]:
    """Work through all steps in an open window; return the facts that did not hold."""
    user = User(window, sources, out, [])
    saved = window.folder / "user.blend"
    saved.unlink(missing_ok=True)
    steps: tuple[Callable[[], None], ...] = (
        lambda: work_in_centimetres(user),
        lambda: queue_three(user),
        lambda: save_as(user, saved),
        lambda: reload_while_a_job_runs(user, saved),
        lambda: go_on_in_a_second_window(user),
        lambda: export_over_a_file(user, window.folder / "export"),
        lambda: export_to_a_full_disk(user, window.folder / "full"),
    )
    for step in steps:
        step()
    return user.failed
