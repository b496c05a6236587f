"""Provenance, facts and files of an element whose body is a relief."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...contract import Asset
from ...contract.recipes import ElementOptions
from ...runner import Run
from ..assets import AssetList
from .body import ElementBody
from .cut import CutElement
from .depth import DEPTH_MODEL, ElementDepth
from .finish import ElementAsset


def provenance_of(source: Path, cut: CutElement, options: ElementOptions) -> dict[str, Any]:
    """Extras that the mesh carries in its files."""
    return {
        "recipe": "element",
        "source": source.name,
        "route": "relief",
        "shape": options.relief.shape,
        "cut_out_by": cut.way,
        "front": "the picture itself" if cut.as_it_is else "the picture, converted to sRGB",
        "sides_and_back": f"invented ({options.paint.back})",
    }


def cut_facts(cut: CutElement) -> dict[str, Any]:
    """Facts of the cut-out."""
    return {
        "route": "relief",
        "cut_out_by": cut.way,
        "picture_px": [cut.width, cut.height],
        "element_box_px": list(cut.box),
        **cut.several(),
    }


def relief_facts(cut: CutElement, body: ElementBody, asset: ElementAsset, options: ElementOptions) -> dict[str, Any]:
    """Facts of a painted relief, as the result manifest lists them."""
    frame_m = body.placement.picture_frame_m(cut.width, cut.height)
    return {
        **cut_facts(cut),
        "picture_frame_m": [round(value, 6) for value in frame_m],
        "faces": body.faces,
        "vertices": body.vertices,
        "components": body.components,
        "watertight": body.watertight,
        "height_m": options.relief.height_m,
        "depth_m": round(body.depth_m, 5),
        "thickness_of_width": round(body.thickness, 4),
        "relief_error_p95": round(body.relief_error, 5),
        "uv_overlap": asset.uv_overlap,
        "roughness": 1.0,  # constant: one picture does not show it
        "input_view_psnr_db": round(asset.input_view_psnr_db, 2),
        "input_view_ssim": round(asset.input_view_ssim, 4),
    }


def relief_engines(cut: CutElement, depth: ElementDepth | None, options: ElementOptions) -> dict[str, str]:
    """How mask and shape were made."""
    shape = f"relief ({options.relief.shape}), Poisson's equation on the outline"
    if depth is not None:
        shape = f"{shape}, depth by {DEPTH_MODEL} on {depth.device} with weight {options.relief.depth_weight:g}"
    return {"mask": cut.way, "shape": shape}


def painted_assets(run: Run, cut: CutElement, asset: ElementAsset, units: str) -> tuple[Asset, ...]:
    """The files of a painted relief, in the element's frame."""
    files = AssetList(run, "element", units)
    return (
        *files.meshes(asset.folder, asset.file, asset.lods, asset.collider),
        files.asset("mask", cut.folder / cut.mask),
        files.asset("texture", cut.folder / cut.picture, "front"),
        files.asset("preview", asset.folder / asset.preview),
    )
