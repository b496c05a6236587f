"""Elements with parts, and as layers: what comes out, what an edited order repeats, and which orders are refused."""

from __future__ import annotations

import io
import json
import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from grotto.contract import Event, JobRequest, ProblemError, Result, StageStarted, from_flat, to_flat
from grotto.contract.recipes import ELEMENT_QUALITIES, ElementOptions, to_nested
from grotto.formats import GlbNode, read_glb_nodes
from grotto.recipes.element import RECIPE
from grotto.runner import Run
from grotto.synthetic import draw_parts, drawn_disc, drawn_ribbon

QUICK = {"faces": 900, "sides_px": 128, "normals_px": 0, "occlusion": False, "lods": 0, "route": "relief"}


def made_of(source: Path, out: Path, **flat: object) -> tuple[Result, dict[str, bool]]:
    """The result, and for each stage whether it was kept from before."""
    chosen = from_flat(ElementOptions, {**to_flat(ELEMENT_QUALITIES["draft"]), **QUICK, **flat})
    out.mkdir(parents=True, exist_ok=True)
    events: list[Event] = []
    request = JobRequest("element", str(source), str(out), to_nested(chosen))
    run = Run(RECIPE, request, chosen, events.append, threading.Event())
    result = run.complete(RECIPE.run(source, chosen, run))
    result.write(out)
    return result, {event.stage: event.reused for event in events if isinstance(event, StageStarted)}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A band across a disc, with ink around both, 200 px, with alpha."""
    shapes = [drawn_disc(100, 100, 62), drawn_ribbon((10, 118), (190, 84), 30, 6)]
    drawn = draw_parts(shapes, 200)
    path = tmp_path_factory.mktemp("drawn") / "band.png"
    rgba = np.dstack([drawn.colour, drawn.alpha])
    Image.fromarray((rgba * 255 + 0.5).astype(np.uint8), "RGBA").save(path)
    return path


@pytest.fixture(scope="module")
def stack(source: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    out = tmp_path_factory.mktemp("stack") / "job"
    return out, made_of(source, out, shape="layers", layer_gap_m=0.2, layer_under=0.2, height_m=2.0)[0]


def layer_nodes(stack: tuple[Path, Result]) -> dict[str, GlbNode]:
    out, result = stack
    return read_glb_nodes(out / next(asset.path for asset in result.assets if asset.kind == "mesh"))


def drawn_layer(node: GlbNode) -> np.ndarray:
    (part,) = node.parts.values()
    with Image.open(io.BytesIO(part.texture)) as opened:
        return np.asarray(opened)


def listed(out: Path) -> list[dict[str, Any]]:
    return json.loads((out / "order" / "parts.json").read_text())["parts"]


def test_layers_stand_a_gap_apart_and_show_the_picture_from_the_front(stack: tuple[Path, Result]) -> None:
    facts, nodes = stack[1].facts, layer_nodes(stack)
    assert facts["input_view_ssim"] > 0.975
    assert not facts["watertight"]
    assert facts["depth_m"] == pytest.approx(0.2)
    assert list(nodes) == facts["layers"]
    back, front = nodes.values()
    assert back.place[1] - front.place[1] == pytest.approx(0.2)
    assert [part.alpha for node in nodes.values() for part in node.parts.values()] == ["BLEND", "BLEND"]
    heights = np.concatenate([part.vertices[:, 2] for node in nodes.values() for part in node.parts.values()])
    assert heights.min() == pytest.approx(0.0, abs=0.05)
    assert heights.max() == pytest.approx(2.0, abs=0.05)
    assert max(float(np.ptp(part.vertices[:, 1])) for node in nodes.values() for part in node.parts.values()) < 0.2
    assert "open sheets" in stack[1].notes[0]


def test_a_layer_keeps_the_pictures_pixels_and_goes_on_under_the_nearer_one(stack: tuple[Path, Result], source: Path) -> None:
    back, front = (drawn_layer(node) for node in layer_nodes(stack).values())
    with Image.open(source) as opened:
        picture = np.asarray(opened)
    rows, columns = back.shape[:2]
    tops = [(y, x) for y in range(200 - rows + 1) for x in range(200 - columns + 1)]
    few = back[::7, ::7, :3]
    same = [int((few == picture[y : y + rows : 7, x : x + columns : 7, :3]).all(2).sum()) for y, x in tops]
    top, left = tops[int(np.argmax(same))]
    window = picture[top : top + rows, left : left + columns]
    shown = (back[..., 3] == 255) & (back[..., :3] == window[..., :3]).all(2)
    assert shown.sum() > 0.55 * np.pi * 62**2  # the disc without the band
    hidden = (back[..., 3] > 127) & ~shown
    middle = back[100 - top, 100 - left]
    assert hidden[100 - top, 100 - left]  # the band crosses the disc's middle
    assert np.abs(middle[:3].astype(int) - window[60 - top, 100 - left, :3]).max() < 40  # in the disc's colour, not the band's
    assert (back[..., 3][window[..., 3] == 0] == 0).all()
    assert front[0, 0, 3] == 0


@pytest.mark.slow
def test_a_front_of_parts_has_a_step_and_stays_closed(source: Path, tmp_path: Path) -> None:
    plain, stages = made_of(source, tmp_path / "plain")
    assert "parts" not in stages
    assert "parts" not in plain.facts
    parted, _ = made_of(source, tmp_path / "parted", parts="auto", part_step=0.05)
    assert parted.facts["watertight"]
    assert parted.facts["parts"] >= 2
    assert parted.facts["parts_agreement"] > 0.6
    before, after = (np.load(tmp_path / name / "relief" / "height.npy") for name in ("plain", "parted"))
    ratio = after / np.maximum(before, 1)
    middle = ratio.shape[0] // 2, ratio.shape[1] // 2
    assert ratio[middle] > ratio[middle[0] - ratio.shape[0] // 4, middle[1]] + 0.1  # the band before the disc
    assert {asset.role for asset in parted.assets} >= {"parts"}


def test_an_edited_order_repeats_only_what_follows(stack: tuple[Path, Result], source: Path, tmp_path: Path) -> None:
    out = tmp_path / "job"
    shutil.copytree(stack[0], out)
    first = listed(out)
    turned = {row["id"]: len(first) + 1 - row["order"] for row in first}
    told = json.loads((out / "order" / "parts.json").read_text())
    for row in told["parts"]:
        row["order"], row["name"] = turned[row["id"]], f"piece {row['id']}"
    (out / "order" / "parts.json").write_text(json.dumps(told))  # as an artist would, in the job itself
    result, stages = made_of(source, out, shape="layers", part_order=str(out / "order" / "parts.json"))
    assert stages == {"cut": True, "parts": True, "order": False, "layers": False}
    assert [row["id"] for row in listed(out)] == [row["id"] for row in first][::-1]
    assert result.facts["parts_order_by"] == "given"
    assert all("piece" in name for name in result.facts["layers"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("1,2,99", "not there"), ("1,1,2", "twice"), ("1", "leaves parts out"), ("one,two", "neither a list"),
        ("absent.json", "neither a list"), ("broken.json", "can not be read"), ("same.json", "same place"),
    ],
)  # fmt: skip
def test_orders_that_do_not_fit_are_refused(
    words: str, told: str, stack: tuple[Path, Result], source: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.json").write_text('{"parts": [{"id": 1')
    (tmp_path / "same.json").write_text(json.dumps({"parts": [{"id": 1, "order": 1}, {"id": 2, "order": 1}]}))
    where = str(tmp_path / words) if words.endswith(".json") else words
    with pytest.raises(ProblemError, match=told):
        made_of(source, stack[0], shape="layers", part_order=where)


@pytest.mark.slow
def test_masked_layers_say_so_and_one_layer_is_the_whole_picture(source: Path, tmp_path: Path) -> None:
    result, _ = made_of(source, tmp_path / "job", shape="layers", layers=1, layer_alpha="mask", layer_bulge=0.0)
    (node,) = layer_nodes((tmp_path / "job", result)).values()
    (part,) = node.parts.values()
    assert part.alpha == "MASK"
    assert np.ptp(part.vertices[:, 1]) == 0
    assert node.place == (0, 0, 0)
