"""Connectivity of triangle meshes."""

from .connectivity import (
    border_loops,
    corner_classes,
    edge_keys,
    extra_fans,
    face_islands,
    grouped_edges,
    half_edges,
    labelled,
    mates,
    same_faces,
)

__all__ = [
    "border_loops",
    "corner_classes",
    "edge_keys",
    "extra_fans",
    "face_islands",
    "grouped_edges",
    "half_edges",
    "labelled",
    "mates",
    "same_faces",
]
