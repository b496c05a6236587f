"""Cameras, views, regions, lattices, visual hulls, ray casting and camera rigs: types that every subject uses."""

from .box import ray_box_distances
from .camera import Camera, look_at
from .hull import thinner, visual_hull, widened
from .lattice import Lattice, corner_weights
from .photo_camera import photo_camera
from .picture_camera import picture_camera, picture_over_white
from .ray_cast import RayCaster
from .region import Region
from .rigs import RIGS, camera_around, orbit, orbit_like, random_cameras, zero123plus_rig
from .standing import StandingFrame, rotation_about_z, standing_frame
from .subject import Subject, find_subject, mean_up, region_between
from .subject_reach import reached_by_splats
from .view import Rendered, View, write_picture

__all__ = [
    "RIGS",
    "Camera",
    "Lattice",
    "RayCaster",
    "Region",
    "Rendered",
    "StandingFrame",
    "Subject",
    "View",
    "camera_around",
    "corner_weights",
    "find_subject",
    "look_at",
    "mean_up",
    "orbit",
    "orbit_like",
    "photo_camera",
    "picture_camera",
    "picture_over_white",
    "random_cameras",
    "ray_box_distances",
    "reached_by_splats",
    "region_between",
    "rotation_about_z",
    "standing_frame",
    "thinner",
    "visual_hull",
    "widened",
    "write_picture",
    "zero123plus_rig",
]
