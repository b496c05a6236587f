"""The route `model` of the recipe `element`: an outside model makes the whole figure, and its result is finished here."""

from __future__ import annotations

from pathlib import Path

from ....contract import Result, bad_input
from ....contract.recipes import ElementOptions
from ....models.registry import OUTSIDE_MODELS, Connection, connection_of
from ....runner import AnyStage, Run, Stage
from ...assets import AssetList
from ..cut import CutElement
from .finish import ModelFinish, finish_model, forecast_model_asset
from .mesh import forecast_model, make_model_mesh, model_provenance, model_used

MODEL = Stage("model", "Asking a model", make_model_mesh, version=2, share=60, forecast=forecast_model)
MODEL_FINISH = Stage(
    "model_finish", "Finishing the model's mesh", finish_model, version=2, share=6, forecast=forecast_model_asset
)


def chosen_model(options: ElementOptions) -> Connection:
    """The installed copy that the options name.

    Raises a bad-input problem where none is named, a missing-resource problem where it is not connected.
    """
    if options.generator.generator == "none":
        raise bad_input("the route model needs a model", f"choose a generator: {', '.join(OUTSIDE_MODELS)}", option="generator")
    return connection_of(options.generator.generator)


def plan_from_model(options: ElementOptions) -> tuple[AnyStage, ...]:
    """The stages after the cut, in order. Raises what `chosen_model` does."""
    chosen_model(options)
    return MODEL, MODEL_FINISH


def from_model(source: Path, cut: CutElement, options: ElementOptions, run: Run) -> Result:
    """Let the model make a mesh of the cut-out, and bring it to height and face budget."""
    connection = chosen_model(options)
    mesh = run(MODEL, cut, connection, options.generator)
    target = ModelFinish(
        faces=options.budget.faces,
        lods=options.budget.lods,
        height_m=options.relief.height_m,
        turn_deg=options.generated.generator_turn_deg,
        collider=options.paint.collider,
        texture_px=options.generator.generator_px,
    )
    provenance = dict(model_provenance(source, cut, mesh, options.generator))
    asset = run(MODEL_FINISH, cut, mesh, provenance, target)
    files = AssetList(run, "element", "m")
    return Result(
        recipe="element",
        assets=(
            *files.meshes(asset.folder, asset.file, asset.lods, asset.collider),
            files.asset("mask", cut.folder / cut.mask),
            files.asset("preview", asset.folder / asset.preview),
        ),
        facts={
            "route": "model",
            "generator": connection.name,
            "cut_out_by": cut.way,
            "faces": asset.faces,
            "vertices": asset.vertices,
            "components": asset.components,
            "watertight": asset.watertight,
            "faces_of_model": mesh.faces,
            "texture_made_anew": asset.rebaked,
            "metallic_roughness": asset.metallic_roughness,
            "height_m": options.relief.height_m,
            "depth_m": round(asset.depth_m, 5),
            "outline_iou": round(asset.outline_iou, 4),
            "seen_fraction": 0.0,  # shape and colours are the model's throughout
        },
        engines={"mask": cut.way, "shape": f"{connection.name} on {mesh.device}, in its own environment"},
        models=(model_used(connection),),
    )
