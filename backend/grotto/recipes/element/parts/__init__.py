"""Layered parts and parallax layers."""

from .find import Steps
from .route import LAYERS, ORDER, PARTS, from_layers, part_assets, part_facts, steps_of, wants_parts

__all__ = ["LAYERS", "ORDER", "PARTS", "Steps", "from_layers", "part_assets", "part_facts", "steps_of", "wants_parts"]
