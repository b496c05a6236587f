"""Options of a mesh's size: how many faces it has, and how many lighter copies lie beside it."""

from __future__ import annotations

from typing import Any

from ..option import option, option_group


def face_budget(
    *, default: int, text: str = "Reduce the mesh to at most this many triangles", least: int = 100, most: int = 20_000_000
) -> Any:
    """The option `faces`: one name in every recipe, with the recipe's own default and range."""
    return option(default=default, label="Faces", text=text, least=least, most=most)


def level_count(*, default: int, text: str = "Write this many lighter meshes, each with half the faces of the one before") -> Any:
    """The option `lods`."""
    return option(default=default, label="Levels of detail", text=text, least=0, most=6)


@option_group
class BudgetOptions:
    """Limit the faces of the mesh, and add levels of detail."""

    faces: int = face_budget(default=50_000)
    lods: int = level_count(default=2)
