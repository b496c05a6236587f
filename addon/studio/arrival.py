"""What happens in the window when a result arrives that a click asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bpy.types import Context, Object

from ..importers.builders.on_wall import WALL_FROM_ELEMENT
from .placing import set_beside
from .viewport import clicked_view, show


def show_result(context: Context, root: Object) -> float:
    """Show a new result in the view where the user clicked; return how far it was moved along +x.

    It is moved where it would lie inside what is in the scene. An element that lies on its wall stays there.
    """
    custom: Any = root
    on_wall = WALL_FROM_ELEMENT in json.loads(custom.get("grotto_facts", "{}"))
    shift = 0.0 if on_wall else set_beside(context, root)
    show_again(context, [root])
    return shift


def show_again(context: Context, roots: Sequence[Object]) -> None:
    """Frame results where they are."""
    context.view_layer.update()
    area = clicked_view(context)
    if area is not None:
        show(area, roots)
