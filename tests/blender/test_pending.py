"""Imports that wait for their jobs: begun by a timer where the user expects them, else offered to a click."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import bpy
import pytest

Part = Callable[[str], ModuleType]


@pytest.fixture
def waiting(part: Part, empty: None) -> Iterator[Any]:
    """The import of job 7, for the open file and scene."""
    pending, session = part("addon.backend.pending"), part("addon.backend.session")
    pending.add("7", part("operators.running.imports").result_import(bpy.context))
    yield pending.find("7")
    session.unregister()
    session.register(part("addon.preferences").backend_settings)
    bpy.context.scene.grotto.property_unset("import_when_done")


@pytest.fixture
def tell(part: Part) -> Callable[..., None]:
    """Say what the backend would: the state of job 7."""

    def tell(state: str, out: str = "/nowhere", problem: Any = None) -> None:
        contract, watch = part("backend.grotto.contract"), part("addon.backend.session").watcher()
        job = part("addon.backend.client").JobStatus("7", "wall", contract.JobState(state), "/photos/wing", out, problem=problem)
        watch.status = replace(watch.status, jobs=(job,))

    return tell


def follow(part: Part) -> None:
    assert part("operators.running.follower")._follow() > 0


def test_nothing_begins_before_the_job_is_done(waiting: Any, tell: Callable[..., None], part: Part) -> None:
    for state in ("queued", "running", "cancelling"):
        tell(state)
        follow(part)
        assert part("addon.backend.pending").find("7") is waiting


def test_a_job_that_seems_lost_keeps_its_import(waiting: Any, tell: Callable[..., None], part: Part) -> None:
    """A backend that does not answer is taken for stopped, and may answer again."""
    tell("failed", problem=part("addon.backend.client").backend_unreachable().problem)
    follow(part)
    assert part("addon.backend.pending").find("7") is waiting


def test_it_begins_once_when_the_job_is_done(waiting: Any, tell: Callable[..., None], part: Part) -> None:
    """Without windows Blender runs the import as a script does, which finds no backend here: that is told, once."""
    tell("done")
    follow(part)
    assert part("addon.backend.pending").find("7") is None
    problem = part("addon.backend.session").status().problem
    assert "No backend is running" in problem.cause
    part("addon.backend.session").watcher().dismiss()
    follow(part)
    assert part("addon.backend.session").status().problem is None


def test_in_another_file_it_is_offered(waiting: Any, tell: Callable[..., None], part: Part, tmp_path: Path) -> None:
    pending, session = part("addon.backend.pending"), part("addon.backend.session")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "other.blend"), copy=True)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "other.blend"))
    tell("done")
    follow(part)
    assert pending.offers() == ("7",)
    assert [job.name for job in session.offered_jobs()] == ["wing"]
    status_bar = Drawn()
    part("addon.panels.status").draw_status_bar(SimpleNamespace(layout=status_bar), None)
    assert status_bar.texts == ["wing is done", "Import"]
    assert bpy.ops.grotto.offer_dismiss(job_id="7") == {"FINISHED"}
    assert session.offered_jobs() == []


def test_the_same_file_read_again_is_the_same(waiting: Any, part: Part, tmp_path: Path) -> None:
    pending, follower = part("addon.backend.pending"), part("operators.running.follower")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "mine.blend"))
    before = pending.current_file()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "mine.blend"))
    assert pending.current_file() == before
    assert follower.window_for(waiting) is not None
    bpy.ops.wm.read_homefile(app_template="")
    assert pending.current_file() == before + 1
    assert follower.window_for(waiting) is None


def test_a_user_who_imports_by_hand_gets_an_offer(waiting: Any, tell: Callable[..., None], part: Part) -> None:
    bpy.context.scene.grotto.import_when_done = False
    tell("done")
    follow(part)
    assert part("addon.backend.pending").offers() == ("7",)


def test_a_retried_job_keeps_what_waited_for_it(waiting: Any, part: Part) -> None:
    """Under its new id, too, where the retry is another job."""
    pending, imports = part("addon.backend.pending"), part("operators.running.imports")
    pending.offer("7")
    watch = part("addon.backend.session").watcher()
    real, watch.submit = watch.submit, lambda action, added: added("8")
    try:
        imports.resubmit(lambda client: None, "7", replace(waiting, scene="another"))
    finally:
        watch.submit = real
    assert pending.find("7") is None
    assert pending.find("8") == waiting


def test_one_of_several_elements_goes_to_its_place_after_a_retry(part: Part, empty: None, tmp_path: Path) -> None:
    """As painted: at the place of its box, whichever came first."""
    import made_element

    elements, scene = part("operators.elements"), part("addon.scene.elements")
    boxes = {"left": (0, 0, 16, 16), "right": (32, 0, 48, 16)}
    ticked = [scene.TickedElement(name, Path("x.png"), box) for name, box in boxes.items()]
    row = elements.ElementRow(scene.ElementPlacer(ticked, scene.AS_PAINTED, 1.2))
    placed = {}
    for element in reversed(ticked):  # the left one failed, and was made again after the right one
        waits = row.import_of(bpy.context, element)
        steps = waits.steps(bpy.context, made_element.make_element(tmp_path / element.name))
        imported = part("operators.running.importing").run_steps(steps)
        waits.end(bpy.context, imported, False)
        placed[element.name] = imported.root.location.x
    assert placed["right"] - placed["left"] == pytest.approx(32 * 1.2 / 16)


class Drawn:
    """Records the texts of labels and buttons."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def row(self, **_: Any) -> Drawn:
        return self

    def label(self, text: str = "", **_: Any) -> None:
        self.texts.append(text)

    def operator(self, name: str, text: str = "", **_: Any) -> Any:
        self.texts.append(text)
        return SimpleNamespace()
