"""Networks fitted to many photos: hash grid, NeRF, NeuS, VolSDF."""

from .grid_encoding import GridEncoding, GridLevels, encode_reference
from .hash_grid import build_hash, fit_hash
from .nerf import build_nerf, fit_nerf
from .neus import build_neus, fit_neus, unbiased_alpha
from .numerical_gradient import levels_at, numerical_gradient
from .positional import encoded_size, positional_encoding
from .sampling import importance, intervals, stratified
from .sdf import sizes_on
from .volsdf import VolSdf, build_volsdf, fit_volsdf, laplace_density

__all__ = [
    "GridEncoding",
    "GridLevels",
    "VolSdf",
    "build_hash",
    "build_nerf",
    "build_neus",
    "build_volsdf",
    "encode_reference",
    "encoded_size",
    "fit_hash",
    "fit_nerf",
    "fit_neus",
    "fit_volsdf",
    "importance",
    "intervals",
    "laplace_density",
    "levels_at",
    "numerical_gradient",
    "positional_encoding",
    "sizes_on",
    "stratified",
    "unbiased_alpha",
]
