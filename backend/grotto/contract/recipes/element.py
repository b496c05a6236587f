"""The options of the recipe `element`, and its qualities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..option import from_flat, group, option, option_group
from ..options import (
    BakeOptions,
    BudgetOptions,
    CutOptions,
    FieldOptions,
    FromViewsOptions,
    GeneratedOptions,
    GeneratorOptions,
    LayerOptions,
    OnWallOptions,
    OrbitOptions,
    PaintOptions,
    PartOptions,
    RefineOptions,
    ReliefOptions,
    SheetOptions,
    SurfaceOptions,
    face_budget,
    level_count,
)
from .base import RecipeOptions, renamed

OF_VIEWS = ("views", "sheet")
# The routes once had budgets of their own; `mesh_from` had no effect.
RENAMED = {"element_faces": "faces", "relief_lods": "lods", "mesh_from": ""}
RENAMED_OF_VIEWS = {"scan_faces": "faces", "mesh_from": ""}


@option_group
class ElementBudget(BudgetOptions):
    """Limit the faces of the element, and add levels of detail. One budget for every route."""

    faces: int = face_budget(default=20_000, text="About this many triangles in the whole body", most=2_000_000)
    lods: int = level_count(
        default=2,
        text="Write this many lighter meshes: each with a quarter of the faces of the one before, half on the routes views and "
        "sheet",
    )


@option_group
class ElementOptions(RecipeOptions):
    """Turn one picture of one painted figure into a light, textured model."""

    route: str = option(
        default="auto",
        label="Method",
        text="relief: from the outline, anywhere; views: a model draws six views; sheet: the picture is a finished sheet of "
        "such views; model: another model that you installed makes the whole; auto takes views where the rig's weights are "
        "installed, else relief",
        choices=("auto", "relief", "views", "sheet", "model"),
    )
    budget: ElementBudget = group(default_factory=ElementBudget)
    cut: CutOptions = group(default_factory=CutOptions, label="Cut-out")
    relief: ReliefOptions = group(default_factory=ReliefOptions)
    on_wall: OnWallOptions = group(default_factory=OnWallOptions, label="On a wall")
    parting: PartOptions = group(default_factory=PartOptions, label="Parts")
    stack: LayerOptions = group(default_factory=LayerOptions, label="Layers")
    paint: PaintOptions = group(default_factory=PaintOptions)
    sheet: SheetOptions = group(default_factory=SheetOptions, label="Six views")
    orbit: OrbitOptions = group(default_factory=OrbitOptions, label="Turntable")
    from_views: FromViewsOptions = group(default_factory=FromViewsOptions, label="From six views")
    generator: GeneratorOptions = group(default_factory=GeneratorOptions, label="Outside model")
    generated: GeneratedOptions = group(default_factory=GeneratedOptions, label="Outside model's mesh")
    radiance: FieldOptions = group(default_factory=FieldOptions, label="Field")
    surface: SurfaceOptions = group(default_factory=SurfaceOptions)
    refine: RefineOptions = group(default_factory=RefineOptions, label="Refinement")
    bake: BakeOptions = group(default_factory=BakeOptions, label="Texture")

    @classmethod
    def translated(cls, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The names of an earlier release's request as this one has them: the budget is that of the request's route."""
        if "element_faces" not in values and "relief_lods" not in values:
            return renamed(values, RENAMED | RENAMED_OF_VIEWS)
        of_views = values.get("route") in OF_VIEWS
        other = ("element_faces", "relief_lods") if of_views else ("scan_faces", "lods")
        own = {name: value for name, value in values.items() if name not in other}
        return renamed(own, RENAMED_OF_VIEWS if of_views else RENAMED)


ELEMENT_QUALITIES: dict[str, ElementOptions] = {
    "draft": from_flat(
        ElementOptions, {"sides_px": 1024, "texture_steps": 6, "orbit_px": 160, "mesh_resolution": 160, "bake_px": 2048}
    ),
    "standard": ElementOptions(),
    "high": from_flat(ElementOptions, {"faces": 100_000, "sides_px": 4096, "mesh_resolution": 512, "refine_steps": 2000}),
}
