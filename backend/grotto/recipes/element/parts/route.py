"""The parts of an element: their stages, the steps that they give to bodies, and the route of the shape `layers`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ....contract import Asset, Result
from ....contract.recipes import ElementOptions
from ....runner import AnyStage, Run, Stage
from ...assets import AssetList
from ..cut import CutElement
from ..result import cut_facts, provenance_of
from .find import ElementOrder, Steps, find_parts, forecast_parts, given_order, order_parts
from .layers import ElementLayers, forecast_layers, make_layers

PARTS = Stage("parts", "Telling parts apart", find_parts, version=2, share=2, forecast=forecast_parts)
ORDER = Stage("order", "Ordering parts", order_parts, version=1, share=1)
LAYERS = Stage("layers", "Cutting layers", make_layers, version=1, share=6, forecast=forecast_layers)
_LEAST_AGREEMENT = 0.6  # of the cues' weight, below which an order found by them is doubtful


def plan_steps(options: ElementOptions) -> tuple[AnyStage, ...]:
    """The stages that find a body's parts and their order, where these are wanted."""
    return (PARTS, ORDER) if _wants_steps(options) else ()


def plan_layers() -> tuple[AnyStage, ...]:
    """The stages of the shape layers after the cut, in order."""
    return PARTS, ORDER, LAYERS


def steps_of(cut: CutElement, options: ElementOptions, run: Run) -> tuple[Steps | None, tuple[str, ...]]:
    """The parts whose steps shape a body's front, or None, and notes on them.

    Raises bad input for an order that does not fit the parts.
    """
    if not _wants_steps(options):
        return None, ()
    order = _ordered(cut, options, run)
    if len(order.order) < 2:
        return None, ("No separate parts were found: the element is made in one piece",)
    if _is_doubtful(order):
        return None, (f"{_doubt(order)}: the element is made in one piece; name the order of its parts to have them",)
    return Steps(order=order, step=options.parting.part_step), ()


def part_facts(steps: Steps | None) -> dict[str, Any]:
    """Facts of a body's parts."""
    return {} if steps is None else _order_facts(steps.order)


def part_assets(run: Run, steps: Steps | None) -> tuple[Asset, ...]:
    """The files of a body's parts."""
    return () if steps is None else _order_assets(run, steps.order)


def from_layers(source: Path, cut: CutElement, options: ElementOptions, run: Run) -> Result:
    """Cut the picture into a stack of layers. They are open sheets, without levels of detail and collider."""
    order = _ordered(cut, options, run)
    extras = {**provenance_of(source, cut, options), "sides_and_back": "none"}
    layers = run(LAYERS, cut, order, options.relief.height_m, extras, options.stack)
    files = AssetList(run, "element", "m")
    return Result(
        recipe="element",
        assets=(
            files.asset("mesh", layers.folder / layers.file),
            files.asset("mask", cut.folder / cut.mask),
            files.asset("texture", cut.folder / cut.picture, "front"),
            files.asset("preview", layers.folder / layers.preview),
            *_order_assets(run, order),
        ),
        facts={**cut_facts(cut), **_layer_facts(cut, layers, options), **_order_facts(order)},
        engines={"mask": cut.way, "shape": "layers, parts by ink and colour, order by T-junctions"},
        notes=(
            "Layers are open sheets: not closed, without levels of detail and collider",
            *((f"{_doubt(order)}: check the order, and name another where it is wrong",) if _is_doubtful(order) else ()),
        ),
    )


def _wants_steps(options: ElementOptions) -> bool:
    return options.parting.parts != "off" and options.relief.shape != "standee"


def _ordered(cut: CutElement, options: ElementOptions, run: Run) -> ElementOrder:
    given = given_order(options.parting.part_order)  # before a stage could write over the file
    return run(ORDER, cut, run(PARTS, cut, options.parting.most_parts), given)


def _is_doubtful(order: ElementOrder) -> bool:
    return order.by == "votes" and order.agreement < _LEAST_AGREEMENT


def _doubt(order: ElementOrder) -> str:
    return f"Only {100 * order.agreement:.0f} % of the depth-order cues agree"


def _order_facts(order: ElementOrder) -> dict[str, Any]:
    return {
        "parts": len(order.order),
        "parts_order": list(order.order),
        "parts_order_by": order.by,
        "parts_agreement": order.agreement,
    }


def _layer_facts(cut: CutElement, layers: ElementLayers, options: ElementOptions) -> dict[str, Any]:
    return {
        "picture_frame_m": [round(value, 6) for value in layers.placement.picture_frame_m(cut.width, cut.height)],
        "faces": layers.faces,
        "vertices": layers.vertices,
        "layers": list(layers.names),
        "layer_gap_m": options.stack.layer_gap_m,
        "watertight": False,
        "height_m": options.relief.height_m,
        "depth_m": round(layers.depth_m, 5),
        "roughness": 1.0,  # constant: one picture does not show it
        "input_view_psnr_db": round(layers.input_view_psnr_db, 2),
        "input_view_ssim": round(layers.input_view_ssim, 4),
    }


def _order_assets(run: Run, order: ElementOrder) -> tuple[Asset, ...]:
    files = AssetList(run)
    return (
        files.asset("mask", order.folder / order.flat, "parts"),
        files.asset("preview", order.folder / order.numbered, "parts"),
        files.asset("report", order.folder / order.parts, "parts"),
    )
