"""The collection that holds the studio."""

from __future__ import annotations

import bpy
from bpy.types import ID, Collection, Object


def new_studio() -> Collection:
    """Make the studio's collection in the scene."""
    studio = bpy.data.collections.new("Studio")
    bpy.context.scene.collection.children.link(studio)
    return studio


def link(studio: Collection, name: str, data: ID) -> Object:
    """Add an object with these data to the studio."""
    item = bpy.data.objects.new(name, data)
    studio.objects.link(item)
    return item
