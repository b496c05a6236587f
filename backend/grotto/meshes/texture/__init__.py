"""UV maps, baked textures, and maps made from them."""

from .bake import Baked, as_png, bake, check_bake_memory, forecast_bake, textured
from .carried_texture import Coloured, carried_texture, joined_shape
from .fill import beyond_islands, carried_over_surface
from .inpaint import as_jpeg, carried_on
from .occlusion import vertex_occlusion
from .projection import Projector, vertex_normals
from .seen import seen_vertices
from .surface_maps import TextureSpace, tangent_space, tangents_of
from .unwrap import Unwrapped, unwrap

__all__ = [
    "Baked",
    "Coloured",
    "Projector",
    "TextureSpace",
    "Unwrapped",
    "as_jpeg",
    "as_png",
    "bake",
    "beyond_islands",
    "carried_on",
    "carried_over_surface",
    "carried_texture",
    "check_bake_memory",
    "forecast_bake",
    "joined_shape",
    "seen_vertices",
    "tangent_space",
    "tangents_of",
    "textured",
    "unwrap",
    "vertex_normals",
    "vertex_occlusion",
]
