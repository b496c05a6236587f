"""An element with its parts: their stages in the recipe, what they give to bodies, and the result of the shape `layers`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....contract import Asset, Result
from ....contract.recipes import ElementOptions
from ....runner import Run, Stage
from ..cut import CutElement
from ..work import picture_frame_m
from .find import ElementOrder, Steps, find_parts, forecast_parts, given_order, order_parts
from .layers import forecast_layers, make_layers

PARTS = Stage("parts", "Telling parts apart", find_parts, version=2, share=2, forecast=forecast_parts)
ORDER = Stage("order", "Ordering parts", order_parts, version=1, share=1)
LAYERS = Stage("layers", "Cutting layers", make_layers, version=1, share=6, forecast=forecast_layers)
_SURE = 0.6  # of the votes must agree with an order for bodies to follow it by themselves


def wants_parts(options: ElementOptions) -> bool:
    """Whether the element is to be told apart into parts."""
    return options.relief.shape == "layers" or (options.parting.parts != "off" and options.relief.shape != "standee")


def steps_of(cut: CutElement, options: ElementOptions, run: Run) -> tuple[Steps | None, tuple[str, ...]]:
    """The parts that a body's front is to have, or None, and what there is to say of that.

    Raises bad input for an order that does not fit the parts.
    """
    if not wants_parts(options):
        return None, ()
    order = _ordered(cut, options, run)
    if len(order.order) < 2:
        return None, ("No parts could be told apart: the element is made in one piece",)
    if _is_doubtful(order):
        return None, (f"{_doubt(order)}: the element is made in one piece; name the order of its parts to have them",)
    return Steps(order=order, step=options.parting.part_step), ()


def _is_doubtful(order: ElementOrder) -> bool:
    return order.by == "votes" and order.agreement < _SURE


def _doubt(order: ElementOrder) -> str:
    return f"Only {100 * order.agreement:.0f} % of the signs agree on which part lies before which"


def _ordered(cut: CutElement, options: ElementOptions, run: Run) -> ElementOrder:
    given = given_order(options.parting.part_order)  # before a stage could write over the file
    return run(ORDER, cut, run(PARTS, cut, options.parting.most_parts), given)


def part_facts(steps: Steps | None) -> dict[str, Any]:
    """Facts of a body's parts."""
    return {} if steps is None else _facts(steps.order)


def _facts(order: ElementOrder) -> dict[str, Any]:
    return {
        "parts": len(order.order),
        "parts_order": list(order.order),
        "parts_order_by": order.by,
        "parts_agreement": order.agreement,
    }


def part_assets(run: Run, steps: Steps | None) -> tuple[Asset, ...]:
    """The files of a body's parts."""
    return () if steps is None else _assets(run, steps.order)


def _assets(run: Run, order: ElementOrder) -> tuple[Asset, ...]:
    return (
        Asset(kind="mask", path=run.relative(order.folder / order.flat), role="parts"),
        Asset(kind="preview", path=run.relative(order.folder / order.numbered), role="parts"),
        Asset(kind="report", path=run.relative(order.folder / order.parts), role="parts"),
    )


def from_layers(cut: CutElement, provenance: Mapping[str, Any], options: ElementOptions, run: Run) -> Result:
    """The result of the shape layers. It is open by nature, has no levels of detail and no collider."""
    order = _ordered(cut, options, run)
    made = run(LAYERS, cut, order, options.relief.height_m, {**provenance, "sides_and_back": "none"}, options.stack)
    frame = {"frame": "element", "units": "m"}
    facts = {
        "route": "relief",
        "cut_out_by": cut.way,
        "picture_px": [cut.width, cut.height],
        "element_box_px": list(cut.box),
        **cut.several(),
        "picture_frame_m": [round(value, 6) for value in picture_frame_m(cut.width, cut.height, made)],
        "faces": made.faces,
        "vertices": made.vertices,
        "layers": list(made.names),
        "layer_gap_m": options.stack.layer_gap_m,
        "watertight": False,
        "height_m": options.relief.height_m,
        "depth_m": round(made.depth_m, 5),
        "roughness": 1.0,  # constant: one picture does not tell it
        "input_view_psnr_db": round(made.input_view_psnr_db, 2),
        "input_view_ssim": round(made.input_view_ssim, 4),
        **_facts(order),
    }
    return Result(
        recipe="element",
        assets=(
            Asset(kind="mesh", path=run.relative(made.folder / made.file), **frame),
            Asset(kind="mask", path=run.relative(cut.folder / cut.mask), **frame),
            Asset(kind="texture", path=run.relative(cut.folder / cut.picture), role="front", **frame),
            Asset(kind="preview", path=run.relative(made.folder / made.preview), **frame),
            *_assets(run, order),
        ),
        facts=facts,
        engines={"mask": cut.way, "shape": "layers, parts by ink and colour, order by T-junctions"},
        notes=(
            "Layers are open sheets: not closed, without levels of detail and collider",
            *((f"{_doubt(order)}: look at the order, and name another where it is wrong",) if _is_doubtful(order) else ()),
        ),
    )
