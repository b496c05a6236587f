"""What the mesh of a scan may be made from, by its options."""

from __future__ import annotations

from ...contract import bad_input
from ...contract.options import LEVEL_EXTRACTORS
from ...contract.recipes import ScanOptions
from ...views import ViewSet
from .mesh_of import MeshOf


def mesh_sources(options: ScanOptions) -> frozenset[str]:
    """Those of "field" and "splats" that `via`, `mesh_from` and `extractor` leave. Raises bad input where none is left."""
    made = {"field", "splats"} if options.via == "both" else {options.via}
    wanted = {"field", "splats"} if options.mesh_from == "auto" else {options.mesh_from}
    if not made & wanted:
        raise bad_input(
            f"a scan by way of {options.via} has no {options.mesh_from} to make a mesh from",
            f"set --via both, or --mesh-from {options.via}",
            option="mesh_from",
        )
    extractor = options.surface.extractor
    fit = {"field"} if extractor in LEVEL_EXTRACTORS else {"splats"} if extractor == "poisson" else {"field", "splats"}
    if not made & wanted & fit:
        raise bad_input(
            f"{extractor} makes a mesh from {fit.pop()} only, and this scan makes it from {(made & wanted).pop()}",
            "choose the extractor auto, or change --via and --mesh-from",
            option="extractor",
        )
    return frozenset(made & wanted & fit)


def refuse_level_of_a_scene(options: ScanOptions, views: ViewSet, mesh_of: MeshOf) -> None:
    """Raise bad input for the level surface of a scene, whose field fills all of its region; before the long fits.

    A field that is fitted to a subject in its scene, by the masks of splats, has a level surface.
    """
    of_subject = mesh_of != "scene" and options.via == "both"
    if options.surface.extractor in LEVEL_EXTRACTORS and not views.region.bounded and not of_subject:
        raise bad_input(
            f"{options.surface.extractor} needs an object with alpha or masks, and the pictures show a scene",
            "choose the extractor auto or fused_depths, or --background object",
            option="extractor",
        )
