"""What the field of a scan may cost where splats are fitted, too."""

from __future__ import annotations

from dataclasses import replace

from ...contract.options import FieldOptions
from ...contract.recipes import ScanOptions
from ...fields import scene_steps
from ...views import FEW_VIEWS, ViewSet


def field_options(options: ScanOptions, views: ViewSet) -> FieldOptions:
    """The field's options, with fewer steps for a scene of few pixels whose splats compete with it for the mesh.

    A named number of steps, a named kind of field, and a field without a rival keep theirs.
    """
    asked = options.radiance
    competes = options.via == "both" and options.mesh_from == "auto" and not views.region.bounded
    if not competes or asked.field_steps or asked.field != "auto" or views.count <= FEW_VIEWS:
        return asked
    sizes = [camera.fitted(views.view_px) for camera in views.read_cameras()]
    return replace(asked, field_steps=scene_steps(sum(size.width * size.height for size in sizes)))
