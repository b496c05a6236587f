"""Operators that import while windows stay usable: their steps, driven tick by tick as Blender's timer does.

Blender without windows sends no events, so a test operator of the real class is started here, and its `modal` called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import bpy
import pytest

Part = Callable[[str], ModuleType]
pytestmark = pytest.mark.skipif(
    bpy.app.version < (4, 5), reason="without windows, Blender 4.2 crashes where a second modal operator adds its timer"
)
TIMER, KEY = SimpleNamespace(type="TIMER"), SimpleNamespace(type="A")


@pytest.fixture
def start(part: Part, empty: None) -> Iterator[Callable[[Callable[[Any], Any]], Any]]:
    """Start a following operator with `begin(operator)`, and return it."""
    modal = part("operators.running.modal")
    started: list[Any] = []

    class GROTTO_OT_test_follow(modal.JobOperator):
        bl_idname = "grotto.test_follow"
        bl_label = "Follow"
        begin: Any = None

        def execute(self, context: Any) -> Any:
            started.append(self)
            return type(self).begin(self)

    bpy.utils.register_class(GROTTO_OT_test_follow)

    def run(begin: Callable[[Any], Any]) -> Any:
        GROTTO_OT_test_follow.begin = staticmethod(begin)
        bpy.ops.grotto.test_follow()
        return started[-1]

    yield run
    bpy.utils.unregister_class(GROTTO_OT_test_follow)
    part("addon.backend.session").unregister()
    part("addon.backend.session").register(part("addon.preferences").backend_settings)


def test_a_result_is_imported_step_by_step_and_events_are_held_meanwhile(
    start: Callable[[Callable[[Any], Any]], Any], job: Path, part: Part
) -> None:
    operator = start(lambda operator: operator.import_folder(bpy.context, job))
    ticks = 0
    while (ended := operator.modal(bpy.context, TIMER)) == {"RUNNING_MODAL"}:
        assert operator.modal(bpy.context, KEY) == {"RUNNING_MODAL"}  # an undo would remove half of the import
        ticks += 1
    assert ended == {"FINISHED"}
    assert ticks > 3
    assert [item for item in bpy.context.scene.objects if "grotto_recipe" in item]
    assert part("addon.backend.session").exit_code() == 0


def test_an_interrupted_import_leaves_nothing(start: Callable[[Callable[[Any], Any]], Any], job: Path, part: Part) -> None:
    operator = start(lambda operator: operator.import_folder(bpy.context, job))
    is_importing = part("operators.running.modal").is_importing
    for _ in range(4):
        operator.modal(bpy.context, TIMER)
    assert is_importing()
    operator.cancel(bpy.context)
    assert not is_importing()
    assert not [item for item in bpy.data.objects if "grotto_recipe" in item]
    assert operator.modal(bpy.context, KEY) == {"PASS_THROUGH"}


def test_a_folder_without_a_result_is_a_problem(start: Callable[[Callable[[Any], Any]], Any], tmp_path: Path, part: Part) -> None:
    operator = start(lambda operator: operator.import_folder(bpy.context, tmp_path))
    assert operator.modal(bpy.context, TIMER) == {"CANCELLED"}
    assert part("addon.backend.session").exit_code() == 2
    assert "no finished job" in part("addon.backend.session").status().problem.cause
