"""Layered parts and parallax layers."""

from .find import Steps
from .route import from_layers, part_assets, part_facts, plan_layers, plan_steps, steps_of

__all__ = ["Steps", "from_layers", "part_assets", "part_facts", "plan_layers", "plan_steps", "steps_of"]
