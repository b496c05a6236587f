"""UV maps, baked textures, and maps made from them."""

from .bake import Baked, as_png, bake, check_bake_memory, forecast_bake, textured
from .fill import inpaint_surface, pad_islands
from .inpaint import as_jpeg, fill_transparent
from .occlusion import vertex_occlusion
from .overlay import overlaid_texture
from .painted_part import PaintedPart, painted_part, projected_part
from .part_maps import collider_part, halved_file, normals_of_mesh, with_normal_map, with_occlusion, with_seen
from .projection import Projector, vertex_normals
from .seen import seen_vertices
from .surface_maps import TextureSpace, tangent_space, tangents_of
from .transfer import Coloured, joined_colours, joined_shape, sample_texels, standing_parts, transfer_texture
from .unwrap import Unwrapped, unwrap, without_folds

__all__ = [
    "Baked",
    "Coloured",
    "PaintedPart",
    "Projector",
    "TextureSpace",
    "Unwrapped",
    "as_jpeg",
    "as_png",
    "bake",
    "check_bake_memory",
    "collider_part",
    "fill_transparent",
    "forecast_bake",
    "halved_file",
    "inpaint_surface",
    "joined_colours",
    "joined_shape",
    "normals_of_mesh",
    "overlaid_texture",
    "pad_islands",
    "painted_part",
    "projected_part",
    "sample_texels",
    "seen_vertices",
    "standing_parts",
    "tangent_space",
    "tangents_of",
    "textured",
    "transfer_texture",
    "unwrap",
    "vertex_normals",
    "vertex_occlusion",
    "with_normal_map",
    "with_occlusion",
    "with_seen",
    "without_folds",
]
