"""What the problem card and the result panel draw: the option to change, and the button that helps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
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
        active_object=bpy.context.view_layer.objects.active,
        space_data=None,
        region=SimpleNamespace(width=300),
        preferences=SimpleNamespace(system=SimpleNamespace(ui_scale=1.0)),
    )


@pytest.fixture
def card(part: Part) -> Iterator[Callable[..., Layout]]:
    """Draw the card for a problem, of a job where a recipe is given."""
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
        ("retry", ["Retry", "Dismiss"]),
        ("start_backend", ["Restart backend", "Retry", "Dismiss"]),
        ("choose_folder", ["Choose folder", "Retry", "Dismiss"]),
        ("open_preferences", ["Open preferences", "Retry", "Dismiss"]),
        ("open_log", ["Open log", "Retry", "Dismiss"]),
        ("change_options", ["Retry", "Dismiss"]),
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
