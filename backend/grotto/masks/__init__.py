"""Masks: elements cut out of their pictures by alpha, plain background, or a box and strokes."""

from .alpha_kinds import filled_with_nearest, outlines_a_picture
from .appearance import lab_from_srgb, texture_energy
from .bounds import Box, box_slices, intersection, mask_bounds, moved_box, padded_box, scaled_box
from .components import connected_components, drop_specks, fill_holes, keep_slivers
from .cut_out import ALPHA, GUESS, PLAIN_BACKGROUND, STROKES, CutOut, cut_out
from .edges import soft_edges
from .elements import Element, find_elements, isolated_element, prominent_elements
from .full_size import (
    alpha_bytes,
    band_px,
    checked_alpha,
    element_at_full_size,
    multiply_alpha,
    reduced_rgba,
    refined_alpha,
)
from .generated_ground import generated_ground_alpha
from .hints import Hints, check_hints, read_strokes, resized_hints, window_of_hints
from .plain_background import plain_background_alpha
from .regions import Regions, make_regions
from .resampling import area_resized, fitted, reduced, reduced_bytes
from .squares import contact_sheet, squared

__all__ = [
    "ALPHA",
    "GUESS",
    "PLAIN_BACKGROUND",
    "STROKES",
    "Box",
    "CutOut",
    "Element",
    "Hints",
    "Regions",
    "alpha_bytes",
    "area_resized",
    "band_px",
    "box_slices",
    "check_hints",
    "checked_alpha",
    "connected_components",
    "contact_sheet",
    "cut_out",
    "drop_specks",
    "element_at_full_size",
    "fill_holes",
    "filled_with_nearest",
    "find_elements",
    "fitted",
    "generated_ground_alpha",
    "intersection",
    "isolated_element",
    "keep_slivers",
    "lab_from_srgb",
    "make_regions",
    "mask_bounds",
    "moved_box",
    "multiply_alpha",
    "outlines_a_picture",
    "padded_box",
    "plain_background_alpha",
    "prominent_elements",
    "read_strokes",
    "reduced",
    "reduced_bytes",
    "reduced_rgba",
    "refined_alpha",
    "resized_hints",
    "scaled_box",
    "soft_edges",
    "squared",
    "texture_energy",
    "window_of_hints",
]
