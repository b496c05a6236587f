"""The image editor's panel for strokes: their meaning, and the button that cuts again."""

from __future__ import annotations

from typing import Any

from bpy.types import Context, Panel

from ..backend import session
from ..importers.provenance import STROKES_OF
from .progress import draw_progress
from .tab import draw_text


def draw_header(header: Any, context: Context) -> None:
    """Draw the button in the image editor's header too, where it is visible with any tab."""
    space: Any = context.space_data
    image = space.image
    if image is not None and STROKES_OF in image:
        header.layout.operator("grotto.cut_again", text="Cut again", icon="FILE_REFRESH")


class GROTTO_PT_strokes(Panel):
    bl_idname = "GROTTO_PT_strokes"
    bl_label = "Strokes"
    bl_space_type = "IMAGE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Grotto"

    @classmethod
    def poll(cls, context: Context) -> bool:
        space: Any = context.space_data
        return space.image is not None and STROKES_OF in space.image

    def draw(self, context: Context) -> None:
        layout: Any = self.layout
        draw_text(layout, context, "White: the element")
        draw_text(layout, context, "Black (with Ctrl): the background")
        space: Any = context.space_data
        folder = space.image[STROKES_OF]
        active = [job for job in session.status().active if job.out == folder]
        for job in active:
            draw_progress(layout, context, job)
        if not active:
            row = layout.row()
            row.scale_y = 1.5
            row.operator("grotto.cut_again", text="Cut again", icon="FILE_REFRESH")
