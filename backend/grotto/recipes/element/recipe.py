"""The recipe `element`: one picture of one painted figure becomes a light, textured model.

After 3DSynBrush (paper 000): cut out, shape, texture. The relief route makes the shape from the outline alone, keeps the
painting exactly as painted, and needs no weights. The route from a sheet is the paper's, from its six views on: ZeroRF, mesh,
refinement, texture, with the rig's cameras as they are known instead of COLMAP's estimate of them. The route of a model hands
the cut-out to somebody else's image-to-3D model, in its own environment.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from ...contract import Asset, Result, bad_input
from ...contract.recipes import ElementOptions
from ...models.registry import Installed, find, is_installed
from ...runner import AnyStage, Recipe, Run, Stage
from ..stages import chosen_segmenter
from .cut import CutElement, cut_element, forecast_cut
from .finish import ElementAsset, forecast_element_asset, make_element_asset
from .from_model import MODEL, MODEL_FINISH, chosen_model, from_model
from .from_views import GENERATE, SHEET, from_views, plan_from_views
from .on_wall import (
    BodyOnWall,
    CutOnWall,
    WallFiles,
    asked_wall,
    forecast_body_on_wall,
    forecast_place,
    list_beside,
    make_body_on_wall,
    on_wall_provenance,
    place_on_wall,
    wall_facts,
)
from .parts import LAYERS, ORDER, PARTS, from_layers, part_assets, part_facts, steps_of, wants_parts
from .relief import (
    DEPTH_MODEL,
    ElementBody,
    ElementDepth,
    depth_weights,
    estimate_depth,
    forecast_body,
    forecast_depth,
    make_body,
)
from .work import picture_frame_m

CUT = Stage("cut", "Cutting out the element", cut_element, version=3, share=3, forecast=forecast_cut)
DEPTH = Stage("depth", "Estimating depth", estimate_depth, version=1, share=4, forecast=forecast_depth)
RELIEF = Stage("relief", "Making the body", make_body, version=5, share=5, forecast=forecast_body)
PLACE = Stage("place", "Placing on the wall", place_on_wall, version=2, share=2, forecast=forecast_place)
ON_WALL = Stage("on_wall", "Making the body on the wall", make_body_on_wall, version=2, share=5, forecast=forecast_body_on_wall)
FINISH = Stage("finish", "Painting", make_element_asset, version=3, share=6, forecast=forecast_element_asset)


def element(source: Path, options: ElementOptions, run: Run) -> Result:
    """A picture in; a textured mesh out, by way of its outline or of a field that six views of it fit."""
    wall = asked_wall(options)
    route = "relief" if wall else route_of(options)
    if route == "relief":
        return _from_outline(source, wall, options, run)
    if route == "model":
        run.plan(CUT, MODEL, MODEL_FINISH)
        connection = chosen_model(options)
        return from_model(source, _cut(source, options, run), connection, options, run)
    if route == "sheet":
        run.plan(SHEET, *plan_from_views(options))
        return from_views(source, run(SHEET, source, options.sheet), None, options, run)
    run.plan(CUT, GENERATE, *plan_from_views(options))
    weights = find(options.sheet.rig)
    cut = _cut(source, options, run)
    views = run(GENERATE, cut, weights.folder, options.sheet)
    result = from_views(source, views, cut, options, run)
    models = (*models_of_cut(options, cut), *models_used(weights))
    return replace(result, models=models, facts={**result.facts, "cut_out_by": cut.way, **cut.several()})


def models_used(weights: Installed) -> tuple[dict[str, str], ...]:
    """Name, licence and hash of each weights file, as the result manifest has them."""
    licence = weights.model.licence
    return tuple(
        {"name": f"{weights.model.name}/{file}", "licence": licence, "sha256": found}
        for file, found in weights.record.sha256.items()
    )


def route_of(options: ElementOptions) -> str:
    """The route that is taken: auto takes the model's views where its weights are installed."""
    if options.route != "auto":
        return options.route
    return "views" if is_installed(options.sheet.rig) else "relief"


def _from_outline(source: Path, wall: WallFiles | None, options: ElementOptions, run: Run) -> Result:
    run.plan(*_plan_from_outline(wall is not None, options))
    cut = _cut(source, options, run)
    placed = None if wall is None else run(PLACE, cut, source.name, wall, list_beside(source), options.on_wall.wall_box)
    cut = placed or cut
    if options.relief.shape == "layers":
        made = from_layers(cut, element_provenance(source, cut, options), options, run)
        return replace(made, models=models_of_cut(options, cut), notes=(*made.notes, *_notes(options)))
    steps, told = steps_of(cut, options, run)
    weights = depth_weights(options.relief)
    depth = None if weights is None else run(DEPTH, cut, weights.folder)
    inputs = (depth, steps, options.budget, options.relief)
    body = run(ON_WALL, placed, *inputs) if placed else run(RELIEF, cut, *inputs)
    asset = run(FINISH, cut, body, element_provenance(source, cut, options), options.paint)
    return Result(
        recipe="element",
        assets=(*_assets(run, cut, asset), *part_assets(run, steps)),
        facts={**element_facts(cut, body, asset, options), **part_facts(steps)},
        engines={"mask": cut.way, "shape": _shaped_by(depth, options)},
        models=(*models_of_cut(options, cut), *(() if weights is None else models_used(weights))),
        notes=(*told, *_notes(options)),
    )


def _plan_from_outline(on_wall: bool, options: ElementOptions) -> tuple[AnyStage, ...]:
    """The stages of an element made from its outline, in order."""
    cut: tuple[AnyStage, ...] = (CUT, PLACE) if on_wall else (CUT,)
    if options.relief.shape == "layers":
        return (*cut, PARTS, ORDER, LAYERS)
    parts: tuple[AnyStage, ...] = (PARTS, ORDER) if wants_parts(options) else ()
    depth = (DEPTH,) if depth_weights(options.relief) else ()
    return (*cut, *parts, *depth, ON_WALL if on_wall else RELIEF, FINISH)


def _shaped_by(depth: ElementDepth | None, options: ElementOptions) -> str:
    outline = f"relief ({options.relief.shape}), Poisson's equation on the outline"
    if depth is None:
        return outline
    return f"{outline}, depth by {DEPTH_MODEL} on {depth.device} with weight {options.relief.depth_weight:g}"


RECIPE = Recipe("element", ElementOptions, element)


def element_provenance(source: Path, cut: CutElement, options: ElementOptions) -> dict[str, Any]:
    """What the mesh says of itself wherever it goes."""
    return {
        "recipe": "element",
        "source": source.name,
        "route": "relief",
        "shape": options.relief.shape,
        "cut_out_by": cut.way,
        "front": "the picture itself" if cut.as_it_is else "the picture, converted to sRGB",
        "sides_and_back": f"invented ({options.paint.back})",
        **(on_wall_provenance(cut) if isinstance(cut, CutOnWall) else {}),
    }


def element_facts(cut: CutElement, body: ElementBody, asset: ElementAsset, options: ElementOptions) -> dict[str, Any]:
    """What the job found, in the words of the result manifest."""
    return {
        "route": "relief",
        "cut_out_by": cut.way,
        "picture_px": [cut.width, cut.height],
        "element_box_px": list(cut.box),
        **cut.several(),
        "picture_frame_m": [round(value, 6) for value in picture_frame_m(cut.width, cut.height, body)],
        "faces": body.faces,
        "vertices": body.vertices,
        "components": body.components,
        "watertight": body.watertight,
        "height_m": options.relief.height_m,
        "depth_m": round(body.depth_m, 5),
        "thickness_of_width": round(body.thickness, 4),
        "relief_error_p95": round(body.relief_error, 5),
        "uv_overlap": asset.uv_overlap,
        "roughness": 1.0,  # constant: one picture does not tell it
        "input_view_psnr_db": round(asset.input_view_psnr_db, 2),
        "input_view_ssim": round(asset.input_view_ssim, 4),
        **(wall_facts(cut, body) if isinstance(cut, CutOnWall) and isinstance(body, BodyOnWall) else {}),
    }


def _cut(source: Path, options: ElementOptions, run: Run) -> CutElement:
    """The segmenter of auto stands in the stamp by its own name and its weights: the stage is done again where others came."""
    chosen = chosen_segmenter(options.cut.segmenter)
    wish = replace(options.cut, segmenter=chosen.name)
    return run(CUT, source, _strokes(options.cut.cut_strokes), chosen.folder, wish)


def models_of_cut(options: ElementOptions, cut: CutElement) -> tuple[dict[str, str], ...]:
    """The weights that outlined the element, where it was not cut out without any."""
    chosen = chosen_segmenter(options.cut.segmenter)
    return chosen.models if chosen.folder is not None and chosen.folder.name in cut.way else ()


def _strokes(words: str) -> Path | None:
    if not words:
        return None
    path = Path(words).expanduser().absolute()
    if not path.is_file():
        raise bad_input(f"there is no picture of strokes at {path}", "choose it again, or leave it out", option="cut_strokes")
    return path


def _notes(options: ElementOptions) -> tuple[str, ...]:
    if options.route != "auto" or options.on_wall.wall:
        return ()
    rig = options.sheet.rig
    return (f"{rig} is not installed (grotto models show {rig}): the body is a relief, made from the outline",)


def _assets(run: Run, cut: CutElement, asset: ElementAsset) -> tuple[Asset, ...]:
    def made(kind: str, path: Path, role: str = "") -> Asset:
        units = "arbitrary" if isinstance(cut, CutOnWall) and not cut.metric else "m"
        return Asset(kind=kind, path=run.relative(path), frame="element", units=units, role=role)

    return (
        made("mesh", asset.folder / asset.file),
        *(made("mesh", asset.folder / file, f"lod{level}") for level, file in enumerate(asset.lods, start=1)),
        *((made("mesh", asset.folder / asset.collider, "collider"),) if asset.collider else ()),
        made("mask", cut.folder / cut.mask),
        made("texture", cut.folder / cut.picture, "front"),
        made("preview", asset.folder / asset.preview),
    )
