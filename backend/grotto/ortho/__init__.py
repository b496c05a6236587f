"""The wall as a map: height map and orthophoto."""

from .colours import is_grey
from .exposure import Samples, solve_exposure
from .height import forecast_height_map, make_height_map
from .height_map import HeightMap, HeightSurface, flatness_rms
from .lattice import TileLattice, lattice_step, part_of
from .layout import automatic_pixel, tiles
from .lens import Lens
from .orthophoto import Orthophoto, forecast_orthophoto, make_orthophoto
from .photo_cache import PhotoCache
from .points import WallPoints, without_outliers
from .region import PhotoFootprints, known_region
from .relief import Blocks, choose_length, fit_relief
from .spline import Stiffness, fit, trust_of
from .wall_mesh import WallMesh, forecast_wall_mesh, make_wall_mesh

__all__ = [
    "Blocks",
    "HeightMap",
    "HeightSurface",
    "Lens",
    "Orthophoto",
    "PhotoCache",
    "PhotoFootprints",
    "Samples",
    "Stiffness",
    "TileLattice",
    "WallMesh",
    "WallPoints",
    "automatic_pixel",
    "choose_length",
    "fit",
    "fit_relief",
    "flatness_rms",
    "forecast_height_map",
    "forecast_orthophoto",
    "forecast_wall_mesh",
    "is_grey",
    "known_region",
    "lattice_step",
    "make_height_map",
    "make_orthophoto",
    "make_wall_mesh",
    "part_of",
    "solve_exposure",
    "tiles",
    "trust_of",
    "without_outliers",
]
