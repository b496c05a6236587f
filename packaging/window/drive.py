"""A real Blender window in a folder with a small Debian (debootstrap), under Xvfb: started, clicked and photographed.

The folder holds blender, Xvfb, xdotool and ImageMagick: see `make_root`. It takes root to enter it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

WIDTH, HEIGHT = 1600, 900
STEP_PX = 18  # of the search for buttons, which are 20 px high
LAG = 3  # looks by which a busy Blender may answer late
HOVER_LOOKS = 4  # at one place, before it counts as another button
MIDDLE = 0.55
LONG = 30  # notches of the wheel that scroll a sidebar to its end
COLUMNS = (0.22, MIDDLE, 0.84)  # of the search: parts of a region's width
EMPTY_ROWS = 8  # after which the sidebar has no more buttons
# a window manager closes windows; frames would take room from the only screen
DESKTOP = """<openbox_config xmlns="http://openbox.org/3.4/rc">
<applications><application class="*"><decor>no</decor></application></applications>
</openbox_config>
"""
MENUS = {"File": (42, 14), "Window": (183, 14)}  # of the top bar
ANSWER_SECONDS = 300.0  # a busy machine with software GL takes a minute to start
PACKAGES = (
    *("blender", "python3-numpy", "python3-requests", "python3-cattr", "python3-zstandard", "xvfb", "xdotool"),
    *("openbox", "wmctrl", "imagemagick", "libegl1", "libgl1", "libgl1-mesa-dri", "libglx-mesa0"),
)

Places = dict[str, list[tuple[int, int]]]  # of buttons and fields, by name


def make_root(root: Path, suite: str = "sid") -> None:
    """Make a small Debian with Blender (1.5 GB, minutes), unless it is there."""
    if not (root / "usr" / "bin" / "wmctrl").exists():
        subprocess.run(["debootstrap", "--variant=minbase", "--include=ca-certificates", suite, str(root)], check=True)
        shutil.copy("/etc/resolv.conf", root / "etc")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES]
        for command in (["apt-get", "update", "-qq"], install, ["apt-get", "clean"]):
            subprocess.run(["chroot", str(root), *command], check=True, env=quiet)


@contextmanager
def mounted(root: Path, folder: Path) -> Iterator[None]:
    """Let the programs in the root see devices, processes and `folder`, under its own path, for the length of the block."""
    inside = root / folder.relative_to("/")
    inside.mkdir(parents=True, exist_ok=True)
    wanted = [(["-t", "proc", "proc"], root / "proc"), (["--bind", "/dev"], root / "dev"), (["--bind", str(folder)], inside)]
    done: list[Path] = []
    try:
        for how, place in wanted:
            if subprocess.run(["mountpoint", "-q", str(place)], check=False).returncode != 0:
                subprocess.run(["mount", *how, str(place)], check=True)
                done.append(place)
        yield
    finally:
        for place in reversed(done):
            subprocess.run(["umount", "-l", str(place)], check=False)


class Window:
    """A Blender with one window, and a mouse. Pixels count from the top left corner of the screen."""

    def __init__(self, root: Path, folder: Path, display: str, variables: Mapping[str, str]) -> None:
        self.root, self.folder, self.display = root, folder, display
        self.at = 0  # number of the Blender window that the mouse works in
        self.known: dict[str, tuple[int, int]] = {}  # where buttons and fields were found last
        self.mouse: subprocess.Popen[bytes] | None = None  # reads words of xdotool, without a start for each move
        self.variables = {
            **variables,
            "HOME": str(folder / "home"),
            "BLENDER_USER_RESOURCES": str(folder / "blender"),
            "XDG_RUNTIME_DIR": str(folder / "xdg"),
            "PROBE": str(folder / "probe"),
            "DISPLAY": display,
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
        }
        for name in ("home", "blender", "xdg", "probe"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "xdg").chmod(0o700)
        for name in ("question", "answer"):
            (folder / "probe" / name).unlink(missing_ok=True)

    def start_inside(self, *command: str, log: Path | None = None, stdin: int | None = None) -> subprocess.Popen[bytes]:
        words = ["chroot", str(self.root), "/usr/bin/env", "-i", *(f"{key}={text}" for key, text in self.variables.items())]
        output = log.open("wb") if log else subprocess.DEVNULL
        return subprocess.Popen([*words, *command], stdin=stdin, stdout=output, stderr=subprocess.STDOUT)

    def run_inside(self, *command: str) -> str:
        words = ["chroot", str(self.root), "/usr/bin/env", "-i", *(f"{key}={text}" for key, text in self.variables.items())]
        return subprocess.run([*words, *command], check=True, capture_output=True, text=True, timeout=300).stdout

    @contextmanager
    def opened(self, probe: Path, *arguments: str) -> Iterator[Window]:
        """Start screen and Blender, and end both after the block."""
        size = f"{WIDTH}x{HEIGHT}x24"
        screen = self.start_inside("Xvfb", self.display, "-screen", "0", size, "+extension", "GLX", "-nolisten", "tcp")
        time.sleep(2.0)
        desktop = self.folder / "openbox.xml"
        desktop.write_text(DESKTOP, encoding="utf-8")
        manager = self.start_inside("openbox", "--config-file", str(desktop))
        geometry = ("--window-geometry", "0", "0", str(WIDTH), str(HEIGHT))
        inside = shutil.copy(probe, self.folder)
        log = self.folder / "blender.log"
        blender = self.start_inside("blender", *geometry, "--python", inside, *arguments, log=log)
        try:
            self.ask("state")
            yield self
        except BaseException:
            self.picture(self.folder / "failed.png")
            raise
        finally:
            mouse, self.mouse = self.mouse, None
            for process in filter(None, (mouse, blender, manager, screen)):
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()

    def ask(self, ask: str, **given: Any) -> Any:
        """Ask the probe. Raises RuntimeError where it cannot answer."""
        question, answer = self.folder / "probe" / "question", self.folder / "probe" / "answer"
        answer.unlink(missing_ok=True)
        waiting = question.with_suffix(".part")
        waiting.write_text(json.dumps({"ask": ask, **given}), encoding="utf-8")
        waiting.rename(question)
        until = time.monotonic() + ANSWER_SECONDS
        while not answer.exists():
            if time.monotonic() > until:
                raise RuntimeError(f"Blender does not answer: see {self.folder / 'blender.log'}")
            time.sleep(0.01)
        said = json.loads(answer.read_text(encoding="utf-8"))
        if "error" in said:
            raise RuntimeError(said["error"])
        return said["is"]

    def wait(self, what: Callable[[dict[str, Any]], Any], seconds: float) -> dict[str, Any]:
        """Wait until the state fulfils a condition. Raises RuntimeError after `seconds`."""
        until = time.monotonic() + seconds
        while True:
            state: dict[str, Any] = self.ask("state")
            if what(state):
                return state
            if time.monotonic() > until:
                raise RuntimeError(f"it took longer than {seconds:.0f} s: {state}")
            time.sleep(0.5)

    def move(self, x: float, y: float) -> None:
        if self.mouse is None:
            self.mouse = self.start_inside("xdotool", "-", stdin=subprocess.PIPE)
        assert self.mouse.stdin is not None
        self.mouse.stdin.write(f"mousemove {int(x)} {int(y)}\n".encode())
        self.mouse.stdin.flush()

    def click(self, x: float, y: float, times: int = 1, button: int = 1) -> None:
        self.move(x, y)
        time.sleep(0.3)
        self.run_inside("xdotool", "click", "--repeat", str(times), "--delay", "80", str(button))
        time.sleep(0.5)

    def press(self, *keys: str) -> None:
        self.run_inside("xdotool", "key", "--delay", "60", *keys)
        time.sleep(0.3)

    def type(self, text: str) -> None:
        self.run_inside("xdotool", "type", "--delay", "25", text)
        time.sleep(0.3)

    def fill(self, x: float, y: float, text: str) -> None:
        """Replace the text or the number in a field."""
        self.click(x, y, times=2)
        self.press("ctrl+a")
        self.type(text)
        self.press("Return")
        time.sleep(0.5)

    def picture(self, path: Path) -> None:
        """Save what the screen shows, without the mouse over a button."""
        path.parent.mkdir(parents=True, exist_ok=True)
        inside = self.folder / "screen.png"
        self.run_inside("import", "-window", "root", str(inside))
        shutil.copy(inside, path)

    def regions(self) -> list[dict[str, Any]]:
        """Return the regions of the window that the mouse works in."""
        found: list[dict[str, Any]] = self.ask("regions", height=HEIGHT)
        return [item for item in found if item["window"] == self.at]

    def region(self, area: str, region: str) -> dict[str, Any]:
        """Return the rectangle of a region."""
        return next(item for item in self.regions() if item["area"] == area and item["region"] == region)

    def rest(self) -> tuple[int, int]:
        """Move the mouse to a place in the 3D view where nothing is drawn; return it."""
        view = self.region("VIEW_3D", "WINDOW")
        place = view["x"] + 200, view["y"] + view["height"] - 200
        self.move(*place)
        time.sleep(0.3)
        return place

    def numbers(self) -> list[str]:
        """Return the screen's numbers of Blender's windows."""
        return self.run_inside("xdotool", "search", "--onlyvisible", "--class", "blender").split()

    def close(self, number: str) -> None:
        """Close a window as its frame's button does."""
        self.run_inside("wmctrl", "-i", "-c", number)
        time.sleep(2.0)

    def bring_in(self) -> None:
        """Move a window onto the screen where it is partly beside it."""
        regions = self.regions()
        if min(item["y"] for item in regions) < 0 or max(item["y"] + item["height"] for item in regions) > HEIGHT:
            inside = next(item for item in regions if 0 <= item["y"] + item["height"] // 2 < HEIGHT)
            self.move(inside["x"] + inside["width"] // 2, inside["y"] + inside["height"] // 2)
            time.sleep(0.5)
            self.run_inside("xdotool", "windowmove", self.numbers()[-1], "60", "60")
            time.sleep(1.5)

    def settle(self) -> None:
        """Wait until Blender has taken what was pressed and drawn what follows: it answers after that only."""
        for _ in range(3):
            time.sleep(0.7)
            self.ask("regions", height=HEIGHT)

    def choose_in_menu(self, menu: str, letter: str) -> None:
        """Open a menu of the top bar, and choose the entry with this letter underlined."""
        self.wait(lambda state: not state["busy"], ANSWER_SECONDS)  # while it imports, Blender takes no clicks
        self.click(*MENUS[menu])
        self.settle()
        self.press(letter)
        self.settle()

    def turn(self, x: float, y: float, until: Callable[[], bool]) -> None:
        """Turn the wheel with Ctrl over a menu, which steps through its choices, downwards and then upwards."""
        self.move(x, y)
        for wheel in (*("5",) * 10, *("4",) * 20):
            time.sleep(0.4)
            if until():
                return
            self.run_inside("xdotool", "keydown", "ctrl", "click", wheel, "keyup", "ctrl")
        raise RuntimeError("the menu does not have the choice")

    def open_tab(self, name: str) -> None:
        """Open the sidebar of the 3D view and click on a tab, which Blender draws along the sidebar's right edge."""
        if not any(item["area"] == "VIEW_3D" and item["region"] == "UI" for item in self.regions()):
            self.rest()
            self.press("n")
            time.sleep(1.5)
        side = self.region("VIEW_3D", "UI")
        for y in range(side["y"] + 30, side["y"] + side["height"] // 2, 24):
            if self.region("VIEW_3D", "UI")["tab"] == name:
                return
            self.click(side["x"] + side["width"] - 9, y)
        raise RuntimeError(f"the sidebar has no tab {name}")

    def find(self, name: str, column: float = MIDDLE, area: str = "VIEW_3D", region: str = "UI") -> tuple[int, int]:
        """Return a place of a button or field: where it was last, else where a search finds it, in a part of the width."""
        side, last = self.region(area, region), self.known.get(name)
        if last is not None and self.hovers(last, name, area, region):
            return last
        rows = range(side["y"] + 8, side["y"] + side["height"], STEP_PX)
        near = sorted(rows, key=lambda y: abs(y - last[1])) if last is not None else rows
        x = side["x"] + int(column * (side["width"] - 20))
        for notches in (0, LONG, -LONG, 0):  # a job that begins or ends moves the rows; a long sidebar is scrolled
            self.scroll(side, notches)
            tried: list[tuple[int, int]] = []
            for y in near:
                tried.append((x, y))
                self.move(x, y)
                time.sleep(0.04)
                if self.ask("button", area=area, region=region) == name:
                    for place in reversed(tried[-LAG:]):
                        if self.hovers(place, name, area, region):
                            self.known[name] = place
                            return place
        raise RuntimeError(f"{name} is not to be seen")

    def scroll(self, region: Mapping[str, int], notches: int) -> None:
        """Turn the wheel over a region, downwards where `notches` is more than 0."""
        if notches:
            self.move(region["x"] + region["width"] // 2, region["y"] + region["height"] // 2)
            wheel = "5" if notches > 0 else "4"
            self.run_inside("xdotool", "click", "--repeat", str(abs(notches)), "--delay", "30", wheel)
            time.sleep(1.0)

    def hovers(self, place: tuple[int, int], name: str, area: str, region: str) -> bool:
        """Whether the mouse at a place is over a button or field."""
        self.move(*place)
        for _ in range(HOVER_LOOKS):
            time.sleep(0.2)
            if self.ask("button", area=area, region=region) == name:
                return True
        return False

    def buttons(
        self,
        until: str = "",
        area: str = "VIEW_3D",
        region: str = "UI",
        rows: Sequence[int] = (),
        columns: Sequence[float] = COLUMNS,
    ) -> Places:
        """Hover over a region from its top; return by name where buttons and fields are, as far as the row of `until`.

        rows: instead, the heights on the screen at which to look. columns: parts of the region's width.
        """
        side = self.region(area, region)
        found: Places = {}
        empty = 0
        for y in rows or range(side["y"] + 8, side["y"] + side["height"], STEP_PX):
            row = []
            for part in columns:
                x = side["x"] + int(part * (side["width"] - 20))
                self.move(x, y)
                time.sleep(0.04)
                name = self.ask("button", area=area, region=region)
                row.append(name)
                if name and (x, y - STEP_PX) not in found.get(name, []):
                    found.setdefault(name, []).append((x, y))
            empty = 0 if any(row) else empty + 1
            if until in row if until else empty > EMPTY_ROWS:
                break
        return found
