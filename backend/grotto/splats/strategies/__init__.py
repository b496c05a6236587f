"""Strategies that add, relocate and remove splats during a fit."""

from .default import DefaultStrategy
from .mcmc import McmcStrategy, shared_opacity
from .schedule import Schedule, scene_extent

__all__ = ["DefaultStrategy", "McmcStrategy", "Schedule", "scene_extent", "shared_opacity"]
