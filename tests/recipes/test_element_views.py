"""Six views of an element: drawn by a model, judged, and refused where they show nothing."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from grotto.contract import ProblemError, Silent
from grotto.contract.options import CutOptions, SheetOptions
from grotto.contract.recipes import ElementOptions
from grotto.models.registry import install_from
from grotto.recipes.element import cut_element, route_of, with_installed_rig
from grotto.recipes.element.from_views import generate as element_views
from grotto.recipes.weights import models_used
from grotto.scene import View, zero123plus_rig
from grotto.synthetic import photograph
from grotto.synthetic.objects import make_object
from grotto.views import contradiction, faults_of

FIXTURES = Path(os.environ.get("GROTTO_FIXTURES", Path(__file__).parents[3] / "shared" / "fixtures"))
WEIGHTS = FIXTURES / "zero123plus" / "weights"


@pytest.fixture(scope="module")
def six_views() -> list[View]:
    return photograph(make_object("deer", 0), zero123plus_rig("v1.2", 64), samples=1)


def test_views_of_one_object_agree_and_mixed_ones_do_not(six_views: list[View]) -> None:
    assert contradiction(six_views) < 0.01
    assert faults_of(six_views) == []
    mixed = [
        replace(view, colour=other.colour, alpha=other.alpha) for view, other in zip(six_views, six_views[::-1], strict=True)
    ]
    assert contradiction(mixed) > 0.05
    assert any("contradict" in fault for fault in faults_of(mixed))


def test_objects_cut_off_at_the_border_are_told(six_views: list[View]) -> None:
    alpha = six_views[0].alpha
    assert alpha is not None
    whole = np.ones_like(alpha)
    assert any("tile 1 touches the border" in fault for fault in faults_of([replace(six_views[0], alpha=whole), *six_views[1:]]))


def test_without_weights_auto_takes_the_relief_and_says_of_which_rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROTTO_MODELS", str(tmp_path))
    assert route_of(ElementOptions()) == "relief"
    assert route_of(ElementOptions(route="views")) == "views"


@pytest.mark.skipif(not WEIGHTS.is_dir(), reason="no shared fixtures beside the project")
def test_with_weights_the_model_draws_and_what_shows_nothing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks of random weights draw noise: no object is in it, and none is pretended."""
    monkeypatch.setenv("GROTTO_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(element_views, "_VIEW_PX", 32)
    installed = install_from("zero123plus-v1.2", WEIGHTS)
    assert route_of(ElementOptions(sheet=SheetOptions(rig="zero123plus-v1.2"))) == "views"
    other = ElementOptions(sheet=SheetOptions(rig="zero123plus-v1.1"))  # the other rig, which is the default
    assert route_of(other) == "views"
    assert with_installed_rig(other).sheet.rig == "zero123plus-v1.2"
    assert with_installed_rig(replace(other, route="views")).sheet.rig == "zero123plus-v1.1"
    used = models_used(installed)
    assert {Path(one["name"]).suffix for one in used} == {".safetensors"}
    assert all(len(one["sha256"]) == 64 and one["licence"] == "CC BY-NC 4.0" for one in used)
    y, x = np.mgrid[:48, :48] + 0.5
    disc = (np.hypot(x - 24, y - 24) < 15)[..., None]
    rgba = np.where(disc, [200, 60, 40, 255], [0, 0, 0, 0]).astype(np.uint8)
    Image.fromarray(rgba, "RGBA").save(tmp_path / "disc.png")
    for name in ("cut", "views"):
        (tmp_path / name).mkdir()
    cut = cut_element(tmp_path / "disc.png", None, None, CutOptions(), tmp_path / "cut", Silent())
    told: list[str] = []

    class Noting(Silent):
        def note(self, message: str) -> None:
            told.append(message)

    options = SheetOptions(rig="zero123plus-v1.2", view_steps=1, view_tries=2)
    with pytest.raises(ProblemError, match="route relief"):
        element_views.generate_views(cut, installed.folder, None, None, options, tmp_path / "views", Noting())
    assert [note.split(":")[0] for note in told] == ["seed 0", "seed 1"]
    assert Image.open(tmp_path / "views" / "sheet.png").size == (64, 96)
    with pytest.raises(ProblemError, match="rig"):
        element_views.generate_views(
            cut, installed.folder, None, None, replace(options, rig="zero123plus-v1.1"), tmp_path / "views", Silent()
        )
