"""What the problem card and the result panel draw: the option to change, and the button that helps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import bpy
import pytest

Part = Callable[[str], ModuleType]


class Layout:
    """Records what a panel draws, as (kind, name) with the properties of each operator."""

    def __init__(self, drawn: list[tuple[str, str, Any]] | None = None) -> None:
        self.drawn = [] if drawn is None else drawn

    def row(self, **_: Any) -> Layout:
        return Layout(self.drawn)

    box = column = split = grid_flow = row

    def panel(self, *_: Any, **__: Any) -> tuple[Layout, Layout]:
        return self, self

    panel_prop = panel

    def progress(self, text: str = "", **_: Any) -> None:
        self.drawn.append(("progress", text, None))

    def prop_enum(self, holder: Any, name: str, value: str) -> None:
        self.drawn.append(("prop_enum", value, None))

    def template_list(self, kind: str, *_: Any, **__: Any) -> None:
        self.drawn.append(("list", kind, None))

    def label(self, text: str = "", **_: Any) -> None:
        self.drawn.append(("label", text, None))

    def prop(self, holder: Any, name: str, **_: Any) -> None:
        self.drawn.append(("prop", name, getattr(holder, name)))  # Blender too fails where there is no such property

    def operator(self, name: str, text: str = "", **_: Any) -> Any:
        module, function = name.split(".")
        getattr(getattr(bpy.ops, module), function).get_rna_type()  # raises for an operator that is not there
        given = SimpleNamespace()
        self.drawn.append(("operator", text, given))
        return given

    def named(self, kind: str) -> list[str]:
        return [name for drawn, name, _ in self.drawn if drawn == kind]


def narrow_context() -> Any:
    """A context with a region of 300 px: Blender has none without windows."""
    return SimpleNamespace(
        scene=bpy.context.scene,
        window_manager=bpy.context.window_manager,
        active_object=bpy.context.view_layer.objects.active,
        space_data=None,
        region=SimpleNamespace(width=300),
        preferences=SimpleNamespace(system=SimpleNamespace(ui_scale=1.0)),
    )


@pytest.fixture
def card(part: Part) -> Iterator[Callable[..., Layout]]:
    """Draw the card for a problem, of a failed job where a recipe is given."""
    contract, session = part("backend.grotto.contract"), part("addon.backend.session")
    problem_panel, client = part("addon.panels.problem").GROTTO_PT_problem, part("addon.backend.client")

    def draw(problem: Any, recipe: str = "") -> Layout:
        job = client.JobStatus("7", recipe, contract.JobState.FAILED, "/photos", "/out")
        status = part("addon.backend.watcher").BackendStatus(
            jobs=(job,) if recipe else (), problem=problem, problem_job=job.id if recipe else ""
        )
        session.watcher().status = status
        layout = Layout()
        problem_panel.draw(SimpleNamespace(layout=layout), narrow_context())
        return layout

    yield draw
    session.unregister()
    session.register(part("addon.preferences").backend_settings)


def test_the_card_draws_the_option_and_runs_the_job_with_it(card: Callable[..., Layout], part: Part) -> None:
    contract = part("backend.grotto.contract")
    layout = card(contract.bad_input("the mesh is too large", "choose fewer faces", option="faces").problem, "wall")
    assert layout.named("prop") == ["faces"]
    assert layout.named("operator") == ["Create again", "Dismiss"]  # a retry would use the old value
    again = next(given for kind, name, given in layout.drawn if name == "Create again")
    assert (again.source, again.out) == ("/photos", "/out")


def test_without_a_job_the_chosen_recipes_option_is_drawn(card: Callable[..., Layout], part: Part) -> None:
    contract = part("backend.grotto.contract")
    bpy.context.scene.grotto.recipe = "ELEMENT"
    try:
        layout = card(contract.bad_input("no height", "set a height", option="height_m").problem)
    finally:
        bpy.context.scene.grotto.recipe = "WALL"
    assert layout.named("prop") == ["height_m"]
    assert layout.named("operator") == ["Dismiss"]


def test_an_option_that_the_sidebar_lacks_leaves_retry(card: Callable[..., Layout], part: Part) -> None:
    contract = part("backend.grotto.contract")
    layout = card(contract.bad_input("nothing found", "allow smaller ones", option="least_element").problem, "cut")
    assert layout.named("prop") == []
    assert layout.named("operator") == ["Retry", "Dismiss"]


@pytest.mark.parametrize(
    ("action", "buttons"),
    [
        ("retry", ["Retry", "Retry smaller", "Dismiss"]),
        ("start_backend", ["Restart backend", "Retry", "Dismiss"]),
        ("choose_folder", ["Choose folder", "Retry", "Dismiss"]),
        ("open_preferences", ["Open preferences", "Retry", "Dismiss"]),
        ("open_log", ["Open log", "Retry", "Dismiss"]),
        ("change_options", ["Open the options", "Retry", "Retry smaller", "Dismiss"]),
        ("", ["Retry", "Dismiss"]),
    ],
)
def test_every_action_has_its_button(card: Callable[..., Layout], part: Part, action: str, buttons: list[str]) -> None:
    contract = part("backend.grotto.contract")
    problem = contract.Problem(contract.Kind.MISSING_RESOURCE, "the disk is full", "free some space", contract.Action(action))
    layout = card(problem, "wall")
    assert layout.named("operator") == buttons
    assert layout.named("label")[0] == "The disk is full."


@pytest.mark.parametrize(("made_by", "offered"), [("0.1.0", False), ("0.0.9", True)])
def test_a_result_of_an_earlier_version_can_be_made_anew(empty: None, job: Path, part: Part, made_by: str, offered: bool) -> None:
    result = json.loads((job / "result.json").read_text())
    result["job"]["id"] = "42"
    result["job"]["stages"] = {"cameras": {"made_by": made_by, "now": "0.1.0"}}
    (job / "result.json").write_text(json.dumps(result))
    bpy.ops.grotto.import_result(directory=str(job))
    layout = Layout()
    part("addon.panels.result").GROTTO_PT_result.draw(SimpleNamespace(layout=layout), narrow_context())
    assert ("Make anew" in layout.named("operator")) == offered
    if offered:
        again = next(given for _, name, given in layout.drawn if name == "Make anew")
        assert (again.job_id, again.redo) == ("42", True)


def test_a_backend_that_ends_before_its_greeting_offers_log_and_preferences(card: Callable[..., Layout], part: Part) -> None:
    contract, session = part("backend.grotto.contract"), part("addon.backend.session")
    unusable = part("addon.backend.connection").BackendState.UNUSABLE
    session.watcher().status = replace(session.status(), state=unusable)
    problem = contract.missing_resource("it ended (its log ends with a / b)", "open the log", contract.Action.OPEN_LOG).problem
    session.watcher().show_problem(problem)
    layout = Layout()
    part("addon.panels.problem").GROTTO_PT_problem.draw(SimpleNamespace(layout=layout), narrow_context())
    assert layout.named("operator") == ["Open log", "Open preferences", "Dismiss"]


def test_the_card_of_an_element_chooses_a_picture(card: Callable[..., Layout], part: Part) -> None:
    contract = part("backend.grotto.contract")
    layout = card(contract.bad_input("there is nothing", "choose", contract.Action.CHOOSE_FOLDER).problem, "element")
    assert layout.named("operator")[0] == "Choose picture"


def test_a_result_begins_with_four_facts_and_export(imported: Any, part: Part) -> None:
    layout = Layout()
    part("addon.panels.result").GROTTO_PT_result.draw(SimpleNamespace(layout=layout), narrow_context())
    labels = layout.named("label")
    making = labels.index("How it was made")
    assert labels[1:3] == ["3 of 3 photos", "80 faces"]
    assert "2\u00a0m x " in labels[3]
    assert labels[4] == "Scale: metres"
    assert labels.index("One note") > making
    assert [name for name in layout.named("operator") if name in ("GLB", "USDZ", "FBX", "OBJ")] == ["GLB", "USDZ", "FBX", "OBJ"]


@pytest.fixture
def told(part: Part) -> Iterator[Callable[..., Any]]:
    """Say what the backend would, as keywords of its status; at the end nothing was said."""
    session = part("addon.backend.session")

    def tell(*jobs: Any, **status: Any) -> None:
        running = part("addon.backend.connection").BackendState.RUNNING
        session.watcher().status = replace(session.watcher().status, **{"state": running, "jobs": jobs, **status})
        part("addon.panels.job_rows").sync()

    yield tell
    session.unregister()
    session.register(part("addon.preferences").backend_settings, part("addon.panels").sync)
    part("addon.panels.job_rows").sync()
    for name in ("wall", "scan", "element"):
        getattr(bpy.context.scene.grotto, name).property_unset("source")
    bpy.context.scene.grotto.property_unset("recipe")


def a_job(part: Part, name: str, state: str, recipe: str = "wall", **values: Any) -> Any:
    contract, client = part("backend.grotto.contract"), part("addon.backend.client")
    return client.JobStatus(name, recipe, contract.JobState(state), f"/photos/{name}", "/out", created=1.7e9, **values)


def drawn(part: Part, panel: str) -> Layout:
    layout = Layout()
    getattr(part(f"addon.panels.{panel}"), f"GROTTO_PT_{panel}").draw(SimpleNamespace(layout=layout), narrow_context())
    return layout


def test_jobs_are_rows_with_dates_and_the_chosen_ones_buttons(told: Callable[..., None], part: Part) -> None:
    told(a_job(part, "wing", "done"), a_job(part, "mural", "done", "cut"), a_job(part, "lost", "failed"))
    manager, jobs = bpy.context.window_manager, part("addon.panels.jobs")
    assert [row.name for row in manager.grotto_jobs] == ["wing", "mural", "lost"]
    first = []
    for index in range(3):
        manager.grotto_job_index = index
        layout = drawn(part, "jobs")
        assert layout.named("list") == ["GROTTO_UL_jobs"]
        first.append(layout.named("operator")[0])
    assert first == ["Import", "Show list", "Retry"]
    row = Layout()
    jobs.GROTTO_UL_jobs.draw_item(SimpleNamespace(), None, row, None, manager.grotto_jobs[0], 0, None, "")
    assert row.named("label")[0] == "wing"
    assert "Nov 2023" not in row.named("label")[1]
    assert row.named("label")[1].count(":") == 1
    told(a_job(part, "new", "done"), a_job(part, "lost", "failed"))
    assert manager.grotto_jobs[manager.grotto_job_index].name == "lost"  # the chosen one stays chosen


def test_after_a_restart_the_panel_counts_the_earlier_jobs(told: Callable[..., None], part: Part) -> None:
    stopped = part("addon.backend.connection").BackendState.STOPPED
    told(state=stopped, known_jobs=("a", "b", "c"))
    assert part("addon.panels.jobs").GROTTO_PT_jobs.poll(bpy.context)
    layout = drawn(part, "jobs")
    assert " ".join(layout.named("label")) == "3 earlier jobs: start the backend to see them"
    assert layout.named("operator") == ["Start"]


def test_a_job_can_be_queued_while_another_runs(told: Callable[..., None], part: Part) -> None:
    bpy.context.scene.grotto.wall.source = "/photos/next"
    told(a_job(part, "wing", "running", fraction=0.39))
    assert "Add wall to queue" in drawn(part, "create").named("operator")
    told()
    assert "Create wall" in drawn(part, "create").named("operator")


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (
            {"least_seconds": 60, "most_seconds": 300, "memory_mb": 1536, "earlier_jobs": 2},
            "About 60 s to 5 min, 1.5 GB of memory",
        ),
        (
            {"least_seconds": 60, "most_seconds": 60, "memory_mb": 30720, "earlier_jobs": 0},
            "About 60 s, 30.0 GB of memory, 20 GB are free (a first guess)",
        ),
        ({}, "How long this takes is not known"),
    ],
)
def test_before_the_start_a_line_says_what_the_job_costs(
    told: Callable[..., None], part: Part, answer: dict[str, int], line: str
) -> None:
    session, client = part("addon.backend.session"), part("addon.backend.client")
    settings = bpy.context.scene.grotto.wall
    settings.source = "/photos/next"
    told(machine=client.Machine(has_cuda=False, free_gb=20))
    assert session.state_line(is_set=True) == "Ready: CPU, 20 GB free"
    real, session.estimate = session.estimate, lambda *_: answer
    try:
        said, too_much = part("addon.panels.create").estimate_line(part("addon.recipes").WALL, settings)
    finally:
        session.estimate = real
    assert (said, too_much) == (line, answer.get("memory_mb", 0) > 20480)


def test_an_unknown_number_is_a_word_until_it_is_given(told: Callable[..., None], part: Part) -> None:
    told()
    settings = bpy.context.scene.grotto.wall
    assert "Camera distance (m): Unknown" in drawn(part, "create").named("operator")
    assert "Pixel size (mm): Auto" in drawn(part, "create").named("operator")
    assert bpy.ops.grotto.give_option(recipe="wall", option="camera_distance_m") == {"FINISHED"}
    assert "camera_distance_m" in drawn(part, "create").named("prop")
    assert settings.camera_distance_m == 1.0
    assert bpy.ops.grotto.give_option(recipe="wall", option="camera_distance_m", given=False) == {"FINISHED"}
    assert settings.camera_distance_m == 0.0
    settings.property_unset("camera_distance_m")


@pytest.mark.parametrize(
    ("recipe", "chosen", "there", "gone"),
    [
        ("element", {"shape": "layers"}, {"layers", "most_parts"}, {"rig", "parts", "thickness", "generator"}),
        ("element", {"shape": "figure"}, {"back_depth", "parts"}, {"layers", "thickness", "wall", "most_parts", "rig"}),
        ("element", {"shape": "slab"}, {"thickness", "wall"}, {"back_depth", "layers"}),
        ("element", {"route": "views"}, {"rig", "orbit_frames", "bake_px"}, {"shape", "layers", "generator", "roundness"}),
        ("element", {"route": "model"}, {"generator", "generator_px"}, {"rig", "bake_px", "shape"}),
        ("scan", {"via": "field"}, {"field_resolution", "bake_px"}, {"splat_steps", "mesh_from"}),
        ("scan", {"via": "splats"}, {"splat_steps"}, {"field", "mesh_from"}),
    ],
)
def test_only_what_counts_is_shown(part: Part, recipe: str, chosen: dict[str, str], there: set[str], gone: set[str]) -> None:
    entry, relevance = part("addon.recipes").RECIPES[recipe], part("addon.panels.relevance")
    settings = getattr(bpy.context.scene.grotto, recipe)
    for name, value in chosen.items():
        setattr(settings, name, value)
    leaves = part("addon.scene.options").leaves_of(entry.options)
    shown = {leaf.name for leaf in leaves if relevance.is_relevant(entry, settings, leaf)}
    for name in chosen:
        settings.property_unset(name)
    assert there <= shown
    assert not gone & shown
    groups = {leaf.group for leaf in leaves} | {leaf.name for leaf in leaves}
    assert {*relevance.ROUTES, *relevance.SHAPES, *relevance.WAYS} <= groups | {
        item
        for other in part("addon.recipes").RECIPES.values()
        for leaf in part("addon.scene.options").leaves_of(other.options)
        for item in (leaf.group, leaf.name)
    }  # no word of the tables is left from an earlier release


def test_a_draw_of_all_panels_is_quick(told: Callable[..., None], imported: Any, part: Part) -> None:
    """In seconds of this process, with every sub-panel open: a window waits for at most 50 ms."""
    import time

    jobs = [a_job(part, f"job {number}", "done") for number in range(100)]
    told(a_job(part, "wing", "running", fraction=0.4, notes=("a note",)), *jobs)
    bpy.context.scene.grotto.wall.source = "/photos/next"
    for panel in ("status", "result", "create", "jobs"):
        drawn(part, panel)  # once, for what is found once
        begun = time.process_time()
        for _ in range(10):
            drawn(part, panel)
        assert (time.process_time() - begun) / 10 < 0.05, panel
