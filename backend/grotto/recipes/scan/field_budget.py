"""What the field of a scan may cost where splats are fitted, too."""

from __future__ import annotations

from dataclasses import replace

from ...contract.options import FieldOptions
from ...contract.recipes import ScanOptions
from ...fields import scene_steps
from ...views import FEW_VIEWS, ViewSet


def field_options(options: ScanOptions, views: ViewSet) -> FieldOptions:
    """The field's options for these views; see `within_budget`."""
    sizes = [camera.fitted(views.view_px) for camera in views.read_cameras()]
    pixels = sum(size.width * size.height for size in sizes)
    return within_budget(options, pixels, scene=not views.region.bounded and views.count > FEW_VIEWS)


def within_budget(options: ScanOptions, pixels: int, *, scene: bool) -> FieldOptions:
    """The field's options, with fewer steps for a scene of few `pixels` whose splats compete with it for the mesh.

    A named number of steps, a named kind of field, and a field without a rival keep theirs.
    """
    asked = options.radiance
    competes = scene and options.via == "both" and options.mesh_from == "auto"
    if not competes or asked.field_steps or asked.field != "auto":
        return asked
    return replace(asked, field_steps=scene_steps(pixels))
